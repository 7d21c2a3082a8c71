"""How a container starts: it joins its networks, waits for its turn, and its first process runs."""

from __future__ import annotations

from simulator.engine import Event, Moment
from simulator.engine.calendar import Entry
from simulator.errors import Refused
from simulator.image.model import Image
from simulator.machine import pagecache, shortage
from simulator.machine.body import ACTIVE
from simulator.machine.events import ContainerNotStarted, ContainerReady, ContainerStarted
from simulator.machine.health import Monitor
from simulator.machine.host import Machine
from simulator.machine.program import Program
from simulator.machine.runtimes import Runtime, start_time
from simulator.machine.settings import Settings
from simulator.machine.virtual_machine import VirtualMachine

NOT_STARTED = 128
"""Exit code of a container whose start failed before anything of it ran (moby, exitUnknown)."""


NO_SHIM = (
    "failed to create task for container: failed to start shim: start failed: fork/exec "
    "/usr/bin/containerd-shim-runc-v2: resource temporarily unavailable"
)
"""What the daemon says where no process gets a number (fork(2), EAGAIN)."""


class Birth(Program):
    """A program that is started; how it ends is the subclass's."""

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
        self.finished_at: float | None = None
        self.exit_code: int | None = None
        self.start_error = ""
        """Why it could not be started when that was last tried."""
        self.oom_killed = False
        self.oom_kills = 0
        """Processes in it that the kernel killed for memory."""
        self.pid = 0
        self.paused = False
        self.hung = False
        """Whether its program stands still, of which its daemon knows nothing."""
        self.health: Monitor | None = None
        """What its daemon thinks of its health, where it has a check."""
        self.stop_asked = False
        """Whether a person stopped it, or sent it a signal."""
        self.over = Moment(self.sim)
        """When it has ended for good (no restart follows)."""
        self.begun = Moment(self.sim)
        """When its first process runs, or has failed to."""
        self.quiet = False
        """Whether somebody else tells what becomes of it."""
        self._asked = 0.0
        self._counted = False
        """Whether its machine counts it among the starts under way."""
        self._failure: Entry | None = None
        """When its program fails by itself, where it does (``mtbf=``)."""

    def _tell_ready(self) -> None:
        """Its program answers."""
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

    def _lacks(self) -> tuple[str, int] | None:
        """Why its program cannot be started, with its exit code; None when it can."""
        raise NotImplementedError

    def _listen(self) -> str:
        """Listen on its ports; what stands against it."""
        raise NotImplementedError

    def crash(self, code: int = 1, reason: str = "crashed") -> None:
        """Its program ends by itself."""
        raise NotImplementedError

    @property
    def stands_still(self) -> bool:
        """Whether its threads do nothing, however much there is to do."""
        return self.paused or self.hung

    @property
    def running(self) -> bool:
        """Whether it has processes."""
        return self.state in ACTIVE

    @property
    def lives(self) -> bool:
        """Whether it has processes, or is about to have them again."""
        return self.running or self.state == "restarting"

    def _begin(self) -> None:
        """From nothing to a program at work, or to an early death."""
        self.start_error = ""
        self.state = "starting"
        self._asked = self.sim.now
        self._try_to_start()

    def _try_to_start(self) -> None:
        if self.neighbours.is_stalled(self.daemon.kernel):
            self._cannot_start(NO_SHIM)
            return
        if self.settings.start_problem:
            self._cannot_start(self.settings.start_problem)
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
        self._leave()
        self.start_error, self.exit_code = error, code
        self.state = "created" if self.started_at is None else "exited"
        self.sim.emit(ContainerNotStarted(self.name, error))
        self.begun.happen()
        self.over.happen()
        if self.settings.remove:
            self._tell_gone()

    def _started(self) -> None:
        """Its first process runs, if there is such a program."""
        self._leave_starts()
        lacks = self._lacks()
        if lacks is not None:
            self._leave()
            if self.guest is not None:
                self.guest.switch_off()
            self._cannot_start(*lacks)
            return
        self.pid = self.machine.kernel.new_pid(max(1, len(self.settings.first.commands)))
        self.started_at = self.sim.now
        self.finished_at, self.exit_code, self.oom_killed = None, None, False
        self.state = "running"
        pagecache.touch(self)
        self.begun.happen()
        self.tell(ContainerStarted(self.name, self.sim.now - self._asked))
        if self.health is not None:
            self.health.begin()
        self._make_station()
        self.charge_memory()
        self.neighbours.joined(self)
        mtbf_s = self.settings.workload.mtbf_s
        if mtbf_s:
            wait = float(self.sim.streams(f"failures/{self.name}").standard_exponential()) * mtbf_s
            self._failure = self.sim.at(self.sim.now + wait, self.crash, 1, "failed by itself")
        if self.dying:
            return
        if self.settings.carried_out:
            self._carry_out()
        else:
            self._warm_up()

    def place(self, started_at: float, *, serves: bool) -> None:
        """It runs already, since then: nothing is drawn, and nobody is told of it now or later.

        ``serves``: its program does nothing but wait for requests, whatever script starts it.
        Refused where it cannot be connected to its networks.
        """
        self.quiet, self.state = True, "starting"
        self._join()
        self.pid = self.machine.kernel.new_pid(max(1, len(self.settings.first.commands)))
        self.started_at, self.state = started_at, "running"
        pagecache.touch(self)
        self.begun.happen()
        self._make_station()
        self.charge_memory()
        self.neighbours.joined(self)
        if self.dying:
            return
        left = started_at + self.settings.workload.startup_s - self.sim.now
        if self.settings.carried_out and not serves:
            self._carry_out()
        elif left > 0:
            self._after(left, self._load)
        else:
            self._load()
            self.log[:] = [(min(time, self.sim.now + left), text) for time, text in self.log]

    def tell(self, event: Event) -> None:
        """What becomes of it, for the journal, unless somebody else keeps account of it."""
        if not self.quiet:
            self.sim.emit(event)

    def _leave_starts(self) -> None:
        if self._counted:
            self._counted = False
            self.daemon.starts.leave()

    def _start_seconds(self) -> float:
        machine = self.machine
        draws = self.sim.streams.once_at(f"start/{machine.name}/{self.name}", self.sim.now)
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
        self.tell(ContainerReady(self.name, self.sim.now - self.started_at))
        self._note("listening")
        self.set_alarm()
        self._tell_ready()
