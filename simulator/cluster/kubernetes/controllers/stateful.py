"""StatefulSets: pods with names that stay, made and replaced in order.

upstream: ``pkg/controller/statefulset`` (``updateStatefulSet``).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec
from msgspec.structs import replace

from simulator.cluster.kubernetes.controllers.claims import Claims
from simulator.cluster.kubernetes.controllers.crew import Maker
from simulator.cluster.kubernetes.controllers.revisions import LABEL, Revisions
from simulator.cluster.kubernetes.controllers.rolling import scaled
from simulator.cluster.kubernetes.objects.meta import Key
from simulator.cluster.kubernetes.objects.pod import Pod, Template
from simulator.cluster.kubernetes.objects.workloads import (
    ControllerRevision,
    PodTemplate,
    StatefulSet,
    StatefulSetStatus,
    TemplateMeta,
)
from simulator.cluster.queue import WorkQueue
from simulator.errors import DrydockError

SOURCE = "statefulset-controller"
POD_NAME = "statefulset.kubernetes.io/pod-name"
POD_INDEX = "apps.kubernetes.io/pod-index"


class StatefulSets:
    """The controller of StatefulSets."""

    def __init__(self, maker: Maker) -> None:
        self.maker = maker
        self.server = maker.server
        self.sim = maker.server.sim
        self.revisions = Revisions(self.server)
        self.claims = Claims(self.server, SOURCE)
        self.queue = WorkQueue(self.sim, self.sync)
        self.server.store.watch(StatefulSet, self._changed)
        maker.owned.watch("StatefulSet", self._pod_changed)

    def _changed(self, old: StatefulSet | None, new: StatefulSet | None) -> None:
        if new is None and old is not None:
            self.revisions.forget(old.meta.uid)
        elif new is not None and (old is None or old.status is new.status):
            self.queue.add(new.key)

    def _pod_changed(self, old: Pod | None, new: Pod | None) -> None:
        if old is not None and new is not None and _same(old, new):
            return
        pod = new if new is not None else old
        owner = None if pod is None else pod.meta.controller
        if pod is not None and owner is not None and owner.kind == "StatefulSet":
            self.queue.add((pod.namespace, owner.name))

    # --- one of them ------------------------------------------------------------------------------

    def sync(self, key: Key) -> None:
        """One step nearer to what is wanted, and what there is then."""
        one = self.server.store.get(StatefulSet, *key)
        if one is None:
            return
        update = self.revisions.newest(one)
        current = self._current(one, update)
        if one.meta.deleting_since is None:
            try:
                Step(self, one, current, update).run()
                self.queue.forget(key)
            except DrydockError:
                self.queue.again(key)
        self._tell(key, current, update)

    def _current(self, one: StatefulSet, update: ControllerRevision) -> ControllerRevision:
        """The revision from which it comes; the one to which it goes, when that is lost."""
        name = one.status.current_revision
        found = self.server.store.get(ControllerRevision, one.namespace, name) if name else None
        return update if found is None else found

    def pods(self, one: StatefulSet) -> dict[int, Pod]:
        """Its pods by ordinal."""
        found = {}
        for pod in self.server.store.owned(Pod, one.meta.uid).values():
            number = ordinal(one, pod)
            if number is not None:
                found[number] = pod
        return found

    def available(self, one: StatefulSet, pod: Pod) -> bool:
        """Ready for ``minReadySeconds``; looked at again when it will be."""
        since = pod.status.ready_since
        if since is None or pod.deleting:
            return False
        left = since + one.spec.min_ready_seconds - self.sim.now
        if left > 0:
            self.queue.add_after(one.key, left)
        return left <= 0

    # --- its status -------------------------------------------------------------------------------

    def _tell(self, key: Key, current: ControllerRevision, update: ControllerRevision) -> None:
        one = self.server.store.get(StatefulSet, *key)
        if one is None:
            return
        pods = [pod for pod in self.pods(one).values() if pod.status.phase != "Failed"]
        going = [pod for pod in pods if not pod.deleting]
        ready = [pod for pod in pods if pod.status.ready]
        status = StatefulSetStatus(
            len(pods),
            len(ready),
            sum(self.available(one, pod) for pod in ready),
            _with(going, current.name),
            _with(going, update.name),
            current.name,
            update.name,
            one.meta.generation,
        )
        rolling = one.spec.update_strategy.type == "RollingUpdate"
        if rolling and status.updated_replicas == status.replicas == status.ready_replicas:
            status = replace(
                status, current_replicas=status.updated_replicas, current_revision=update.name
            )
        if status != one.status:
            self.server.update_status(one, status)
        self.revisions.trim(
            one, [current.name, update.name, *(pod.meta.labels.get(LABEL, "") for pod in pods)]
        )


class Step:
    """One look at a StatefulSet: what is made and taken now, and what has to wait."""

    def __init__(
        self,
        sets: StatefulSets,
        one: StatefulSet,
        current: ControllerRevision,
        update: ControllerRevision,
    ) -> None:
        self.sets = sets
        self.server = sets.server
        self.maker = sets.maker
        self.one = one
        self.current = current
        self.update = update
        self.ordered = one.spec.pod_management_policy != "Parallel"
        self.pods = sets.pods(one)
        self.start = one.spec.ordinals.start
        self.end = self.start + one.spec.replicas

    def run(self) -> None:
        """Make what is missing, take what is too much, replace what is old: in this order."""
        self.sets.claims.keep(self.one, self.pods)
        if self._grow() and self._shrink():
            self._replace()

    # --- making -----------------------------------------------------------------------------------

    def _grow(self) -> bool:
        """Every pod from the first on; false where one has to be waited for."""
        for number in range(self.start, self.end):
            pod = self.pods.get(number)
            if pod is not None and pod.status.over and not pod.deleting:
                self._take(pod)
                pod = self.server.store.get(Pod, *pod.key)
            if pod is None:
                self._make(number)
                if self.ordered:
                    return False
            elif self.ordered and not self.sets.available(self.one, pod):
                return False
        return True

    def _make(self, number: int) -> None:
        one, maker = self.one, self.maker
        name = f"{one.name}-{number}"
        partition = one.spec.update_strategy.rolling_update.partition
        rolls = one.spec.update_strategy.type == "RollingUpdate"
        revision = self.current if rolls and number < partition else self.update
        self.sets.claims.make(one, number)
        template = self._template(revision, number)
        labels = {LABEL: revision.name, POD_NAME: name, POD_INDEX: str(number)}
        try:
            self.server.create(maker.pod(one, template, name, labels))
        except DrydockError as error:
            text = f"create Pod {name} in StatefulSet {one.name} failed error: {error}"
            self.server.recorder.event(one, "Warning", "FailedCreate", text, SOURCE)
            raise
        text = f"create Pod {name} in StatefulSet {one.name} successful"
        self.server.recorder.event(one, "Normal", "SuccessfulCreate", text, SOURCE)

    def _template(self, revision: ControllerRevision, number: int) -> Template:
        """What its pods share; with claims of its own each has another."""
        wanted = self.one.spec.template
        if revision is not self.update:
            wanted = template_of(revision)
        spec: dict[str, Any] = dict(wanted.spec)
        if self.one.spec.service_name:
            spec.setdefault("subdomain", self.one.spec.service_name)
        claims = self.sets.claims.volumes(self.one, number)
        if claims:
            names = {one["name"] for one in claims}
            kept = [one for one in spec.get("volumes", ()) if one.get("name") not in names]
            spec["volumes"] = [*kept, *claims]
        return self.maker.template(replace(wanted, spec=spec))

    # --- taking -----------------------------------------------------------------------------------

    def _take(self, pod: Pod) -> None:
        self.server.delete(pod)
        text = f"delete Pod {pod.name} in StatefulSet {self.one.name} successful"
        self.server.recorder.event(self.one, "Normal", "SuccessfulDelete", text, SOURCE)

    def _shrink(self) -> bool:
        """Pods beyond the wanted ones, the last first; false where one has to be waited for."""
        extra = [self.pods[number] for number in sorted(self.pods, reverse=True)
                 if not self.start <= number < self.end]  # fmt: skip
        unwell = [pod for pod in extra if not pod.status.ready]
        for pod in extra:
            if pod.deleting:
                if self.ordered:
                    return False
                continue
            if self.ordered and not pod.status.ready and pod is not unwell[-1]:
                return False
            self._take(pod)
            if self.ordered:
                return False
        return True

    def _replace(self) -> None:
        """Pods of another revision, the last first, as long as those above are well."""
        strategy = self.one.spec.update_strategy
        if strategy.type == "OnDelete":
            return
        rolling = strategy.rolling_update
        most = 1
        if rolling.max_unavailable is not None:
            most = max(1, scaled(rolling.max_unavailable, self.one.spec.replicas, up=True))
        missing = 0
        for number in range(self.end - 1, max(self.start, rolling.partition) - 1, -1):
            pod = self.pods.get(number)
            if pod is None:
                missing += 1
            elif pod.meta.labels.get(LABEL) != self.update.name and not pod.deleting:
                self._take(pod)
                missing += 1
            elif not self.sets.available(self.one, pod):
                missing += 1
            if missing >= most:
                return


def ordinal(one: StatefulSet, pod: Pod) -> int | None:
    """The number at the end of a pod's name."""
    start, _, word = pod.name.rpartition("-")
    return int(word) if start == one.name and word.isdigit() else None


def template_of(revision: ControllerRevision) -> PodTemplate:
    """The template that a revision keeps."""
    data: Mapping[str, Any] = revision.data["data"]["spec"]["template"]
    meta = msgspec.convert(data.get("metadata") or {}, TemplateMeta, strict=False)
    return PodTemplate(meta, data.get("spec") or {})


def _with(pods: list[Pod], revision: str) -> int:
    return sum(pod.meta.labels.get(LABEL) == revision for pod in pods)


def _same(old: Pod, new: Pod) -> bool:
    return (
        old.meta is new.meta
        and old.status.ready_since == new.status.ready_since
        and old.status.phase == new.status.phase
    )
