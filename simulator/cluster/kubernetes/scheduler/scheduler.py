"""The scheduler of a cluster: watches pods and nodes, decides, binds, preempts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Protocol

from msgspec.structs import replace

from simulator.cluster.kubernetes.events import PodScheduled
from simulator.cluster.kubernetes.objects.meta import Key
from simulator.cluster.kubernetes.objects.networking import Service
from simulator.cluster.kubernetes.objects.node import Namespace, Node
from simulator.cluster.kubernetes.objects.pod import Pod
from simulator.cluster.kubernetes.profile import Profile
from simulator.cluster.kubernetes.scheduler.columns import Columns
from simulator.cluster.kubernetes.scheduler.counting import Counting
from simulator.cluster.kubernetes.scheduler.cycle import Cycle, Diagnosis, NodeView
from simulator.cluster.kubernetes.scheduler.defaults import DefaultSelectors
from simulator.cluster.kubernetes.scheduler.image_locality import normal
from simulator.cluster.kubernetes.scheduler.pending import Pending, Waiting
from simulator.cluster.kubernetes.scheduler.plugin import State
from simulator.cluster.kubernetes.scheduler.preemption import Preemption, Victims
from simulator.cluster.kubernetes.server.server import Server

NAME = "default-scheduler"
BATCH = 500
"""Pods that are decided at one instant; then a moment passes, so that a frame never waits."""
MOMENT_S = 0.001


class Budgets(Protocol):
    """Who knows which disruptions are allowed."""

    def broken_by(self, pods: Sequence[Pod]) -> list[bool]:
        """Which of some pods cannot go, in this order, without breaking a budget."""


class Scheduler:
    """One scheduler for all pods that name it, or none."""

    def __init__(
        self, server: Server, profile: Profile, seed: int, budgets: Budgets | None = None
    ) -> None:
        self.server = server
        self.sim = server.sim
        self.store = server.store
        self.columns = Columns()
        counting = Counting(self.columns, self._namespace_labels)
        self.state = State(self.columns, counting, profile)
        self.defaults = DefaultSelectors(self.store)
        self.cycle = Cycle(self.state, seed, self.defaults.of)
        self.budgets = budgets
        self.preemption = Preemption(self.cycle, self._breaks)
        self.pending = Pending(self.sim, profile.unschedulable_flush_s, self._work)
        self._nominated: dict[Key, tuple[str, Pod]] = {}
        self._priorities: dict[int, int] = {}
        """How many placed pods there are of each priority."""
        self.store.watch(Node, self._node_changed)
        self.store.watch(Pod, self._pod_changed)
        self.store.watch(Service, self._service_changed)

    def _namespace_labels(self, name: str) -> Mapping[str, str]:
        found = self.store.get(Namespace, "", name)
        return {} if found is None else found.meta.labels

    def _breaks(self, pods: Sequence[Pod]) -> list[bool]:
        return [False] * len(pods) if self.budgets is None else self.budgets.broken_by(pods)

    # --- what changes -----------------------------------------------------------------------------

    def _service_changed(self, old: Service | None, new: Service | None) -> None:
        if old is None or new is None or old.spec.selector != new.spec.selector:
            self.defaults.clear()
            self.cycle.spread.defaults_changed()

    def _node_changed(self, old: Node | None, new: Node | None) -> None:
        if new is None:
            if old is not None:
                self.columns.drop(old.name)
            return
        self.columns.put(new)
        if old is None:
            self.pending.happened("node-added")
        elif (
            old.meta.labels != new.meta.labels
            or old.spec != new.spec
            or old.status.allocatable != new.status.allocatable
        ):
            self.pending.happened("node-changed")

    def image_here(self, node: str, image: str, size_bytes: int) -> None:
        """A node has an image from now on."""
        self.state.images.setdefault(normal(image), (size_bytes, {}))[1][node] = None

    def image_gone(self, node: str, image: str) -> None:
        """A node has it no more."""
        known = self.state.images.get(normal(image))
        if known is not None:
            known[1].pop(node, None)

    def _pod_changed(self, old: Pod | None, new: Pod | None) -> None:
        was = _place(old)
        now = _place(new)
        if was != now:
            if old is not None and was is not None:
                self._leave(old, was[0])
            if new is not None and now is not None:
                self._come(new, now[0])
            if was is not None and (now is None or now[0] != was[0]):
                self.pending.happened("pod-gone")
        if new is None or new.node or new.status.over or new.deleting:
            pod = new if new is not None else old
            if pod is not None and (old is None or not old.node):
                self._settled(pod)
            return
        if new.spec.scheduler_name != NAME:
            return
        if old is None:
            self._arrives(new)
        elif old.meta is not new.meta or old.template is not new.template:
            self.pending.changed(new)
        else:
            self.pending.add(new)

    def _arrives(self, pod: Pod) -> None:
        gates = [one.name for one in pod.spec.scheduling_gates]
        if not gates:
            self.pending.add(pod)
            return
        text = "Scheduling is blocked due to non-empty scheduling gates"
        self.sim.at(self.sim.now, self._mark, pod.key, "SchedulingGated", text, "")

    def _settled(self, pod: Pod) -> None:
        """A pod waits for no node any more."""
        self.pending.drop(pod.key)
        self._unnominate(pod.key)

    def _come(self, pod: Pod, node: str) -> None:
        self.columns.add(pod, node)
        self.state.counting.add(pod, node)
        self._priorities[pod.priority] = self._priorities.get(pod.priority, 0) + 1
        if self.state.counting.any_terms:
            self.pending.happened("pod-placed")

    def _leave(self, pod: Pod, node: str) -> None:
        self.columns.remove(pod, node)
        self.state.counting.remove(pod)
        self._priorities[pod.priority] -= 1
        if not self._priorities[pod.priority]:
            del self._priorities[pod.priority]

    # --- deciding ---------------------------------------------------------------------------------

    def _work(self) -> None:
        for _ in range(BATCH):
            waiting = self.pending.next()
            if waiting is None:
                return
            self._try(waiting)
        self.pending.later(MOMENT_S)

    def _try(self, waiting: Waiting) -> None:
        pod = waiting.pod
        self._unnominate(pod.key)
        decision = self.cycle.schedule(pod)
        if decision.node:
            self.pending.drop(pod.key)
            title = f"{pod.namespace}/{pod.name}"
            self.server.recorder.event(
                pod, "Normal", "Scheduled",
                f"Successfully assigned {title} to {decision.node}", NAME,
            )  # fmt: skip
            self.sim.emit(PodScheduled(title, decision.node))
            self.server.bind(pod, decision.node)
        elif decision.diagnosis is not None:
            self._in_vain(waiting, decision.diagnosis)

    def _in_vain(self, waiting: Waiting, diagnosis: Diagnosis) -> None:
        pod = waiting.pod
        self.pending.refused(waiting, diagnosis.plugins)
        message, nominee = diagnosis.message, ""
        if diagnosis.nodes:
            if pod.spec.preemption_policy == "Never":
                message += " preemption: not eligible due to preemptionPolicy=Never."
            else:
                victims = self._preempt(pod, diagnosis)
                message += f" {self.preemption.message(diagnosis)}" if victims is None else ""
                nominee = "" if victims is None else victims.node
        self.server.recorder.event(pod, "Warning", "FailedScheduling", message, NAME)
        self._mark(pod.key, "Unschedulable", message, nominee)

    def _preempt(self, pod: Pod, diagnosis: Diagnosis) -> Victims | None:
        if not any(one < pod.priority for one in self._priorities):
            return None
        victims = self.preemption.find(pod, diagnosis)
        if victims is None:
            return None
        for victim in victims.pods:
            text = f"Preempted by pod {pod.meta.uid} on node {victims.node}"
            self.server.recorder.event(victim, "Normal", "Preempted", text, NAME)
            self.server.delete(victim)
        self._nominate(pod, victims.node)
        return victims

    def _nominate(self, pod: Pod, node: str) -> None:
        """Its place is kept: what it needs counts as taken, but for itself."""
        self._nominated[pod.key] = node, pod
        self.columns.add(pod, node)

    def _unnominate(self, key: Key) -> None:
        known = self._nominated.pop(key, None)
        if known is not None:
            self.columns.remove(known[1], known[0])

    def _mark(self, key: Key, reason: str, message: str, nominee: str) -> None:
        pod = self.store.get(Pod, *key)
        if pod is None or pod.node:
            return
        status = pod.status
        known = status.unschedulable_reason, status.unschedulable, status.nominated_node
        if known == (reason, message, nominee):
            return
        self.store.put(
            replace(
                pod,
                status=replace(
                    status, unschedulable_reason=reason, unschedulable=message,
                    nominated_node=nominee,
                ),
            )
        )  # fmt: skip

    # --- what others ask --------------------------------------------------------------------------

    def explain(self, pod: Pod) -> list[NodeView]:
        """What is thought of every node for a pod that is not placed (or as if it were not)."""
        placed = _place(pod)
        if placed is None:
            return self.cycle.explain(pod)
        self.columns.remove(pod, placed[0])
        self.state.counting.remove(pod)
        try:
            return self.cycle.explain(pod)
        finally:
            self.columns.add(pod, placed[0])
            self.state.counting.add(pod, placed[0])


def _place(pod: Pod | None) -> tuple[str, bool] | None:
    """The node that a pod takes room on, and whether it is on its way out."""
    if pod is None or not pod.node or pod.status.over:
        return None
    return pod.node, pod.deleting
