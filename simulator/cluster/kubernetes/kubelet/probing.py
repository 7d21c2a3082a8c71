"""Probes: how a kubelet finds out whether containers are well.

A probe goes through its container's own line, behind the requests that are there, and costs nothing
while nothing can make it fail: what a cold container or one with little to do would answer is
known beforehand. Only those that have more to do than that are really asked.
"""

from __future__ import annotations

from collections.abc import Callable
from math import ceil

from simulator.cluster.kubernetes.kubelet.household import Household
from simulator.cluster.kubernetes.kubelet.life import Life, Run
from simulator.cluster.kubernetes.objects.containers import Probe
from simulator.errors import DrydockError
from simulator.machine.container import Container
from simulator.machine.cpu.station import Station
from simulator.node.carrying import Execution

LOOK_S = 1.0
"""How often containers that are asked for real are looked over."""
PROBE_WORK_S = 1e-4
"""CPU time of answering one probe."""


class Asked:
    """A probe under way in a container's line."""

    acts = False

    def __init__(self) -> None:
        self.done_at: float | None = None
        self.is_lost = False

    def finished(self, station: Station, time: float) -> bool:
        """It was answered; nobody must act at this instant."""
        self.done_at = time
        return False

    def lost(self, station: Station, time: float) -> None:
        """The container ended with it."""
        self.is_lost = True


class Streak:
    """Answers of one probe of one container, in a row."""

    __slots__ = ("failures", "next_at", "successes")

    def __init__(self, next_at: float) -> None:
        self.failures = self.successes = 0
        self.next_at = next_at


class Probing:
    """All probes of a cluster's kubelets."""

    def __init__(self, house: Household) -> None:
        self.house = house
        self.sim = house.sim
        self.changed: Callable[[Life], None] = _nothing
        """Told of a pod whose readiness may have changed."""
        self.unwell: Callable[[Life, Run, str, Probe], None] = _not_unwell
        """Told of a container that its kubelet has to kill."""
        self._streaks: dict[tuple[str, str, str], Streak] = {}
        self._watched: dict[tuple[str, str], tuple[Life, Run]] = {}
        self._looking = False

    # --- from the start ---------------------------------------------------------------------------

    def begin(self, life: Life, run: Run) -> None:
        """A container runs: from now on it is asked whatever it has probes for."""
        wanted = run.wanted
        run.started = wanted.startup_probe is None
        run.ready = run.started and wanted.readiness_probe is None
        for word in ("startup", "readiness", "liveness"):
            self._streaks.pop((life.title, wanted.name, word), None)
        if not run.started:
            self._first(life, run, "startup")
        else:
            self._after_start(life, run)

    def _after_start(self, life: Life, run: Run) -> None:
        if run.wanted.readiness_probe is not None:
            self._first(life, run, "readiness")
        if run.wanted.liveness_probe is not None:
            self._first(life, run, "liveness")

    def _first(self, life: Life, run: Run, word: str) -> None:
        """When it can succeed is known for a cold one; all others are asked one by one."""
        probe = probe_of(run, word)
        assert probe is not None
        assert run.since is not None
        first = max(run.since + probe.initial_delay_seconds, self.sim.now)
        foreseen = self._foreseen(life, run, probe, first)
        if foreseen is None:
            self._streaks[life.title, run.wanted.name, word] = Streak(first)
            self.sim.at(first, self._ask, life, run.wanted.name, run.attempt, word)
        elif word == "liveness":
            self.watch(life, run)
        else:
            self.sim.at(foreseen, self._succeeded, life, run.wanted.name, run.attempt, word)

    def _foreseen(self, life: Life, run: Run, probe: Probe, first: float) -> float | None:
        """When a probe will have succeeded often enough, if nothing stands against it."""
        work = run.work
        assert work is not None
        assert run.since is not None
        if work.own or (probe.exec is not None and not work.words):
            return None
        if self._port_problem(run, probe):
            return None
        listens = run.since + (work.listens_after_s if work.serves else 0.0)
        period = max(1, probe.period_seconds)
        turns = ceil(max(0.0, listens - first) / period - 1e-9)
        if turns >= probe.failure_threshold and probe is not run.wanted.readiness_probe:
            return None
        return first + (turns + max(1, probe.success_threshold) - 1) * period

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
        problem = self._problem(run, probe)
        station = None if run.container is None else run.container.station
        if not problem and station is not None and station.keeper is None:
            assert run.container is not None
            asked = self._put_in_line(run.container, station)
            self.sim.at(
                self.sim.now + probe.timeout_seconds, self._hear, life, name, attempt, word, asked
            )
        else:
            self._told(life, run, word, probe, problem)

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
        problem = _timed_out(life, run, probe) if late else ""
        self._told(life, run, word, probe, problem)

    def _execute(self, life: Life, run: Run, word: str, probe: Probe) -> None:
        """A command is carried out in the container, beside what runs there."""
        assert run.container is not None
        assert probe.exec is not None
        daemon = self.house.boxes[life.node].daemon
        args = (life, run.wanted.name, run.attempt, word)
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

    def _executed(
        self, execution: Execution, life: Life, name: str, attempt: int, word: str
    ) -> None:
        run = self._current(life, name, attempt)
        probe = None if run is None else probe_of(run, word)
        if run is None or probe is None or not execution.ended:
            return
        code = execution.code or 0
        output = "\n".join(text for _, text in execution.printed)[:200] if code else ""
        self._told(
            life, run, word, probe, output or (f"command exited with {code}" if code else "")
        )

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
        if not self._rests(run, word, problem):
            again = max(self.sim.now, streak.next_at + max(1, probe.period_seconds))
            streak.next_at = again
            self.sim.at(again, self._ask, life, run.wanted.name, run.attempt, word)

    def _rests(self, run: Run, word: str, problem: str) -> bool:
        """Whether nobody need ask for now: it is well, and those who look over it will see."""
        if word == "startup":
            return run.started
        assert run.work is not None
        return not problem and not run.work.own and run.work.serves

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

    # --- looking over -----------------------------------------------------------------------------

    def watch(self, life: Life, run: Run) -> None:
        """A warm server with probes is looked over from now on."""
        probed = run.wanted.readiness_probe is not None or run.wanted.liveness_probe is not None
        if not probed or run.container is None or run.work is None or not run.work.serves:
            return
        self._watched[life.title, run.wanted.name] = life, run
        if not self._looking:
            self._looking = True
            self.sim.at(self.sim.now + LOOK_S, self._look)

    def _look(self) -> None:
        for key, (life, run) in list(self._watched.items()):
            if life.over or run.container is None or run.since is None:
                del self._watched[key]
            elif self._may_fail(run.container):
                for word in ("readiness", "liveness"):
                    self._due(life, run, word)
        self._looking = bool(self._watched)
        if self._looking:
            self.sim.at(self.sim.now + LOOK_S, self._look)

    def _may_fail(self, container: Container) -> bool:
        """Whether somebody may have to wait: it stands still, or does not have little to do."""
        station = container.station
        return station is None or station.keeper is None or container.stands_still

    def _due(self, life: Life, run: Run, word: str) -> None:
        """Ask where a probe's time fell between the last look and this one."""
        probe = probe_of(run, word)
        if probe is None or run.since is None:
            return
        first = run.since + probe.initial_delay_seconds
        period = max(1, probe.period_seconds)
        turn = (self.sim.now - first) // period
        last = first + turn * period
        if turn < 0 or last <= self.sim.now - LOOK_S:
            return
        streak = self._streaks.get((life.title, run.wanted.name, word))
        if streak is not None and streak.next_at > self.sim.now:
            return
        if streak is not None:
            streak.next_at = self.sim.now
        self._ask(life, run.wanted.name, run.attempt, word)

    # --- what an answer would be ------------------------------------------------------------------

    def _current(self, life: Life, name: str, attempt: int) -> Run | None:
        run = life.run(name)
        if run is None or run.attempt != attempt or run.since is None or life.over:
            return None
        return None if life.stopping or not self.house.boxes[life.node].up else run

    def _port_problem(self, run: Run, probe: Probe) -> bool:
        port = port_of(run, probe)
        return port is None or (probe.exec is None and run.work is not None and not run.work.serves)

    def _problem(self, run: Run, probe: Probe) -> str:
        """Why a probe fails before it is in any line; nothing where it does not."""
        container, work = run.container, run.work
        assert work is not None
        assert run.since is not None
        if probe.exec is not None:
            still = container is not None and container.stands_still
            return "command timed out" if still else ""
        if self._port_problem(run, probe):
            return _refused(probe, run)
        if container is not None:
            listens = container.ready_at is not None
        else:
            listens = self.sim.now >= run.since + work.listens_after_s - 1e-9
        if not listens:
            return _refused(probe, run)
        if container is not None and container.stands_still:
            return f"{_asks(probe, run)}: context deadline exceeded"
        return ""


