"""The output pane: what was typed, what it answered, and errors as one line each."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable

from simulator.tui.driver import Said
from simulator.tui.glyphs import glyphs
from simulator.tui.widgets.ink import Line
from simulator.tui.widgets.rowview import RowView

CAPACITY = 5000


class OutputView(RowView):
    """Lines of output, bounded; follows its end until one scrolls up."""

    def __init__(self, *, widget_id: str = "output") -> None:
        super().__init__(widget_id=widget_id, follow=True)
        self.said: list[Said] = []
        self.live: list[str] = []
        """Lines of something under way; redrawn until they are said for good."""
        self._dropped = 0
        self.shift = 0
        """Columns scrolled to the right, for the real tools' wide tables."""

    def add(self, said: Iterable[Said]) -> None:
        """Append lines."""
        for one in said:
            lines = one.text.expandtabs().splitlines() or [""]
            if one.kind in ("error", "note", "good"):  # sentences; tables are left as they are
                lines = textwrap.wrap(one.text, max(20, self.row_width - 10)) or [""]
            self.said += [Said(one.kind if i == 0 else "more", t) for i, t in enumerate(lines)]
        surplus = len(self.said) - CAPACITY
        if surplus > 0:
            del self.said[:surplus]
            self._dropped += surplus
        self._renumber()

    def set_live(self, lines: list[str]) -> None:
        """Show lines of something under way below all others."""
        if lines != self.live:
            self.live = lines
            self._renumber()

    def _renumber(self) -> None:
        count = len(self.said) + len(self.live)
        self.set_keys([str(self._dropped + i) for i in range(count)])

    def clear_lines(self) -> None:
        """Forget everything."""
        self._dropped += len(self.said)
        self.said, self.live = [], []
        self.follow = True
        self.set_keys([])

    def sideways(self, by: int) -> None:
        """Scroll wide tables left or right."""
        widest = max((len(one.text) for one in self.said), default=0)
        self.shift = max(0, min(widest - 10, self.shift + by))
        self.repaint()

    def empty_line(self) -> str:
        """What to do first."""
        return " output of what you type appears here"

    def line(self, index: int, width: int) -> Line:
        """One line of output."""
        signs = glyphs()
        if index >= len(self.said):
            text = self.live[index - len(self.said)][self.shift :]
            return ((f"{signs.pending} ", "warn"), (text, "plain"))
        one = self.said[index]
        text = one.text[self.shift :]
        if one.kind == "typed":
            return ((f"{signs.cursor} ", "accent"), (text, "title"))
        if one.kind == "error":
            return ((f"{signs.bad} error: ", "bad"), (text, "bad"))
        if one.kind == "good":
            return ((f"{signs.passed} ", "good"), (text, "good"))
        if one.kind == "note":
            return ((f"{signs.dot} ", "dim"), (text, "dim"))
        return (("  ", "plain"), (text, "plain"))

    def cursor_text(self) -> str:
        """The whole line of output."""
        lines = [one.text for one in self.said] + self.live
        return lines[self.cursor_index] if lines else ""
