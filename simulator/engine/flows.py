"""Flows of bytes that share links fairly: pulls, uploads, unpacking, egress.

Rates are weighted max-min fair (Bertsekas and Gallager, *Data Networks*, section 6.5.2): no flow
can get more without taking from one that has no more than it. They change only when a flow starts
or ends or a capacity changes, so bytes are linear between such instants and every end is exact.

A link may stand for something that others use in their own way (``Link.beside``). Its flows then
want these rates, lose what the others take, and are looked at again when the last byte could have
arrived: never too early, and too late by no more than a millisecond.
"""

from __future__ import annotations

import heapq
import math
from collections.abc import Callable, Iterable

import simpy
from simpy.events import EventPriority

from simulator.engine.fairness import fair_rates
from simulator.engine.herd import Herd
from simulator.engine.links import Flow, Link, connected
from simulator.engine.shared_links import SharedLinks, late_s
from simulator.engine.simulation import Simulation

# Ends closer than this (seconds) are one instant; the journal resolves no more.
_INSTANT_S = 1e-9
_HERD = 32
"""From so many flows on, those that one link alone holds back are counted as one herd."""
# SimPy's own priorities are 0 and 1.
_AFTER_ALL = EventPriority(2)
# A link this full (relative) counts as a bottleneck.
_FULL = 1 - 1e-9


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

    def __init__(self, sim: Simulation, *, herd_size: int = _HERD) -> None:
        """``herd_size`` trades speed only: the results are the same."""
        self.sim = sim
        self._herd_size = herd_size
        self._herds: list[Herd] = []
        self._serial = 0
        self._dirty: dict[int, Link] = {}
        self._links: dict[str, Link] = {}
        self._numbers = 0
        self._ends: list[tuple[float, int, int, Flow]] = []
        self._shared = SharedLinks()
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
            flow.over.happen()
            return flow
        for link in unique:
            if link.beside is not None and not link._shared and link.beside.contended:
                self._share(link)
        if self._shared:
            flow._mark()
        if any(link._herd for link in unique):
            self._start_in_herd(flow)
        else:
            self._start_alone(flow)
        return flow

    def _start_in_herd(self, flow: Flow) -> None:
        herd = next(link._herd for link in flow.links if link._herd)
        for link in flow.links:
            link._flows[flow.serial] = flow
        settled = not any(link.number in self._dirty for link in flow.links)
        if settled and not flow._stood and herd.admit(flow, self.sim.now):
            self._schedule_wake()
        else:
            self._touch(flow.links)

    def _start_alone(self, flow: Flow) -> None:
        limit = flow.cap_bytes_s
        fits = limit < math.inf and all(self._spare(link) >= limit for link in flow.links)
        for link in flow.links:
            link._flows[flow.serial] = flow
        if not fits and flow.links:
            self._touch(flow.links)
            return
        # Nobody else is held back by it: no other rate can change.
        self._set_rates([(flow, limit)])
        for link in flow.links:
            link._rate = link._load() + limit
        self._schedule_wake()

    def settle(self) -> None:
        """Solve what changed at this instant; done of itself before time moves on."""
        if not self._dirty:
            return
        flows, links = connected(self._dirty.values())
        self._dirty.clear()
        capacities = {link.number: link._capacity for link in links}
        rates = fair_rates(capacities, [flow._claim for flow in flows])
        for link in links:
            link._rate = None
        large = len(flows) >= self._herd_size and not any(link._shared for link in links)
        herd = Herd.form(flows, links, rates, self.sim.now) if large else None
        if herd is not None:
            self._herds.append(herd)
        else:
            pairs = zip(flows, rates, strict=True)
            self._set_rates([(flow, rate) for flow, rate in pairs if rate != flow._rate])
        self._schedule_wake()

    def _spare(self, link: Link) -> float:
        if link.number in self._dirty:
            return -1.0
        return link._capacity * _FULL - link._load()

    def _touch(self, links: Iterable[Link]) -> None:
        for link in links:
            self._dirty[link.number] = link
            if link._herd is not None:
                self._disband(link._herd)
        if self._dirty and not self._settling:
            self._settling = True
            _Last(self.sim.env, self._settle_now)

    def _disband(self, herd: Herd) -> None:
        self._herds.remove(herd)
        self._set_rates(herd.disband(self.sim.now))

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

    def _share(self, link: Link) -> None:
        """Others use what a link stands for too."""
        if link._flows:
            self._touch((link,))
        self._shared.add(link, self.sim.now)

    def _schedule_wake(self) -> None:
        if self._shared:
            self._shared.tell_others()
        ends = self._ends
        while ends and ends[0][2] != ends[0][3]._version:
            heapq.heappop(ends)
        first = ends[0][0] if ends else math.inf
        for herd in self._herds:
            first = min(first, herd.next_end_s())
        if first < self._wake_at:
            self._wake_at = first
            self._wakes += 1
            self.sim.at(self._wake_at, self._wake, self._wakes)

    def _wake(self, number: int) -> None:
        if number != self._wakes:
            return  # an earlier wake was asked for meanwhile, and has come or will come
        now = self.sim.now
        self._wake_at = math.inf
        self.settle()
        while self._ends and self._ends[0][0] <= now + _INSTANT_S:
            _, _, version, flow = heapq.heappop(self._ends)
            if version != flow._version:
                continue
            wait_s = late_s(flow, now) if flow._stood else 0.0
            if wait_s:
                flow._version += 1
                heapq.heappush(self._ends, (now + wait_s, flow.serial, flow._version, flow))
            else:
                self._end(flow, cancelled=False)
        for herd in list(self._herds):
            while herd in self._herds and (last := herd.ended(now)) is not None:
                self._end(last, cancelled=False)
        self._schedule_wake()

    def _end(self, flow: Flow, *, cancelled: bool) -> None:
        flow.cancelled = cancelled
        flow.finished_at_s = self.sim.now
        if flow._herd is not None:
            self._leave_herd(flow, flow._herd)
        else:
            self._leave_links(flow)
        if cancelled:
            self._schedule_wake()  # the others may end sooner
        flow.over.happen()

    def _leave_herd(self, flow: Flow, herd: Herd) -> None:
        for link in flow.links:
            del link._flows[flow.serial]
        together = herd.dismiss(flow, self.sim.now)
        flow._version += 1
        self._carry(flow)
        if not herd.link._flows:
            self._herds.remove(herd)
        elif not together:
            self._touch((herd.link,))

    def _carry(self, flow: Flow) -> None:
        if not flow.cancelled:
            flow._left = 0.0
        for link in flow.links:
            link._carried += flow.size_bytes - flow._left

    def _leave_links(self, flow: Flow) -> None:
        flow._advance(self.sim.now)
        loads = [link._load() for link in flow.links]
        freed = flow._rate
        flow._rate = 0.0
        flow._version += 1
        self._carry(flow)
        for link, load in zip(flow.links, loads, strict=True):
            was_full = load >= link._capacity * _FULL
            del link._flows[flow.serial]
            link._rate = max(0.0, load - freed) if link._flows else 0.0
            if link._flows and (was_full or freed == math.inf):
                self._touch((link,))
