"""``--format``: ``json``, ``table ...`` and Go templates of plain fields, as the real tool has."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from simulator.shell.tables import table
from simulator.shell.templates import parse, render

__all__ = ["check", "listing", "render"]

Row = Mapping[str, Any]


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
    else:
        parse(template)
