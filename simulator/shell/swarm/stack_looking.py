"""``docker stack ls``, ``ps`` and ``services``: what there is of stacks.

Source: docker/cli, ``cli/command/stack``.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from simulator.cluster.swarm.stacks.converting import NAMESPACE
from simulator.errors import InputError
from simulator.look.swarm_names import stacks_of
from simulator.shell import kinds
from simulator.shell.docker.listing import FORMAT
from simulator.shell.formats import listing
from simulator.shell.grammar import Argument, Call
from simulator.shell.registry import verb
from simulator.shell.results import OfClient
from simulator.shell.swarm import tasks
from simulator.shell.swarm.common import swarm_of
from simulator.shell.swarm.deploying import services_of
from simulator.shell.swarm.handed import natural
from simulator.shell.swarm.service_listing import LISTED, service_rows

if TYPE_CHECKING:
    from simulator.shell.session import Session

STACK = kinds.text("stack", "stack")


def check_name(stack: str) -> str:
    """The name of a stack; InputError for one of blanks and quotes only."""
    if not stack.strip(" \t\n\"'"):
        raise InputError(f'invalid stack name: "{stack}"')
    return stack


@verb(
    "docker stack ls",
    "List the stacks of the swarm, and how many services each has",
    flags=(FORMAT,),
    aliases=("docker stack list",),
    examples=("docker stack ls",),
)
def ls(session: Session, call: Call) -> Iterable[str]:
    """By name, numbers as numbers."""
    known = stacks_of(swarm_of(session, call).state)
    rows = [{"Name": one, "Services": str(known[one])} for one in sorted(known, key=natural)]
    columns = {"Name": "NAME", "Services": "SERVICES"}
    return listing(rows, columns, call["format"], columns)


@verb(
    "docker stack ps",
    "List the tasks of a stack: those that run, and those before them",
    arguments=(Argument("STACK", STACK, "its name"),),
    flags=tasks.FLAGS,
    examples=("docker stack ps shop", "docker stack ps --no-trunc shop"),
)
def ps(session: Session, call: Call) -> Iterable[str]:
    """The newest of each slot first."""
    stack = check_name(call["STACK"])
    state = swarm_of(session, call).state
    found = [
        one for one in state.tasks.values() if one.spec.container.labels.get(NAMESPACE) == stack
    ]
    lines = tasks.task_table(state, found, call, session.world.now)
    if len(lines) <= _headings(call):
        raise OfClient(f"nothing found in stack: {stack}")
    return lines


def _headings(call: Call) -> int:
    """How many lines a listing has of nothing."""
    template = call["format"]
    if template:
        return int(template.split(" ")[0] == "table")
    return int(not call["quiet"])


@verb(
    "docker stack services",
    "List the services of a stack",
    arguments=(Argument("STACK", STACK, "its name"),),
    flags=LISTED,
    examples=("docker stack services shop",),
)
def services(session: Session, call: Call) -> Iterable[str]:
    """By name, with how many tasks run of how many."""
    stack = check_name(call["STACK"])
    swarm = swarm_of(session, call)
    lines = service_rows(swarm, services_of(swarm.state, stack), call)
    return lines if len(lines) > _headings(call) else [f"Nothing found in stack: {stack}"]
