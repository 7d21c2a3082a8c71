"""Starts under way on one machine, and how much they slow each other down.

A stage that takes ``d`` seconds alone takes ``d * (1 + k * (n - 1))`` beside n - 1 other starts
(``boot.*.slope_s`` over the median is its k). So while n are under way it gets on at the rate
``1 / (1 + k * (n - 1))``, and whoever joins or leaves changes the pace of all from that instant on.
Stages of one k share a virtual clock that runs at this rate; a stage ends when the clock shows what
it showed at the beginning plus d. A join or a leave costs O(log n) for each k: only the earliest of
its stages stands in the calendar.
"""

from __future__ import annotations

from heapq import heappop, heappush
from typing import Any

from simulator.engine import Simulation
from simulator.engine.calendar import Action, Entry


class StartStage:
    """One stage under way; ``cancel`` takes it out."""

    __slots__ = ("_action", "_arguments", "_number", "due")

    def __init__(self, due: float, number: int, action: Action, arguments: tuple[Any, ...]) -> None:
        self.due = due
        """What the virtual clock shows when it ends."""
        self._number = number
        self._action: Action | None = action
        self._arguments = arguments

    def cancel(self) -> None:
        """It never ends."""
        self._action = None
        self._arguments = ()

    def end(self) -> None:
        """Do what follows, unless it was taken out."""
        if self._action is not None:
            self._action(*self._arguments)

    def __bool__(self) -> bool:
        return self._action is not None

    def __lt__(self, other: StartStage) -> bool:
        return (self.due, self._number) < (other.due, other._number)


class _Pace:
    """The virtual clock of the stages of one k, in seconds of a stage that is alone."""

    def __init__(self, starts: Starts, slowing: float) -> None:
        self.starts = starts
        self.slowing = slowing
        self.clock_s = 0.0
        self.since = starts.sim.now
        self.stages: list[StartStage] = []
        self.entry: Entry | None = None

    @property
    def rate(self) -> float:
        """Seconds of the virtual clock for one of simulated time."""
        return 1.0 / (1.0 + self.slowing * max(0, self.starts.count - 1))

    def catch_up(self) -> None:
        """Bring the clock up to now, at the rate that has held until now."""
        now = self.starts.sim.now
        self.clock_s += (now - self.since) * self.rate
        self.since = now

    def arm(self) -> None:
        """Have the calendar call for the earliest stage, at the rate that holds from now on."""
        if self.entry is not None:
            self.entry.cancel()
            self.entry = None
        while self.stages and not self.stages[0]:
            heappop(self.stages)
        if not self.stages:
            self.clock_s = 0.0
            return
        left_s = max(0.0, self.stages[0].due - self.clock_s)
        self.entry = self.starts.sim.at(self.since + left_s / self.rate, self._end_of_earliest)

    def _end_of_earliest(self) -> None:
        self.entry = None
        stage = heappop(self.stages)
        self.since, self.clock_s = self.starts.sim.now, stage.due
        self.arm()
        stage.end()


class Starts:
    """The starts under way on one machine."""

    def __init__(self, sim: Simulation) -> None:
        self.sim = sim
        self.count = 0
        """How many are under way."""
        self._paces: dict[float, _Pace] = {}
        self._number = 0

    def join(self) -> None:
        """One more is under way."""
        self._change(1)

    def leave(self) -> None:
        """One is through, or given up."""
        self._change(-1)

    def stage(self, alone_s: float, slowing: float, action: Action, *arguments: Any) -> StartStage:
        """Call ``action(*arguments)`` after a stage that takes ``alone_s`` beside nobody.

        ``slowing`` is by how much of that each other start under way makes it longer.
        """
        pace = self._paces.get(slowing)
        if pace is None:
            pace = self._paces[slowing] = _Pace(self, slowing)
        if pace.stages:
            pace.catch_up()
        else:
            pace.since = self.sim.now
        self._number += 1
        stage = StartStage(pace.clock_s + alone_s, self._number, action, arguments)
        heappush(pace.stages, stage)
        if pace.stages[0] is stage:
            pace.arm()
        return stage

    def _change(self, by: int) -> None:
        busy = [pace for pace in self._paces.values() if pace.stages and pace.slowing]
        for pace in busy:
            pace.catch_up()
        self.count += by
        for pace in busy:
            pace.arm()
