"""The networks of a machine's daemon, as ``docker network`` shows them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from ipaddress import ip_network
from typing import TYPE_CHECKING

from simulator.node.addresses import Subnet
from simulator.node.networks import Endpoint
from simulator.node.node import Node
from simulator.world.networks import on_network

if TYPE_CHECKING:
    from simulator.cluster.swarm.objects import Network, Service, Task
    from simulator.cluster.swarm.swarm import Swarm

SWARM = "swarm"
OVERLAY = "overlay"


@dataclass(frozen=True, slots=True)
class ServedView:
    """A service on a network over all nodes, and its tasks there."""

    name: str
    vip: str
    ports: tuple[str, ...]
    tasks: tuple[tuple[str, str, str], ...]
    """Name, address, and address of the machine of each."""


@dataclass(frozen=True, slots=True)
class NetworkView:
    """One network, and who is on it."""

    id: str
    name: str
    driver: str
    created_at: float
    user_defined: bool
    subnet: Subnet | None
    internal: bool
    attachable: bool
    labels: Mapping[str, str]
    options: Mapping[str, str]
    containers: tuple[tuple[str, str, Endpoint], ...]
    """Identity and name of each container, and its place on the network."""
    scope: str = "local"
    ingress: bool = False
    here: bool = True
    """Whether the machine is on it; of one over all nodes managers know all the same."""


def networks_of(node: Node, swarm: Swarm | None = None) -> tuple[NetworkView, ...]:
    """All networks of a daemon, in the order in which they were made; those of a swarm last."""
    own = tuple(
        NetworkView(
            id=one.id,
            name=one.name,
            driver=one.driver,
            created_at=one.created_at,
            user_defined=one.user_defined,
            subnet=one.subnet,
            internal=one.internal,
            attachable=one.attachable,
            labels=dict(one.labels),
            options=dict(one.options),
            containers=tuple(
                (container, on_network(node, container), endpoint)
                for container, endpoint in one.endpoints.items()
            ),
        )
        for one in node.networks.all.values()
        if one.driver != OVERLAY
    )
    return own if swarm is None else (*own, *_overlays(node, swarm))


def _overlays(node: Node, swarm: Swarm) -> Iterator[NetworkView]:
    member = swarm.member(node.name)
    if member is None:
        return
    asked = member.manager and not swarm.state.leaderless
    tasks = [one for one in swarm.state.tasks_on(member.id) if not one.over]
    for network in swarm.state.networks.values():
        here = [one for one in tasks if network.id in one.addresses and one.node]
        local = node.networks.all.get(network.name)
        joined = local is not None and local.id == network.id
        if asked or here or joined or network.ingress:
            yield _overlay(node, swarm, network, here, bool(here) or joined or network.ingress)


def _overlay(
    node: Node, swarm: Swarm, network: Network, tasks: list[Task], here: bool
) -> NetworkView:
    from simulator.cluster.swarm.inside import endpoint_of

    gateway = str(ip_network(network.subnet).network_address + 1)
    local = node.networks.all.get(network.name)
    guests = () if local is None or local.id != network.id else tuple(local.endpoints.items())
    containers = [
        (task.container, task.full_name, endpoint_of(network, task.container, task))
        for task in tasks
        if task.container
    ]
    containers += [(one, on_network(node, one), endpoint) for one, endpoint in guests]
    return NetworkView(
        id=network.id,
        name=network.name,
        driver=network.driver,
        created_at=network.created,
        user_defined=True,
        subnet=Subnet(network.subnet, gateway=gateway),
        internal=network.internal,
        attachable=network.attachable,
        labels=dict(network.labels),
        options={
            "com.docker.network.driver.overlay.vxlanid_list": str(network.vxlan),
            **network.options,
        },
        containers=tuple(containers),
        scope=SWARM,
        ingress=network.ingress,
        here=here,
    )


def peers_on(swarm: Swarm, network: str) -> Iterator[tuple[str, str]]:
    """Identities and addresses of the nodes that are on a network over all nodes."""
    known = swarm.state.networks.get(network)
    ingress = known is not None and known.ingress
    guests = () if known is None else known.guests.values()
    machines = {one.machine for one in guests}
    for node in swarm.state.nodes.values():
        tasks = (one for one in swarm.state.tasks_on(node.id) if not one.over)
        if ingress or node.hostname in machines or any(network in one.addresses for one in tasks):
            yield node.id[:12], node.address


def served_on(swarm: Swarm, network: str) -> Iterator[ServedView]:
    """The services that are on a network over all nodes."""
    for service in swarm.state.services.values():
        if any(one.id == network for one in service.spec.task.networks):
            yield _served_by(swarm, network, service)


def _served_by(swarm: Swarm, network: str, service: Service) -> ServedView:
    nodes = swarm.state.nodes
    tasks = tuple(
        (one.full_name, one.addresses[network], nodes[one.node].address)
        for one in swarm.state.tasks_of(service.id)
        if network in one.addresses and one.node in nodes and not one.over
    )
    ports = tuple(f"Target: {one.target}, Publish: {number}"
                  for one, number in service.ports.items())  # fmt: skip
    return ServedView(service.name, service.vips.get(network, ""), ports, tasks)
