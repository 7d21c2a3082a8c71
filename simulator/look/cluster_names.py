"""What a view of a cluster lists: a key for each row, ``Deployment/NAMESPACE/NAME``, in order.

A list of 150,000 pods is never made: it is a view of the store's own tables, and only the keys
that somebody asks for become texts.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import islice
from typing import TYPE_CHECKING, Any, TypeAlias, overload

from simulator.look.cluster_facts import MOST_EACH, View
from simulator.look.cluster_queue import pods_of, queue
from simulator.look.cluster_recent import Recent, newest

if TYPE_CHECKING:
    from simulator.cluster.kubernetes.cluster import Cluster

WORKLOADS = ("Deployment", "StatefulSet", "DaemonSet", "Job", "ReplicationController")
MOST_WORKLOADS = 200
"""Workloads that the overview lists."""
MOST_SEARCHED = 5_000
"""Pods up to which a filter looks at their nodes and states too, and not at their names alone."""
MOST_REASONS = 3
"""Reasons to wait for a node that the overview lists."""

Part: TypeAlias = tuple[str | None, Mapping[Any, object]]
"""A table with the namespace of its names; None: its keys are of namespaces and names."""


class Names(Sequence[str]):
    """Keys of objects of one kind, each made when somebody asks for it."""

    def __init__(self, kind: str, parts: Sequence[Part]) -> None:
        self.kind = kind
        self.parts = tuple(parts)

    def __len__(self) -> int:
        return sum(len(table) for _, table in self.parts)

    def _between(self, first: int, last: int) -> Iterator[str]:
        for namespace, table in self.parts:
            size = len(table)
            if last <= 0:
                return
            if first < size:
                for name in islice(table, max(0, first), min(size, last)):
                    yield self._key(namespace, name)
            first, last = first - size, last - size

    def _key(self, namespace: str | None, name: Any) -> str:
        space, word = name if namespace is None else (namespace, name)
        return f"{self.kind}/{space}/{word}"

    def __iter__(self) -> Iterator[str]:
        return self._between(0, len(self))

    @overload
    def __getitem__(self, at: int) -> str: ...
    @overload
    def __getitem__(self, at: slice) -> list[str]: ...
    def __getitem__(self, at: int | slice) -> str | list[str]:
        if isinstance(at, slice):
            first, last, step = at.indices(len(self))
            return list(self._between(first, last))[::step]
        at = at + len(self) if at < 0 else at
        for key in self._between(at, at + 1):
            return key
        raise IndexError(at)

    def index(self, value: Any, start: int = 0, stop: int | None = None) -> int:
        """Where a key is; ValueError where it is not."""
        kind, _, rest = value.partition("/")
        space, _, word = rest.partition("/")
        before = 0
        for namespace, table in self.parts if kind == self.kind else ():
            name: Any = (space, word) if namespace is None else word
            if namespace in (None, space) and name in table:
                return before + list(table).index(name)
            before += len(table)
        raise ValueError(value)

    def matching(self, wanted: str, unlike: bool) -> list[str]:
        """Keys whose namespace or name contains a text, or does not: no call for each of them."""
        found: list[str] = []
        for namespace, table in self.parts:
            if namespace is None:
                some = [each for each in table if (wanted in "/".join(each)) != unlike]
            elif wanted in namespace:
                some = [] if unlike else list(table)
            elif "/" in wanted:
                some = [each for each in table if (wanted in f"{namespace}/{each}") != unlike]
            else:
                some = [each for each in table if (wanted in each) != unlike]
            found += [self._key(namespace, each) for each in some]
        return found


def keys_of(cluster: Cluster, view: View) -> Sequence[str]:
    """A key for each row of a view, in order."""
    listed = _LISTS.get(view.kind)
    found = listed(cluster, view) if listed is not None else _objects(cluster, view.kind, view)
    if not view.filter or view.kind == "events":
        return found
    wanted, unlike = view.filter.lower().removeprefix("!"), view.filter.startswith("!")
    if view.kind == "pods" and len(found) <= MOST_SEARCHED:
        return [one for one in found if (wanted in _words_of(cluster, one)) != unlike]
    if isinstance(found, Names):
        return found.matching(wanted, unlike)
    return [one for one in found if (wanted in one.lower()) != unlike]


def _words_of(cluster: Cluster, key: str) -> str:
    """A pod's namespace and name, its node, and how it is."""
    _, namespace, name = key.split("/", 2)
    pod: Any = cluster.store.find("Pod", namespace, name)
    if pod is None:
        return name
    status, gone = pod.status, "terminating" if pod.deleting else ""
    found = [namespace + "/" + name, pod.node or "no node", status.phase, status.reason, gone]
    for one in (*status.init_containers, *status.containers):
        found += [one.waiting, one.ended.reason if one.ended is not None else ""]
    return " ".join(found).lower()


def _objects(cluster: Cluster, kind: str, view: View) -> Names:
    """Objects of a kind: of a namespace or of all, or those that an owner has."""
    if view.within:
        return Names(kind, [(None, one) for one in _owned(cluster, kind, view.within)])
    tables = cluster.table(kind).namespaces
    if view.namespace and "" not in tables:
        return Names(kind, [(view.namespace, tables.get(view.namespace, {}))])
    return Names(kind, list(tables.items()))


