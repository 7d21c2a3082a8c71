"""The output pane: what was typed, what it answered, and errors as one line each."""

from __future__ import annotations

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
        self._dropped = 0
        self.shift = 0
        """Columns scrolled to the right, for the real tools' wide tables."""

    def add(self, said: Iterable[Said]) -> None:
        """Append lines."""
        for one in said:
            lines = one.text.expandtabs().splitlines() or [""]
            self.said += [Said(one.kind if i == 0 else "more", t) for i, t in enumerate(lines)]
        surplus = len(self.said) - CAPACITY
        if surplus > 0:
            del self.said[:surplus]
            self._dropped += surplus
        self.set_keys([str(self._dropped + i) for i in range(len(self.said))])

    def clear_lines(self) -> None:
        """Forget everything."""
        self._dropped += len(self.said)
        self.said = []
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
        one = self.said[index]
        signs = glyphs()
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
        return self.said[self.cursor_index].text if self.said else ""
