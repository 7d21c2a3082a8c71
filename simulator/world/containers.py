"""Commands on containers, as Docker's users know them; the daemon of a machine carries them out."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import msgspec

from simulator.dockerfile.signals import parse_signal
from simulator.engine import Process
from simulator.errors import InputError, Refused
from simulator.image.model import Platform
from simulator.image.reference import Reference
from simulator.machine.container import Container
from simulator.node.errors import NameTaken, StillRunning
from simulator.node.making import Plan
from simulator.node.names import Namer
from simulator.node.node import Node, check_grace
from simulator.world.commands import (
    KillContainer,
    PauseContainer,
    RemoveContainer,
    RenameContainer,
    RestartContainer,
    RunContainer,
    StartContainer,
    StopContainer,
    UnpauseContainer,
    UpdateContainer,
)
from simulator.world.depot import Depot
from simulator.world.execs import follow
from simulator.world.fleet import Fleet
from simulator.world.images import check_available, have_image, is_here
from simulator.world.jobs import Job, Jobs, Reply
from simulator.world.terminal import Terminal


@contextmanager
def docker_words() -> Iterator[None]:
    """What a node refuses, in the sentences of Docker's daemon."""
    try:
        yield
    except NameTaken as taken:
        raise Refused(
            f'Conflict. The container name "/{taken.name}" is already in use by container '
            f'"{taken.holder[:12]}". You have to remove (or rename) that container to be able to '
            "reuse that name."
        ) from None
    except StillRunning as running:
        raise Refused(
            f'cannot remove container "/{running.name}": container is {running.state}: '
            "stop the container before removing or force remove"
        ) from None


def run(
    fleet: Fleet,
    depot: Depot,
    jobs: Jobs,
    namer: Namer,
    terminal: Terminal,
    command: RunContainer,
) -> Reply:
    """Pull if needed, create, start; everything that can be refused is refused first."""
    fleet.machine(command.machine).need_up()
    reference = Reference.parse(command.image)
    platform = Platform.parse(command.platform) if command.platform else None
    node = fleet.node(command.machine)
    name = command.name or namer(fleet.containers)
    with docker_words():
        plan = node.plan(command.spec, name)
    machine = node.machine
    check_available(depot, node, reference, platform, command.pull)
    launch = _Launch(fleet, depot, namer, node, plan, command, terminal)
    if is_here(machine, reference, platform, command.pull):
        container = node.create(plan, name, machine.images.store.get(reference).image)
        job = jobs.new(f"docker run {name}")
        launch.begin(container, job)
        return Reply((), job)
    job = jobs.new(f"docker run {name}")
    fleet.parts.sim.start(launch.pull_and_run(reference, platform, name, job))
    return Reply((), job)


class _Launch:
    """A ``docker run`` under way."""

    def __init__(
        self,
        fleet: Fleet,
        depot: Depot,
        namer: Namer,
        node: Node,
        plan: Plan,
        command: RunContainer,
        terminal: Terminal,
    ) -> None:
        self.terminal = terminal
        self.fleet, self.depot, self.namer = fleet, depot, namer
        self.node, self.plan, self.command = node, plan, command

    def pull_and_run(
        self, reference: Reference, platform: Platform | None, name: str, job: Job
    ) -> Process:
        """The image first, then the container."""
        machine, pull = self.node.machine, self.command.pull
        told = Job(0, "") if self.command.quiet else job
        error = yield from have_image(self.depot, self.node, reference, platform, told, pull)
        if error is not None:
            job.finish(error)
            return
        if not self.command.name and name in self.node.names:
            name = self.namer(self.fleet.containers)
        try:
            with docker_words():
                image = machine.images.store.get(reference).image
                container = self.node.create(self.plan, name, image)
        except (Refused, InputError) as refusal:
            job.finish(str(refusal))
            return
        self.begin(container, job)

    def begin(self, container: Container, job: Job) -> None:
        """The prompt comes back when it has started, or without -d when it has ended."""
        if not self.command.start:
            _say_id(container, job)
            return
        container.start()
        if self.command.detach:
            container.when_begun(_say_id, container, job)
        else:
            attached(self.node, container, self.terminal, job)


def _say_id(container: Container, job: Job) -> None:
    job.lines.append(container.id)
    _started(container, job)


