"""Flows of bytes that share links fairly: pulls, uploads, unpacking, egress.

Rates are weighted max-min fair (Bertsekas and Gallager, *Data Networks*, section 6.5.2): no flow
can get more without taking from one that has no more than it. They change only when a flow starts
or ends or a capacity changes, so bytes are linear between such instants and every end is exact.
"""

from __future__ import annotations

import heapq
import math
from collections.abc import Callable, Iterable
from functools import partial

import simpy
from simpy.events import EventPriority

from simulator.engine.fairness import Claim, fair_rates
from simulator.engine.simulation import Simulation

# Ends closer than this (seconds) are one instant; the journal resolves no more.
_INSTANT_S = 1e-9
# SimPy's own priorities are 0 and 1.
_AFTER_ALL = EventPriority(2)
# A link this full (relative) counts as a bottleneck.
_FULL = 1 - 1e-9


class Link:
    """A capacity that flows share, in bytes/s: a network card, an uplink, a disk.

    Made by ``FlowNetwork.link``. An infinite capacity never limits; zero stops its flows.
    """

    __slots__ = ("_capacity", "_carried", "_flows", "_network", "_rate", "name", "number")

    def __init__(self, network: FlowNetwork, number: int, name: str, bytes_per_s: float) -> None:
        self._network = network
        self.number = number
        self.name = name
        self._capacity = _checked_capacity(bytes_per_s)
        self._flows: dict[int, Flow] = {}
        self._rate = 0.0
        self._carried = 0.0

    @property
    def capacity_bytes_s(self) -> float:
        """Capacity in bytes/s; assigning re-solves the flows that it touches."""
        return self._capacity

    @capacity_bytes_s.setter
    def capacity_bytes_s(self, bytes_per_s: float) -> None:
        self._capacity = _checked_capacity(bytes_per_s)
        self._network._touch((self,))

    @property
    def flows(self) -> list[Flow]:
        """The flows under way, oldest first."""
        return list(self._flows.values())

    @property
    def rate_bytes_s(self) -> float:
        """What its flows carry together now, in bytes/s."""
        self._network.settle()
        return self._rate

    @property
    def utilisation(self) -> float:
        """Rate over capacity, 0 to 1; 0 for a link of no or of infinite capacity."""
        if self._capacity <= 0 or math.isinf(self._capacity):
            return 0.0
        return min(1.0, self.rate_bytes_s / self._capacity)

    @property
    def transferred_bytes(self) -> float:
        """Bytes carried since the start, unfinished flows included."""
        return self._carried + sum(flow.transferred_bytes for flow in self._flows.values())


class Flow:
    """Bytes on their way over some links. Made by ``FlowNetwork.start``.

    ``done`` is a SimPy event that succeeds with True when the last byte has arrived and with
    False when the flow was cancelled.
    """

    __slots__ = (
        "_claim",
        "_left",
        "_network",
        "_rate",
        "_since",
        "_version",
        "cancelled",
        "cap_bytes_s",
        "done",
        "finished_at_s",
        "links",
        "serial",
        "size_bytes",
        "started_at_s",
        "weight",
    )

    def __init__(
        self,
        network: FlowNetwork,
        serial: int,
        links: tuple[Link, ...],
        size_bytes: float,
        cap_bytes_s: float,
        weight: float,
    ) -> None:
        self._network = network
        self.serial = serial
        self.links = links
        self.size_bytes = size_bytes
        self.cap_bytes_s = cap_bytes_s
        self.weight = weight
        self.done: simpy.Event = network.sim.env.event()
        self._claim = Claim(tuple(link.number for link in links), weight, cap_bytes_s)
        self.cancelled = False
        self.started_at_s = network.sim.now
        self.finished_at_s: float | None = None
        self._left = float(size_bytes)
        self._rate = 0.0
        self._since = network.sim.now
        self._version = 0

    @property
    def active(self) -> bool:
        """Whether it has neither ended nor been cancelled."""
        return self.finished_at_s is None

    @property
    def rate(self) -> float:
        """Present rate in bytes/s; 0 once it has ended."""
        self._network.settle()
        return self._rate

    @property
    def transferred_bytes(self) -> float:
        """Bytes that have arrived so far."""
        passed = self._network.sim.now - self._since
        if passed <= 0 or self._rate == 0:
            return self.size_bytes - self._left
        return self.size_bytes - max(0.0, self._left - self._rate * passed)

    def cancel(self) -> None:
        """Stop now and keep what has arrived; a flow that has ended stays as it is."""
        if self.active:
            self._network._end(self, cancelled=True)

    def _advance(self, now: float) -> None:
        if now > self._since:
            self._left = max(0.0, self._left - self._rate * (now - self._since))
        self._since = now


class _Last(simpy.Event):
    """An event after all others of this instant: what ends and what follows is solved once."""

    def __init__(self, env: simpy.Environment, action: Callable[[], None]) -> None:
        super().__init__(env)
        self._ok = True
        self._value = None
        self.callbacks = [lambda _: action()]
        env.schedule(self, priority=_AFTER_ALL)


