"""The kernels' tables of connections: looked at while they could fill up, and only then.

What may come at most, of all services together, bounds what any table could hold. While that is
less than a table has room for, nobody looks and nothing is counted; else only those machines are
looked at that may get too much of it.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from math import inf

from simulator.engine import CalendarEntry
from simulator.machine.conntrack import SELDOM_S, TIME_WAIT_S
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
UNEVEN = 4.0
"""How many times its even part of a service a machine may get from a balancer."""


@dataclass(slots=True)
class Goal:
    """A station that traffic goes to: as whose endpoint, and past which machine's kernel."""

    station: Station
    machine: Machine
    known: list[tuple[Service, Endpoint]]


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
        self._peaks: dict[str, dict[str, float]] = {}
        """By service with traffic: the most new connections a second to it and those it calls."""
        self._seen: dict[Station, int] = {}
        """What had been taken in by each station at the last look."""
        self._next: CalendarEntry | None = None

    @property
    def awake(self) -> bool:
        """Whether a table may fill up."""
        return bool(self._next)

    # --- whether to look ------------------------------------------------------------------------

    def expect(self, service: str, spec: TrafficSpec, client: ClientPolicy) -> None:
        """Traffic begins: so much may come of it."""
        most = _most_per_s(spec, client)
        own = {service: most * client.asked}
        self._peaks[service] = own | dict.fromkeys(client.calls, most)
        self.review()

    def review(self) -> None:
        """Begin to look where a table may fill up now."""
        if not self._next and self._may_fill:
            self._seen = {goal.station: goal.station.taken for goal in self._goals()}
            self._plan(())

    def _rates(self) -> dict[str, float]:
        """The most new connections a second that may come to each service."""
        found: dict[str, float] = {}
        for source in self.director.words:
            for name, rate in self._peaks.get(source, {}).items():
                found[name] = found.get(name, 0.0) + CHANCE * rate
        return found

    @property
    def _may_fill(self) -> bool:
        most = min((one.connections.most for one in self.fleet.machines.values()), default=inf)
        return sum(self._rates().values()) * TIME_WAIT_S > most

    def _plan(self, hot: Iterable[Machine]) -> None:
        sim, most = self.parts.sim, sum(self._rates().values())
        due_s = min([machine.connections.due_s(most) for machine in hot], default=SELDOM_S)
        self._next = sim.at(sim.now + due_s, self._look)

    # --- looking --------------------------------------------------------------------------------

    def _goals(self) -> list[Goal]:
        """Where traffic goes: packets pass the kernel of the machine that runs the daemon."""
        found: dict[Station, Goal] = {}
        for service in self.director.services.values():
            for station, endpoint in service.endpoints.items():
                if station in found:
                    found[station].known.append((service, endpoint))
                else:
                    machine = self.fleet.containers[endpoint.name].daemon
                    found[station] = Goal(station, machine, [(service, endpoint)])
        return list(found.values())

    def _hot(self, goals: Iterable[Goal]) -> dict[Machine, None]:
        """Machines whose table is full, or may fill up by what can come to them."""
        rates, most = self._rates(), dict.fromkeys(self.fleet.machines.values(), 0.0)
        each = {
            name: rate / len(self.director.services[name].endpoints)
            for name, rate in rates.items()
            if name in self.director.services and self.director.services[name].endpoints
        }
        for goal in goals:
            most[goal.machine] += sum([each.get(one.name, 0.0) for one, _ in goal.known])
        all_s = sum(rates.values())
        return dict.fromkeys(
            machine
            for machine, rate in most.items()
            if machine.connections.full
            or min(UNEVEN * rate, all_s) * TIME_WAIT_S > machine.connections.most
        )

    def _look(self) -> None:
        """Count what came, and have the kernels drop what they have no room for."""
        self._next = None
        now, goals = self.parts.sim.now, self._goals()
        hot = self._hot(goals)
        near = [goal for goal in goals if goal.machine in hot]
        self.parts.fabric.settle([goal.station for goal in near])
        came = {machine: Came() for machine in hot}
        for goal in near:
            self._count(goal, came[goal.machine])
        self._seen = {goal.station: goal.station.taken for goal in near}
        for machine in self.fleet.machines.values():
            if machine in came:
                self._note(machine, came[machine], now)
            else:
                machine.connections.since = now
        for goal in near:
            self._shut(goal)
        if self._may_fill or any(machine.connections.full for machine in hot):
            self._plan(hot)

    def _count(self, goal: Goal, came: Came) -> None:
        """Connections to a station since the last look; of a new one, from now on."""
        station = goal.station
        keepalive = max([service.client.keepalive for service, _ in goal.known])
        came.let_in += (station.taken - self._seen.get(station, station.taken)) / keepalive
        came.open += self.parts.fabric.in_system(station)
        for _, endpoint in goal.known:
            came.dropped += endpoint.dropped
            endpoint.dropped = 0

    def _note(self, machine: Machine, came: Came, now: float) -> None:
        table = machine.connections
        before, bombs = table.full, _of_bombs(machine) * (now - table.since)
        came.let_in += bombs * (1.0 - table.share)
        came.dropped += bombs * table.share
        table.look(now, came.let_in, came.dropped, came.open)
        if table.full and not before:
            self.parts.sim.emit(ConnectionsDropped(machine.name, round(table.most), table.share))
        elif before and not table.full:
            self.parts.sim.emit(ConnectionsLetIn(machine.name))

    def _shut(self, goal: Goal) -> None:
        """Of the requests to a station, those are dropped that open a connection without room."""
        share = goal.machine.connections.share
        for service, endpoint in goal.known:
            part = share / (1.0 + (1.0 - share) * (service.client.keepalive - 1))
            if part or endpoint.shut:
                self.parts.fabric.disturb_source(service)
                service.shut(goal.station, part)


def _of_bombs(machine: Machine) -> float:
    """New connections a second that bombs open on a machine."""
    found = (one.bomb for one in machine.kernel.containers.values() if one.running)
    return float(sum(bomb.connections for bomb in found if bomb is not None))


def _most_per_s(spec: TrafficSpec, client: ClientPolicy) -> float:
    """The most new connections a second that traffic opens to each whom a request goes to."""
    rate = spec.rate()
    peak = spec.total() / TIME_WAIT_S if rate is None else rate.peak
    tries = (1 + client.retries) * (2 if client.hedge_s is not None else 1)
    return peak * tries / client.keepalive
