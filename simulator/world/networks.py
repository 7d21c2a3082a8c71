"""Commands on the networks of a machine's daemon, as Docker's users know them."""

from __future__ import annotations

from simulator.errors import Refused
from simulator.node.networks import GATEWAY_BOX, InUse, Network
from simulator.node.node import Node
from simulator.world.director import Director
from simulator.world.fleet import Fleet
from simulator.world.jobs import Reply
from simulator.world.network_commands import (
    ConnectNetwork,
    CreateNetwork,
    DisconnectNetwork,
    PruneNetworks,
    RemoveNetwork,
)
from simulator.world.orchestras import Orchestras
from simulator.world.storage_facts import Pruned


def create(fleet: Fleet, command: CreateNetwork) -> Reply:
    """A new bridge; its identity."""
    node = _node(fleet, command.machine)
    return Reply((node.networks.create(command.wish, fleet.now).id,))


def remove(fleet: Fleet, command: RemoveNetwork) -> Reply:
    """A network is deleted."""
    node = _node(fleet, command.machine)
    _remove(node, node.networks.get(command.name))
    return Reply((command.name,))


def _remove(node: Node, network: Network) -> None:
    try:
        node.networks.remove(network)
    except InUse:
        on_it = (
            f'name:"{on_network(node, container)}" id:"{endpoint.id[:12]}"'
            for container, endpoint in network.endpoints.items()
        )
        raise Refused(
            f"error while removing network: network {network.name} has active endpoints "
            f"({', '.join(on_it)})"
        ) from None


def on_network(node: Node, container: str) -> str:
    """What is on a network: a container, or the machine's own part of a swarm."""
    known = node.containers.get(container)
    return f"gateway_{GATEWAY_BOX}" if known is None else known.local_name


def prune(fleet: Fleet, orchestras: Orchestras, command: PruneNetworks) -> Reply:
    """Networks that no container is on now; one that has ended does not hold its network."""
    node = _node(fleet, command.machine)
    wide = _pruned_of_swarm(orchestras, node.name)
    known = node.networks.all.values()
    unused = [one for one in known if one.user_defined and not one.endpoints]
    for one in unused:
        node.networks.remove(one)
    return Reply((Pruned("Networks", (*wide, *(one.name for one in unused))),))


def _pruned_of_swarm(orchestras: Orchestras, machine: str) -> list[str]:
    """A manager removes those over all nodes that nobody holds, but never that of the mesh."""
    swarm = orchestras.swarm_of(machine)
    node = None if swarm is None else swarm.member(machine)
    if swarm is None or node is None or not node.manager or swarm.state.leaderless:
        return []
    every = [one for one in swarm.state.networks.values() if not one.ingress]
    unused = [one for one in every if not swarm.state.user_of(one)]
    for one in unused:
        swarm.state.drop_network(one)
    return [one.name for one in unused]


def connect(fleet: Fleet, director: Director, command: ConnectNetwork) -> Reply:
    """A container joins a network, at once where it runs."""
    container = fleet.container(command.container)
    fleet.node_of(container).connect(container, command.attachment)
    director.rewired(container)
    return Reply()


def disconnect(fleet: Fleet, director: Director, command: DisconnectNetwork) -> Reply:
    """A container leaves a network."""
    container = fleet.container(command.container)
    node = fleet.node_of(container)
    node.disconnect(container, node.networks.get(command.network))
    director.rewired(container)
    return Reply()


def _node(fleet: Fleet, machine: str | None) -> Node:
    node = fleet.node(machine)
    node.machine.need_up()
    return node
