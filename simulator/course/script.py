"""Scripts in lessons: typed lines of the command language, some with a time.

``@60s docker stop web-1`` is typed 60 simulated seconds after the script began; a line without a
time is typed as soon as the one before it has given the prompt back. ``advance 5m`` lets time pass.
Empty lines and lines that begin with ``#`` are left out.
"""

from __future__ import annotations

from simulator.course.model import ScriptLine, Sweep
from simulator.errors import InputError, Place
from simulator.units import parse_duration

MAX_LINES = 200
MAX_CHARACTERS = 1000


def read_script(text: str, place: Place) -> tuple[ScriptLine, ...]:
    """The lines of a block body that begins one line below ``place``."""
    lines = []
    for offset, raw in enumerate(text.split("\n"), start=1):
        if raw.strip() and not raw.lstrip().startswith("#"):
            lines.append(script_line(raw, Place(place.file, (place.line or 0) + offset)))
    if len(lines) > MAX_LINES:
        raise InputError("script too long", place=place, expected=f"at most {MAX_LINES} lines")
    return tuple(lines)


def script_line(raw: str, place: Place) -> ScriptLine:
    """One line, its time split off."""
    text = raw.strip()
    if not text or len(text) > MAX_CHARACTERS or not text.isprintable():
        raise InputError(
            "bad script line", place=place, found=text,
            expected=f"1 to {MAX_CHARACTERS} printable characters",
        )  # fmt: skip
    if not text.startswith("@"):
        return ScriptLine(text, None, place)
    time, _, rest = text[1:].partition(" ")
    try:
        at = parse_duration(time)
    except InputError as error:
        raise error.at(place) from None
    if not rest.strip():
        raise InputError("nothing to type at this time", place=place, found=text)
    return ScriptLine(rest.strip(), at, place)


def sweep_script(sweep: Sweep, value: float) -> list[ScriptLine]:
    """The lines of a sweep for one value of its parameter."""
    variables = {sweep.parameter: value}
    return [ScriptLine(line.render({}, variables), None, sweep.place) for line in sweep.lines]
