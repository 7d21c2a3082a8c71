"""How a service picks an endpoint for the next request.

``deal`` places many requests at once where the choice does not depend on queues; ``pick`` places
one. A balancer that looks at queues cannot deal: its service is solved request by request.
Sources: round robin and least connections as in nginx and HAProxy; d choices: Mitzenmacher 2001.
"""

from __future__ import annotations

import re
from bisect import insort
from collections.abc import Iterator, Sequence
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt

from simulator.errors import InputError, unknown
from simulator.machine.cpu.counts import Counts

Chosen = slice | npt.NDArray[np.int64]
"""Which of some requests go to one endpoint: an index into their arrays."""


class Balancer(Protocol):
    """A rule for choosing among endpoints, with whatever it must remember."""

    name: str
    looks: bool
    """Whether the choice depends on the endpoints' queues."""
    looks_at_all: bool
    """Whether it depends on all of them at once."""
    joins_delay: bool
    """Whether one more endpoint can only make requests come later to the others (by its bounds)."""

    def deal(self, count: int, endpoints: int) -> Iterator[tuple[int, Chosen]]:
        """Share out the next ``count`` requests: (endpoint, which of them), each endpoint once."""

    def deal_each(self, count: int, endpoints: int) -> npt.NDArray[np.int64]:
        """The same, as the endpoint of each of them."""

    def pick(self, inside: Sequence[int]) -> int:
        """The endpoint of the next request, given how many are inside each; there is one."""

    def earliest(self, endpoint: int, count: int, endpoints: int, most: int) -> int:
        """Which coming request (1 is the next) may be the ``count``-th to this endpoint.

        No earlier one can be; beyond ``most`` it need not be exact.
        """

    def memento(self) -> object:
        """What ``restore`` needs to make the same choices again."""

    def restore(self, memento: Any) -> None:
        """Be as when the memento was made."""


class RoundRobin:
    """Each endpoint in turn."""

    name = "round-robin"
    joins_delay = True
    looks = looks_at_all = False

    def __init__(self, stream: np.random.Generator) -> None:
        self._next = 0

    def deal(self, count: int, endpoints: int) -> Iterator[tuple[int, Chosen]]:
        """Share out the next ``count`` requests."""
        first = self._next % endpoints
        self._next = (first + count) % endpoints
        for turn in range(min(count, endpoints)):
            yield (first + turn) % endpoints, slice(turn, None, endpoints)

    def deal_each(self, count: int, endpoints: int) -> npt.NDArray[np.int64]:
        """The endpoint of each of the next ``count`` requests."""
        first = self._next % endpoints
        self._next = (first + count) % endpoints
        return (first + np.arange(count, dtype=np.int64)) % endpoints

    def pick(self, inside: Sequence[int]) -> int:
        """The endpoint of the next request."""
        chosen = self._next % len(inside)
        self._next = (chosen + 1) % len(inside)
        return chosen

    def earliest(self, endpoint: int, count: int, endpoints: int, most: int) -> int:
        """Known exactly: its next turn, and a round for each further one."""
        first = (endpoint - self._next) % endpoints
        return first + (count - 1) * endpoints + 1

    def memento(self) -> object:
        """Whose turn it is."""
        return self._next

    def restore(self, memento: Any) -> None:
        """Be as when the memento was made."""
        self._next = memento


class Random:
    """Each endpoint with equal chance."""

    name = "random"
    joins_delay = False
    looks = looks_at_all = False

    def __init__(self, stream: np.random.Generator) -> None:
        self._stream = stream

    def deal(self, count: int, endpoints: int) -> Iterator[tuple[int, Chosen]]:
        """Share out the next ``count`` requests."""
        chosen = self.deal_each(count, endpoints)
        order = np.argsort(chosen, kind="stable")
        used, first = np.unique(chosen[order], return_index=True)
        yield from zip(used.tolist(), np.split(order, first[1:]), strict=True)

    def deal_each(self, count: int, endpoints: int) -> npt.NDArray[np.int64]:
        """The endpoint of each of the next ``count`` requests."""
        return (self._stream.random(count) * endpoints).astype(np.int64)

    def pick(self, inside: Sequence[int]) -> int:
        """The endpoint of the next request."""
        return int(self._stream.random() * len(inside))

    def earliest(self, endpoint: int, count: int, endpoints: int, most: int) -> int:
        """Found by drawing, and forgetting what was drawn."""
        if count > most:
            return count
        state = self.memento()
        hits = np.nonzero(self.deal_each(most, endpoints) == endpoint)[0]
        self.restore(state)
        return int(hits[count - 1]) + 1 if len(hits) >= count else most + 1

    def memento(self) -> object:
        """The state of the stream."""
        return self._stream.bit_generator.state

    def restore(self, memento: Any) -> None:
        """Be as when the memento was made."""
        self._stream.bit_generator.state = memento


class Weighted(Random):
    """Each endpoint with a chance of its own; equal ones where nobody gave weights."""

    name = "weighted"

    def __init__(self, stream: np.random.Generator) -> None:
        super().__init__(stream)
        self.weights: tuple[float, ...] = ()
        """One for each endpoint, in the order of the list."""

    def deal_each(self, count: int, endpoints: int) -> npt.NDArray[np.int64]:
        """The endpoint of each of the next ``count`` requests."""
        if len(self.weights) != endpoints or sum(self.weights) <= 0:
            return super().deal_each(count, endpoints)
        bounds = np.cumsum(self.weights)
        drawn = self._stream.random(count) * bounds[-1]
        chosen: npt.NDArray[np.int64] = np.searchsorted(bounds, drawn, side="right")
        return chosen.astype(np.int64)

    def pick(self, inside: Sequence[int]) -> int:
        """The endpoint of the next request."""
        return int(self.deal_each(1, len(inside))[0])


