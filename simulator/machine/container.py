"""A container: an image's program as processes of a kernel, in cgroups of its own.

Life: created, starting, running, (paused), exited; restarting in between when its policy says so.
What comes next, where its time is known, is an entry of the calendar; a death may come at any
state, is settled at once and carried out after what else is done at that instant.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from math import inf
from typing import Any, cast

from simulator.dockerfile.signals import signal_name
from simulator.engine import Moment
from simulator.engine.calendar import Action, Entry
from simulator.errors import Refused
from simulator.image.model import Image
from simulator.machine import pagecache, shortage, slices
from simulator.machine.body import ACTIVE, add_quota
from simulator.machine.bombs import Burning
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
from simulator.machine.host import Machine, VirtualMachine
from simulator.machine.kernel import Kernel
from simulator.machine.memory import MemoryGroup
from simulator.machine.pacing import Pacing
from simulator.machine.program import Program
from simulator.machine.restart import RestartPolicy
from simulator.machine.runtimes import Runtime, start_time
from simulator.machine.settings import Limits, Settings


@dataclass(slots=True)
class Hooks:
    """Whom a container tells of its life: services, the one who removes it."""

    ready: Callable[[Container], None]
    unready: Callable[[Container], None]
    gone: Callable[[Container], None]


ENDING = ("TERM", "INT", "QUIT", "HUP")
"""Signals after which a program that handles them puts its affairs in order and ends."""


class Container(Program):
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
        self.over = Moment(self.sim)
        """When it has ended for good (no restart follows)."""
        self.begun = Moment(self.sim)
        """When its first process runs, or has failed to."""
        self._row = 0
        self._asked = 0.0
        self._counted = False
        """Whether its machine counts it among the starts under way."""
        self._fate: tuple[int, str] | None = None
        """Exit code and reason of the death that is to be carried out, or was last."""
        self._failure: Entry | None = None
        """When its program fails by itself, where it does (``mtbf=``)."""
        self._grace: Entry | None = None
        self._burning: Burning | None = None
        machine.kernel.containers[name] = self
        if self.limits.cpuset:
            self.fabric.disturb_host(self.cpu.root)
            slices.arrange_cpusets(machine.kernel)

    # --- orders ---------------------------------------------------------------------------------

    @property
    def running(self) -> bool:
        """Whether it has processes."""
        return self.state in ACTIVE

    def start(self) -> None:
        """Begin to run; nothing happens when it already does, or was removed."""
        if self.running or self.state in ("restarting", "removed"):
            return
        self.stop_asked = False
        self.restarts = self._row = 0
        self.over, self.begun = Moment(self.sim), Moment(self.sim)
        self.state = "starting"
        self._fate = None
        self._timer = self.sim.at(self.sim.now, self._begin)

    def stop(self, grace_s: float | None = None) -> None:
        """Its stop signal, a grace period, SIGKILL; ``when_over`` tells of its end."""
        grace = self.settings.stop_timeout_s if grace_s is None else grace_s
        if grace is None:
            grace = self.constants.value("control.docker.stop_grace_s")
        self.stop_asked = True
        if self.state == "restarting":
            self._die(self.exit_code or 0, "stopped")
        if not self.running:
            return
        if self.paused:
            self.unpause()
        signal = self.settings.stop_signal
        self.sim.emit(ContainerStopping(self.name, signal, grace))
        if signal == "KILL":
            self._die(137, "killed")
        elif self._ends_at(signal):
            self._drain()
        if not self.dying:
            self._kill_at(self.sim.now + grace)

    def _kill_at(self, time: float) -> None:
        """The earliest of several deadlines counts."""
        if self._grace is not None:
            if self._grace and self._grace.time <= time:
                return
            self._grace.cancel()
        self._grace = self.sim.at(time, self._die, 137, "killed")

    def when_begun(self, action: Action, *arguments: Any) -> None:
        """Call ``action`` when its first process runs, or has failed to."""
        self.begun.when(action, *arguments)

    def when_over(self, action: Action, *arguments: Any) -> None:
        """Call ``action`` when it has ended for good; at once if it does not live."""
        if self.running or self.state == "restarting":
            self.over.when(action, *arguments)
        else:
            self.sim.at(self.sim.now, action, *arguments)

    def kill(self, signal: str = "KILL") -> None:
        """A signal to its first process."""
        if not self.running:
            raise Refused(f"container {self.name} is not running")
        if self._ends_at(signal):
            self.stop_asked = True
            self._drain()
        elif signal == "KILL":
            self.stop_asked = True
            self._die(137, "killed")

    def _ends_at(self, signal: str) -> bool:
        """Whether its program ends by itself when it gets a signal."""
        known = signal in ENDING or signal == signal_name(self.image.config.stop_signal)
        return known and self.settings.workload.handles_term

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
        limits.check(self.machine.hardware)
        changes = [
            f"{name}={getattr(limits, name)}"
            for name in ("cpus", "cpu_period_us", "cpu_weight", "memory_bytes", "pids")
            if getattr(limits, name) != getattr(self.limits, name)
        ]
        self.fabric.disturb_host(self.cpu.root)
        self.limits = limits
        self._apply_limits()
        if self.guest is not None:
            self.guest.weigh(float(limits.cpu_weight), float(limits.io_weight))
        if restart is not None:
            self.restart_policy = restart
            changes.append(f"restart={restart}")
        if self.station is not None:
            self._renew_quota(self.station)
        self.sim.emit(ContainerUpdated(self.name, ", ".join(changes) or "nothing"))
        self.neighbours.refresh()
        self.machine.host.housekeeping.replan()
        self.charge_memory()
        self.set_alarm()
        if self.memory.usage > self.memory.limit_bytes and self.running:
            self.out_of_memory(self.memory)

    def remove(self) -> None:
        """Delete it; it has ended."""
        self.memory.detach()
        root = self.cpu.root
        self.cpu.detach()
        self.machine.kernel.containers.pop(self.name, None)
        if self.limits.cpuset:
            self.fabric.disturb_host(root)
            slices.arrange_cpusets(self.machine.kernel)
        if self.guest is not None:
            self.guest.remove()
        self.state = "removed"
        self.sim.emit(ContainerRemoved(self.name))

    # --- life -----------------------------------------------------------------------------------

    def _begin(self) -> None:
        """From nothing to a program at work, or to an early death."""
        self.exit_code, self.oom_killed = None, False
        self.state = "starting"
        self._asked = self.sim.now
        self._try_to_start()

    def _try_to_start(self) -> None:
        if self.neighbours.is_stalled(self.daemon.kernel):
            # Nobody can start anything where no process gets a number.
            self._after(1.0, self._try_to_start)
            return
        if self.guest is not None:
            self._boot(self.guest)
            return
        self.daemon.starts.join()
        self._counted = True
        self._after(self._start_seconds(), self._started)

    def _started(self) -> None:
        """Its first process runs."""
        self._leave_starts()
        self.pid = self.machine.kernel.new_pid()
        self.started_at = self.sim.now
        self.finished_at = None
        self.state = "running"
        pagecache.touch(self)
        self.begun.happen()
        self.sim.emit(ContainerStarted(self.name, self.sim.now - self._asked))
        self._note(f"{' '.join(self.settings.command) or 'program'}: started")
        self._make_station()
        self.charge_memory()
        self.neighbours.joined(self)
        mtbf_s = self.settings.workload.mtbf_s
        if mtbf_s:
            wait = float(self.sim.streams(f"failures/{self.name}").standard_exponential()) * mtbf_s
            self._failure = self.sim.at(self.sim.now + wait, self.crash, 1, "failed by itself")
        if not self.dying:
            self._warm_up()

    def _leave_starts(self) -> None:
        if self._counted:
            self._counted = False
            self.daemon.starts.leave()

    def _start_seconds(self) -> float:
        machine = self.machine
        draws = self.sim.streams.once(f"start/{machine.name}/{self.name}/{self.sim.now!r}")
        active = machine.kernel.active
        stages = start_time(self.runtime, draws, machine.starts.count, active)
        return sum(seconds for _, seconds in stages)

    def _boot(self, guest: VirtualMachine) -> None:
        """Its own machine starts first: memory at once, then stage by stage."""
        short = guest.power_on()
        guest.settled.when(self._booted, guest.settled)
        if short is not None:
            shortage.relieve(self.daemon, short)
        if not guest.settled.come:
            guest.boot(f"start/{self.machine.name}/{self.name}")

    def _booted(self, settled: Moment) -> None:
        guest = self.guest
        if guest is not None and guest.settled is settled and guest.up and not self.dying:
            self._started()

    def _answers(self) -> None:
        assert self.started_at is not None
        self.sim.emit(ContainerReady(self.name, self.sim.now - self.started_at))
        self._note("listening")
        self.set_alarm()
        self.hooks.ready(self)

    def _finish(self) -> None:
        """Carry its death out, and see whether it is started anew."""
        assert self._fate is not None
        code, reason = self._fate
        if self.state == "restarting":
            self._rest()
            return
        self._leave_starts()
        self._cancel_timer()
        if self._failure is not None:
            self._failure.cancel()
            self._failure = None
        if self._grace is not None:
            self._grace.cancel()
            self._grace = None
        if self._burning is not None:
            self._burning.stop()
            self._burning = None
        self._end(code, reason)
        if self._is_restarted(code):
            self._wait_for_restart()
        else:
            self._rest()

    def _is_restarted(self, code: int) -> bool:
        if self.stop_asked or not self.daemon.up:
            return False
        return self.restart_policy.wants(code, self._row)

    def _wait_for_restart(self) -> None:
        delay = self.restart_policy.delay_s(self._row, self.constants)
        self._row += 1
        self.restarts += 1
        self.state = "restarting"
        self._fate = None
        self.sim.emit(ContainerRestarting(self.name, delay, self.restarts))
        self._after(delay, self._restart)

    def _restart(self) -> None:
        if self.daemon.up:
            self._begin()
        else:
            self._rest()

    def _rest(self) -> None:
        """It has ended for good."""
        self._cancel_timer()
        self.state = "exited"
        self.over.happen()
        if self.settings.remove:
            self.hooks.gone(self)

    def _end(self, code: int, reason: str) -> None:
        """All processes are gone: their memory, their requests, their place in services."""
        self.hooks.unready(self)
        self.begun.happen()
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
        pagecache.let_go(self)
        ran = self.sim.now - self.started_at if self.pid and self.started_at is not None else 0.0
        self.pacing = Pacing()
        if self.lanes is not None:
            self.lanes.remove()
            self.lanes = None
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
        if ran >= self.constants.value("control.docker.restart_reset_s"):
            self._row = 0
        self.state = "exited"
        self._note(f"exited with code {code} ({reason})")
        self.sim.emit(ContainerExited(self.name, code, reason, lost))
        self.neighbours.left(self)

    @property
    def dying(self) -> bool:
        """Whether its end is settled and only has to be carried out, at this very instant."""
        return self._fate is not None

    @property
    def comes_back(self) -> bool:
        """Whether the daemon starts it when the machine is up again, as Docker's does."""
        if self.state != "exited" or self.restart_policy.kind == "always":
            return self.state == "exited"
        return not self.stop_asked and self.restart_policy.wants(self.exit_code or 0, self._row)

    def _die(self, code: int, reason: str) -> None:
        if not self.dying and (self.running or self.state == "restarting"):
            self._fate = (code, reason)
            self.sim.at(self.sim.now, self._finish)

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
        if not self.running or self.started_at is None:
            raise Refused(f"container {self.name} is not running")
        if self._burning is not None:
            raise Refused(f"there is already a bomb in container {self.name}")
        if self.station is None:
            self._add_station(1, inf)
        self._burning = Burning(self, charge)
        self._burning.begin_soon()

    def _explode(self, charge: Bomb) -> None:
        self._burning = Burning(self, charge)
        self._burning.begin()

    def _acted(self, what: str) -> None:
        """The exact loop stopped for this container."""
        if what == "empty":
            self._die(0, "stopped")
        elif what == "alarm":
            self.machine.host.housekeeping.charge()

    def out_of_memory(self, group: MemoryGroup) -> None:
        """A group at or above it is over its limit: the kernel that owns it kills somebody."""
        if group is self.memory:
            shortage.kill(self, group)
        else:
            shortage.relieve(self.machine, group)


def containers_on(kernel: Kernel) -> list[Container]:
    """The containers on a kernel, whole: the kernel itself knows less of them."""
    return cast("list[Container]", list(kernel.containers.values()))


def containers_below(kernel: Kernel) -> list[Container]:
    """The containers on a kernel and on all kernels below it."""
    return cast("list[Container]", kernel.all_containers())
