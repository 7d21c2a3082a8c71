"""The pods of one owner, counted change by change, and how an owner makes and takes pods."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

import msgspec
from msgspec.structs import replace

from simulator.cluster.kubernetes.controllers.owned import Owned
from simulator.cluster.kubernetes.objects.meta import Key, Meta, Object, Owner
from simulator.cluster.kubernetes.objects.pod import Pod, Template
from simulator.cluster.kubernetes.objects.templates import Templates
from simulator.cluster.kubernetes.objects.workloads import PodTemplate
from simulator.cluster.kubernetes.server.server import Server
from simulator.errors import DrydockError

FIRST_BATCH = 1
"""Pods that are made at first; twice as many each time all went well (``slowStartBatch``)."""


class Count(msgspec.Struct):
    """Pods of one owner by how far they are."""

    replicas: int = 0
    ready: int = 0
    labelled: int = 0

    def add(self, pod: Pod, sign: int) -> None:
        """One pod more, or one less."""
        if pod.active:
            self.replicas += sign
            self.ready += sign * pod.status.ready


class Crews:
    """Counts of the pods of all owners of one kind, by uid; tells ``dirty`` whose changed, and
    ``more_ready`` where nothing else happened than that one more is ready."""

    def __init__(
        self,
        owned: Owned,
        kind: str,
        dirty: Callable[[Key], None],
        more_ready: Callable[[Key, Count], None],
    ) -> None:
        self._kind = kind
        self._dirty = dirty
        self._more_ready = more_ready
        self._counts: dict[str, Count] = {}
        owned.watch(kind, self._changed)

    def count(self, uid: str) -> Count:
        """The pods of an owner."""
        return self._counts.get(uid) or Count()

    def _changed(self, old: Pod | None, new: Pod | None) -> None:
        if old is not None and new is not None:
            if _same(old, new):
                return
            if old.meta is new.meta and new.status.ready and not old.status.ready and new.active:
                self._got_ready(new)
                return
        for pod, sign in ((old, -1), (new, 1)):
            owner = None if pod is None else pod.meta.controller
            if pod is None or owner is None or owner.kind != self._kind:
                continue
            count = self._counts.get(owner.uid)
            if count is None:
                count = self._counts[owner.uid] = Count()
            count.add(pod, sign)
            if not count.replicas and sign < 0:
                del self._counts[owner.uid]
            self._dirty((pod.meta.namespace, owner.name))

    def _got_ready(self, pod: Pod) -> None:
        owner = pod.meta.controller
        if owner is not None and owner.kind == self._kind:
            count = self._counts[owner.uid]
            count.ready += 1
            self._more_ready((pod.meta.namespace, owner.name), count)


def _same(old: Pod, new: Pod) -> bool:
    """Whether nothing changed of a pod that its owner counts."""
    return (
        old.status.ready_since == new.status.ready_since
        and old.status.phase == new.status.phase
        and old.meta is new.meta
    )


def owner_of(one: Object) -> Owner:
    """As which a pod names the object that manages it."""
    return Owner(one.kind, one.name, one.meta.uid, one.api_version)


class Maker:
    """Makes and takes pods of owners; refusals become events."""

    def __init__(self, server: Server, templates: Templates) -> None:
        self.server = server
        self.templates = templates
        self.owned = Owned(server.store)

    def template(self, wanted: PodTemplate) -> Template:
        """The template of a workload's pods."""
        meta = wanted.metadata
        return self.templates.of(wanted.spec, meta.labels, meta.annotations)

    def pod(
        self,
        owner: Object,
        template: Template,
        name: str = "",
        labels: Mapping[str, str] | None = None,
        node: str = "",
    ) -> Pod:
        """A pod that an owner is about to make."""
        meta = Meta(
            name,
            owner.namespace,
            labels=template.labels if labels is None else {**template.labels, **labels},
            annotations=template.annotations,
            owners=(owner_of(owner),),
            generate_name="" if name else f"{owner.name}-",
        )
        return Pod(kind="Pod", api_version="v1", meta=meta, template=template, node=node)

    def make(self, owner: Object, pod: Pod, source: str) -> DrydockError | None:
        """Create a pod; what stands against it, which is told as an event."""
        try:
            made = self.server.create(pod)
        except DrydockError as error:
            self.server.recorder.event(
                owner, "Warning", "FailedCreate", f"Error creating: {error}", source
            )
            return error
        self.server.recorder.event(
            owner, "Normal", "SuccessfulCreate", f"Created pod: {made.name}", source
        )
        return None

    def make_many(self, owner: Object, template: Template, count: int, source: str) -> str:
        """Create alike pods in batches that grow while all goes well; the first refusal.

        kubernetes, ``slowStartBatch``: whatever hinders one hinders all, and is not asked often.
        """
        batch, pod = FIRST_BATCH, self.pod(owner, template)
        while count > 0:
            batch = min(batch, count)
            errors = [self.make(owner, pod, source) for _ in range(batch)]
            failed = [error for error in errors if error is not None]
            if failed:
                return str(failed[0])
            count -= batch
            batch *= 2
        return ""

    def take(self, owner: Object, pods: Iterable[Pod], source: str) -> None:
        """Delete pods."""
        for pod in pods:
            self.server.delete(pod)
            self.server.recorder.event(
                owner, "Normal", "SuccessfulDelete", f"Deleted pod: {pod.name}", source
            )

    def disown(self, pod: Pod) -> None:
        """A pod that its owner's selector does not select any more stands for itself."""
        self.server.update(replace(pod, meta=replace(pod.meta, owners=())))

    def adopt(self, owner: Object, pod: Pod) -> None:
        """A pod without an owner gets one that selects it."""
        owners = (*pod.meta.owners, owner_of(owner))
        self.server.update(replace(pod, meta=replace(pod.meta, owners=owners)))
