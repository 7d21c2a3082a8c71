"""What a screen shows of a cluster or a swarm, as values: its rows, and what stands above them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

MOST_EACH = 12
"""Nodes up to which the overview gives each a row of its own; above, each is one sign."""
SHADES = 8
"""Steps of fullness."""


class View(NamedTuple):
    """What is shown of which cluster: ``kind`` is one of ``cluster_names.KINDS``, or a kind of the
    API, whose objects are then listed; ``within``: only what belongs to an owner
    (``Deployment/shop/web``), to a node (``node/node-1``), or waits for a reason
    (``queue/REASON``)."""

    kind: str = "overview"
    within: str = ""
    filter: str = ""
    namespace: str = ""
    """Nothing: all of them."""
    cluster: str = ""
    """Nothing: the one that was made last."""


@dataclass(frozen=True, slots=True)
class NodeFacts:
    """A node: what is asked of it and used, in millicores and bytes. ``used`` None: not known."""

    name: str
    ready: bool
    cordoned: bool
    taints: int
    pods: int
    most_pods: int
    cpu_asked: int
    cpu: int
    memory_asked: int
    memory: int
    used: tuple[float, float] | None
    on_it: tuple[Any, ...] = ()
    """Its pods, where each of them is a sign."""


@dataclass(frozen=True, slots=True)
class WorkloadFacts:
    """A workload: pods that it wants, that are of its newest kind, ready, available; ``old``: of
    an earlier kind, and still there."""

    kind: str
    namespace: str
    name: str
    desired: int
    updated: int
    ready: int
    available: int
    old: int = 0


@dataclass(frozen=True, slots=True)
class ScalerFacts:
    """An autoscaler: bounds, numbers, metrics in words of the API, what held it, its wishes."""

    namespace: str
    name: str
    target: str
    least: int
    most: int
    current: int
    desired: int
    metrics: tuple[str, ...]
    limit: str
    wishes: tuple[tuple[float, int], ...]


@dataclass(frozen=True, slots=True)
class ServiceFacts:
    """A Service and how many pods stand ready behind it."""

    namespace: str
    name: str
    kind: str
    address: str
    ports: tuple[str, ...]
    ready: int
    behind: int


@dataclass(frozen=True, slots=True)
class ContainerFacts:
    """A container of a pod: ``role`` is container, init or sidecar; ``used``: cores and bytes as
    the metrics pipeline tells them, None: not known; asked and limits in millicores and bytes, 0:
    none."""

    pod: str
    name: str
    role: str
    image: str
    status: Any
    """None: its kubelet has not said anything of it."""
    cpu_asked: int
    cpu_limit: int
    memory_asked: int
    memory_limit: int
    used: tuple[float, float] | None


@dataclass(frozen=True, slots=True)
class QueueFacts:
    """Pods without a node that wait for the same: in which queue, why, how many; one of them."""

    queue: str
    """active, backoff or unschedulable."""
    reason: str
    count: int
    namespace: str
    example: str
    """Its name; nothing where none was looked at."""


@dataclass(frozen=True, slots=True)
class ContextFacts:
    """A cluster or swarm that could be shown."""

    name: str
    kind: str
    nodes: int
    shown: bool


Row = (
    NodeFacts
    | WorkloadFacts
    | ScalerFacts
    | ServiceFacts
    | ContainerFacts
    | QueueFacts
    | ContextFacts
    | Any
)
"""A row of a view; a pod, an event and any other object is itself, for it never changes."""


@dataclass(frozen=True, slots=True)
class ClusterFacts:
    """What one frame shows of a cluster. ``keys`` are of all rows, ``rows`` of those from
    ``first`` on; ``fills`` is how full each node is by requests, in steps of ``SHADES``."""

    name: str
    profile: str
    view: View
    nodes: int
    ready_nodes: int
    pods: int
    queue: tuple[int, int, int]
    """Pods to be tried now, after a back-off, when something changes."""
    growing: int
    """Nodes that are ordered and not there yet."""
    fills: bytes
    keys: Sequence[str]
    first: int
    rows: tuple[Row, ...]
    clusters: int = 1
    """How many clusters and swarms there are."""
