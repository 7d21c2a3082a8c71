"""The map as boxes: what is in what, down to requests; from one host to thousands of them."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from simulator.look.host_pages import HostsFacts
from simulator.look.pages import Page, Place
from simulator.tui.widgets import nest
from simulator.tui.widgets.cluster_boxes import Grid, grid
from simulator.tui.widgets.columns import whole
from simulator.tui.widgets.ink import Line
from simulator.tui.widgets.map import MapView
from simulator.tui.widgets.map_hosts import Cells, cells_line, cells_of, host_box, totals_words

if TYPE_CHECKING:
    from simulator.look.answers import TreeRow
    from simulator.tui.seen import Seen

MOST_NESTED = 240
"""Rows of the tree up to which all of them are drawn in one picture."""
SCREENS = 3
"""Screens of boxes up to which hosts are boxes; above, each is a sign."""


def _no_page(place: Place, first: int, count: int) -> Page | None:
    return None


def _no_row(key: str) -> TreeRow | None:
    return None


class BoxMap(MapView):
    """The map: nested boxes, hosts as boxes, hosts as signs; or rows, if somebody wants them."""

    def __init__(self, *, widget_id: str = "map") -> None:
        super().__init__(widget_id=widget_id)
        self.as_boxes = True
        self.part = ""
        """Which of many hosts are shown: ``120-180``; nothing: all."""
        self.read_page: Callable[[Place, int, int], Page | None] = _no_page
        self.find: Callable[[str], TreeRow | None] = _no_row
        """The row of the tree with a key."""
        self.moving = True
        """Whether what goes by is seen to move."""
        self._phase = 0
        self._time = -1.0
        self._seen: Seen | None = None
        self._picture = nest.Picture()
        self._level: tuple[tuple[object, ...], int | None] = ((), None)
        """For which rows and size a level of detail was chosen; None: there are too many."""
        self._page: Page | None = None
        self._grid: Grid | None = None
        self._cells: Cells | None = None
        self._above: Line = ()

    # --- which of the pictures --------------------------------------------------------------------

    @property
    def nested(self) -> bool:
        """Whether boxes in boxes are shown."""
        return self.as_boxes and self._page is None

    @property
    def window(self) -> tuple[int, int]:
        """Rows of the tree that a frame has to bring."""
        if not self.as_boxes:
            return super().window
        return (0, MOST_NESTED) if self.nested else (0, 1)

    @property
    def asked(self) -> tuple[Place, int, int] | None:
        """The page that a frame has to bring: where there are too many hosts to nest them."""
        if not self.as_boxes or self._page is None:
            return None
        first, count = self._rows_seen()
        return Place("hosts", self.part, self.filter), first, count

    def _rows_seen(self) -> tuple[int, int]:
        if self._cells is not None:
            return self.cursor_index * self._cells.each, 1
        top, rows = self.scroll_offset.y, max(self.visible_rows, 8)
        columns = self._grid.columns if self._grid is not None else 1
        return top // nest.BOX_ROWS * columns, (rows // nest.BOX_ROWS + 2) * columns

    def turn(self) -> bool:
        """Show rows instead of boxes, or boxes again; whether boxes are shown now."""
        self.as_boxes = not self.as_boxes
        self._page, self.part = None, ""
        self._level = ((), None)
        self._drawn.clear()
        self.scroll_to(y=0, animate=False, immediate=True, force=True)
        return self.as_boxes

    def show(self, seen: Seen) -> None:
        """Take a new frame."""
        self._seen = seen
        if self.moving and seen.time != self._time:
            self._phase += 1
        self._time = seen.time
        if not self.as_boxes:
            super().show(seen)
            return
        rate = sum(one.offered_per_s for one in seen.services)
        level = self._level_for(seen)
        if level is None:
            self._show_many(seen, rate)
            return
        self._page = self._grid = self._cells = None
        self._first, self._rows = seen.first, seen.rows
        self.keys = seen.outline
        self._find_cursor()
        self._draw(level)
        self._above = whole(totals_words(seen.totals, None, rate), self.row_width)
        self.set_keys(seen.outline)

    def on_resize(self) -> None:
        """Draw again for the new size."""
        super().on_resize()
        if self._seen is not None and self.as_boxes and self.display:
            self.show(self._seen)

    def _level_for(self, seen: Seen) -> int | None:
        """The most detailed level at which all fits; one host may be scrolled through."""
        outline = seen.outline
        if len(outline) > MOST_NESTED and (self.root is None or len(outline) > 4 * MOST_NESTED):
            return None
        known = (outline, self.size, self.root)
        if self._level[0] and self._level[0][0] is outline and self._level[0][1:] == known[1:]:
            return self._level[1]
        if len(seen.rows) < min(len(outline), MOST_NESTED):
            return self._level[1] if self._page is None else None
        roots = nest.nodes_of(seen.rows)
        room, width = max(1, self.size.height - 1), max(20, self.row_width)
        found = None
        for level in (nest.BOXES, nest.WIDE, nest.LINES, nest.SIGNS):
            if len(nest.picture(roots, width, level).lines) <= room:
                found = level
                break
        if found is None and len(roots) == 1:
            found = nest.LINES
        self._level = known, found
        return found

    def _draw(self, level: int) -> None:
        roots = nest.nodes_of(self._rows)
        self._picture = nest.picture(
            roots, max(20, self.row_width), level, chosen=self.cursor_index, phase=self._phase
        )

    # --- many hosts -------------------------------------------------------------------------------

    def _show_many(self, seen: Seen, rate: float) -> None:
        page = seen.page
        place = Place("hosts", self.part, self.filter)
        if page is None or page.place != place:
            page = self.read_page(place, *self._rows_seen())
        if page is None:
            self.part = ""
            return
        self._page = page
        self._lay_out(page)
        head = page.head if isinstance(page.head, HostsFacts) else None
        self._above = whole(totals_words(seen.totals, head, rate), self.row_width)
        keys = page.keys
        if self._cells is not None and self._cells.each > 1:
            ranges = map(self._cells.range_of, range(self._cells.signs))
            keys = [f"hosts/{first}-{last}" for first, last in ranges]
        self.set_keys(keys)

    def _lay_out(self, page: Page) -> None:
        room, width = max(1, self.size.height - 2), max(20, self.row_width)
        made = grid(len(page.keys), width, room)
        if made.height <= SCREENS * room or not page.head.fills:
            self._grid, self._cells = made, None
        else:
            self._grid, self._cells = None, cells_of(len(page.keys), width - 1, room - 1)

    # --- geometry ---------------------------------------------------------------------------------

    def span(self, index: int) -> tuple[int, int]:
        """Where a row begins below the header, and how many lines it takes."""
        if not self.as_boxes:
            return super().span(index)
        if self._cells is not None:
            return index // self._cells.width, 1
        if self._grid is not None:
            return self._grid.top(index), nest.BOX_ROWS
        _, top, _, height = self._picture.places.get(index, (0, 0, 0, 1))
        return top, min(height, max(1, self.visible_rows))

    @property
    def body_height(self) -> int:
        """Lines that all takes."""
        if not self.as_boxes:
            return super().body_height
        if self._cells is not None:
            return self._cells.height + 1
        return self._grid.height if self._grid is not None else len(self._picture.lines)

    def row_at(self, x: int, y: int) -> int:
        """The number of the row at a place: the smallest box there."""
        at = super().row_at(x, y)
        if not self.as_boxes or at < 0:
            return at
        if self._cells is not None:
            return at * self._cells.width + x if x < self._cells.width else -1
        if self._grid is not None:
            return self._grid.at(x, at)
        hits = [
            (wide * high, number)
            for number, (left, top, wide, high) in self._picture.places.items()
            if left <= x < left + wide and top <= at < top + high
        ]
        return min(hits)[1] if hits else -1

    def move(self, by: int) -> None:
        """Move the cursor by rows; among boxes, to the one below or above."""
        if not self.as_boxes or abs(by) >= max(1, len(self.keys)):
            super().move(by)
        elif self._cells is not None:
            super().move(by * self._cells.width)
        elif self._grid is not None:
            super().move(by * self._grid.columns)
        else:
            self._moved(by)

    def _moved(self, by: int) -> None:
        """To the nearest box in a direction that begins further down, or up."""
        left, top, _, _ = self._picture.places.get(self.cursor_index, (0, 0, 0, 1))
        sign = 1 if by > 0 else -1
        ways = [
            (sign * (at - top), abs(x - left), number)
            for number, (x, at, _, _) in self._picture.places.items()
            if sign * (at - top) > 0
        ]
        if not ways:
            self.move_to(self.cursor_index + sign)
            return
        self.move_to(min(ways)[2] if abs(by) == 1 else self.cursor_index + by)

    def move_to(self, index: int, *, at_top: bool = False) -> None:
        """Put the cursor on a row and keep it in view."""
        super().move_to(index, at_top=at_top)
        if self.nested and self._rows and self._level[1] is not None:
            self._draw(self._level[1])
            self.repaint()

    def sideways(self, by: int) -> bool:
        """Go to the box beside this one; False where there are rows."""
        if self.as_boxes:
            self.move_to(self.cursor_index + by)
        return self.as_boxes

    # --- going down and back ----------------------------------------------------------------------

    def into(self) -> bool:
        """Go into a sign that stands for several hosts; False for all other rows."""
        key = self.cursor_key or ""
        if not key.startswith("hosts/"):
            return False
        base = int(self.part.partition("-")[0]) if self.part else 0
        first, _, last = key.partition("/")[2].partition("-")
        self.part = f"{base + int(first)}-{base + int(last)}"
        self.cursor_key, self.cursor_index = None, 0
        return True

    def out(self) -> bool:
        """Come back from a part of many hosts; False where all are shown."""
        was, self.part = self.part, ""
        return bool(was)

    @property
    def chosen(self) -> TreeRow | None:
        """What is under the cursor."""
        if self._page is None or not self.as_boxes:
            return super().chosen
        key = self.cursor_key or ""
        return self.find(key) if key.startswith("host/") else None

    # --- drawing ----------------------------------------------------------------------------------

    def _line_at(self, y: int, width: int) -> Line:
        if not self.as_boxes:
            return super()._line_at(y, width)
        if not self.keys:
            return ((self.empty_line(), "dim"),) if y == 1 else ()
        if y == 0:
            return self._above
        at = y - 1 + self.scroll_offset.y
        if self._cells is not None:
            return self._cell_line(at)
        if self._grid is not None:
            return self._grid.line(at, self._box) if at < self._grid.height else ()
        lines = self._picture.lines
        return lines[at] if at < len(lines) else ()

    def _cell_line(self, y: int) -> Line:
        cells, page = self._cells, self._page
        if cells is None or page is None:
            return ()
        if y < cells.height:
            return cells_line(cells, page.head.fills, y, self.cursor_index)
        if y == cells.height:
            each = "a host" if cells.each == 1 else f"the fullest of {cells.each} hosts"
            first, last = cells.range_of(min(self.cursor_index, cells.signs - 1))
            names = [page.keys[at].partition("/")[2] for at in dict.fromkeys((first, last))]
            return ((f"a sign is {each}: CPU or memory; enter: {' to '.join(names)}", "dim"),)
        return ()

    def _box(self, index: int) -> tuple[Line, ...]:
        grid_, page = self._grid, self._page
        width = grid_.width if grid_ is not None else 20
        if page is None or not 0 <= index < len(page.keys):
            return host_box(None, width, chosen=False, phase=0)
        if not page.first <= index < page.first + len(page.rows):
            found = self.read_page(page.place, *self._rows_seen())
            page = self._page = found if found is not None else page
        at = index - page.first
        facts = page.rows[at] if 0 <= at < len(page.rows) else None
        return host_box(facts, width, chosen=index == self.cursor_index, phase=self._phase)
