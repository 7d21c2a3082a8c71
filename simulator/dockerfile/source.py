"""From text to logical lines: directives, comments, continuations, here-documents.

A logical line is one instruction with its continuations joined. It remembers where each of its
pieces stood, so that any offset in it can be shown as a line and a column of the file.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass, field

from simulator.dockerfile.directives import Directive, read_directives
from simulator.dockerfile.heredocs import heredocs_of_line, holds_heredocs
from simulator.dockerfile.model import Heredoc
from simulator.dockerfile.words import SPACES
from simulator.errors import InputError, Place

MAX_FILE_BYTES = 10 * 1024 * 1024
MAX_LINE_BYTES = 65_535
"""A longer line makes BuildKit's reader give up; it is its `bufio.MaxScanTokenSize` less one."""
MAX_INSTRUCTIONS = 100_000
MAX_COMMENTS = 100
"""Most comment lines that are kept as the description of an instruction."""

_CONTINUES = {
    "\\": re.compile(r"(?<!\\)\\[ \t]*$"),
    "`": re.compile(r"(?<!`)`[ \t]*$"),
}


@dataclass(frozen=True, slots=True)
class LogicalLine:
    """One instruction as text. ``pieces`` are (offset in text, line, column) in rising order."""

    text: str
    line: int
    head_end_line: int
    end_line: int
    pieces: tuple[tuple[int, int, int], ...]
    heredocs: tuple[Heredoc, ...] = ()
    comments: tuple[str, ...] = ()
    empty_continuation: bool = False
    escape: str = "\\"

    def place(self, file: str, offset: int = 0) -> Place:
        """Where an offset of the text stands in the file."""
        start, line, column = self.pieces[bisect_right(self.pieces, (offset, 1 << 60, 0)) - 1]
        return Place(file, line, column + offset - start)


@dataclass(slots=True)
class Source:
    """A Dockerfile cut into logical lines, with its directives and its escape character."""

    name: str
    escape: str
    directives: tuple[Directive, ...]
    lines: list[LogicalLine] = field(default_factory=list)


def read_source(text: str, name: str) -> Source:
    """Cut a Dockerfile into logical lines. Raises InputError for what is no text or too large."""
    text = _checked(text, name)
    physical = text.split("\n")
    # The text after the last line end is a line only when there is something on it.
    last_is_open = bool(physical[-1])
    if not last_is_open:
        physical.pop()
    directives = read_directives(physical, name)
    escape = next((d.value for d in directives if d.name == "escape"), "\\")
    reader = _Reader(name, physical, last_is_open, escape, len(directives))
    source = Source(name, escape, directives)
    for line in reader.logical_lines():
        source.lines.append(line)
        if len(source.lines) > MAX_INSTRUCTIONS:
            raise InputError(
                "too many instructions",
                place=line.place(name),
                expected=f"at most {MAX_INSTRUCTIONS}",
            )
    if not source.lines:
        raise InputError(
            "file with no instructions",
            place=Place(name, max(len(physical), 1), 1),
            expected="at least one FROM",
        )
    return source


def _checked(text: str, name: str) -> str:
    """The text without its byte order mark; refused when it is binary, broken or huge."""
    text = text.removeprefix("\ufeff")
    try:
        size_bytes = len(text.encode())
    except UnicodeEncodeError as error:
        raise InputError("not valid UTF-8 text", place=_place_at(text, name, error.start)) from None
    if size_bytes > MAX_FILE_BYTES:
        raise InputError(
            "the file is too large",
            place=Place(name, 1, 1),
            found=f"{size_bytes} bytes",
            expected=f"at most {MAX_FILE_BYTES} bytes",
        )
    nul = text.find("\0")
    if nul >= 0:
        raise InputError(
            "the file holds a NUL byte, so it is no text", place=_place_at(text, name, nul)
        )
    return text


def _place_at(text: str, name: str, offset: int) -> Place:
    start = text.rfind("\n", 0, offset) + 1
    return Place(name, text.count("\n", 0, offset) + 1, offset - start + 1)


