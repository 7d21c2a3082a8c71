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
        self.waiting: list[str] = []
        """Lines that were typed ahead and wait for their turn."""
        self.begun: list[int] = []
        """Numbers of the lines that were typed, of all that were ever said."""
        self._dropped = 0
        self.shift = 0
        """Columns scrolled to the right, for the real tools' wide tables."""
        self._pinned = False

    def add(self, said: Iterable[Said]) -> None:
        """Append lines; a new command is followed from its first line on, at the left."""
        for one in said:
            lines = one.text.expandtabs().splitlines() or [""]
            if one.kind in ("error", "note", "good"):  # sentences; tables are left as they are
                lines = textwrap.wrap(one.text, max(20, self.row_width - 10)) or [""]
            if one.kind == "typed":
                self.begun.append(self._dropped + len(self.said))
                self.follow, self.shift = True, 0
                self._pinned = True
            self.said += [Said(one.kind if i == 0 else "more", t) for i, t in enumerate(lines)]
        self._forget()
        self._renumber()

    def _forget(self) -> None:
        """Keep what fits."""
        surplus = len(self.said) - CAPACITY
        if surplus > 0:
            del self.said[:surplus]
            self._dropped += surplus
            self.begun = [one for one in self.begun if one >= self._dropped]

    def set_live(self, lines: list[str]) -> None:
        """Show lines of something under way below all others."""
        if lines != self.live:
            self.live = lines
            self._pinned = self._pinned and not lines  # what grows is followed at its end
            self._renumber()

    def set_waiting(self, lines: list[str]) -> None:
        """Show lines that wait for their turn, below all others."""
        if lines != self.waiting:
            self.waiting = lines
            self._renumber()

    def follow_row(self) -> int:
        """The last line; where more came at once than fits, the one at which it began."""
        last = len(self.keys) - 1
        if not self._pinned or not self.begun:
            return last
        first = self.begun[-1] - self._dropped
        return first if last - first >= self.visible_rows else last

    def begin_at(self, by: int) -> bool:
        """Go to where the output of an earlier or a later command begins; False at either end."""
        here = self._dropped + self.cursor_index
        found = [one for one in self.begun if (one < here if by < 0 else one > here)]
        if found:
            self.move_to((found[-1] if by < 0 else found[0]) - self._dropped, at_top=True)
        return bool(found)

    @property
    def place(self) -> str:
        """Which part is seen where not all of it is: ``lines 12-18 of 90``."""
        count = len(self.keys)
        if count <= self.visible_rows:
            return ""
        first = self.scroll_offset.y + 1
        return f"lines {first:,}-{min(count, first + self.visible_rows - 1):,} of {count:,}"

    def _renumber(self) -> None:
        count = len(self.said) + len(self.live) + len(self.waiting)
        self.set_keys([str(self._dropped + i) for i in range(count)])

    def clear_lines(self) -> None:
        """Forget everything."""
        self._dropped += len(self.said)
        self.said, self.live, self.begun = [], [], []
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
        if index >= len(self.said) + len(self.live):
            text = self.waiting[index - len(self.said) - len(self.live)]
            return ((f"{signs.idle} ", "dim"), (text, "dim"), ("  waits", "dim"))
        if index >= len(self.said):
            text = self.live[index - len(self.said)][self.shift :]
            return ((f"{signs.pending} ", "warn"), (text, "plain"))
        one = self.said[index]
        text = one.text[self.shift :]
        if one.kind == "typed":
            return ((f"{signs.cursor} ", "accent"), (text, "title"))
        if one.kind == "caret":
            return (("  ", "plain"), (text, "bad"))
        if one.kind == "error":
            return ((f"{signs.bad} error: ", "bad"), (text, "bad"))
        if one.kind == "good":
            return ((f"{signs.passed} ", "good"), (text, "good"))
        if one.kind == "note":
            return ((f"{signs.dot} ", "dim"), (text, "dim"))
        return (("  ", "plain"), (text, "plain"))

    def cursor_text(self) -> str:
        """The whole line of output."""
        lines = [one.text for one in self.said] + self.live + self.waiting
        return lines[self.cursor_index] if lines else ""
