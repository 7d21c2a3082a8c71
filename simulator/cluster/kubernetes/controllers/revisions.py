"""ControllerRevisions: what the templates of a StatefulSet or DaemonSet were, numbered."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from msgspec.structs import replace

from simulator.cluster.kubernetes.controllers.crew import owner_of
from simulator.cluster.kubernetes.naming import hash_of
from simulator.cluster.kubernetes.objects.meta import Meta
from simulator.cluster.kubernetes.objects.workloads import (
    ControllerRevision,
    DaemonSet,
    PodTemplate,
    StatefulSet,
)
from simulator.cluster.kubernetes.server.server import Server

LABEL = "controller-revision-hash"
HASH = "controller.kubernetes.io/hash"


class Revisions:
    """The history of the workloads of one kind."""

    def __init__(self, server: Server) -> None:
        self.server = server
        self._newest: dict[str, tuple[PodTemplate, ControllerRevision]] = {}

    def of(self, one: StatefulSet | DaemonSet) -> list[ControllerRevision]:
        """Its revisions, the newest last."""
        owned = self.server.store.owned(ControllerRevision, one.meta.uid).values()
        return sorted(owned, key=_number)

    def newest(self, one: StatefulSet | DaemonSet) -> ControllerRevision:
        """The revision of the template as it is; an earlier one alike gets the next number."""
        known = self._newest.get(one.meta.uid)
        if known is not None and known[0] is one.spec.template:
            return known[1]
        found = self._found(one)
        self._newest[one.meta.uid] = one.spec.template, found
        return found

    def _found(self, one: StatefulSet | DaemonSet) -> ControllerRevision:
        word = hash_of({"template": one.data["spec"]["template"]})
        history = self.of(one)
        alike = next((each for each in history if each.meta.labels.get(HASH) == word), None)
        number = _number(history[-1]) + 1 if history else 1
        if alike is None:
            return self.server.create(_made(one, word, number))
        if alike is not history[-1]:
            data = {**alike.data, "revision": number}
            alike = self.server.update(replace(alike, data=data))
        return alike

    def forget(self, uid: str) -> None:
        """A workload is gone."""
        self._newest.pop(uid, None)

    def trim(self, one: StatefulSet | DaemonSet, used: Iterable[str]) -> None:
        """Old revisions that no pod has, beyond the history that is to be kept."""
        history = self.of(one)
        if len(history) <= one.spec.revision_history_limit:
            return
        kept = set(used)
        idle = [each for each in history if each.name not in kept]
        for each in idle[: max(0, len(idle) - one.spec.revision_history_limit)]:
            self.server.delete(each)


def _made(one: StatefulSet | DaemonSet, word: str, number: int) -> ControllerRevision:
    template: dict[str, Any] = {**one.data["spec"]["template"], "$patch": "replace"}
    meta = Meta(
        f"{one.name}-{word}",
        one.namespace,
        labels={**one.spec.template.metadata.labels, HASH: word},
        annotations=one.meta.annotations,
        owners=(owner_of(one),),
    )
    return ControllerRevision(
        kind="ControllerRevision",
        api_version="apps/v1",
        meta=meta,
        data={"data": {"spec": {"template": template}}, "revision": number},
    )


def _number(one: ControllerRevision) -> int:
    return int(one.data.get("revision", 0))
