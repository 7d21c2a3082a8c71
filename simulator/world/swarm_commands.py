"""Commands to swarms: who is a member, and what people ask of managers."""

from __future__ import annotations

from collections.abc import Mapping

from simulator.cluster.compose.project import HostFile
from simulator.cluster.swarm.specs import NodeSpec, ServiceSpec
from simulator.world.cluster_commands import NodeGroup
from simulator.world.commands import Command


class InitSwarm(Command, frozen=True):
    """A machine begins a swarm, of which it is the first manager.

    ``force``: out of what it knows of one that nobody leads any more (``--force-new-cluster``).
    """

    machine: str | None = None
    force: bool = False
    availability: str = "active"
    address: str = ""


class MakeSwarm(Command, frozen=True):
    """A swarm on new machines: so many managers first, then workers."""

    groups: tuple[NodeGroup, ...] = (NodeGroup(),)
    managers: int = 1


class JoinSwarm(Command, frozen=True):
    """A machine joins the swarm of which a machine at ``remote`` is a manager."""

    token: str
    remote: str
    machine: str | None = None
    availability: str = "active"


class LeaveSwarm(Command, frozen=True):
    """A machine leaves its swarm; a manager only by ``force``."""

    machine: str | None = None
    force: bool = False


class RotateToken(Command, frozen=True):
    """The token of a role is made anew."""

    role: str
    machine: str | None = None


class UpdateSwarm(Command, frozen=True):
    """What holds for a whole swarm is changed; None: as it was."""

    machine: str | None = None
    task_history: int | None = None
    heartbeat_s: float | None = None
    autolock: bool | None = None


class SwarmNode(Command, frozen=True):
    """A node is wanted otherwise: availability, role, labels. ``id``: its identity."""

    id: str
    spec: NodeSpec
    machine: str | None = None


class RemoveSwarmNode(Command, frozen=True):
    """A node is a member no more."""

    id: str
    force: bool = False
    machine: str | None = None


class CreateSwarmService(Command, frozen=True):
    """A service is wanted. ``pinned``: a registry is asked for the digest of its image."""

    spec: ServiceSpec
    pinned: bool = False
    machine: str | None = None


class UpdateSwarmService(Command, frozen=True):
    """A service is wanted otherwise than before. ``rollback``: as it was before that.

    ``pinned``: a registry is asked for the digest of its image.
    """

    id: str
    spec: ServiceSpec | None = None
    pinned: bool = False
    rollback: bool = False
    machine: str | None = None


class RemoveSwarmService(Command, frozen=True):
    """A service is not wanted any more."""

    id: str
    machine: str | None = None


class CreateSwarmNetwork(Command, frozen=True):
    """A network over all nodes."""

    name: str
    subnet: str = ""
    attachable: bool = False
    internal: bool = False
    ingress: bool = False
    labels: Mapping[str, str] = {}
    options: Mapping[str, str] = {}
    machine: str | None = None


class RemoveSwarmNetwork(Command, frozen=True):
    """A network over all nodes goes; Refused while somebody is on it."""

    id: str
    machine: str | None = None


class CreateSwarmFile(Command, frozen=True):
    """A secret or config."""

    kind: str
    name: str
    content: str
    labels: Mapping[str, str] = {}
    machine: str | None = None


class UpdateSwarmFile(Command, frozen=True):
    """Its labels are changed; its content cannot be."""

    id: str
    content: str
    labels: Mapping[str, str] = {}
    machine: str | None = None


class PlaceFiles(Command, frozen=True):
    """Files of the person's folder lie on a machine, where tasks on it may mount them."""

    files: tuple[HostFile, ...]
    machine: str | None = None


class RemoveSwarmFile(Command, frozen=True):
    """It goes; Refused while a service sees it."""

    id: str
    machine: str | None = None
