"""A container: an image's program as processes of a kernel, in cgroups of its own.

Life: created, starting, running, (paused), exited; restarting in between when its policy says so.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from math import inf

import simpy

from simulator.engine import Process
from simulator.errors import Refused
from simulator.image.model import Image
from simulator.machine import shortage, slices
from simulator.machine.body import Body, add_quota
from simulator.machine.bombs import burn
from simulator.machine.charges import Bomb
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
from simulator.machine.restart import SETTLED_AFTER_S, RestartPolicy
from simulator.machine.runtimes import Runtime, start_time
from simulator.machine.settings import Limits, Settings


@dataclass(slots=True)
class Hooks:
    """Whom a container tells of its life: services, the one who removes it."""

    ready: Callable[[Container], None]
    unready: Callable[[Container], None]
    gone: Callable[[Container], None]


class Container(Body):
    """One container on one machine: its life, and the orders that it takes."""

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
        super().__init__(id_, name, machine, runtime, settings)
        self.id = id_
        self.daemon = daemon if daemon is not None else machine
        self.image = image
        self.restart_policy = settings.restart
        self.hooks = hooks
        self.created_at = self.sim.now
        self.finished_at: float | None = None
        self.exit_code: int | None = None
        self.exit_reason = ""
        self.oom_killed = False
        self.restarts = 0
        self.pid = 0
        self.paused = False
        self.stop_asked = False
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
        machine.kernel.containers[name] = self
        if self.limits.cpuset:
            self.fabric.disturb_host(self.cpu.root)
            slices.arrange_cpusets(machine.kernel)

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
            for name in ("cpus", "cpu_period_us", "cpu_weight", "memory_bytes", "pids")
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
                add_quota(self.quota_before, station.quota)
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

    # --- what its kernel does to it -------------------------------------------------------------

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

    def _acted(self, what: str) -> None:
        """The exact loop stopped for this container."""
        if what == "empty":
            self._die(0, "stopped")
        elif what == "alarm":
            self.charge_memory()

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
