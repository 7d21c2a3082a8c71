"""Scripts in lessons: typed lines of the command language, some with a time.

``@60s docker stop web-1`` is typed 60 simulated seconds after the script began; a line without a
time is typed as soon as the one before it has given the prompt back. ``advance 5m`` lets time pass.
Empty lines and lines that begin with ``#`` are left out. ``edit FILE <<EOF`` takes the lines up to
``EOF`` for the new text of a file.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from simulator.course.edit_lines import MAX_EDIT_CHARACTERS, heredoc_end, is_edit, with_text
from simulator.course.expression import Value
from simulator.course.model import ScriptLine, Sweep
from simulator.course.template import Template, parse_template
from simulator.errors import InputError, Place
from simulator.units import parse_duration

MAX_LINES = 200
MAX_CHARACTERS = 1000


def read_script(text: str, place: Place, names: tuple[str, ...] = ()) -> tuple[ScriptLine, ...]:
    """The lines of a block body that begins one line below ``place``.

    ``names``: those of ``vary:``, which lines may hold as ``{{name}}``.
    """
    lines = []
    rows = iter(enumerate(text.split("\n"), start=1))
    for offset, raw in rows:
        if raw.strip() and not raw.lstrip().startswith("#"):
            where = Place(place.file, (place.line or 0) + offset)
            end = heredoc_end(raw)
            whole = raw if end is None else with_text(raw, _until(rows, end, where))
            lines.append(script_line(whole, where, names))
    if len(lines) > MAX_LINES:
        raise InputError("script too long", place=place, expected=f"at most {MAX_LINES} lines")
    return tuple(lines)


def _until(rows: Iterator[tuple[int, str]], end: str, place: Place) -> list[str]:
    """The lines before the one that ends a text."""
    found: list[str] = []
    for _, raw in rows:
        if raw.strip() == end:
            return found
        found.append(raw)
    raise InputError("this text does not end", place=place, expected=f"a line that is {end}")


def script_line(raw: str, place: Place, names: tuple[str, ...] = ()) -> ScriptLine:
    """One line, its time split off."""
    text = raw.strip()
    limit = MAX_EDIT_CHARACTERS if is_edit(text) else MAX_CHARACTERS
    if not text or len(text) > limit or not text.isprintable():
        raise InputError(
            "bad script line", place=place, found=text,
            expected=f"1 to {limit:,} printable characters",
        )  # fmt: skip
    if not text.startswith("@"):
        return ScriptLine(text, None, place, _slots(text, place, names))
    time, _, rest = text[1:].partition(" ")
    try:
        at = parse_duration(time)
    except InputError as error:
        raise error.at(place) from None
    if not rest.strip():
        raise InputError("nothing to type at this time", place=place, found=text)
    return ScriptLine(rest.strip(), at, place, _slots(rest.strip(), place, names))


def _slots(text: str, place: Place, names: tuple[str, ...]) -> Template | None:
    """The line as a template where it holds a value of ``vary:``; other braces are its own."""
    if "{{" not in text or not any(re.search(rf"\{{\{{[^}}]*\b{n}\b", text) for n in names):
        return None
    return parse_template(text, place, names)


def sweep_script(
    sweep: Sweep, value: float, values: Mapping[str, Value] | None = None
) -> list[ScriptLine]:
    """The lines of a sweep for one value of its parameter."""
    known = {**values, sweep.parameter: value} if values else {sweep.parameter: value}
    return [ScriptLine(line.render({}, known), None, sweep.place) for line in sweep.lines]
