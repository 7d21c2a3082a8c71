"""A pane that shows pages: rows of one kind, below each of them a page, and the way back."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, ClassVar

from simulator.look.pages import Page, Place
from simulator.tui.glyphs import glyphs
from simulator.tui.widgets.ink import Line, text_of
from simulator.tui.widgets.rowview import RowView

if TYPE_CHECKING:
    from simulator.tui.seen import Seen

LEAST_ROWS = 30
"""Rows asked for where the size of the pane is not known yet."""


def _nothing(place: Place, first: int, count: int) -> Page | None:
    return None


class Board(RowView):
    """Rows of one page; enter goes down, esc comes back. What a row says is up to subclasses."""

    number = ""
    """The key that goes to the pane."""
    name = ""
    start = Place("")
    below: ClassVar[Mapping[str, str]] = {}
    """The kind of the page that is below a row, by the beginning of its key."""

    def __init__(self, *, widget_id: str) -> None:
        super().__init__(widget_id=widget_id)
        self.display = False
        """Until somebody asks for it: nothing is asked of the world for it before."""
        self.place = self.start
        self.came: list[tuple[Place, str | None]] = []
        """Pages that were left by going down, with the row on which the cursor was."""
        self.read: Callable[[Place, int, int], Page | None] = _nothing
        """Rows that the last frame did not bring."""
        self.page: Page | None = None
        self.above: list[Line] = []
        """Lines between the title and the names of the columns."""
        self.heads: Line = ()
        self._shown: tuple[object, ...] = ()

    # --- for subclasses ---------------------------------------------------------------------------

    def lay_out(self, page: Page, width: int) -> tuple[list[Line], Line]:
        """Lines above the rows, and the names of the columns."""
        raise NotImplementedError

    def row_line(self, row: Any, width: int) -> Line:
        """One row as text."""
        raise NotImplementedError

    def alone(self, page: Page) -> str | None:
        """The key of a row to go into at once: a page of one row has nothing to choose from."""
        return None

    # --- what a frame brings ----------------------------------------------------------------------

    @property
    def asked(self) -> tuple[Place, int, int]:
        """What a frame has to bring."""
        return self.place, self.scroll_offset.y, max(self.visible_rows, LEAST_ROWS)

    def show(self, seen: Seen) -> None:
        """Take the rows of a new frame; nothing is drawn where it is the same as the last."""
        page = seen.page
        if page is None or page.place != self.place:
            return
        key = self.alone(page)
        if key is not None and not self.came and page.place == self.start:
            self.go(self.below[key.partition("/")[0]], key)
            self.came.clear()
            page = self.read(*self.asked)
            if page is None:
                return
        shown = page.rows, page.keys, page.head, self.size
        if shown == self._shown:
            return
        self._shown, self.page = shown, page
        self._fit()
        self.set_keys(page.keys)

    def _fit(self) -> None:
        self.above, self.heads = [], ()
        if self.page is not None:
            self.above, self.heads = self.lay_out(self.page, max(20, self.row_width))
        self.header_rows = len(self.above) + bool(self.heads)

    def on_resize(self) -> None:
        """Lay out for the new width."""
        self._fit()
        self._shown = ()
        super().on_resize()

    @property
    def title(self) -> str:
        """The pane's name, the way down, and the filter."""
        crumb = f" {glyphs().crumb} "
        way = self.page.crumbs if self.page is not None and self.page.place == self.place else ()
        text = crumb.join((f"{self.number} {self.name}", *way))
        return f"{text}  /{self.place.filter}" if self.place.filter else text

    # --- going down and back ----------------------------------------------------------------------

    def go(self, kind: str, key: str) -> None:
        """Show the page of a kind that is below a row."""
        self.came.append((self.place, self.cursor_key))
        self._turn(Place(kind, self.within(kind, key)), None)

    def within(self, kind: str, key: str) -> str:
        """What the page below a row is a page of."""
        return key.partition("/")[2]

    def down(self) -> bool:
        """Go into the row under the cursor; False where there is nothing below it."""
        if self.cursor_key is None or not self.keys:
            return False
        kind = self.below.get(self.cursor_key.partition("/")[0])
        if kind is None:
            return False
        self.go(kind, self.cursor_key)
        return True

    def back(self) -> bool:
        """Come back to where one was; False at the top."""
        if self.place.filter:
            self.set_filter("")
            return True
        if not self.came:
            return False
        place, cursor = self.came.pop()
        self._turn(place, cursor)
        return True

    def begin_again(self) -> None:
        """Show the first page: what was shown may be gone."""
        self.came.clear()
        self._turn(self.start, None)

    def _turn(self, place: Place, cursor: str | None) -> None:
        self.place, self.page = place, None
        self.cursor_key, self.cursor_index = cursor, 0
        self.scroll_to(y=0, animate=False, immediate=True, force=True)

    def set_filter(self, text: str) -> None:
        """Show only rows that contain a text, from the next frame on."""
        self.place = self.place._replace(filter=text)

    # --- rows -------------------------------------------------------------------------------------

    def row_of(self, index: int) -> Any:
        """The row of a number: what the last frame brought, or else what is read now."""
        page = self.page
        if page is None:
            return None
        if not page.first <= index < page.first + len(page.rows):
            first = max(0, index - LEAST_ROWS)  # around it: one scrolls up as well as down
            page = self.read(page.place, first, 2 * LEAST_ROWS)
            if page is None or not page.first <= index < page.first + len(page.rows):
                return None
            self.page = page
        return page.rows[index - page.first]

    @property
    def row(self) -> Any:
        """What is under the cursor; None where nothing is."""
        return self.row_of(self.cursor_index) if self.keys else None

    def text(self) -> list[str]:
        """All lines that are seen, for who cannot see them."""
        lines = [self._line_at(y, self.row_width) for y in range(self.size.height)]
        return [text for text in (text_of(one).strip() for one in lines) if text]

    def line(self, index: int, width: int) -> Line:
        """One row of the page."""
        row = self.row_of(index)
        marker = glyphs().cursor if index == self.cursor_index else " "
        body: Line = self.row_line(row, width - 2) if row is not None else (("gone", "dim"),)
        return ((marker, "accent"), (" ", "plain"), *body)

    def _line_at(self, y: int, width: int) -> Line:
        if y >= self.header_rows:
            return super()._line_at(y, width)
        if y < len(self.above):
            return self.above[y]
        return self.heads
