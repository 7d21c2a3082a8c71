"""Keys, pastes and clicks one after another: each is done with before the next one is looked at.

Textual hands a key to what has the focus when it is read. Whoever types ahead, while a screen opens
or the model is loaded, would type at what had the focus before, or at nothing. Here a key waits
until the one before it has gone all its way and what it opened stands.
"""

from __future__ import annotations

import asyncio
from collections import deque
from typing import Any

from textual import events
from textual.app import App
from textual.errors import NoWidget
from textual.message_pump import MessagePump
from textual.widgets import Input

PATIENCE_S = 2.0
"""Wall seconds that the next key waits for a part of the screen that does not answer."""
MOST_WAITING = 100_000
"""Events that wait at most; a person types no more, a stuck key or a file sent by mistake does."""
LOOK_S = 0.02
"""Wall seconds between two looks at whether that part is still there."""
AT_ONCE = frozenset({"ctrl+c", "ctrl+q"})
"""Keys that wait for nothing: how one gets out."""
ROUNDS = 2
"""How often a message may make another one before the next key: a key, what was submitted."""


class InTurn(App[None]):
    """An application whose input is carried out in the order in which it came."""

    def __init__(self, **more: Any) -> None:
        super().__init__(**more)
        self._input: deque[events.Event] = deque()
        self._turn: asyncio.Task[None] | None = None
        self._open = False
        """Whether the first screen stands."""

    def begin_input(self) -> None:
        """The first screen stands: what was typed until now is carried out, and all that comes."""
        self._open = True
        self._turn = asyncio.create_task(self._settle([]))

    def holds_input(self) -> bool:
        """Whether input has to wait for something that is under way; ``next_input`` ends that."""
        return False

    def next_input(self) -> None:
        """What input waited for is over."""
        if self._input and self._turn is None:
            self.call_later(self._next)

    async def on_event(self, event: events.Event) -> None:
        """Let input wait for its turn."""
        out = isinstance(event, events.Key) and event.key in AT_ONCE and self._open
        if out or not _takes_turns(event):
            await super().on_event(event)
        elif len(self._input) < MOST_WAITING:
            self._input.append(_as_enter(event))
            await self._next()

    async def _next(self) -> None:
        """Carry out what waits, as far as nothing has to be awaited."""
        while self._input and self._open and self._turn is None and not self.holds_input():
            event = self._input.popleft()
            chain = self._chain(event)
            await super().on_event(event)
            if not self._types(event):
                self._turn = asyncio.create_task(self._settle(chain))

    def _types(self, event: events.Event) -> bool:
        """Whether it is a letter in a line of text, after which the next one may follow at once."""
        return isinstance(event, events.Key) and event.is_printable and self._at_text()

    def _at_text(self) -> bool:
        return isinstance(self.focused, Input)

    def _chain(self, event: events.Event) -> list[MessagePump]:
        """Whom an event passes on its way up."""
        target: Any = self.focused
        if isinstance(event, events.MouseEvent):
            try:
                target, _ = self.get_widget_at(event.x, event.y)
            except NoWidget:
                target = None
        return [] if target is None else [*target.ancestors_with_self]

    async def _settle(self, chain: list[MessagePump]) -> None:
        """Wait until an event has passed by all of these, and what came of it is done."""
        try:
            for _ in range(ROUNDS):
                for pump in [*chain, self]:
                    await _heard(pump)
                await self._standing()
        finally:
            self._turn = None
            self.call_later(self._next)

    async def _standing(self) -> None:
        """The screen on top stands, with its focus where it belongs."""
        for _ in range(len(self.screen_stack) + 1):
            screen = self.screen
            await _heard(screen)
            if self.focused is not None:
                await _heard(self.focused)
            if self.screen is screen and screen.is_mounted:
                return


async def _heard(pump: MessagePump) -> None:
    """Wait until somebody has done all that was sent to them up to now, or is there no more."""
    done = asyncio.Event()
    if not pump.is_running or not pump.call_later(done.set):
        return
    for _ in range(round(PATIENCE_S / LOOK_S)):
        try:
            await asyncio.wait_for(done.wait(), LOOK_S)
        except TimeoutError:
            if not pump.is_running or not pump.is_attached:
                return
        else:
            return


def _as_enter(event: events.Event) -> events.Event:
    """A line feed is an enter: what is typed before a terminal is ours, and pasted by some."""
    if isinstance(event, events.Key) and event.key == "ctrl+j":
        return events.Key("enter", "\r")
    return event


def _takes_turns(event: events.Event) -> bool:
    if isinstance(event, events.Key | events.Paste):
        return not event.is_forwarded
    if isinstance(event, events.MouseEvent) and not isinstance(event, events.MouseMove):
        return not event.is_forwarded
    return False
