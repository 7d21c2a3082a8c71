"""Whom a request is sent to: a balancer, and the addresses that clients know."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from simulator.engine import Streams
from simulator.machine.cpu.station import Station
from simulator.traffic.balancer import Balancer, RoundRobin, balancer
from simulator.traffic.distributions import Distribution
from simulator.traffic.endpoint import Endpoint, Inside
from simulator.traffic.names import Addresses

_COPIES_AHEAD = 256


class Choosing:
    """A balancer among those that it or the clients know; who they are is the subclass's."""

    def __init__(self, name: str, streams: Streams, rule: str) -> None:
        self.name = name
        self._streams = streams
        self.balancer: Balancer = balancer(rule, streams(f"balance/{name}"))
        self._addresses: Addresses | None = None
        self._copies: dict[Distribution, list[float]] = {}
        """Work of coming copies of parts, drawn ahead, last first."""

    @property
    def _list(self) -> list[Station]:
        """Whom the balancer knows, in order; a list that nobody changes any more."""
        raise NotImplementedError

    def set_balancer(self, rule: str) -> None:
        """Choose endpoints by another rule."""
        self.balancer = balancer(rule, self._streams(f"balance/{self.name}"))

    def _pick(self, stations: Sequence[Station]) -> Station:
        if self._addresses is not None and isinstance(self.balancer, RoundRobin):
            return stations[self._addresses.turn(len(stations))]
        inside: Sequence[int] = Inside(stations)
        if self.balancer.looks_at_all:
            inside = [len(one.busy) + len(one.waiting) + one.held for one in stations]
        return stations[self.balancer.pick(inside)]

    # --- requests in parts ------------------------------------------------------------------------

    def known(self, now: float) -> Sequence[Station]:
        """Where clients who ask now believe that somebody answers."""
        return self._list if self._addresses is None else self._addresses.known(now)

    def choose(
        self, stations: Sequence[Station], left: list[Station] | None = None
    ) -> Station | None:
        """Whom to send a part to, one of ``left`` if given, which loses it; None: there is nobody.

        Parts of one request are sent one after another, so that turns never meet one twice.
        """
        if not stations:
            return None
        if left is None or isinstance(self.balancer, RoundRobin):
            return self._pick(stations)
        chosen = self._pick(left)
        left.remove(chosen)
        return chosen

    def choose_other(self, stations: Sequence[Station], first: Station | None) -> Station | None:
        """Whom to send a second copy to: anybody but ``first``; None when there is nobody else."""
        left = [one for one in stations if one is not first]
        if not left:
            return None
        if not isinstance(self.balancer, RoundRobin):
            return self._pick(left)
        while (chosen := self._pick(stations)) is first:
            pass  # the turn passes over it
        return chosen

    def work_of(self, endpoint: Endpoint, factors: Mapping[Distribution, float]) -> float:
        """CPU-seconds of a copy: drawn with the request where it was, else of its own."""
        factor = factors.get(endpoint.law)
        if factor is None:
            coming = self._copies.setdefault(endpoint.law, [])
            if not coming:
                stream = self._streams(f"work/{self.name}/{endpoint.law}/copies")
                coming += endpoint.law.draw(stream, _COPIES_AHEAD)[::-1].tolist()
            factor = coming.pop()
        return factor * endpoint.mean_s
