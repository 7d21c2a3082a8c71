"""The prompt: one line with completion and history; the same line serves as a filter."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from textual import events
from textual.message import Message
from textual.widgets import Input

from simulator.tui.ports import CompletionPort

HISTORY = 500
MOST_PASTED = 1 << 20
"""Characters of a paste that are taken."""
SEARCH = "search"
"""The mode in which an earlier line is looked for."""
AWAY = "press : to type a command; ? shows all keys"
PLACEHOLDERS = {":": "a command; tab completes, 'help' lists all", "/": "show only rows with this"}
NONE_FOUND = "no earlier line contains this"


@dataclass(frozen=True, slots=True)
class Earlier:
    """A line of the history, offered like a completion."""

    text: str
    start: int = 0
    help: str = ""


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

    class Pasted(Message):
        """Several lines were pasted, all of them ended; they are run one after another."""

        def __init__(self, lines: Sequence[str]) -> None:
            super().__init__()
            self.lines = lines

    class Left(Message):
        """Escape was pressed."""

        def __init__(self, mode: str) -> None:
            super().__init__()
            self.mode = mode

    class Offered(Message):
        """Completions to show above the line; empty hides them."""

        def __init__(
            self, offers: Sequence[CompletionPort], chosen: int, *, rows: bool = False
        ) -> None:
            """``rows``: they are whole lines, one below the other."""
            super().__init__()
            self.offers = offers
            self.chosen = chosen
            self.rows = rows

    def __init__(
        self,
        complete: Callable[[str, int], Sequence[CompletionPort]],
    ) -> None:
        super().__init__(id="prompt", select_on_focus=False, compact=True)
        self.cursor_blink = False
        self.placeholder = AWAY
        self.mode = ":"
        self.history: list[str] = []
        self._complete = complete
        self._at: int | None = None
        self._draft = ""
        self._offers: Sequence[CompletionPort] = ()
        self._chosen = -1
        self._found: list[str] = []
        """Earlier lines that contain what is searched for, the newest first."""

    def on_focus(self) -> None:
        """What may be typed now."""
        self.placeholder = PLACEHOLDERS.get(self.mode, "")

    def on_blur(self) -> None:
        """How one comes back here."""
        self.placeholder = AWAY

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
            "ctrl+r": self.search,
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
        if self.mode == SEARCH:
            self._take_found()
            return
        self._hide()
        text = self.value.strip()
        if self.mode == ":" and text:
            self.remember(text)
            self.value = ""
        self._at = None
        self.post_message(self.Submitted(self.mode, text))

    def remember(self, text: str) -> None:
        """Keep a line for later."""
        if text and (not self.history or self.history[-1] != text):
            self.history.append(text)
            del self.history[:-HISTORY]

    def _escape(self) -> None:
        if self.mode == SEARCH:
            self._back_from_search(self._draft)
            return
        if self._offers:
            self._hide()
            return
        self.post_message(self.Left(self.mode))

    def _on_paste(self, event: events.Paste) -> None:
        """One line is put where the cursor is; of several, all that are ended are run."""
        event.stop()
        event.prevent_default()
        self.paste(event.text)

    def paste(self, text: str) -> None:
        """Take a text as if it had been typed. ``text`` may have several lines."""
        from simulator.shell.script import lines

        text = text[:MOST_PASTED].replace("\r\n", "\n").replace("\r", "\n").expandtabs(1)
        if self.mode != ":" or "\n" not in text:
            self.insert_text_at_cursor(text.partition("\n")[0])
            return
        at = self.cursor_position
        whole = list(lines(self.value[:at] + text + self.value[at:]))
        left = "" if text.endswith("\n") and not self.value[at:] else whole.pop()[1]
        ended = [one.strip() for _, one in whole if one.strip()]
        if "\n" in left:
            ended, left = [*ended, left], ""
        for one in ended:
            self.remember(one)
        self._recall(left)
        if ended:
            self.post_message(self.Pasted(ended))

    # --- history ------------------------------------------------------------------------------

    def search(self) -> None:
        """Look for an earlier line by a part of it; once more goes on to an older one."""
        if self.mode == SEARCH:
            self._choose_found(self._chosen + 1)
        elif self.mode == ":":
            self._draft = self.value
            self._hide()
            self.mode = SEARCH
            self._recall("")
            self._find()
            self.focus()

    def _find(self) -> None:
        wanted = self.value.lower()
        newest = dict.fromkeys(reversed(self.history))
        self._found = [one for one in newest if wanted in one.lower()]
        self._choose_found(0)

    def _choose_found(self, index: int) -> None:
        self._chosen = max(0, min(index, len(self._found) - 1))
        offers = [Earlier(one) for one in self._found] or [Earlier(NONE_FOUND)]
        self.post_message(self.Offered(offers, self._chosen, rows=True))

    def _take_found(self) -> None:
        self._back_from_search(self._found[self._chosen] if self._found else self._draft)

    def _back_from_search(self, text: str) -> None:
        self.mode, self._found, self._chosen = ":", [], -1
        self._at = None
        self._recall(text)
        self.post_message(self.Offered((), -1))

    def _up(self) -> None:
        if self.mode == SEARCH:
            self._choose_found(self._chosen + 1)
            return
        if not self.history or self.mode != ":":
            return
        if self._at is None:
            self._draft = self.value
            self._at = len(self.history)
        self._at = max(0, self._at - 1)
        self._recall(self.history[self._at])

    def _down(self) -> None:
        if self.mode == SEARCH:
            self._choose_found(self._chosen - 1)
            return
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
        if self.mode == SEARCH:
            self._find()
        if self.mode == "/":
            self.post_message(self.Changing(self.value))


def _common_prefix(words: Sequence[str]) -> str:
    first, last = min(words), max(words)
    for index, char in enumerate(first):
        if index >= len(last) or last[index] != char:
            return first[:index]
    return first
