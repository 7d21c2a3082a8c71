"""Commands on swarms."""

from __future__ import annotations

from msgspec.structs import replace

from simulator.cluster.supply import Supply
from simulator.cluster.swarm.objects import Node
from simulator.cluster.swarm.swarm import Swarm
from simulator.errors import InputError, Refused
from simulator.world import sites
from simulator.world.cluster_commands import NodeGroup
from simulator.world.commands import CreateHost
from simulator.world.depot import Depot
from simulator.world.director import Director
from simulator.world.fleet import Fleet
from simulator.world.jobs import Reply
from simulator.world.orchestras import Orchestras
from simulator.world.programs import read_program
from simulator.world.swarm_commands import (
    InitSwarm,
    JoinSwarm,
    LeaveSwarm,
    MakeSwarm,
    RemoveSwarmNode,
    RotateToken,
    SwarmNode,
    UpdateSwarm,
)

NOT_A_MANAGER = (
    'This node is not a swarm manager. Use "docker swarm init" or "docker swarm join" to connect '
    "this node to swarm and try again."
)
WORKER = (
    "This node is not a swarm manager. Worker nodes can't be used to view or modify cluster state. "
    "Please run this command on a manager node or promote the current node to a manager."
)
ALREADY = (
    'This node is already part of a swarm. Use "docker swarm leave" to leave this swarm and join '
    "another one."
)
NOT_PART = "This node is not part of a swarm"
LAST = (
    "You are attempting to leave the swarm on a node that is participating as a manager. {more}The "
    "only way to restore a swarm that has lost consensus is to reinitialize it with "
    "`--force-new-cluster`. Use `--force` to suppress this message."
)
PORT = 2377
CODE = "rpc error: code = {} desc = {}"


def said(code: str, text: str) -> Refused:
    """A refusal as a manager words it."""
    return Refused(CODE.format(code, text))


# --- members --------------------------------------------------------------------------------------


def managed(orchestras: Orchestras, fleet: Fleet, machine: str | None) -> Swarm:
    """The swarm of which a machine is a manager, with a leader; Refused where it is none."""
    name = fleet.node(machine).name
    swarm = orchestras.swarm_of(name)
    if swarm is None:
        raise Refused(NOT_A_MANAGER)
    node = swarm.member(name)
    if node is None or not node.manager:
        raise Refused(WORKER)
    swarm.managers.need_leader()
    return swarm


def init(
    fleet: Fleet, depot: Depot, director: Director, orchestras: Orchestras, command: InitSwarm
) -> Reply:
    """A machine is the first manager of a new swarm, or saves what is left of one."""
    daemon = fleet.node(command.machine)
    daemon.machine.need_up()
    known = orchestras.swarm_of(daemon.name)
    if known is not None:
        return _forced(known, daemon.name, command)
    swarm = _new(fleet, depot, director, orchestras, daemon.name)
    _join(fleet, orchestras, swarm, daemon.name, "manager", command.availability)
    node = swarm.member(daemon.name)
    assert node is not None
    return Reply((node.id,))


def _forced(swarm: Swarm, machine: str, command: InitSwarm) -> Reply:
    node = swarm.member(machine)
    if not command.force or node is None or not node.manager:
        raise Refused(ALREADY)
    for other in swarm.managers.members():
        if other is not node:
            other.spec = replace(other.spec, role="worker")
    swarm.managers.force(node)
    return Reply((node.id,))


def _new(
    fleet: Fleet, depot: Depot, director: Director, orchestras: Orchestras, name: str
) -> Swarm:
    parts = fleet.parts
    orchestras.swarms_made += 1
    swarm = Swarm(
        f"{name}/{orchestras.swarms_made}",
        parts.sim,
        parts.calibration,
        Supply(fleet.registries, depot.catalogue, parts.calibration),
        director,
        read_program,
        fleet.seed,
    )
    if not orchestras.begun:
        orchestras.begin()
        director.elsewhere.append(orchestras.find)
        fleet.followers.append(orchestras)
    orchestras.swarms[swarm.name] = swarm
    return swarm


