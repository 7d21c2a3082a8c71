"""Whether a container can be put on a network as somebody wants it, in Docker's words."""

from __future__ import annotations

from simulator.errors import Refused
from simulator.node.addresses import lies_in
from simulator.node.networks import Network
from simulator.node.spec import Attachment, ContainerSpec

CONTAINER = "container:"
"""In front of the name of a container whose network namespace another one is to be in."""
NO_ADDRESS_HERE = (
    "invalid endpoint settings: user specified IP address is supported on user defined networks "
    "only"
)
NO_ALIAS_HERE = (
    "invalid endpoint settings: network-scoped alias is supported only for containers in user "
    "defined networks"
)
OTHERS_NAMESPACE = (
    "container sharing network namespace with another container or host cannot be connected to "
    "any other network"
)


def check_endpoint(network: Network, asked: Attachment) -> None:
    """Refuse an address, or names, where they cannot be chosen."""
    if asked.aliases and not network.user_defined:
        raise Refused(NO_ALIAS_HERE)
    if not asked.address:
        return
    if not network.user_defined:
        raise Refused(NO_ADDRESS_HERE)
    if network.subnet is None or not network.subnet.asked:
        raise Refused(
            "invalid endpoint settings: user specified IP address is supported only when "
            "connecting to networks with user configured subnets"
        )
    if not lies_in(asked.address, network.subnet.block):
        raise Refused(
            "invalid endpoint settings: no configured subnet or ip-range contain the IP address "
            f"{asked.address}"
        )


def check_connect(spec: ContainerSpec, network: Network) -> None:
    """Refuse a network that a container in its mode cannot be put on."""
    mode = spec.network_mode
    if mode.startswith(CONTAINER):
        raise Refused(OTHERS_NAMESPACE)
    if network.driver == "host" and mode != "host":
        raise Refused(
            "cannot connect container to host network - container must be created in host "
            "network mode"
        )
    if mode == "host":
        raise Refused(OTHERS_NAMESPACE)
    if spec.attached and "none" in (mode, network.name):
        raise Refused(
            "container cannot be connected to multiple networks with one of the networks in "
            "private (none) mode"
        )
