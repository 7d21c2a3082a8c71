"""A text one scrolls: lesson pages, help, descriptions, logs."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from textual.geometry import Size

from simulator.tui.widgets.ink import Line, text_of
from simulator.tui.widgets.rowview import RowView


class TextView(RowView):
    """Lines made for the width there is; made anew when the width changes."""

    has_cursor = False

    def __init__(
        self, make: Callable[[int], Sequence[Line]] | None = None, *, widget_id: str
    ) -> None:
        super().__init__(widget_id=widget_id)
        self._make = make or (lambda _: ())
        self._lines: Sequence[Line] = ()

    def put(self, make: Callable[[int], Sequence[Line]], *, from_top: bool = True) -> None:
        """Show another text."""
        self._make = make
        self._fit()
        if from_top:
            self.scroll_to(y=0, animate=False, immediate=True, force=True)

    def line(self, index: int, width: int) -> Line:
        """One line of the text."""
        return self._lines[index]

    def on_resize(self) -> None:
        """Wrap for the new width."""
        self._fit()
        super().on_resize()

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:
        """As high as the text is; a dialog is no larger than what it says."""
        return max(1, len(self._make(width)))

    def bring_into_view(self, words: str) -> bool:
        """Scroll so that the first line with these words stands in the middle; False for none."""
        for index, line in enumerate(self._lines):
            if words in text_of(line):
                top = max(0, index - self.size.height // 2)
                self.scroll_to(y=top, animate=False, immediate=True, force=True)
                return True
        return False

    def text(self) -> str:
        """The whole text without roles."""
        return "\n".join(text_of(line).rstrip() for line in self._lines)

    def cursor_text(self) -> str:
        """The whole text: there is no cursor to choose a line of it."""
        return self.text()

    def _fit(self) -> None:
        width = self.row_width
        if width <= 0:
            return
        self._lines = self._make(width)
        self.set_keys([str(i) for i in range(len(self._lines))])
