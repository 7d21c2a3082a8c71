"""``--format``: ``json``, ``table ...`` and Go templates of plain fields, as the real tool has."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from simulator.errors import InputError, nearest
from simulator.shell.tables import table

Row = Mapping[str, Any]

_ACTION = re.compile(r"\{\{-?\s*(.*?)\s*-?\}\}", re.DOTALL)
_FIELD = re.compile(r"(?:(json|upper|lower|len)\s+)?(\.[A-Za-z0-9_.]*)")
_INDEX = re.compile(r'index\s+(\.[A-Za-z0-9_.]*)\s+(?:"([^"]*)"|(\d{1,6}))')
_FUNCTIONS: Mapping[str, Callable[[Any], str]] = {
    "json": lambda value: json.dumps(value, ensure_ascii=False),
    "upper": lambda value: go_text(value).upper(),
    "lower": lambda value: go_text(value).lower(),
    "len": lambda value: str(len(value) if isinstance(value, str | list | dict) else 0),
}


def listing(
    rows: Sequence[Row],
    columns: Mapping[str, str],
    template: str | None,
    headings: Mapping[str, str],
) -> list[str]:
    """Rows as a table of ``columns`` (field: heading), or as ``--format`` says."""
    if template in (None, "", "table"):
        return table(tuple(columns.values()), [[str(row[f]) for f in columns] for row in rows])
    assert template is not None
    if template == "json":
        return [json.dumps(dict(row), ensure_ascii=False) for row in rows]
    as_table = template.startswith("table ")
    body = _unescaped(template.removeprefix("table ").strip() if as_table else template)
    check(body, rows[0] if rows else None)
    lines = [render(body, row) for row in rows]
    if not as_table:
        return [one for line in lines for one in line.split("\n")]
    titles = render(body, {name: headings.get(name, name.upper()) for name in headings})
    return table(titles.split("\t"), [_padded(line, titles) for line in lines])


def _padded(line: str, titles: str) -> list[str]:
    cells = line.split("\t")
    count = len(titles.split("\t"))
    return [*cells, *[""] * count][:count]


def _unescaped(template: str) -> str:
    return template.replace("\\t", "\t").replace("\\n", "\n")


def check(template: str, row: Row | None) -> None:
    """Refuse a template that is not modelled or names a field that is not there."""
    if row is not None:
        render(template, row)
    elif template.count("{{") != len(_ACTION.findall(template)):
        raise InputError("template parsing error: unclosed action", found=template)


def render(template: str, row: Row) -> str:
    """One row by a Go template of plain fields; InputError for anything else."""
    if template.count("{{") != len(_ACTION.findall(template)):
        raise InputError("template parsing error: unclosed action", found=template)
    return _ACTION.sub(lambda match: _value(match[1], row), template)


def _value(action: str, row: Row) -> str:
    indexed = _INDEX.fullmatch(action)
    if indexed:
        found = _at(indexed[1], row)
        key: Any = indexed[2] if indexed[3] is None else int(indexed[3])
        try:
            return go_text(found[key])
        except (KeyError, IndexError, TypeError):
            return "<no value>"
    match = _FIELD.fullmatch(action)
    if match is None:
        raise InputError(
            "this template action is not modelled",
            found=action,
            expected='{{.Field}}, {{json .Field}} or {{index .Field "key"}}',
        )
    value = _at(match[2], row)
    return _FUNCTIONS[match[1]](value) if match[1] else go_text(value)


def _at(path: str, row: Row) -> Any:
    value: Any = row
    for name in [part for part in path.split(".") if part]:
        if not isinstance(value, Mapping) or name not in value:
            known = list(value) if isinstance(value, Mapping) else []
            raise InputError(
                "template parsing error: no such field",
                found=path,
                expected=f"one of: {', '.join(map(str, known[:40]))}" if known else None,
                nearest=nearest(name, map(str, known)),
            )
        value = value[name]
    return value


def go_text(value: Any) -> str:
    """A value as Go prints it: ``true``, ``<nil>``, ``[a b]``, ``map[k:v]``."""
    if value is None:
        return "<nil>"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, Mapping):
        return "map[" + " ".join(f"{k}:{go_text(v)}" for k, v in sorted(value.items())) + "]"
    if isinstance(value, list | tuple):
        return "[" + " ".join(go_text(one) for one in value) + "]"
    return str(value)
