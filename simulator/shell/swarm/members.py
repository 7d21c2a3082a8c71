"""``docker swarm``: beginning one, joining it, leaving it; and ``swarm create``, all in one line.

Source: docker/cli, ``cli/command/swarm``.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from simulator.errors import InputError
from simulator.shell import kinds
from simulator.shell.grammar import Argument, Call, Flag
from simulator.shell.registry import verb
from simulator.shell.swarm.common import machine_of, swarm_of
from simulator.units import counted
from simulator.world.cluster_commands import NodeGroup
from simulator.world.swarm_commands import (
    InitSwarm,
    JoinSwarm,
    LeaveSwarm,
    MakeSwarm,
    RotateToken,
    UpdateSwarm,
)

if TYPE_CHECKING:
    from simulator.cluster.swarm.swarm import Swarm
    from simulator.shell.session import Session

PORT = 2377
INTERFACE = "eth0"
ROLES = ("worker", "manager")
AVAILABILITY = kinds.choice("availability", ("active", "pause", "drain"))
_UNKNOWN_ADDRESS = (
    "must specify a listening address because the address to advertise is not recognized as a "
    "system address, and a system's IP address to use could not be uniquely identified"
)
_LOCKS = "managers are not locked here: their keys are not modelled"
_SETTINGS = (
    Flag(("--task-history-limit",), "ended tasks of each slot that are kept (5)",
         kinds.integer("number of tasks", 0, 1000)),
    Flag(("--dispatcher-heartbeat",), "how often nodes say that they are there (5s); one that is "
         "not heard three times is down", kinds.POSITIVE_DURATION),
    Flag(("--autolock",), "", refused=_LOCKS),
)  # fmt: skip
_KNOWN = "--cert-expiry --external-ca --max-snapshots --snapshot-interval"
_ADVERTISE = Flag(("--advertise-addr",), "the address that others reach it at, or eth0",
                  kinds.text("address"))  # fmt: skip
_ADDRESSES = (
    _ADVERTISE,
    Flag(("--listen-addr",), "", kinds.text("address"), ignored=True),
    Flag(("--data-path-addr",), "", kinds.text("address"), ignored=True),
    Flag(("--availability",), "active, pause (no new tasks) or drain (no tasks)", AVAILABILITY,
         "active"),
)  # fmt: skip


# --- in one line ----------------------------------------------------------------------------------


@verb(
    "swarm create",
    "Make a swarm of Docker's swarm mode on new machines",
    flags=(
        Flag(("--nodes",), "machines (default 3)", kinds.integer("nodes", 1, 20_000)),
        Flag(("--managers",), "how many of them are managers (default 1)",
             kinds.integer("managers", 1, 99)),
        Flag(("--cores",), "cores of each (default 4)", kinds.integer("cores", 1, 512)),
        Flag(("--memory",), "memory of each (default 16GiB)", kinds.MACHINE_MEMORY),
        Flag(("--zones",), "zones that they are spread over, as label 'zone' (default 1)",
             kinds.integer("zones", 1, 64)),
        Flag(("--label",), "KEY=VALUE of each node", kinds.PAIR, repeat=True),
        Flag(("--price",), "what a machine costs per hour", kinds.number("price", 0, 1e6)),
        Flag(("--prefix",), "what their names begin with (default node-)", kinds.NAME),
    ),
    examples=("swarm create", "swarm create --nodes 5 --managers 3 --cores 8 --zones 3"),
    details="The same by hand: 'host add' for each machine, 'docker swarm init' on the first, and "
    "'docker -H OTHER swarm join --token ...' for the others.",
)  # fmt: skip
def create(session: Session, call: Call) -> Iterable[str]:
    """Machines that are members; commands of docker go to the first manager."""
    group = NodeGroup(
        count=call["nodes"] or 3,
        prefix=call["prefix"] or "node-",
        cores=call["cores"] or 4,
        memory_bytes=call["memory"] or 16 << 30,
        labels=dict(call["label"]),
        zones=call["zones"] or 1,
        price_per_hour=call["price"] or 0.0,
    )
    managers = call["managers"] or 1
    names = session.do(MakeSwarm(groups=(group,), managers=managers))
    shown = names[0] if len(names) == 1 else f"{names[0]} to {names[-1]}"
    return [
        f"swarm: {counted(len(names), 'node')}, {shown}; {counted(managers, 'manager')}; docker "
        f"goes to {names[0]}"
    ]


# --- members --------------------------------------------------------------------------------------


def _settings(call: Call, machine: str) -> UpdateSwarm | None:
    history, heartbeat = call["task_history_limit"], call["dispatcher_heartbeat"]
    if history is None and heartbeat is None:
        return None
    return UpdateSwarm(machine=machine, task_history=history, heartbeat_s=heartbeat)


def _check_address(session: Session, call: Call, machine: str) -> None:
    wanted = call["advertise_addr"]
    if wanted is None:
        return
    host, _, port = str(wanted).partition(":")
    if port and not port.isdigit():
        raise InputError(f"invalid port: {port}")
    if host not in (INTERFACE, machine, session.world.fleet.address(machine)):
        raise InputError(_UNKNOWN_ADDRESS, found=host,
                         expected=session.world.fleet.address(machine))  # fmt: skip


@verb(
    "docker swarm init",
    "Begin a swarm, whose first manager this machine is",
    flags=(
        *_ADDRESSES,
        *_SETTINGS,
        Flag(("--force-new-cluster",), "make one out of what this manager knows of a swarm that "
             "lost its majority: it is the only manager then"),
    ),
    known=f"{_KNOWN} --default-addr-pool --default-addr-pool-mask-length --data-path-port",
    examples=("docker swarm init", "docker swarm init --force-new-cluster"),
)  # fmt: skip
def init(session: Session, call: Call) -> Iterable[str]:
    """How others join."""
    machine = machine_of(session, call)
    _check_address(session, call, machine)
    [node] = session.do(
        InitSwarm(machine=machine, force=call["force_new_cluster"],
                  availability=call["availability"])
    )  # fmt: skip
    settings = _settings(call, machine)
    if settings is not None:
        session.do(settings)
    return [
        f"Swarm initialized: current node ({node}) is now a manager.",
        "",
        *_how(session, swarm_of(session, call), "worker", machine),
        "To add a manager to this swarm, run 'docker swarm join-token manager' and follow the "
        "instructions.",
        "",
    ]


def _how(session: Session, swarm: Swarm, role: str, machine: str) -> list[str]:
    at = session.world.fleet.address(machine)
    return [
        f"To add a {role} to this swarm, run the following command:",
        "",
        f"    docker swarm join --token {swarm.token(role)} {at}:{PORT}",
        "",
    ]


@verb(
    "docker swarm join",
    "Make this machine a node of a swarm",
    arguments=(Argument("HOST:PORT", kinds.text("address"), "of a manager, as 192.168.1.10:2377 "
                        "or n1:2377"),),
    flags=(
        Flag(("--token",), "what 'docker swarm join-token' tells: it says whether as a worker or "
             "as a manager", kinds.text("token")),
        *_ADDRESSES,
    ),
    examples=("docker -H b swarm join --token $(docker swarm join-token -q worker) a:2377",),
)  # fmt: skip
def join(session: Session, call: Call) -> Iterable[str]:
    """As what it joined."""
    machine = machine_of(session, call)
    _check_address(session, call, machine)
    _, role = session.do(
        JoinSwarm(token=call["token"] or "", remote=call["HOST:PORT"], machine=machine,
                  availability=call["availability"])
    )  # fmt: skip
    return [f"This node joined a swarm as a {role}."]


@verb(
    "docker swarm join-token",
    "How a machine joins as a worker, or as a manager",
    arguments=(Argument("ROLE", kinds.choice("role", ROLES), "worker or manager"),),
    flags=(
        Flag(("-q", "--quiet"), "the token alone"),
        Flag(("--rotate",), "make a new token: nobody joins with the old one any more"),
    ),
    examples=("docker swarm join-token worker", "docker swarm join-token -q manager"),
)
def join_token(session: Session, call: Call) -> Iterable[str]:
    """The line to type there."""
    machine, role = machine_of(session, call), call["ROLE"]
    lines = []
    if call["rotate"]:
        session.do(RotateToken(role=role, machine=machine))
        lines = [f"Successfully rotated {role} join token.", ""]
    swarm = swarm_of(session, call)
    if call["quiet"]:
        return [swarm.token(role)]
    return [*lines, *_how(session, swarm, role, machine)]


@verb(
    "docker swarm leave",
    "This machine is a node of its swarm no more: its tasks go elsewhere",
    flags=(Flag(("-f", "--force"), "also a manager, whatever comes of it"),),
    destructive=True,
    examples=("docker -H node-3 swarm leave",),
)
def leave(session: Session, call: Call) -> Iterable[str]:
    """That it did."""
    session.do(LeaveSwarm(machine=machine_of(session, call), force=call["force"]))
    return ["Node left the swarm."]


def _something(values: dict[str, object]) -> None:
    if values["task_history_limit"] is None and values["dispatcher_heartbeat"] is None:
        raise InputError(
            "nothing to change", expected="--task-history-limit or --dispatcher-heartbeat"
        )


@verb(
    "docker swarm update",
    "Change what holds for the whole swarm",
    flags=_SETTINGS,
    known=_KNOWN,
    validate=_something,
    examples=("docker swarm update --task-history-limit 2",),
)
def update(session: Session, call: Call) -> Iterable[str]:
    """That it did."""
    settings = _settings(call, machine_of(session, call))
    assert settings is not None
    session.do(settings)
    return ["Swarm updated."]
