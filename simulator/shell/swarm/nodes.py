"""``docker node``: the members of a swarm, as its managers know them.

Source: docker/cli, ``cli/command/node``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any

from msgspec.structs import replace

from simulator.errors import InputError, Refused
from simulator.shell import kinds
from simulator.shell.docker.inspecting import timestamp
from simulator.shell.docker.listing import FORMAT, QUIET
from simulator.shell.formats import listing
from simulator.shell.grammar import Argument, Call, Flag, Kind
from simulator.shell.registry import verb
from simulator.shell.swarm import tasks
from simulator.shell.swarm.common import (
    INSPECT_FORMAT,
    PRETTY,
    chosen_by,
    each_of,
    filter_flag,
    inspected,
    labelled,
    machine_of,
    node_of,
    swarm_of,
)
from simulator.shell.swarm.handed import natural
from simulator.shell.swarm.members import AVAILABILITY, PORT, ROLES
from simulator.shell.swarm.pretty import fields
from simulator.units import format_binary_bytes
from simulator.world.swarm_commands import RemoveSwarmNode, SwarmNode

if TYPE_CHECKING:
    from simulator.cluster.swarm.objects import Node
    from simulator.cluster.swarm.swarm import Swarm
    from simulator.shell.session import Session

NODE = Kind("node", kinds.TEXT.parse, "node")
_NODES = Argument("NODE", NODE, "hostname, id or self", repeat=True)
_COLUMNS = {
    "ID": "ID", "Hostname": "HOSTNAME", "Status": "STATUS", "Availability": "AVAILABILITY",
    "ManagerStatus": "MANAGER STATUS", "EngineVersion": "ENGINE VERSION",
}  # fmt: skip
_HEADINGS = {**_COLUMNS, "Self": "SELF", "TLSStatus": "TLS STATUS"}
_TESTS: dict[str, Callable[[Node, str], bool]] = {
    "id": lambda one, value: one.id.startswith(value),
    "label": lambda one, value: labelled(one.description.engine_labels, value),
    "node.label": lambda one, value: labelled(one.spec.labels, value),
    "membership": lambda one, value: value == "accepted",
    "name": lambda one, value: one.hostname.startswith(value),
    "role": lambda one, value: one.spec.role == value,
}


# --- looking --------------------------------------------------------------------------------------


@verb(
    "docker node ls",
    "List the nodes of the swarm",
    flags=(QUIET, filter_flag("role=manager", _TESTS), FORMAT),
    aliases=("docker node list",),
    examples=("docker node ls", "docker node ls --filter role=worker"),
)
def ls(session: Session, call: Call) -> Iterable[str]:
    """By hostname; a star marks the one that was asked."""
    swarm = swarm_of(session, call)
    passes = chosen_by(call["filter"], _TESTS)
    found = [one for one in swarm.state.nodes.values() if passes(one)]
    found.sort(key=lambda one: natural(one.hostname))
    if call["quiet"] and not call["format"]:
        return [one.id for one in found]
    me = swarm.member(machine_of(session, call))
    rows = [_row(swarm, one, one is me, not call["format"]) for one in found]
    return listing(rows, _COLUMNS, call["format"], _HEADINGS)


def _row(swarm: Swarm, node: Node, is_me: bool, in_table: bool) -> dict[str, Any]:
    mark = " *" if is_me else "  "
    return {
        "ID": node.id + mark if in_table else node.id,
        "Self": str(is_me).lower(),
        "Hostname": node.hostname,
        "Status": "Ready" if node.ready else "Down",
        "Availability": node.spec.availability.capitalize(),
        "ManagerStatus": manager_status(swarm, node),
        "EngineVersion": node.description.engine,
        "TLSStatus": "Ready",
    }


def manager_status(swarm: Swarm, node: Node) -> str:
    """Leader, Reachable or Unreachable; nothing for a worker."""
    if not node.manager:
        return ""
    if swarm.managers.leader == node.id:
        return "Leader"
    return "Reachable" if node.reachable else "Unreachable"


@verb(
    "docker node inspect",
    "Everything known about nodes",
    arguments=(_NODES,),
    flags=(INSPECT_FORMAT, PRETTY),
    examples=("docker node inspect self --pretty",),
)
def inspect(session: Session, call: Call) -> Iterable[str]:
    """As JSON, or in lines."""
    swarm, machine = swarm_of(session, call), machine_of(session, call)
    if call["pretty"]:
        return each_of(session, call, call["NODE"],
                       lambda word: _pretty(swarm, node_of(swarm, word, machine)))  # fmt: skip
    return inspected(session, call, call["NODE"],
                     lambda word: document(swarm, node_of(swarm, word, machine)))  # fmt: skip


def document(swarm: Swarm, node: Node) -> dict[str, Any]:
    """A node as the API shows it."""
    what, has = node.description, node.description.resources
    found: dict[str, Any] = {
        "ID": node.id,
        "Version": {"Index": node.version},
        "CreatedAt": timestamp(node.created),
        "UpdatedAt": timestamp(node.updated),
        "Spec": {
            "Labels": dict(node.spec.labels),
            "Role": node.spec.role,
            "Availability": node.spec.availability,
        },
        "Description": {
            "Hostname": what.hostname,
            "Platform": {"Architecture": what.arch, "OS": what.os},
            "Resources": {} if has is None else {
                "NanoCPUs": has.nano_cpus, "MemoryBytes": has.memory_bytes,
                **({"GenericResources": [
                    {"DiscreteResourceSpec": {"Kind": kind, "Value": count}}
                    for kind, count in has.generic
                ]} if has.generic else {}),
            },
            "Engine": {"EngineVersion": what.engine, "Labels": dict(what.engine_labels)},
        },
        "Status": {"State": "ready" if node.ready else "down", "Addr": node.address},
    }  # fmt: skip
    if node.down_why and not node.ready:
        found["Status"]["Message"] = node.down_why
    if node.manager:
        status = manager_status(swarm, node).lower()
        found["ManagerStatus"] = {
            **({"Leader": True} if status == "leader" else {}),
            "Reachability": "unreachable" if status == "unreachable" else "reachable",
            "Addr": f"{node.address}:{PORT}",
        }
    return found


def _pretty(swarm: Swarm, node: Node) -> list[str]:
    shown = document(swarm, node)
    has, what = node.description.resources, node.description
    lines = fields(
        ("ID", node.id),
        ("Labels", [f"{k}={v}" for k, v in node.spec.labels.items()]),
        ("Hostname", node.hostname),
        ("Joined at", shown["CreatedAt"]),
        ("Status", [
            ("State", shown["Status"]["State"].capitalize()),
            ("Message", shown["Status"].get("Message", "")),
            ("Availability", node.spec.availability.capitalize()),
            ("Address", node.address),
        ]),
    )  # fmt: skip
    if node.manager:
        manager = shown["ManagerStatus"]
        lines += fields(("Manager Status", [
            ("Address", manager["Addr"]),
            ("Raft Status", manager["Reachability"].capitalize()),
            ("Leader", "Yes" if manager.get("Leader") else "No"),
        ]))  # fmt: skip
    lines += fields(
        ("Platform", [("Operating System", what.os), ("Architecture", what.arch)]),
    )  # fmt: skip
    if has is not None:
        lines += fields(("Resources", [
            ("CPUs", f"{has.nano_cpus / 1e9:g}"),
            ("Memory", format_binary_bytes(has.memory_bytes)),
            *((kind, str(count)) for kind, count in has.generic),
        ]))  # fmt: skip
    return [*lines, *fields(("Engine Version", what.engine)), ""]


@verb(
    "docker node ps",
    "List the tasks of nodes",
    arguments=(Argument("NODE", NODE, "the one that is asked, without", optional=True,
                        repeat=True),),
    flags=tasks.FLAGS,
    examples=("docker node ps", "docker node ps node-3"),
)  # fmt: skip
def ps(session: Session, call: Call) -> Iterable[str]:
    """Those that run, and those before them."""
    swarm, machine = swarm_of(session, call), machine_of(session, call)
    found, errors = [], []
    for word in call["NODE"] or ("self",):
        try:
            found.append(node_of(swarm, word, machine))
        except Refused as error:
            errors.append(error)
    every = [one for node in found for one in swarm.state.tasks_on(node.id)]
    if found:
        session.say(tasks.task_table(swarm.state, every, call, session.world.now))
    for each in errors:
        session.fail(call, each)
    return []


# --- changing -------------------------------------------------------------------------------------


def _something(values: dict[str, Any]) -> None:
    if not any(values[key] for key in ("availability", "role", "label_add", "label_rm")):
        raise InputError("nothing to change", expected="--availability, --role, --label-add or "
                         "--label-rm")  # fmt: skip


@verb(
    "docker node update",
    "Change what a node is wanted to be",
    arguments=(Argument("NODE", NODE, "hostname, id or self"),),
    flags=(
        Flag(("--availability",), "active, pause (no new tasks) or drain (its tasks go elsewhere)",
             AVAILABILITY),
        Flag(("--role",), "worker or manager", kinds.choice("role", ROLES)),
        Flag(("--label-add",), "add or change a label, which constraints see", kinds.PAIR,
             repeat=True),
        Flag(("--label-rm",), "remove a label", kinds.text("key"), repeat=True),
    ),
    validate=_something,
    examples=("docker node update --availability drain node-3",
              "docker node update --label-add disk=ssd node-3"),
)  # fmt: skip
def update(session: Session, call: Call) -> Iterable[str]:
    """Its name."""
    machine, swarm = machine_of(session, call), swarm_of(session, call)
    node = node_of(swarm, call["NODE"], machine)
    labels = {**node.spec.labels, **dict(call["label_add"])}
    for key in call["label_rm"]:
        if key not in labels:
            raise Refused(f"key {key} doesn't exist in node's labels")
        del labels[key]
    changes = {key: call[key] for key in ("availability", "role") if call[key]}
    session.do(SwarmNode(id=node.id, spec=replace(node.spec, labels=labels, **changes),
                         machine=machine))  # fmt: skip
    return [call["NODE"]]


def _become(session: Session, call: Call, role: str, done: str, already: str) -> list[str]:
    machine, swarm = machine_of(session, call), swarm_of(session, call)

    def one(word: str) -> list[str]:
        node = node_of(swarm, word, machine)
        if node.spec.role == role:
            return [already.format(word)]
        session.do(SwarmNode(id=node.id, spec=replace(node.spec, role=role), machine=machine))
        return [done.format(word)]

    return each_of(session, call, call["NODE"], one)


@verb(
    "docker node promote",
    "Make nodes managers",
    arguments=(_NODES,),
    examples=("docker node promote node-2",),
)
def promote(session: Session, call: Call) -> Iterable[str]:
    """What became of each."""
    return _become(session, call, "manager", "Node {} promoted to a manager in the swarm.",
                   "Node {} is already a manager.")  # fmt: skip


@verb(
    "docker node demote",
    "Make managers workers",
    arguments=(_NODES,),
    examples=("docker node demote node-2",),
)
def demote(session: Session, call: Call) -> Iterable[str]:
    """What became of each."""
    return _become(session, call, "worker", "Manager {} demoted in the swarm.",
                   "Node {} is already a worker.")  # fmt: skip


@verb(
    "docker node rm",
    "Forget nodes that are down, or that have left",
    arguments=(_NODES,),
    flags=(Flag(("-f", "--force"), "also one that is ready"),),
    aliases=("docker node remove",),
    destructive=True,
    examples=("docker node rm node-3",),
)
def remove(session: Session, call: Call) -> Iterable[str]:
    """Their names."""
    machine, swarm = machine_of(session, call), swarm_of(session, call)

    def one(word: str) -> list[str]:
        node = node_of(swarm, word, machine)
        session.do(RemoveSwarmNode(id=node.id, force=call["force"], machine=machine))
        return [word]

    return each_of(session, call, call["NODE"], one)
