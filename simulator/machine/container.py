"""A container: an image's program as processes of a kernel, in cgroups of its own.

Life: created, starting, running, (paused), exited; restarting in between when its policy says so.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from math import floor, inf

import simpy

from simulator.engine import Process
from simulator.errors import Refused
from simulator.image.model import Image
from simulator.machine import shortage, slices
from simulator.machine.bombs import ENDLESS, FOREVER_S, burn
from simulator.machine.charges import Bomb
from simulator.machine.costs import Costs, HostCosts, service
from simulator.machine.cpu.share import CpuGroup
from simulator.machine.cpu.station import Quota, Station
from simulator.machine.events import (
    ContainerExited,
    ContainerPaused,
    ContainerReady,
    ContainerRemoved,
    ContainerRestarting,
    ContainerStarted,
    ContainerStopping,
    ContainerUnpaused,
    ContainerUpdated,
)
from simulator.machine.guests import boot
from simulator.machine.host import Machine, VirtualMachine
from simulator.machine.memory import MemoryGroup
from simulator.machine.pace import Pacing
from simulator.machine.processes import STACK_BYTES
from simulator.machine.restart import SETTLED_AFTER_S, RestartPolicy
from simulator.machine.runtimes import Runtime, start_time
from simulator.machine.settings import Limits, Settings
from simulator.machine.tenancy import Tenancy
from simulator.machine.workload import Workload

PERIOD_S = 0.1
"""The default period of ``cpu.max``."""
NOFILE_OWN = 10
"""Files that a server has open without any connection: streams, its socket, its log."""


class Task:
    """Work with an end that somebody waits for; it may be in several threads."""

    def __init__(self, threads: int) -> None:
        self.left = threads

    def finished(self, station: Station, time: float) -> bool:
        """One thread is done; somebody must act when it was the last."""
        self.left -= 1
        return self.left == 0

    def lost(self, station: Station, time: float) -> None:
        """The container died with the work undone."""


@dataclass(slots=True)
class Hooks:
    """Whom a container tells of its life: services, the one who removes it."""

    ready: Callable[[Container], None]
    unready: Callable[[Container], None]
    gone: Callable[[Container], None]


class Container:
    """One container on one machine."""

    def __init__(
        self,
        id_: str,
        name: str,
        machine: Machine,
        image: Image,
        runtime: Runtime,
        settings: Settings,
        hooks: Hooks,
        daemon: Machine | None = None,
    ) -> None:
        """``daemon``: the machine that it was started on, where its own machine is a guest."""
        self.id = id_
        self.name = name
        self.machine = machine
        self.daemon = daemon if daemon is not None else machine
        self.guest = machine if isinstance(machine, VirtualMachine) and machine.owner else None
        """The virtual machine that was made for it alone."""
        self.image = image
        self.runtime = runtime
        self.settings = settings
        self.limits = settings.limits
        self.restart_policy = settings.restart
        self.hooks = hooks
        self.sim = machine.parts.sim
        self.fabric = machine.parts.fabric
        self.state = "created"
        self.created_at = self.sim.now
        self.started_at: float | None = None
        self.finished_at: float | None = None
        self.ready_at: float | None = None
        self.exit_code: int | None = None
        self.exit_reason = ""
        self.oom_killed = False
        self.restarts = 0
        self.pid = 0
        self.station: Station | None = None
        self.paused = False
        self.stop_asked = False
        self.cpu_before_s = 0.0
        self.quota_before = Quota(inf)
        self.leak_since: float | None = None
        self.pacing = Pacing()
        self.bomb: Bomb | None = None
        self.bomb_since = 0.0
        self.bomb_threads = self.bomb_processes = self.bomb_bytes = 0
        self.oom_kills = 0
        """Processes in it that the kernel killed for memory."""
        self.log: list[tuple[float, str]] = []
        self.idle: simpy.Event = self.sim.env.event()
        """Succeeds when the container has ended for good (no restart follows)."""
        self.begun: simpy.Event = self.sim.env.event()
        """Succeeds when its first process runs, or has failed to."""
        self._row = 0
        self._death: simpy.Event | None = None
        self._limits_changed: simpy.Event | None = None
        kernel = machine.kernel
        above = slices.find(kernel, settings.cgroup_parent) if settings.cgroup_parent else kernel
        self.cpu = CpuGroup(id_[:12], parent=above.cpu)
        self.memory = MemoryGroup(id_[:12], parent=above.memory)
        self._apply_limits()
        kernel.containers[name] = self
        if self.limits.cpuset:
            self.fabric.disturb_host(self.cpu.root)
            slices.arrange_cpusets(kernel)

    # --- orders ---------------------------------------------------------------------------------

    @property
    def running(self) -> bool:
        """Whether it has processes."""
        return self.state in ("starting", "running", "paused")

    def start(self) -> None:
        """Begin to run; nothing happens when it already does."""
        if self.running or self.state == "restarting":
            return
        self.stop_asked = False
        self.restarts = self._row = 0
        self.idle = self.sim.env.event()
        self.state = "starting"
        self.begun = self.sim.env.event()
        self._death = self.sim.env.event()
        self.sim.start(self._live(self._death))

    def stop(self, grace_s: float | None = None) -> Process:
        """SIGTERM, a grace period, SIGKILL; a process that ends when the container has."""
        grace = self.settings.stop_timeout_s if grace_s is None else grace_s
        self.stop_asked = True
        if self.state == "restarting":
            self._die(self.exit_code or 0, "stopped")
            yield self.idle
        if not self.running:
            return
        if self.paused:
            self.unpause()
        self.sim.emit(ContainerStopping(self.name, "TERM", grace))
        death = self._death
        assert death is not None
        if self.settings.workload.handles_term:
            self._drain()
        yield death | self.sim.env.timeout(grace)
        if not death.triggered:
            self._die(137, "killed")
        yield self.idle

    def kill(self, signal: str = "KILL") -> None:
        """A signal to its first process."""
        if not self.running:
            raise Refused(f"container {self.name} is not running")
        if signal in ("TERM", "INT", "QUIT", "HUP"):
            if self.settings.workload.handles_term:
                self.stop_asked = True
                self._drain()
            return
        if signal == "KILL":
            self.stop_asked = True
            self._die(137, "killed")

    def crash(self, code: int = 1, reason: str = "crashed") -> None:
        """Its program ends by itself; one that waits for a restart does not get it."""
        if self.running or self.state == "restarting":
            self._die(code, reason)

    def pause(self) -> None:
        """Freeze all its threads; requests keep arriving."""
        if self.paused:
            raise Refused(f"Container {self.name} is already paused")
        if self.state != "running":
            raise Refused(f"Container {self.name} is not running")
        self._freeze(True)
        self.state = "paused"
        self.sim.emit(ContainerPaused(self.name))

    def unpause(self) -> None:
        """Let its threads go on."""
        if not self.paused:
            raise Refused(f"Container {self.name} is not paused")
        self._freeze(False)
        self.state = "running"
        self.sim.emit(ContainerUnpaused(self.name))

    def _freeze(self, frozen: bool) -> None:
        self.paused = frozen
        if self.station is not None:
            self.fabric.disturb(self.station)
            self.station.frozen = frozen
        self.neighbours.refresh()

    def update(self, limits: Limits, restart: RestartPolicy | None) -> None:
        """Change limits in place, as ``docker update`` does."""
        limits.check(self.machine)
        changes = [
            f"{name}={getattr(limits, name)}"
            for name in ("cpus", "cpu_weight", "memory_bytes", "pids")
            if getattr(limits, name) != getattr(self.limits, name)
        ]
        self.fabric.disturb_host(self.cpu.root)
        self.limits = limits
        self._apply_limits()
        if restart is not None:
            self.restart_policy = restart
            changes.append(f"restart={restart}")
        if self.station is not None:
            self._renew_quota(self.station)
            self._set_alarm()
        self.sim.emit(ContainerUpdated(self.name, ", ".join(changes) or "nothing"))
        self.neighbours.refresh()
        if self._limits_changed is not None and not self._limits_changed.triggered:
            self._limits_changed.succeed()
        self.charge_memory()
        if self.memory.usage > self.memory.limit_bytes and self.running:
            self.out_of_memory(self.memory)

    def remove(self) -> None:
        """Delete it; it has ended."""
        self.memory.detach()
        self.fabric.disturb_host(self.cpu.root)
        self.cpu.detach()
        self.machine.kernel.containers.pop(self.name, None)
        if self.limits.cpuset:
            slices.arrange_cpusets(self.machine.kernel)
        if self.guest is not None:
            self.guest.remove()
        self.state = "removed"
        self.sim.emit(ContainerRemoved(self.name))

    # --- life -----------------------------------------------------------------------------------

    def _live(self, death: simpy.Event) -> Process:
        while True:
            self.exit_code, self.oom_killed = None, False
            yield from self._begin(death)
            code, reason = yield death
            self._end(code, reason)
            if self.stop_asked or not self.daemon.up:
                break
            if not self.restart_policy.wants(code, self._row):
                break
            delay = self.restart_policy.delay_s(self._row)
            self._row += 1
            self.restarts += 1
            self.state = "restarting"
            self.sim.emit(ContainerRestarting(self.name, delay, self.restarts))
            self._death = self.sim.env.event()
            yield self.sim.env.timeout(delay) | self._death
            if self._death.triggered or not self.daemon.up:
                self.state = "exited"
                break
            death = self._death = self.sim.env.event()
        self.idle.succeed()
        if self.settings.remove:
            self.hooks.gone(self)

    def _begin(self, death: simpy.Event) -> Process:
        """From nothing to a program at work, or to an early death."""
        env, workload = self.sim.env, self.settings.workload
        self.state = "starting"
        asked = self.sim.now
        while self.neighbours.is_stalled(self.daemon.kernel) and not death.triggered:
            # Nobody can start anything where no process gets a number.
            yield env.timeout(1.0) | death
        self.daemon.starting += 1
        if self.guest is not None:
            yield from self._boot(self.guest, death)
        else:
            yield env.timeout(self._start_seconds()) | death
        self.daemon.starting -= 1
        if death.triggered:
            return
        self.pid = self.machine.kernel.new_pid()
        self.started_at = self.sim.now
        self.finished_at = None
        self.state = "running"
        if not self.begun.triggered:
            self.begun.succeed()
        self.sim.emit(ContainerStarted(self.name, self.sim.now - asked))
        self._note(f"{' '.join(self.settings.command) or 'program'}: started")
        self._make_station()
        self.charge_memory()
        self.neighbours.joined(self)
        if workload.startup_s and not death.triggered:
            yield env.timeout(workload.startup_s) | death
        if workload.startup_cpu_s and not death.triggered:
            ended = env.event()
            self._submit(workload.startup_cpu_s, 1, ended)
            yield ended | death
        if not death.triggered:
            yield from self._work(death)

    def _start_seconds(self) -> float:
        machine = self.machine
        running = sum(one.running for one in machine.kernel.containers.values())
        stream = self.sim.streams(f"start/{self.name}")
        stages = start_time(self.runtime, stream, machine.starting, running)
        return sum(seconds for _, seconds in stages)

    def _boot(self, guest: VirtualMachine, death: simpy.Event) -> Process:
        """Its own machine starts first: memory at once, then stage by stage."""
        short = guest.power_on()
        if short is not None:
            shortage.relieve(self.daemon, short)
        yield from boot(guest, self.runtime, death, f"start/{self.name}")

    def _work(self, death: simpy.Event) -> Process:
        """The program's own behaviour; a server and a hog go on until somebody ends them."""
        env, workload = self.sim.env, self.settings.workload
        assert self.started_at is not None
        self.ready_at = self.sim.now
        if workload.kind == "server":
            self.sim.emit(ContainerReady(self.name, self.sim.now - self.started_at))
            self._note("listening")
            self._set_alarm()
            self.hooks.ready(self)
        elif workload.kind == "hog":
            self._spin(workload.threads)
        elif workload.bomb is not None:
            yield from burn(self, workload.bomb, death)
        elif workload.kind == "leak":
            yield from self._leak(death)
        elif workload.kind == "batch":
            ended = env.event()
            self._submit(self.work_seconds() / workload.threads, workload.threads, ended)
            yield ended | death
            if not death.triggered:
                self._note("done")
                self._die(workload.code, "finished")
        elif workload.kind == "exit":
            yield env.timeout(workload.after_s) | death
            if not death.triggered:
                self._die(workload.code, "finished")

    def _leak(self, death: simpy.Event) -> Process:
        """Memory grows steadily; the instant at which a limit is reached is known."""
        env, rate = self.sim.env, self.settings.workload.leak_bytes_s
        self.leak_since = self.sim.now
        while rate > 0 and not death.triggered:
            room = self.memory.room_bytes()
            if room == inf:
                return
            # Look again every second at least: others may fill the machine's memory meanwhile.
            self._limits_changed = env.event()
            soon = env.timeout(min(1.0, max(1e-6, (room + 1) / rate)))
            yield soon | death | self._limits_changed
            if not death.triggered:
                self.charge_memory()

    def _end(self, code: int, reason: str) -> None:
        """All processes are gone: their memory, their requests, their place in services."""
        self.hooks.unready(self)
        if not self.begun.triggered:
            self.begun.succeed()
        lost = 0
        if self.station is not None:
            station = self.station
            inside = self.fabric.remove_station(station)
            if self.settings.workload.kind == "server" and self.ready_at is not None:
                lost = inside - self.bomb_threads
            self.cpu_before_s += self.pacing.cpu_s(station.used)
            if station.quota is not None:
                _add_quota(self.quota_before, station.quota)
            self.cpu.station = None
            self.station = None
        self.memory.set_own(0)
        ran = self.sim.now - self.started_at if self.pid and self.started_at is not None else 0.0
        self.pacing = Pacing()
        self.bomb = None
        self.bomb_threads = self.bomb_processes = self.bomb_bytes = 0
        if self.guest is not None and self.guest.kernel.state != "panicked":
            self.guest.switch_off()
        self.leak_since = None
        self.ready_at = None
        self.paused = False
        self.pid = 0
        self.exit_code, self.exit_reason = code, reason
        self.finished_at = self.sim.now
        if ran >= SETTLED_AFTER_S:
            self._row = 0
        self.state = "exited"
        self._note(f"exited with code {code} ({reason})")
        self.sim.emit(ContainerExited(self.name, code, reason, lost))
        self.neighbours.left(self)

    @property
    def dying(self) -> bool:
        """Whether its end is settled and only has to be carried out, at this very instant."""
        return self._death is not None and self._death.triggered

    @property
    def comes_back(self) -> bool:
        """Whether the daemon starts it when the machine is up again, as Docker's does."""
        if self.state != "exited" or self.restart_policy.kind == "always":
            return self.state == "exited"
        return not self.stop_asked and self.restart_policy.wants(self.exit_code or 0, self._row)

    def _die(self, code: int, reason: str) -> None:
        if self._death is not None and not self.dying:
            self._death.succeed((code, reason))

    def _drain(self) -> None:
        """No new requests; end when those inside are done."""
        self.hooks.unready(self)
        station = self.station
        server = self.settings.workload.kind == "server"
        if station is None or self.ready_at is None or not server:
            self._die(0, "stopped")
            return
        self.fabric.watch(station, self._acted)
        station.draining = True
        if not station.in_system:
            self._die(0, "stopped")

    # --- CPU ------------------------------------------------------------------------------------

    @property
    def costs(self) -> Costs:
        """What the boundaries around its processes cost them, down to the hardware."""
        if self.guest is not None:
            return self.machine.costs
        return self.runtime.costs.inside(self.machine.costs)

    @property
    def neighbours(self) -> Tenancy:
        """All tenants of the hardware that it runs on."""
        return self.machine.host.tenancy

    def detonate(self, charge: Bomb) -> None:
        """A bomb goes off in it, within its limits, beside what it was doing."""
        death = self._death
        if not self.running or self.started_at is None or death is None:
            raise Refused(f"container {self.name} is not running")
        if self.bomb is not None:
            raise Refused(f"there is already a bomb in container {self.name}")
        if self.station is None:
            self._add_station(1, inf)
        self.sim.start(burn(self, charge, death))

    def work_seconds(self) -> float:
        """CPU-seconds of one request (or the whole batch job) on this machine."""
        demand = self.settings.workload.demand
        return service(self.costs, demand, HostCosts.of()).cpu_s * self.settings.slowdown

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
        station = Station(self.name, self.cpu, workers=workers, room=room)
        self._renew_quota(station)
        self.station = station
        self.fabric.add_station(station)

    def _renew_quota(self, station: Station) -> None:
        if station.quota is not None:
            _add_quota(self.quota_before, station.quota)
        cpus = self.limits.cpus
        station.quota = None if cpus is None else Quota(cpus * PERIOD_S, PERIOD_S, self.sim.now)

    def _submit(self, work: float, threads: int, ended: simpy.Event | None) -> None:
        """Give the station's threads work; ``ended`` succeeds when all of it is done."""
        station = self.station
        assert station is not None
        task = Task(threads) if ended is not None else None
        if ended is not None:
            self.fabric.watch(station, lambda _: self._finished(station, ended))
        self.fabric.disturb(station)
        for _ in range(threads):
            station.admit(self.sim.now, work * station.work_scale, task)

    def _spin(self, threads: int) -> None:
        """Threads that never stop."""
        station = self.station
        assert station is not None
        self.fabric.disturb(station)
        for _ in range(threads):
            station.admit(self.sim.now, FOREVER_S, ENDLESS)

    def _finished(self, station: Station, ended: simpy.Event) -> None:
        self.fabric.unwatch(station)
        ended.succeed()

    def _acted(self, what: str) -> None:
        """The exact loop stopped for this container."""
        if what == "empty":
            self._die(0, "stopped")
        elif what == "alarm":
            self.charge_memory()

    @property
    def cpu_seconds(self) -> float:
        """CPU-seconds used since it was created, as of the last settling."""
        if self.station is None:
            return self.cpu_before_s
        return self.cpu_before_s + self.pacing.cpu_s(self.station.used)

    def throttling(self) -> Quota:
        """nr_periods, nr_throttled and throttled time since it was created."""
        total = Quota(inf)
        _add_quota(total, self.quota_before)
        if self.station is not None and self.station.quota is not None:
            _add_quota(total, self.station.quota)
        return total

    def _apply_limits(self) -> None:
        self.cpu.weight = float(self.limits.cpu_weight)
        self.cpu.limit = float(len(self.limits.cpuset)) if self.limits.cpuset else inf
        limit = self.limits.memory_bytes
        self.memory.limit_bytes = inf if limit is None else limit + self.limits.swap_bytes

    # --- memory ---------------------------------------------------------------------------------

    def memory_now(self) -> int:
        """Bytes that its processes hold now."""
        workload = self.settings.workload
        held = workload.memory_bytes + self.own_overhead_bytes + self.bomb_bytes
        held += self.bomb_processes * STACK_BYTES
        if self.leak_since is not None:
            held += round((self.sim.now - self.leak_since) * workload.leak_bytes_s)
        if self.station is not None and workload.per_request_bytes:
            inside = self.fabric.in_system(self.station) - self.bomb_threads
            held += workload.per_request_bytes * max(0, inside)
        return held

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
        over = self.memory.set_own(self.memory_now())
        if over is not None:
            self.out_of_memory(over)

    def _set_alarm(self) -> None:
        """Have the exact loop stop at the request that no limit has memory for."""
        workload, station = self.settings.workload, self.station
        if not workload.per_request_bytes or station is None:
            return
        spare = self.memory.limit_bytes - workload.memory_bytes - self.own_overhead_bytes
        most = workload.workers + workload.queue
        station.alarm = floor(spare / workload.per_request_bytes) + 1 if spare < inf else inf
        if station.alarm <= most:
            self.fabric.watch(station, self._acted)

    def out_of_memory(self, group: MemoryGroup) -> None:
        """A group at or above it is over its limit: the kernel that owns it kills somebody."""
        if group is self.memory:
            shortage.kill(self, group)
        else:
            shortage.relieve(self.machine, group)

    # --- what it prints -------------------------------------------------------------------------

    def _note(self, text: str) -> None:
        self.log.append((self.sim.now, text))
        if len(self.log) > 1000:
            del self.log[:500]


def _add_quota(total: Quota, part: Quota) -> None:
    total.nr_periods += part.nr_periods
    total.nr_throttled += part.nr_throttled
    total.throttled_s += part.throttled_s