def _join(
    fleet: Fleet, orchestras: Orchestras, swarm: Swarm, machine: str, role: str, availability: str
) -> Node:
    if availability not in ("active", "pause", "drain"):
        raise InputError(f"invalid availability {availability}, only active, pause and drain "
                         "are supported")  # fmt: skip
    orchestras.swarm_by_machine[machine] = swarm.name
    return swarm.add(fleet.nodes[machine], role, fleet.address(machine), availability)


def make(
    fleet: Fleet, depot: Depot, director: Director, orchestras: Orchestras, command: MakeSwarm
) -> Reply:
    """A swarm on new machines; nothing of it is there where one of them cannot be."""
    names = [(group, name) for group in command.groups for name in _free(fleet, group)]
    if not 1 <= command.managers <= len(names):
        raise InputError(
            "number of managers", found=command.managers, expected=f"1 to {len(names)}"
        )
    swarm: Swarm | None = None
    for number, (group, name) in enumerate(names):
        made = CreateHost(name=name, cores=group.cores, memory_bytes=group.memory_bytes,
                          disk_bytes=group.disk_bytes,
                          price_per_hour=group.price_per_hour)  # fmt: skip
        sites.create_host(fleet, depot, made)
        if swarm is None:
            swarm = _new(fleet, depot, director, orchestras, name)
        role = "manager" if number < command.managers else "worker"
        node = _join(fleet, orchestras, swarm, name, role, "active")
        labels = dict(group.labels)
        if group.zones > 1:
            labels.setdefault("zone", f"zone-{number % group.zones + 1}")
        if labels:
            node.spec = replace(node.spec, labels=labels)
            swarm.state.node_changed(node)
    fleet.current = names[0][1]
    return Reply(tuple(name for _, name in names))


def _free(fleet: Fleet, group: NodeGroup) -> list[str]:
    found: list[str] = []
    number = 0
    while len(found) < group.count:
        number += 1
        name = f"{group.prefix}{number}"
        if name not in fleet.machines:
            found.append(name)
    return found


def join(fleet: Fleet, orchestras: Orchestras, command: JoinSwarm) -> Reply:
    """A machine joins, as what its token says."""
    daemon = fleet.node(command.machine)
    daemon.machine.need_up()
    if orchestras.swarm_of(daemon.name) is not None:
        raise Refused(ALREADY)
    host = command.remote.rpartition(":")[0] or command.remote
    known = fleet.machine_at(host)
    machine = next((name for name in fleet.nodes if host in (name, fleet.address(name))), "")
    swarm = orchestras.swarm_of(machine)
    if known is None or swarm is None or not known.up:
        raise said("Unavailable", f'connection error: desc = "transport: Error while dialing: dial '
                   f'tcp {host}:{PORT}: connect: connection refused"')  # fmt: skip
    member = swarm.member(machine)
    if member is None or not member.manager:
        raise said("Unavailable", f'connection error: desc = "transport: Error while dialing: dial '
                   f'tcp {host}:{PORT}: connect: connection refused"')  # fmt: skip
    if not command.token.startswith("SWMTKN-1-") or command.token.count("-") != 3:
        raise Refused("invalid join token")
    if command.token.rpartition("-")[0] != swarm.token("worker").rpartition("-")[0]:
        raise Refused("error while validating Root CA Certificate: remote CA does not match "
                      "fingerprint. Expected: " + command.token.split("-")[2])  # fmt: skip
    role = next((one for one in ("worker", "manager") if swarm.token(one) == command.token), "")
    if not role:
        raise said("InvalidArgument", "A valid join token is necessary to join this cluster")
    swarm.managers.need_leader()
    node = _join(fleet, orchestras, swarm, daemon.name, role, command.availability)
    return Reply((node.id, role))


def leave(fleet: Fleet, orchestras: Orchestras, command: LeaveSwarm) -> Reply:
    """A machine leaves."""
    name = fleet.node(command.machine).name
    swarm = orchestras.swarm_of(name)
    node = None if swarm is None else swarm.member(name)
    if swarm is None or node is None:
        raise Refused(NOT_PART)
    if node.manager and not command.force:
        raise Refused(LAST.format(more=_consequence(swarm)))
    _drop(orchestras, swarm, node, name)
    return Reply((node.id,))


