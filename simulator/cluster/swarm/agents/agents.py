"""The agents of all nodes: they fetch, start, watch and stop what the managers gave them.

A swarm of many tasks keeps those that only wait for requests as rows, without containers, until
something depends on them; a small one has all of them on its machines.
"""

from __future__ import annotations

from collections.abc import Callable

from simulator.calibration import Calibration
from simulator.cluster.supply import Pinned, Supplied, Supply, pinned
from simulator.cluster.swarm.agents import making
from simulator.cluster.swarm.agents.seat import Run, Seat
from simulator.cluster.swarm.agents.work import Works
from simulator.cluster.swarm.objects import (
    ACCEPTED,
    ASSIGNED,
    COMPLETE,
    FAILED,
    PREPARING,
    READY,
    REJECTED,
    RUNNING,
    SHUTDOWN,
    STARTING,
    Node,
    Task,
)
from simulator.cluster.swarm.state import State
from simulator.errors import DrydockError
from simulator.image.model import DEFAULT_PLATFORM, Layer, Manifest
from simulator.image.platform import select
from simulator.image.reference import Reference
from simulator.machine.container import Container
from simulator.machine.runtimes import runtime, start_time
from simulator.machine.workload import Workload
from simulator.node.node import Node as Daemon

ROWS_FROM = 1000
"""Tasks of a swarm from which those that only wait for requests are rows at first."""
GRACE_S = 10.0
"""swarmkit, ``api/defaults``: from the request to stop until it is killed."""
UNHEALTHY = "unhealthy container"

Listener = Callable[[Task], None]


