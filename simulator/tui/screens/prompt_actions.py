"""Typing: commands, filters, completions."""

from __future__ import annotations

from collections.abc import Sequence

from rich.text import Text
from textual.widgets import Static

from simulator.errors import DrydockError
from simulator.tui.cluster_words import offers
from simulator.tui.glyphs import glyphs
from simulator.tui.ports import CompletionPort
from simulator.tui.screens.cluster_actions import ClusterActions
from simulator.tui.screens.lesson_actions import LessonActions
from simulator.tui.screens.time_actions import TimeActions
from simulator.tui.widgets.events import EventsView
from simulator.tui.widgets.ink import plain
from simulator.tui.widgets.prompt import Prompt

MOST_SHOWN = 40
"""Characters of a prompt that have a place in front of a line."""
REPLAYING = ("undo", "redo", "rewind")


class PromptActions(LessonActions, TimeActions, ClusterActions):
    """Actions that type, and what happens to what was typed."""

    _filtered: str = "map"
    _sign: str = ""

    def action_prompt(self) -> None:
        """Type a command."""
        self._open(":")

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
        inside = self.driver.session.prompt
        sign = inside if inside else f"{glyphs().cursor} "
        sign = sign[:MOST_SHOWN] if mode == ":" else "/ "
        if sign != self._sign:
            self._sign = sign
            self.query_one("#mode", Static).update(Text(sign))

    def look(self) -> None:
        """Show what is seen now, and whose line is typed."""
        super().look()
        self.show_sign(self.prompt.mode)

    def completions(self, line: str, cursor: int) -> Sequence[CompletionPort]:
        """Words that could stand at the cursor."""
        places = offers(line[:cursor]) if self.place == "cluster" else []
        try:
            return [*places, *self.driver.session.complete(line, cursor)]
        except DrydockError:
            return places

    def on_prompt_submitted(self, message: Prompt.Submitted) -> None:
        """Carry out a line; a filter is kept and the keys come back."""
        if message.mode == "/":
            self._keep_filter()
        elif message.text:
            self.submit(message.text)

    def on_prompt_left(self, message: Prompt.Left) -> None:
        """Give the keys back; a filter that is left is taken off."""
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
        if not message.offers:
            return
        chosen = max(0, message.chosen)
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

    def submit(self, line: str) -> None:
        """Carry out a typed line; one that replays history does so in a thread."""
        if self.lesson_word(line) or self.goes_to_cluster(line):
            return
        words = line.split()
        if words and words[0] in REPLAYING and "--help" not in words:
            self.replay(line)
            return
        self.driver.submit(line)
        self.look()

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
        return self.events.filter if name == "events" else self.map.filter

    def set_filter(self, name: str, text: str) -> None:
        """Filter a pane and say so in its title."""
        if name == "cluster":
            self.cluster.set_filter(text)
        else:
            (self.events if name == "events" else self.map).set_filter(text)
        if name == "events":
            self.events.border_title = plain(f"4 events  /{text}" if text else "4 events")
        elif not self.replaying:
            self.look()
