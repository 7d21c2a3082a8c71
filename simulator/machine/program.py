"""What a container's program does from its first instruction on: warm up, serve, work, leak, end.

Each step is an entry of the calendar, at most one at a time; a program that waits for requests or
spins has none.
"""

from __future__ import annotations

from collections.abc import Callable
from math import inf

from simulator.engine.calendar import Entry
from simulator.machine.body import Body
from simulator.machine.charges import Bomb
from simulator.machine.cpu.endless import ENDLESS, FOREVER_S
from simulator.machine.cpu.route import Trip
from simulator.machine.cpu.station import Station
from simulator.machine.growth import Leak
from simulator.machine.host import Machine
from simulator.machine.runtimes import Runtime
from simulator.machine.settings import Settings

Step = Callable[[], None]


class Task:
    """Work with an end that somebody waits for; it may be in several threads."""

    acts = True

    def __init__(self, threads: int) -> None:
        self.left = threads

    def finished(self, station: Station, time: float) -> bool:
        """One thread is done; somebody must act when it was the last."""
        self.left -= 1
        return self.left == 0

    def lost(self, station: Station, time: float) -> None:
        """The container died with the work undone."""


class Program(Body):
    """A body and what runs in it. Who starts and ends it is the subclass's."""

    def __init__(
        self, id_: str, name: str, machine: Machine, runtime: Runtime, settings: Settings
    ) -> None:
        super().__init__(id_, name, machine, runtime, settings)
        self.log: list[tuple[float, str]] = []
        self.doing: str | None = None
        """What a script of it waits for now, where its command is carried out by steps."""
        self.doing_last = False
        """Whether that is the last thing that the script does."""
        self._timer: Entry | None = None
        """The next step of its life, where its time is known."""
        self._held: Step | None = None
        """A step whose time came while it stood still."""
        self._then: Step | None = None
        """The step that follows work whose end the exact loop finds."""

    @property
    def dying(self) -> bool:
        """Whether its end is settled and only has to be carried out, at this very instant."""
        raise NotImplementedError

    @property
    def stands_still(self) -> bool:
        """Whether its threads do nothing, however much there is to do."""
        raise NotImplementedError

    def _die(self, code: int, reason: str) -> None:
        raise NotImplementedError

    def _answers(self) -> None:
        """A server listens: tell those who send it requests."""
        raise NotImplementedError

    def write(self, rate: float, name: str, *, ends: bool = False, presses: bool = False) -> None:
        """A file grows from now on."""
        raise NotImplementedError

    def lay_down(self, size_bytes: int) -> None:
        """It makes the files that it needs to begin, where they are not there from before."""
        raise NotImplementedError

    def print_on(self, rate: float) -> None:
        """Its output grows from now on."""
        raise NotImplementedError

    def _explode(self, charge: Bomb) -> None:
        """Its program is a bomb."""
        raise NotImplementedError

    # --- steps ----------------------------------------------------------------------------------

    def _after(self, seconds: float, step: Step) -> None:
        """Go on with a step after some simulated seconds, if it lives then."""
        self._cancel_timer()
        self._timer = self.sim.at(self.sim.now + seconds, self._go_on, step)

    def _go_on(self, step: Step) -> None:
        self._timer = None
        if self.stands_still:
            self._held = step
        elif not self.dying:
            step()

    def _catch_up(self) -> None:
        """It goes on: what would have happened while it stood still happens now."""
        held, self._held = self._held, None
        if held is not None:
            self._after(0.0, held)

    def _cancel_timer(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def wait(self, seconds: float, step: Step) -> None:
        """Its program sleeps, and goes on with a step."""
        self._after(seconds, step)

    def compute(self, cpu_s: float, step: Step) -> None:
        """Its program computes for so many CPU-seconds, and goes on with a step."""
        if self.station is None:
            self._add_station(1, inf)
        self._submit(cpu_s / self.machine.speed, 1, step)

    def burn(self, threads: int) -> None:
        """So many of its threads compute from now on, and never stop."""
        if self.station is None:
            self._add_station(1, inf)
        station = self.station
        assert station is not None
        self.fabric.resize(station, station.workers + threads)
        for _ in range(threads):
            station.admit(self.sim.now, FOREVER_S, ENDLESS)
        self.bomb_threads += threads
        self.neighbours.refresh()

    def hold(self, size_bytes: int) -> bool:
        """A program in it takes so much memory (or gives it back); False where it is killed."""
        self.program_bytes += size_bytes
        self.charge_memory()
        return not self.dying

    def grow(self, rate: float) -> None:
        """A program in it takes more and more memory, so many bytes a second."""
        self.leak = Leak.begun(rate, self.sim.now)
        self._grows()

    def _grows(self) -> None:
        """Somebody must look at its memory from now on."""
        raise NotImplementedError

    def serve(self) -> None:
        """Its program is the one that its workload describes."""
        self._warm_up()

    def finish(self, code: int) -> None:
        """Its program ends by itself."""
        self._die(code, "finished")

    def say(self, text: str) -> None:
        """Its program prints a line."""
        self._note(text)
        self.printed(text)

    def printed(self, text: str) -> None:
        """Its daemon is told of a line."""

    def _carry_out(self) -> None:
        """Its command is carried out, program by program."""
        raise NotImplementedError

    def _warm_up(self) -> None:
        """The time until it works: waiting first, then CPU time."""
        workload = self.settings.workload
        if workload.startup_s:
            self._after(workload.startup_s, self._load)
        else:
            self._load()

    def _load(self) -> None:
        workload = self.settings.workload
        if workload.startup_cpu_s:
            self._submit(workload.startup_cpu_s / self.machine.speed, 1, self._work)
        else:
            self._work()

    def _work(self) -> None:
        """Its own behaviour; a server and a hog go on until somebody ends them."""
        workload = self.settings.workload
        assert self.started_at is not None
        self.ready_at = self.sim.now
        self.renew_way()
        if workload.data_bytes:
            self.lay_down(workload.data_bytes)
            if self.dying:
                return
        if workload.writes_bytes_s:
            self.write(workload.writes_bytes_s, "data.bin", ends=workload.ends_when_full)
            if self.dying:
                return
        if workload.logs_bytes_s:
            self.print_on(workload.logs_bytes_s)
        if workload.kind == "server":
            self._answers()
        elif workload.kind == "hog":
            self._spin(workload.threads)
        elif workload.bomb is not None:
            self._explode(workload.bomb)
        elif workload.kind == "leak":
            self.leak = Leak.begun(workload.leak_bytes_s, self.sim.now)
            self.machine.host.housekeeping.replan()
        elif workload.kind == "batch":
            self._submit(self.work_seconds() / workload.threads, workload.threads, self._done)
        elif workload.kind == "exit":
            self._after(workload.after_s, self._exit)

    def _done(self) -> None:
        self._note("done")
        self._exit()

    def _exit(self) -> None:
        self._die(self.settings.workload.code, "finished")

    # --- work -----------------------------------------------------------------------------------

    def _submit(self, work: float, threads: int, then: Step) -> None:
        """Give the station's threads work, and go on with ``then`` when all of it is done."""
        station = self.station
        assert station is not None
        self._then = then
        task = Task(threads)
        self.fabric.watch(station, self._worked)
        self.fabric.disturb(station)
        if then == self._done and self.rounds > 1:
            self._submit_in_rounds(work / self.rounds, threads, task)
            return
        for _ in range(threads):
            station.admit(self.sim.now, work * station.work_scale, task)

    def _submit_in_rounds(self, round_s: float, threads: int, task: Task) -> None:
        """The same for work that reads and writes between: threads that do so out of step."""
        station, now = self.station, self.sim.now
        assert station is not None
        for number in range(threads):
            first_s = round_s * (number + 1) / threads
            trip = Trip(station, now, task, self.rounds - 1, round_s - first_s)
            station.admit(now, first_s * station.work_scale, trip)

    def _worked(self, what: str) -> None:
        """The exact loop stopped at the end of the work."""
        assert self.station is not None
        assert self._then is not None
        self.fabric.unwatch(self.station)
        self._after(0.0, self._then)

    def _spin(self, threads: int) -> None:
        """Threads that never stop."""
        station = self.station
        assert station is not None
        self.fabric.disturb(station)
        for _ in range(threads):
            station.admit(self.sim.now, FOREVER_S, ENDLESS)

    def press(self, share: float, *, network: bool = False) -> None:
        """From now on something wants ``share`` of the disk (or card) for ever; 0: no more."""
        station = self.station
        assert station is not None
        if self.lanes is None:
            if not share:
                return
            self._make_lanes()
        lanes = self.lanes
        assert lanes is not None
        place = lanes.flood if network else lanes.bomb
        if share != lanes.pressed[place]:
            self.fabric.disturb(station)
            lanes.press(place, share, ENDLESS, self.sim.now)
            self.fabric.send_on(station, self._way())

    # --- what it prints -------------------------------------------------------------------------

    def _note(self, text: str) -> None:
        self.log.append((self.sim.now, text))
        if len(self.log) > 1000:
            del self.log[:500]
