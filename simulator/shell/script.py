"""Files of typed lines: read whole, every error with its file, line and column."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from simulator.errors import InputError, Place
from simulator.files import read_text
from simulator.shell import registry, terminal
from simulator.shell.grammar import Call
from simulator.shell.parts import LINE
from simulator.shell.words import Joined

MAX_BYTES = 1 << 20


def lines(text: str) -> Iterator[tuple[int, str]]:
    """Logical lines with the number of their first line; ``\\`` and open quotes join lines."""
    joined, start = Joined(), 1
    for number, line in enumerate(text.splitlines(), 1):
        if not joined.parts:
            start = number
        whole = joined.add(line)
        if whole is not None:
            yield start, whole
    if joined.parts:
        yield start, joined.end()


def calls(path: Path, name: str) -> list[Call]:
    """All calls of a file; InputError with the place of the first that cannot be read."""
    found: list[Call] = []
    reader = LineReader()
    for number, line in lines(read_text(path, limit_bytes=MAX_BYTES, what="file of lines")):
        found += reader(line, Place(name, number, 1))
    return found


class LineReader:
    """Reads lines that come one after the other, before any is carried out.

    Those after a line that opens a terminal in a container, up to ``exit``, are that program's.
    """

    def __init__(self) -> None:
        self._inside = False

    def __call__(self, line: str, start: Place) -> list[Call]:
        """The calls of the next line; InputError with its place where it cannot be read."""
        if self._inside and not terminal.is_own(line):
            self._inside = not terminal.closes(line)
            return [terminal.call(line)]
        found = parse_at(line, start)
        self._inside = self._inside or terminal.opens(found)
        return found


def parse_at(line: str, start: Place) -> list[Call]:
    """The calls of a line that stands at ``start`` of some file."""
    try:
        return registry.parse(line)
    except InputError as error:
        raise error.at(_in_file(error.place, start, line)) from None


def _in_file(place: Place | None, start: Place, line: str) -> Place:
    """The place in the file of a place in the line."""
    if place is None or place.file != LINE or start.line is None:
        return start
    before = line[: (place.column or 1) - 1]
    row = before.count("\n")
    column = (place.column or 1) if row == 0 else len(before) - before.rfind("\n")
    offset = (start.column or 1) - 1 if row == 0 else 0
    return Place(start.file, start.line + row, column + offset)