def attached(node: Node, container: Container, terminal: Terminal, job: Job) -> None:
    """What it prints from its start on goes to the job, until it ends or waits for a line."""
    container.when_begun(_follow, node, container, len(container.log), terminal, job)


def _follow(node: Node, container: Container, begun: int, terminal: Terminal, job: Job) -> None:
    if container.start_error:
        job.finish(container.start_error)
    else:
        follow(node, container, terminal, job, begun)


def _started(container: Container, job: Job) -> None:
    """It runs, or ran; or it could not be started."""
    job.finish(container.start_error or None)


# --- orders to one that exists ----------------------------------------------------------------


def start(fleet: Fleet, jobs: Jobs, terminal: Terminal, command: StartContainer) -> Reply:
    """Start it again."""
    container = fleet.container(command.name)
    node = fleet.node_of(container)
    node.start(container)
    job = jobs.new(f"docker start {container.name}")
    if command.attach:
        attached(node, container, terminal, job)
        return Reply((), job)
    container.when_begun(_named, container, command.name, job)
    return Reply((), job)


def _named(container: Container, name: str, job: Job) -> None:
    """``docker start`` says the name of what it started."""
    if not container.start_error:
        job.lines.append(name)
    _started(container, job)


def stop(fleet: Fleet, jobs: Jobs, command: StopContainer) -> Reply:
    """SIGTERM, grace, SIGKILL."""
    container = fleet.container(command.name)
    check_grace(command.grace_s)
    job = jobs.new(f"docker stop {container.name}")
    job.lines.append(command.name)
    if command.signal is not None:
        parse_signal(command.signal)
    fleet.node_of(container).stop(container, command.grace_s, job.finish, signal=command.signal)
    return Reply((), job)


def restart(fleet: Fleet, jobs: Jobs, command: RestartContainer) -> Reply:
    """Stop, then start."""
    container = fleet.container(command.name)
    container.machine.need_up()
    check_grace(command.grace_s)
    job = jobs.new(f"docker restart {container.name}")
    then = (_restarted, container, command.name, job)
    if command.signal is not None:
        parse_signal(command.signal)
    node = fleet.node_of(container)
    node.restart(container, command.grace_s, *then, signal=command.signal)
    return Reply((), job)


def _restarted(container: Container, name: str, job: Job) -> None:
    if container.state == "removed":
        job.finish(f"No such container: {container.name}")
    else:
        _named(container, name, job)


def kill(fleet: Fleet, command: KillContainer) -> Reply:
    """Send a signal."""
    container = fleet.container(command.name)
    if not container.lives:
        raise Refused(
            f"cannot kill container: {container.name}: container {container.id} is not running"
        )
    fleet.node_of(container).kill(container, command.signal)
    return Reply((command.name,))


def pause(fleet: Fleet, command: PauseContainer) -> Reply:
    """Freeze it."""
    fleet.container(command.name).pause()
    return Reply((command.name,))


def unpause(fleet: Fleet, command: UnpauseContainer) -> Reply:
    """Thaw it."""
    fleet.container(command.name).unpause()
    return Reply((command.name,))


def remove(fleet: Fleet, jobs: Jobs, command: RemoveContainer) -> Reply:
    """Delete it; a running one only by force."""
    container = fleet.container(command.name)
    node = fleet.node_of(container)
    alive = container.running or container.state == "restarting"
    if alive and command.force:
        if command.volumes:
            node.storage.sweep(container)
        job = jobs.new(f"docker rm {container.name}")
        job.lines.append(command.name)
        node.force_remove(container, job.finish)
        return Reply((), job)
    with docker_words():
        node.remove(container, volumes=command.volumes)
    return Reply((command.name,))


def update(fleet: Fleet, command: UpdateContainer) -> Reply:
    """Change limits in place."""
    container = fleet.container(command.name)
    given = msgspec.structs.asdict(command)
    changes = {key: value for key, value in given.items() if value is not None and key != "name"}
    fleet.node_of(container).update(container, changes)
    return Reply((command.name,))


def rename(fleet: Fleet, command: RenameContainer) -> Reply:
    """Another name for a container."""
    container = fleet.container(command.name)
    with docker_words():
        fleet.node_of(container).rename(container, command.new_name)
    return Reply()
