"""The body of a container: its cgroups on a kernel, its threads, what it is charged for."""

from __future__ import annotations

from dataclasses import replace
from math import floor, inf

from simulator.machine import slices
from simulator.machine.charges import Bomb
from simulator.machine.costs import Costs, HostCosts, service
from simulator.machine.cpu.crowding import CrowdedStation
from simulator.machine.cpu.quota import Quota
from simulator.machine.cpu.route import Route
from simulator.machine.cpu.share import CpuGroup
from simulator.machine.cpu.station import Station
from simulator.machine.devices import ROUNDS, Lanes, Needs, uses_devices
from simulator.machine.file_pages import FilePages
from simulator.machine.growth import Charges, Leak
from simulator.machine.host import Machine
from simulator.machine.memory import MemoryGroup
from simulator.machine.memory_space import MemorySpace
from simulator.machine.pacing import Pacing
from simulator.machine.paging import Bounds
from simulator.machine.processes import STACK_BYTES
from simulator.machine.runtimes import Runtime
from simulator.machine.settings import Limits, Settings
from simulator.machine.stalls import Stall
from simulator.machine.tenancy import Tenancy
from simulator.machine.virtual_machine import VirtualMachine
from simulator.machine.workload import Workload
from simulator.machine.writing import Writing

FEW_REQUESTS = 16
"""Room for so few requests is given to them one by one."""
NOFILE_OWN = 10
"""Files that a server has open without any connection: streams, its socket, its log."""

ACTIVE = ("starting", "running", "paused")
"""States in which a container has processes."""


