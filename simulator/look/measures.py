"""Measures of a world: what checks, reports and sweeps ask of its curves, its objects, its past."""

from __future__ import annotations

from math import inf

import numpy as np

from simulator.errors import InputError, unknown
from simulator.look.curves import Curves
from simulator.look.measures_clusters import ClusterMeasures
from simulator.look.measures_images import ImageMeasures
from simulator.look.measures_walls import WallMeasures
from simulator.machine.cpu.station import Station
from simulator.machine.events import ContainerStarted
from simulator.machine.virtual_machine import VirtualMachine
from simulator.traffic.tally import FAILURES


class Measures(Curves, ImageMeasures, WallMeasures, ClusterMeasures):
    """Functions over one world, by the names that check expressions use."""

    # --- services ---------------------------------------------------------------------------------

    def percentile(
        self, service: str, rank: float, from_s: float | None = None, to_s: float | None = None
    ) -> float:
        """A latency percentile in seconds: of all requests, or the mean of a span's seconds."""
        if not 0 <= rank <= 100:
            raise InputError("bad percentile", found=rank, expected="0 to 100")
        tally = self._world.service(service).tally
        if from_s is None and to_s is None:
            return tally.latencies.percentile(rank)[0]
        known = {50.0: "p50", 95.0: "p95", 99.0: "p99"}
        if float(rank) not in known:
            raise InputError("percentile of a span", found=rank, expected="50, 95 or 99")
        return self.mean(
            f"service/{service}/{known[float(rank)]}", from_s or 0.0, inf if to_s is None else to_s
        )

    def latency(self, service: str) -> float:
        """Mean latency in seconds of all requests answered so far; 0 before the first."""
        return self._world.service(service).tally.latencies.mean

    def endpoints(self, service: str) -> int:
        """Endpoints that a service has now."""
        services = self._world.services
        if service not in services:
            raise unknown("service", service, services)
        return len(services[service].endpoints)

    def waiting_time(self, service: str) -> float:
        """Mean seconds that requests waited in line for a thread of the endpoints there are now.

        The area under the number in line over the requests taken in (Little 1961).
        """
        self._world.fabric.settle()
        stations = self._taken(service)
        waited_s: float = sum(one.waited_s for one in stations)
        return waited_s / sum(one.taken for one in stations)

    def waiting_share(self, service: str) -> float:
        """Share of the requests that found no thread free and had to wait in line, 0 to 1."""
        self._world.fabric.settle()
        stations = self._taken(service)
        return sum(one.waited for one in stations) / sum(one.taken for one in stations)

    def _taken(self, service: str) -> list[Station]:
        stations = [one for one in self._world.service(service).endpoints if one.taken]
        if not stations:
            raise InputError("no data yet", found=service, expected="a service with requests")
        return stations

    def requests(self, service: str, outcome: str = "arrived") -> int:
        """How many requests arrived, or had this outcome."""
        outcomes = self._world.service(service).tally.outcomes()
        if outcome not in outcomes:
            raise unknown("outcome", outcome, outcomes)
        return outcomes[outcome]

    def error_rate(self, service: str) -> float:
        """Share of the finished requests that failed, 0 to 1."""
        outcomes = self._world.service(service).tally.outcomes()
        failed = sum(outcomes[kind] for kind in FAILURES)
        done = failed + outcomes["ok"]
        if not done:
            raise InputError("no request has ended yet", found=service)
        return failed / done

    def wait_share(self, service: str) -> float:
        """Share of the requests that its present endpoints took in that had to wait in line."""
        return self._world.service(service).waits()[0]

    def mean_wait(self, service: str) -> float:
        """Mean time in line in seconds, of those who did not wait too: response without service."""
        return self._world.service(service).waits()[1]

    # --- containers --------------------------------------------------------------------

    def running(self, alias: str = "") -> int:
        """Containers that run, all or those with an alias."""
        return sum(
            one.state == "running" and (not alias or alias in one.settings.aliases)
            for one in self._world.containers.values()
        )

    def restarts(self, container: str) -> int:
        """How often a container was restarted."""
        return self._container(container).restarts

    def container_seconds(self, service: str) -> float:
        """Container-seconds that endpoints of a service were there for."""
        series = self._series(f"service/{service}/endpoints")
        if not len(series):
            return 0.0
        steps = np.diff(series.times, prepend=0.0)
        return float((series.values * steps).sum())

    def cpu_used(self, container: str) -> float:
        """CPU-seconds used by a container."""
        return self._world.container(container).cpu_seconds

    def throttled_ratio(self, container: str) -> float:
        """Share of the periods in which a container was throttled."""
        quota = self._world.container(container).throttling()
        return quota.nr_throttled / quota.nr_periods if quota.nr_periods else 0.0

    # --- machines ---------------------------------------------------------------------------------

    def machine_exists(self, name: str) -> bool:
        """Whether a host or a virtual machine of this name exists."""
        return name in self._world.machines

    def vms(self) -> int:
        """Virtual machines that exist."""
        return len(self._world.vms())

    def vms_running(self) -> int:
        """Virtual machines that have booted."""
        return sum(vm.kernel.state == "running" for vm in self._world.vms())

    def boot_seconds(self, vm: str) -> float:
        """Seconds from the command that made a virtual machine until it had booted."""
        found = self._vm(vm)
        if found.booted_at is None:
            raise InputError("this VM has not booted yet", found=vm)
        return found.booted_at - found.created_at

    def vm_memory(self, vm: str) -> int:
        """Bytes of its host's memory that a virtual machine holds, its monitor included."""
        found = self._vm(vm)
        return found.memory.resident

    def memory_used(self, host: str) -> int:
        """Bytes of memory in use on a host."""
        hosts = {one.name: one for one in self._world.hosts()}
        if host not in hosts:
            raise unknown("host", host, hosts)
        return hosts[host].kernel.memory.resident

    def start_seconds(self) -> float:
        """Median seconds from the order to a container's first process, of the starts kept."""
        times = [
            entry.event.seconds
            for entry in self._world.journal
            if isinstance(entry.event, ContainerStarted)
        ]
        if not times:
            raise InputError("no container was started")
        return float(np.median(times))

    def cpu_mean(self) -> float:
        """Cores that all hosts together used, the mean of their samples."""
        return sum(self.mean(f"host/{one.name}/cpu") for one in self._world.hosts())

    def memory_peak(self) -> float:
        """Bytes of memory: the most that each host had in use, all hosts together."""
        return sum(self.max(f"host/{one.name}/memory") for one in self._world.hosts())

    # --- everything -------------------------------------------------------------------------------

    def count(self, kind: str) -> int:
        """Events of a kind so far: ``count('OomKilled')``."""
        return self._world.journal.count_of(kind)

    def event_time(self, kind: str, index: float = 1) -> float:
        """When the event of a kind happened, the first by default; -1: the last one."""
        journal = self._world.journal
        times = [entry.time for entry in journal if type(entry.event).__name__ == kind]
        count = journal.count_of(kind)
        if index < 0:
            index += count + 1
        if not 1 <= index <= count:
            raise InputError("no such event yet", found=f"{kind} number {index:g}")
        kept = int(index) - 1 - (count - len(times))
        if kept < 0:
            raise InputError("no longer kept in the journal", found=f"{kind} number {index:g}")
        return times[kept]

    def cost(self) -> float:
        """What the hosts have cost so far, in the currency of their prices."""
        return self._world.cost()

    # --- finding ----------------------------------------------------------------------------------

    def _vm(self, name: str) -> VirtualMachine:
        vms = {one.name: one for one in self._world.vms()}
        if name not in vms:
            raise unknown("virtual machine", name, vms)
        return vms[name]
