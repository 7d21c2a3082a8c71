"""Deployments: from one kind of pods to the next, a few at a time."""

from __future__ import annotations

import msgspec
from msgspec.structs import replace

from simulator.cluster.kubernetes.controllers import progress
from simulator.cluster.kubernetes.controllers.crew import Maker, owner_of
from simulator.cluster.kubernetes.controllers.histories import (
    DESIRED,
    most_of,
    revision,
    saturated,
)
from simulator.cluster.kubernetes.controllers.rolling import (
    Old,
    new_replicas,
    proportional,
    reconcile_old,
)
from simulator.cluster.kubernetes.controllers.sets import Sets, posts
from simulator.cluster.kubernetes.objects.meta import Key
from simulator.cluster.kubernetes.objects.pod import Pod
from simulator.cluster.kubernetes.objects.workloads import (
    Deployment,
    ReplicaSet,
    ReplicationController,
)
from simulator.cluster.queue import WorkQueue


class Settled(msgspec.Struct, frozen=True):
    """A Deployment that wanted nothing when it was ``seen``; available with ``enough`` pods."""

    seen: tuple[object, ...]
    enough: int


class Deployments:
    """Owns ReplicaSets, one for each template that its pods had."""

    def __init__(self, maker: Maker) -> None:
        server = self.server = maker.server
        self.sim = server.sim
        self.queue = WorkQueue(self.sim, self.sync)
        self._loose: dict[str, dict[Key, None]] = {}
        """By namespace: ReplicaSets that nobody has."""
        self.sets = Sets(server)
        self._settled: dict[Key, Settled] = {}
        """Deployments of one set that were found to want nothing, and what was found then: while
        only pods become ready, there is nothing to do but to count them."""
        server.store.watch(Deployment, self._changed)
        server.store.watch(ReplicaSet, self._set_changed)
        maker.owned.watch("ReplicaSet", self._pod_changed)

    def _changed(self, old: Deployment | None, new: Deployment | None) -> None:
        if new is not None and (old is None or old.status is new.status):
            self.queue.add(new.key)
        elif new is None and old is not None:
            self.sets.forget(old.key)
            self._settled.pop(old.key, None)

    def _set_changed(self, old: ReplicaSet | None, new: ReplicaSet | None) -> None:
        one = new if new is not None else old
        owner = None if one is None else one.meta.controller
        if one is not None and owner is not None and owner.kind == "Deployment":
            self.queue.add((one.namespace, owner.name))
        if old is None or new is None or old.meta is not new.meta:
            self._note_loose(old, new)

    def _note_loose(self, old: ReplicaSet | None, new: ReplicaSet | None) -> None:
        """A ReplicaSet without an owner is looked for by Deployments that select it."""
        if old is not None and old.meta.controller is None:
            self._loose.get(old.namespace, {}).pop(old.key, None)
        if new is None or new.meta.controller is not None:
            return
        self._loose.setdefault(new.namespace, {})[new.key] = None
        for one in self.server.store.within(Deployment, new.namespace).values():
            if one.spec.selector.matches(new.meta.labels):
                self.queue.add(one.key)

    def _adopt(self, one: Deployment) -> None:
        for key in list(self._loose.get(one.namespace, ())):
            each = self.server.store.get(ReplicaSet, *key)
            if each is None or each.meta.deleting_since is not None:
                continue
            if one.spec.selector.matches(each.meta.labels):
                owners = (*each.meta.owners, owner_of(one))
                self.server.update(replace(each, meta=replace(each.meta, owners=owners)))

    def _pod_changed(self, old: Pod | None, new: Pod | None) -> None:
        """A Deployment that recreates waits for the last of its old pods to be gone."""
        owner = None if old is None or new is not None else old.meta.controller
        if old is None or owner is None or owner.kind != "ReplicaSet":
            return
        held = self.server.store.get(ReplicaSet, old.namespace, owner.name)
        above = None if held is None else held.meta.controller
        if above is not None:
            self.queue.add((old.namespace, above.name))

    # --- one of them ------------------------------------------------------------------------------

    def sync(self, key: Key) -> None:
        """Bring its ReplicaSets nearer to what it wants, and say how far they are."""
        one = self.server.store.get(Deployment, *key)
        if one is None:
            return
        if one.meta.deleting_since is None:
            self._adopt(one)
        sets = self.sets.of(one)
        if self._is_settled(one, sets):
            self._report(one, sets[0], sets)
            return
        new = self.sets.newest(one, sets)
        if one.meta.deleting_since is None:
            if one.spec.paused or (new is not None and self._resized(one, sets)):
                self._scale_all(one, new, sets)
            elif one.spec.strategy.type == "Recreate":
                self._recreate(one, new, sets)
            else:
                self._roll(one, self.sets.ensure(one, new, sets), sets)
            self._clean_up(one)
        self._note_settled(key)
        self._tell(key)

    def _note_settled(self, key: Key) -> None:
        one = self.server.store.get(Deployment, *key)
        sets = [] if one is None else self.sets.of(one)
        if one is not None and len(sets) == 1 and sets[0].spec.replicas == one.spec.replicas:
            enough = one.spec.replicas - posts(one)[1]
            self._settled[key] = Settled((one.meta, one.spec, sets[0].meta, sets[0].spec), enough)
        else:
            self._settled.pop(key, None)

    def _is_settled(self, one: Deployment, sets: list[ReplicaSet]) -> bool:
        """Whether all that it goes by is as it was when it wanted nothing; a rollout goes by how
        far the old sets are, so one that has any is looked at in full."""
        found = self._settled.get(one.key)
        if found is None or len(sets) != 1:
            return False
        now = (one.meta, one.spec, sets[0].meta, sets[0].spec)
        return all(a is b for a, b in zip(found.seen, now, strict=True))

    def matters(self, held: ReplicaSet | ReplicationController, ready: int) -> bool:
        """Whether it changes anything here that so many pods of one of its sets are ready.

        A rollout goes by it; one that wants nothing only waits for enough, and for all of them.
        """
        above = held.meta.controller
        found = None if above is None else self._settled.get((held.namespace, above.name))
        all_ready = ready >= held.spec.replicas or bool(held.spec.min_ready_seconds)
        if found is None:
            return all_ready or above is not None
        return all_ready or ready == found.enough

    def _resized(self, one: Deployment, sets: list[ReplicaSet]) -> bool:
        """Whether somebody changed the number of pods, and not only what they are."""
        wanted = str(one.spec.replicas)
        return any(
            each.spec.replicas > 0 and each.meta.annotations.get(DESIRED, wanted) != wanted
            for each in sets
        )

    # --- rolling ----------------------------------------------------------------------------------

    def _roll(self, one: Deployment, new: ReplicaSet, sets: list[ReplicaSet]) -> None:
        """First more new ones, as far as that goes; else fewer old ones."""
        surge, unavailable = posts(one)
        olds = [each for each in sets if each.key != new.key]
        everything = sum(each.spec.replicas for each in (*olds, new))
        desired = one.spec.replicas
        if new.spec.replicas > desired:
            self.sets.scale(one, new, desired)
            return
        wanted = new_replicas("RollingUpdate", desired, surge, everything, new.spec.replicas)
        if wanted != new.spec.replicas:
            self.sets.scale(one, new, wanted)
            return
        left = reconcile_old(
            [Old(each.spec.replicas, each.status.available_replicas) for each in olds],
            desired, unavailable, new.spec.replicas, new.status.available_replicas,
        )  # fmt: skip
        for each, count in zip(olds, left, strict=True):
            self.sets.scale(one, each, count)

    def _recreate(self, one: Deployment, new: ReplicaSet | None, sets: list[ReplicaSet]) -> None:
        olds = [each for each in sets if new is None or each.key != new.key]
        for each in olds:
            self.sets.scale(one, each, 0)
        if any(self._runs(each) for each in olds):
            return
        self.sets.scale(one, self.sets.ensure(one, new, sets), one.spec.replicas)

    def _runs(self, one: ReplicaSet) -> bool:
        pods = self.server.store.owned(Pod, one.meta.uid).values()
        return any(not pod.status.over for pod in pods)

    # --- scaling ----------------------------------------------------------------------------------

    def _scale_all(self, one: Deployment, new: ReplicaSet | None, sets: list[ReplicaSet]) -> None:
        """Another number of pods: shared out among the sets that have any."""
        active = [each for each in sets if each.spec.replicas > 0]
        if len(active) <= 1:
            goal = active[0] if active else new
            if goal is not None:
                self.sets.scale(one, goal, one.spec.replicas)
            return
        if new is not None and saturated(one, new):
            for each in active:
                if each.key != new.key:
                    self.sets.scale(one, each, 0)
            return
        surge, _ = posts(one)
        for each, size in proportional(
            [(each, each.spec.replicas, most_of(each)) for each in active],
            one.spec.replicas, surge,
        ):  # fmt: skip
            self.sets.scale(one, each, size)

    # --- the end ----------------------------------------------------------------------------------

    def _clean_up(self, one: Deployment) -> None:
        """Old sets without pods beyond the history that is to be kept."""
        sets = self.sets.of(one)
        new = self.sets.newest(one, sets)
        if new is None or new.status.available_replicas != one.spec.replicas:
            return
        empty = [
            each
            for each in sets
            if each.key != new.key and each.spec.replicas == 0 and each.status.replicas == 0
        ]
        empty.sort(key=revision)
        for each in empty[: max(0, len(empty) - one.spec.revision_history_limit)]:
            self.server.delete(each)

    def _tell(self, key: Key) -> None:
        one = self.server.store.get(Deployment, *key)
        if one is not None:
            sets = self.sets.of(one)
            self._report(one, self.sets.newest(one, sets), sets)

    def _report(self, one: Deployment, new: ReplicaSet | None, sets: list[ReplicaSet]) -> None:
        _, unavailable = posts(one)
        status = progress.status(one, new, sets, unavailable, self.sim.now)
        wait = progress.deadline_in(one, status, self.sim.now)
        if wait is not None:
            self.queue.add_after(one.key, wait)
        if status != one.status:
            self.server.update_status(one, status)
