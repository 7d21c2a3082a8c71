"""Looks at clusters for a screen: nodes, workloads, autoscalers, the scheduler's queue, pods.

Facts only, and only of the rows that are asked for: 150,000 pods are a list of names until
somebody looks at thirty of them.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from simulator.look.cluster_facts import (
    MOST_EACH,
    SHADES,
    ClusterFacts,
    NodeFacts,
    Row,
    ScalerFacts,
    ServiceFacts,
    View,
    WorkloadFacts,
)

if TYPE_CHECKING:
    from simulator.cluster.kubernetes.autoscaling.horizontal import Trace
    from simulator.cluster.kubernetes.cluster import Cluster
    from simulator.cluster.kubernetes.objects.meta import Object
    from simulator.cluster.kubernetes.store import Store
    from simulator.world.world import World

WORKLOADS = ("Deployment", "StatefulSet", "DaemonSet", "Job", "ReplicationController")
MOST_WORKLOADS = 200
"""Workloads that the overview lists."""
MOST_VIEWS = 32
"""Views whose names are kept."""


class Clusters:
    """Looks at the clusters of a world. Names are listed again only when some came or went."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._keys: dict[View, tuple[object, Sequence[str]]] = {}
        self._ready: tuple[object, int] = (None, 0)

    @property
    def shown(self) -> Cluster | None:
        """The cluster that was made last."""
        clusters = self._world.orchestras.clusters
        return clusters[next(reversed(clusters))] if clusters else None

    def facts(self, view: View, first: int, count: int) -> ClusterFacts | None:
        """What a frame shows: all keys of a view, and some of its rows; None without a cluster."""
        cluster = self.shown
        if cluster is None:
            return None
        store, keys = cluster.store, self._keys_of(cluster, view)
        autoscaler = cluster.node_autoscaler
        groups = autoscaler.groups.values() if autoscaler is not None else ()
        some = range(first, min(first + count, len(keys)))
        return ClusterFacts(
            cluster.name, cluster.profile.name, view, store.table("Node").count,
            self._ready_nodes(cluster), store.table("Pod").count,
            cluster.scheduler.pending.counts(), sum(len(one.coming) for one in groups),
            _fills(cluster) if view.kind == "overview" else b"",
            keys, first, tuple(_row(cluster, keys[at]) for at in some),
        )  # fmt: skip

    def _ready_nodes(self, cluster: Cluster) -> int:
        table = cluster.store.table("Node")
        stamp = cluster.name, table.changes
        if self._ready[0] != stamp:
            self._ready = stamp, sum(getattr(one, "ready", False) for one in table)
        return self._ready[1]

    def _keys_of(self, cluster: Cluster, view: View) -> Sequence[str]:
        tables = cluster.store.tables
        stamp: object = cluster.name, tuple([
            tables[kind].members for kind in _SOURCES[view.kind] if kind in tables
        ])  # fmt: skip
        if view.within:
            stamp = cluster.name, cluster.store.version
        known = self._keys.get(view)
        if known is None or known[0] != stamp:
            if len(self._keys) > MOST_VIEWS:
                self._keys.clear()
            known = self._keys[view] = stamp, keys_of(cluster, view)
        return known[1]


def _fills(cluster: Cluster) -> bytes:
    """How full each node is by the fuller of CPU and memory, in columns."""
    import numpy as np

    columns = cluster.scheduler.columns
    columns.refresh()
    if not len(columns.order):
        return b""
    shares = [
        taken / np.maximum(1, there)
        for there, taken in (columns.amounts("cpu", False), columns.amounts("memory", False))
    ]
    full = np.ceil(np.clip(np.maximum(*shares), 0.0, 1.0) * SHADES)
    return bytes(full.astype(np.uint8))


# --- keys -----------------------------------------------------------------------------------------


def keys_of(cluster: Cluster, view: View) -> Sequence[str]:
    """A key for each row of a view, in order: ``node/N``, ``Deployment/NAMESPACE/NAME`` ..."""
    found = _LISTS[view.kind](cluster, view)
    if not view.filter:
        return found
    wanted, unlike = view.filter.removeprefix("!"), view.filter.startswith("!")
    return [one for one in found if (wanted in one) != unlike]


def _overview(cluster: Cluster, view: View) -> list[str]:
    nodes = _nodes(cluster, view)
    shown = nodes if len(nodes) <= MOST_EACH else []
    workloads = _workloads(cluster, view)[:MOST_WORKLOADS]
    return [*shown, *workloads, *_objects(cluster.store, "HorizontalPodAutoscaler")]


def _nodes(cluster: Cluster, view: View) -> list[str]:
    return [f"node/{one.meta.name}" for one in cluster.store.table("Node")]


def _workloads(cluster: Cluster, view: View) -> list[str]:
    found = []
    for kind in WORKLOADS:
        for namespace, objects in cluster.store.table(kind).namespaces.items():
            found += [
                f"{kind}/{namespace}/{name}"
                for name, one in objects.items()
                if kind != "Job" or one.meta.controller is None
            ]
    return found


def _objects(store: Store, kind: str) -> list[str]:
    return [
        f"{kind}/{namespace}/{name}"
        for namespace, objects in store.table(kind).namespaces.items()
        for name in objects
    ]


