"""Time: pause, step, until, speed, undo and redo, and the timeline of a rewind."""

from __future__ import annotations

import math

from simulator.tui import collector
from simulator.tui.driver import AHEAD_S
from simulator.tui.screens.base import Bench
from simulator.tui.until import until_of, worth_seeing
from simulator.tui.widgets.bars import speed_text, time_text
from simulator.units import format_span

LARGE = 500
"""Containers from which on a world that was made again is kept from the collector."""
MOST_MARKS = 2000
"""Events, the newest ones, of which a timeline has marks."""
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
        """Go to the next event worth seeing."""
        self.rewind_to = None
        with self.reporting():
            found = self.driver.step()
            span = format_span(AHEAD_S)
            self.flash(found or f"nothing worth seeing is going to happen in the next {span}")
        self.look()

    def go_until(self, line: str) -> bool:
        """Do what ``until ...`` asks; False for other lines."""
        word, _, rest = line.strip().partition(" ")
        if word != "until" or self.driver.session.prompt is not None:
            return False
        self.driver.say("typed", line)
        with self.reporting():
            self.driver.wait(until_of(self.driver.session, rest))
        return True

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

    def action_earlier_event(self) -> None:
        """Choose the instant of an earlier mark of the timeline."""
        self._scrub_to_mark(-1)

    def action_later_event(self) -> None:
        """Choose the instant of a later mark of the timeline."""
        self._scrub_to_mark(1)

    def _begin_to_scrub(self) -> bool:
        now = self.driver.world.now
        if now <= 0:
            self.flash("this world has no past yet")
            return False
        if self.rewind_to is None:
            self.driver.pause()
            events = self.driver.session.reader.events(MOST_MARKS)
            marks = ((one.time, one.level) for one in events if one.level in ("warn", "bad"))
            self.marks = tuple(dict.fromkeys(marks))
        return True

    def _scrub(self, by: int) -> None:
        if not self._begin_to_scrub():
            return
        now = self.driver.world.now
        step = max(1.0, math.ceil(now / REWIND_STEPS))
        at = now if self.rewind_to is None else self.rewind_to
        if by < 0 and at <= 0:
            self.flash("this is the beginning")
            return
        at = math.floor(at / step) * step if by < 0 and at % step else at + by * step
        self._choose(at)

    def _scrub_to_mark(self, by: int) -> None:
        if not self._begin_to_scrub():
            return
        now = self.driver.world.now
        at = now if self.rewind_to is None else self.rewind_to
        times = [time for time, _ in self.marks if (time < at if by < 0 else time > at)]
        if times:
            self._choose(times[-1] if by < 0 else times[0])
        else:
            self.flash(f"nothing went wrong {'before' if by < 0 else 'after'} this")
            self._choose(at)

    def _choose(self, at: float) -> None:
        """Choose an instant, and say what happened there."""
        self.rewind_to = min(self.driver.world.now, max(0.0, at))
        events = self.driver.session.reader.events(MOST_MARKS)
        told = [one for one in events if one.time <= self.rewind_to and worth_seeing(one)]
        if told:
            self.flash(f"before it, at {time_text(told[-1].time)}: {told[-1].text}")
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
