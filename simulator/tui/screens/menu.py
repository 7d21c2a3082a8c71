"""A menu of what can be done with a row: by letter, by cursor, by mouse."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from textual import events
from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Vertical
from textual.screen import ModalScreen
from textual.widgets import OptionList, Static

from simulator.errors import printable
from simulator.tui.glyphs import glyphs, to_ascii
from simulator.tui.row_commands import RowCommand
from simulator.tui.widgets.ink import fit, plain


class RowMenu(ModalScreen[RowCommand | None]):
    """Commands to choose from. None: nothing is done."""

    BINDINGS: ClassVar = [
        Binding("escape,q", "close", show=False),
        Binding("down", "cursor(1)", show=False),
        Binding("up", "cursor(-1)", show=False),
    ]

    def __init__(self, title: str, commands: Sequence[RowCommand]) -> None:
        super().__init__()
        self._title = title
        self._commands = commands

    def compose(self) -> ComposeResult:
        """One line for each, with the line that would be typed."""
        with Vertical(id="menubox", classes="dialog"):
            yield OptionList(*map(self._row, self._commands), markup=False, compact=True)
            yield Static(
                "a letter or enter does it   esc nothing", classes="dialogkeys", markup=False
            )

    def _row(self, one: RowCommand) -> str:
        asks = " (asks)" if one.loses else " ..." if one.open else ""
        line = printable(one.line, 200)[1:-1]
        return to_ascii(f"{one.key}  {fit(one.title + asks, 26)} {line}")

    def on_mount(self) -> None:
        """Take the focus."""
        self.set_class(not glyphs().braille, "-ascii")
        self.query_one("#menubox").border_title = plain(self._title)
        self.query_one(OptionList).focus()

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        """Enter or a click on one."""
        self.dismiss(self._commands[event.option_index])

    def on_key(self, event: events.Key) -> None:
        """The letter of one; j and k move where they are nobody's letter."""
        chosen = next((one for one in self._commands if one.key == event.character), None)
        if chosen is not None:
            event.stop()
            self.dismiss(chosen)
        elif event.character in ("j", "k"):
            event.stop()
            self.action_cursor(1 if event.character == "j" else -1)

    def action_cursor(self, by: int) -> None:
        """Next or previous one."""
        options = self.query_one(OptionList)
        (options.action_cursor_down if by > 0 else options.action_cursor_up)()

    def action_close(self) -> None:
        """Nothing is done."""
        self.dismiss(None)
