"""The nodes of a cluster as columns: what each has, what is taken of it, and of which kind it is.

Arrays are in the order in which nodes are visited: zone by zone in turn, as upstream's node tree
lists them. A change of the nodes makes them anew, when somebody next looks; a pod that comes or
goes changes one row, and notes that in a log.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import numpy.typing as npt

from simulator.cluster.kubernetes.objects.node import Node
from simulator.cluster.kubernetes.objects.placing import Taint
from simulator.cluster.kubernetes.objects.pod import Pod, Template
from simulator.cluster.kubernetes.objects.resources import resources_of

Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]

HOSTNAME = "kubernetes.io/hostname"
ZONE = "topology.kubernetes.io/zone"
REGION = "topology.kubernetes.io/region"
DEFAULT_CPU_MILLIS = 100
DEFAULT_MEMORY_BYTES = 200 << 20
"""What a container that states no request counts for in scores (``GetNonzeroRequests``)."""

HostPort = tuple[str, str, int]


class Kind:
    """What many nodes have in common: labels but for the host's name, taints, being cordoned."""

    __slots__ = ("labels", "number", "taints", "unschedulable")

    def __init__(
        self, number: int, labels: Mapping[str, str], taints: tuple[Taint, ...], cordoned: bool
    ) -> None:
        self.number = number
        self.labels = labels
        self.taints = taints
        self.unschedulable = cordoned


class Row:
    """One node and the pods that are on it, or are about to be."""

    __slots__ = (
        "cpu", "extended", "kind", "memory", "node", "nz_cpu", "nz_memory", "pods", "ports",
        "storage",
    )  # fmt: skip

    def __init__(self, node: Node, kind: Kind) -> None:
        self.node = node
        self.kind = kind
        self.pods: dict[str, Pod] = {}
        """By uid, in the order in which they came."""
        self.cpu = self.memory = self.storage = self.nz_cpu = self.nz_memory = 0
        self.extended: dict[str, int] = {}
        self.ports: dict[HostPort, int] = {}

    def add(self, pod: Pod, sign: int) -> None:
        """A pod comes (1) or goes (-1)."""
        asked = pod.template.requests
        self.cpu += sign * asked.cpu_millis
        self.memory += sign * asked.memory_bytes
        self.storage += sign * asked.ephemeral_bytes
        cpu, memory = nonzero(pod.template)
        self.nz_cpu += sign * cpu
        self.nz_memory += sign * memory
        for name, amount in asked.extended:
            self.extended[name] = self.extended.get(name, 0) + sign * amount
        for port in host_ports(pod.template):
            self.ports[port] = self.ports.get(port, 0) + sign
            if not self.ports[port]:
                del self.ports[port]
        if sign > 0:
            self.pods[pod.meta.uid] = pod
        else:
            del self.pods[pod.meta.uid]