def _pods(cluster: Cluster, view: View) -> list[str]:
    if not view.within:
        return _objects(cluster.store, "Pod")
    kind, _, rest = view.within.partition("/")
    if kind == "node":
        row = cluster.scheduler.columns.rows.get(rest)
        pods = row.pods.values() if row is not None else ()
        return [f"Pod/{one.namespace}/{one.name}" for one in pods]
    return [f"Pod/{one.meta.namespace}/{one.meta.name}" for one in _owned(cluster, kind, rest)]


def _owned(cluster: Cluster, kind: str, rest: str) -> list[Object]:
    """Pods of a workload: its own, or those of the sets that it owns; or those of a Service."""
    namespace, _, name = rest.partition("/")
    owner = cluster.store.find(kind, namespace, name)
    if owner is None:
        return []
    if kind == "Service":
        return list(cluster.network.proxies.endpoints.selecting.pods_of(owner))  # type: ignore[arg-type]
    owners = [owner.meta.uid]
    if kind == "Deployment":
        sets = cluster.store.table("ReplicaSet").owned.get(owner.meta.uid, {})
        owners = [one.meta.uid for one in sets.values()]
    table = cluster.store.table("Pod").owned
    return [pod for uid in owners for pod in table.get(uid, {}).values()]


def _services(cluster: Cluster, view: View) -> list[str]:
    return _objects(cluster.store, "Service")


def _autoscalers(cluster: Cluster, view: View) -> list[str]:
    return _objects(cluster.store, "HorizontalPodAutoscaler")


_LISTS: dict[str, Callable[[Cluster, View], list[str]]] = {
    "overview": _overview,
    "nodes": _nodes,
    "workloads": _workloads,
    "pods": _pods,
    "services": _services,
    "autoscalers": _autoscalers,
}
KINDS = tuple(_LISTS)
_SOURCES: dict[str, tuple[str, ...]] = {
    "overview": ("Node", *WORKLOADS, "HorizontalPodAutoscaler"),
    "nodes": ("Node",),
    "workloads": WORKLOADS,
    "pods": ("Pod",),
    "services": ("Service",),
    "autoscalers": ("HorizontalPodAutoscaler",),
}
"""Whose names a view lists."""


# --- rows -----------------------------------------------------------------------------------------


def _row(cluster: Cluster, key: str) -> Row:
    kind, _, rest = key.partition("/")
    if kind == "node":
        return _node(cluster, rest)
    namespace, _, name = rest.partition("/")
    one: Any = cluster.store.find(kind, namespace, name)
    if one is None or kind == "Pod":
        return one
    if kind == "HorizontalPodAutoscaler":
        return _scaler(cluster, one)
    if kind == "Service":
        return _service(cluster, one)
    return _workload(one)


def _node(cluster: Cluster, name: str) -> NodeFacts | None:
    row, node = cluster.scheduler.columns.rows.get(name), cluster.store.find("Node", "", name)
    if node is None or row is None:
        return None
    one: Any = node
    there = one.status.allocatable
    return NodeFacts(
        name, one.ready, one.spec.unschedulable, len(one.spec.taints), len(row.pods), there.pods,
        row.cpu, there.cpu_millis, row.memory, there.memory_bytes,
        cluster.metrics.of_node(name),
    )  # fmt: skip


def _workload(one: Any) -> WorkloadFacts:
    status = one.status
    meta = one.meta
    old = 0
    if one.kind == "DaemonSet":
        numbers = (status.desired_number_scheduled, status.updated_number_scheduled,
                   status.number_ready, status.number_available)  # fmt: skip
    elif one.kind == "Job":
        wanted = one.spec.completions or 1
        numbers = (wanted, wanted, status.succeeded, status.succeeded)
    else:
        numbers = (one.spec.replicas, getattr(status, "updated_replicas", status.replicas),
                   status.ready_replicas, status.available_replicas)  # fmt: skip
        old = _old(status)
    return WorkloadFacts(one.kind, meta.namespace, meta.name, *numbers, old)


def _old(status: Any) -> int:
    """Pods of an earlier kind, which a rollout has still to end."""
    newest: int = getattr(status, "updated_replicas", status.replicas)
    return max(0, int(status.replicas) - newest)


def _held(trace: Trace | None) -> str:
    """What held the last decision: a limit, or else what was wished for shortly before."""
    if trace is None:
        return ""
    if trace.limit == "DesiredWithinRange" and trace.stabilized != trace.desired:
        return "ScaleDownStabilized" if trace.stabilized > trace.desired else "ScaleUpStabilized"
    return trace.limit


def _scaler(cluster: Cluster, one: Any) -> ScalerFacts:
    memory = cluster.autoscalers.memories.get(one.key)
    trace = memory.trace if memory is not None else None
    target = one.spec.scale_target_ref
    return ScalerFacts(
        one.meta.namespace, one.meta.name, f"{target.kind}/{target.name}", one.spec.min_replicas,
        one.spec.max_replicas, one.status.current_replicas, one.status.desired_replicas,
        tuple(word for word in one.status.current if word), _held(trace),
        tuple(memory.wishes) if memory is not None else (),
    )  # fmt: skip


def _service(cluster: Cluster, one: Any) -> ServiceFacts:
    behind = cluster.network.proxies.endpoints.services.get(one.key)
    known = behind.endpoints.values() if behind is not None else ()
    ports = tuple(f"{each.port}/{each.protocol}" for each in one.spec.ports)
    return ServiceFacts(
        one.meta.namespace, one.meta.name, one.spec.type, one.spec.cluster_ip, ports,
        sum(each.ready for each in known), len(known),
    )  # fmt: skip
