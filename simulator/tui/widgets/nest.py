"""Boxes in boxes: a host, its kernel, the containers on it, virtual machines with theirs.

A picture is made at the most detailed of four levels that fits: each container a box, each a long
or a short line, each a sign. What moves along the lower edge of a container are its requests: the
more, the denser.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from math import log10
from typing import TYPE_CHECKING, TypeAlias

from simulator.look.views import ContainerView
from simulator.tui.glyphs import glyphs
from simulator.tui.rows import MapRow, cores_text, map_row, memory_text
from simulator.tui.widgets.columns import meter
from simulator.tui.widgets.ink import Line, fit, join, text_of

if TYPE_CHECKING:
    from simulator.look.answers import TreeRow

BOXES, WIDE, LINES, SIGNS = range(4)
"""Levels of detail of containers."""
LEAST_BOX, MOST_BOX = 24, 38
"""Cells of the width of a container's box."""
BOX_ROWS = 4
LEAST_LINE, MOST_LINE = 34, 64
LEAST_WIDE, MOST_WIDE = 58, 96
SIZES = ((LEAST_BOX, MOST_BOX), (LEAST_WIDE, MOST_WIDE), (LEAST_LINE, MOST_LINE))
"""Least and most cells of the width of a container, by levels."""
LEAST_HOST = 40
"""Cells from which on two hosts stand beside each other."""
GOLDEN = 0.6180339887
"""What is spread by its multiples is spread evenly."""
FULL_RATE = 3.5
"""Powers of ten of requests a second at which the edge is full."""


Text: TypeAlias = Callable[[float, float], str]


@dataclass(slots=True)
class Node:
    """A row of the tree with what is below it."""

    number: int
    row: TreeRow
    shown: MapRow
    below: list[Node] = field(default_factory=list)


@dataclass(slots=True)
class Picture:
    """Lines, and where each row of the tree is in them: left, top, width, height."""

    lines: list[Line] = field(default_factory=list)
    places: dict[int, tuple[int, int, int, int]] = field(default_factory=dict)


def nodes_of(rows: Sequence[TreeRow]) -> list[Node]:
    """Rows of the tree, from the top, as trees."""
    roots: list[Node] = []
    path: list[Node] = []
    for number, row in enumerate(rows):
        while path and path[-1].row.depth >= row.depth:
            path.pop()
        node = Node(number, row, map_row(row))
        (path[-1].below if path else roots).append(node)
        path.append(node)
    return roots


