"""Disruption budgets: their counts, kept pod by pod, and evictions, which they may refuse.

upstream: ``pkg/controller/disruption`` and the eviction subresource of pods.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeAlias

import msgspec
from msgspec.structs import replace

from simulator.cluster.kubernetes.api.errors import ApiError, too_many_requests
from simulator.cluster.kubernetes.controllers.conditions import set_condition
from simulator.cluster.kubernetes.controllers.rolling import scaled
from simulator.cluster.kubernetes.objects.meta import Key
from simulator.cluster.kubernetes.objects.pod import Pod
from simulator.cluster.kubernetes.objects.policy import BudgetStatus, PodDisruptionBudget
from simulator.cluster.kubernetes.server.server import Server
from simulator.cluster.queue import WorkQueue

REFUSED = "Cannot evict pod as it would violate the pod's disruption budget."
SEVERAL = (
    "This pod has more than one PodDisruptionBudget, which the eviction subresource does not "
    "support."
)


Above: TypeAlias = tuple[str, str, str]
"""Kind, namespace and name of an owner."""


class Tally(msgspec.Struct):
    """The pods of a budget."""

    pods: int = 0
    healthy: int = 0
    owners: dict[Above, int] = msgspec.field(default_factory=dict)
    """How many pods of each owner; pods of nobody by nothing."""

    def add(self, pod: Pod, sign: int) -> None:
        """One more, or one less."""
        self.pods += sign
        self.healthy += sign * (pod.status.ready and not pod.deleting)
        owner = pod.meta.controller
        key = ("", "", "") if owner is None else (owner.kind, pod.namespace, owner.name)
        self.owners[key] = self.owners.get(key, 0) + sign
        if not self.owners[key]:
            del self.owners[key]


class Disruptions:
    """The controller of budgets, and who is asked before an eviction."""

    def __init__(self, server: Server) -> None:
        self.server = server
        self.sim = server.sim
        self.queue = WorkQueue(self.sim, self.sync)
        self._tallies: dict[str, Tally] = {}
        self._by_label: dict[tuple[str, str, str], dict[Key, None]] = {}
        """Budgets by namespace and one label that they ask for; by no label where they ask none."""
        server.store.watch(PodDisruptionBudget, self._changed)
        server.store.watch(Pod, self._pod_changed)

    def _changed(self, old: PodDisruptionBudget | None, new: PodDisruptionBudget | None) -> None:
        if old is not None:
            self._by_label.get(_label(old), {}).pop(old.key, None)
        if new is None:
            if old is not None:
                self._tallies.pop(old.meta.uid, None)
            return
        self._by_label.setdefault(_label(new), {})[new.key] = None
        if old is None or old.spec.selector != new.spec.selector:
            tally = self._tallies[new.meta.uid] = Tally()
            for pod in self.server.store.within(Pod, new.namespace).values():
                if selects(new, pod):
                    tally.add(pod, 1)
        if old is None or old.data is not new.data:
            self.queue.add(new.key)

    def _pod_changed(self, old: Pod | None, new: Pod | None) -> None:
        pod = new if new is not None else old
        if not self._tallies or pod is None:
            return
        if old is not None and new is not None and _same(old, new):
            return
        about = self.of(pod)
        if old is not None and new is not None and old.meta.labels is not new.meta.labels:
            about += [one for one in self.of(old) if one not in about]
        for one in about:
            tally = self._tallies[one.meta.uid]
            for each, sign in ((old, -1), (new, 1)):
                if each is not None and selects(one, each):
                    tally.add(each, sign)
                    self.queue.add(one.key)

    # --- counting ---------------------------------------------------------------------------------

    def sync(self, key: Key) -> None:
        """Say how many pods there are, and how many may go."""
        one = self.server.store.get(PodDisruptionBudget, *key)
        if one is None:
            return
        disrupted = self._still_going(one)
        status = self._status(one, disrupted)
        if status != one.status:
            self.server.update_status(one, status)

    def _still_going(self, one: PodDisruptionBudget) -> dict[str, float]:
        """Pods whose eviction was let through, and which are not on their way out yet."""
        found = {}
        for name, since in one.status.disrupted_pods.items():
            pod = self.server.store.get(Pod, one.namespace, name)
            if pod is not None and not pod.deleting and self.sim.now - since < 120.0:
                found[name] = since
        return found

    def _status(self, one: PodDisruptionBudget, disrupted: dict[str, float]) -> BudgetStatus:
        tally = self._tallies[one.meta.uid]
        expected, desired = self._wanted(one, tally)
        healthy = tally.healthy - len(disrupted)
        allowed = max(0, healthy - desired) if expected > 0 else 0
        reason, state = ("SufficientPods", "True") if allowed else ("InsufficientPods", "False")
        conditions = set_condition(
            one.status.conditions, "DisruptionAllowed", state, reason, "", self.sim.now
        )
        return BudgetStatus(
            one.meta.generation, allowed, healthy, desired, expected, conditions, disrupted
        )

    def _wanted(self, one: PodDisruptionBudget, tally: Tally) -> tuple[int, int]:
        """Pods that there should be, and how many of them must be healthy."""
        spec = one.spec
        if spec.max_unavailable is not None:
            expected = self._expected(tally)
            return expected, max(0, expected - scaled(spec.max_unavailable, expected, up=True))
        if isinstance(spec.min_available, str):
            expected = self._expected(tally)
            return expected, scaled(spec.min_available, expected, up=True)
        return tally.pods, spec.min_available if spec.min_available is not None else 1

    def _expected(self, tally: Tally) -> int:
        """As many as those who own the pods want."""
        return sum(self._scale(above, count) for above, count in tally.owners.items())

    def _scale(self, above: Above, count: int) -> int:
        one = self.server.store.find(*above) if above[0] else None
        wanted = getattr(getattr(one, "spec", None), "replicas", None)
        return count if wanted is None else int(wanted)

    # --- evictions --------------------------------------------------------------------------------

    def evict(self, pod: Pod, grace_s: float | None = None) -> None:
        """Delete a pod, if its budget lets it go; ApiError where it does not."""
        budgets = self.of(pod)
        if not (pod.status.over or pod.status.phase == "Pending" or pod.deleting):
            if len(budgets) > 1:
                raise ApiError(500, "InternalError", SEVERAL)
            if budgets and not self._free(budgets[0], pod):
                self._take(budgets[0], pod)
        status = pod.status
        text = "Eviction API: evicting"
        conditions = set_condition(
            status.conditions, "DisruptionTarget", "True", "EvictionByEvictionAPI", text,
            self.sim.now,
        )  # fmt: skip
        self.server.update_status(pod, replace(status, conditions=conditions))
        self.server.delete(pod, grace_s)

    def of(self, pod: Pod) -> list[PodDisruptionBudget]:
        """The budgets that are about a pod."""
        if not self._by_label:
            return []
        words = [(pod.namespace, *pair) for pair in pod.meta.labels.items()]
        keys = [
            key
            for word in (*words, (pod.namespace, "", ""))
            for key in self._by_label.get(word, ())
        ]
        found = [self.server.store.get(PodDisruptionBudget, *key) for key in keys]
        return [one for one in found if one is not None and selects(one, pod)]

    def _free(self, one: PodDisruptionBudget, pod: Pod) -> bool:
        """Whether an unhealthy pod may go, whatever is allowed."""
        if pod.status.ready:
            return False
        if one.spec.unhealthy_pod_eviction_policy == "AlwaysAllow":
            return True
        return one.status.current_healthy >= one.status.desired_healthy > 0

    def _take(self, one: PodDisruptionBudget, pod: Pod) -> None:
        status = one.status
        if status.observed_generation < one.meta.generation or status.disruptions_allowed <= 0:
            raise too_many_requests(REFUSED)
        disrupted = {**status.disrupted_pods, pod.name: self.sim.now}
        self.server.update_status(
            one,
            replace(
                status,
                disruptions_allowed=status.disruptions_allowed - 1,
                disrupted_pods=disrupted,
            ),
        )

    # --- what preemption asks ---------------------------------------------------------------------

    def broken_by(self, pods: Sequence[Pod]) -> list[bool]:
        """Which of some pods cannot go, in this order, without breaking a budget."""
        left: dict[str, int] = {}
        return [self._breaks(pod, left) for pod in pods]

    def _breaks(self, pod: Pod, left: dict[str, int]) -> bool:
        broken = False
        for one in self.of(pod) if pod.meta.labels else ():
            if pod.name in one.status.disrupted_pods:
                continue
            count = left.get(one.meta.uid, one.status.disruptions_allowed) - 1
            left[one.meta.uid] = count
            broken = broken or count < 0
        return broken


def _label(one: PodDisruptionBudget) -> tuple[str, str, str]:
    """By which label the pods of a budget are looked for."""
    selector = one.spec.selector
    for key, value in selector.match_labels.items() if selector is not None else ():
        return one.namespace, key, value
    return one.namespace, "", ""


def selects(one: PodDisruptionBudget, pod: Pod) -> bool:
    """Whether a budget is about a pod; an empty selector means every pod, none means no pod."""
    selector = one.spec.selector
    return (
        selector is not None
        and one.namespace == pod.namespace
        and selector.matches(pod.meta.labels)
    )


def _same(old: Pod, new: Pod) -> bool:
    return old.meta is new.meta and old.status.ready == new.status.ready
