"""One node as the scheduler keeps it, with the pods on it; and what many have in common."""

from __future__ import annotations

from collections.abc import Mapping

from simulator.cluster.kubernetes.objects.node import Node
from simulator.cluster.kubernetes.objects.placing import Taint
from simulator.cluster.kubernetes.objects.pod import Pod
from simulator.cluster.kubernetes.scheduler.asked import AskedBy, HostPort


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
    """One node and the pods that are on it."""

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

    def add(self, pod: Pod, asked: AskedBy, sign: int) -> None:
        """A pod comes (1) or goes (-1)."""
        own = asked(pod.template)
        self.cpu += sign * own.cpu
        self.memory += sign * own.memory
        self.storage += sign * own.storage
        self.nz_cpu += sign * own.nonzero_cpu
        self.nz_memory += sign * own.nonzero_memory
        for name, amount in own.extended:
            self.extended[name] = self.extended.get(name, 0) + sign * amount
        for port in own.ports:
            self.ports[port] = self.ports.get(port, 0) + sign
            if not self.ports[port]:
                del self.ports[port]
        if sign > 0:
            self.pods[pod.meta.uid] = pod
        else:
            del self.pods[pod.meta.uid]


def amount_of(row: Row, name: str, nonzero: bool) -> tuple[int, int]:
    """What one node has and what is taken of a resource, from its row."""
    had = row.node.status.allocatable
    if name == "cpu":
        return had.cpu_millis, row.nz_cpu if nonzero else row.cpu
    if name == "memory":
        return had.memory_bytes, row.nz_memory if nonzero else row.memory
    if name == "ephemeral-storage":
        return had.ephemeral_bytes, row.storage
    return had.amount(name), row.extended.get(name, 0)
