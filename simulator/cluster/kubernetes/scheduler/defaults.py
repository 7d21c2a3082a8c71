"""The selector that default spreading counts by: of a pod's Services and of its owner."""

from __future__ import annotations

from collections.abc import Mapping

from simulator.cluster.kubernetes.objects.networking import Service
from simulator.cluster.kubernetes.objects.pod import Pod
from simulator.cluster.kubernetes.objects.selectors import LabelSelector
from simulator.cluster.kubernetes.objects.workloads import (
    ReplicaSet,
    ReplicationController,
    StatefulSet,
)
from simulator.cluster.kubernetes.store import Store

OWNERS: dict[str, type[ReplicaSet] | type[StatefulSet] | type[ReplicationController]] = {
    "ReplicaSet": ReplicaSet,
    "StatefulSet": StatefulSet,
    "ReplicationController": ReplicationController,
}


MOST_KNOWN = 20_000


class DefaultSelectors:
    """Upstream's ``helper.DefaultSelector``, remembered by template and namespace."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._known: dict[tuple[int, str, str], LabelSelector | None] = {}
        self._services: dict[str, dict[tuple[str, str], list[Mapping[str, str]]]] = {}
        """Selectors of Services by namespace and one of the labels that they ask for."""

    def clear(self) -> None:
        """Services changed."""
        self._known.clear()
        self._services.clear()

    def of(self, pod: Pod) -> LabelSelector | None:
        """The selector for a pod; None where nothing selects it."""
        owner = pod.meta.controller
        key = pod.template.number, pod.namespace, "" if owner is None else owner.uid
        if key not in self._known:
            if len(self._known) > MOST_KNOWN:
                self._known.clear()
            self._known[key] = self._find(pod)
        return self._known[key]

    def _find(self, pod: Pod) -> LabelSelector | None:
        words: dict[str, str] = {}
        services, labels = self._of_namespace(pod.namespace), pod.meta.labels
        for pair in labels.items():
            for wanted in services.get(pair, ()):
                if all(labels.get(key) == word for key, word in wanted.items()):
                    words |= wanted
        more = self._of_owner(pod)
        if isinstance(more, LabelSelector):
            both = LabelSelector({**words, **more.match_labels}, more.match_expressions)
            return both if both.match_labels or both.match_expressions else None
        words |= more
        return LabelSelector(words) if words else None

    def _of_namespace(self, namespace: str) -> dict[tuple[str, str], list[Mapping[str, str]]]:
        found = self._services.get(namespace)
        if found is None:
            found = self._services[namespace] = {}
            for service in self._store.within(Service, namespace).values():
                for pair in service.spec.selector.items():
                    found.setdefault(pair, []).append(service.spec.selector)
                    break
        return found

    def _of_owner(self, pod: Pod) -> LabelSelector | Mapping[str, str]:
        owner = pod.meta.controller
        kind = None if owner is None else OWNERS.get(owner.kind)
        if owner is None or kind is None:
            return {}
        found = self._store.get(kind, pod.namespace, owner.name)
        return {} if found is None else found.spec.selector
