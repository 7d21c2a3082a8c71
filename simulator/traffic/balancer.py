"""How a service picks an endpoint for the next request.

``deal`` places many requests at once where the choice does not depend on queues; ``pick`` places
one. A balancer that looks at queues cannot deal: its service is solved request by request.
Sources: round robin and least connections as in nginx and HAProxy; two choices: Mitzenmacher 2001.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Protocol

import numpy as np
import numpy.typing as npt

from simulator.errors import unknown
from simulator.machine.cpu.station import Station

Chosen = slice | npt.NDArray[np.int64]
"""Which of some requests go to one endpoint: an index into their arrays."""


class Balancer(Protocol):
    """A rule for choosing among endpoints, with whatever it must remember."""

    name: str
    looks: bool
    """Whether the choice depends on the endpoints' queues."""

    def deal(self, count: int, endpoints: int) -> Iterator[tuple[int, Chosen]]:
        """Share out the next ``count`` requests: (endpoint, which of them), each endpoint once."""

    def pick(self, endpoints: Sequence[Station]) -> Station:
        """The endpoint of the next request; there is at least one."""


class RoundRobin:
    """Each endpoint in turn."""

    name = "round-robin"
    looks = False

    def __init__(self, stream: np.random.Generator) -> None:
        self._next = 0

    def deal(self, count: int, endpoints: int) -> Iterator[tuple[int, Chosen]]:
        """Share out the next ``count`` requests."""
        first = self._next % endpoints
        self._next = (first + count) % endpoints
        for turn in range(min(count, endpoints)):
            yield (first + turn) % endpoints, slice(turn, None, endpoints)

    def pick(self, endpoints: Sequence[Station]) -> Station:
        """The endpoint of the next request."""
        station = endpoints[self._next % len(endpoints)]
        self._next = (self._next + 1) % len(endpoints)
        return station


class Random:
    """Each endpoint with equal chance."""

    name = "random"
    looks = False

    def __init__(self, stream: np.random.Generator) -> None:
        self._stream = stream

    def deal(self, count: int, endpoints: int) -> Iterator[tuple[int, Chosen]]:
        """Share out the next ``count`` requests."""
        chosen = (self._stream.random(count) * endpoints).astype(np.int64)
        order = np.argsort(chosen, kind="stable")
        used, first = np.unique(chosen[order], return_index=True)
        yield from zip(used.tolist(), np.split(order, first[1:]), strict=True)

    def pick(self, endpoints: Sequence[Station]) -> Station:
        """The endpoint of the next request."""
        return endpoints[int(self._stream.random() * len(endpoints))]


class _Looking:
    """Base of the balancers that look at queues."""

    looks = True

    def __init__(self, stream: np.random.Generator) -> None:
        self._stream = stream

    def deal(self, count: int, endpoints: int) -> Iterator[tuple[int, Chosen]]:
        """Cannot be asked: each choice needs the queues of its own instant."""
        raise AssertionError("a balancer that looks at queues places one request at a time")


class LeastConnections(_Looking):
    """The endpoint with the fewest requests inside; ties go round."""

    name = "least-connections"

    def __init__(self, stream: np.random.Generator) -> None:
        super().__init__(stream)
        self._next = 0

    def pick(self, endpoints: Sequence[Station]) -> Station:
        """The endpoint of the next request."""
        count = len(endpoints)
        self._next = (self._next + 1) % count
        best = endpoints[self._next]
        fewest = best.in_system
        for i in range(self._next + 1, self._next + count):
            if not fewest:
                break
            station = endpoints[i % count]
            inside = len(station.busy) + len(station.waiting)
            if inside < fewest:
                best, fewest = station, inside
        return best


class TwoChoices(_Looking):
    """The emptier of two different endpoints drawn at random."""

    name = "two-choices"

    def pick(self, endpoints: Sequence[Station]) -> Station:
        """The endpoint of the next request."""
        count = len(endpoints)
        first = int(self._stream.random() * count)
        if count == 1:
            return endpoints[0]
        second = int(self._stream.random() * (count - 1))
        if second >= first:
            second += 1
        one, other = endpoints[first], endpoints[second]
        return other if other.in_system < one.in_system else one


_KINDS: dict[str, type[RoundRobin] | type[Random] | type[LeastConnections] | type[TwoChoices]] = {
    kind.name: kind for kind in (RoundRobin, Random, LeastConnections, TwoChoices)
}
NAMES = tuple(_KINDS)
"""The balancers that there are."""


def balancer(name: str, stream: np.random.Generator) -> Balancer:
    """A new balancer by its name; an unknown one is refused with the nearest."""
    kind = _KINDS.get(name)
    if kind is None:
        raise unknown("balancer", name, NAMES)
    return kind(stream)
