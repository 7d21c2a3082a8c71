"""The prompt: one line with completion and history; the same line serves as a filter."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from textual import events
from textual.message import Message
from textual.widgets import Input

from simulator.tui.ports import CompletionPort

MAX_SHOWN = 6
HISTORY = 500


class Prompt(Input):
    """An input line. Tab completes, up and down walk through history, escape leaves."""

    DEFAULT_CSS = "Prompt { height: 1; border: none; padding: 0; }"

    class Submitted(Message):
        """A line was entered. ``mode`` is ``:`` for a command, ``/`` for a filter."""

        def __init__(self, mode: str, text: str) -> None:
            super().__init__()
            self.mode = mode
            self.text = text

    class Changing(Message):
        """The text of a filter changed; it applies while one types."""

        def __init__(self, text: str) -> None:
            super().__init__()
            self.text = text

    class Left(Message):
        """Escape was pressed."""

        def __init__(self, mode: str) -> None:
            super().__init__()
            self.mode = mode

    class Offered(Message):
        """Completions to show above the line; empty hides them."""

        def __init__(self, offers: Sequence[CompletionPort], chosen: int) -> None:
            super().__init__()
            self.offers = offers
            self.chosen = chosen

    def __init__(
        self,
        complete: Callable[[str, int], Sequence[CompletionPort]],
    ) -> None:
        super().__init__(id="prompt", select_on_focus=False, compact=True)
        self.cursor_blink = False
        self.mode = ":"
        self.history: list[str] = []
        self._complete = complete
        self._at: int | None = None
        self._draft = ""
        self._offers: Sequence[CompletionPort] = ()
        self._chosen = -1

    def open(self, mode: str, text: str = "") -> None:
        """Start typing a command or a filter."""
        self.mode = mode
        self.value = text
        self.cursor_position = len(text)
        self._at = None
        self.focus()

    # --- keys ---------------------------------------------------------------------------------

    async def _on_key(self, event: events.Key) -> None:
        handler = {
            "tab": self._tab,
            "shift+tab": self._back_tab,
            "up": self._up,
            "down": self._down,
            "enter": self._enter,
            "escape": self._escape,
        }.get(event.key)
        if handler is not None:
            event.stop()
            event.prevent_default()
            handler()
            return
        await super()._on_key(event)

    def _enter(self) -> None:
        self._hide()
        text = self.value.strip()
        if self.mode == ":" and text:
            if not self.history or self.history[-1] != text:
                self.history.append(text)
                del self.history[:-HISTORY]
            self.value = ""
        self._at = None
        self.post_message(self.Submitted(self.mode, text))

    def _escape(self) -> None:
        if self._offers:
            self._hide()
            return
        self.post_message(self.Left(self.mode))

    def _up(self) -> None:
        if not self.history or self.mode != ":":
            return
        if self._at is None:
            self._draft = self.value
            self._at = len(self.history)
        self._at = max(0, self._at - 1)
        self._recall(self.history[self._at])

    def _down(self) -> None:
        if self._at is None or self.mode != ":":
            return
        self._at += 1
        if self._at >= len(self.history):
            self._at = None
            self._recall(self._draft)
        else:
            self._recall(self.history[self._at])

    def _recall(self, text: str) -> None:
        self.value = text
        self.cursor_position = len(text)

    # --- completion ---------------------------------------------------------------------------

    def _tab(self) -> None:
        if self.mode != ":":
            return
        if self._offers:
            self._choose((self._chosen + 1) % len(self._offers))
            return
        offers = list(self._complete(self.value, self.cursor_position))
        if not offers:
            return
        if len(offers) == 1:
            self._put(offers[0], final=True)
            return
        common = _common_prefix([one.text for one in offers])
        typed = self.value[offers[0].start : self.cursor_position]
        if len(common) > len(typed):
            self._replace(offers[0].start, common)
        self._offers, self._chosen = offers, -1
        self.post_message(self.Offered(offers, -1))

    def _back_tab(self) -> None:
        if self._offers:
            self._choose((self._chosen - 1) % len(self._offers))

    def _choose(self, index: int) -> None:
        self._chosen = index
        self._put(self._offers[index], final=False)
        self.post_message(self.Offered(self._offers, index))

    def _put(self, offer: CompletionPort, *, final: bool) -> None:
        text = offer.text
        if final and not text.endswith(("/", "=")):
            text += " "
        self._replace(offer.start, text)

    def _replace(self, start: int, text: str) -> None:
        with self.prevent(Input.Changed):
            rest = self.value[self.cursor_position :]
            self.value = self.value[:start] + text + rest
            self.cursor_position = start + len(text)

    def _hide(self) -> None:
        if self._offers:
            self._offers, self._chosen = (), -1
            self.post_message(self.Offered((), -1))

    def on_input_changed(self, event: Input.Changed) -> None:
        """Typing on hides the list; a filter applies at once."""
        event.stop()
        self._hide()
        if self.mode == "/":
            self.post_message(self.Changing(self.value))


def _common_prefix(words: Sequence[str]) -> str:
    first, last = min(words), max(words)
    for index, char in enumerate(first):
        if index >= len(last) or last[index] != char:
            return first[:index]
    return first