def picture(
    roots: Sequence[Node], width: int, level: int, *, chosen: int = -1, phase: int = 0
) -> Picture:
    """All hosts, beside each other where there is room for two."""
    painter = _Painter(level, chosen, phase)
    columns = max(1, min(len(roots), (width + 1) // (LEAST_HOST + 1)))
    return painter.beside(roots, width, columns)


class _Painter:
    """Draws trees of boxes at one level of detail."""

    def __init__(self, level: int, chosen: int, phase: int) -> None:
        self.level, self.chosen, self.phase = level, chosen, phase

    def thing(self, node: Node, width: int) -> Picture:
        """A box with whatever is in it."""
        kind = node.shown.kind
        if kind == "container":
            return self._container(node, width)
        head = self._head(node, width)
        inside = self._inside(node, width - 4)
        return self._frame(node, head, inside, width)

    def _inside(self, node: Node, width: int) -> Picture:
        """What is below a node: containers as their level says, machines as boxes."""
        small = [one for one in node.below if one.shown.kind == "container"]
        large = [one for one in node.below if one.shown.kind != "container"]
        parts = [self._containers(small, width)] if small else []
        if large:
            columns = max(1, min(len(large), (width + 1) // (LEAST_HOST + 1)))
            parts.append(self.beside(large, width, columns))
        return _above_each_other(parts)

    def _containers(self, nodes: Sequence[Node], width: int) -> Picture:
        if self.level == SIGNS:
            return self._signs(nodes, width)
        least, most = SIZES[self.level]
        columns = max(1, min(len(nodes), (width + 1) // (least + 1)))
        each = min(most, (width + 1) // columns - 1)
        room = min(width, columns * (each + 1) - 1)
        return self.beside(nodes, room, columns)

    def beside(self, nodes: Sequence[Node], width: int, columns: int) -> Picture:
        """Pictures in so many columns, row by row."""
        each = (width + 1) // columns - 1
        made = [self.thing(one, each) for one in nodes]
        whole = Picture()
        for first in range(0, len(made), columns):
            row = made[first : first + columns]
            height = max(len(one.lines) for one in row)
            top = len(whole.lines)
            for at, one in enumerate(row):
                _take_places(whole, one, at * (each + 1), top)
            for y in range(height):
                cells = [_row_of(one, y, each) for one in row]
                gap: Line = ((" ", "plain"),)
                whole.lines.append(join([part for cell in cells for part in (cell, gap)][:-1]))
        return whole

    # --- frames -----------------------------------------------------------------------------------

    def _head(self, node: Node, width: int) -> Line:
        """Name, state and bars of a host, a VM; the words of a kernel."""
        row = node.shown
        name = {"vm": f"VM {row.name}", "host": f"host {row.name}"}.get(row.kind, row.name)
        role = {"kernel": "dim"}.get(row.kind, "title")
        parts: list[tuple[str, str]] = [
            (f" {name} ", role),
            (f"{row.glyph} {row.state} ", row.role),
        ]
        if row.cpu is not None and row.memory is not None:
            bars = [
                (("CPU ", "dim"), *meter(*row.cpu, 6), (f" {cores_text(*row.cpu)} ", "plain")),
                (
                    ("mem ", "dim"), *meter(*row.memory, 6),
                    (f" {memory_text(*row.memory)} ", "plain"),
                ),
            ]  # fmt: skip
            for one in bars:
                if len(text_of(tuple(parts))) + len(text_of(one)) <= width - 4:
                    parts += one
        note = f"{row.note} "
        if row.note and len(text_of(tuple(parts))) + len(note) <= width - 4:
            parts.append((note, "dim"))
        return tuple(parts)

    def _frame(self, node: Node, head: Line, inside: Picture, width: int) -> Picture:
        frame, ink = self._edge(node)
        left: Line = ((frame[0] + frame[1], ink),)
        room = width - 3 - len(text_of(head))
        if room < 0:
            head, room = ((fit(text_of(head), width - 3, glyphs().ellipsis), "title"),), 0
        made = Picture([join([left, head, ((frame[1] * room + frame[2], ink),)])])
        side: Line = ((frame[3], ink),)
        for y in range(len(inside.lines)):
            body = _row_of(inside, y, width - 4)
            made.lines.append(join([side, ((" ", "plain"),), body, ((" ", "plain"),), side]))
        made.lines.append(((frame[4] + frame[1] * (width - 2) + frame[5], ink),))
        _take_places(made, inside, 2, 1)
        made.places[node.number] = (0, 0, width, len(made.lines))
        return made

    def _edge(self, node: Node) -> tuple[str, str]:
        """The frame of a box: the chosen one is heavy, so that no colour is needed to see it."""
        signs = glyphs()
        if node.number == self.chosen:
            return signs.heavy_box, "accent"
        return signs.box, "bad" if node.shown.role == "bad" else "rule"

    # --- containers -------------------------------------------------------------------------------

    def _container(self, node: Node, width: int) -> Picture:
        lines = self._box(node, width) if self.level == BOXES else [self._line(node, width)]
        return Picture(lines, {node.number: (0, 0, width, len(lines))})

    def _box(self, node: Node, width: int) -> list[Line]:
        row, (frame, ink) = node.shown, self._edge(node)
        state: Line = ((f" {row.glyph} {row.state} ", row.role),)
        name = fit(row.name, min(len(row.name), width - 4 - len(text_of(state))), glyphs().ellipsis)
        rule = frame[1] * max(0, width - 4 - len(name) - len(text_of(state)))
        top: Line = ((frame[0] + frame[1], ink), (f" {name}", "title"), *state,
                     (rule[:-1] if rule else "", ink), (frame[2], ink))  # fmt: skip
        top = _filled(top, width, frame, ink)
        bars = [self._bar("CPU", row.cpu, cores_text, row, width - 4),
                self._bar("mem", row.memory, memory_text, row, width - 4)]  # fmt: skip
        side: Line = ((frame[3], ink),)
        middle = [join([side, ((" ", "plain"),), one, ((" ", "plain"),), side]) for one in bars]
        return [top, *middle, self._bottom(node, width, frame, ink)]

    def _bar(
        self, name: str, pair: tuple[float, float] | None, text: Text, row: MapRow, width: int
    ) -> Line:
        if pair is None:
            return ((" " * width, "plain"),)
        live = row.role in ("good", "warn")
        words = f" {text(*pair)}"
        room = max(3, width - len(words) - 4)
        line = ((f"{name} ", "dim"), *meter(*pair, room, live=live), (words, "plain"))
        return _row(line, width)

    def _bottom(self, node: Node, width: int, frame: str, ink: str) -> Line:
        """The lower edge: how many requests, and their stream."""
        view = node.row.view
        if not isinstance(view, ContainerView) or not view.requests_per_s:
            return ((frame[4] + frame[1] * (width - 2) + frame[5], ink),)
        words = f" {view.requests_per_s:.0f}/s "
        queue = f"{view.queued} wait " if view.queued else ""
        room = width - 4 - len(words) - len(queue)
        if room < 4:
            queue, room = "", width - 4 - len(words)
        stream = flow(view.requests_per_s, max(0, room), self.phase, frame[1])
        return (
            (frame[4] + frame[1], ink), (words, "accent"), (queue, "warn"), *stream,
            (frame[1] + frame[5], ink),
        )  # fmt: skip

    def _line(self, node: Node, width: int) -> Line:
        """A container on one line: sign, name, state, bars, requests."""
        row, signs = node.shown, glyphs()
        mark = signs.cursor if node.number == self.chosen else " "
        parts: Line = ((mark, "accent"), (f"{row.glyph} ", row.role))
        name = 14 if width < 50 else 20
        wide = self.level == WIDE and width >= LEAST_WIDE
        state = f" {fit(row.state, 11 if wide else 9, signs.ellipsis)} "
        parts = (*parts, (fit(row.name, name, signs.ellipsis), "plain"), (state, row.role))
        live = row.role in ("good", "warn")
        if row.cpu is not None:
            parts = (*parts, *self._use(row.cpu, cores_text, 10 if wide else 1, live=live))
        if row.memory is not None and width >= 46:
            parts = (*parts, *self._use(row.memory, memory_text, 13 if wide else 1, live=live))
        view = node.row.view
        left = width - len(text_of(parts)) - 1
        if isinstance(view, ContainerView) and view.requests_per_s and left >= 9:
            words = f" {view.requests_per_s:.0f}/s "
            stream = flow(view.requests_per_s, left - len(words), self.phase, " ")
            parts = (*parts, (words, "accent"), *stream)
        return _row(parts, width)

    @staticmethod
    def _use(pair: tuple[float, float], text: Text, width: int, *, live: bool) -> Line:
        """A bar, and what it shows in figures where there is room."""
        words = fit(f" {text(*pair)}", width) if width > 1 else " "
        return (*meter(*pair, 6, live=live), (words, "plain" if live else "dim"))

    def _signs(self, nodes: Sequence[Node], width: int) -> Picture:
        made = Picture()
        for first in range(0, len(nodes), max(1, width)):
            row = nodes[first : first + width]
            parts = [
                (one.shown.glyph, "accent" if one.number == self.chosen else one.shown.role)
                for one in row
            ]
            for at, one in enumerate(row):
                made.places[one.number] = (at, len(made.lines), 1, 1)
            made.lines.append(tuple(parts))
        return made


def flow(rate_per_s: float, width: int, phase: int, ground: str) -> Line:
    """So many cells in which requests go by: the more a second, the denser."""
    signs = glyphs()
    density = min(1.0, log10(1.0 + rate_per_s) / FULL_RATE)
    cells = [
        signs.request if ((at - phase) * GOLDEN) % 1.0 < density else ground for at in range(width)
    ]
    return (("".join(cells), "accent"),)


def _filled(line: Line, width: int, frame: str, ink: str) -> Line:
    """A top edge of exactly this width."""
    gap = width - len(text_of(line))
    if gap > 0:
        return (*line[:-1], (frame[1] * gap, ink), line[-1])
    return line if gap == 0 else ((fit(text_of(line), width, glyphs().ellipsis), ink),)


def _row(line: Line, width: int) -> Line:
    gap = width - len(text_of(line))
    if gap >= 0:
        return (*line, (" " * gap, "plain"))
    return ((fit(text_of(line), width, glyphs().ellipsis), line[0][1]),)


def _row_of(one: Picture, y: int, width: int) -> Line:
    return _row(one.lines[y], width) if y < len(one.lines) else ((" " * width, "plain"),)


def _take_places(whole: Picture, part: Picture, left: int, top: int) -> None:
    for number, (x, y, wide, high) in part.places.items():
        whole.places[number] = (x + left, y + top, wide, high)


def _above_each_other(parts: Sequence[Picture]) -> Picture:
    whole = Picture()
    for one in parts:
        _take_places(whole, one, 0, len(whole.lines))
        whole.lines += one.lines
    return whole