class Body:
    """CPU and memory of one container on one machine. What it lives through is its subclass's."""

    def __init__(
        self, id_: str, name: str, machine: Machine, runtime: Runtime, settings: Settings
    ) -> None:
        self.name = name
        """What it is called in its world: no other is."""
        self.local_name = name
        """What its daemon calls it: containers of other daemons may be called so too."""
        self.machine = machine
        self.guest = machine if isinstance(machine, VirtualMachine) and machine.owner else None
        """The virtual machine that was made for it alone."""
        self.runtime = runtime
        self.settings = settings
        self.limits = settings.limits
        self.sim = machine.parts.sim
        self.fabric = machine.parts.fabric
        self.constants = machine.parts.calibration
        self._state = "created"
        self.started_at: float | None = None
        self.ready_at: float | None = None
        self.station: Station | None = None
        self.cpu_before_s = 0.0
        self.quota_before = Quota(inf)
        self.leak: Leak | None = None
        self.files = FilePages()
        self.memory_stall = Stall()
        """Waiting for pages that are in swap, or for the kernel to give any."""
        self.charges = Charges()
        """How often its cgroup has met its limits of memory."""
        self.pacing = Pacing()
        self.lanes: Lanes | None = None
        """Its places on devices while it runs, if its work or a bomb in it uses any."""
        self.memory_spaces: list[MemorySpace] = []
        """File systems in memory that its processes see; what is in them is its memory."""
        self.writings: list[Writing] = []
        """Files that its program lets grow while it runs."""
        self.log_file: Writing | None = None
        """What its daemon keeps of its output, while that grows."""
        self.bomb: Bomb | None = None
        self.bomb_since = 0.0
        self.bomb_threads = self.bomb_processes = self.bomb_bytes = 0
        self.program_bytes = 0
        """Memory that programs in it have taken beside what its workload says."""
        self.forks_refused = 0
        """How often ``pids.max`` refused its processes another one."""
        kernel = machine.kernel
        above = slices.find(kernel, settings.cgroup_parent) if settings.cgroup_parent else kernel
        self.cpu = CpuGroup(id_[:12], parent=above.cpu)
        self.memory = MemoryGroup(id_[:12], parent=above.memory)
        self._apply_limits()

    @property
    def state(self) -> str:
        """created, starting, running, paused, restarting, exited or removed."""
        return self._state

    @state.setter
    def state(self, state: str) -> None:
        self.machine.kernel.active += (state in ACTIVE) - (self._state in ACTIVE)
        self._state = state

    def _acted(self, what: str) -> None:
        """The exact loop stopped for this container: it is empty, or no limit has memory left."""
        raise NotImplementedError

    def out_of_memory(self, group: MemoryGroup) -> None:
        """A group at or above it is over its limit: the kernel that owns it kills somebody."""
        raise NotImplementedError

    def _note_files(self) -> None:
        """Something else is to be charged: count the file pages that have come until now."""
        raise NotImplementedError

    # --- CPU ------------------------------------------------------------------------------------

    @property
    def costs(self) -> Costs:
        """What the boundaries around its processes cost them, down to the hardware.

        A published port adds the way over the bridge and through address translation.
        """
        around = self.machine.costs
        if self.guest is None:
            around = self.runtime.costs.inside(around)
        if not self.settings.ports:
            return around
        delay_s = self.constants.value("net.nat.packet_latency_s")
        return replace(around, packet_latency_s=around.packet_latency_s + delay_s)

    @property
    def neighbours(self) -> Tenancy:
        """All tenants of the hardware that it runs on."""
        return self.machine.host.tenancy

    def work_seconds(self) -> float:
        """CPU-seconds of one request (or the whole batch job) on this machine."""
        demand = self.settings.workload.demand
        cpu_s = service(self.costs, demand, HostCosts.of(self.constants)).cpu_s
        return cpu_s * self.settings.slowdown / self.machine.speed

    @property
    def system_share(self) -> float:
        """Share of its CPU time that its kernel works for it: calls, packets, operations."""
        demand, costs = self.settings.workload.demand, self.costs
        cpu_s = service(costs, demand, HostCosts.of(self.constants)).cpu_s
        return 1.0 - demand.user_s * costs.user_factor / cpu_s if cpu_s > 0.0 else 0.0

    def _make_station(self) -> None:
        workload = self.settings.workload
        busy = workload.kind in ("server", "hog", "batch") or workload.bomb is not None
        if not busy and not workload.startup_cpu_s:
            return
        server = workload.kind == "server"
        threads = workload.workers if server else workload.threads
        self._add_station(
            # A bomb brings threads of its own when it goes off.
            1 if workload.bomb is not None else min(threads, self.limits.pids or inf),
            self._line(workload) if server else inf,
        )

    def _line(self, workload: Workload) -> float:
        """Places in line: each holds a connection, and a connection is an open file."""
        files = self.limits.nofile
        if files is None:
            return workload.queue
        return min(workload.queue, max(0.0, files - NOFILE_OWN - workload.workers))

    def _add_station(self, workers: float, room: float) -> None:
        station = self._new_station(workers, room)
        self._renew_quota(station)
        self.station = station
        if uses_devices(self.settings.workload):
            self._make_lanes()
            station.way = self._way()
        self.fabric.add_station(station)

    def _new_station(self, workers: float, room: float) -> Station:
        usl = self.settings.workload.usl
        if usl is None:
            return Station(self.name, self.cpu, workers=workers, room=room)
        return CrowdedStation(
            self.name, self.cpu, contention=usl[0], coherency=usl[1], workers=workers, room=room
        )

    def _make_lanes(self) -> None:
        self.lanes = Lanes(self.name, self.machine.devices, self.settings.workload)
        self._limit_lanes()

    def need_lanes(self) -> Lanes:
        """Its places on devices, made now if it has none."""
        if self.lanes is None:
            self._make_lanes()
        assert self.lanes is not None
        return self.lanes

    def renew_way(self) -> None:
        """Send what is done computing where the pace says; while it starts, nowhere."""
        station = self.station
        if self.lanes is None or station is None:
            return
        way = self._way()
        if way != station.way:
            self.fabric.disturb(station)
            station.way = way

    def _way(self) -> Route:
        lanes, workload = self.lanes, self.settings.workload
        assert lanes is not None
        server = workload.kind == "server"
        needs, rounds, round_s = Needs(), 1, 0.0
        if self.ready_at is not None and server:
            needs = self.pacing.pace.needs
        elif self.ready_at is not None:
            rounds = self.rounds
            needs = self.pacing.pace.needs.part(workload.threads * rounds)
            round_s = self.work_seconds() / workload.threads / rounds
        return lanes.route(needs, keeps_thread=not server, rounds=rounds, round_s=round_s)

    @property
    def rounds(self) -> int:
        """In how many rounds each of a job's threads computes, reads and writes."""
        workload = self.settings.workload
        moves = workload.ios or workload.io_bytes or workload.net_bytes
        return ROUNDS if workload.kind == "batch" and moves else 1

    def _limit_lanes(self) -> None:
        if self.lanes is not None:
            rates = self.machine.hardware.rates
            most = rates.most(self.settings.workload, self.costs, self.limits.io_bytes_s)
            self.lanes.limit(float(self.limits.io_weight), *most)

    def _renew_quota(self, station: Station) -> None:
        if station.quota is not None:
            add_quota(self.quota_before, station.quota)
        cpus = self.limits.cpus
        period = self.period_s
        station.quota = None if cpus is None else Quota(cpus * period, period, self.sim.now)

    @property
    def period_s(self) -> float:
        """Seconds in which its quota holds (``cpu.max``)."""
        return self.limits.cpu_period_us / 1e6 or self.machine.parts.usual_period_s

    @property
    def cpu_seconds(self) -> float:
        """CPU-seconds used since it was created, as of the last settling."""
        if self.station is None:
            return self.cpu_before_s
        return self.cpu_before_s + self.pacing.cpu_s(self.station.used)

    def throttling(self) -> Quota:
        """nr_periods, nr_throttled and throttled time since it was created."""
        total = Quota(inf)
        add_quota(total, self.quota_before)
        if self.station is not None and self.station.quota is not None:
            add_quota(total, self.station.quota)
        return total

    def _apply_limits(self) -> None:
        self.cpu.weight = float(self.limits.cpu_weight)
        self.cpu.allow(float(len(self.limits.cpuset)) if self.limits.cpuset else inf)
        self._limit_lanes()
        limit = self.limits.memory_bytes
        # A guest of its own has no swap, whatever its host has.
        swap = min(self.limits.swap_bytes, self.machine.hardware.swap_bytes)
        most = inf if limit is None else limit + swap
        self.memory.bind(bounds_of(self.limits, swap), most)

    # --- memory ---------------------------------------------------------------------------------

    def memory_now(self) -> int:
        """Bytes that its processes hold now."""
        workload = self.settings.workload
        held = workload.memory_bytes + self.own_overhead_bytes + self.bomb_bytes
        held += self.bomb_processes * STACK_BYTES + self.program_bytes
        if self.leak is not None:
            held += self.leak.size_bytes
        if self.memory_spaces:
            held += sum(one.used_bytes for one in self.memory_spaces)
        if self.station is not None and workload.per_request_bytes:
            inside = self.fabric.in_system(self.station) - self.bomb_threads
            held += workload.per_request_bytes * max(0, inside)
        return held

    def growing_per_s(self) -> float:
        """Bytes a second by which its memory grows by itself now: leaks, and files in memory."""
        if self.state == "paused":
            return 0.0
        leaking = 0.0 if self.leak is None else self.leak.rate_now(self.memory)
        return leaking + sum(one.rate for one in self.writings if one.on and one.in_memory)

    @property
    def own_overhead_bytes(self) -> int:
        """What its runtime costs in its own cgroup; a guest's overhead is the guest's."""
        if self.guest is not None:
            return 0
        userland = 0 if self.runtime.has_own_kernel else self.runtime.userland_bytes
        return self.runtime.private_bytes + userland

    def charge_memory(self) -> None:
        """Bring the cgroup's charge up to date; somebody is killed when it is too much."""
        if self.state not in ("running", "paused"):
            return
        self._note_files()
        if self.leak is not None:
            self.leak.follow(self.memory, self.sim.now, frozen=self.state == "paused")
        before = self.memory.usage
        over = self.memory.set_own(self.memory_now())
        self.charges.charged(before, self.memory)
        if self.leak is not None:
            waits = 0.0 if self.state == "paused" else self.leak.waits(self.memory)
            if waits or self.memory_stall.some:
                self.memory_stall.follow(self.sim.now, waits, waits)
        if over is not None:
            self.out_of_memory(over)

    def set_alarm(self) -> None:
        """Have the exact loop stop at the request that no limit has memory for.

        The caller has settled the station and charged its memory. While there is room for many
        requests it stops when half of them have come, to look again: others take of the room, too,
        and an alarm that is still early enough is left as it is.
        """
        each, station = self.settings.workload.per_request_bytes, self.station
        if not each or station is None or self.ready_at is None:
            return
        inside, room = self.fabric.in_system(station), self.memory.room_bytes()
        more = max(0, floor(room / each)) if room < inf else inf
        if inside + more + 1 > station.workers + station.room:
            station.alarm = inf
        elif not inside < station.alarm <= inside + more + 1:
            station.alarm = inside + (more if more <= FEW_REQUESTS else more // 2) + 1
            self.fabric.watch(station, self._acted)


def bounds_of(limits: Limits, swap_bytes: int) -> Bounds:
    """What the files of a container's cgroup say of its pages; no limit of swap without one."""
    most, high = limits.memory_bytes, limits.memory_high_bytes
    return Bounds(
        max_bytes=inf if most is None else most,
        high_bytes=inf if high is None else high,
        swap_bytes=inf if most is None else swap_bytes,
        low_bytes=limits.memory_low_bytes,
    )


def add_quota(total: Quota, part: Quota) -> None:
    """Add the throttling of ``part`` to ``total``."""
    total.nr_periods += part.nr_periods
    total.nr_throttled += part.nr_throttled
    total.throttled_s += part.throttled_s
