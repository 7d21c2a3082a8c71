"""The nodes of a cluster as columns: what each has, what is taken of it, and of which kind it is.

Arrays are in the order in which nodes are visited: zone by zone in turn, as upstream's node tree
lists them. Nodes that come or go make them anew, when somebody next looks (``epoch``); a pod that
comes or goes, a taint or a changed size changes one row, and notes that in a log.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from simulator.cluster.columns import Bools, Changes, Ints, Small, in_turn, ints
from simulator.cluster.kubernetes.objects.node import Node
from simulator.cluster.kubernetes.objects.pod import Pod
from simulator.cluster.kubernetes.scheduler.asked import AskedBy
from simulator.cluster.kubernetes.scheduler.rows import Kind, Row
from simulator.cluster.kubernetes.scheduler.topology import Topology

__all__ = ["Bools", "Columns", "Ints", "Kind", "Mask", "Row", "Small"]

HOSTNAME = "kubernetes.io/hostname"
ZONE = "topology.kubernetes.io/zone"
REGION = "topology.kubernetes.io/region"
MOST_CHANGES = 1_000_000
"""Entries of the log after which everything is made anew instead."""


class Mask:
    """Some of the nodes, known by a number: who counts on them need not compare."""

    __slots__ = ("nodes", "number")

    def __init__(self, number: int, nodes: Bools) -> None:
        self.number = number
        self.nodes = nodes


class Columns:
    """All nodes. ``epoch`` counts how often the arrays were made, ``kinds_epoch`` how often nodes
    changed their kind too."""

    def __init__(self) -> None:
        self.rows: dict[str, Row] = {}
        self.epoch = self.kinds_epoch = 0
        self.log = Changes()
        self.order: list[Row] = []
        self.places: dict[str, int] = {}
        self.kinds: list[Kind] = []
        self.asked = AskedBy()
        self._masks: dict[bytes, Mask] = {}
        self._mask_count = 0
        self._eligible: dict[tuple[str, int], Ints] = {}
        self._stale = True
        self._kinds: dict[tuple[object, ...], Kind] = {}
        self._topologies: dict[str, Topology] = {}
        self._extended: dict[str, tuple[Ints, Ints]] = {}
        self._homeless: dict[str, dict[str, Pod]] = {}
        """Pods whose node is not known (any more), by the node's name."""

    # --- changing ---------------------------------------------------------------------------------

    def put(self, node: Node) -> None:
        """A node is there, or is another than before."""
        row = self.rows.get(node.name)
        if row is None:
            row = self.rows[node.name] = Row(node, self._kind(node))
            for pod in self._homeless.pop(node.name, {}).values():
                row.add(pod, self.asked, 1)
            self._stale = True
            return
        before, row.node = row.node, node
        if before.meta.labels != node.meta.labels:
            row.kind = self._kind(node)
            self._stale = True
        elif before.spec != node.spec:
            self._another_kind(row)
        if before.status.allocatable != node.status.allocatable and not self._stale:
            self._measure(row)

    def _another_kind(self, row: Row) -> None:
        row.kind = self._kind(row.node)
        if not self._stale:
            self.kind[self.places[row.node.name]] = row.kind.number
            self.kinds_epoch += 1
            self._masks, self._eligible = {}, {}

    def _measure(self, row: Row) -> None:
        place, had = self.places[row.node.name], row.node.status.allocatable
        self.cpu[place], self.memory[place] = had.cpu_millis, had.memory_bytes
        self.storage[place], self.most_pods[place] = had.ephemeral_bytes, had.pods
        self._extended = {}
        self.log.note(place)

    def drop(self, name: str) -> None:
        """A node is gone; pods that say they are on it still do."""
        row = self.rows.pop(name, None)
        if row is not None:
            self._stale = True
            if row.pods:
                self._homeless[name] = row.pods

    def add(self, pod: Pod, node: str) -> None:
        """A pod is on a node from now on."""
        row = self.rows.get(node)
        if row is None:
            self._homeless.setdefault(node, {})[pod.meta.uid] = pod
        else:
            row.add(pod, self.asked, 1)
            self.note(row)

    def remove(self, pod: Pod, node: str) -> None:
        """A pod, as it came, is on it no more."""
        row = self.rows.get(node)
        if row is None:
            left = self._homeless[node]
            del left[pod.meta.uid]
            if not left:
                del self._homeless[node]
        else:
            row.add(pod, self.asked, -1)
            self.note(row)

    def note(self, row: Row) -> None:
        """What is taken of a node changed."""
        if self._stale:
            return
        place = self.places[row.node.name]
        self.used_cpu[place], self.used_memory[place] = row.cpu, row.memory
        self.used_storage[place], self.used_pods[place] = row.storage, len(row.pods)
        self.nz_cpu[place], self.nz_memory[place] = row.nz_cpu, row.nz_memory
        if row.extended:
            for name, amount in row.extended.items():
                self.extended_of(name)[1][place] = amount
        self.log.note(place)

    def _kind(self, node: Node) -> Kind:
        labels = {key: value for key, value in node.meta.labels.items() if key != HOSTNAME}
        key = (tuple(sorted(labels.items())), node.spec.taints, node.spec.unschedulable)
        kind = self._kinds.get(key)
        if kind is None:
            kind = Kind(len(self.kinds), labels, node.spec.taints, node.spec.unschedulable)
            self._kinds[key] = kind
            self.kinds.append(kind)
        return kind

    # --- the arrays -------------------------------------------------------------------------------

    def __len__(self) -> int:
        return len(self.rows)

    def refresh(self) -> None:
        """Make the arrays anew, where nodes have come, gone or changed their labels."""
        if len(self.log) > MOST_CHANGES:
            self._stale = True
        if not self._stale:
            return
        self._stale = False
        self.epoch += 1
        self.kinds_epoch += 1
        self.order = _by_zone(list(self.rows.values()))
        self.places = {row.node.name: place for place, row in enumerate(self.order)}
        self.log = Changes()
        self._topologies, self._masks, self._eligible, self._extended = {}, {}, {}, {}
        self._kinds_again()
        self._fill()

    def _kinds_again(self) -> None:
        """Kinds of no node any more are forgotten."""
        self._kinds, self.kinds = {}, []
        for row in self.order:
            row.kind = self._kind(row.node)
        self.kind = ints([row.kind.number for row in self.order])

    def _fill(self) -> None:
        rows = self.order
        had = [row.node.status.allocatable for row in rows]
        self.cpu = ints([one.cpu_millis for one in had])
        self.memory = ints([one.memory_bytes for one in had])
        self.storage = ints([one.ephemeral_bytes for one in had])
        self.most_pods = ints([one.pods for one in had])
        self.used_cpu = ints([row.cpu for row in rows])
        self.used_memory = ints([row.memory for row in rows])
        self.used_storage = ints([row.storage for row in rows])
        self.used_pods = ints([len(row.pods) for row in rows])
        self.nz_cpu = ints([row.nz_cpu for row in rows])
        self.nz_memory = ints([row.nz_memory for row in rows])

    def extended_of(self, name: str) -> tuple[Ints, Ints]:
        """What nodes have and what is taken of an extended resource."""
        found = self._extended.get(name)
        if found is None:
            rows = self.order
            found = self._extended[name] = (
                ints([row.node.status.allocatable.amount(name) for row in rows]),
                ints([row.extended.get(name, 0) for row in rows]),
            )
        return found

    def amounts(self, name: str, nonzero: bool) -> tuple[Ints, Ints]:
        """What nodes have and what is taken of a resource; ``nonzero``: as scores count it."""
        if name == "cpu":
            return self.cpu, self.nz_cpu if nonzero else self.used_cpu
        if name == "memory":
            return self.memory, self.nz_memory if nonzero else self.used_memory
        if name == "ephemeral-storage":
            return self.storage, self.used_storage
        return self.extended_of(name)

    def topology(self, key: str) -> Topology:
        """The domains of all nodes by a label."""
        found = self._topologies.get(key)
        if found is None:
            values = (row.node.meta.labels.get(key) for row in self.order)
            found = self._topologies[key] = Topology(values)
        return found

    def domains(self, key: str) -> tuple[Ints, list[str]]:
        """The domain of each node by a topology key (-1: it has none), and their names."""
        found = self.topology(key)
        return found.places, found.names

    def eligible(self, key: str, mask: Mask | None) -> Ints:
        """The domains that have a node of a mask (None: all that there are)."""
        at = key, 0 if mask is None else mask.number
        found = self._eligible.get(at)
        if found is None:
            places, names = self.domains(key)
            if mask is None:
                found = np.arange(len(names))
            else:
                there = places[mask.nodes]
                found = np.unique(there[there >= 0])
            self._eligible[at] = found
        return found

    def pods(self) -> Iterator[tuple[Pod, str]]:
        """All pods with the names of their nodes, known or not."""
        for name, row in self.rows.items():
            for pod in row.pods.values():
                yield pod, name
        for name, pods in self._homeless.items():
            for pod in pods.values():
                yield pod, name

    def find(self, pod: Pod, node: str) -> Pod | None:
        """A pod as it was when it came to a node; None: it is not there."""
        row = self.rows.get(node)
        pods = self._homeless.get(node, {}) if row is None else row.pods
        return pods.get(pod.meta.uid)

    def mask(self, wanted: Bools) -> Mask | None:
        """The one mask of this content, as long as kinds stay; None where it leaves all."""
        if wanted.all():
            return None
        content = wanted.tobytes()
        found = self._masks.get(content)
        if found is None:
            self._mask_count += 1
            found = self._masks[content] = Mask(self._mask_count, wanted)
        return found


def _by_zone(rows: list[Row]) -> list[Row]:
    """One of each zone in turn (upstream, ``node_tree.go``)."""
    zones: dict[tuple[str, str], list[Row]] = {}
    for row in rows:
        labels = row.node.meta.labels
        zones.setdefault((labels.get(REGION, ""), labels.get(ZONE, "")), []).append(row)
    return rows if len(zones) <= 1 else in_turn(zones.values())
