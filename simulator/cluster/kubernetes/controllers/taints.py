"""Taint eviction: pods that do not tolerate a NoExecute taint go, at once or after a time."""

from __future__ import annotations

from collections.abc import Iterable
from math import inf

from msgspec.structs import replace

from simulator.cluster.kubernetes.controllers.conditions import set_condition
from simulator.cluster.kubernetes.controllers.nodes import Nodes
from simulator.cluster.kubernetes.objects.meta import Key
from simulator.cluster.kubernetes.objects.node import Node
from simulator.cluster.kubernetes.objects.placing import Taint, Toleration
from simulator.cluster.kubernetes.objects.pod import Pod
from simulator.cluster.queue import WorkQueue
from simulator.engine.calendar import Entry

BY_DEFAULT_S = 300
DEFAULTS = tuple(
    Toleration(f"node.kubernetes.io/{word}", "Exists", "", "NoExecute", BY_DEFAULT_S)
    for word in ("not-ready", "unreachable")
)
"""What a pod tolerates that says nothing of these (``DefaultTolerationSeconds``)."""
SOURCE = "taint-eviction-controller"


class TaintEviction:
    """Deletes pods that a taint drives out."""

    def __init__(self, nodes: Nodes) -> None:
        self.nodes = nodes
        self.server = nodes.server
        self.sim = nodes.sim
        self.queue = WorkQueue(self.sim, self._look)
        self._due: dict[Key, Entry] = {}
        self._tainted: dict[str, None] = {}
        self.server.store.watch(Node, self._node_changed)
        self.server.store.watch(Pod, self._pod_changed)

    def _node_changed(self, old: Node | None, new: Node | None) -> None:
        if new is None:
            if old is not None:
                self._tainted.pop(old.name, None)
            return
        before = () if old is None else _driving(old)
        if _driving(new) == before:
            return
        if _driving(new):
            self._tainted[new.name] = None
        else:
            self._tainted.pop(new.name, None)
        for key in self.nodes.pods.get(new.name, ()):
            self.queue.add(key)

    def _pod_changed(self, old: Pod | None, new: Pod | None) -> None:
        if new is None:
            if old is not None:
                self._cancel(old.key)
        elif new.node in self._tainted and (old is None or not old.node):
            self.queue.add(new.key)

    def _cancel(self, key: Key) -> bool:
        entry = self._due.pop(key, None)
        if entry is not None:
            entry.cancel()
        return entry is not None

    # --- one pod ----------------------------------------------------------------------------------

    def _look(self, key: Key) -> None:
        pod = self.server.store.get(Pod, *key)
        node = None if pod is None else self.server.store.get(Node, "", pod.node)
        if pod is None or node is None or pod.deleting or pod.status.over:
            return
        left = stays_s(pod, _driving(node))
        if left == inf:
            if self._cancel(key):
                text = f"Cancelling deletion of Pod {pod.namespace}/{pod.name}"
                self.server.recorder.event(pod, "Normal", "TaintManagerEviction", text, SOURCE)
        elif key not in self._due:
            self._due[key] = self.sim.at(self.sim.now + left, self._evict, key, pod.meta.uid)

    def _evict(self, key: Key, uid: str) -> None:
        self._due.pop(key, None)
        pod = self.server.store.get(Pod, *key)
        if pod is None or pod.meta.uid != uid or pod.deleting:
            return
        text = f"Marking for deletion Pod {pod.namespace}/{pod.name}"
        self.server.recorder.event(pod, "Normal", "TaintManagerEviction", text, SOURCE)
        conditions = set_condition(
            pod.status.conditions, "DisruptionTarget", "True", "DeletionByTaintManager",
            "Taint manager: deleting due to NoExecute taint", self.sim.now,
        )  # fmt: skip
        pod = self.server.update_status(pod, replace(pod.status, conditions=conditions))
        self.server.delete(pod)


def stays_s(pod: Pod, taints: Iterable[Taint]) -> float:
    """For how long a pod may stay beside taints: the shortest time that it tolerates one."""
    left = inf
    for taint in taints:
        stated = [one for one in pod.spec.tolerations if one.tolerates(taint)]
        used = stated or [one for one in DEFAULTS if one.tolerates(taint)]
        if not used:
            return 0.0
        times = [one.toleration_seconds for one in used if one.toleration_seconds is not None]
        left = min([left, *(max(0.0, float(time)) for time in times)])
    return left


def _driving(node: Node) -> tuple[Taint, ...]:
    return tuple(one for one in node.spec.taints if one.effect == "NoExecute")
