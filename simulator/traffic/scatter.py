"""Requests of several parts: fan-out, second copies of what takes long, and their withdrawal.

A request is sent to several endpoints, or to several services, and is answered when all of them
have answered, or ``quorum`` of them. A part that has no answer after ``hedge_s`` is sent once more,
to another endpoint; the first answer counts (Dean & Barroso, "The tail at scale", CACM 2013).
Every copy draws its own work. What nobody waits for any more goes on, unless the client cancels:
then it is withdrawn from its server at once, at work or in line.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping, Sequence
from heapq import heappop, heappush
from math import inf
from typing import TYPE_CHECKING, Protocol

import numpy as np

from simulator.machine.cpu.station import WITHDRAW, Station
from simulator.traffic.attempts import Attempt, Attempts, Errand, Factors
from simulator.traffic.tally import Tally

if TYPE_CHECKING:
    from simulator.traffic.endpoint import Endpoint


class Callee(Protocol):
    """A service as those see it who call it in parts."""

    @property
    def tally(self) -> Tally:
        """What becomes of its requests."""

    @property
    def endpoints(self) -> Mapping[Station, Endpoint]:
        """Who answers for it."""

    @property
    def others(self) -> Mapping[str, Callee]:
        """All services by name."""

    def known(self, now: float) -> Sequence[Station]:
        """The endpoints that its clients know."""

    def choose(
        self, stations: Sequence[Station], left: list[Station] | None = None
    ) -> Station | None:
        """Whom to send a part to; None where there is nobody."""

    def choose_other(self, stations: Sequence[Station], first: Station | None) -> Station | None:
        """Whom to send a second copy to: anybody but the first."""

    def work_of(self, endpoint: Endpoint, factors: Factors) -> float:
        """CPU-seconds of a copy there."""


class Copy:
    """One part as one server has it."""

    acts = False
    __slots__ = ("endpoint", "inside", "part", "sent_at", "station")

    def __init__(self, part: Part) -> None:
        self.part = part
        self.station: Station | None = None
        self.endpoint: Endpoint | None = None
        self.sent_at = 0.0
        self.inside = False
        """Whether a server has it."""

    def finished(self, station: Station, time: float) -> bool:
        """The server is done; the answer arrives when its packets do."""
        self.inside = False
        if station.away_s:
            self.part.whole.errands.arrives(time + station.away_s, self)
        else:
            self.arrived(time)
        return False

    def arrived(self, now: float) -> None:
        """The client has the answer, which may be an error."""
        assert self.endpoint is not None
        if self.endpoint.fails():
            self.part.copy_failed("error", now)
        else:
            self.part.answered(self, now)

    def lost(self, station: Station, time: float) -> None:
        """The container died."""
        self.inside = False
        self.part.copy_failed("reset", time)

    def fail(self, kind: str, now: float) -> None:
        """The server did not take it."""
        self.inside = False
        self.part.copy_failed(kind, now)


class Part:
    """What one server, or one service, is asked for; there may be two copies of it."""

    __slots__ = ("copies", "failed", "known", "open", "sent_at", "service", "whole")

    def __init__(
        self, whole: Scatter, service: Callee, known: Sequence[Station], now: float
    ) -> None:
        self.whole = whole
        self.service = service
        self.known = known
        """Who answers, as far as the client knows."""
        self.sent_at = now
        self.copies: list[Copy] = []
        self.failed = 0
        self.open = True

    @property
    def foreign(self) -> bool:
        """Whether another service is called, which keeps its own account."""
        return self.service is not self.whole.errands.service

    def new_copy(self) -> Copy:
        """The first copy, or the second."""
        copy = Copy(self)
        self.copies.append(copy)
        return copy

    def answered(self, copy: Copy, now: float) -> None:
        """The first answer counts."""
        if not self.open:
            return
        self.open = False
        endpoint, latency = copy.endpoint, now - self.sent_at
        if endpoint is not None and (self.foreign or self.whole.open):
            endpoint.answered += 1
        if self.foreign:
            self.service.tally.add_ok(np.array([now]), np.array([latency]))
        self.whole.part_answered(now)
        self.whole.withdraw(self, now)

    def copy_failed(self, kind: str, now: float) -> None:
        """A part fails with the last of its copies."""
        self.failed += 1
        if self.open and self.failed == len(self.copies):
            self.close(kind, now)
            self.whole.part_failed(kind, now)

    def close(self, kind: str, now: float) -> None:
        """It has ended without an answer."""
        if self.open and self.foreign:
            self.service.tally.add_failed(kind, np.array([now]))
        self.open = False


class Scatter(Attempt):
    """One try of a request that is sent in parts."""

    __slots__ = ("cancel", "errands", "left", "missing", "parts", "spare")

    def __init__(
        self,
        attempts: Attempts,
        first_at: float,
        number: int,
        factors: Factors,
        errands: Errands,
    ) -> None:
        super().__init__(attempts, first_at, number, factors)
        self.errands = errands
        self.parts: list[Part] = []
        self.left: list[Station] = []
        """Endpoints of the service itself that have no part yet."""
        self.missing = self.spare = 0
        """Answers still needed; parts that may still fail."""
        self.cancel = attempts.client.cancel

    def begin(self, now: float) -> None:
        """Send all parts, or fail when there are not enough who could answer."""
        client = self.attempts.client
        service = self.errands.service
        known = service.known(now) if client.asked else ()
        self.left = list(known)
        own_parts = min(client.asked, len(known))
        self.parts = [Part(self, service, known, now) for _ in range(own_parts)]
        for name in client.calls:
            callee = service.others.get(name)
            if callee is not None:
                self.parts.append(Part(self, callee, callee.known(now), now))
        needed = len(client.calls) + (max(1, own_parts) if client.asked else 0)
        self.missing = client.quorum or needed
        self.spare = len(self.parts) - self.missing
        if self.spare < 0:
            self.parts.clear()
            self.fail("unavailable", now)
            return
        for part in self.parts:
            self.errands.send(part, now)
            if part.foreign:
                part.service.tally.add_arrived(np.array([now]))
        if client.hedge_s is not None:
            self.errands.hedge_later(now + client.hedge_s, client.hedge_s, self.parts)

    def part_answered(self, now: float) -> None:
        """One more answer: enough of them answer the request."""
        self.missing -= 1
        if self.open and not self.missing:
            self.open = False
            self.attempts.tally.add_ok(np.array([now]), np.array([now - self.first_at]))
            self._release(now)

    def part_failed(self, kind: str, now: float) -> None:
        """One answer will never come: when too many do not, the try has failed."""
        self.spare -= 1
        if self.spare < 0:
            self.fail(kind, now)

    def fail(self, kind: str, now: float) -> None:
        """The try failed; nobody waits for its parts."""
        if self.open:
            super().fail(kind, now)
            self._release(now)

    def _release(self, now: float) -> None:
        for part in self.parts:
            if self.cancel:
                part.close("cancelled", now)
            elif not part.foreign:
                part.open = False
            self.withdraw(part, now)

    def withdraw(self, part: Part, now: float) -> None:
        """Copies of a part that has ended need not go on, if the client says so."""
        if self.cancel:
            for copy in part.copies:
                if copy.inside:
                    self.errands.withdraw(copy, now)


class Errands:
    """What is due for the requests in parts of one service, in the order of time."""

    def __init__(self, service: Callee) -> None:
        self.service = service
        self._todo: deque[tuple[float, Copy, bool]] = deque()
        """Copies to send (true) or to withdraw at once, before anything else happens."""
        self._hedges: dict[float, deque[tuple[float, Part]]] = {}
        """Parts to be sent a second time, by delay: within one they come in order."""
        self._answers: list[tuple[float, int, Copy]] = []
        self._serial = 0

    def send(self, part: Part, now: float) -> None:
        """Send a part, for the first or the second time."""
        self._todo.append((now, part.new_copy(), True))

    def scatter(
        self, attempts: Attempts, first_at: float, number: int, factors: Factors
    ) -> Scatter:
        """A try of a request in parts, not yet sent."""
        return Scatter(attempts, first_at, number, factors, self)

    def withdraw(self, copy: Copy, now: float) -> None:
        """Take a copy away from its server."""
        self._todo.append((now, copy, False))

    def hedge_later(self, time: float, delay: float, parts: list[Part]) -> None:
        """Look at ``time`` which of these parts still have no answer."""
        line = self._hedges.setdefault(delay, deque())
        line.extend((time, part) for part in parts)

    def arrives(self, time: float, copy: Copy) -> None:
        """An answer is on its way."""
        self._serial += 1
        heappush(self._answers, (time, self._serial, copy))

    def peek(self) -> float:
        """Time of the next errand."""
        if self._todo:
            return self._todo[0][0]
        first = self._answers[0][0] if self._answers else inf
        for line in self._hedges.values():
            while line and not line[0][1].open:
                line.popleft()
            if line and line[0][0] < first:
                first = line[0][0]
        return first

    def next(self, now: float) -> Errand | None:
        """Do the next errand: a job to send or to withdraw, or None when there is none in it."""
        if self._todo:
            _, copy, send = self._todo.popleft()
            return self._sent(copy, now) if send else self._withdrawn(copy, now)
        if self._answers and self._answers[0][0] <= now:
            heappop(self._answers)[2].arrived(now)
            return None
        for line in self._hedges.values():
            if line and line[0][0] <= now:
                part = line.popleft()[1]
                if part.open and part.whole.open:
                    self._hedge(part, now)
                break
        return None

    def _hedge(self, part: Part, now: float) -> None:
        if len(part.known) > 1:
            self.service.tally.hedges += 1
            self.send(part, now)

    def _sent(self, copy: Copy, now: float) -> Errand | None:
        part = copy.part
        if not part.open:
            return None
        first = part.copies[0]
        if copy is not first:
            station = part.service.choose_other(part.known, first.station)
        else:
            station = part.service.choose(part.known, None if part.foreign else part.whole.left)
        if station is None:
            copy.fail("unavailable", now)
            return None
        copy.station, copy.sent_at = station, now
        copy.endpoint = endpoint = part.service.endpoints.get(station)
        if endpoint is None:
            copy.fail("refused", now)
            return None
        if endpoint.drops():
            copy.fail("timeout", now)
            return None
        copy.inside = True
        own = copy is first and part is part.whole.parts[0] and not part.foreign
        factors = part.whole.factors if own else {}
        return station, part.service.work_of(endpoint, factors), now, copy

    @staticmethod
    def _withdrawn(copy: Copy, now: float) -> Errand | None:
        if not copy.inside:
            return None
        copy.inside = False
        assert copy.station is not None
        return copy.station, WITHDRAW, now, copy