class Agents:
    """What is on each node, and what becomes of it."""

    def __init__(
        self,
        state: State,
        supply: Supply,
        constants: Calibration,
        read_program: Callable[[str], Workload],
    ) -> None:
        self.state = state
        self.sim = state.sim
        self.supply = supply
        self.works = Works(read_program)
        self.seats: dict[str, Seat] = {}
        """By identity of the node."""
        self.by_container: dict[Container, tuple[Seat, Run]] = {}
        self.runs_now: Listener = _nobody
        """Told of a task that runs, before the managers are."""
        self.stops_now: Listener = _nobody
        """Told of a task that is about to stop, or has ended."""
        self.falls: Callable[[Seat], None] = _nobody_on
        """Told of a machine that is off, with everything on it."""
        self._runtime = runtime("docker", constants)
        self._request_s = constants.value("kubernetes.node.registry_request_s")
        self._unpack_bytes_s = constants.value("images.pull.unpack_bytes_s")
        self._stream_bytes_s = constants.value("kubernetes.node.registry_bytes_s")
        state.task_watchers.append(self._task_changed)
        state.gone_watchers.append(self._task_gone)

    # --- members --------------------------------------------------------------------------------

    def add(self, node: Node, daemon: Daemon) -> Seat:
        """A machine is a member from now on."""
        seat = self.seats[node.id] = Seat(node, daemon)
        return seat

    def drop(self, node: str) -> None:
        """A machine leaves: its tasks are stopped, and nobody hears of that."""
        seat = self.seats.pop(node, None)
        if seat is not None:
            self.clear(seat)

    def clear(self, seat: Seat) -> None:
        """A machine is a member no more: nothing of the swarm's runs there."""
        seat.left = seat.down = True
        for run in list(seat.runs.values()):
            run.over = True
            self._clear(run)
            if run.container is not None:
                self._remove(seat, run.container)
        seat.runs.clear()

    def _remove(self, seat: Seat, container: Container) -> None:
        self.by_container.pop(container, None)
        if seat.daemon.containers.get(container.id) is container:
            seat.daemon.force_remove(container, _done)

    # --- what the managers want -----------------------------------------------------------------

    def _task_changed(self, task: Task, state: int, desired: int) -> None:
        seat = self.seats.get(task.node)
        if seat is None:
            return
        if task.state == ASSIGNED and state < ASSIGNED:
            self.sim.at(self.sim.now, self._take_on, seat, task)
        elif desired != task.desired and task.id in seat.runs:
            self.sim.at(self.sim.now, self._wanted, seat, task)

    def _reached(self, seat: Seat) -> bool:
        """Whether the managers and the node hear of each other."""
        return seat.up and seat.node.ready and not self.state.leaderless

    def _wanted(self, seat: Seat, task: Task) -> None:
        run = seat.runs.get(task.id)
        if run is None or not self._reached(seat):
            return
        if task.desired > COMPLETE:
            self._stop(seat, run)
        elif task.state == READY and task.desired >= RUNNING and run.since is None:
            self._start(seat, run)

    def _task_gone(self, task: Task) -> None:
        """Nobody remembers it: what is left of it goes."""
        seat = self.seats.get(task.node)
        run = None if seat is None else seat.runs.pop(task.id, None)
        if seat is None or run is None:
            return
        self._clear(run)
        if run.container is not None:
            self._remove(seat, run.container)

    def _clear(self, run: Run) -> None:
        if run.timer is not None:
            run.timer.cancel()
            run.timer = None

    # --- telling --------------------------------------------------------------------------------

    def _tell(self, seat: Seat, task: Task, state: int, message: str, error: str = "") -> None:
        """A state of a task, for the managers: now, or when they hear of the node again."""
        if self._reached(seat) and not seat.unsent:
            self.state.move(task, state, message, error)
        else:
            seat.unsent.append((task, state, message, error))

    def heard_again(self, seat: Seat) -> None:
        """Managers and node hear of each other: what each has missed is told."""
        if not self._reached(seat):
            return
        unsent, seat.unsent = seat.unsent, []
        for task, state, message, error in unsent:
            if task.id in self.state.tasks:
                self.state.move(task, state, message, error)
        for task in self.state.tasks_on(seat.node.id):
            if task.id not in seat.runs and task.state == ASSIGNED:
                self._take_on(seat, task)
            else:
                self._wanted(seat, task)

    # --- preparing ------------------------------------------------------------------------------

    def _take_on(self, seat: Seat, task: Task) -> None:
        if not self._reached(seat) or task.id in seat.runs or task.over:
            return
        run = seat.runs[task.id] = Run(task)
        self.state.move(task, ACCEPTED, "accepted")
        if task.desired > COMPLETE:
            self._stop(seat, run)
            return
        self.state.move(task, PREPARING, "preparing")
        self._fetch(seat, run)

    def _fetch(self, seat: Seat, run: Run) -> None:
        text, machine = run.task.spec.container.image, seat.daemon.machine
        stored = machine.images.store.find(text)
        if stored is not None and text not in seat.pulling:
            assumed = self.supply.is_assumed(text, machine.images.platform)
            self._prepared(seat, run, Supplied(stored.image, assumed))
            return
        waiting = seat.pulling.get(text)
        if waiting is not None:
            waiting.append(run)
            return
        seat.pulling[text] = [run]
        found: Supplied | str = self._find(text, seat)
        seconds = self._request_s
        if isinstance(found, Supplied):
            seconds += self._pull_s(seat, machine.images.store.missing_layers(found.image))
        self.sim.at(self.sim.now + seconds, self._pulled, seat, seat.boots, text, found)

    def _find(self, text: str, seat: Seat) -> Supplied | str:
        """The image in a registry; what was only built on one member is on none of the others."""
        platform = seat.daemon.machine.images.platform
        try:
            served = _served(Reference.parse(text), seat)
            if served is not None:
                return Supplied(select(served, platform))
        except DrydockError:
            return text
        found = self.supply.find(text, platform)
        if isinstance(found, Supplied) and found.assumed and self._built_somewhere(text):
            return text
        return found

    def pinned(self, text: str, seat: Seat) -> Pinned | None:
        """A name as all nodes mean the same by it; None where no registry that a node reaches can
        say."""
        reference = Reference.parse(text).tagged()
        if reference.digest is not None:
            return Pinned(text)
        try:
            served = _served(reference, seat)
            found = self.supply.pin(reference) if served is None else pinned(reference, served)
        except DrydockError:
            return None
        assumed = self.supply.is_assumed(str(reference), DEFAULT_PLATFORM)
        return None if assumed and self._built_somewhere(str(reference)) else found

    def _built_somewhere(self, text: str) -> bool:
        platforms = self.supply
        for seat in self.seats.values():
            machine = seat.daemon.machine
            stored = machine.images.store.find(text)
            known = platforms.find(text, machine.images.platform)
            if (
                stored is not None
                and isinstance(known, Supplied)
                and (known.image.digest != stored.image.digest)
            ):
                return True
        return False

    def _pull_s(self, seat: Seat, layers: list[Layer]) -> float:
        """Download and unpacking overlap: the longer of the two."""
        if not layers:
            return 0.0
        rate = min(seat.daemon.machine.hardware.nic_bytes_s, self._stream_bytes_s)
        download = sum(one.transfer_bytes for one in layers) / rate
        return max(download, sum(one.size_bytes for one in layers) / self._unpack_bytes_s)

    def _pulled(self, seat: Seat, boots: int, text: str, found: Supplied | str) -> None:
        if seat.boots != boots or not seat.up:
            return
        if isinstance(found, Supplied):
            seat.daemon.machine.images.store.add(found.image, text, now_s=self.sim.now)
        for run in seat.pulling.pop(text, []):
            if run.over or run.stopping or run.task.id not in seat.runs:
                continue
            if isinstance(found, Supplied):
                self._prepared(seat, run, found)
            else:
                run.over = True
                self._tell(seat, run.task, REJECTED, "preparing", f"No such image: {text}")

    def _prepared(self, seat: Seat, run: Run, found: Supplied) -> None:
        run.found = found
        service = self.state.services.get(run.task.service)
        job = service is not None and service.spec.mode.is_job
        try:
            run.work = self.works.of(run.task, found, job=job)
            making.spec_of(run, seat, self.state)
        except DrydockError as error:
            run.over = True
            self._tell(seat, run.task, REJECTED, "preparing", str(error))
            return
        self._tell(seat, run.task, READY, "prepared")
        if run.task.desired >= RUNNING and not run.over and not run.stopping:
            self._start(seat, run)

    # --- starting -------------------------------------------------------------------------------

    def _start(self, seat: Seat, run: Run) -> None:
        if run.since is not None or run.timer is not None or run.container is not None:
            return
        self._tell(seat, run.task, STARTING, "starting")
        if self._is_row(run):
            seat.starts += 1
            draws = self.sim.streams.once(f"start/{run.task.id}")
            stages = start_time(self._runtime, draws, seat.starts, len(seat.runs))
            seconds = sum(each for _, each in stages)
            run.timer = self.sim.at(self.sim.now + seconds, self._row_runs, seat, run)
            return
        try:
            container = self._make(seat, run)
            seat.daemon.start(container)
        except DrydockError as error:
            run.over = True
            self._tell(seat, run.task, REJECTED, "starting", str(error))
            return
        container.when_begun(self._begun, seat, run)

    def _is_row(self, run: Run) -> bool:
        assert run.work is not None
        spec = run.task.spec
        checked = spec.container.health_cmd or (run.found and run.found.image.config.healthcheck)
        many = len(self.state.tasks) >= ROWS_FROM
        return many and not run.work.acts and not checked and not spec.limits.memory_bytes

    def _make(self, seat: Seat, run: Run) -> Container:
        assert run.found is not None
        name = run.task.full_name
        plan = seat.daemon.plan(making.spec_of(run, seat, self.state), name)
        made = seat.daemon.create(plan, name, run.found.image)
        run.container = made
        run.task.container = made.id
        self.by_container[made] = seat, run
        making.deliver(run, seat, self.state, made)
        return made

    def _row_runs(self, seat: Seat, run: Run) -> None:
        seat.starts -= 1
        run.timer = None
        if run.stopping or run.over or not seat.up:
            return
        self._runs(seat, run)

    def _begun(self, seat: Seat, run: Run) -> None:
        """Its first process runs, or could not be started."""
        container = run.container
        if container is None or run.over:
            return
        if container.start_error:
            run.over = True
            self._tell(seat, run.task, FAILED, "starting", container.start_error)
            return
        container.when_over(self._over, seat, run)
        if container.health is None or run.stopping:
            self._runs(seat, run)
        else:
            run.since = self.sim.now

    def _runs(self, seat: Seat, run: Run) -> None:
        run.since = run.since if run.since is not None else self.sim.now
        if run.stopping:
            return
        self.runs_now(run.task)
        self._tell(seat, run.task, RUNNING, "started")

    def health_changed(self, container: Container, status: str) -> None:
        """A task counts as running when it is healthy, and is killed when it is not any more."""
        known = self.by_container.get(container)
        if known is None:
            return
        seat, run = known
        if status == "healthy" and run.task.state < RUNNING and not run.stopping:
            self._runs(seat, run)
        elif status == "unhealthy" and not run.over and not run.stopping and container.running:
            run.problem = UNHEALTHY
            self.stops_now(run.task)
            seat.daemon.stop(container, run.task.spec.container.stop_timeout_s, _done)

    # --- rows -----------------------------------------------------------------------------------

    def warm(self, task: Task) -> Container | None:
        """The container of a running task, made now where it was a row; None: it has none."""
        seat = self.seats.get(task.node)
        run = None if seat is None else seat.runs.get(task.id)
        if seat is None or run is None or run.container is not None:
            return None if run is None else run.container
        if run.since is None or run.over or run.work is None or not seat.up:
            return None
        try:
            made = self._make(seat, run)
            made.place(run.since, serves=not run.work.acts)
        except DrydockError:
            return None
        made.when_over(self._over, seat, run)
        return made

    def listed(self, task: Task) -> bool:
        """Whether other nodes send to a task, as far as they know."""
        seat = self.seats.get(task.node)
        return task.state == RUNNING and seat is not None and not (seat.missed or seat.left)

    # --- ending ---------------------------------------------------------------------------------

    def _stop(self, seat: Seat, run: Run) -> None:
        if run.stopping or run.over:
            return
        run.stopping = True
        self._clear(run)
        self.stops_now(run.task)
        container = run.container
        if container is not None and container.running:
            wanted = run.task.spec.container.stop_timeout_s
            seat.daemon.stop(container, GRACE_S if wanted is None else wanted, _done)
            if run.since is None:
                container.when_over(self._over, seat, run)
        elif run.since is not None:
            assert run.work is not None
            end = run.work.at_term
            wanted = run.task.spec.container.stop_timeout_s
            grace = GRACE_S if wanted is None else wanted
            run.timer = self.sim.at(
                self.sim.now + (grace if end is None else min(grace, end.after_s)),
                self._ended, seat, run, 137 if end is None else end.code,
            )  # fmt: skip
        else:
            run.over = True
            self._tell(seat, run.task, SHUTDOWN, "shutdown")

    def _over(self, seat: Seat, run: Run) -> None:
        container = run.container
        if container is not None and not run.over:
            code = container.exit_code if container.exit_code is not None else 0
            self._ended(seat, run, code)

    def _ended(self, seat: Seat, run: Run, code: int) -> None:
        if run.over:
            return
        run.over = True
        self._clear(run)
        if not seat.up:
            return
        self.stops_now(run.task)
        run.task.exit_code = code
        if run.stopping:
            self._tell(seat, run.task, SHUTDOWN, "shutdown")
        elif run.problem:
            text = f"task: non-zero exit ({code}): dockerexec: {run.problem}"
            self._tell(seat, run.task, FAILED, "started", text)
        elif code == 0:
            self._tell(seat, run.task, COMPLETE, "finished")
        else:
            self._tell(seat, run.task, FAILED, "started", f"task: non-zero exit ({code})")

    # --- machines -------------------------------------------------------------------------------

    def machine_down(self, seat: Seat) -> None:
        """A member's machine is off: what ran there is dead, and nobody says so."""
        seat.boots += 1
        seat.pulling.clear()
        seat.starts = 0
        for run in seat.runs.values():
            self._clear(run)
            if not run.over:
                run.over = True
                if run.task.state <= RUNNING:
                    lost = "task: non-zero exit (137)" if run.since is not None else "node lost"
                    state = SHUTDOWN if run.task.desired > COMPLETE else FAILED
                    seat.unsent.append((run.task, state, "started", lost))
        self.falls(seat)


def _served(reference: Reference, seat: Seat) -> Manifest | None:
    """What a registry in a container has for a name that means one at a port of the node itself.

    Raises DrydockError where nobody answers there, or it has no such image; None for other names.
    """
    if seat.daemon.registries.has(reference):
        return None
    registry = seat.daemon.hosting.find(reference, looking=True)
    return None if registry is None else registry.look_up(reference)


def _nobody(task: Task) -> None:
    """Nobody wants to know."""


def _nobody_on(seat: Seat) -> None:
    """Nobody wants to know."""


def _done(*_: object) -> None:
    """Nothing follows."""
