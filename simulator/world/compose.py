"""Orders to projects of Compose: ``cluster/compose`` carries them out, here is who waits."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from functools import partial
from typing import Any

import msgspec

from simulator.cluster.compose.bringing import Bringing
from simulator.cluster.compose.crew import daemon_says, title
from simulator.cluster.compose.observed import containers_of
from simulator.cluster.compose.progress import Progress
from simulator.cluster.compose.project import Project, dependencies, dependents, selected
from simulator.cluster.compose.taking import Taking
from simulator.cluster.compose.wishes import Wishes
from simulator.dockerfile.signals import signal_name
from simulator.engine import Process
from simulator.errors import DrydockError, InputError, Refused
from simulator.node.node import check_grace
from simulator.world.compose_commands import (
    ComposeDown,
    ComposeOrder,
    ComposeRun,
    ComposeUp,
)
from simulator.world.compose_images import Supply
from simulator.world.compose_output import rows
from simulator.world.compose_shown import Shown
from simulator.world.containers import attached
from simulator.world.depot import Depot
from simulator.world.facts import Said
from simulator.world.fleet import Fleet
from simulator.world.jobs import Job, Jobs, Reply
from simulator.world.terminal import Terminal

_OF_CREATION = ("up", "create", "scale")


def _finish(job: Job, lines: Sequence[Said], error: str | None) -> None:
    job.lines, job.live = list(lines), list
    job.finish(error)


# --- up -------------------------------------------------------------------------------------------


def up(fleet: Fleet, depot: Depot, jobs: Jobs, command: ComposeUp) -> Reply:
    """Images, networks, volumes, containers, their start."""
    node = fleet.node(command.machine)
    node.machine.need_up()
    check_grace(command.wishes.timeout_s)
    progress = Progress(fleet.parts.sim, command.operation)
    bringing = Bringing(node, command.project, progress, command.wishes)
    supply = Supply(
        fleet, depot, jobs, node, command.project, progress, command.images, command.builds
    )
    job = jobs.new(f"docker compose {command.operation}")
    job.live = partial(_so_far, supply, progress, command.style)
    fleet.parts.sim.start(_Up(command, bringing, supply, job).run())
    return Reply((), job)


def _so_far(supply: Supply, progress: Progress, style: str) -> list[Said]:
    return [*supply.built, *rows(progress, style)]


class _Up:
    """One ``up`` under way."""

    def __init__(self, command: ComposeUp, up: Bringing, supply: Supply, job: Job) -> None:
        self.command, self.up, self.supply, self.job = command, up, supply, job

    def run(self) -> Process:
        """All of it; the job is done at the end, or with the containers where they are shown."""
        command, error = self.command, None
        if command.operation == "pull":
            failed = yield from self.supply.pull(list(command.project.services))
            error = next(iter(failed.values()), None)
            error = None if command.ignore_pull_failures else error
        else:
            error = yield from self.supply.run()
        if error is None and command.operation in _OF_CREATION:
            error = yield from self._containers()
            if error is None and not command.detach:
                return
        _finish(self.job, self._head(), error)

    def _containers(self) -> Process:
        command, shown = self.command, None
        error = yield from self.up.prepare()
        if error is not None or command.operation == "create":
            return error
        if not command.detach:
            shown = Shown(self.up, command, self.job)
            shown.expect()
        error = yield from self.up.begin()
        if error is None and command.wait:
            error = yield from self.up.wait_for_all(command.wait_timeout_s)
        if error is None and shown is not None:
            shown.begin(self._head())
        return error

    def _head(self) -> list[Said]:
        return _so_far(self.supply, self.up.progress, self.command.style)


# --- down and other orders ------------------------------------------------------------------------


def down(fleet: Fleet, jobs: Jobs, command: ComposeDown) -> Reply:
    """Containers, networks, images and volumes go."""
    taking, job = _taking(fleet, jobs, "down", command, command.wishes)

    def work() -> Process:
        error = yield from taking.down(
            volumes=command.volumes, images=command.images, whole=command.whole
        )
        _finish(job, rows(taking.progress, command.style), error)

    fleet.parts.sim.start(work())
    return Reply((), job)


def _taking(
    fleet: Fleet, jobs: Jobs, operation: str, command: ComposeDown | ComposeOrder, wishes: Wishes
) -> tuple[Taking, Job]:
    node = fleet.node(command.machine)
    node.machine.need_up()
    check_grace(wishes.timeout_s)
    taking = Taking(node, command.project, Progress(fleet.parts.sim, operation), wishes)
    job = jobs.new(f"docker compose {operation}")
    job.live = partial(rows, taking.progress, command.style)
    return taking, job


def order(fleet: Fleet, jobs: Jobs, command: ComposeOrder) -> Reply:
    """Start, stop, restart, kill, pause, unpause, remove."""
    for name in command.services:
        command.project.service(name)
    if command.kind == "kill":
        signal_name(command.signal)
    wishes = Wishes(timeout_s=command.timeout_s)
    taking, job = _taking(fleet, jobs, command.kind, command, wishes)
    taking.project = _of_order(command)
    fleet.parts.sim.start(_Order(taking, command, job).run())
    return Reply((), job)


def _of_order(command: ComposeOrder) -> Project:
    """The services that an order is about; ``restart`` reaches who wants to be restarted, too."""
    names = list(command.services)
    if command.kind == "restart" and names and not command.alone:
        services = command.project.services
        for name in names:  # grows while it is walked along
            for other in dependents(services, name):
                if dependencies(services[other])[name].get("restart") and other not in names:
                    names.append(other)
    return selected(command.project, names, alone=True)


class _Order:
    """One order under way."""

    def __init__(self, taking: Taking, command: ComposeOrder, job: Job) -> None:
        self.taking, self.command, self.job = taking, command, job

    def run(self) -> Process:
        """All of it."""
        command, taking = self.command, self.taking
        error = yield from getattr(self, f"_{command.kind}")()
        _finish(self.job, rows(taking.progress, command.style), error)

    def _start(self) -> Process:
        error = yield from self.taking.begin()
        if error is None and self.command.wait:
            error = yield from self.taking.wait_for_all(self.command.wait_timeout_s)
        return error

    def _stop(self) -> Process:
        error = yield from self.taking.stop_all()
        return error

    def _restart(self) -> Process:
        error = yield from self.taking.restart_all()
        return error

    def _rm(self) -> Process:
        if self.command.stop:
            yield from self.taking.stop_all()
        ended = [one for one in self._mine() if not one.lives]
        error = yield from self.taking.remove_all(ended, None, volumes=self.command.volumes)
        return error

    def _mine(self) -> list[Any]:
        taking = self.taking
        return containers_of(taking.node, taking.project.name, taking.project.services)

    def _kill(self) -> Process:
        yield from self._each("Killing", "Killed", lambda one: self.taking.node.kill(
            one, self.command.signal))  # fmt: skip

    def _pause(self) -> Process:
        error = yield from self._each("Pausing", "Paused", lambda one: one.pause())
        return error

    def _unpause(self) -> Process:
        error = yield from self._each("Unpausing", "Unpaused", lambda one: one.unpause())
        return error

    def _each(self, doing: str, done: str, act: Any) -> Process:
        """What takes no time, to each container that runs."""
        progress = self.taking.progress
        for one in self._mine():
            if not one.lives or (doing != "Killing" and (doing == "Unpausing") != one.paused):
                continue
            progress.on(title(one), doing, "working")
            try:
                act(one)
            except DrydockError as error:
                progress.on(title(one), "Error", "error", f"Error while {doing}")
                return daemon_says(error)
            progress.on(title(one), done)
        yield self.taking.sim.env.timeout(0)
        return None


# --- run ------------------------------------------------------------------------------------------


def run(fleet: Fleet, depot: Depot, jobs: Jobs, terminal: Terminal, command: ComposeRun) -> Reply:
    """What the service waits for first, then one more container of it."""
    node = fleet.node(command.machine)
    node.machine.need_up()
    command.project.service(command.service)
    name = command.name or _run_name(fleet, command)
    node.check_free(name)
    progress = Progress(fleet.parts.sim, "run")
    bringing = Bringing(node, command.project, progress, command.wishes)
    supply = Supply(
        fleet, depot, jobs, node, command.project, progress, command.images, command.builds
    )
    job = jobs.new(f"docker compose run {command.service}")
    job.live = partial(_so_far, supply, progress, command.style)
    fleet.parts.sim.start(_Run(command, bringing, supply, job, terminal, name).run())
    return Reply((), job)


def _run_name(fleet: Fleet, command: ComposeRun) -> str:
    slug = hashlib.sha256(f"run/{command.service}/{fleet.new_id()}".encode()).hexdigest()[:12]
    return f"{command.project.name}-{command.service}-run-{slug}"


class _Run:
    """One ``run`` under way."""

    def __init__(
        self, command: ComposeRun, up: Bringing, supply: Supply, job: Job, terminal: Terminal,
        name: str,
    ) -> None:  # fmt: skip
        self.command, self.up, self.supply, self.job = command, up, supply, job
        self.terminal, self.name = terminal, name

    def run(self) -> Process:
        """Images, what it waits for, itself."""
        command, up = self.command, self.up
        error = yield from self.supply.run()
        if error is None:
            error = yield from self._others()
        head = _so_far(self.supply, up.progress, command.style)
        if error is not None:
            _finish(self.job, head, error)
            return
        try:
            container = up.create(
                command.service,
                self.name,
                1,
                one_off=True,
                changes={**command.changes, "aliased": command.aliased},
            )
            up.node.start(container)
        except (Refused, InputError) as refusal:
            _finish(self.job, head, daemon_says(refusal))
            return
        self.job.lines, self.job.live = list(head), list
        if command.detach:
            yield container.begun.event()
            self.job.lines.append(container.local_name)
            self.job.finish(daemon_says(Refused(container.start_error))
                            if container.start_error else None)  # fmt: skip
        else:
            attached(up.node, container, self.terminal, self.job)

    def _others(self) -> Process:
        """The services that this one waits for run, as ``up`` would have them."""
        project, name = self.up.project, self.command.service
        services = {key: one for key, one in project.services.items() if key != name}

        self.up.project = msgspec.structs.replace(
            project, services=services, disabled={**project.disabled, name: project.services[name]}
        )
        error = yield from self.up.prepare()
        if error is None:
            error = yield from self.up.begin()
        self.up.project = project
        if error is None:
            waits = project.services[name].get("depends_on") or {}
            error = yield from self.up.conditions(name, waits)
        return error
