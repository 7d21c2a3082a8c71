"""The networks of a machine's daemon, as ``docker network`` shows them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from simulator.node.addresses import Subnet
from simulator.node.networks import Endpoint
from simulator.node.node import Node


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


def networks_of(node: Node) -> tuple[NetworkView, ...]:
    """All networks of a daemon, in the order in which they were made."""
    return tuple(
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
                (container, node.containers[container].local_name, endpoint)
                for container, endpoint in one.endpoints.items()
            ),
        )
        for one in node.networks.all.values()
    )
