"""The node lifecycle: who is not heard of any more, and which pods a taint drives out.

upstream: ``pkg/controller/nodelifecycle``, ``tainteviction`` and ``podgc``. Nothing of it runs
while all nodes are well: the moment at which the silence would be noticed is reckoned.
"""

from __future__ import annotations

from collections.abc import Mapping
from math import ceil, erf, sqrt

from msgspec.structs import replace

from simulator.cluster.kubernetes.controllers.conditions import set_condition
from simulator.cluster.kubernetes.objects.meta import Condition, Key
from simulator.cluster.kubernetes.objects.node import Node
from simulator.cluster.kubernetes.objects.placing import Taint
from simulator.cluster.kubernetes.objects.pod import Pod
from simulator.cluster.kubernetes.server.server import Server

RENEWED_S = 10.0
"""kubelet: how often a node renews its lease."""
MONITOR_S = 5.0
"""``--node-monitor-period``."""
QUARANTINE_S = 40.0
GC_S = 20.0
"""podgc: pods of a node that is gone are looked at each 20 s, and wait for 40 s."""
UNREACHABLE = "node.kubernetes.io/unreachable"
PRESSURES = {
    "MemoryPressure": "node.kubernetes.io/memory-pressure",
    "DiskPressure": "node.kubernetes.io/disk-pressure",
    "PIDPressure": "node.kubernetes.io/pid-pressure",
}
"""Taints of nodes by the conditions that they follow from."""
SILENT = ("NodeStatusUnknown", "Kubelet stopped posting node status.")
WELL: Mapping[str, tuple[str, str, str]] = {
    "MemoryPressure": (
        "False", "KubeletHasSufficientMemory", "kubelet has sufficient memory available",
    ),
    "DiskPressure": ("False", "KubeletHasNoDiskPressure", "kubelet has no disk pressure"),
    "PIDPressure": ("False", "KubeletHasSufficientPID", "kubelet has sufficient PID available"),
    "Ready": ("True", "KubeletReady", "kubelet is posting ready status"),
}  # fmt: skip


class Nodes:
    """Marks silent nodes and follows those that are gone."""

    def __init__(self, server: Server, grace_s: float) -> None:
        """``grace_s``: how long a node may be silent (``--node-monitor-grace-period``)."""
        self.server = server
        self.sim = server.sim
        self.grace_s = grace_s
        self.pods: dict[str, dict[Key, None]] = {}
        """Pods by node."""
        self._silent: dict[str, float] = {}
        server.store.watch(Pod, self._pod_changed)
        server.store.watch(Node, self._node_changed)

    def _pod_changed(self, old: Pod | None, new: Pod | None) -> None:
        if new is None:
            if old is not None and old.node:
                self.pods.get(old.node, {}).pop(old.key, None)
        elif new.node and (old is None or not old.node):
            self.pods.setdefault(new.node, {})[new.key] = None

    def _node_changed(self, old: Node | None, new: Node | None) -> None:
        if new is not None:
            if old is not None and old.status.conditions is not new.status.conditions:
                self.sim.at(self.sim.now, self._follow_pressure, new.name)
        elif old is not None:
            self._silent.pop(old.name, None)
            due = ceil((self.sim.now + QUARANTINE_S) / GC_S) * GC_S
            self.sim.at(due, self._collect, old.name)

    # --- silence ----------------------------------------------------------------------------------

    def fell_silent(self, name: str) -> None:
        """Nobody hears of a node from now on; that is noticed when its lease is too old."""
        now = self.sim.now
        (draw,) = self.sim.streams.once(f"lease/{name}").standard_normal(1)
        phase = RENEWED_S * 0.5 * (1.0 + erf(draw / sqrt(2.0)))
        renewed = now - (now - phase) % RENEWED_S
        noticed = ceil(round((renewed + self.grace_s) / MONITOR_S, 9)) * MONITOR_S
        self._silent[name] = now
        self.sim.at(max(now, noticed), self._notice, name, now)

    def _notice(self, name: str, since: float) -> None:
        node = self.server.store.get(Node, "", name)
        if node is None or self._silent.get(name) != since:
            return
        now = self.sim.now
        conditions = node.status.conditions
        for type_ in WELL:
            conditions = set_condition(conditions, type_, "Unknown", *SILENT, now)
        self._write(node, conditions)
        self._tainted(
            name,
            (Taint(UNREACHABLE, "NoSchedule", "", now), Taint(UNREACHABLE, "NoExecute", "", now)),
        )
        text = f"Node {name} status is now: NodeNotReady"
        self.server.recorder.event(node, "Normal", "NodeNotReady", text, "node-controller")
        for key in self.pods.get(name, ()):
            self._unready(key)

    def _unready(self, key: Key) -> None:
        """A pod of a silent node is to get no more requests."""
        pod = self.server.store.get(Pod, *key)
        if pod is None or not pod.status.ready:
            return
        status = replace(pod.status, ready_since=None, unready_since=self.sim.now)
        self.server.update_status(pod, status)
        self.server.recorder.event(
            pod, "Warning", "NodeNotReady", "Node is not ready", "node-controller"
        )

    def heard_again(self, name: str) -> None:
        """A node is back: it says that it is well, and nothing keeps pods away."""
        self._silent.pop(name, None)
        node = self.server.store.get(Node, "", name)
        if node is None or node.ready:
            return
        conditions = node.status.conditions
        for type_, (state, reason, message) in WELL.items():
            conditions = set_condition(conditions, type_, state, reason, message, self.sim.now)
        self._write(node, conditions)
        self._tainted(name, ())
        text = f"Node {name} status is now: NodeReady"
        self.server.recorder.event(node, "Normal", "NodeReady", text, "kubelet")

    def _write(self, node: Node, conditions: tuple[Condition, ...]) -> None:
        self.server.update_status(node, replace(node.status, conditions=conditions))

    def _tainted(self, name: str, taints: tuple[Taint, ...]) -> None:
        """A node with these taints instead of those of its silence."""
        node = self.server.store.get(Node, "", name)
        if node is not None:
            kept = tuple(one for one in node.spec.taints if one.key != UNREACHABLE)
            spec = replace(node.spec, taints=(*kept, *taints))
            self.server.update(replace(node, spec=spec))

    def _follow_pressure(self, name: str) -> None:
        """A node that is short of something takes no new pods that do not tolerate it."""
        node = self.server.store.get(Node, "", name)
        if node is None:
            return
        short = {one.type for one in node.status.conditions if one.status == "True"}
        wanted = [key for type_, key in PRESSURES.items() if type_ in short]
        had = [one.key for one in node.spec.taints if one.key in PRESSURES.values()]
        if sorted(wanted) != sorted(had):
            kept = [one for one in node.spec.taints if one.key not in had]
            taints = (*kept, *[Taint(key, "NoSchedule") for key in wanted])
            self.server.update(replace(node, spec=replace(node.spec, taints=taints)))

    # --- nodes that are gone ----------------------------------------------------------------------

    def _collect(self, name: str) -> None:
        """Pods of a node that is gone are deleted at once: no kubelet will say that they ended."""
        if self.server.store.get(Node, "", name) is not None:
            return
        for key in list(self.pods.get(name, ())):
            pod = self.server.store.get(Pod, *key)
            if pod is not None and pod.node == name:
                self.server.delete(pod, 0.0)
