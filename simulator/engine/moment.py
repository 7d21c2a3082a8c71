"""Something that happens once, and who is told: a list of bound methods, not of processes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import simpy

from simulator.engine.calendar import Action

if TYPE_CHECKING:
    from simulator.engine.simulation import Simulation


class Moment:
    """A moment that comes once. Whoever waits for it is called at its instant, in turn.

    The calls are entries of the calendar: they come after what is being done at that instant, and
    a moment can be copied with those who wait for it.
    """

    __slots__ = ("_sim", "_waiting", "come")

    def __init__(self, sim: Simulation) -> None:
        self._sim = sim
        self._waiting: list[tuple[Action, tuple[Any, ...]]] = []
        self.come = False

    def when(self, action: Action, *arguments: Any) -> None:
        """Call ``action(*arguments)`` when the moment comes; at once, after it has."""
        if self.come:
            self._sim.at(self._sim.now, action, *arguments)
        else:
            self._waiting.append((action, arguments))

    def happen(self) -> None:
        """It is now; nothing when it was before."""
        self.come = True
        waiting, self._waiting = self._waiting, []
        for action, arguments in waiting:
            self._sim.at(self._sim.now, action, *arguments)

    def event(self) -> simpy.Event:
        """A SimPy event that succeeds when the moment comes, for a process to yield."""
        event = self._sim.env.event()
        self.when(event.succeed)
        return event
