"""Typing: commands, filters, completions."""

from __future__ import annotations

from collections.abc import Sequence

from rich.text import Text
from textual import events
from textual.widgets import Static

from simulator.errors import DrydockError
from simulator.shell.words import Joined
from simulator.tui.cluster_words import Offer, offers
from simulator.tui.glyphs import glyphs
from simulator.tui.ports import CompletionPort
from simulator.tui.screens.lines import Lines
from simulator.tui.widgets.board import Board
from simulator.tui.widgets.events import EventsView
from simulator.tui.widgets.ink import plain
from simulator.tui.widgets.prompt import SEARCH, Prompt

MOST_SHOWN = 40
"""Characters of a prompt that have a place in front of a line."""
UNFINISHED = "... "
"""In front of the next part of a line that is not finished."""


class PromptActions(Lines):
    """Actions that type, and what happens to what was typed."""

    _filtered: str = "map"
    _sign: str = ""
    _joined: Joined

    def on_mount(self) -> None:
        """Nothing is typed yet."""
        self._joined = Joined()

    def action_prompt(self) -> None:
        """Type a command."""
        self._open(":")

    def action_history(self) -> None:
        """Look for an earlier line."""
        self._open(":")
        self.prompt.search()

    def action_until(self) -> None:
        """Type until when time is to pass."""
        self._open(":", "until ")

    def action_filter(self) -> None:
        """Filter the map or the events."""
        pane = self.pane()
        self._filtered = "events" if isinstance(pane, EventsView) else self.place
        self._open("/", self._filter_of(self._filtered))

    def _open(self, mode: str, text: str = "") -> None:
        self.show_sign(mode)
        self.prompt.open(mode, text)

    def show_sign(self, mode: str = ":") -> None:
        """In front of what is typed: drydock's sign, or that of a program in a container."""
        sign = {"/": "/ ", SEARCH: "earlier / "}.get(mode) or self._own_sign()
        if sign != self._sign:
            self._sign = sign
            self.query_one("#mode", Static).update(Text(sign))

    def _own_sign(self) -> str:
        if self._joined.parts:
            return UNFINISHED
        return (self.driver.session.prompt or f"{glyphs().cursor} ")[:MOST_SHOWN]

    def look(self) -> None:
        """Show what is seen now, and whose line is typed."""
        super().look()
        self.show_sign(self.prompt.mode)

    def completions(self, line: str, cursor: int) -> Sequence[CompletionPort]:
        """Words that could stand at the cursor."""
        places = [*_own_words(line[:cursor])]
        places += offers(line[:cursor]) if self.place == "cluster" else []
        try:
            return [*places, *self.driver.session.complete(line, cursor)]
        except DrydockError:
            return places

    def on_prompt_submitted(self, message: Prompt.Submitted) -> None:
        """Carry out a line; a filter is kept and the keys come back."""
        if message.mode == "/":
            self._keep_filter()
        elif message.text and self.driver.session.prompt is not None:
            self.submit(message.text)
        elif message.text or self._joined.parts:
            self._add(message.text)

    def _add(self, text: str) -> None:
        """Carry out a line, once all of it is there."""
        whole = self._joined.add(text)
        if whole is not None:
            self.submit(whole)
        self.show_sign()

    def on_paste(self, event: events.Paste) -> None:
        """A text that was pasted where nothing is typed goes to the prompt."""
        event.stop()
        self._open(":")
        self.prompt.paste(event.text)

    def on_prompt_pasted(self, message: Prompt.Pasted) -> None:
        """Carry out lines that came at once."""
        self.submit_all(message.lines)

    def on_prompt_left(self, message: Prompt.Left) -> None:
        """Give the keys back; a filter that is left is taken off, an unfinished line forgotten."""
        self._joined.end()
        if message.mode == "/":
            self.set_filter(self._filtered, "")
        self._keep_filter()

    def on_prompt_changing(self, message: Prompt.Changing) -> None:
        """Filter while one types."""
        self.set_filter(self._filtered, message.text)

    def on_prompt_offered(self, message: Prompt.Offered) -> None:
        """Show completions above the prompt, with what the chosen one means."""
        box = self.query_one("#offers", Static)
        box.set_class(bool(message.offers), "-open")
        self.show_sign(self.prompt.mode)
        self.show_keys()
        if not message.offers:
            return
        chosen = max(0, message.chosen)
        if message.rows:
            box.update("\n".join(self._rows(message, chosen)))
            return
        first = max(0, chosen - 3)
        words, used = [], 0
        for index, offer in enumerate(message.offers[first:], start=first):
            word = f"[{offer.text}]" if index == message.chosen else f" {offer.text} "
            if used + len(word) + 4 > self.size.width - 2:
                words.append(glyphs().ellipsis)
                break
            words.append(word)
            used += len(word)
        box.update("".join(words) + "\n" + message.offers[chosen].help)

    def _rows(self, message: Prompt.Offered, chosen: int) -> list[str]:
        """Three whole lines, the chosen one marked; the nearest to the prompt is the newest."""
        first = max(0, min(chosen, len(message.offers) - 3))
        shown = list(enumerate(message.offers))[first : first + 3]
        width = self.size.width - 4
        mark = glyphs().cursor
        return [
            f"{mark if index == chosen else ' '} {offer.text}"[:width]
            for index, offer in reversed(shown)
        ]

    def _keep_filter(self) -> None:
        self.show_sign()
        if self.prompt.mode == "/":
            self.prompt.mode = ":"
            self.prompt.value = ""
        target = self.query_one(f"#{self._filtered}")
        (target if target.display else self.main).focus()

    def _filter_of(self, name: str) -> str:
        if name == "cluster":
            return self.cluster.view.filter
        if isinstance(self.main, Board) and name == self.place:
            return self.main.place.filter
        return self.events.filter if name == "events" else self.map.filter

    def set_filter(self, name: str, text: str) -> None:
        """Filter a pane and say so in its title."""
        if name == "cluster":
            self.cluster.set_filter(text)
        elif isinstance(self.main, Board) and name == self.place:
            self.main.set_filter(text)
        else:
            (self.events if name == "events" else self.map).set_filter(text)
        if name == "events":
            self.events.border_title = plain(f"4 events  /{text}" if text else "4 events")
        elif not self.replaying:
            self.look()


OWN = {
    "until": "let time pass until 5m, event oom, web.p95 > 250ms",
    "branch": "a second world that is as this one is now",
    "world": "turn to another world: world b; world b close forgets it",
}
"""Words of the workbench itself."""


def _own_words(typed: str) -> list[Offer]:
    return [Offer(word, 0, note) for word, note in OWN.items() if typed and word.startswith(typed)]
