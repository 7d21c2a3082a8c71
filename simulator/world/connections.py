"""The kernels' tables of connections: looked at while they could fill up, and only then.

What may come at most, of all services together, bounds what any table could hold. While that is
less than a table has room for, nobody looks and nothing is counted.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import inf

from simulator.engine import CalendarEntry
from simulator.machine.conntrack import SELDOM_S, TIME_WAIT_S, Connections
from simulator.machine.cpu.station import Station
from simulator.machine.events_trouble import ConnectionsDropped, ConnectionsLetIn
from simulator.machine.host import Machine, Parts
from simulator.traffic.client import ClientPolicy
from simulator.traffic.endpoint import Endpoint
from simulator.traffic.service import Service
from simulator.traffic.spec import TrafficSpec
from simulator.world.director import Director
from simulator.world.fleet import Fleet

CHANCE = 1.05
"""How far random arrivals may be above their rate, over two minutes of many."""


@dataclass(slots=True)
class Came:
    """Connections that came to one kernel between two looks."""

    let_in: float = 0.0
    dropped: float = 0.0
    open: int = 0


class Watch:
    """Looks at the tables of connections of the machines that traffic goes to."""

    def __init__(self, parts: Parts, fleet: Fleet, director: Director) -> None:
        self.parts, self.fleet, self.director = parts, fleet, director
        self._peaks: dict[str, float] = {}
        """The most new connections a second of each service."""
        self._seen: dict[Station, int] = {}
        self._next: CalendarEntry | None = None

    # --- whether to look ------------------------------------------------------------------------

    def expect(self, service: str, spec: TrafficSpec, client: ClientPolicy) -> None:
        """Traffic begins: so much may come of it."""
        self._peaks[service] = _most_per_s(spec, client)
        self.review()

    def review(self) -> None:
        """Begin to look where a table may fill up now."""
        if not self._next and self._may_fill:
            self._seen = {station: station.taken for station in self._stations()}
            for machine in self.fleet.machines.values():
                machine.connections.since = self.parts.sim.now
            self._plan()

    @property
    def _most_per_s(self) -> float:
        """The most new connections a second that may come, of all services together."""
        return CHANCE * sum(self._peaks.get(name, 0.0) for name in self.director.words)

    @property
    def _may_fill(self) -> bool:
        most = min((one.connections.most for one in self.fleet.machines.values()), default=inf)
        return self._most_per_s * TIME_WAIT_S > most

    def _plan(self) -> None:
        sim, most = self.parts.sim, self._most_per_s
        known = (one.connections.due_s(most) for one in self.fleet.machines.values())
        self._next = sim.at(sim.now + min(known, default=SELDOM_S), self._look)

    @property
    def awake(self) -> bool:
        """Whether a table may fill up."""
        return bool(self._next)

    # --- looking --------------------------------------------------------------------------------

    def _stations(self) -> dict[Station, list[tuple[Service, Endpoint]]]:
        """Where traffic goes, and as whose endpoint."""
        found: dict[Station, list[tuple[Service, Endpoint]]] = {}
        for service in self.director.services.values():
            for station, endpoint in service.endpoints.items():
                found.setdefault(station, []).append((service, endpoint))
        return found

    def _table(self, endpoint: Endpoint) -> Connections:
        """The table of the machine whose daemon a container belongs to: its packets pass there."""
        return self.fleet.containers[endpoint.name].daemon.connections

    def _look(self) -> None:
        """Count what came, and have the kernels drop what they have no room for."""
        self._next = None
        self.parts.fabric.settle()
        now, stations = self.parts.sim.now, self._stations()
        came = {one.connections: Came() for one in self.fleet.machines.values()}
        for station, known in stations.items():
            self._count(station, known, came[self._table(known[0][1])])
        self._seen = {station: station.taken for station in stations}
        for machine in self.fleet.machines.values():
            table, new = machine.connections, came[machine.connections]
            before = table.full
            bombs = _of_bombs(machine) * (now - table.since)
            new.let_in += bombs * (1.0 - table.share)
            new.dropped += bombs * table.share
            table.look(now, new.let_in, new.dropped, new.open)
            if table.full != before:
                self._tell(machine)
        for station, known in stations.items():
            self._shut(station, known)
        if self._may_fill or any(table.full for table in came):
            self._plan()

    def _count(self, station: Station, known: list[tuple[Service, Endpoint]], came: Came) -> None:
        """Connections to a station since the last look."""
        keepalive = max(service.client.keepalive for service, _ in known)
        came.let_in += (station.taken - self._seen.get(station, 0)) / keepalive
        came.open += self.parts.fabric.in_system(station)
        for _, endpoint in known:
            came.dropped += endpoint.dropped
            endpoint.dropped = 0

    def _shut(self, station: Station, known: list[tuple[Service, Endpoint]]) -> None:
        """Of the requests to a station, those are dropped that open a connection without room."""
        for service, endpoint in known:
            share = self._table(endpoint).share
            part = share / (1.0 + (1.0 - share) * (service.client.keepalive - 1))
            if part or endpoint.shut:
                self.parts.fabric.disturb_source(service)
                service.shut(station, part)

    def _tell(self, machine: Machine) -> None:
        table = machine.connections
        if table.full:
            self.parts.sim.emit(ConnectionsDropped(machine.name, round(table.most), table.share))
        else:
            self.parts.sim.emit(ConnectionsLetIn(machine.name))


def _of_bombs(machine: Machine) -> float:
    """New connections a second that bombs open on a machine."""
    found = (one.bomb for one in machine.kernel.containers.values() if one.running)
    return float(sum(bomb.connections for bomb in found if bomb is not None))


def _most_per_s(spec: TrafficSpec, client: ClientPolicy) -> float:
    """The most new connections a second that traffic may open."""
    rate = spec.rate()
    peak = spec.total() / TIME_WAIT_S if rate is None else rate.peak
    tries = (1 + client.retries) * (2 if client.hedge_s is not None else 1)
    return peak * (client.asked + len(client.calls)) * tries / client.keepalive
