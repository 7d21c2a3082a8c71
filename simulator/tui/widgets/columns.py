"""Which columns of a table have a place in a width."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from simulator.tui.glyphs import bar, glyphs
from simulator.tui.widgets.ink import Line, fit


class Column(NamedTuple):
    """A column: what it is called, its cells, and how early it is left out (high: first)."""

    name: str
    width: int
    rank: int
    right: bool = False
    """Whether its texts end together, as numbers do."""
    head: str | None = None
    """What stands above it, where that is not its name."""


class Plan:
    """The columns that have a place; the first one has what is left, within bounds."""

    def __init__(self, columns: Sequence[Column], width: int, least: int, most: int) -> None:
        """``least`` and ``most``: cells of the first column, which is not among ``columns``."""
        ranked = sorted(columns, key=lambda one: one.rank)
        left, kept = width - least, set()
        for one in ranked:
            if one.width + 1 <= left:
                left -= one.width + 1
                kept.add(one.name)
        self.columns = [one for one in columns if one.name in kept]
        self.first = max(least, min(most, least + left))
        self.left = max(0, least + left - self.first)
        """Cells that nothing takes: the last column may."""

    def heads(self, first: str) -> Line:
        """The names of the columns."""
        parts = [fit(first, self.first)]
        parts += [_aligned(one, one.name if one.head is None else one.head) for one in self.columns]
        return ((" ".join(parts), "dim"),)

    def line(self, first: Line, cells: Mapping[str, Line | str]) -> Line:
        """A row: what the first column says, which fills its cells itself, and the others."""
        line: list[tuple[str, str]] = list(first)
        for one in self.columns:
            cell = cells.get(one.name, "")
            line.append((" ", "plain"))
            if isinstance(cell, str):
                line.append((_aligned(one, cell), "plain"))
            else:
                line += _padded(one, cell)
        return tuple(line)


def _aligned(column: Column, text: str) -> str:
    cut = fit(text, column.width, glyphs().ellipsis)
    return cut.strip().rjust(column.width) if column.right else cut


def _padded(column: Column, line: Line) -> Line:
    gap = column.width - sum(len(text) for text, _ in line)
    if gap < 0:
        return ((fit("".join(text for text, _ in line), column.width, glyphs().ellipsis),
                 line[0][1] if line else "plain"),)  # fmt: skip
    pad = ((" " * gap, "plain"),)
    return (*pad, *line) if column.right else (*line, *pad)


def whole(parts: Sequence[tuple[str, str]], width: int) -> Line:
    """As many parts as fit, each whole: what is cut in the middle says something else."""
    line: list[tuple[str, str]] = []
    for text, role in parts:
        if len(text.rstrip()) > width:
            break
        line.append((text, role))
        width -= len(text)
    return tuple(line)


def meter(used: float, of: float, width: int, *, live: bool = True) -> Line:
    """A bar of what is used of something, whose ink warns before it is full."""
    share = used / of if of > 0 else 0.0
    full, empty = bar(share, width)
    role = "dim" if not live else "bad" if share >= 0.97 else "warn" if share >= 0.8 else "good"
    return ((full, role), (empty, "rule"))


def guide(ends: Sequence[bool]) -> str:
    """The lines that lead down to a row of a tree, through levels that go on or have ended."""
    if not ends:
        return ""
    signs = glyphs()
    above = "".join("  " if end else signs.pipe for end in ends[:-1])
    return above + (signs.last if ends[-1] else signs.branch)
