"""Which Services of a namespace select a pod, and the other way round."""

from __future__ import annotations

from collections.abc import Mapping

from simulator.cluster.kubernetes.objects.meta import Key
from simulator.cluster.kubernetes.objects.networking import Service
from simulator.cluster.kubernetes.objects.pod import Pod
from simulator.cluster.kubernetes.store import Store


class Selecting:
    """Answers by template where pods have their template's labels: once for all of them."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._known: dict[tuple[str, int], tuple[Key, ...]] = {}
        """By namespace and number of a template."""
        store.watch(Service, self._changed)

    def _changed(self, old: Service | None, new: Service | None) -> None:
        if old is None or new is None or old.spec.selector != new.spec.selector:
            self._known.clear()

    def services_of(self, pod: Pod) -> tuple[Key, ...]:
        """The Services that select a pod, in the order in which they were made."""
        if pod.meta.labels is not pod.template.labels:
            return self._matching(pod.namespace, pod.meta.labels)
        key = pod.namespace, pod.template.number
        found = self._known.get(key)
        if found is None:
            found = self._known[key] = self._matching(pod.namespace, pod.meta.labels)
        return found

    def _matching(self, namespace: str, labels: Mapping[str, str]) -> tuple[Key, ...]:
        services = self._store.within(Service, namespace).values()
        return tuple(one.key for one in services if selects(one, labels))

    def pods_of(self, service: Service) -> list[Pod]:
        """The pods that a Service selects."""
        pods = self._store.within(Pod, service.namespace).values()
        return [pod for pod in pods if selects(service, pod.meta.labels)]


def selects(service: Service, labels: Mapping[str, str]) -> bool:
    """Whether a Service selects pods of these labels; one without a selector selects none."""
    wanted = service.spec.selector
    return bool(wanted) and all(labels.get(key) == value for key, value in wanted.items())
