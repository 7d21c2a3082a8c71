"""Probes: how a kubelet finds out whether containers are well.

A probe goes through its container's own line, behind the requests that are there, and costs nothing
while nothing can make it fail: where a thread is free it is answered at once, which is known
beforehand of cold containers and of those that have little to do (``looking.py``).
"""

from __future__ import annotations

from collections.abc import Callable

from simulator.cluster.kubernetes.kubelet import answers
from simulator.cluster.kubernetes.kubelet.answers import probe_of
from simulator.cluster.kubernetes.kubelet.household import Household
from simulator.cluster.kubernetes.kubelet.life import Life, Run
from simulator.cluster.kubernetes.kubelet.looking import Looks
from simulator.cluster.kubernetes.kubelet.streaks import Asked, Streak
from simulator.cluster.kubernetes.objects.containers import Probe
from simulator.errors import DrydockError
from simulator.machine.container import Container
from simulator.machine.cpu.station import Station
from simulator.node.carrying import Execution

PROBE_WORK_S = 1e-4
"""CPU time of answering a probe that had to wait for a thread."""


class Probing:
    """All probes of a cluster's kubelets."""

    def __init__(self, house: Household) -> None:
        self.house = house
        self.sim = house.sim
        self.changed: Callable[[Life], None] = _nothing
        """Told of a pod whose readiness may have changed."""
        self.unwell: Callable[[Life, Run, str, Probe], None] = _not_unwell
        """Told of a container that its kubelet has to kill."""
        self.looks = Looks(house, self._plan)
        self._streaks: dict[tuple[str, str, str], Streak] = {}

    # --- from the start ---------------------------------------------------------------------------

    def begin(self, life: Life, run: Run) -> None:
        """A container runs: from now on it is asked whatever it has probes for."""
        wanted = run.wanted
        run.started = wanted.startup_probe is None
        run.ready = run.started and wanted.readiness_probe is None
        for word in answers.WORDS:
            self._streaks.pop((life.title, wanted.name, word), None)
        if not run.started:
            self._first(life, run, "startup")
        else:
            self._after_start(life, run)

    def _after_start(self, life: Life, run: Run) -> None:
        run.asked_from = self.sim.now
        if run.wanted.readiness_probe is not None:
            self._first(life, run, "readiness")
        if run.wanted.liveness_probe is not None:
            self._first(life, run, "liveness")
        self.watch(life, run)

    def _first(self, life: Life, run: Run, word: str) -> None:
        """What a quiet one will answer is known; all others are asked one by one."""
        probe = probe_of(run, word)
        assert probe is not None
        assert run.since is not None
        first = max(run.since + probe.initial_delay_seconds, self.sim.now)
        if not self._will_be_well(life, run, probe, first):
            self._plan(life, run, word, first)
        elif word != "liveness":
            enough = (max(1, probe.success_threshold) - 1) * max(1, probe.period_seconds)
            self.sim.at(first + enough, self._succeeded, life, run.wanted.name, run.attempt, word)

    def _will_be_well(self, life: Life, run: Run, probe: Probe, first: float) -> bool:
        """Whether the first answer will be the right one, if nothing stands against it."""
        work = run.work
        assert work is not None
        assert run.since is not None
        if work.own or (probe.exec is not None and not work.words):
            return False
        if answers.unreachable(life, run, probe):
            return False
        return probe.exec is not None or run.since + work.listens_after_s <= first + 1e-9

    def _plan(self, life: Life, run: Run, word: str, due: float) -> None:
        """A probe is asked for real at an instant to come; nothing where one is planned."""
        key = life.title, run.wanted.name, word
        streak = self._streaks.get(key)
        if streak is None:
            streak = self._streaks[key] = Streak(due)
        elif streak.next_at >= due:
            return
        streak.next_at = due
        self.sim.at(due, self._ask, life, run.wanted.name, run.attempt, word)

    # --- asking one by one ------------------------------------------------------------------------

    def _ask(self, life: Life, name: str, attempt: int, word: str) -> None:
        run = self._current(life, name, attempt)
        probe = None if run is None else probe_of(run, word)
        if run is None or probe is None:
            return
        words = "" if run.work is None else run.work.words
        if probe.exec is not None and run.container is not None and not words:
            self._execute(life, run, word, probe)
            return
        problem = self._problem(life, run, probe)
        container = run.container
        if not problem and container is not None and self._has_to_wait(container, probe):
            assert container.station is not None
            asked = self._put_in_line(container, container.station)
            self.sim.at(
                self.sim.now + probe.timeout_seconds, self._hear, life, name, attempt, word, asked
            )
        else:
            self._told(life, run, word, probe, problem)

    def _has_to_wait(self, container: Container, probe: Probe) -> bool:
        """Whether none of its threads is free, as of now.

        A connection alone is made by the kernel, whatever the program is at: it fails only where
        the line is full.
        """
        station = container.station
        if station is None:
            return False
        container.fabric.settle([station])
        inside = container.fabric.in_system(station)
        if probe.tcp_socket is not None:
            return inside >= station.workers + station.room
        return container.stands_still or inside >= station.workers

    def _put_in_line(self, container: Container, station: Station) -> Asked | None:
        asked = Asked()
        container.fabric.disturb(station)
        if not station.admit(self.sim.now, PROBE_WORK_S * station.work_scale, asked):
            return None
        return asked

    def _hear(self, life: Life, name: str, attempt: int, word: str, asked: Asked | None) -> None:
        run = self._current(life, name, attempt)
        probe = None if run is None else probe_of(run, word)
        if run is None or probe is None or run.container is None:
            return
        station = run.container.station
        if station is not None:
            run.container.fabric.settle([station])
        late = asked is None or asked.done_at is None
        self._told(life, run, word, probe, answers.timed_out(run, probe) if late else "")

    def _execute(self, life: Life, run: Run, word: str, probe: Probe) -> None:
        """A command is carried out in the container, beside what runs there."""
        assert run.container is not None
        assert probe.exec is not None
        daemon = self.house.box(life).daemon
        asked = Asked()
        args = (life, run.wanted.name, run.attempt, word, asked)
        try:
            under_way = daemon.processes.execute(
                run.container, probe.exec.command, {}, None, interactive=False, tty=False,
                then=self._executed, args=args,
            )  # fmt: skip
        except DrydockError as error:
            self._told(life, run, word, probe, str(error))
            return
        if under_way.ended:
            self._executed(under_way, *args)
        else:
            self.sim.at(self.sim.now + probe.timeout_seconds, self._executes_still, *args)

    def _executed(
        self, execution: Execution, life: Life, name: str, attempt: int, word: str, asked: Asked
    ) -> None:
        run = self._current(life, name, attempt)
        probe = None if run is None else probe_of(run, word)
        if run is None or probe is None or not execution.ended or asked.done_at is not None:
            return
        asked.done_at = self.sim.now
        code = execution.code or 0
        output = "\n".join(text for _, text in execution.printed)[:200] if code else ""
        self._told(
            life, run, word, probe, output or (f"command exited with {code}" if code else "")
        )

    def _executes_still(self, life: Life, name: str, attempt: int, word: str, asked: Asked) -> None:
        """A command takes longer than it may."""
        run = self._current(life, name, attempt)
        probe = None if run is None else probe_of(run, word)
        if run is None or probe is None or asked.done_at is not None:
            return
        asked.done_at = self.sim.now
        self._told(life, run, word, probe, answers.timed_out(run, probe))

    # --- answers ----------------------------------------------------------------------------------

    def _told(self, life: Life, run: Run, word: str, probe: Probe, problem: str) -> None:
        key = life.title, run.wanted.name, word
        streak = self._streaks.get(key)
        if streak is None:
            streak = self._streaks[key] = Streak(self.sim.now)
        if problem:
            streak.failures, streak.successes = streak.failures + 1, 0
            text = f"{word.capitalize()} probe failed: {problem.replace('{ip}', life.ip)}"
            self.house.event(life, "Warning", "Unhealthy", text)
        else:
            streak.failures, streak.successes = 0, streak.successes + 1
        if streak.successes >= max(1, probe.success_threshold):
            self._succeeded(life, run.wanted.name, run.attempt, word)
        elif streak.failures >= probe.failure_threshold:
            streak.failures = 0
            if not self._failed(life, run, word, probe):
                return
        if not self._rests(run, word, probe, problem):
            again = max(self.sim.now, streak.next_at + max(1, probe.period_seconds))
            streak.next_at = again
            self.sim.at(again, self._ask, life, run.wanted.name, run.attempt, word)

    def _rests(self, run: Run, word: str, probe: Probe, problem: str) -> bool:
        """Whether nobody need ask for now: it is well, and those who look over it will see."""
        if word == "startup":
            return run.started
        assert run.work is not None
        if probe.exec is not None and not run.work.words:
            return False
        well = not problem and (run.ready or word == "liveness")
        return well and not run.work.own and run.work.serves

    def _succeeded(self, life: Life, name: str, attempt: int, word: str) -> None:
        run = self._current(life, name, attempt)
        if run is None:
            return
        if word == "startup" and not run.started:
            run.started = True
            run.ready = run.wanted.readiness_probe is None
            self._after_start(life, run)
            self.changed(life)
        elif word == "readiness" and not run.ready:
            run.ready = True
            self.changed(life)
        self.watch(life, run)

    def _failed(self, life: Life, run: Run, word: str, probe: Probe) -> bool:
        """Too many in a row; whether it is to be asked on."""
        if word == "readiness":
            if run.ready:
                run.ready = False
                self.changed(life)
            return True
        self.unwell(life, run, word, probe)
        return False

    def watch(self, life: Life, run: Run) -> None:
        """A warm server with probes is looked over from now on."""
        self.looks.watch(life, run)

    # --- what an answer would be ------------------------------------------------------------------

    def _current(self, life: Life, name: str, attempt: int) -> Run | None:
        run = life.run(name)
        if run is None or run.attempt != attempt or run.since is None or life.over:
            return None
        return None if life.stopping or not self.house.box(life).up else run

    def _problem(self, life: Life, run: Run, probe: Probe) -> str:
        """Why a probe fails before it is in any line; nothing where it does not."""
        container, work = run.container, run.work
        assert work is not None
        assert run.since is not None
        if probe.exec is not None:
            return ""
        if answers.unreachable(life, run, probe):
            return answers.refused(probe, run)
        if container is not None and (work.own or container.stands_still):
            listens = container.ready_at is not None
        else:
            listens = self.sim.now >= run.since + work.listens_after_s - 1e-9
        return "" if listens else answers.refused(probe, run)


def _nothing(life: Life) -> None:
    """Nobody has to know."""


def _not_unwell(life: Life, run: Run, word: str, probe: Probe) -> None:
    """Nobody has to know."""
