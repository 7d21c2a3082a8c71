"""Work queues: what a controller has to look at, once each, when this instant's writes are made."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

from simulator.engine.calendar import Entry
from simulator.engine.simulation import Simulation

Key: TypeAlias = tuple[str, str]
"""Namespace and name, or kind and identity."""
Sync: TypeAlias = Callable[[Key], None]
FIRST_DELAY_S = 0.005
MOST_DELAY_S = 1000.0
"""client-go, ``DefaultControllerRateLimiter``: 5 ms, doubled by each failure, up to 1000 s."""


class WorkQueue:
    """Keys to look at. All that are dirty at an instant are done in one entry of the calendar."""

    def __init__(self, sim: Simulation, sync: Sync) -> None:
        """``sync``: a bound method that brings one object to what it should be."""
        self._sim = sim
        self._sync = sync
        self._dirty: dict[Key, None] = {}
        self._armed = False
        self._later: dict[Key, Entry] = {}
        self._failures: dict[Key, int] = {}

    def __len__(self) -> int:
        return len(self._dirty)

    def add(self, key: Key) -> None:
        """Look at it when what is written now has been written."""
        self._dirty[key] = None
        if not self._armed:
            self._armed = True
            self._sim.at(self._sim.now, self._work)

    def add_after(self, key: Key, seconds: float) -> None:
        """Look at it later; the earliest of several asked times counts."""
        time = self._sim.now + max(0.0, seconds)
        before = self._later.get(key)
        if before:
            if before.time <= time:
                return
            before.cancel()
        self._later[key] = self._sim.at(time, self._due, key)

    def again(self, key: Key) -> None:
        """Look at it again after a failure, later each time."""
        failures = self._failures.get(key, 0)
        self._failures[key] = failures + 1
        self.add_after(key, min(MOST_DELAY_S, FIRST_DELAY_S * 2 ** min(failures, 30)))

    def forget(self, key: Key) -> None:
        """It succeeded, or is gone: the next failure is a first one."""
        self._failures.pop(key, None)

    def _due(self, key: Key) -> None:
        self._later.pop(key, None)
        self.add(key)

    def _work(self) -> None:
        dirty, self._dirty = self._dirty, {}
        self._armed = False
        for key in dirty:
            self._sync(key)
