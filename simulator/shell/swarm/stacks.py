"""``docker stack``: services, networks, secrets and configs that files describe together.

Source: docker/cli, ``cli/command/stack``.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, TypeAlias

from simulator.cluster.swarm.stacks.converting import NAMESPACE
from simulator.errors import DrydockError
from simulator.shell import kinds
from simulator.shell.following import Following
from simulator.shell.go_yaml import yaml_lines
from simulator.shell.grammar import UNSAID, Argument, Call, Flag
from simulator.shell.registry import verb
from simulator.shell.results import OfClient
from simulator.shell.swarm.common import machine_of, swarm_of
from simulator.shell.swarm.deploying import DAEMON, Deployment, services_of
from simulator.shell.swarm.progress import Convergence
from simulator.shell.swarm.stack_config import document
from simulator.shell.swarm.stack_files import (
    FILE,
    VARIABLE,
    StackFolder,
    check_images,
    ignored,
    stack_of,
)
from simulator.shell.swarm.stack_looking import STACK, check_name
from simulator.shell.swarm.stack_notes import notes
from simulator.world.commands import Command
from simulator.world.compose_output import warned
from simulator.world.swarm_commands import (
    RemoveSwarmFile,
    RemoveSwarmNetwork,
    RemoveSwarmService,
)

if TYPE_CHECKING:
    from simulator.cluster.swarm.objects import Network, Secret, Service
    from simulator.cluster.swarm.swarm import Swarm
    from simulator.shell.session import Session

MOST_WAIT_S = 600.0
RESOLVE = ("always", "changed", "never")
NOT_A_MANAGER = (
    'this node is not a swarm manager. Use "docker swarm init" or "docker swarm join" to connect '
    "this node to swarm and try again"
)
IN_BACKGROUND = (
    "Since --detach=false was not specified, tasks will be created in the background.",
    "In a future release, --detach=false will become the default.",
)


# --- deploying ------------------------------------------------------------------------------------


@verb(
    "docker stack deploy",
    "Make a stack what its files say: networks, secrets, configs, then services",
    arguments=(Argument("STACK", STACK, "its name: all of it is called STACK_NAME"),),
    flags=(
        FILE,
        Flag(("--prune",), "remove services that the files do not have any more"),
        Flag(("--resolve-image",), "when a tag is looked up anew: always, changed (where the "
             "file names another image) or never", kinds.choice("option", RESOLVE), "always"),
        Flag(("-d", "--detach"), "do not wait for the tasks", default=UNSAID),
        Flag(("-q", "--quiet"), "wait without a word"),
        Flag(("--with-registry-auth",), "", ignored=True),
        VARIABLE,
    ),
    aliases=("docker stack up",),
    examples=("docker stack deploy -c stack.yml shop",),
)  # fmt: skip
def deploy(session: Session, call: Call) -> Iterable[str]:
    """What is made, one line each."""
    stack = check_name(call["STACK"])
    folder = StackFolder(session, call)
    file = stack_of(folder)
    session.say([*map(warned, file.warnings), *ignored(file)])
    check_images(file)
    for key, text in notes(file):
        session.note(key, text)
    if call["detach"] is UNSAID:
        session.say(IN_BACKGROUND)
    swarm = _managed(session, call)
    plan = Deployment(session, machine_of(session, call), swarm, stack, file, folder)
    plan.check()
    if call["prune"]:
        plan.prune()
    plan.things()
    made = plan.bring(call["resolve_image"])
    if call["detach"] is False:
        _converge(session, call, swarm, made)
    return []


def _converge(session: Session, call: Call, swarm: Swarm, services: Iterable[str]) -> None:
    """Wait until each service is what it is wanted to be."""
    for one in services:
        known = swarm.state.services.get(one)
        if known is None:
            continue
        try:
            Convergence(session, swarm.state, known, quiet=call["quiet"]).follow()
        except OfClient as error:
            session.fail(call, OfClient(f"{one}: {error}"))


def _managed(session: Session, call: Call) -> Swarm:
    world, machine = session.world, machine_of(session, call)
    swarm = world.orchestras.swarm_of(machine)
    node = None if swarm is None else swarm.member(machine)
    if node is None or not node.manager:
        raise OfClient(NOT_A_MANAGER)
    return swarm_of(session, call)


@verb(
    "docker stack config",
    "Print stack files as one, in long form, with the shell's variables",
    flags=(FILE, Flag(("--skip-interpolation",), "leave ${...} as it is"), VARIABLE),
    examples=("docker stack config -c stack.yml",),
)
def config(session: Session, call: Call) -> Iterable[str]:
    """YAML; nothing of a swarm is needed for it."""
    return yaml_lines(document(
        stack_of(StackFolder(session, call), interpolate=not call["skip_interpolation"])
    ))  # fmt: skip


# --- removing -------------------------------------------------------------------------------------


@verb(
    "docker stack rm",
    "Remove stacks: services, then secrets, configs and networks",
    arguments=(Argument("STACK", STACK, "its name", repeat=True),),
    flags=(Flag(("-d", "--detach"), "do not wait until its tasks are gone", default=UNSAID),),
    aliases=("docker stack remove", "docker stack down"),
    destructive=True,
    examples=("docker stack rm shop",),
)
def remove(session: Session, call: Call) -> Iterable[str]:
    """What is removed, one line each."""
    for stack in call["STACK"]:
        check_name(stack)
    swarm = swarm_of(session, call)
    for stack in call["STACK"]:
        steps = list(_steps(swarm, stack, call["host"]))
        if not steps:
            session.say([f"Nothing found in stack: {stack}"])
        elif not _removed(session, steps):
            session.fail(call, OfClient(f"failed to remove some resources from stack: {stack}"))
        elif call["detach"] is False:
            session.say(_all_gone(session, call, stack))
    return []


def _removed(session: Session, steps: Iterable[tuple[Thing, str, Command]]) -> bool:
    """Whether all of it could be removed; what could not be is told."""
    well = True
    for one, kind, command in steps:
        session.say([f"Removing {kind} {one.name}"])
        try:
            session.do(command)
        except DrydockError as error:
            well = False
            session.say([f"Failed to remove {kind} {one.id}: {DAEMON}{error}"])
    return well


Thing: TypeAlias = "Service | Secret | Network"


def _steps(swarm: Swarm, stack: str, machine: str | None) -> Iterator[tuple[Thing, str, Command]]:
    """All that a stack has, in the order in which it goes; what each is, and the command."""
    state = swarm.state
    for service in sorted(services_of(state, stack), key=lambda one: one.name):
        yield service, "service", RemoveSwarmService(id=service.id, machine=machine)
    files = [one for one in state.secrets.values() if one.labels.get(NAMESPACE) == stack]
    for file in sorted(files, key=lambda one: one.kind, reverse=True):
        yield file, file.kind, RemoveSwarmFile(id=file.id, machine=machine)
    for network in state.networks.values():
        if network.labels.get(NAMESPACE) == stack:
            yield network, "network", RemoveSwarmNetwork(id=network.id, machine=machine)


def _all_gone(session: Session, call: Call, stack: str) -> Iterable[str]:
    """Wait until the tasks of a stack have ended."""

    machine = machine_of(session, call)

    def over() -> bool:
        swarm = session.world.orchestras.swarm_of(machine)
        tasks = () if swarm is None else swarm.state.tasks.values()
        return all(one.over or one.spec.container.labels.get(NAMESPACE) != stack for one in tasks)

    left = f"tasks of {stack} have not ended in {MOST_WAIT_S:g} s"
    return session.follow(Following(
        lambda: session.world.now, session.world.now + MOST_WAIT_S, list, over, left, "stack rm",
        streams=False,
    ))  # fmt: skip
