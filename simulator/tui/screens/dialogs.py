"""Dialogs: a text to read, and a question before something ends."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Horizontal, Vertical
from textual.screen import ModalScreen
from textual.widgets import Button, Static

from simulator.tui.glyphs import glyphs
from simulator.tui.widgets.ink import Line, plain
from simulator.tui.widgets.text import TextView


class TextDialog(ModalScreen[None]):
    """A text one scrolls; esc, q or enter closes it."""

    BINDINGS: ClassVar = [
        Binding("escape,q,enter,question_mark", "close", "close", show=False),
        Binding("j,down", "move(1)", show=False),
        Binding("k,up", "move(-1)", show=False),
        Binding("space,pagedown,ctrl+d", "page(1)", show=False),
        Binding("b,pageup,ctrl+u", "page(-1)", show=False),
        Binding("g,home", "top", show=False),
        Binding("G,end", "end", show=False),
        Binding("y", "copy", show=False),
    ]

    def __init__(
        self, title: str, make: Callable[[int], Sequence[Line]], *, at_end: bool = False
    ) -> None:
        super().__init__()
        self._title = title
        self._make = make
        self._at_end = at_end

    def compose(self) -> ComposeResult:
        """The text and the keys that close it."""
        with Vertical(id="textbox", classes="dialog"):
            yield TextView(self._make, widget_id="text")
            yield Static("j/k scroll   y copy   esc close", classes="dialogkeys", markup=False)

    def on_mount(self) -> None:
        """Take the focus; start where the reader wants to be."""
        self.set_class(not glyphs().braille, "-ascii")
        self.query_one("#textbox").border_title = plain(self._title)
        self.view.focus()
        if self._at_end:
            self.call_after_refresh(self.view.end)

    @property
    def view(self) -> TextView:
        """The text."""
        return self.query_one(TextView)

    def action_close(self) -> None:
        """Back to the screen below."""
        self.dismiss(None)

    def action_move(self, by: int) -> None:
        """Scroll by lines."""
        self.view.move(by)

    def action_page(self, by: int) -> None:
        """Scroll by pages."""
        self.view.move(by * max(1, self.view.size.height - 1))

    def action_top(self) -> None:
        """To the first line."""
        self.view.top()

    def action_end(self) -> None:
        """To the last line."""
        self.view.end()

    def action_copy(self) -> None:
        """Copy the whole text."""
        self.app.copy_to_clipboard(self.view.text())
        self.notify("copied", timeout=2)


class Confirm(ModalScreen[bool | None]):
    """A question whose harmless answer has the focus.

    ``neither`` is a third answer, None, which escape gives then.
    """

    BINDINGS: ClassVar = [
        Binding("y", "answer(True)", show=False),
        Binding("n", "answer(False)", show=False),
        Binding("escape,q", "escape", show=False),
        Binding("left,h,right,l,tab,shift+tab,j,k,up,down", "other", show=False),
    ]

    def __init__(self, question: str, *, yes: str, no: str = "cancel", neither: str = "") -> None:
        super().__init__()
        self._neither = neither
        self._question = question
        self._yes = yes
        self._no = no

    def compose(self) -> ComposeResult:
        """The question, both answers, and their keys in words."""
        with Vertical(id="confirmbox", classes="dialog"):
            yield Static(self._question, id="question", markup=False)
            with Horizontal(id="buttons"):
                yield Button(self._no, id="no", compact=True)
                yield Button(self._yes, id="yes", compact=True)
            yield Static(
                self._keys(),
                classes="dialogkeys",
                markup=False,
            )

    def on_mount(self) -> None:
        """The less destructive answer is the one that enter takes."""
        self.set_class(not glyphs().braille, "-ascii")
        self.query_one("#no").focus()

    def _keys(self) -> str:
        out = f"n {self._no}   esc {self._neither}" if self._neither else f"n or esc {self._no}"
        return f"y {self._yes}   {out}   enter takes the marked one"

    def action_escape(self) -> None:
        """Neither, or no."""
        self.dismiss(None if self._neither else False)

    def on_button_pressed(self, event: Button.Pressed) -> None:
        """An answer was given."""
        self.dismiss(event.button.id == "yes")

    def action_answer(self, sure: bool) -> None:
        """An answer was given by its key."""
        self.dismiss(sure)

    def action_other(self) -> None:
        """Mark the other answer."""
        wanted = "#no" if self.query_one("#yes").has_focus else "#yes"
        self.query_one(wanted).focus()