class Sticky(Random):
    """Each client always to the same endpoint, of so many clients that ask equally often.

    A client's endpoint changes when their number does (kube-proxy, ``sessionAffinity: ClientIP``).
    """

    def __init__(self, stream: np.random.Generator, clients: int) -> None:
        super().__init__(stream)
        self.clients = clients
        self.name = f"sticky={clients}"
        self._seats = stream.random(clients)

    def deal_each(self, count: int, endpoints: int) -> npt.NDArray[np.int64]:
        """The endpoint of each of the next ``count`` requests."""
        who = (self._stream.random(count) * self.clients).astype(np.int64)
        return (self._seats[who] * endpoints).astype(np.int64)

    def pick(self, inside: Sequence[int]) -> int:
        """The endpoint of the next request."""
        return int(self.deal_each(1, len(inside))[0])


class _Looking:
    """Base of the balancers that look at queues."""

    looks = joins_delay = True
    looks_at_all = False

    def deal(self, count: int, endpoints: int) -> Iterator[tuple[int, Chosen]]:
        """Cannot be asked: each choice needs the queues of its own instant."""
        raise AssertionError("a balancer that looks at queues places one request at a time")

    def deal_each(self, count: int, endpoints: int) -> npt.NDArray[np.int64]:
        """Cannot be asked either."""
        raise AssertionError("a balancer that looks at queues places one request at a time")

    def earliest(self, endpoint: int, count: int, endpoints: int, most: int) -> int:
        """Every request may go to the same endpoint."""
        return count


class LeastConnections(_Looking):
    """The endpoint with the fewest requests inside; ties go round."""

    name = "least-connections"
    looks_at_all = True

    def __init__(self, stream: np.random.Generator) -> None:
        self._next = 0

    def pick(self, inside: Sequence[int]) -> int:
        """The endpoint of the next request."""
        turn = self._next = (self._next + 1) % len(inside)
        if isinstance(inside, Counts):
            return inside.first_fewest(turn)
        fewest = min(inside)
        chosen = inside.index(fewest)
        if chosen < turn and fewest in inside[turn:]:
            return inside.index(fewest, turn)
        return chosen

    def memento(self) -> object:
        """Whose turn it is in a tie."""
        return self._next

    def restore(self, memento: Any) -> None:
        """Be as when the memento was made."""
        self._next = memento


class TwoChoices(_Looking):
    """The emptier of two different endpoints drawn at random."""

    name = "two-choices"

    def __init__(self, stream: np.random.Generator) -> None:
        self._stream = stream

    def pick(self, inside: Sequence[int]) -> int:
        """The endpoint of the next request."""
        count = len(inside)
        if count == 1:
            return 0
        first = int(self._stream.random() * count)
        second = int(self._stream.random() * (count - 1))
        if second >= first:
            second += 1
        return second if inside[second] < inside[first] else first

    def memento(self) -> object:
        """The state of the stream."""
        return self._stream.bit_generator.state

    def restore(self, memento: Any) -> None:
        """Be as when the memento was made."""
        self._stream.bit_generator.state = memento


class Choices(TwoChoices):
    """The emptiest of d different endpoints drawn at random; of equals, the one drawn first."""

    def __init__(self, stream: np.random.Generator, d: int) -> None:
        super().__init__(stream)
        self.d = d
        self.name = f"choices={d}"

    def pick(self, inside: Sequence[int]) -> int:
        """The endpoint of the next request."""
        count = len(inside)
        if count == 1:
            return 0
        drawn: list[int] = []
        best, fewest = 0, -1
        for left in range(count, count - min(self.d, count), -1):
            chosen = int(self._stream.random() * left)
            for earlier in drawn:
                # Numbers count only those not drawn yet.
                if earlier <= chosen:
                    chosen += 1
            insort(drawn, chosen)
            load = inside[chosen]
            if fewest < 0 or load < fewest:
                best, fewest = chosen, load
        return best


_KINDS: dict[str, type[RoundRobin] | type[Random] | type[LeastConnections] | type[TwoChoices]] = {
    kind.name: kind for kind in (RoundRobin, Random, LeastConnections, TwoChoices, Weighted)
}
NAMES = (*_KINDS, "choices=3", "sticky=100")
"""The balancers that there are; the last two stand for any number of choices and of clients."""
MOST_CHOICES = 1000
MOST_CLIENTS = 1_000_000
_NUMBERED = re.compile(r"(choices|sticky)=([0-9]{1,7})", re.ASCII)


def balancer(name: str, stream: np.random.Generator) -> Balancer:
    """A new balancer by its name; an unknown one is refused with the nearest."""
    check_balancer(name)
    if name in _KINDS:
        return _KINDS[name](stream)
    kind, _, number = name.partition("=")
    if kind == "sticky":
        return Sticky(stream, int(number))
    d = int(number)
    if d <= 2:
        return Random(stream) if d == 1 else TwoChoices(stream)
    return Choices(stream, d)


def check_balancer(name: str) -> None:
    """Refuse an unknown name with the nearest known one."""
    if name in _KINDS:
        return
    numbered = _NUMBERED.fullmatch(name)
    if numbered is None:
        raise unknown("balancer", name, NAMES)
    kind, number = numbered[1], int(numbered[2])
    most, what = (MOST_CHOICES, "choices") if kind == "choices" else (MOST_CLIENTS, "clients")
    if not 1 <= number <= most:
        raise InputError(f"number of {what}", found=name, expected=f"{kind}=1 to {most}")