def probe_of(run: Run, word: str) -> Probe | None:
    """A container's probe by its kind."""
    if word == "startup":
        return run.wanted.startup_probe
    return run.wanted.readiness_probe if word == "readiness" else run.wanted.liveness_probe


def port_of(run: Run, probe: Probe) -> int | None:
    """The port that a probe asks; None where it names one that the container does not have."""
    handler = probe.http_get or probe.tcp_socket or probe.grpc
    if handler is None:
        return 0
    port = handler.port
    if isinstance(port, int):
        return port
    if port.isdigit():
        return int(port)
    return next((one.container_port for one in run.wanted.ports if one.name == port), None)


def _asks(probe: Probe, run: Run) -> str:
    port = port_of(run, probe)
    if probe.http_get is not None:
        scheme = probe.http_get.scheme.lower()
        return f'Get "{scheme}://{{ip}}:{port}{probe.http_get.path}"'
    return f"dial tcp {{ip}}:{port}"


def _refused(probe: Probe, run: Run) -> str:
    port = port_of(run, probe)
    if probe.http_get is not None:
        return f"{_asks(probe, run)}: dial tcp {{ip}}:{port}: connect: connection refused"
    return f"{_asks(probe, run)}: connect: connection refused"


def _timed_out(life: Life, run: Run, probe: Probe) -> str:
    if probe.http_get is not None:
        return (
            f"{_asks(probe, run)}: context deadline exceeded "
            "(Client.Timeout exceeded while awaiting headers)"
        )
    return f"{_asks(probe, run)}: i/o timeout"


def _nothing(life: Life) -> None:
    """Nobody has to know."""


def _not_unwell(life: Life, run: Run, word: str, probe: Probe) -> None:
    """Nobody has to know."""
