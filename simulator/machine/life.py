"""The life of a container: how it starts, ends and is started anew.

Created, starting, running, (paused), exited; restarting in between when its policy says so.
What comes next, where its time is known, is an entry of the calendar; a death may come at any
state, is settled at once and carried out after what else is done at that instant.
"""

from __future__ import annotations

from simulator.engine import Moment
from simulator.engine.calendar import Entry
from simulator.errors import Refused
from simulator.image.model import Image
from simulator.machine import pagecache, shortage
from simulator.machine.body import ACTIVE, add_quota
from simulator.machine.bombs import Burning
from simulator.machine.events import (
    ContainerExited,
    ContainerNotStarted,
    ContainerReady,
    ContainerRestarting,
    ContainerStarted,
)
from simulator.machine.growth import Charges
from simulator.machine.host import Machine
from simulator.machine.pacing import Pacing
from simulator.machine.program import Program
from simulator.machine.runtimes import Runtime, start_time
from simulator.machine.settings import Settings
from simulator.machine.virtual_machine import VirtualMachine

NOT_STARTED = 128
"""Exit code of a container whose start failed before anything of it ran (moby, exitUnknown)."""


class Life(Program):
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
        super().__init__(id_, name, machine, runtime, settings)
        self.daemon = daemon if daemon is not None else machine
        self.image = image
        self.restart_policy = settings.restart
        self.finished_at: float | None = None
        self.exit_code: int | None = None
        self.exit_reason = ""
        self.start_error = ""
        """Why it could not be started when that was last tried."""
        self.oom_killed = False
        self.restarts = 0
        self.pid = 0
        self.paused = False
        self.stop_asked = False
        """Whether a person stopped it, or sent it a signal."""
        self.restarts_no_more = False
        """Whether its restarts were given up, until a person starts it."""
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
        self._drained_code = 0
        """Its exit code when the last request inside is done."""
        self._burning: Burning | None = None

    def _tell_ready(self) -> None:
        """Its program answers."""
        raise NotImplementedError

    def _tell_unready(self) -> None:
        """Its program answers no more."""
        raise NotImplementedError

    def _tell_gone(self) -> None:
        """It has ended for good, and is to be removed."""
        raise NotImplementedError

    def _join(self) -> None:
        """Be connected to its networks; Refused where that fails."""
        raise NotImplementedError

    def _leave(self) -> None:
        """Be on no network any more."""
        raise NotImplementedError

    def _listen(self) -> str:
        """Listen on its ports; what stands against it."""
        raise NotImplementedError

    @property
    def running(self) -> bool:
        """Whether it has processes."""
        return self.state in ACTIVE

    # --- from start to end ----------------------------------------------------------------------

    def _begin(self) -> None:
        """From nothing to a program at work, or to an early death."""
        self.exit_code, self.oom_killed, self.start_error = None, False, ""
        self.state = "starting"
        self._asked = self.sim.now
        self._try_to_start()

    def _try_to_start(self) -> None:
        if self.neighbours.is_stalled(self.daemon.kernel):
            # Nobody can start anything where no process gets a number.
            self._after(1.0, self._try_to_start)
            return
        try:
            self._join()
        except Refused as refusal:
            self._cannot_start(f"failed to set up container networking: {refusal}")
            return
        if self.guest is not None:
            self._boot(self.guest)
            return
        self.daemon.starts.join()
        self._counted = True
        self._after(self._start_seconds(), self._started)

    def _cannot_start(self, error: str, code: int = NOT_STARTED) -> None:
        """Nothing of it ran: it is as it was before, with an error that is told to who asked."""
        self.start_error, self.exit_code = error, code
        self.state = "created" if self.started_at is None else "exited"
        self.sim.emit(ContainerNotStarted(self.name, error))
        self.begun.happen()
        self.over.happen()
        if self.settings.remove:
            self._tell_gone()

    def _started(self) -> None:
        """Its first process runs."""
        self._leave_starts()
        self.pid = self.machine.kernel.new_pid(max(1, len(self.settings.first.commands)))
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
        taken = self._listen()
        if taken:
            self._note(taken)
            self._die(1, "address in use")
            return
        self.sim.emit(ContainerReady(self.name, self.sim.now - self.started_at))
        self._note("listening")
        self.set_alarm()
        self._tell_ready()

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
        self.bomb_threads = self.bomb_processes = self.bomb_bytes = 0
        if self.guest is not None and self.guest.kernel.state != "panicked":
            self.guest.switch_off()
        self.leak = None
        self.charges = Charges()
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
        if not station.in_system:
            self._die(code, "stopped")
