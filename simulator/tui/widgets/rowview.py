"""A scrolling list of rows that draws only what is seen and repaints only what changed.

The cursor belongs to a row's key, not to its place: a list that changes under it never makes it
jump. Subclasses say which rows there are and how one is drawn.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from textual import events
from textual.geometry import Region, Size
from textual.message import Message
from textual.scroll_view import ScrollView
from textual.strip import Strip

from simulator.tui.widgets.ink import INK_CLASSES, Inked, Line, text_of


class RowView(Inked, ScrollView, can_focus=True):
    """Keyed rows with a cursor, an optional fixed header, and following of the end."""

    COMPONENT_CLASSES: ClassVar[set[str]] = set(INK_CLASSES)
    DEFAULT_CSS = """
    RowView { overflow-x: hidden; overflow-y: auto; scrollbar-size-vertical: 1; }
    """

    class Chosen(Message):
        """Enter was pressed, or a row was clicked twice."""

        def __init__(self, view: RowView, key: str) -> None:
            super().__init__()
            self.view = view
            self.key = key

    def __init__(self, *, widget_id: str, follow: bool = False) -> None:
        super().__init__(id=widget_id)
        self.keys: Sequence[str] = ()
        self.cursor_key: str | None = None
        self.cursor_index = 0
        self.follow = follow
        self._follows_by_nature = follow
        self._drawn: dict[int, Line] = {}

    # --- for subclasses -----------------------------------------------------------------------

    header_rows = 0
    has_cursor = True
    """False for texts, which are scrolled instead."""

    def line(self, index: int, width: int) -> Line:
        """The row at an index, for a width."""
        raise NotImplementedError

    def header(self, width: int) -> Line:
        """The fixed line at the top, where there is one."""
        return ()

    def empty_line(self) -> str:
        """What stands there when there are no rows."""
        return ""

    def span(self, index: int) -> tuple[int, int]:
        """Where a row begins below the header, and how many lines it takes."""
        return index, 1

    @property
    def body_height(self) -> int:
        """Lines that all rows take."""
        return len(self.keys)

    def row_at(self, x: int, y: int) -> int:
        """The number of the row at a place; there need not be one."""
        return y - self.header_rows + self.scroll_offset.y

    # --- rows ---------------------------------------------------------------------------------

    def set_keys(self, keys: Sequence[str]) -> None:
        """Take a new list of rows and repaint those that look different."""
        self.keys = keys
        self._find_cursor()
        self._resize_rows()
        if self.follow and keys:
            self._follow()
        self.repaint()

    def follow_row(self) -> int:
        """The row that a log which is followed shows: its last one."""
        return len(self.keys) - 1

    def _follow(self) -> None:
        row = self.follow_row()
        self.cursor_index, self.cursor_key = row, self.keys[row]
        self._scroll_to_row(row, at_top=row < len(self.keys) - 1)

    def repaint(self) -> None:
        """Repaint the visible rows whose text or ink changed."""
        width, height = self.row_width, self.size.height
        if not width or not height:
            return
        if self.show_vertical_scrollbar and self.vertical_scrollbar.position != self.scroll_y:
            # Whoever scrolled before the bar was there has not moved it.
            self.vertical_scrollbar.position = int(self.scroll_y)
        for y in range(height):
            if self._drawn.get(y) != self._line_at(y, width):
                self.refresh(Region(0, y, width, 1))

    @property
    def row_width(self) -> int:
        """Cells that a row has: the scrollbar takes its own."""
        return self.scrollable_content_region.width

    def _find_cursor(self) -> None:
        if not self.keys:
            self.cursor_index = 0
            return
        if self.cursor_key is not None:
            known = self.cursor_index < len(self.keys)
            if known and self.keys[self.cursor_index] == self.cursor_key:
                return
            try:
                self.cursor_index = self.keys.index(self.cursor_key)
                return
            except ValueError:
                pass
        self.cursor_index = min(self.cursor_index, len(self.keys) - 1)
        self.cursor_key = self.keys[self.cursor_index]

    def _resize_rows(self) -> None:
        size = Size(self.size.width, self.body_height + self.header_rows)
        if size != self.virtual_size:
            self.virtual_size = size
            if self.scroll_offset.y > self.max_scroll_y:
                self.scroll_to(y=self.max_scroll_y, animate=False, immediate=True)

    def _line_at(self, y: int, width: int) -> Line:
        if y < self.header_rows:
            return self.header(width)
        index = y - self.header_rows + self.scroll_offset.y
        if not 0 <= index < len(self.keys):
            return ((self.empty_line(), "dim"),) if not self.keys and y == self.header_rows else ()
        at = (("", "cursor"),) if self.has_cursor and index == self.cursor_index else ()
        return self.line(index, width) + at

    def render_line(self, y: int) -> Strip:
        """Draw one visible row."""
        width = self.row_width
        line = self._line_at(y, width)
        self._drawn[y] = line
        on_cursor = bool(line) and line[-1] == ("", "cursor")
        if on_cursor:
            line = line[:-1]
        return self.strip(line, width, cursor=on_cursor and self.has_focus)

    def on_resize(self) -> None:
        """Fit the rows to the new size."""
        self._drawn.clear()
        self._resize_rows()
        if self.follow and self.keys:
            self._follow()

    def on_focus(self) -> None:
        """Show the cursor."""
        self.refresh()

    def on_blur(self) -> None:
        """Hide the cursor."""
        self.refresh()

    # --- cursor -------------------------------------------------------------------------------

    @property
    def visible_rows(self) -> int:
        """Rows that fit between header and bottom."""
        return max(1, self.size.height - self.header_rows)

    def move_to(self, index: int, *, at_top: bool = False) -> None:
        """Put the cursor on a row and keep it in view, in the first line if that is wanted."""
        if not self.keys:
            return
        last = len(self.keys) - 1
        self.cursor_index = max(0, min(last, index))
        self.cursor_key = self.keys[self.cursor_index]
        self.follow = self._follows_by_nature and self.cursor_index == last
        self._scroll_to_row(self.cursor_index, at_top=at_top)
        self.repaint()

    def _scroll_to_row(self, index: int, *, at_top: bool = False) -> None:
        top = self.scroll_offset.y
        rows = self.visible_rows
        first, lines = self.span(index)
        if at_top:
            top = max(0, min(first, self.body_height - rows))
        elif first < top:
            top = first
        elif first + lines > top + rows:
            top = min(first, first + lines - rows)
        if top != self.scroll_offset.y:
            self.scroll_to(y=top, animate=False, immediate=True, force=True)

    def move(self, by: int) -> None:
        """Move the cursor by rows, or scroll a text by them."""
        if not self.has_cursor:
            self.scroll_to(y=self.scroll_offset.y + by, animate=False, immediate=True)
            return
        self.move_to(self.cursor_index + by)

    def top(self) -> None:
        """Go to the first row."""
        self.move(-len(self.keys))

    def end(self) -> None:
        """Go to the last row; a log follows again."""
        self.move(len(self.keys))

    def choose(self) -> None:
        """Drill into the row under the cursor."""
        if self.cursor_key is not None and self.keys:
            self.post_message(self.Chosen(self, self.cursor_key))

    def cursor_text(self) -> str:
        """The row under the cursor as plain text, for copying."""
        if not self.keys:
            return ""
        return text_of(self.line(self.cursor_index, max(self.row_width, 200))).rstrip()

    def on_mouse_scroll_up(self, event: events.MouseScrollUp) -> None:
        """Scroll; a log stops following."""
        event.stop()
        self.move(-3)

    def on_mouse_scroll_down(self, event: events.MouseScrollDown) -> None:
        """Scroll."""
        event.stop()
        self.move(3)

    def on_click(self, event: events.Click) -> None:
        """Put the cursor where one clicked; a second click chooses."""
        index = self.row_at(event.x, event.y)
        if not 0 <= index < len(self.keys):
            return
        if event.chain >= 2:
            self.choose()
        else:
            self.move_to(index)
