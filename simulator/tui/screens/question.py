"""Answering a prediction or another question of a lesson."""

from __future__ import annotations

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Vertical
from textual.screen import ModalScreen
from textual.widgets import Input, OptionList, Static

from simulator.tui.glyphs import glyphs, to_ascii
from simulator.tui.lesson_mode import LETTERS, Question

SKIP = "\x00skip"
"""What the dialog answers when the run is wanted without a prediction."""


class QuestionDialog(ModalScreen[str | None]):
    """Options to choose from by letter or cursor, or a line to fill in. None: not now."""

    BINDINGS: ClassVar = [
        Binding("escape,q", "later", show=False),
        Binding("j", "cursor(1)", show=False),
        Binding("k", "cursor(-1)", show=False),
        Binding("ctrl+s", "skip", show=False),
        *(Binding(letter, f"letter({n})", show=False) for n, letter in enumerate(LETTERS)),
        *(Binding(str(n + 1), f"letter({n})", show=False) for n in range(9)),
    ]

    def __init__(self, question: Question, *, can_skip: bool) -> None:
        super().__init__()
        self._question = question
        self._can_skip = can_skip

    @property
    def _is_choice(self) -> bool:
        return self._question.kind == "choice"

    def compose(self) -> ComposeResult:
        """The question, its answers, the keys."""
        question = self._question
        with Vertical(id="questionbox", classes="dialog"):
            yield Static(to_ascii(question.ask), id="question", markup=False)
            if self._is_choice:
                yield OptionList(
                    *(
                        f"{letter}) {to_ascii(option)}"
                        for letter, option in zip(LETTERS, question.options, strict=False)
                    ),
                    markup=False,
                    compact=True,
                )
            else:
                if question.options:
                    rows = (f"{n}. {one}" for n, one in enumerate(question.options, start=1))
                    yield Static("\n".join(rows), id="items", markup=False)
                yield Input(placeholder=self._placeholder(), compact=True)
            yield Static(self._keys(), classes="dialogkeys", markup=False)

    def _placeholder(self) -> str:
        return {
            "number": f"a number{', in ' + self._question.unit if self._question.unit else ''}",
            "order": "the numbers in the right order, for example 3 1 2",
            "identify": "names, with spaces between them",
        }.get(self._question.kind, "your answer")

    def _keys(self) -> str:
        keys = "a, b, ... answer   " if self._is_choice else ""
        skip = "ctrl+s run without predicting   " if self._can_skip else ""
        return f"{keys}enter take it   {skip}esc not now"

    def on_mount(self) -> None:
        """Take the focus."""
        self.set_class(not glyphs().braille, "-ascii")
        box = self.query_one("#questionbox")
        box.border_title = "Predict first" if self._question.is_prediction else "Your answer"
        (self.query_one(OptionList) if self._is_choice else self.query_one(Input)).focus()

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        """Enter on an option."""
        self.dismiss(self._question.options[event.option_index])

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Enter on the line."""
        if event.value.strip():
            self.dismiss(event.value.strip())

    def action_letter(self, index: int) -> None:
        """An option by its letter or number."""
        if self._is_choice and index < len(self._question.options):
            self.dismiss(self._question.options[index])

    def action_cursor(self, by: int) -> None:
        """Next or previous option."""
        if self._is_choice:
            options = self.query_one(OptionList)
            (options.action_cursor_down if by > 0 else options.action_cursor_up)()

    def action_skip(self) -> None:
        """Run without predicting; the record says so."""
        if self._can_skip:
            self.dismiss(SKIP)

    def action_later(self) -> None:
        """Not now."""
        self.dismiss(None)
