"""A container: an image's program as processes of a kernel, in cgroups of its own.

What it lives through by itself is in ``life.py``, what its program does in ``program.py``, what it
takes of its machine in ``body.py``; here are the orders that are given to it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from math import inf
from typing import Any, cast

from simulator.engine import Moment
from simulator.engine.calendar import Action
from simulator.errors import Refused
from simulator.image.model import Image
from simulator.machine import pagecache, shortage, slices
from simulator.machine.bombs import Burning
from simulator.machine.charges import Bomb
from simulator.machine.events import (
    ContainerHealthChanged,
    ContainerRemoved,
    ContainerStopping,
    ContainerUpdated,
)
from simulator.machine.file_traffic import fold
from simulator.machine.health import Asked, Monitor, Probe
from simulator.machine.host import Machine
from simulator.machine.kernel import Kernel
from simulator.machine.memory import MemoryGroup
from simulator.machine.restart import RestartPolicy
from simulator.machine.runtimes import Runtime
from simulator.machine.settings import Limits, Settings
from simulator.machine.stillness import Stillness
from simulator.machine.writing import Place


def _nothing(container: Container) -> None:
    """Nobody has to know."""


def _healthy(container: Container, then: Callable[[int, Probe], None], number: int) -> None:
    """Nobody knows better."""
    then(number, Probe())


def _not_trapped(container: Container, signal: str) -> bool:
    """No script has a trap."""
    return False


def _there(container: Container) -> tuple[str, int] | None:
    """Its program is there."""
    return None


def _no_conflict(container: Container) -> str:
    """Nobody listens beside it."""
    return ""


@dataclass(slots=True)
class Hooks:
    """Whom a container tells of its life: services, the one who removes it."""

    ready: Callable[[Container], None]
    unready: Callable[[Container], None]
    gone: Callable[[Container], None]
    place: Callable[[Container, str, str], Place]
    """Where a file of this name in this folder lies; FileProblem where it cannot be written."""
    printed: Callable[[Container, str], None]
    """It has printed a line."""
    log_place: Callable[[Container], Place]
    """Where its daemon keeps its output."""
    check: Callable[[Container, Callable[[int, Probe], None], int], Asked | None] = _healthy
    """Starts the command of its health check, and tells its end."""
    join: Callable[[Container], None] = _nothing
    """Connects it to its networks before it starts; Refused where that fails."""
    leave: Callable[[Container], None] = _nothing
    """It has ended, and is on no network."""
    listen: Callable[[Container], str] = _no_conflict
    """Its server listens; what stands against it, in words of a program."""
    lacks: Callable[[Container], tuple[str, int] | None] = _there
    """Why its program cannot be started, with its exit code."""
    trapped: Callable[[Container, str], bool] = _not_trapped
    """Whether a script that is its first process answers a signal by itself."""
    carry_out: Callable[[Container], None] = _nothing
    """Carries its command out, program by program."""


_CHANGEABLE = (
    "cpus", "cpu_period_us", "cpu_weight", "cpuset", "memory_bytes", "swap_bytes",
    "memory_low_bytes", "pids", "io_weight",
)  # fmt: skip


class Container(Stillness):
    """One container on one machine, and the orders that it takes."""

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
        super().__init__(id_, name, machine, image, runtime, settings, daemon)
        self.id = id_
        self.hooks = hooks
        self.created_at = self.sim.now
        machine.kernel.containers[name] = self
        check = settings.healthcheck
        if check is not None:
            patience_s = self.constants.value("control.docker.check_patience_s")
            self.health = Monitor(self.sim, check, self._probe, self._tell_health, patience_s)
        if self.limits.cpuset:
            self.fabric.disturb_host(self.cpu.root)
            slices.arrange_cpusets(machine.kernel)

    # --- orders ---------------------------------------------------------------------------------

    def start(self) -> None:
        """Begin to run; nothing happens when it already does, or was removed."""
        if self.running or self.state in ("restarting", "removed"):
            return
        self.stop_asked = self.restarts_no_more = False
        self.restarts = self._row = 0
        self.over, self.begun = Moment(self.sim), Moment(self.sim)
        self.state = "starting"
        self._fate = None
        self._timer = self.sim.at(self.sim.now, self._begin)

    def stop(
        self, grace_s: float | None = None, *, by_hand: bool = True, signal: str | None = None
    ) -> None:
        """Its stop signal, a grace period, SIGKILL; ``when_over`` tells of its end.

        ``by_hand``: a person asked, and not the daemon that stops all of its containers;
        ``signal``: another one than its own.
        """
        grace = self.settings.stop_timeout_s if grace_s is None else grace_s
        if grace is None:
            grace = self.constants.value("control.docker.stop_grace_s")
        self.restarts_no_more = True
        self.stop_asked = self.stop_asked or by_hand
        if self.state == "restarting":
            self._die(self.exit_code or 0, "stopped")
        if not self.running:
            return
        if self.paused:
            self.unpause()
        signal = signal or self.settings.stop_signal
        self.tell(ContainerStopping(self.name, signal, grace))
        self._get(signal)
        if not self.dying:
            self._end_at(self.sim.now + grace)

    def _end_at(self, time: float, code: int = 137, reason: str = "killed") -> None:
        """The earliest of several deadlines counts."""
        if self._grace is not None:
            if self._grace and self._grace.time <= time:
                return
            self._grace.cancel()
        self._grace = self.sim.at(time, self._die, code, reason)

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
        """A signal to its first process.

        The daemon notes that a person stopped it, and gives its restarts up unless the signal is
        neither SIGKILL nor the one that is to stop it (moby, daemon/kill.go).
        """
        if not self.lives:
            raise Refused(f"container {self.name} is not running")
        self.stop_asked = True
        if signal in ("KILL", self.settings.stop_signal) or self.settings.stop_signal == "TERM":
            self.restarts_no_more = True
        if self.state == "restarting":
            self._die(self.exit_code or 0, "stopped")
            return
        if self.paused:
            self.unpause()
        self._get(signal)

    def _get(self, signal: str) -> None:
        """A signal comes to its first process, which may end of it, now or when it is done."""
        if self.settings.carried_out and self.hooks.trapped(self, signal):
            return
        if signal in ("STOP", "CONT") and len(self.settings.first.commands) <= 1:
            # The program itself: one stands still at the first, and goes on at the other.
            self.stand_still(signal == "STOP")
            return
        end = self.settings.first.end(signal, hung=self.hung)
        if end is None:
            return
        reason = "killed" if signal == "KILL" else "stopped"
        if end.after_s:
            self._end_at(self.sim.now + end.after_s, end.code, reason)
        elif end.finishes:
            self._drain(end.code)
        else:
            self._die(end.code, reason)

    def update(self, limits: Limits, restart: RestartPolicy | None) -> None:
        """Change limits in place, as ``docker update`` does."""
        limits.check(self.machine.hardware)
        self._note_files()
        changes = [
            f"{name}={getattr(limits, name)}"
            for name in _CHANGEABLE
            if getattr(limits, name) != getattr(self.limits, name)
        ]
        self.fabric.disturb_host(self.cpu.root)
        moved = limits.cpuset != self.limits.cpuset
        self.limits = limits
        self._apply_limits()
        if moved:
            slices.arrange_cpusets(self.machine.kernel)
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
        pagecache.removed(self)
        self.memory.detach()
        root = self.cpu.root
        self.cpu.detach()
        kernel = self.machine.kernel
        if kernel.containers.pop(self.name, None) is not None:
            kernel.used_before_s += self.cpu_seconds
            kernel.system_before_s += self.cpu_seconds * self.system_share
        if self.limits.cpuset:
            self.fabric.disturb_host(root)
            slices.arrange_cpusets(self.machine.kernel)
        if self.guest is not None:
            self.guest.remove()
        self.state = "removed"
        self.tell(ContainerRemoved(self.name))

    # --- what its kernel does to it -------------------------------------------------------------

    def detonate(self, charge: Bomb) -> None:
        """A bomb goes off in it, within its limits, beside what it was doing."""
        if not self.pid:
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
            self._die(self._drained_code, "stopped")
        elif what == "alarm":
            self.machine.host.housekeeping.charge()

    def out_of_memory(self, group: MemoryGroup) -> None:
        """A group at or above it is over its limit: the kernel that owns it kills somebody."""
        if group is self.memory:
            shortage.kill(self, group)
        else:
            shortage.relieve(self.machine, group)

    def _note_files(self) -> None:
        if self in self.machine.kernel.filing:
            fold(self)

    def _probe(self, then: Callable[[int, Probe], None], number: int) -> Asked | None:
        return self.hooks.check(self, then, number)

    def _tell_health(self, status: str) -> None:
        self.sim.emit(ContainerHealthChanged(self.name, status))

    def signalled(self, signal: str) -> None:
        """A process inside sends its first process a signal."""
        self._get(signal)

    # --- whom it tells --------------------------------------------------------------------------

    def _lacks(self) -> tuple[str, int] | None:
        return self.hooks.lacks(self)

    def _grows(self) -> None:
        self.machine.host.housekeeping.grows(self)

    def _carry_out(self) -> None:
        self.hooks.carry_out(self)

    def _place(self, folder: str, name: str) -> Place:
        return self.hooks.place(self, folder, name)

    def _log_place(self) -> Place:
        return self.hooks.log_place(self)

    def printed(self, text: str) -> None:
        """Its daemon keeps what it prints, if it is told to."""
        self.hooks.printed(self, text)

    def _tell_ready(self) -> None:
        self.hooks.ready(self)

    def _tell_unready(self) -> None:
        self.hooks.unready(self)

    def _tell_gone(self) -> None:
        self.hooks.gone(self)

    def _join(self) -> None:
        self.hooks.join(self)

    def _leave(self) -> None:
        self.hooks.leave(self)

    def _listen(self) -> str:
        return self.hooks.listen(self)


def containers_on(kernel: Kernel) -> list[Container]:
    """The containers on a kernel, whole: the kernel itself knows less of them."""
    return cast("list[Container]", list(kernel.containers.values()))


def containers_below(kernel: Kernel) -> list[Container]:
    """The containers on a kernel and on all kernels below it."""
    return cast("list[Container]", kernel.all_containers())
