"""Rows that may also be shown as boxes beside each other, between which one goes all four ways."""

from __future__ import annotations

from typing import Any

from simulator.tui.widgets.cluster_boxes import HEIGHT, Grid, box
from simulator.tui.widgets.ink import Line
from simulator.tui.widgets.rowview import RowView


class BoxedRows(RowView):
    """Rows; boxes, where there is a grid for them."""

    def __init__(self, *, widget_id: str) -> None:
        super().__init__(widget_id=widget_id)
        self._grid: Grid | None = None
        self._boxes: dict[int, tuple[Line, ...]] = {}

    def row_of(self, index: int) -> Any:
        """What a box shows; None where it is not known."""
        raise NotImplementedError

    def take_grid(self, found: Grid | None) -> None:
        """Show boxes in a grid from now on, or rows again."""
        self._grid = found
        self._boxes.clear()

    def window(self, first: int, rows: int) -> tuple[int, int]:
        """Which rows so many lines show, from a line on, and how many they are."""
        if self._grid is None:
            return first, rows
        columns = self._grid.columns
        return first // HEIGHT * columns, (rows // HEIGHT + 2) * columns

    def _box_line(self, y: int) -> Line:
        if self._grid is None or not self.keys:
            return ((self.empty_line(), "dim"),) if y == self.header_rows else ()
        number = y - self.header_rows + self.scroll_offset.y
        return self._grid.line(number, self._box) if number < self._grid.height else ()

    def _box(self, index: int) -> tuple[Line, ...]:
        chosen = index == self.cursor_index
        lines = self._boxes.get(index)
        if lines is None or chosen:
            width = self._grid.width if self._grid is not None else 0
            lines = box(self.row_of(index), width, chosen=chosen)
            if not chosen:
                self._boxes[index] = lines
        return lines

    def span(self, index: int) -> tuple[int, int]:
        """Where a row begins, and how many lines it takes."""
        return (self._grid.top(index), HEIGHT) if self._grid is not None else (index, 1)

    @property
    def body_height(self) -> int:
        """Lines that all rows take."""
        return self._grid.height if self._grid is not None else len(self.keys)

    def row_at(self, x: int, y: int) -> int:
        """The number of the row at a place."""
        at = super().row_at(x, y)
        return self._grid.at(x, at) if self._grid is not None and at >= 0 else at

    def move(self, by: int) -> None:
        """Move the cursor by rows; among boxes, to the one below or above."""
        if self._grid is not None and abs(by) < len(self.keys):
            lines = by if abs(by) == 1 else int(by / HEIGHT) or (1 if by > 0 else -1)
            at = self.cursor_index + lines * self._grid.columns
            if 0 <= at < len(self.keys) or abs(by) > 1:
                self.move_to(at)
            return
        super().move(by)

    def sideways(self, by: int) -> bool:
        """Go to the box beside this one; False where there are no boxes."""
        if self._grid is not None:
            self.move_to(self.cursor_index + by)
        return self._grid is not None
