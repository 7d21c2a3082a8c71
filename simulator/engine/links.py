"""A link that flows share, and a flow of bytes over links. Both are made by a ``FlowNetwork``."""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import Any, Protocol

import simpy

from simulator.engine.fairness import Claim
from simulator.engine.moment import Moment
from simulator.engine.simulation import Simulation


class Network(Protocol):
    """What links and flows need of the network that made them."""

    @property
    def sim(self) -> Simulation:
        """Its clock."""

    def settle(self) -> None:
        """Bring all rates up to now."""

    def _touch(self, links: Iterable[Link]) -> None:
        """Capacities have changed: solve anew what they touch."""

    def _share(self, link: Link) -> None:
        """Others use what a link stands for too."""

    def _end(self, flow: Flow, *, cancelled: bool) -> None:
        """A flow is over."""


class Beside(Protocol):
    """Others who use what a link stands for, and what they leave to its flows."""

    @property
    def contended(self) -> bool:
        """Whether there are any."""

    def want(self, bytes_s: float) -> None:
        """The flows would send so much together from now on; 0: there are none any more."""

    def stood_s(self) -> float:
        """Seconds that the flows have lost until now. Never less than it was."""

    def pace(self) -> float:
        """The part of what they want that the flows get at this instant, up to 1."""


class Link:
    """A capacity that flows share, in bytes/s: a network card, an uplink, a disk.

    Made by ``FlowNetwork.link``. An infinite capacity never limits; zero stops its flows.
    """

    __slots__ = (
        "_capacity",
        "_carried",
        "_flows",
        "_herd",
        "_network",
        "_rate",
        "_shared",
        "beside",
        "name",
        "number",
    )

    def __init__(self, network: Network, number: int, name: str, bytes_per_s: float) -> None:
        self._network = network
        self.number = number
        self.name = name
        self._capacity = _checked_capacity(bytes_per_s)
        self._flows: dict[int, Flow] = {}
        self._herd: Any = None
        """A herd that its flows are in: herds are made of flows, which do not know them."""
        self._rate: float | None = 0.0
        self._carried = 0.0
        self.beside: Beside | None = None
        """Others who use it in their own way, where there can be any."""
        self._shared = False
        """Whether its flows have to ask for what these leave."""

    def others_came(self) -> None:
        """Somebody beside the flows begins to use it."""
        if self._flows and not self._shared:
            self._network._share(self)

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
        if any(flow._stood for flow in self._flows.values()):
            return math.fsum(flow.rate for flow in self._flows.values())
        return self._load()

    @property
    def utilisation(self) -> float:
        """Rate over capacity, 0 to 1; 0 for a link of no or of infinite capacity."""
        if self._capacity <= 0 or math.isinf(self._capacity):
            return 0.0
        return min(1.0, self.rate_bytes_s / self._capacity)

    def _load(self) -> float:
        # Summed only when somebody asks: after a solution most links are not asked.
        if self._herd is not None:
            return float(self._herd.level) * math.fsum(one.weight for one in self._flows.values())
        if self._rate is None:
            self._rate = math.fsum(flow._rate for flow in self._flows.values())
        return self._rate

    @property
    def transferred_bytes(self) -> float:
        """Bytes carried since the start, unfinished flows included."""
        return self._carried + sum(flow.transferred_bytes for flow in self._flows.values())


class Flow:
    """Bytes on their way over some links. Made by ``FlowNetwork.start``.

    ``over`` is the moment when the last byte has arrived, or the flow was cancelled.
    """

    __slots__ = (
        "_claim",
        "_herd",
        "_joined",
        "_left",
        "_network",
        "_rate",
        "_since",
        "_stood",
        "_version",
        "cancelled",
        "cap_bytes_s",
        "finished_at_s",
        "links",
        "over",
        "serial",
        "size_bytes",
        "started_at_s",
        "weight",
    )

    def __init__(
        self,
        network: Network,
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
        self.over = Moment(network.sim)
        self._claim = Claim(tuple(link.number for link in links), weight, cap_bytes_s)
        self.cancelled = False
        self.started_at_s = network.sim.now
        self.finished_at_s: float | None = None
        self._left = float(size_bytes)
        self._rate = 0.0
        self._since = network.sim.now
        self._stood: tuple[float, ...] = ()
        """Where others use a link beside it: what each link's flows had lost at ``_since``."""
        self._version = 0
        self._herd: Any = None
        self._joined = 0.0

    @property
    def done(self) -> simpy.Event:
        """A SimPy event for a process to yield: True when all has arrived, False if cancelled."""
        event = self._network.sim.env.event()
        if self.over.come:
            self._tell(event)
        else:
            self.over.when(self._tell, event)
        return event

    def _tell(self, event: simpy.Event) -> None:
        event.succeed(not self.cancelled)

    @property
    def active(self) -> bool:
        """Whether it has neither ended nor been cancelled."""
        return self.finished_at_s is None

    @property
    def rate(self) -> float:
        """Present rate in bytes/s; 0 once it has ended."""
        self._network.settle()
        if self._stood:
            return self._rate * self._pace()
        return self._rate if self._herd is None else float(self._herd.level) * self.weight

    @property
    def transferred_bytes(self) -> float:
        """Bytes that have arrived so far."""
        if self._herd is not None:
            return self.size_bytes - float(self._herd.left(self, self._network.sim.now))
        passed = self._network.sim.now - self._since - self._lost_s()
        if passed <= 0 or self._rate == 0:
            return self.size_bytes - self._left
        return self.size_bytes - max(0.0, self._left - self._rate * passed)

    def cancel(self) -> None:
        """Stop now and keep what has arrived; a flow that has ended stays as it is."""
        if self.active:
            self._network._end(self, cancelled=True)

    def _advance(self, now: float) -> None:
        if now > self._since:
            passed = now - self._since - self._lost_s()
            self._left = max(0.0, self._left - self._rate * passed)
        self._since = now
        if self._stood:
            self._mark()

    # --- where others use a link beside it --------------------------------------------------------

    def _mark(self) -> None:
        """Count what it loses from now on, wherever there are others."""
        shared = any(link._shared for link in self.links)
        self._stood = tuple([_stood_s(link) for link in self.links]) if shared else ()

    def _lost_s(self) -> float:
        """Seconds lost since it was brought up to date, on the link that lost most."""
        if not self._stood:
            return 0.0
        pairs = zip(self.links, self._stood, strict=True)
        return max([0.0, *(_stood_s(link) - before for link, before in pairs if link._shared)])

    def _pace(self) -> float:
        """The part of its rate at which it gets on at this instant."""
        return min([link.beside.pace() for link in self.links if link._shared and link.beside])


def _stood_s(link: Link) -> float:
    return link.beside.stood_s() if link._shared and link.beside is not None else 0.0


def _checked_capacity(bytes_per_s: float) -> float:
    if not bytes_per_s >= 0:
        raise ValueError(f"a capacity must not be negative: {bytes_per_s!r}")
    return float(bytes_per_s)


def connected(seeds: Iterable[Link]) -> tuple[list[Flow], list[Link]]:
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