class _Reader:
    """Walks the physical lines once; ``number`` lines have been taken."""

    def __init__(
        self, name: str, lines: list[str], last_is_open: bool, escape: str, directives: int
    ) -> None:
        self.name = name
        self.lines = lines
        self.last_is_open = last_is_open
        self.number = 0
        self.continues = _CONTINUES[escape]
        self.directives = directives
        self.escape = escape
        self.comments: list[str] = []

    def logical_lines(self) -> Iterator[LogicalLine]:
        """All instructions in turn."""
        while self.number < len(self.lines):
            raw = self._next().rstrip("\r")
            line = raw.lstrip(SPACES)
            if line.startswith("#"):
                self._remember_comment(line)
            else:
                if line:
                    yield self._logical(line, len(raw) - len(line) + 1)
                # An empty line, too, parts a comment from what follows.
                self.comments = []

    def _remember_comment(self, line: str) -> None:
        # Directives look like comments but describe nothing; an empty comment ends a description.
        comment = line[1:].strip(SPACES)
        if self.number <= self.directives:
            return
        if comment:
            self.comments.append(comment)
        else:
            self.comments = []

    def _next(self) -> str:
        line = self.lines[self.number]
        self.number += 1
        # A character takes at most four bytes, so short lines need no counting.
        if len(line) * 4 > MAX_LINE_BYTES and len(line.encode()) > MAX_LINE_BYTES:
            raise InputError(
                f"dockerfile line greater than max allowed size of {MAX_LINE_BYTES}",
                place=Place(self.name, self.number, 1),
            )
        return line

    def _logical(self, line: str, column: int) -> LogicalLine:
        start = self.number
        pieces = [(0, start, column)]
        empty = False
        more = self._continued(line)
        if more is not None:
            line, empty = self._join(more, pieces)
        head_end = self.number
        heredocs = self._heredocs(line, start, column)
        return LogicalLine(
            text=line,
            line=start,
            head_end_line=head_end,
            end_line=self.number,
            pieces=tuple(pieces),
            heredocs=heredocs,
            comments=tuple(self.comments[-MAX_COMMENTS:]),
            empty_continuation=empty,
            escape=self.escape,
        )

    def _continued(self, line: str) -> str | None:
        """The line without its continuation mark, or None when it has none."""
        if self.escape not in line[-1:] and line[-1:] not in (" ", "\t"):
            return None
        match = self.continues.search(line)
        return line[: match.start()] if match else None

    def _join(self, first: str, pieces: list[tuple[int, int, int]]) -> tuple[str, bool]:
        """Take the continuation lines; tells also whether an empty one was among them."""
        parts, length, empty = [first], len(first), False
        while self.number < len(self.lines):
            line = self._next().rstrip("\r")
            stripped = line.lstrip(SPACES)
            if stripped.startswith("#"):
                continue
            if not stripped:
                empty = True
                continue
            pieces.append((length, self.number, 1))
            more = self._continued(line)
            parts.append(line if more is None else more)
            length += len(parts[-1])
            if more is None:
                break
        return "".join(parts), empty

    def _heredocs(self, line: str, start: int, column: int) -> tuple[Heredoc, ...]:
        if "<<" not in line or not holds_heredocs(line):
            return ()
        place = Place(self.name, start, column)
        return tuple(self._fill(found, place) for found in heredocs_of_line(line, place))

    def _fill(self, found: Heredoc, place: Place) -> Heredoc:
        """Read the document's lines up to the one that ends it."""
        content: list[str] = []
        while self.number < len(self.lines):
            line = self._next()
            end = line.rstrip("\r")
            if (end.lstrip("\t") if found.strip_tabs else end) == found.name:
                return Heredoc(
                    found.name, "".join(content), found.expand, found.strip_tabs, found.fd
                )
            is_open = self.last_is_open and self.number == len(self.lines)
            content.append(line if is_open else line + "\n")
        raise InputError(
            "unterminated heredoc",
            place=place,
            found=f"<<{found.name}",
            expected=f"a line that holds only {found.name}",
        )
