"""What a screen shows of a cluster, as values: rows of nodes, workloads, autoscalers, Services."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

MOST_EACH = 12
"""Nodes up to which the overview gives each a row of its own; above, each is one sign."""
SHADES = 8
"""Steps of fullness."""


class View(NamedTuple):
    """What of a cluster is shown: ``kind`` is overview, nodes, workloads, pods, services or
    autoscalers; pods of an owner (``Deployment/shop/web``) or of a node (``node/node-1``)."""

    kind: str = "overview"
    within: str = ""
    filter: str = ""


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


Row = NodeFacts | WorkloadFacts | ScalerFacts | ServiceFacts | Any
"""A row of a view; a pod is the object itself, which never changes."""


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
