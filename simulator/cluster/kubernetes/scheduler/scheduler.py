"""The scheduler of a cluster: watches pods and nodes, decides, binds, preempts."""

from __future__ import annotations

from collections.abc import Mapping

from msgspec.structs import replace

from simulator.cluster.kubernetes.events import PodScheduled
from simulator.cluster.kubernetes.objects.meta import Condition, Key
from simulator.cluster.kubernetes.objects.networking import Service
from simulator.cluster.kubernetes.objects.node import Namespace, Node
from simulator.cluster.kubernetes.objects.pod import Pod
from simulator.cluster.kubernetes.profile import Profile
from simulator.cluster.kubernetes.scheduler.budgets import Budgets, Stated
from simulator.cluster.kubernetes.scheduler.columns import Columns
from simulator.cluster.kubernetes.scheduler.config import DEFAULT, Config
from simulator.cluster.kubernetes.scheduler.counting import Counting
from simulator.cluster.kubernetes.scheduler.cycle import Cycle
from simulator.cluster.kubernetes.scheduler.defaults import DefaultSelectors
from simulator.cluster.kubernetes.scheduler.diagnosis import Diagnosis
from simulator.cluster.kubernetes.scheduler.explaining import Explanation, explain
from simulator.cluster.kubernetes.scheduler.hints import Hints
from simulator.cluster.kubernetes.scheduler.pending import Pending, Waiting
from simulator.cluster.kubernetes.scheduler.plugin import State, Verdict
from simulator.cluster.kubernetes.scheduler.plugins.volume_binding import Claims
from simulator.cluster.kubernetes.scheduler.preemption import Preemption, Search
from simulator.cluster.kubernetes.scheduler.reserving import TOO_LATE, Reservations
from simulator.cluster.kubernetes.scheduler.trial import Trial, would_fit
from simulator.cluster.kubernetes.scheduler.victims import Victims
from simulator.cluster.kubernetes.server.server import Server

NAME = "default-scheduler"
BATCH = 200
"""Pods that are decided at one instant; then a moment passes, so that a frame never waits."""
MOMENT_S = 0.001
GATED = "Scheduling is blocked due to non-empty scheduling gates"


