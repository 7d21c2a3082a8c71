"""The life of a container: how it ends and is started anew; how it starts is in ``birth.py``.

Created, starting, running, (paused), exited; restarting in between when its policy says so.
What comes next, where its time is known, is an entry of the calendar; a death may come at any
state, is settled at once and carried out after what else is done at that instant.
"""

from __future__ import annotations

from simulator.engine.calendar import Entry
from simulator.image.model import Image
from simulator.machine import pagecache
from simulator.machine.birth import Birth
from simulator.machine.body import add_quota
from simulator.machine.bombs import Burning
from simulator.machine.events import (
    ContainerExited,
    ContainerRestarting,
)
from simulator.machine.growth import Charges
from simulator.machine.host import Machine
from simulator.machine.pacing import Pacing
from simulator.machine.runtimes import Runtime
from simulator.machine.settings import Settings
from simulator.machine.stalls import Stall


class Life(Birth):
    """A program that is started, dies, and is started anew; orders to it are the subclass's."""

    def __init__(
        self,
        id_: str,
        name: str,
        machine: Machine,
        image: Image,
        runtime: Runtime,
        settings: Settings,
        daemon: Machine | None = None,
    ) -> None:
        """``daemon``: the machine that it was started on, where its own machine is a guest."""
        super().__init__(id_, name, machine, image, runtime, settings, daemon)
        self.restart_policy = settings.restart
        self.exit_reason = ""
        self.restarts = 0
        self.restarts_no_more = False
        """Whether its restarts were given up, until a person starts it."""
        self._row = 0
        self._fate: tuple[int, str] | None = None
        """Exit code and reason of the death that is to be carried out, or was last."""
        self._unseen = False
        """Whether it ended with its daemon, which knows nothing of it yet."""
        self._grace: Entry | None = None
        self._drained_code = 0
        """Its exit code when the last request inside is done."""
        self._burning: Burning | None = None

    def _tell_unready(self) -> None:
        """Its program answers no more."""
        raise NotImplementedError

    # --- ends ---------------------------------------------------------------------------------

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
        if self.restarts_no_more or not self.daemon.up:
            return False
        return self.restart_policy.wants(code, self.restarts)

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
            self._tell_gone()

    def _end(self, code: int, reason: str) -> None:
        """All processes are gone: their memory, their requests, their place in services."""
        self._tell_unready()
        self._leave()
        self.begun.happen()
        pagecache.let_go(self)
        for one in self.writings:
            one.stop()
        self.writings.clear()
        if self.log_file is not None:
            self.log_file.stop()
            self.log_file = None
        for space in self.memory_spaces:
            space.tree.clear()
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
        if self.lanes is not None:
            self.lanes.remove()
            self.lanes = None
        self.bomb = None
        self.bomb_threads = self.bomb_processes = self.bomb_bytes = self.forks_refused = 0
        self.program_bytes, self.doing, self.doing_last = 0, None, False
        if self.guest is not None and self.guest.kernel.state != "panicked":
            self.guest.switch_off()
        self.leak = None
        self.charges, self.memory_stall = Charges(), Stall()
        self.ready_at = None
        self.paused = self.hung = False
        self._held = None
        if self.health is not None:
            self.health.end()
        self.pid = 0
        self.exit_code, self.exit_reason = code, reason
        self.finished_at = self.sim.now
        self._unseen = not self.daemon.up
        if ran >= self.constants.value("control.docker.restart_reset_s"):
            self._row = 0
        self.state = "exited"
        self.tell(ContainerExited(self.name, code, reason, lost))
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
        return not self.stop_asked and self.restart_policy.wants(self.exit_code or 0, self.restarts)

    def found_dead(self) -> None:
        """The daemon is back and finds that it has ended: for all that it knows, just now."""
        if self._unseen:
            self.finished_at, self._unseen = self.sim.now, False

    def crash(self, code: int = 1, reason: str = "crashed") -> None:
        """Its program ends by itself; one that waits for a restart does not get it."""
        if self.running or self.state == "restarting":
            self._die(code, reason)

    def _die(self, code: int, reason: str) -> None:
        if not self.dying and (self.running or self.state == "restarting"):
            self._fate = (code, reason)
            self.sim.at(self.sim.now, self._finish)

    def _drain(self, code: int = 0) -> None:
        """No new requests; end with a code when those inside are done."""
        self._drained_code = code
        self._tell_unready()
        station = self.station
        server = self.settings.workload.kind == "server"
        if station is None or self.ready_at is None or not server:
            self._die(code, "stopped")
            return
        self.fabric.watch(station, self._acted)
        station.draining = True
        if station.empty:
            self._die(code, "stopped")