class Columns:
    """All nodes; ``epoch`` counts how often the arrays were made anew."""

    def __init__(self) -> None:
        self.rows: dict[str, Row] = {}
        self.epoch = 0
        self.log: list[int] = []
        """Places of rows that changed since the arrays were made."""
        self.order: list[Row] = []
        self.places: dict[str, int] = {}
        self.kinds: list[Kind] = []
        self._stale = True
        self._kinds: dict[tuple[object, ...], Kind] = {}
        self._domains: dict[str, tuple[Ints, list[str]]] = {}

    # --- changing ---------------------------------------------------------------------------------

    def put(self, node: Node) -> None:
        """A node is there, or is another than before."""
        kind = self._kind(node)
        row = self.rows.get(node.name)
        if row is None:
            self.rows[node.name] = Row(node, kind)
            self._stale = True
            return
        before = row.node
        row.node = node
        if row.kind is not kind or before.status.allocatable != node.status.allocatable:
            row.kind = kind
            self._stale = True

    def drop(self, name: str) -> Row | None:
        """A node is gone."""
        self._stale = True
        return self.rows.pop(name, None)

    def add(self, pod: Pod, node: str) -> None:
        """A pod is on a node from now on."""
        row = self.rows.get(node)
        if row is not None and pod.meta.uid not in row.pods:
            row.add(pod, 1)
            self._note(node, row)

    def remove(self, pod: Pod, node: str) -> None:
        """A pod is on it no more."""
        row = self.rows.get(node)
        if row is not None and pod.meta.uid in row.pods:
            row.add(pod, -1)
            self._note(node, row)

    def _note(self, node: str, row: Row) -> None:
        if self._stale:
            return
        place = self.places[node]
        self.used_cpu[place], self.used_memory[place] = row.cpu, row.memory
        self.used_storage[place], self.used_pods[place] = row.storage, len(row.pods)
        self.nz_cpu[place], self.nz_memory[place] = row.nz_cpu, row.nz_memory
        for name, amount in row.extended.items():
            self.extended_of(name)[1][place] = amount
        self.log.append(place)

    def _kind(self, node: Node) -> Kind:
        labels = {key: value for key, value in node.meta.labels.items() if key != HOSTNAME}
        key = (tuple(sorted(labels.items())), node.spec.taints, node.spec.unschedulable)
        kind = self._kinds.get(key)
        if kind is None:
            kind = Kind(len(self._kinds), labels, node.spec.taints, node.spec.unschedulable)
            self._kinds[key] = kind
            self.kinds.append(kind)
        return kind

    # --- the arrays -------------------------------------------------------------------------------

    def __len__(self) -> int:
        return len(self.rows)

    def refresh(self) -> None:
        """Make the arrays anew, where nodes have changed."""
        if not self._stale:
            return
        self._stale = False
        self.epoch += 1
        self.order = _by_zone(list(self.rows.values()))
        self.places = {row.node.name: place for place, row in enumerate(self.order)}
        self.log = []
        self._domains = {}
        self._extended: dict[str, tuple[Ints, Ints]] = {}
        rows = self.order
        had = [row.node.status.allocatable for row in rows]
        self.cpu = _ints([one.cpu_millis for one in had])
        self.memory = _ints([one.memory_bytes for one in had])
        self.storage = _ints([one.ephemeral_bytes for one in had])
        self.most_pods = _ints([one.pods for one in had])
        self.used_cpu = _ints([row.cpu for row in rows])
        self.used_memory = _ints([row.memory for row in rows])
        self.used_storage = _ints([row.storage for row in rows])
        self.used_pods = _ints([len(row.pods) for row in rows])
        self.nz_cpu = _ints([row.nz_cpu for row in rows])
        self.nz_memory = _ints([row.nz_memory for row in rows])
        self.kind = _ints([row.kind.number for row in rows])

    def extended_of(self, name: str) -> tuple[Ints, Ints]:
        """What nodes have and what is taken of an extended resource."""
        found = self._extended.get(name)
        if found is None:
            rows = self.order
            found = self._extended[name] = (
                _ints([row.node.status.allocatable.amount(name) for row in rows]),
                _ints([row.extended.get(name, 0) for row in rows]),
            )
        return found

    def domains(self, key: str) -> tuple[Ints, list[str]]:
        """The domain of each node by a topology key (-1: it has none), and their names."""
        found = self._domains.get(key)
        if found is None:
            numbers: dict[str, int] = {}
            places = []
            for row in self.order:
                value = row.node.meta.labels.get(key)
                places.append(-1 if value is None else numbers.setdefault(value, len(numbers)))
            found = self._domains[key] = _ints(places), list(numbers)
        return found


def _ints(values: list[int]) -> Ints:
    return np.array(values, dtype=np.int64)


def _by_zone(rows: list[Row]) -> list[Row]:
    """One of each zone in turn (upstream, ``node_tree.go``)."""
    zones: dict[tuple[str, str], list[Row]] = {}
    for row in rows:
        labels = row.kind.labels
        zones.setdefault((labels.get(REGION, ""), labels.get(ZONE, "")), []).append(row)
    if len(zones) <= 1:
        return rows
    found = []
    for turn in range(max(map(len, zones.values()))):
        found += [rows_[turn] for rows_ in zones.values() if turn < len(rows_)]
    return found


def nonzero(template: Template) -> tuple[int, int]:
    """CPU in millicores and memory in bytes that a pod counts for in scores."""
    asked = template.requests
    if (
        asked.cpu_millis
        and asked.memory_bytes
        and all(
            "cpu" in one.resources.requests and "memory" in one.resources.requests
            for one in template.spec.containers
        )
    ):
        return asked.cpu_millis, asked.memory_bytes
    return _nonzero(template)


def _nonzero(template: Template) -> tuple[int, int]:
    cpu = memory = 0
    for one in template.spec.containers:
        stated = resources_of(one.resources.requests)
        cpu += stated.cpu_millis if "cpu" in one.resources.requests else DEFAULT_CPU_MILLIS
        memory += (
            stated.memory_bytes if "memory" in one.resources.requests else DEFAULT_MEMORY_BYTES
        )
    over = resources_of(template.spec.overhead)
    most = template.requests
    return (
        max(cpu + over.cpu_millis, most.cpu_millis),
        max(memory + over.memory_bytes, most.memory_bytes),
    )


def host_ports(template: Template) -> tuple[HostPort, ...]:
    """Ports of the node itself that a pod wants: address, protocol, number."""
    found = []
    for one in template.spec.containers:
        for port in one.ports:
            number = port.host_port or (port.container_port if template.spec.host_network else 0)
            if number:
                found.append((port.host_ip or "0.0.0.0", port.protocol, number))
    return tuple(found)


def ports_conflict(wanted: tuple[HostPort, ...], taken: Mapping[HostPort, int]) -> bool:
    """Whether a port is taken: the same number and protocol at the same address, or at any."""
    for address, protocol, number in wanted:
        for other, its_protocol, its_number in taken:
            same = (protocol, number) == (its_protocol, its_number)
            if same and ("0.0.0.0" in (address, other) or address == other):
                return True
    return False
