"""Tasks as ``docker service ps``, ``node ps`` and ``stack ps`` list them.

Source: docker/cli, ``cli/command/task`` (``print.go``, ``formatter.go``).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any

from simulator.shell import lookup
from simulator.shell.docker.listing import FORMAT, NO_TRUNC, QUIET
from simulator.shell.formats import listing
from simulator.shell.grammar import Call, Flag
from simulator.shell.swarm.common import SHORT, chosen_by, filter_flag
from simulator.shell.swarm.handed import natural
from simulator.shell.tables import ellipsis
from simulator.units import format_ago

if TYPE_CHECKING:
    from simulator.cluster.swarm.objects import Task
    from simulator.cluster.swarm.state import State

MOST_ERROR = 30
COLUMNS = {
    "ID": "ID", "Name": "NAME", "Image": "IMAGE", "Node": "NODE", "DesiredState": "DESIRED STATE",
    "CurrentState": "CURRENT STATE", "Error": "ERROR", "Ports": "PORTS",
}  # fmt: skip
_DESIRED = ("running", "shutdown", "accepted", "ready", "complete", "remove")
FLAGS = (
    QUIET,
    NO_TRUNC,
    Flag(("--no-resolve",), "identities instead of names"),
    filter_flag("desired-state=running", ("id", "name", "node", "desired-state")),
    FORMAT,
)


def task_table(state: State, tasks: Iterable[Task], call: Call, now: float) -> list[str]:
    """Tasks that pass the filters, those of a slot below each other, the newest first."""
    passes = chosen_by(call["filter"], _tests(state))
    found = sorted((one for one in tasks if passes(one)), key=lambda one: -one.number)
    found.sort(key=lambda one: (natural(one.service_name), one.slot, one.node if not one.slot
                                else ""))  # fmt: skip
    if call["quiet"] and not call["format"]:
        return [one.id if call["no_trunc"] else one.id[:SHORT] for one in found]
    rows: list[dict[str, Any]] = []
    before = None
    for one in found:
        # A template gets names alone: the mark is for people.
        mark = " \\_ " if one.place == before and not call["format"] else ""
        rows.append(_row(state, one, call, now, mark))
        before = one.place
    return listing(rows, COLUMNS, call["format"], COLUMNS)


def _tests(state: State) -> dict[str, Callable[[Task, str], bool]]:
    def at(one: Task, value: str) -> bool:
        node = state.nodes.get(one.node)
        return node is not None and (node.hostname == value or node.id.startswith(value))

    return {
        "id": lambda one, value: one.id.startswith(value),
        "name": lambda one, value: one.name.startswith(value) or one.full_name == value,
        "node": at,
        "desired-state": lambda one, value: desired_word(one) == value.lower(),
    }


def desired_word(task: Task) -> str:
    """What it is to be, in a word."""
    from simulator.cluster.swarm.objects import STATE_WORDS

    return STATE_WORDS[task.desired]


def state_word(task: Task) -> str:
    """What it is, in a word."""
    from simulator.cluster.swarm.objects import STATE_WORDS

    return STATE_WORDS[task.state]


def _row(state: State, task: Task, call: Call, now: float, mark: str) -> dict[str, Any]:
    node, whole, plain = state.nodes.get(task.node), call["no_trunc"], call["no_resolve"]
    service = task.service if plain else task.service_name
    error = task.error if whole else ellipsis(task.error, MOST_ERROR)
    return {
        "ID": task.id if whole else task.id[:SHORT],
        "Name": f"{mark}{service}.{task.slot or task.node}",
        "Image": lookup.familiar(task.spec.container.image, whole=whole),
        "Node": task.node if plain or node is None else node.hostname,
        "DesiredState": desired_word(task).capitalize(),
        "CurrentState": f"{state_word(task).capitalize()} {format_ago(now - task.changed).lower()}",
        "Error": f'"{error}"' if error else "",
        "Ports": ", ".join(
            f"*:{one.published}->{one.target}/{one.protocol}"
            for one in task.ports if one.mode == "host" and one.published and task.container
        ),
    }  # fmt: skip
