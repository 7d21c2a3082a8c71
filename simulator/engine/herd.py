"""Many flows that one and the same link holds back: a thousand machines at one registry.

All their rates are one level times their weights, and every start or end changes only that level.
So the flows are counted in the *progress* of the level, bytes per unit of weight since the herd
was formed: a flow ends when the progress reaches a value fixed on joining. A start or an end then
costs O(log n) and no other flow is touched (the virtual time of fair queueing: Demers, Keshav and
Shenker, 1989). The herd disbands as soon as anything else could hold a member back.
"""

from __future__ import annotations

import heapq
import math
from collections.abc import Sequence

from simulator.engine.links import Flow, Link

_INSTANT_S = 1e-9


class Herd:
    """The flows of ``link``, all of them held back by it and by nothing else."""

    __slots__ = ("_ends", "_progress", "_since", "_weight", "ceiling", "level", "link")

    def __init__(self, link: Link, flows: Sequence[Flow], ceiling: float, now: float) -> None:
        """``ceiling`` is the level below which no cap and no other link can hold a member back."""
        self.link = link
        self.ceiling = ceiling
        self._progress = 0.0
        self._since = now
        self._weight = math.fsum(flow.weight for flow in flows)
        for flow in flows:
            flow._advance(now)
        self._ends = [self._entry(flow) for flow in flows]
        heapq.heapify(self._ends)
        self.level = link._capacity / self._weight

    @classmethod
    def form(
        cls, flows: Sequence[Flow], links: Sequence[Link], rates: Sequence[float], now: float
    ) -> Herd | None:
        """A herd of these flows, all that are on these links, if one link alone holds them."""
        link = next((one for one in links if len(one._flows) == len(flows)), None)
        if link is None or not 0 < link._capacity < math.inf:
            return None
        level = link._capacity / math.fsum(flow.weight for flow in flows)
        ceiling = min(
            min(flow.cap_bytes_s / flow.weight for flow in flows),
            min((_ceiling(one) for one in links if one is not link), default=math.inf),
        )
        alike = all(
            math.isclose(rate, level * flow.weight, rel_tol=1e-9)
            for flow, rate in zip(flows, rates, strict=True)
        )
        if not alike or level > ceiling:
            return None
        herd = cls(link, flows, ceiling, now)
        for one in links:
            one._herd = herd if one._flows else None
        return herd

    def admit(self, flow: Flow, now: float) -> bool:
        """Take a new flow in; False when it does not belong, and then nothing is changed."""
        others = [one for one in flow.links if one is not self.link]
        if len(others) == len(flow.links):
            return False
        if any(one._herd is not self and len(one._flows) > 1 for one in others):
            return False
        ceiling = min(
            self.ceiling,
            flow.cap_bytes_s / flow.weight,
            min((_ceiling(one) for one in others), default=math.inf),
        )
        level = self.link._capacity / (self._weight + flow.weight)
        if level > ceiling:
            return False
        self._advance(now)
        self.ceiling, self.level = ceiling, level
        self._weight += flow.weight
        for one in others:
            one._herd = self
        heapq.heappush(self._ends, self._entry(flow))
        return True

    def dismiss(self, flow: Flow, now: float) -> bool:
        """Let a member go that has left its links; False when the herd cannot stay together."""
        self._advance(now)
        flow._left = self.left(flow, now)
        flow._since = now
        flow._rate = 0.0
        flow._herd = None
        self._weight -= flow.weight
        for one in flow.links:
            if not one._flows:
                one._herd = None
                one._rate = 0.0
        if not self.link._flows:
            return True
        self.level = self.link._capacity / self._weight
        return self.level <= self.ceiling

    def disband(self, now: float) -> list[tuple[Flow, float]]:
        """Give the flows back, each with what it has left and its rate."""
        self._advance(now)
        # A flow that was not admitted is on the link already.
        members = [flow for flow in self.link._flows.values() if flow._herd is self]
        for flow in members:
            flow._left = self.left(flow, now)
            flow._since = now
            flow._herd = None
            for one in flow.links:
                one._herd = None
                one._rate = None
        return [(flow, self.level * flow.weight) for flow in members]

    def left(self, flow: Flow, now: float) -> float:
        """Bytes that a member still lacks at ``now``."""
        progress = self._progress + self.level * (now - self._since)
        return max(0.0, flow._left - flow.weight * (progress - flow._joined))

    def next_end_s(self) -> float:
        """When the first member will end if nothing else happens."""
        while self._ends and self._ends[0][2]._herd is not self:
            heapq.heappop(self._ends)
        if not self._ends:
            return math.inf
        return self._since + max(0.0, self._ends[0][0] - self._progress) / self.level

    def ended(self, now: float) -> Flow | None:
        """A member whose last byte has arrived by ``now``, if any."""
        tolerance = max(_INSTANT_S, 4 * math.ulp(now))
        if self.next_end_s() > now + tolerance:
            return None
        return heapq.heappop(self._ends)[2]

    def _entry(self, flow: Flow) -> tuple[float, int, Flow]:
        """Make a flow a member: the progress at which it ends."""
        flow._herd = self
        flow._joined = self._progress
        flow._version += 1
        return (self._progress + flow._left / flow.weight, flow.serial, flow)

    def _advance(self, now: float) -> None:
        self._progress += self.level * (now - self._since)
        self._since = now


def _ceiling(link: Link) -> float:
    """The level at which a link would be full if all its flows were at that level."""
    weight = math.fsum(flow.weight for flow in link._flows.values())
    return link._capacity / weight if weight else math.inf
