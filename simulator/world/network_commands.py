"""Commands on networks. ``machine`` names a host or a virtual machine; None: the current one."""

from __future__ import annotations

from simulator.node.networks import Wish
from simulator.node.spec import Attachment
from simulator.world.commands import Command


class CreateNetwork(Command, frozen=True):
    """Make a bridge on a machine."""

    wish: Wish
    machine: str | None = None


class RemoveNetwork(Command, frozen=True):
    """Delete a network that nobody is on."""

    name: str
    machine: str | None = None


class PruneNetworks(Command, frozen=True):
    """Delete all networks that no container uses."""

    machine: str | None = None


class ConnectNetwork(Command, frozen=True):
    """Put a container on one more network."""

    container: str
    attachment: Attachment
    machine: str | None = None


class DisconnectNetwork(Command, frozen=True):
    """Take a container off a network."""

    container: str
    network: str
    machine: str | None = None
