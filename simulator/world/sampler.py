"""Samples, once a simulated second: what every series, screen and check reads.

Readers see the last sample and never cause one, so that looking on changes nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil, floor
from typing import TYPE_CHECKING

from simulator.engine import Series
from simulator.engine.calendar import Entry as CalendarEntry
from simulator.machine.container import Container, containers_below
from simulator.machine.host import Machine, VirtualMachine
from simulator.traffic.service import Service
from simulator.traffic.tally import Window
from simulator.world.fleet import Follower

if TYPE_CHECKING:
    from simulator.world.world import World

EVERY_S = 1.0
KEPT_SAMPLES = 2048
"""Samples kept of each container and machine before every two become one."""
MOST_REQUESTS = 200_000
"""Requests that may come to one service between two solutions, so that no frame waits for long."""
BUSY_STATIONS = 200
"""Above this number of stations, samples are taken further apart; services keep their seconds."""
SERVICE_SERIES = (
    ("offered", "1/s"),
    ("ok", "1/s"),
    ("failed", "1/s"),
    ("mean", "s"),
    ("p50", "s"),
    ("p95", "s"),
    ("p99", "s"),
)


@dataclass(slots=True, eq=False)
class ContainerSample:
    """One container as last sampled; rates are means since the sample before."""

    time: float
    cpu_seconds: float
    throttled_s: float
    cpu_cores: float = 0.0
    throttled: float = 0.0
    memory_bytes: int = 0
    in_flight: int = 0
    queued: int = 0
    done: int = 0
    requests_per_s: float = 0.0


class Sampler(Follower):
    """Takes the samples and keeps the newest of each container and service."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.started = world.sim.now
        self.taken = 0
        """Samples so far."""
        self.containers: dict[Container, ContainerSample] = {}
        self.windows: dict[str, Window] = {}
        self.in_flight: dict[str, tuple[int, int]] = {}
        self._series: dict[object, list[Series]] = {}
        self._peaks: dict[str, float] = {}
        self._busiest_per_s = 0.0
        self._next: CalendarEntry | None = None

    def plan(self) -> None:
        """Take the next sample at its time, and solve what comes until then in slices."""
        began, every = self.world.now, self.interval_s()
        # Samples keep to a grid, whatever made an interval begin in between.
        interval = (floor(began / every + 1e-9) + 1) * every - began
        pieces = ceil(interval * self._busiest_per_s / MOST_REQUESTS) or 1
        self._go_on(began, interval, pieces, 0)

    def _go_on(self, began: float, interval: float, pieces: int, piece: int) -> None:
        """The next of some slices of an interval; a sample after the last one."""
        if piece:
            self.world.fabric.settle()
        following = piece + 1
        until = began + interval * following / pieces
        if following < pieces:
            self._next = self.world.sim.at(until, self._go_on, began, interval, pieces, following)
        else:
            self._next = self.world.sim.at(until, self._sample)

    def _sample(self) -> None:
        self.settle()
        self.plan()

    def expect(self, service: str, peak_per_s: float) -> None:
        """Traffic of so many requests per second may come: solve it in slices of bounded size."""
        self._peaks[service] = peak_per_s
        self._busiest_per_s = max(self._peaks.values())
        if self._busiest_per_s > MOST_REQUESTS and self._next is not None:
            self._next.cancel()
            self._next = self.world.sim.at(self.world.now, self.plan)

    def interval_s(self) -> float:
        """Seconds between samples: one, or more in a large world."""
        stations = sum(1 for one in self.world.containers.values() if one.station is not None)
        return EVERY_S * max(1, ceil(stations / BUSY_STATIONS))

    def settle(self) -> None:
        """Solve everything up to now and take one sample."""
        world = self.world
        self.taken += 1
        world.fabric.settle()
        for container in world.containers.values():
            if container.running or container in self.containers:
                self._container(container)
        for service in world.services.values():
            self._service(service)
        for machine in world.machines.values():
            self._machine(machine)

    def renamed(self, container: Container, before: str) -> None:
        """A container has another name: its series go on under that."""
        self._series.pop(container, None)

    def gone(self, container: Container) -> None:
        """A container is gone."""
        self.containers.pop(container, None)
        self._series.pop(container, None)

    # --- services ---------------------------------------------------------------------------------

    def _service(self, service: Service) -> None:
        recorder, name = self.world.recorder, service.name
        series = self._series.get(service)
        if series is None:
            kinds = [*SERVICE_SERIES, ("in_flight", ""), ("queued", ""), ("endpoints", "")]
            series = [recorder.series(f"service/{name}/{key}", unit) for key, unit in kinds]
            self._series[service] = series
        windows = service.tally.close(self.world.now)
        for window in windows:
            values = (
                window.offered,
                window.ok,
                window.failed,
                window.mean,
                window.p50,
                window.p95,
                window.p99,
            )
            for one, value in zip(series, values, strict=False):
                one.add(window.end, value)
        if not windows:
            return
        self.windows[name] = windows[-1]
        queued = sum(self.world.fabric.queued(station) for station in service.endpoints)
        self.in_flight[name] = (service.tally.in_flight, queued)
        now = windows[-1].end
        series[7].add(now, service.tally.in_flight)
        series[8].add(now, queued)
        series[9].add(now, len(service.endpoints))

    # --- containers and machines ------------------------------------------------------------------

    def _container(self, container: Container) -> None:
        now = self.world.now
        quota = container.station.quota if container.station is not None else None
        throttled_s = container.quota_before.throttled_s + (quota.throttled_s if quota else 0.0)
        if quota is not None and quota.throttled:
            throttled_s += now - quota.throttled_at
        before = self.containers.get(container)
        used = container.cpu_seconds
        sample = ContainerSample(now, used, throttled_s)
        sample.memory_bytes = container.memory.usage
        if container.station is not None:
            sample.in_flight = self.world.fabric.in_system(container.station)
            sample.queued = self.world.fabric.queued(container.station)
            sample.done = container.station.taken
        if before is not None and now > before.time:
            passed = now - before.time
            sample.cpu_cores = max(0.0, used - before.cpu_seconds) / passed
            sample.throttled = min(1.0, max(0.0, throttled_s - before.throttled_s) / passed)
            sample.requests_per_s = max(0, sample.done - before.done) / passed
        elif before is not None:
            return
        self.containers[container] = sample
        series = self._series.get(container)
        if series is None:
            recorder, prefix = self.world.recorder, f"container/{container.name}"
            series = self._series[container] = [
                recorder.series(f"{prefix}/cpu", "cores", capacity=KEPT_SAMPLES),
                recorder.series(f"{prefix}/memory", "B", capacity=KEPT_SAMPLES),
                recorder.series(f"{prefix}/throttled", "", capacity=KEPT_SAMPLES),
                recorder.series(f"{prefix}/in_flight", "", capacity=KEPT_SAMPLES),
            ]
        values = (sample.cpu_cores, sample.memory_bytes, sample.throttled, sample.in_flight)
        for one, value in zip(series, values, strict=True):
            one.add(now, value)

    def cpu_cores(self, machine: Machine) -> float:
        """Cores used on a machine, in its containers and its VMs, as last sampled."""
        return sum(
            self.containers[one].cpu_cores
            for one in containers_below(machine.kernel)
            if one in self.containers
        )

    def _steal(self, vm: VirtualMachine) -> None:
        """Share of its vCPUs' time that a guest wanted and did not get since the last sample."""
        now, stolen = self.world.now, vm.group.missed(self.world.now)
        time, before = vm.stolen_before
        if now > time:
            ratio = (stolen - before) / (now - time) / vm.hardware.cores
            self.world.recorder.series(f"vm/{vm.name}/steal", "").add(now, max(0.0, ratio))
        vm.stolen_before = (now, stolen)

    def _machine(self, machine: Machine) -> None:
        series = self._series.get(machine)
        if series is None:
            kind = "host" if machine.host is machine else "vm"
            prefix = f"{kind}/{machine.name}"
            recorder = self.world.recorder
            series = self._series[machine] = [
                recorder.series(f"{prefix}/cpu", "cores", capacity=KEPT_SAMPLES),
                recorder.series(f"{prefix}/memory", "B", capacity=KEPT_SAMPLES),
            ]
        if isinstance(machine, VirtualMachine):
            self._steal(machine)
        series[0].add(self.world.now, self.cpu_cores(machine))
        series[1].add(self.world.now, machine.kernel.memory.usage)
