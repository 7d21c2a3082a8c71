"""Columns as the real tool prints them: upper-case headings, three spaces between columns."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Sequence

GAP = 3
_OWN_GAP = 2
_MIN_WIDTH = 10
"""The real tool pads every cell to ten characters at least (``tabwriter`` of its formatter)."""


def table(headings: Sequence[str], rows: Iterable[Sequence[str]]) -> list[str]:
    """Aligned lines, the headings first; the last column is not padded."""
    return _aligned(headings, rows, GAP, _MIN_WIDTH)


def wide_table(headings: Sequence[str], rows: Iterable[Sequence[str]]) -> list[str]:
    """As ``table``, in the columns of 20 that ``docker top`` has (docker/cli, container/top.go)."""
    return _aligned(headings, rows, GAP, 20)


def columns(headings: Sequence[str], rows: Iterable[Sequence[str]]) -> list[str]:
    """A table that no real tool prints: as narrow as its cells let it be."""
    return _aligned(headings, rows, _OWN_GAP, 0)


def _aligned(
    headings: Sequence[str], rows: Iterable[Sequence[str]], gap: int, least: int
) -> list[str]:
    lines = [tuple(headings), *(tuple(plain(cell) for cell in row) for row in rows)]
    widths = [
        max(max(width(line[i]) + gap for line in lines), least) for i in range(len(headings) - 1)
    ]
    return [_line(line, widths).rstrip() for line in lines]


def _line(cells: Sequence[str], widths: Sequence[int]) -> str:
    padded = [cell + " " * (w - width(cell)) for cell, w in zip(cells, widths, strict=False)]
    return "".join(padded) + cells[-1]


def width(text: str) -> int:
    """Columns that a text takes in a terminal: wide characters count two, marks none."""
    if text.isascii():
        return len(text)
    return sum(
        0 if unicodedata.combining(c) else 2 if unicodedata.east_asian_width(c) in "WF" else 1
        for c in text
    )


def plain(text: str) -> str:
    """A cell without line breaks and control characters."""
    return text if text.isprintable() else "".join(c if c.isprintable() else " " for c in text)


def ellipsis(text: str, limit: int) -> str:
    """A text cut to ``limit`` characters, the last one an ellipsis, as the real tool does."""
    return text if len(text) <= limit else text[: limit - 1] + "…"


def fields(pairs: Iterable[tuple[str, str]]) -> list[str]:
    """``name: value`` lines, the values aligned."""
    listed = list(pairs)
    indent = max((len(name) for name, _ in listed), default=0) + 2
    return [f"{name + ':':<{indent}}{value}".rstrip() for name, value in listed]