def _owned(cluster: Cluster, kind: str, within: str) -> list[Mapping[Any, object]]:
    """Tables of what an owner has: its own, or, of a Deployment's pods, those of its sets."""
    above, _, rest = within.partition("/")
    namespace, _, name = rest.partition("/")
    owner = cluster.store.find(above, namespace, name)
    if owner is None:
        return []
    owners = [owner.meta.uid]
    if above == "Deployment" and kind == "Pod":
        sets = cluster.store.table("ReplicaSet").owned.get(owner.meta.uid, {})
        owners = [one.meta.uid for one in sets.values()]
    owned = cluster.store.table(kind).owned
    return [owned[uid] for uid in owners if uid in owned]


# --- views of their own ---------------------------------------------------------------------------


def _overview(cluster: Cluster, view: View) -> list[str]:
    nodes = cluster.store.table("Node").count
    shown = _nodes(cluster, view) if nodes <= MOST_EACH else []
    workloads = _workloads(cluster, view)[:MOST_WORKLOADS]
    scalers = _objects(cluster, "HorizontalPodAutoscaler", view)
    return [*_queue(cluster, view)[:MOST_REASONS], *shown, *workloads, *scalers]


def _queue(cluster: Cluster, view: View) -> list[str]:
    return [f"queue/{one}" for one in queue(cluster)]


def _nodes(cluster: Cluster, view: View) -> list[str]:
    return [f"node/{one.meta.name}" for one in cluster.store.table("Node")]


def _workloads(cluster: Cluster, view: View) -> list[str]:
    found = []
    for kind in WORKLOADS:
        for namespace, objects in cluster.store.table(kind).namespaces.items():
            if view.namespace in ("", namespace):
                found += [
                    f"{kind}/{namespace}/{name}"
                    for name, one in objects.items()
                    if kind != "Job" or one.meta.controller is None
                ]
    return found


def _pods(cluster: Cluster, view: View) -> Sequence[str]:
    kind, _, rest = view.within.partition("/")
    if kind == "node":
        row = cluster.scheduler.columns.rows.get(rest)
        pods = row.pods.values() if row is not None else ()
        return [f"Pod/{one.namespace}/{one.name}" for one in pods]
    if kind == "queue":
        return [f"Pod/{namespace}/{name}" for namespace, name in pods_of(cluster, rest)]
    if kind == "Service":
        namespace, _, name = rest.partition("/")
        behind = cluster.network.proxies.endpoints.services.get((namespace, name))
        return Names("Pod", [(None, behind.endpoints)] if behind is not None else [])
    return _objects(cluster, "Pod", view)


def _containers(cluster: Cluster, view: View) -> list[str]:
    """In the order in which they run: init containers first."""
    _, namespace, name = view.within.split("/", 2)
    pod: Any = cluster.store.find("Pod", namespace, name)
    if pod is None:
        return []
    every = (*pod.spec.init_containers, *pod.spec.containers)
    return [f"container/{namespace}/{name}/{one.name}" for one in every]


def _events(cluster: Cluster, view: View) -> Recent:
    return Recent(newest(cluster.recorder, view))


def _trace(cluster: Cluster, view: View) -> list[str]:
    return [view.within]


def _of(kind: str) -> Callable[[Cluster, View], Sequence[str]]:
    return lambda cluster, view: _objects(cluster, kind, view)


_LISTS: dict[str, Callable[[Cluster, View], Sequence[str]]] = {
    "overview": _overview,
    "nodes": _nodes,
    "workloads": _workloads,
    "pods": _pods,
    "containers": _containers,
    "services": _of("Service"),
    "autoscalers": _of("HorizontalPodAutoscaler"),
    "queue": _queue,
    "events": _events,
    "trace": _trace,
}
KINDS = tuple(_LISTS)


def stamp(cluster: Cluster, view: View) -> object:
    """As long as it is the same, so is what ``keys_of`` gives."""
    tables = cluster.store.tables
    if view.kind == "events":
        return cluster.recorder.count
    if view.kind == "containers" or view.within.startswith(("node/", "Service/")):
        return cluster.store.version
    waiting: object = ()
    if view.kind in ("overview", "queue") or view.within.startswith("queue/"):
        waiting = cluster.store.version, cluster.scheduler.pending.counts()
    kinds = _SOURCES.get(view.kind, (view.kind,))
    if view.kind == "pods" and view.filter:
        return tables["Pod"].changes if "Pod" in tables else 0
    return waiting, tuple([tables[kind].members for kind in kinds if kind in tables])


_SOURCES: dict[str, tuple[str, ...]] = {
    "overview": ("Node", *WORKLOADS, "HorizontalPodAutoscaler"),
    "nodes": ("Node",),
    "workloads": WORKLOADS,
    "pods": ("Pod", "ReplicaSet"),
    "services": ("Service",),
    "autoscalers": ("HorizontalPodAutoscaler",),
    "queue": (),
    "trace": (),
}
"""Whose names a view lists."""
