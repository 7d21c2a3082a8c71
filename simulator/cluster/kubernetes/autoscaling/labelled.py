"""Pods by label: an autoscaler asks for those that its target selects, not for all there are."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from simulator.cluster.kubernetes.objects.pod import Pod
from simulator.cluster.kubernetes.store import Store


class Labelled:
    """Names of pods by namespace and label; nothing is kept before somebody asks."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self._names: dict[tuple[str, str, str], dict[str, None]] = {}
        self._begun = False

    def pods(self, namespace: str, selector: Any) -> list[Pod]:
        """Those that a selector (or plain labels) selects."""
        wanted = _labels(selector)
        within = self.store.within(Pod, namespace)
        if not wanted:
            return [pod for pod in within.values() if _selected(selector, pod.meta.labels)]
        self._begin()
        every = [self._names.get((namespace, *one), {}) for one in wanted.items()]
        fewest = min(every, key=len)
        found = [within[name] for name in fewest]
        return [pod for pod in found if _selected(selector, pod.meta.labels)]

    def _begin(self) -> None:
        if self._begun:
            return
        self._begun = True
        for pod in self.store.all(Pod):
            self._put(pod)
        self.store.watch_meta(Pod, self._changed)

    def _changed(self, old: Pod | None, new: Pod | None) -> None:
        if old is not None and new is not None and old.meta.labels == new.meta.labels:
            return
        if old is not None:
            self._drop(old)
        if new is not None:
            self._put(new)

    def _put(self, pod: Pod) -> None:
        for label in pod.meta.labels.items():
            self._names.setdefault((pod.meta.namespace, *label), {})[pod.meta.name] = None

    def _drop(self, pod: Pod) -> None:
        for label in pod.meta.labels.items():
            key = (pod.meta.namespace, *label)
            names = self._names[key]
            del names[pod.meta.name]
            if not names:
                del self._names[key]


def _labels(selector: Any) -> Mapping[str, str]:
    found: Mapping[str, str] = getattr(selector, "match_labels", selector) or {}
    return found


def _selected(selector: Any, labels: Mapping[str, str]) -> bool:
    if hasattr(selector, "matches"):
        return bool(selector.matches(labels))
    return bool(selector) and all(labels.get(key) == word for key, word in selector.items())
