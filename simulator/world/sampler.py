"""The recorder: what is drawn, once a simulated second. It only looks.

Whatever it reads is there whether it reads it or not: CPU used, seconds throttled and the area
under the number in the system are integrals that stations keep, so a sample is the exact mean
since the one before, however far apart they are. It has no entry in the calendar: the engine asks
it when everything that happens at an instant has happened.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from math import ceil, floor

import numpy as np
import numpy.typing as npt

from simulator.engine import Column, Series, Table
from simulator.machine.container import Container
from simulator.machine.cpu.quiet import CALLED_S, LINED_S, QUEUED, TAKEN
from simulator.machine.cpu.station import Station
from simulator.machine.hardware import Parts
from simulator.machine.host import Machine
from simulator.machine.memory import MemoryGroup
from simulator.machine.virtual_machine import VirtualMachine
from simulator.traffic.service import Service
from simulator.traffic.tally import Window
from simulator.world import container_samples
from simulator.world.container_samples import ContainerSample, is_idle
from simulator.world.director import Director
from simulator.world.disk_waits import DiskWaits
from simulator.world.fleet import Fleet, Follower
from simulator.world.quiet_samples import QuietSamples

Floats = npt.NDArray[np.float64]
Indexes = npt.NDArray[np.intp]
EVERY_S = 1.0
MOST_REQUESTS = 200_000
"""Requests that may come to one service between two solutions, so that no frame waits for long."""
MANY_CONTAINERS = 20_000
"""Above this number of containers, samples are taken further apart; services keep their seconds."""
MANY_ALONE = 1_000
"""The same of containers that have to be looked at one by one, which costs ten times as much."""
CONTAINER_UNITS = {"cpu": "cores", "memory": "B", "throttled": "", "in_flight": ""}
MACHINE_UNITS = {"cpu": "cores", "memory": "B"}
VM_UNITS = {**MACHINE_UNITS, "steal": ""}
SERVICE_UNITS = {
    "offered": "1/s",
    "ok": "1/s",
    "failed": "1/s",
    "mean": "s",
    "p50": "s",
    "p95": "s",
    "p99": "s",
    "in_flight": "",
}
"""Measures of a service that are cut into windows of a second."""
CPU, MEMORY, STEAL = range(3)
"""Places of the measures of machines."""


@dataclass(slots=True, eq=False)
class _ServiceSample:
    """One service as last sampled."""

    windowed: list[Series]
    queued: Series
    endpoints: Series
    wait: Series
    time: float
    endpoints_then: list[Station] = field(default_factory=list)
    waited: Floats = field(default_factory=lambda: np.empty((2, 0)))
    """Job-seconds in line and jobs taken in of each endpoint, as of ``time``."""
    known: tuple[int, list[Station]] = field(default_factory=lambda: (-1, []))
    """For which quiet stations and endpoints the following hold."""
    quiet: list[int] = field(default_factory=list)
    """Places of the endpoints that are quiet, and their rows."""
    rows: Indexes = field(default_factory=lambda: np.empty(0, dtype=np.intp))
    others: list[int] = field(default_factory=list)


class Sampler(Follower):
    """Takes the samples and keeps the newest of each container and service."""

    def __init__(self, parts: Parts, fleet: Fleet, director: Director) -> None:
        self.parts, self.fleet, self.director = parts, fleet, director
        self.started = parts.sim.now
        self.taken = 0
        """Samples so far."""
        self.due = EVERY_S
        """When the engine asks it to look next."""
        self._containers: dict[Container, ContainerSample] = {}
        self._quiet = QuietSamples()
        self.windows: dict[str, Window] = {}
        self.in_flight: dict[str, tuple[int, int]] = {}
        self._services: dict[Service, _ServiceSample] = {}
        self._machines: dict[Machine, Column] = {}
        self._by_kind: dict[str, list[Machine]] = {"host": [], "vm": []}
        self._memory: dict[str, list[MemoryGroup]] = {"host": [], "vm": []}
        self._stolen: dict[Machine, tuple[float, float]] = {}
        """When each guest was sampled last, and core-seconds missed until then."""
        self._peaks: dict[str, float] = {}
        self._busiest_per_s = 0.0
        self._next_sample = EVERY_S
        self._sampled_at = 0.0
        self._tables = {
            "container": Table(CONTAINER_UNITS),
            "host": Table(MACHINE_UNITS),
            "vm": Table(VM_UNITS),
        }
        self._disk_waits = DiskWaits()
        self._tables["disk"] = self._disk_waits.table
        self.parts.sim.recorder.tables.update(self._tables)

    # --- when it looks ----------------------------------------------------------------------------

    def look(self) -> None:
        """Solve a slice of what has come, and take a sample where one is due."""
        now = self.parts.sim.now
        if now >= self._next_sample:
            self.settle()
            every = self.interval_s()
            # Samples keep to a grid, whatever made an interval begin in between.
            self._next_sample = (floor(now / every + 1e-9) + 1) * every
        else:
            self.parts.fabric.settle()
        self._plan()

    def _plan(self) -> None:
        """Cut the time until the next sample into slices of bounded size."""
        now = self.parts.sim.now
        pieces = ceil((self._next_sample - now) * self._busiest_per_s / MOST_REQUESTS) or 1
        self.due = now + (self._next_sample - now) / pieces if pieces > 1 else self._next_sample

    def expect(self, service: str, peak_per_s: float) -> None:
        """Traffic of so many requests per second may come: solve it in slices of bounded size."""
        self._peaks[service] = peak_per_s
        self._busiest_per_s = max(self._peaks.values())
        self._plan()

    def interval_s(self) -> float:
        """Seconds between samples: one, or more in a large world."""
        alone, every = len(self._quiet.others), len(self.fleet.containers)
        return EVERY_S * max(1, ceil(alone / MANY_ALONE), ceil(every / MANY_CONTAINERS))

    def settle(self) -> None:
        """Solve everything up to now and take one sample."""
        self.taken += 1
        self._sampled_at = self.parts.sim.now
        self.parts.fabric.settle()
        self._sample_machines()
        self._sample_containers()
        for service in self.director.services.values():
            self._service(service)
        if len(self._services) > len(self.director.services):
            self._drop_services()
        for table in self._tables.values():
            table.sample(self.parts.sim.now)

    # --- what becomes of containers ---------------------------------------------------------------

    def renamed(self, container: Container, before: str) -> None:
        """A container has another name: its series go on under that."""
        self._tables["container"].rename(before, container.name)
        self._disk_waits.renamed(container, before)

    def gone(self, container: Container) -> None:
        """A container is gone, and its series with it."""
        self._containers.pop(container, None)
        self._quiet.changes = -1
        self._tables["container"].drop(container.name)
        self._disk_waits.gone(container)

    # --- services ---------------------------------------------------------------------------------

    def _service(self, service: Service) -> None:
        name, now = service.name, self.parts.sim.now
        sample = self._services.get(service)
        if sample is None:
            sample = self._services[service] = self._begin_service(name)
        windows = service.tally.close(now)
        for window in windows:
            for series, measure in zip(sample.windowed, SERVICE_UNITS, strict=True):
                series.add(window.end, getattr(window, measure))
        if not windows:
            return
        self.windows[name] = windows[-1]
        ones = list(service.endpoints)
        queued, waited = self._lines(ones, sample)
        self.in_flight[name] = (service.tally.in_flight, queued)
        sample.endpoints.add(now, len(ones))
        self._waiting(ones, waited, sample, now)

    def _drop_services(self) -> None:
        """Services that were removed go with their series."""
        kept = set(self.director.services.values())
        for service in [one for one in self._services if one not in kept]:
            del self._services[service]
            if service.name not in self.director.services:
                self.parts.sim.recorder.forget(f"service/{service.name}")
                self.windows.pop(service.name, None)
                self.in_flight.pop(service.name, None)

    def _begin_service(self, name: str) -> _ServiceSample:
        def series(measure: str, unit: str = "") -> Series:
            return self.parts.sim.recorder.series(f"service/{name}/{measure}", unit)

        windowed = [series(measure, unit) for measure, unit in SERVICE_UNITS.items()]
        rest = series("queued"), series("endpoints"), series("wait", "s")
        return _ServiceSample(windowed, *rest, self.parts.sim.now)

    def _lines(self, ones: list[Station], sample: _ServiceSample) -> tuple[int, Floats]:
        """How many are in line at these endpoints; of each, job-seconds there and jobs so far."""
        fabric = self.parts.fabric
        quiet, known = fabric.quiet, (fabric.quiet.changes, ones)
        if sample.known != known:
            sample.known = known
            found = [(place, quiet.row(one)) for place, one in enumerate(ones)]
            sample.quiet = [place for place, row in found if row is not None]
            sample.rows = np.array([row for _, row in found if row is not None], dtype=np.intp)
            sample.others = [place for place, row in found if row is None]
        if not len(sample.rows):
            waited = np.array([[one.waited_s for one in ones], [one.taken for one in ones]])
            return sum([fabric.queued(one) for one in ones]), waited
        waited = np.empty((2, len(ones)))
        sums = quiet.sums[:, sample.rows]
        waited[:, sample.quiet] = sums[CALLED_S] + sums[LINED_S], sums[TAKEN]
        others = [ones[place] for place in sample.others]
        waited[:, sample.others] = [one.waited_s for one in others], [one.taken for one in others]
        queued = sum([fabric.queued(one) for one in others]) + int(sums[QUEUED].sum())
        return queued, waited

    def _waiting(
        self, ones: list[Station], waited: Floats, sample: _ServiceSample, now: float
    ) -> None:
        """The mean number in line, and the mean time there by Little's law."""
        passed = now - sample.time
        before = sample.waited
        if ones != sample.endpoints_then:
            known = dict(zip(sample.endpoints_then, before.T.tolist(), strict=True))
            before = np.array([known.get(one, (0.0, 0.0)) for one in ones]).reshape(-1, 2).T
        area, taken = (waited - before).sum(axis=1).tolist()
        sample.time, sample.endpoints_then, sample.waited = now, ones, waited
        sample.queued.add(now, max(0.0, area) / passed if passed > 0 else 0.0)
        sample.wait.add(now, max(0.0, area) / taken if taken > 0 else 0.0)

    # --- containers and machines ------------------------------------------------------------------

    def _begin(self, container: Container) -> None:
        """A container's first sample: there is nothing yet to take a mean of."""
        column = self._tables["container"].column(container.name)
        machines: list[Column] = []
        machine: Machine | None = container.machine
        while machine is not None:
            machines.append(self._column(machine))
            machine = machine.on if isinstance(machine, VirtualMachine) else None
        sample = ContainerSample(self.parts.sim.now, 0.0, 0.0, column, tuple(machines))
        container_samples.begin(container, sample, self.parts.sim.now)
        self._containers[container] = sample
        self._quiet.changes = -1

    def _sample_containers(self) -> None:
        now = self.parts.sim.now
        containers, samples = [], []
        quiet, ours = self.parts.fabric.quiet, self._quiet
        every = self.fleet.containers
        if ours.changes != quiet.changes or ours.of != len(every):
            ours.settle(quiet, self._containers, every.values(), now)
        for container in ours.others:
            sample = self._containers.get(container)
            if sample is None:
                if container.running:
                    self._begin(container)
            elif is_idle(container, sample):
                sample.time = now
            elif sample.time < now:
                containers.append(container)
                samples.append(sample)
        table, *machines = self._tables.values()
        if samples:
            container_samples.sample(containers, samples, now, table)
            self._disk_waits.sample(containers, now)
        ours.sample(quiet, now, table, machines)

    @property
    def containers(self) -> dict[Container, ContainerSample]:
        """The newest sample of each container."""
        self._quiet.write_back()
        return self._containers

    def cpu_cores(self, machine: Machine) -> float:
        """Cores used on a machine, in its containers and its VMs, as last sampled.

        0 where it is down, or went down after that sample.
        """
        column = self._machines.get(machine)
        fell = not machine.up or machine.fell_at > self._sampled_at
        return 0.0 if fell or column is None else column.get(CPU)

    def steal(self, vm: VirtualMachine) -> float:
        """Share of a guest's vCPUs' time that it wanted and did not get, as last sampled."""
        column = self._machines.get(vm)
        return 0.0 if column is None else column.get(STEAL)

    def _column(self, machine: Machine) -> Column:
        found = self._machines.get(machine)
        if found is None:
            kind = "vm" if isinstance(machine, VirtualMachine) else "host"
            found = self._machines[machine] = self._tables[kind].column(machine.name)
        return found

    def _sample_machines(self) -> None:
        """What they use of memory; their CPU is added up while the containers are sampled."""
        machines = list(self.fleet.machines.values())
        if len(self._machines) > len(machines) or any(x not in self._machines for x in machines):
            self._arrange(machines)
        for kind, ones in self._by_kind.items():
            if ones:
                columns = [self._machines[one] for one in ones]
                memory = [one.resident for one in self._memory[kind]]
                self._tables[kind].fill(CPU, 0.0)
                self._tables[kind].put(columns, MEMORY, memory)
        vms = [one for one in self._by_kind["vm"] if isinstance(one, VirtualMachine)]
        if vms:
            stolen = [self._steal(one) for one in vms]
            self._tables["vm"].put([self._machines[one] for one in vms], STEAL, stolen)

    def _arrange(self, machines: list[Machine]) -> None:
        """Machines came or went: columns for the new ones, none for those that are gone."""
        for gone in self._machines.keys() - set(machines):
            kind = "vm" if isinstance(gone, VirtualMachine) else "host"
            if gone.name not in self.fleet.machines:
                self._tables[kind].drop(gone.name)
            del self._machines[gone]
            self._stolen.pop(gone, None)
        self._by_kind = {"host": [], "vm": []}
        for one in machines:
            self._column(one)
            self._by_kind["vm" if isinstance(one, VirtualMachine) else "host"].append(one)
        self._memory = {
            kind: [one.kernel.memory for one in ones] for kind, ones in self._by_kind.items()
        }

    def _steal(self, vm: VirtualMachine) -> float:
        """Share of its vCPUs' time that a guest wanted and did not get since the last sample."""
        now, stolen = self.parts.sim.now, vm.group.missed(self.parts.sim.now)
        time, before = self._stolen.get(vm, (now, stolen))
        self._stolen[vm] = (now, stolen)
        if now <= time:
            return 0.0
        return max(0.0, (stolen - before) / (now - time) / vm.hardware.cores)
