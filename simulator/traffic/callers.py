"""Callers: clients that ask again a while after each answer, as loops of curl and load tools do.

One that waits for an answer sends nothing: however slow the servers are, no more requests are under
way than there are callers (a closed system with think time; Schroeder et al., NSDI 2006).
"""

from __future__ import annotations

from heapq import heappop, heappush
from math import inf

import numpy as np

from simulator.machine.cpu.station import Station
from simulator.traffic.attempts import Attempt, Attempts


class Caller:
    """One client, what it has asked so far, and what came of it."""

    def __init__(
        self, name: str, pause_s: float, patience_s: float | None = None, most: int | None = None
    ) -> None:
        """``pause_s``: from an answer to its next request. ``patience_s``: when it gives up waiting
        for an answer. ``most``: after so many requests it asks no more."""
        self.name = name
        self.pause_s = pause_s
        self.patience_s = patience_s
        self.most = most
        self.made = self.ok = self.failed = 0
        self.waited_s = 0.0
        """The sum of the times of its answers."""
        self.slowest_s = 0.0
        self.fastest_s = inf
        self.ended_at: float | None = None
        """When the last of its requests had its outcome, where it asks no more."""
        self.gone = False
        self.fenced: dict[Station, None] = {}
        """Servers that its connections do not reach."""

    def bar(self, station: Station, stopped: bool) -> None:
        """Its connections reach a server no more, or do again."""
        self.fenced.pop(station, None)
        if stopped:
            self.fenced[station] = None

    def heard(self, latency_s: float | None) -> None:
        """One request has its outcome; None: it failed."""
        if latency_s is None:
            self.failed += 1
            return
        self.ok += 1
        self.waited_s += latency_s
        self.slowest_s = max(self.slowest_s, latency_s)
        self.fastest_s = min(self.fastest_s, latency_s)


class Callers:
    """All callers of one service, the one that asks next first."""

    def __init__(self, attempts: Attempts) -> None:
        self.attempts = attempts
        self._due: list[tuple[float, int, Caller]] = []
        self._serial = 0

    def begin(self, caller: Caller, now: float) -> None:
        """From now on somebody calls."""
        self._serial += 1
        heappush(self._due, (now, self._serial, caller))

    def leave(self, caller: Caller) -> None:
        """Somebody calls no more; what is under way is answered to nobody."""
        caller.gone = True
        self._due = [one for one in self._due if one[2] is not caller]
        self._due.sort()

    def peek(self) -> float:
        """When the next one asks."""
        return self._due[0][0] if self._due else inf

    def next(self, now: float) -> Attempt:
        """The request of the caller whose turn it is."""
        caller = heappop(self._due)[2]
        caller.made += 1
        self.attempts.tally.add_arrived(np.array([now]))
        return self.attempts.wait_until(Call(self, caller, now), now, caller.patience_s)

    def again(self, caller: Caller, now: float) -> None:
        """A caller has heard, or given up: it pauses, and asks again."""
        if caller.gone:
            return
        if caller.most is not None and caller.made >= caller.most:
            caller.ended_at = now
            return
        self.begin(caller, now + caller.pause_s)


class Call(Attempt):
    """One request of a caller, which is tried once."""

    __slots__ = ("caller", "callers")

    def __init__(self, callers: Callers, caller: Caller, now: float) -> None:
        super().__init__(callers.attempts, now, 0, {})
        self.callers = callers
        self.caller = caller

    @property
    def fenced(self) -> dict[Station, None]:
        """Servers that it does not reach."""
        return self.caller.fenced

    def finished(self, station: Station, time: float) -> bool:
        """The server is done."""
        waits = self.open
        acted = super().finished(station, time)
        if waits and not self.open and self.number == 0:
            self._heard(time + station.away_s)
        return acted

    def _heard(self, time: float) -> None:
        self.caller.heard(time - self.first_at)
        self.callers.again(self.caller, time)

    def fail(self, kind: str, time: float) -> None:
        """It failed, and is not tried again."""
        if self.open:
            self.open = False
            self.number = 1
            self.attempts.tally.add_failed(kind, np.array([time]))
            self.caller.heard(None)
            self.callers.again(self.caller, time)
