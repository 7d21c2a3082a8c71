"""ReplicaSets and ReplicationControllers: so many pods alike."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from math import inf
from typing import TypeAlias

from simulator.cluster.kubernetes.controllers.conditions import set_condition
from simulator.cluster.kubernetes.controllers.crew import Count, Crews, Maker
from simulator.cluster.kubernetes.controllers.giving_up import Orders
from simulator.cluster.kubernetes.objects.meta import Condition, Key
from simulator.cluster.kubernetes.objects.pod import Pod
from simulator.cluster.kubernetes.objects.workloads import (
    ReplicaSet,
    ReplicaSetStatus,
    ReplicationController,
)
from simulator.cluster.queue import WorkQueue

AnySet: TypeAlias = ReplicaSet | ReplicationController
TOLD_EVERY_S = 1.0
"""Where nobody waits for it, how many pods are ready is told this often: kubelets look at their
containers once a second (``genericPlegRelistPeriod``), so nobody hears of it more exactly."""


class ReplicaSets:
    """The controller of one of the two kinds."""

    def __init__(self, maker: Maker, kind: type[ReplicaSet] | type[ReplicationController]) -> None:
        self.server = maker.server
        self.sim = maker.server.sim
        self.maker = maker
        self.kind = kind
        self.source = "replicaset-controller" if kind is ReplicaSet else "replication-controller"
        self.queue = WorkQueue(self.sim, self.sync)
        self.crews = Crews(maker.owned, kind.KIND, self.queue.add, self._more_ready)
        self.orders = Orders(maker, kind.KIND)
        self.matters: Callable[[AnySet, int], bool] = _when_all
        """Whether somebody waits to hear that so many pods of a set are ready."""
        self._told: dict[Key, float] = {}
        """When the status of a set was last written."""
        self.server.store.watch(kind, self._changed)
        self.server.store.watch_meta(Pod, self._pod_changed)
        self._failures: dict[Key, str] = {}
        self._loose: dict[str, dict[Key, None]] = {}
        """By namespace: pods that no controller has."""
        self._doubtful: dict[str, dict[Key, None]] = {}
        """By uid of their owner: pods whose labels changed."""

    def _changed(self, old: AnySet | None, new: AnySet | None) -> None:
        if new is None or old is None or old.data is not new.data or old.meta is not new.meta:
            self.queue.add((new or old).key)  # type: ignore[union-attr]

    def _more_ready(self, key: Key, count: Count) -> None:
        """Tell of it at once where somebody waits for it, else when there is more to tell."""
        one = self.server.store.get(self.kind, *key)
        due = self._told.get(key, -inf) + TOLD_EVERY_S
        if one is None or due <= self.sim.now or self.matters(one, count.ready):
            self.queue.add(key)
        else:
            self.queue.add_after(key, due - self.sim.now)

    def _pod_changed(self, old: Pod | None, new: Pod | None) -> None:
        """Remember pods without an owner, and those whose owner may not select them any more."""
        if old is not None and old.meta.controller is None:
            self._loose.get(old.namespace, {}).pop(old.key, None)
        if new is None:
            return
        owner = new.meta.controller
        if owner is None and new.active:
            self._loose.setdefault(new.namespace, {})[new.key] = None
            for one in self.server.store.within(self.kind, new.namespace).values():
                if self._selects(one, new.meta.labels):
                    self.queue.add(one.key)
        elif owner is not None and old is not None and old.meta.labels is not new.meta.labels:
            self._doubtful.setdefault(owner.uid, {})[new.key] = None
            self.queue.add((new.namespace, owner.name))

    def _selects(self, one: AnySet, labels: Mapping[str, str]) -> bool:
        selector = one.spec.selector
        if isinstance(one, ReplicaSet):
            return one.spec.selector.matches(labels)
        assert isinstance(selector, Mapping)
        return bool(selector) and all(labels.get(key) == word for key, word in selector.items())

    # --- one of them ------------------------------------------------------------------------------

    def sync(self, key: Key) -> None:
        """Make or take pods until there are as many as wanted, and say how many there are."""
        one = self.server.store.get(self.kind, *key)
        if one is None:
            self._failures.pop(key, None)
            self._told.pop(key, None)
            return
        if one.meta.deleting_since is None:
            self._claim(one)
            self._manage(one)
        self._tell(one)

    def _claim(self, one: AnySet) -> None:
        """Let go of pods that it does not select any more, adopt those of nobody that it does."""
        store = self.server.store
        for key in self._doubtful.pop(one.meta.uid, ()):
            pod = store.get(Pod, *key)
            if pod is not None and not self._selects(one, pod.meta.labels):
                self.maker.disown(pod)
        for key in list(self._loose.get(one.namespace, ())):
            pod = store.get(Pod, *key)
            if pod is not None and pod.active and self._selects(one, pod.meta.labels):
                self.maker.adopt(one, pod)

    def _manage(self, one: AnySet) -> None:
        missing = one.spec.replicas - self.crews.count(one.meta.uid).replicas
        failure = ""
        if missing > 0:
            template = self.maker.template(one.spec.template)
            failure = self.maker.make_many(one, template, missing, self.source)
        elif missing < 0:
            pods = self.orders.first(one.meta.uid, -missing)
            self.maker.take(one, pods, self.source)
        if failure:
            self._failures[one.key] = failure
            self.queue.again(one.key)
        else:
            self._failures.pop(one.key, None)
            self.queue.forget(one.key)

    # --- its status -------------------------------------------------------------------------------

    def _tell(self, one: AnySet) -> None:
        now = self.server.store.get(self.kind, *one.key)
        if now is None:
            return
        count = self.crews.count(now.meta.uid)
        status = ReplicaSetStatus(
            count.replicas,
            count.ready,
            self._available(now, count.ready),
            count.replicas,
            now.meta.generation,
            self._conditions(now),
        )
        if status != now.status:
            self._told[one.key] = self.sim.now
            self.server.update_status(now, status)

    def _available(self, one: AnySet, ready: int) -> int:
        """Ready for ``minReadySeconds``; looked at again when the next one will be."""
        wait = one.spec.min_ready_seconds
        if not wait:
            return ready
        pods = self.server.store.owned(Pod, one.meta.uid).values()
        since = [
            pod.status.ready_since
            for pod in pods
            if pod.active and pod.status.ready_since is not None
        ]
        later = [when + wait - self.sim.now for when in since if when + wait > self.sim.now]
        if later:
            self.queue.add_after(one.key, min(later))
        return len(since) - len(later)

    def _conditions(self, one: AnySet) -> tuple[Condition, ...]:
        failure = self._failures.get(one.key)
        before = one.status.conditions
        if failure is None:
            return tuple(each for each in before if each.type != "ReplicaFailure")
        return set_condition(
            before, "ReplicaFailure", "True", "FailedCreate", failure, self.sim.now
        )


def _when_all(one: AnySet, ready: int) -> bool:
    return ready >= one.spec.replicas or bool(one.spec.min_ready_seconds)
