"""Writes of those who are trusted: controllers, scheduler, kubelets. Typed objects, no decoding."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeAlias, TypeVar

from msgspec.structs import replace

from simulator.cluster.kubernetes.api.errors import already_exists, forbidden
from simulator.cluster.kubernetes.api.kinds import resource_of
from simulator.cluster.kubernetes.naming import Naming
from simulator.cluster.kubernetes.objects.meta import Meta, Object
from simulator.cluster.kubernetes.objects.node import Namespace
from simulator.cluster.kubernetes.objects.pod import Pod
from simulator.cluster.kubernetes.recorder import Recorder
from simulator.cluster.kubernetes.store import Store
from simulator.engine.simulation import Simulation

Some = TypeVar("Some", bound=Object)
Admit: TypeAlias = Callable[[Any, Any], Any]
"""Asked before each write with the object before (None: a new one) and after: the object as it is
admitted, or an ApiError."""

ANY = "*"
"""Instead of a kind: all of them."""
FOREGROUND = "foregroundDeletion"
ORPHAN = "orphan"


class Server:
    """Creates, changes and deletes objects in a store."""

    def __init__(self, sim: Simulation, store: Store, recorder: Recorder, naming: Naming) -> None:
        self.sim = sim
        self.store = store
        self.recorder = recorder
        self.naming = naming
        self.admission: dict[str, list[Admit]] = {}
        """Who is asked before a write, by kind."""

    def admit(self, kind: str, check: Admit) -> None:
        """From now on ask ``check`` before each write of a kind; those of any kind come first."""
        self.admission.setdefault(kind, []).append(check)

    def _admitted(self, before: Object | None, one: Some) -> Some:
        for word in (ANY, one.kind):
            for check in self.admission.get(word, ()):
                one = check(before, one)
        return one

    # --- creating and changing ----------------------------------------------------------------

    def create(self, one: Some) -> Some:
        """A new object; ApiError when its name is taken or somebody refuses it."""
        meta = one.meta
        name = meta.name or self._free(one)
        if meta.name and self.store.find(one.kind, meta.namespace, name) is not None:
            raise already_exists(resource_of(one.kind), name)
        room = self.store.get(Namespace, "", meta.namespace)
        if room is not None and room.meta.deleting_since is not None:
            why = f"unable to create new content in namespace {room.name} because it is being "
            raise forbidden(resource_of(one.kind), name, f"{why}terminated")
        made = replace(meta, name=name, uid=self.naming.uid(), created=self.sim.now)
        one = replace(one, meta=made)
        return self.store.put(self._admitted(None, one))

    def _free(self, one: Object) -> str:
        name = self.naming.name(one.meta.generate_name)
        while self.store.find(one.kind, one.meta.namespace, name) is not None:
            name = self.naming.name(one.meta.generate_name)
        return name

    def update(self, one: Some) -> Some:
        """An object whose specification, labels or annotations are changed.

        Its generation is raised where its body differs from what is stored.
        """
        before = self.store.find(one.kind, *one.key)
        if before is None:
            return one
        one = self._admitted(before, one)
        if before.data is not one.data and before.data != one.data:
            one = replace(one, meta=replace(one.meta, generation=before.meta.generation + 1))
        kept = self.store.put(one)
        if self._released(kept):
            self.store.drop(kept)
        return kept

    def update_status(self, one: Some, status: Any) -> Some:
        """The object as it is stored now, with another status."""
        now = self.store.find(one.kind, *one.key)
        if now is None or now.meta.uid != one.meta.uid:
            return one
        return self.store.put(replace(now, status=status))  # type: ignore[return-value]

    # --- deleting -----------------------------------------------------------------------------

    def delete(
        self, one: Object, grace_s: float | None = None, propagation: str = "Background"
    ) -> None:
        """Ask for an object to go: at once, or when those who hold it back let go of it.

        A pod that a node has runs on for its grace period (``grace_s``, or its own). Dependants
        follow (Background), go first (Foreground) or are left (Orphan).
        """
        now = self.store.find(one.kind, *one.key)
        if now is None or now.meta.uid != one.meta.uid:
            return
        if isinstance(now, Pod):
            self._delete_pod(now, grace_s)
            return
        if isinstance(now, Namespace) and self.filled(now.name):
            status = replace(now.status, phase="Terminating")
            self._mark(now.meta, replace(now, status=status), 0.0)
            return
        held = {"Foreground": FOREGROUND, "Orphan": ORPHAN}.get(propagation)
        finalizers = now.meta.finalizers
        if held is not None and held not in finalizers:
            finalizers = (*finalizers, held)
        if finalizers:
            self._mark(replace(now.meta, finalizers=finalizers), now, 0.0)
        else:
            self.store.drop(now)

    def filled(self, namespace: str) -> bool:
        """Whether there is anything in a namespace."""
        return any(namespace in table.namespaces for table in self.store.tables.values())

    def _mark(self, meta: Meta, now: Object, grace_s: float) -> None:
        since = self.sim.now if meta.deleting_since is None else meta.deleting_since
        self.store.put(replace(now, meta=replace(meta, deleting_since=since, grace_s=grace_s)))

    def _delete_pod(self, pod: Pod, grace_s: float | None) -> None:
        """A pod without a node, or that has ended, or with no grace, is gone at once."""
        own = float(pod.spec.termination_grace_period_seconds)
        grace = own if grace_s is None else grace_s
        at_once = not pod.node or pod.status.over or grace == 0
        if at_once and not pod.meta.finalizers:
            self.store.drop(pod)
        elif pod.meta.grace_s is None or grace < pod.meta.grace_s:
            self._mark(pod.meta, pod, grace)

    def gone(self, pod: Pod) -> None:
        """The kubelet has nothing more of a pod that was to go."""
        now = self.store.get(Pod, *pod.key)
        if now is not None and now.meta.uid == pod.meta.uid and not now.meta.finalizers:
            self.store.drop(now)

    def release(self, one: Object, finalizer: str) -> None:
        """Somebody no longer holds an object back."""
        now = self.store.find(one.kind, *one.key)
        if now is None or finalizer not in now.meta.finalizers:
            return
        left = tuple(word for word in now.meta.finalizers if word != finalizer)
        kept = self.store.put(replace(now, meta=replace(now.meta, finalizers=left)))
        if self._released(kept):
            self.store.drop(kept)

    def _released(self, one: Object) -> bool:
        """Whether it was to go, and nobody holds it back any more; a pod's kubelet still does."""
        meta = one.meta
        if meta.deleting_since is None or meta.finalizers:
            return False
        if isinstance(one, Namespace):
            return not self.filled(one.name)
        return not isinstance(one, Pod) or not one.node or one.status.over

    # --- pods ---------------------------------------------------------------------------------

    def bind(self, pod: Pod, node: str) -> None:
        """A pod is to run on a node; nothing when it was bound or deleted meanwhile."""
        now = self.store.get(Pod, *pod.key)
        if now is None or now.meta.uid != pod.meta.uid or now.node:
            return
        status = replace(
            now.status,
            scheduled_at=self.sim.now,
            unschedulable="",
            unschedulable_reason="",
            nominated_node="",
        )
        self.store.put(replace(now, node=node, status=status))
