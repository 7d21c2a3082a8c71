"""Markdown as lines with roles, wrapped to a width: short texts of lessons and help.

Drawn here rather than by a Markdown widget, which costs ten to a hundred times as much and brings
colours of its own that fit no theme.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cache

from markdown_it import MarkdownIt
from markdown_it.token import Token

from simulator.tui.glyphs import glyphs, to_ascii
from simulator.tui.widgets.ink import Line

Word = tuple[str, str]
"""A piece of text without a line break in it, and its role."""


@cache
def _parser() -> MarkdownIt:
    return MarkdownIt("commonmark").enable("table")


def markdown_lines(text: str, width: int) -> list[Line]:
    """A Markdown text as lines of at most ``width`` cells."""
    return _Writer(max(10, width)).write(_parser().parse(text))


def wrapped(text: str, width: int, role: str = "plain", indent: str = "") -> list[Line]:
    """Plain text wrapped to a width."""
    return _wrap(list(_split(to_ascii(text), role)), width, indent, indent)


class _Writer:
    """Walks the tokens of one text."""

    def __init__(self, width: int) -> None:
        self.width = width
        self.lines: list[Line] = []
        self.indents: list[str] = []
        self.bullets: list[str] = []
        self.counters: list[int] = []
        self.role = "plain"
        self.rows: list[list[str]] = []

    def write(self, tokens: Sequence[Token]) -> list[Line]:
        """All lines, without blank ones at the end."""
        for token in tokens:
            self._token(token)
        while self.lines and not self.lines[-1]:
            self.lines.pop()
        return self.lines

    def _token(self, token: Token) -> None:
        kind = token.type
        if kind == "inline":
            self._inline(token)
        elif kind == "heading_open":
            self.role = "title"
        elif kind in ("heading_close", "paragraph_close"):
            self.role = "plain"
            if not token.hidden:
                self._blank()
        elif kind in ("bullet_list_open", "ordered_list_open"):
            self.counters.append(int(token.attrs.get("start", 1)) if kind[0] == "o" else 0)
        elif kind in ("bullet_list_close", "ordered_list_close"):
            self.counters.pop()
            if not self.counters:
                self._blank()
        elif kind == "list_item_open":
            self._item()
        elif kind == "list_item_close":
            self.indents.pop()
        elif kind in ("fence", "code_block"):
            self._code(token.content)
        elif kind == "hr":
            self.lines.append(((glyphs().rule * self.width, "rule"),))
        elif kind in ("blockquote_open", "blockquote_close"):
            self._quote(opens=kind.endswith("open"))
        elif kind == "tr_open":
            self.rows.append([])
        elif kind == "table_close":
            self._table()

    def _quote(self, *, opens: bool) -> None:
        if opens:
            self.indents.append(glyphs().pipe)
        else:
            self.indents.pop()

    def _item(self) -> None:
        number = self.counters[-1]
        mark = f"{number}. " if number else f"{glyphs().dot} "
        if number:
            self.counters[-1] += 1
        self.bullets.append(mark)
        self.indents.append(" " * len(mark))

    def _blank(self) -> None:
        if self.lines and self.lines[-1]:
            self.lines.append(())

    def _code(self, content: str) -> None:
        indent = "".join(self.indents) + "  "
        room = max(8, self.width - len(indent))
        for text in to_ascii(content).rstrip("\n").split("\n"):
            head, rest = text[:room], text[room:]
            self.lines.append(((indent, "plain"), (head, "code")))
            while rest:  # a line too long goes on below, further in, so that none of it is hidden
                self.lines.append(((indent + "    ", "plain"), (rest[: room - 4], "code")))
                rest = rest[room - 4 :]
        self._blank()

    def _inline(self, token: Token) -> None:
        if self.rows:
            self.rows[-1].append(_plain(token))
            return
        rest = "".join(self.indents)
        first = rest
        if self.bullets:
            mark = self.bullets.pop()
            first = rest[: len(rest) - len(mark)] + mark
        self.lines += _wrap(list(_words(token, self.role)), self.width, first, rest)

    def _table(self) -> None:
        count = max(len(row) for row in self.rows)
        rows = [row + [""] * (count - len(row)) for row in self.rows]
        widths = [max(len(row[i]) for row in rows) for i in range(count)]
        for number, row in enumerate(rows):
            cells = "  ".join(text.ljust(w) for text, w in zip(row, widths, strict=True))
            self.lines.append(((cells[: self.width], "title" if number == 0 else "plain"),))
        self.rows = []
        self._blank()


def _plain(token: Token) -> str:
    return to_ascii("".join(child.content for child in token.children or ()))


def _words(token: Token, role: str) -> Iterator[Word]:
    """Words of an inline token, with a single space where words are apart."""
    strong = 0
    for child in token.children or ():
        if child.type in ("strong_open", "em_open"):
            strong += 1
        elif child.type in ("strong_close", "em_close"):
            strong -= 1
        elif child.type == "code_inline":
            yield to_ascii(child.content), "code"
        elif child.type in ("softbreak", "hardbreak"):
            yield " ", role
        elif child.type == "text":
            ink = "strong" if strong and role == "plain" else role
            yield from _split(to_ascii(child.content), ink)


def _split(text: str, role: str) -> Iterator[Word]:
    """A text as words and single spaces."""
    word = ""
    for char in text:
        if char.isspace():
            if word:
                yield word, role
            yield " ", role
            word = ""
        else:
            word += char
    if word:
        yield word, role


def _wrap(words: list[Word], width: int, first: str, rest: str) -> list[Line]:
    """Fill lines with words; pieces without a space between them stay together."""
    lines: list[Line] = []
    current: list[tuple[str, str]] = [(first, "dim")] if first else []
    used, start = len(first), len(first)
    for cluster in _clusters(words):
        length = sum(len(text) for text, _ in cluster)
        gap = 1 if used > start else 0
        if used > start and used + gap + length > width:
            lines.append(tuple(current))
            current = [(rest, "dim")] if rest else []
            used = start = len(rest)
            gap = 0
        if gap:
            current.append((" ", "plain"))
        current += cluster
        used += gap + length
    lines.append(tuple(current))
    return lines


def _clusters(words: list[Word]) -> Iterator[list[Word]]:
    """Pieces between spaces."""
    cluster: list[Word] = []
    for word in words:
        if word[0] != " ":
            cluster.append(word)
        elif cluster:
            yield cluster
            cluster = []
    if cluster:
        yield cluster
