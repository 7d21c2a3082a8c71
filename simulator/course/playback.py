"""A run block of a lesson under way, so that a screen can show it at any speed."""

from __future__ import annotations

from typing import Protocol

from simulator.course.model import Run
from simulator.course.player import Player, Typed
from simulator.course.session import Session
from simulator.ports import Outcome


class LessonPrompt(Protocol):
    """The lesson under way, as far as a block of it types lines."""

    @property
    def session(self) -> Session:
        """The session as it is now."""

    def type_line(self, line: str, wait: bool) -> Outcome:
        """Type a line of the lesson's own."""

    def end_block(self, name: str) -> None:
        """A block has been played."""


class Playback(Player):
    """A run block under way.

    A screen calls ``play(until)`` each frame with the simulated time that the frame may reach; it
    gets the lines typed since, with what they printed. ``finish()`` plays the rest at once.
    """

    def __init__(self, run: LessonPrompt, block: Run) -> None:
        self.block = block
        self._run = run
        super().__init__(
            block.lines, lambda: run.session, lambda line: run.type_line(line, wait=False)
        )

    def play(self, until: float) -> list[Typed]:
        """Go on until a simulated time at the latest; the lines typed and their outcomes."""
        was_done = self.done
        typed = super().play(until)
        if self.done and not was_done:
            self._run.end_block(self.block.id)
        return typed

    def stop(self) -> None:
        """Leave the rest of the block untyped."""
        if not self.done:
            super().stop()
            self._run.end_block(self.block.id)
