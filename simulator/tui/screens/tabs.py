"""Several texts about one thing, one behind the other."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Vertical
from textual.widgets import Static

from simulator.tui.screens.dialogs import TextDialog
from simulator.tui.widgets.ink import Line
from simulator.tui.widgets.text import TextView


@dataclass(frozen=True, slots=True)
class Tab:
    """One text. ``at_end``: its newest lines are its last ones."""

    name: str
    make: Callable[[int], Sequence[Line]]
    at_end: bool = False


class TabsDialog(TextDialog):
    """Texts that one turns between."""

    BINDINGS: ClassVar = [
        Binding("tab,right,l,right_square_bracket", "turn(1)", show=False),
        Binding("shift+tab,left,h,left_square_bracket", "turn(-1)", show=False),
        *(Binding(str(n + 1), f"tab({n})", show=False) for n in range(9)),
    ]

    def __init__(self, title: str, tabs: Sequence[Tab], first: str) -> None:
        self._tabs = tabs
        self._at = next((n for n, one in enumerate(tabs) if one.name == first), 0)
        super().__init__(title, tabs[self._at].make, at_end=tabs[self._at].at_end)

    def compose(self) -> ComposeResult:
        """The names of all, the text of one, the keys."""
        with Vertical(id="textbox", classes="dialog"):
            yield Static(self._names(), id="tabs", markup=False)
            yield TextView(self._make, widget_id="text")
            keys = "tab next   1-9 choose   j/k scroll   y copy   esc close"
            yield Static(keys, classes="dialogkeys", markup=False)

    def _names(self) -> str:
        names = (f"{n + 1} {one.name}" for n, one in enumerate(self._tabs))
        return " ".join(
            f"[{name}]" if n == self._at else f" {name} " for n, name in enumerate(names)
        )

    def action_turn(self, by: int) -> None:
        """The next one or the one before."""
        self.action_tab((self._at + by) % len(self._tabs))

    def action_tab(self, index: int) -> None:
        """One by its number."""
        if index >= len(self._tabs):
            return
        self._at = index
        tab = self._tabs[index]
        self.query_one("#tabs", Static).update(self._names())
        self.view.put(tab.make, from_top=True)
        if tab.at_end:
            self.call_after_refresh(self.view.end)
