"""The map: host, kernel, containers; VM, guest kernel, containers. One row each."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, NamedTuple

from simulator.tui.glyphs import bar, glyphs
from simulator.tui.rows import MapRow, cores_text, map_row, memory_text
from simulator.tui.widgets.ink import Line, fit
from simulator.tui.widgets.rowview import RowView

if TYPE_CHECKING:
    from simulator.look.answers import TreeRow
    from simulator.tui.seen import Seen

STATE_WIDTH = 12
CPU_WIDTH = 9
MEMORY_WIDTH = 12


LEAST_ROWS = 30
"""Rows asked for where the size of the pane is not known yet."""


def _nothing(first: int, count: int) -> tuple[TreeRow, ...]:
    return ()


class Columns(NamedTuple):
    """Widths of the columns; 0 leaves one out."""

    name: int
    cpu_bar: int
    memory: int
    memory_bar: int
    note: int


def columns(width: int) -> Columns:
    """Share out a width. The name, the state and the CPU always have a place."""
    left = width - 1 - STATE_WIDTH - 1 - CPU_WIDTH - 1
    memory = MEMORY_WIDTH if left >= 13 + MEMORY_WIDTH + 1 else 0
    left -= memory + 1 if memory else 0
    cpu_bar = 5 if left >= 23 else 0
    left -= cpu_bar + 1 if cpu_bar else 0
    memory_bar = 6 if left >= 23 else 0
    left -= memory_bar + 1 if memory_bar else 0
    note = min(44, left - 20) if left >= 30 else 0
    left -= note + 1 if note else 0
    return Columns(max(4, left), cpu_bar, memory, memory_bar, note)


class MapView(RowView):
    """Rows of the map with a cursor; drilled into one of them if asked."""

    header_rows = 1

    def __init__(self, *, widget_id: str = "map") -> None:
        super().__init__(widget_id=widget_id)
        self.root: str | None = None
        self.filter = ""
        self.read: Callable[[int, int], tuple[TreeRow, ...]] = _nothing
        """Rows from a number on, for when one scrolls between two frames."""
        self._first = 0
        self._rows: tuple[TreeRow, ...] = ()

    @property
    def window(self) -> tuple[int, int]:
        """The first row that is seen, and how many are."""
        return self.scroll_offset.y, max(self.visible_rows, LEAST_ROWS)

    def show(self, seen: Seen) -> None:
        """Take the rows of a new frame."""
        self._first, self._rows = seen.first, seen.rows
        self.set_keys(seen.outline)

    def tree_row(self, index: int) -> TreeRow | None:
        """A row by its number; None past the end."""
        if not self._first <= index < self._first + len(self._rows):
            first, count = max(0, index - LEAST_ROWS), 2 * LEAST_ROWS
            self._first, self._rows = first, self.read(first, count)
        at = index - self._first
        return self._rows[at] if 0 <= at < len(self._rows) else None

    @property
    def chosen(self) -> TreeRow | None:
        """What is under the cursor."""
        return self.tree_row(self.cursor_index) if self.keys else None

    @property
    def row(self) -> MapRow | None:
        """The row under the cursor, as it is shown."""
        chosen = self.chosen
        return map_row(chosen) if chosen is not None else None

    def set_filter(self, text: str) -> None:
        """Show only rows that contain a text, from the next frame on."""
        self.filter = text

    def drill(self, key: str | None) -> None:
        """Show only what is below a row from the next frame on; None shows the world again."""
        self.root = key

    def empty_line(self) -> str:
        """Say why nothing is there."""
        if self.filter:
            return f" nothing here matches '{self.filter}'"
        return " no hosts yet; for example:  host create a"

    def header(self, width: int) -> Line:
        """Names of the columns with their units."""
        plan = columns(width)
        parts = [fit(" what runs where", plan.name + 1), fit("state", STATE_WIDTH)]
        parts.append(fit("CPU cores", CPU_WIDTH + (plan.cpu_bar + 1 if plan.cpu_bar else 0)))
        if plan.memory:
            parts.append(
                fit("memory", plan.memory + (plan.memory_bar + 1 if plan.memory_bar else 0))
            )
        if plan.note:
            parts.append("about")
        return ((" ".join(parts), "dim"),)

    def line(self, index: int, width: int) -> Line:
        """One row of the map."""
        found = self.tree_row(index)
        if found is None:
            return ()
        row, plan = map_row(found), columns(width)
        signs = glyphs()
        marker = signs.cursor if index == self.cursor_index else " "
        name_width = plan.name - len(row.guide)
        ink = {"host": "title", "kernel": "dim", "vm": "title"}.get(row.kind, "plain")
        label = f"{row.name} VM" if row.kind == "vm" else row.name
        return (
            (marker, "accent"),
            (row.guide, "rule"),
            (fit(label, name_width, signs.ellipsis), ink),
            (" ", "plain"),
            (fit(f"{row.glyph} {row.state}", STATE_WIDTH, signs.ellipsis), row.role),
            (" ", "plain"),
            *self._usage(row, plan),
            *(((" " + fit(row.note, plan.note, signs.ellipsis), "dim"),) if plan.note else ()),
        )

    def _usage(self, row: MapRow, plan: Columns) -> Line:
        if row.cpu is None or row.memory is None:
            gap = CPU_WIDTH + (plan.cpu_bar + 1 if plan.cpu_bar else 0)
            gap += plan.memory + 1 if plan.memory else 0
            gap += plan.memory_bar + 1 if plan.memory_bar else 0
            shown = "" if plan.note or len(row.note) > gap else row.note
            return ((fit(shown, gap), "dim"),)
        live = row.role in ("good", "warn")
        ink = "plain" if live else "dim"
        line = self._meter(row.cpu, plan.cpu_bar, live)
        line += ((fit(cores_text(*row.cpu), CPU_WIDTH), ink),)
        if plan.memory:
            line += ((" ", "plain"), *self._meter(row.memory, plan.memory_bar, live))
            line += ((fit(memory_text(*row.memory), plan.memory), ink),)
        return line

    def _meter(self, pair: tuple[float, float], width: int, live: bool) -> Line:
        if not width:
            return ()
        share = pair[0] / pair[1] if pair[1] > 0 else 0.0
        full, empty = bar(share, width)
        role = "dim" if not live else "bad" if share >= 0.97 else "warn" if share >= 0.8 else "good"
        return ((full, role), (empty, "rule"), (" ", "plain"))
