"""kubectl's JSONPath templates and custom columns (client-go, ``util/jsonpath``)."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

from simulator.shell.kubectl.printers import aligned
from simulator.shell.kubectl.target import KubectlError

LONGEST = 10_000
MOST_RESULTS = 1_000_000
_STEP = re.compile(
    r"\.\.(?P<deep>[\w-]+|\*)|\.(?P<name>(?:[\w/-]|\\.)+|\*)|\[(?P<bracket>(?:[^\[\]]|\[[^\]]*\])*)\]"
)
_FILTER = re.compile(
    r"\?\(\s*@(?P<path>[^=!<>\s)]*)\s*(?:(?P<op>==|!=|<=|>=|<|>)\s*(?P<value>.+?))?\s*\)"
)


def expand(data: Any, template: str) -> str:
    """A template with its parts in braces replaced."""
    if len(template) > LONGEST:
        raise KubectlError("error: error parsing jsonpath: the template is too long")
    out: list[str] = []
    _expand(data, _parts(template), out)
    return "".join(out)


def _parts(template: str) -> list[str]:
    """Text outside of braces as ``'"text"'``, and what is inside of them."""
    found, at = [], 0
    while at < len(template):
        start = template.find("{", at)
        if start < 0:
            found.append(json.dumps(template[at:]))
            break
        if start > at:
            found.append(json.dumps(template[at:start]))
        end = _end(template, start)
        found.append(template[start + 1 : end].strip())
        at = end + 1
    return found


def _end(template: str, start: int) -> int:
    quote = ""
    for at in range(start + 1, len(template)):
        char = template[at]
        if quote:
            quote = "" if char == quote else quote
        elif char in "'\"":
            quote = char
        elif char == "}":
            return at
    raise KubectlError("error: error parsing jsonpath " + template + ", unclosed action")


def _expand(data: Any, parts: list[str], out: list[str]) -> None:
    at = 0
    while at < len(parts):
        part = parts[at]
        if part.startswith("range "):
            end = _range_end(parts, at)
            for one in find(data, part[6:].strip()):
                _expand(one, parts[at + 1 : end], out)
            at = end
        elif part != "end":
            out.append(_text(data, part))
        at += 1


def _range_end(parts: list[str], start: int) -> int:
    depth = 0
    for at in range(start, len(parts)):
        depth += parts[at].startswith("range ") - (parts[at] == "end")
        if not depth:
            return at
    raise KubectlError("error: error parsing jsonpath, not in range, nothing to end")


def _text(data: Any, part: str) -> str:
    if part[:1] in "\"'" and part[-1:] == part[:1] and len(part) > 1:
        return part[1:-1].replace("\\n", "\n").replace("\\t", "\t").replace('\\"', '"')
    return " ".join(_shown(one) for one in find(data, part))


def _shown(value: Any) -> str:
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    if value is None:
        return ""
    return json.dumps(value, separators=(",", ":"), sort_keys=True)


def find(data: Any, path: str) -> list[Any]:
    """All values that a path leads to; what is missing leads to nothing."""
    text = path.removeprefix("$").removeprefix("@")
    if text and text[0] not in ".[":
        text = f".{text}"
    found = [data]
    at = 0
    while at < len(text):
        if text[at:] in (".", ""):
            break
        step = _STEP.match(text, at)
        if step is None:
            raise KubectlError(
                f"error: error parsing jsonpath {{{path}}}, unrecognized character "
                f"in action: {text[at]!r}"
            )
        found = [value for one in found for value in _step(one, step)]
        if len(found) > MOST_RESULTS:
            raise KubectlError("error: error executing jsonpath: too many results")
        at = step.end()
    return found


def _step(value: Any, step: re.Match[str]) -> Iterator[Any]:
    if step["deep"]:
        yield from _deep(value, step["deep"])
    elif step["name"]:
        yield from _named(value, step["name"].replace("\\.", "."))
    else:
        yield from _bracket(value, step["bracket"].strip())


def _named(value: Any, name: str) -> Iterator[Any]:
    if name == "*":
        yield from _all(value)
    elif isinstance(value, dict) and name in value:
        yield value[name]


def _all(value: Any) -> Iterator[Any]:
    yield from (
        value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    )


def _deep(value: Any, name: str) -> Iterator[Any]:
    yield from _named(value, name)
    for one in _all(value):
        yield from _deep(one, name)


def _bracket(value: Any, inside: str) -> Iterator[Any]:
    if inside in ("*", ""):
        yield from _all(value)
        return
    chosen = _FILTER.fullmatch(inside)
    if chosen is not None:
        yield from (one for one in _all(value) if _holds(one, chosen))
        return
    for word in inside.split(","):
        word = word.strip()
        if word[:1] in "'\"":
            yield from _named(value, word[1:-1])
        elif ":" in word and isinstance(value, list):
            yield from value[_slice(word)]
        elif re.fullmatch(r"-?\d+", word):
            if isinstance(value, list) and -len(value) <= int(word) < len(value):
                yield value[int(word)]
        else:
            yield from _named(value, word)


def _slice(word: str) -> slice:
    parts = [int(one) if one.strip() else None for one in word.split(":")]
    return slice(*parts[:3])


def _holds(one: Any, chosen: re.Match[str]) -> bool:
    found = find(one, chosen["path"])
    if chosen["op"] is None:
        return bool(found)
    wanted = chosen["value"].strip()
    value: Any = wanted[1:-1] if wanted[:1] in "'\"" else _number(wanted)
    for mine in found:
        try:
            if _compared(mine, chosen["op"], value):
                return True
        except TypeError:
            continue
    return False


def _number(word: str) -> Any:
    try:
        return json.loads(word)
    except ValueError:
        return word


def _compared(mine: Any, operator: str, value: Any) -> bool:
    return bool(
        {
            "==": lambda: mine == value,
            "!=": lambda: mine != value,
            "<": lambda: mine < value,
            ">": lambda: mine > value,
            "<=": lambda: mine <= value,
            ">=": lambda: mine >= value,
        }[operator]()
    )


def custom_columns(objects: list[Any], spec: str) -> list[str]:
    """``NAME:.metadata.name,IMAGE:.spec.containers[*].image`` as a table."""
    pairs = [one.partition(":") for one in spec.split(",")]
    if not spec:
        raise KubectlError("error: custom-columns format specified but no custom columns given")
    if any(not path for _, _, path in pairs):
        raise KubectlError(
            f"error: unexpected custom-columns spec: {spec}, expected <header>:<json-path-expr>"
        )
    rows = [tuple(name for name, _, _ in pairs)]
    rows += [tuple(_cell(one, path) for _, _, path in pairs) for one in objects]
    return aligned(rows)


def _cell(one: Any, path: str) -> str:
    return ",".join(_shown(value) for value in find(one, path.strip("{}"))) or "<none>"
