"""Lines of pods to Services: programs in pods that ask again and again, as load generators do."""

from __future__ import annotations

from math import inf

from simulator.cluster.kubernetes.objects.meta import Key
from simulator.cluster.kubernetes.objects.networking import Service
from simulator.cluster.kubernetes.store import Store
from simulator.cluster.kubernetes.traffic.proxies import Proxies
from simulator.cluster.kubernetes.traffic.routes import Routes
from simulator.engine.simulation import Simulation
from simulator.machine.container import Container
from simulator.machine.cpu.station import Station
from simulator.programs.pauses import Asks, Heard
from simulator.traffic.callers import Caller
from simulator.traffic.service import Service as Stream


class PodLine:
    """All callers of one program, on the stream of requests to one Service."""

    def __init__(
        self, sim: Simulation, proxies: Proxies, stream: Stream, pod: Key, callers: list[Caller]
    ) -> None:
        self.sim = sim
        self.proxies = proxies
        self.stream = stream
        self.pod = pod
        self.callers = callers
        self.since = sim.now

    def begin(self) -> None:
        """They ask for the first time."""
        self.proxies.add_line(self.stream.name, self)
        for one in self.callers:
            self.proxies.balancing.call(self.stream, one)

    @property
    def over(self) -> bool:
        """Whether each has had all its answers."""
        self.proxies.balancing.settle(self.stream)
        return all(one.ended_at is not None for one in self.callers)

    def hang_up(self) -> None:
        """No more."""
        for one in self.callers:
            self.proxies.balancing.hang_up(self.stream, one)
        self.proxies.drop_line(self.stream.name, self)

    def said(self) -> Heard:
        """What came of all of them."""
        ends = [one.ended_at for one in self.callers]
        known = [end for end in ends if end is not None]
        end = max(known) if len(known) == len(ends) and known else self.sim.now
        ok = sum(one.ok for one in self.callers)
        waited_s = sum(one.waited_s for one in self.callers)
        fastest = min((one.fastest_s for one in self.callers), default=inf)
        return Heard(
            ok, sum(one.failed for one in self.callers), end - self.since,
            waited_s / ok if ok else 0.0, fastest if ok else 0.0,
            max((one.slowest_s for one in self.callers), default=0.0),
        )  # fmt: skip


class Lines:
    """Makes the lines of a cluster's pods."""

    def __init__(self, sim: Simulation, store: Store, proxies: Proxies, routes: Routes) -> None:
        self.sim = sim
        self.store = store
        self.proxies = proxies
        self.routes = routes

    def stream(self, address: str, port: int) -> Stream | None:
        """The stream to a Service's address; None where none has it, or not this port."""
        for service in self.store.all(Service):
            if service.spec.cluster_ip == address:
                return self.routes.to_port(service, port)
        return None

    def dial(self, address: str, asks: Asks, pod: Key, name: str) -> PodLine | None:
        """A program begins to ask; None where no Service has the address."""
        stream = self.stream(address, asks.port)
        if stream is None:
            return None
        counts = _shares(asks.most, asks.callers)
        callers = [
            Caller(f"{name}/{number}", asks.pause_s, asks.patience_s, most)
            for number, most in enumerate(counts)
        ]
        line = PodLine(self.sim, self.proxies, stream, pod, callers)
        line.begin()
        return line


def _shares(most: int | None, callers: int) -> list[int | None]:
    """How many requests each of the callers makes; those who would make none are left out."""
    if most is None:
        return [None] * callers
    each, more = divmod(most, callers)
    return [each + (number < more) for number in range(callers) if each + (number < more)]


class Once:
    """A single request, whose client is told beforehand how long it takes."""

    acts = False

    def finished(self, station: Station, time: float) -> bool:
        """Its answer is there."""
        return False

    def lost(self, station: Station, time: float) -> None:
        """Nobody answers it."""


def worked(server: Container) -> float:
    """One request comes to a server: the seconds until it is answered, with those who are in line
    before it at their mean; nothing where it has no room for it."""
    station = server.station
    if station is None:
        return 0.0
    fabric, seconds = server.fabric, server.work_seconds()
    fabric.settle([station])
    line = max(0.0, fabric.in_system(station) - station.workers + 1)
    fabric.disturb(station)
    if not station.admit(server.sim.now, seconds * station.work_scale, Once()):
        return 0.0
    return seconds * (1.0 + line / max(1.0, min(station.workers, 1e9)))
