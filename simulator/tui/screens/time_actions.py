"""Time: pause, step, speed, undo and redo, and the timeline of a rewind."""

from __future__ import annotations

import math

from simulator.tui import collector
from simulator.tui.screens.base import Bench
from simulator.tui.widgets.bars import speed_text

LARGE = 500
"""Containers from which on a world that was made again is kept from the collector."""
REWIND_STEPS = 40
"""Presses from one end of the timeline to the other."""


class TimeActions(Bench):
    """Actions on simulated time."""

    def action_pause(self) -> None:
        """Pause or run."""
        self.rewind_to = None
        self.driver.toggle()
        self.look()

    def action_step(self) -> None:
        """Go to the next instant at which something happens."""
        with self.reporting():
            if not self.driver.step():
                self.flash("nothing is going to happen: there is no work in this world")
        self.look()

    def action_faster(self) -> None:
        """Let time pass faster."""
        self._change_speed(1)

    def action_slower(self) -> None:
        """Let time pass slower."""
        self._change_speed(-1)

    def _change_speed(self, by: int) -> None:
        speed = self.driver.change_speed(by)
        word = "as fast as it can" if math.isinf(speed) else f"x{speed_text(speed)}"
        if not self.driver.running:
            self.flash(f"speed {word} when time runs (space)")
        self.show_clock()

    def action_undo(self) -> None:
        """Take back the last line that changed the world."""
        self.replay("undo")

    def action_redo(self) -> None:
        """Have again what was taken back."""
        self.replay("redo")

    def action_rewind_back(self) -> None:
        """Choose an earlier instant."""
        self._scrub(-1)

    def action_rewind_on(self) -> None:
        """Choose a later instant again."""
        self._scrub(1)

    def _scrub(self, by: int) -> None:
        now = self.driver.world.now
        if now <= 0:
            self.flash("this world has no past yet")
            return
        self.driver.pause()
        step = max(1.0, math.ceil(now / REWIND_STEPS))
        at = now if self.rewind_to is None else self.rewind_to
        at = math.floor(at / step) * step if by < 0 and at % step else at + by * step
        self.rewind_to = min(now, max(0.0, at))
        self.look()

    def go_there(self) -> bool:
        """Rewind to the chosen instant; False when none was chosen."""
        if self.rewind_to is None:
            return False
        to, self.rewind_to = self.rewind_to, None
        back = self.driver.world.now - to
        if back > 0:
            self.replay(f"rewind {back:.9g}s")
        else:
            self.show_clock()
        return True

    def replay(self, line: str) -> None:
        """Carry out a line that runs history again, in a thread: it may take seconds."""
        if self.driver.playback is not None or self.driver.job is not None:
            self.driver.leave()
        self.background("replaying", lambda: self._again(line), self._replayed)

    def _again(self, line: str) -> None:
        self.driver.submit(line)
        if self.seen is not None and self.seen.totals.containers >= LARGE:
            collector.keep()

    def _replayed(self) -> None:
        self.driver.replayed()
        self.look()
        self.show_page()