class FlowNetwork:
    """All links and flows of one simulation.

    Flows started at the same instant are solved together, once, before time moves on; only the
    links and flows connected to what changed are solved. Order is by start, so runs repeat.
    """

    def __init__(self, sim: Simulation) -> None:
        self.sim = sim
        self._serial = 0
        self._dirty: dict[int, Link] = {}
        self._links: dict[str, Link] = {}
        self._numbers = 0
        self._ends: list[tuple[float, int, int, Flow]] = []
        self._wake_at = math.inf
        self._wakes = 0
        self._settling = False

    def link(self, name: str, bytes_per_s: float) -> Link:
        """A new link. A name may be used again once nothing flows there, else ValueError."""
        used = self._links.get(name)
        if used is not None and used._flows:
            raise ValueError(f"a link named {name!r} exists and carries flows")
        self._numbers += 1
        made = self._links[name] = Link(self, self._numbers, name, bytes_per_s)
        return made

    @property
    def links(self) -> list[Link]:
        """All links in the order they were made."""
        return list(self._links.values())

    def start(
        self,
        links: Iterable[Link],
        size_bytes: float,
        cap: float | None = None,
        weight: float = 1,
    ) -> Flow:
        """Send ``size_bytes`` over all of ``links`` at once, at most at ``cap`` bytes/s.

        ``weight`` scales its fair share. ValueError for a negative size or cap or a weight <= 0.
        """
        limit = math.inf if cap is None else cap
        if not (0 <= size_bytes < math.inf and limit >= 0 and 0 < weight < math.inf):
            raise ValueError(f"bad flow: size={size_bytes!r} cap={cap!r} weight={weight!r}")
        unique = tuple({link.number: link for link in links}.values())
        self._serial += 1
        flow = Flow(self, self._serial, unique, size_bytes, limit, weight)
        if size_bytes == 0:
            flow.finished_at_s = self.sim.now
            flow.done.succeed(True)
            return flow
        fits = limit < math.inf and all(self._spare(link) >= limit for link in unique)
        for link in unique:
            link._flows[flow.serial] = flow
        if fits or not unique:
            # Nobody else is held back by it: no other rate can change.
            self._set_rates([(flow, limit)])
            for link in unique:
                link._rate += limit
            self._schedule_wake()
        else:
            self._touch(unique)
        return flow

    def settle(self) -> None:
        """Solve what changed at this instant; done of itself before time moves on."""
        if not self._dirty:
            return
        flows, links = _component(self._dirty.values())
        self._dirty.clear()
        capacities = {link.number: link._capacity for link in links}
        rates = fair_rates(capacities, [flow._claim for flow in flows])
        self._set_rates(
            [(flow, rate) for flow, rate in zip(flows, rates, strict=True) if rate != flow._rate]
        )
        for link in links:
            link._rate = sum(flow._rate for flow in link._flows.values())
        self._schedule_wake()

    def _spare(self, link: Link) -> float:
        if link.number in self._dirty:
            return -1.0
        return link._capacity * _FULL - link._rate

    def _touch(self, links: Iterable[Link]) -> None:
        for link in links:
            self._dirty[link.number] = link
        if self._dirty and not self._settling:
            self._settling = True
            _Last(self.sim.env, self._settle_now)

    def _settle_now(self) -> None:
        self._settling = False
        self.settle()

    def _set_rates(self, changed: list[tuple[Flow, float]]) -> None:
        now = self.sim.now
        ends = self._ends
        many = len(changed) > 16
        if many:  # sorting anew is cheaper than sifting, and drops the entries out of date
            dropped = {flow.serial for flow, _ in changed}
            ends[:] = [
                entry for entry in ends if entry[1] not in dropped and entry[2] == entry[3]._version
            ]
        for flow, rate in changed:
            flow._advance(now)
            flow._rate = rate
            flow._version += 1
            if rate > 0:
                entry = (now + flow._left / rate, flow.serial, flow._version, flow)
                if many:
                    ends.append(entry)
                else:
                    heapq.heappush(ends, entry)
        if many:
            heapq.heapify(ends)

    def _schedule_wake(self) -> None:
        ends = self._ends
        while ends and ends[0][2] != ends[0][3]._version:
            heapq.heappop(ends)
        if ends and ends[0][0] < self._wake_at:
            self._wake_at = ends[0][0]
            self._wakes += 1
            self.sim.call_at(self._wake_at, partial(self._wake, self._wakes))

    def _wake(self, number: int) -> None:
        if number != self._wakes:
            return  # an earlier wake was asked for meanwhile, and has come or will come
        now = self.sim.now
        self._wake_at = math.inf
        self.settle()
        while self._ends and self._ends[0][0] <= now + _INSTANT_S:
            _, _, version, flow = heapq.heappop(self._ends)
            if version == flow._version:
                flow._left = 0.0
                self._end(flow, cancelled=False)
        self._schedule_wake()

    def _end(self, flow: Flow, *, cancelled: bool) -> None:
        flow._advance(self.sim.now)
        freed = flow._rate
        flow._rate = 0.0
        flow._version += 1
        flow.cancelled = cancelled
        flow.finished_at_s = self.sim.now
        for link in flow.links:
            was_full = link._rate >= link._capacity * _FULL
            del link._flows[flow.serial]
            link._carried += flow.size_bytes - flow._left
            link._rate = max(0.0, link._rate - freed) if link._flows else 0.0
            if link._flows and (was_full or freed == math.inf):
                self._touch((link,))
        flow.done.succeed(not cancelled)


def _checked_capacity(bytes_per_s: float) -> float:
    if not bytes_per_s >= 0:
        raise ValueError(f"a capacity must not be negative: {bytes_per_s!r}")
    return float(bytes_per_s)


def _component(seeds: Iterable[Link]) -> tuple[list[Flow], list[Link]]:
    """The flows and links connected to ``seeds``, flows by age."""
    links = {link.number: link for link in seeds}
    flows: dict[int, Flow] = {}
    waiting = list(links.values())
    while waiting:
        for serial, flow in waiting.pop()._flows.items():
            if serial in flows:
                continue
            flows[serial] = flow
            for link in flow.links:
                if link.number not in links:
                    links[link.number] = link
                    waiting.append(link)
    return [flows[serial] for serial in sorted(flows)], list(links.values())
