"""Requests followed one by one: clients that lose patience and try again.

A client that gives up does not stop the server: the work is done all the same, which is what
turns an overload into a retry storm (Bronson et al., HotOS 2021; Huang et al., OSDI 2022).
"""

from __future__ import annotations

from collections import deque
from collections.abc import Collection
from heapq import heappop, heappush
from math import inf
from typing import TYPE_CHECKING, Protocol

import numpy as np

from simulator.machine.cpu.station import ROUNDING_S, Job, Station
from simulator.traffic.client import ClientPolicy
from simulator.traffic.distributions import Distribution
from simulator.traffic.tally import Tally

if TYPE_CHECKING:
    from simulator.traffic.endpoint import Endpoint

Factors = dict[Distribution, float]

_BUDGET_START = 10.0
_BUDGET_MOST = 100.0
"""A retry budget starts with ten retries and saves up a hundred, as gRPC's default does."""


Errand = tuple[Station, float, float, Job | None]
"""A job to send to a server or to withdraw, its work and its time."""


class Parts(Protocol):
    """Who sends requests in several parts, and does what is due for them."""

    def scatter(
        self, attempts: Attempts, first_at: float, number: int, factors: Factors
    ) -> Attempt:
        """A try of a request in parts, not yet sent."""

    def peek(self) -> float:
        """When something is due."""

    def next(self, now: float) -> Errand | None:
        """Do the next thing: what is to be sent or withdrawn, or None when there is none in it."""


class Calling(Protocol):
    """Clients who ask again a while after each answer."""

    def peek(self) -> float:
        """When the next one asks."""

    def next(self, now: float) -> Attempt:
        """Its request."""


class Attempt:
    """One try of one request."""

    acts = False
    __slots__ = ("attempts", "deadline", "endpoint", "factors", "first_at", "number", "open")

    def __init__(self, attempts: Attempts, first_at: float, number: int, factors: Factors) -> None:
        self.attempts = attempts
        self.first_at = first_at
        """When the client first asked."""
        self.number = number
        """0 for the first try."""
        self.factors = factors
        self.deadline = inf
        """When the client loses patience."""
        self.endpoint: Endpoint | None = None
        self.open = True
        """Whether the client still waits for this try."""

    @property
    def fenced(self) -> Collection[Station] | None:
        """Servers that its connection does not reach; None: it comes from outside."""
        return None

    def finished(self, station: Station, time: float) -> bool:
        """The server is done; too late is too late."""
        endpoint = self.endpoint
        failed = endpoint is not None and endpoint.chance is not None and endpoint.fails()
        if not self.open or time + station.away_s > self.deadline + ROUNDING_S:
            return False
        if failed:
            self.fail("error", time)
            return False
        self.open = False
        latency = time - self.first_at + station.away_s
        self.attempts.tally.add_ok(np.array([self.first_at + latency]), np.array([latency]))
        if endpoint is not None:
            endpoint.answered += 1
        return False

    def lost(self, station: Station, time: float) -> None:
        """The container died."""
        self.fail("reset", time)

    def fail(self, kind: str, time: float) -> None:
        """This try failed; the client tries again or gives up."""
        if self.open:
            self.open = False
            self.attempts.retry_or_give_up(self, kind, time)


class Attempts:
    """All requests of one service that are followed, their deadlines and coming retries."""

    def __init__(self, tally: Tally, stream: np.random.Generator) -> None:
        self.tally = tally
        self.client = ClientPolicy()
        self._in_parts = False
        """Of the clients' policy, looked at for every request."""
        self._stream = stream
        self._deadlines: dict[float, deque[tuple[float, Attempt]]] = {}
        """Who waits until when, by patience: within one the deadlines come in order."""
        self._retries: list[tuple[float, int, Attempt]] = []
        self._serial = 0
        self._budget = _BUDGET_START
        self.errands: Parts | None = None
        """What is due for requests in parts; None as long as there were none."""
        self.callers: Calling | None = None
        """Clients who wait for an answer before they ask again; None: there were none."""

    def serve(self, client: ClientPolicy) -> None:
        """From now on these clients ask."""
        self.client = client
        self._in_parts = client.in_parts

    def first(self, now: float, factors: Factors) -> Attempt:
        """A request arrives for the first time."""
        if self.client.retry_budget is not None:
            self._budget = min(_BUDGET_MOST, self._budget + self.client.retry_budget)
        return self._waiting(self._new(now, 0, factors), now)

    def _new(self, first_at: float, number: int, factors: Factors) -> Attempt:
        if self._in_parts and self.errands is not None:
            return self.errands.scatter(self, first_at, number, factors)
        return Attempt(self, first_at, number, factors)

    def _waiting(self, attempt: Attempt, now: float) -> Attempt:
        return self.wait_until(attempt, now, self.client.timeout_s)

    def wait_until(self, attempt: Attempt, now: float, patience: float | None) -> Attempt:
        """A client has so much patience with a try that begins now, in seconds; None: for ever."""
        if patience is not None:
            line = self._deadlines.get(patience)
            if line is None:
                line = self._deadlines[patience] = deque()
            attempt.deadline = now + patience
            line.append((attempt.deadline, attempt))
        return attempt

    def give_up_at(self, attempt: Attempt, time: float) -> None:
        """Nothing will come of a try: the client loses patience then at the latest."""
        if attempt.deadline > time:
            attempt.deadline = time
            # Of all that are called with the same delay they come in order.
            self._deadlines.setdefault(-1.0, deque()).append((time, attempt))

    def peek(self) -> float:
        """Time of the next retry or of the next client who loses patience."""
        first = self._retries[0][0] if self._retries else inf
        for line in self._deadlines.values():
            while line and not line[0][1].open:
                line.popleft()
            if line and line[0][0] < first:
                first = line[0][0]
        if self.errands is not None:
            first = min(first, self.errands.peek())
        return first if self.callers is None else min(first, self.callers.peek())

    def next(self, now: float) -> Attempt | None:
        """The retry that starts now, or None when somebody lost patience instead."""
        for line in self._deadlines.values():
            while line and line[0][0] <= now:
                line.popleft()[1].fail("timeout", now)
        if self._retries and self._retries[0][0] <= now:
            _, _, attempt = heappop(self._retries)
            self.tally.retries += 1
            return self._waiting(attempt, now)
        if self.callers is not None and self.callers.peek() <= now:
            return self.callers.next(now)
        return None

    def retry_or_give_up(self, attempt: Attempt, kind: str, now: float) -> None:
        """After a failure: another try later, or the failure is the request's outcome."""
        client = self.client
        if attempt.number >= client.retries or not self._afford():
            self.tally.add_failed(kind, np.array([now]))
            return
        delay = min(client.backoff_max_s, client.backoff_s * 2.0 ** min(attempt.number, 60))
        if client.jitter:
            delay *= 1.0 - client.jitter * float(self._stream.random())
        following = self._new(attempt.first_at, attempt.number + 1, attempt.factors)
        self._serial += 1
        heappush(self._retries, (now + delay, self._serial, following))

    def _afford(self) -> bool:
        if self.client.retry_budget is None:
            return True
        if self._budget < 1.0:
            return False
        self._budget -= 1.0
        return True