def _consequence(swarm: Swarm) -> str:
    members, there = len(swarm.managers.members()), len(swarm.managers.reachable())
    if members == 1:
        return "Removing the last manager erases all current state of the swarm. "
    if there - 1 < members // 2 + 1:
        return (f"Removing this node leaves {there - 1} managers out of {members}. Without a Raft "
                "quorum your swarm will be inaccessible. ")  # fmt: skip
    return ""


def _drop(orchestras: Orchestras, swarm: Swarm, node: Node, machine: str) -> None:
    """A node is there no more: the others notice that it is down."""
    del orchestras.swarm_by_machine[machine]
    swarm.agents.seats[node.id].daemon.networks.close_gateway()
    swarm.agents.clear(swarm.agents.seats[node.id])
    last = node.manager and len(swarm.managers.members()) == 1
    if last:
        del orchestras.swarms[swarm.name]
        swarm.state.leaderless = True
        return
    if node.manager:
        swarm.managers.lost(node)
    if not swarm.state.leaderless:
        node.ready = False
        swarm.state.node_changed(node)


def rotate(fleet: Fleet, orchestras: Orchestras, command: RotateToken) -> Reply:
    """Machines that know the old token cannot join with it any more."""
    swarm = managed(orchestras, fleet, command.machine)
    swarm.tokens[command.role] += 1
    return Reply((swarm.token(command.role),))


def update(fleet: Fleet, orchestras: Orchestras, command: UpdateSwarm) -> Reply:
    """What holds for all of it."""
    swarm = managed(orchestras, fleet, command.machine)
    given = {
        name: value
        for name in ("task_history", "heartbeat_s", "autolock")
        if (value := getattr(command, name)) is not None
    }
    swarm.state.spec = replace(swarm.state.spec, **given)
    swarm.state.touch()
    return Reply()


# --- nodes ----------------------------------------------------------------------------------------


def node(fleet: Fleet, orchestras: Orchestras, command: SwarmNode) -> Reply:
    """A node is wanted otherwise."""
    swarm = managed(orchestras, fleet, command.machine)
    known = _node(swarm, command.id)
    before, after = known.spec, command.spec
    managers = swarm.managers
    if before.role == "manager" and after.role == "worker":
        if len(managers.members()) == 1:
            raise said("FailedPrecondition", "attempting to demote the last manager of the swarm")
        left = [one for one in managers.reachable() if one is not known]
        if len(left) < (len(managers.members()) - 1) // 2 + 1:
            raise said("FailedPrecondition", "can't remove member from the raft: this would result "
                       "in a loss of quorum")  # fmt: skip
    known.spec = after
    swarm.state.node_changed(known)
    if before.role != after.role:
        managers.changed()
    return Reply((known.id,))


def _node(swarm: Swarm, id_: str) -> Node:
    found = swarm.state.nodes.get(id_)
    if found is None:
        raise Refused(f"node {id_} not found")
    return found


def remove_node(fleet: Fleet, orchestras: Orchestras, command: RemoveSwarmNode) -> Reply:
    """A node is a member no more."""
    swarm = managed(orchestras, fleet, command.machine)
    known = _node(swarm, command.id)
    if known.manager:
        raise said("FailedPrecondition", f"node {known.id} is a cluster manager and is a member of "
                   "the raft cluster. It must be demoted to worker before removal")  # fmt: skip
    if known.ready and not command.force:
        raise said("FailedPrecondition", f"node {known.id} is not down and can't be removed")
    seat = swarm.agents.seats.get(known.id)
    if seat is not None:
        orchestras.swarm_by_machine.pop(seat.daemon.name, None)
        seat.daemon.networks.close_gateway()
    swarm.heartbeats.forget(known.id)
    swarm.state.drop_node(known)
    swarm.agents.drop(known.id)
    for task in swarm.state.tasks_on(known.id):
        swarm.state.drop_task(task)
    return Reply((known.id,))