class Scheduler:
    """One scheduler for all pods that name it, or none."""

    def __init__(
        self,
        server: Server,
        profile: Profile,
        seed: int,
        budgets: Budgets | None = None,
        config: Config = DEFAULT,
    ) -> None:
        self.server = server
        self.sim = server.sim
        self.store = server.store
        self.columns = Columns()
        counting = Counting(self.columns, self._namespace_labels)
        self.state = State(self.columns, counting, profile, config)
        self.defaults = DefaultSelectors(self.store)
        self.cycle = Cycle(self.state, seed, self.defaults.of)
        self.preemption = Preemption(self.cycle, budgets or Stated())
        self.hints = Hints(counting, self.cycle.spread.reader)
        self.pending = Pending(
            self.sim, profile.unschedulable_flush_s, self._work, self.hints.matters
        )
        self.reserved = Reservations(self.sim, self.state, self._too_late)
        self.store.watch(Node, self._node_changed)
        self.store.watch(Pod, self._pod_changed)
        self.store.watch(Service, self._service_changed)
        self.store.watch(Namespace, self._namespace_changed)
        self.store.table("PodDisruptionBudget").watchers.append(self._budget_changed)

    def _namespace_labels(self, name: str) -> Mapping[str, str]:
        found = self.store.get(Namespace, "", name)
        return {} if found is None else found.meta.labels

    # --- what changes -----------------------------------------------------------------------------

    def _service_changed(self, old: Service | None, new: Service | None) -> None:
        if old is None or new is None or old.spec.selector != new.spec.selector:
            self.defaults.clear()
            self.cycle.spread.reader.forget()

    def _namespace_changed(self, old: Namespace | None, new: Namespace | None) -> None:
        before = {} if old is None else old.meta.labels
        after = {} if new is None else new.meta.labels
        if before != after and self.state.counting.by_namespace:
            self.state.counting.again()
            self.pending.move_all()

    def _budget_changed(self, old: object, new: object) -> None:
        self.preemption.runs.budgets_changed()

    def _node_changed(self, old: Node | None, new: Node | None) -> None:
        if new is None:
            if old is not None:
                for key in self.reserved.on(old.name):
                    self._again(key)
                self.columns.drop(old.name)
                self.pending.happened("node-gone")
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
        self.state.images.here(node, image, size_bytes)

    def image_gone(self, node: str, image: str) -> None:
        """A node has it no more."""
        self.state.images.gone(node, image)

    def use_claims(self, claims: Claims) -> None:
        """Who knows the volumes of the cluster."""
        self.cycle.volumes.claims = claims

    def claims_changed(self) -> None:
        """Volumes, claims or classes changed: pods that wait for some are tried again."""
        self.pending.happened("claim-changed")

    def volumes_bound(self, key: Key) -> None:
        """A claim of a pod was bound: it has its node when all of them are."""
        if key in self.reserved:
            self.sim.at(self.sim.now, self._volumes_bound, key)

    def _volumes_bound(self, key: Key) -> None:
        pod, claims = self.store.get(Pod, *key), self.cycle.volumes.claims
        if key in self.reserved and pod is not None and claims is not None and claims.bound(pod):
            self._place_at(pod, self.reserved.give_up(key))

    def _too_late(self, key: Key) -> None:
        pod = self.store.get(Pod, *key)
        if pod is not None:
            self.server.recorder.event(pod, "Warning", "FailedScheduling", TOO_LATE, NAME)
        self._again(key)

    def _again(self, key: Key) -> None:
        """Its place is not kept any more: it looks for another one."""
        pod = self.store.get(Pod, *key)
        if self.reserved.give_up(key) and pod is not None and not pod.node:
            self.pending.add(pod)
            self.pending.happened("pod-gone", pod)

    # --- pods -------------------------------------------------------------------------------------

    def _pod_changed(self, old: Pod | None, new: Pod | None) -> None:
        was, now = _place(old), _place(new)
        if new is not None and was and was == now:
            self.state.update(new, now)  # most writes: it is where it was
            return
        self._moved(old, new, was, now)
        if new is None or new.node or new.status.over or new.deleting:
            pod = new if new is not None else old
            if pod is not None and (old is None or not old.node):
                self._settled(pod)
                if self.reserved.give_up(pod.key):
                    self.pending.happened("pod-gone", pod)
        elif new.key in self.reserved:
            return
        elif new.template.spec.scheduler_name == NAME:
            self._waits(old, new)

    def _moved(self, old: Pod | None, new: Pod | None, was: str, now: str) -> None:
        if old is not None and was:
            self.state.remove(old, was)
        if new is not None and now:
            self.state.add(new, now)
            self.pending.happened("pod-placed", new)
        if old is not None and was:
            self.pending.happened("pod-gone", old)

    def _waits(self, old: Pod | None, new: Pod) -> None:
        if new.template.spec.scheduling_gates:
            if old is None or not old.template.spec.scheduling_gates:
                self.sim.at(self.sim.now, self._mark, new.key, "SchedulingGated", GATED, "")
        elif old is None:
            self.pending.add(new)
        elif old.meta is not new.meta or old.template is not new.template:
            self.pending.changed(new)
        else:
            self.pending.add(new)

    def _settled(self, pod: Pod) -> None:
        """A pod waits for no node any more."""
        self.pending.drop(pod.key)
        if self.cycle.unnominate(pod):
            self.pending.happened("pod-gone", pod)

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
        decision = self.cycle.schedule(pod, self.cycle.nominations.node_of(pod))
        if decision.node:
            self._bind(pod, decision.node)
        elif decision.diagnosis is not None:
            self._in_vain(waiting, decision.diagnosis)

    def _bind(self, pod: Pod, node: str) -> None:
        self._settled(pod)
        claims = self.cycle.volumes.claims
        if claims is not None and pod.template.spec.volumes and not claims.bound(pod):
            self.reserved.keep(pod, node)
            claims.bind(pod, node)
        else:
            self._place_at(pod, node)

    def _place_at(self, pod: Pod, node: str) -> None:
        title = f"{pod.namespace}/{pod.name}"
        text = f"Successfully assigned {title} to {node}"
        self.server.recorder.event(pod, "Normal", "Scheduled", text, NAME)
        self.sim.emit(PodScheduled(title, node))
        self.server.bind(pod, node)

    def _in_vain(self, waiting: Waiting, diagnosis: Diagnosis) -> None:
        pod = waiting.pod
        self.pending.refused(waiting, diagnosis.plugins)
        message, nominee = diagnosis.message, ""
        if diagnosis.nodes:
            search = self.preemption.search(pod, diagnosis)
            message += f" {search.message}" if search.message else ""
            nominee = self._preempt(pod, search)
        self.server.recorder.event(pod, "Warning", "FailedScheduling", message, NAME)
        self._mark(pod.key, "Unschedulable", message, nominee)

    def _preempt(self, pod: Pod, search: Search) -> str:
        """The node to which a pod is nominated from now on."""
        if search.keeps:
            return self.cycle.nominations.node_of(pod)
        if search.victims is None:
            self.cycle.unnominate(pod)
            return ""
        node = search.victims.node
        for one in self.cycle.nominations.less(pod, node):
            self._displaced(one)
        self.cycle.nominate(pod, node)
        self._end(pod, search.victims)
        return node

    def _displaced(self, pod: Pod) -> None:
        """Somebody more important comes to its node: it looks for another one."""
        self.cycle.unnominate(pod)
        now = self.store.get(Pod, *pod.key)
        if now is not None and now.status.nominated_node:
            self.server.update_status(now, replace(now.status, nominated_node=""))
            self.pending.changed(now)

    def _end(self, pod: Pod, victims: Victims) -> None:
        text = f"{NAME}: preempting to accommodate a higher priority pod"
        why = Condition(
            "DisruptionTarget", "True", "PreemptionByScheduler", text, self.sim.now, self.sim.now
        )
        for victim in victims.pods:
            now = self.store.get(Pod, *victim.key)
            if now is None or now.deleting:
                continue
            conditions = (*now.status.conditions, why)
            now = self.server.update_status(now, replace(now.status, conditions=conditions))
            said = f"Preempted by pod {pod.meta.uid} on node {victims.node}"
            self.server.recorder.event(now, "Normal", "Preempted", said, NAME)
            self.server.delete(now)

    def _mark(self, key: Key, reason: str, message: str, nominee: str) -> None:
        pod = self.store.get(Pod, *key)
        if pod is None or pod.node:
            return
        status = pod.status
        known = status.unschedulable_reason, status.unschedulable, status.nominated_node
        if known != (reason, message, nominee):
            changed = replace(
                status, unschedulable_reason=reason, unschedulable=message, nominated_node=nominee
            )
            self.store.put(replace(pod, status=changed))

    # --- what others ask --------------------------------------------------------------------------

    def explain(self, pod: Pod) -> Explanation:
        """What is thought of every node for a pod that is not placed (or as if it were not)."""
        node = _place(pod)
        columns = self.columns
        columns.refresh()
        placed, row = columns.find(pod, node), columns.rows.get(node)
        if placed is None or row is None:
            return explain(self.cycle, pod)
        place, before = columns.places[node], dict(row.pods)
        self.cycle.put(placed, place, node, -1)
        try:
            return explain(self.cycle, pod)
        finally:
            self.cycle.put(placed, place, node, 1)
            row.pods = before

    def would_fit(self, pod: Pod, node: Node) -> Verdict | None:
        """Why a new node of this shape would not take a pod; None: it would."""
        return would_fit(self.cycle, pod, node)

    def trial(self) -> Trial:
        """Nodes and pods as if they were there; whoever asks closes it at the same instant."""
        return Trial(self.cycle)


def _place(pod: Pod | None) -> str:
    """The node that a pod takes room on; nothing where it takes none."""
    return "" if pod is None or pod.status.over else pod.node
