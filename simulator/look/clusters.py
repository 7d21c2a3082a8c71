"""Looks at clusters for a screen: nodes, workloads, autoscalers, the scheduler's queue, pods.

Of Kubernetes here and in the files called cluster; of swarms in ``swarms.py``.
Facts only, and only of the rows that are asked for: 150,000 pods are a list of names until
somebody looks at thirty of them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from simulator.look.cluster_facts import SHADES, ClusterFacts, ContextFacts, View
from simulator.look.cluster_names import keys_of, stamp
from simulator.look.cluster_values import rows_of
from simulator.look.swarm_facts import SwarmFacts
from simulator.look.swarms import Swarms

if TYPE_CHECKING:
    from simulator.cluster.kubernetes.cluster import Cluster
    from simulator.cluster.swarm.swarm import Swarm
    from simulator.world.world import World

MOST_VIEWS = 32
"""Views whose names are kept."""


class Clusters:
    """Looks at the clusters of a world. Names are listed again only when some came or went."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._keys: dict[View, tuple[object, Sequence[str]]] = {}
        self._ready: tuple[object, int] = (None, 0)
        self._swarms = Swarms()

    def shown(self, name: str = "") -> Cluster | Swarm | None:
        """The cluster or swarm of a name; else the cluster, else the swarm, that was made last."""
        around = self._world.orchestras
        for known in (around.clusters, around.swarms):
            if name in known:
                return known[name]
        for known in (around.clusters, around.swarms):
            if known:
                return known[next(reversed(known))]
        return None

    def facts(self, view: View, first: int, count: int) -> ClusterFacts | SwarmFacts | None:
        """What a frame shows: all keys of a view, and some of its rows; None without a cluster."""
        cluster, around = self.shown(view.cluster), self._world.orchestras
        if cluster is None:
            return None
        clusters = len(around.clusters) + len(around.swarms)
        found: ClusterFacts | SwarmFacts
        if cluster.name in around.swarms:
            found = self._swarms.facts(around.swarms[cluster.name], view, first, count, clusters)
        else:
            found = self._facts(around.clusters[cluster.name], view, first, count, clusters)
        if view.kind != "contexts":
            return found
        keys = [f"context/{name}" for name in (*around.clusters, *around.swarms)]
        return replace(
            found, keys=keys, rows=tuple(self._contexts(cluster.name)[first : first + count])
        )

    def _facts(
        self, cluster: Cluster, view: View, first: int, count: int, clusters: int
    ) -> ClusterFacts:
        keys = [] if view.kind == "contexts" else self._keys_of(cluster, view)
        autoscaler = cluster.node_autoscaler
        groups = autoscaler.groups.values() if autoscaler is not None else ()
        return ClusterFacts(
            cluster.name, cluster.profile.name, view, cluster.store.table("Node").count,
            self._ready_nodes(cluster), cluster.store.table("Pod").count,
            cluster.scheduler.pending.counts(), sum(len(one.coming) for one in groups),
            _fills(cluster) if view.kind == "overview" else b"",
            keys, first, rows_of(cluster, view, keys, first, count), clusters,
        )  # fmt: skip

    def _contexts(self, shown: str) -> list[ContextFacts]:
        around = self._world.orchestras
        sizes = {name: one.store.table("Node").count for name, one in around.clusters.items()}
        found = [ContextFacts(name, "Kubernetes", sizes[name], name == shown) for name in sizes]
        return found + [
            ContextFacts(name, "Swarm", len(one.state.nodes), name == shown)
            for name, one in around.swarms.items()
        ]

    def _ready_nodes(self, cluster: Cluster) -> int:
        table = cluster.store.table("Node")
        stamp = cluster.name, table.changes
        if self._ready[0] != stamp:
            self._ready = stamp, sum([getattr(one, "ready", False) for one in table])
        return self._ready[1]

    def _keys_of(self, cluster: Cluster, view: View) -> Sequence[str]:
        now = cluster.name, stamp(cluster, view)
        known = self._keys.get(view)
        if known is None or known[0] != now:
            if len(self._keys) > MOST_VIEWS:
                self._keys.clear()
            known = self._keys[view] = now, keys_of(cluster, view)
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
