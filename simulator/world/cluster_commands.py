"""Commands to clusters: making them, and what people ask of their API servers."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from simulator.world.commands import Command


class NodeGroup(msgspec.Struct, frozen=True, kw_only=True):
    """Machines alike that are nodes of a cluster."""

    count: int = 1
    prefix: str = "node-"
    cores: int = 4
    memory_bytes: int = 16 << 30
    disk_bytes: int = 100 << 30
    labels: Mapping[str, str] = {}
    taints: tuple[str, ...] = ()
    """``key=value:effect`` each."""
    zones: int = 1
    most_pods: int = 110
    price_per_hour: float = 0.0


class CreateCluster(Command, frozen=True):
    """A cluster of Kubernetes on machines of its own."""

    name: str
    profile: str = "newest"
    groups: tuple[NodeGroup, ...] = (NodeGroup(),)


class RemoveCluster(Command, frozen=True):
    """A cluster goes, with its machines."""

    name: str


class AddNodes(Command, frozen=True):
    """More machines for a cluster."""

    cluster: str
    group: NodeGroup = NodeGroup()


class AutoscaleNodes(Command, frozen=True):
    """Nodes whose names begin alike are a group that grows and shrinks by itself."""

    cluster: str
    prefix: str = "node-"
    least: int = 1
    most: int = 10
    shape: NodeGroup | None = None
    """What new nodes are like; None: as those that are there."""
    boot_s: float | None = None
    """From the order to a node that is ready; None: as a cloud's, infinity: it never comes."""
    expander: str = ""
    """Which of several groups grows: ``least-waste`` where nothing is said."""
    flags: tuple[str, ...] = ()
    """Flags of cluster-autoscaler, as ``scale-down-unneeded-time=5m``."""
    priority: int = 0


class SetMetric(Command, frozen=True):
    """What a cluster's autoscalers are told of a metric that is none of CPU and memory.

    ``error``: its API answers with that instead of a value.
    """

    cluster: str
    name: str
    value: float = 0.0
    error: str = ""


class ApiRequest(Command, frozen=True):
    """A request to a cluster's API server that changes something.

    ``verb``: create, apply, replace, patch, scale, delete, evict. ``body``: an object or a patch as
    JSON. ``kind``, ``namespace``, ``name``: the object meant, where no body says it.
    """

    cluster: str
    verb: str
    kind: str = ""
    namespace: str = "default"
    name: str = ""
    body: str = ""
    how: str = ""
    """Type of a patch (strategic, merge, json), way of deleting, or ``server`` for apply."""
    replicas: int = 0
    grace_s: float | None = None
    strict: bool = True
    manager: str = ""
    """Who asks, as ``metadata.managedFields`` names it."""
    force: bool = False
    """Server-side apply takes fields over from those who manage them."""
