"""Who is told of pods by the kind of what manages them: each kind's controller of its own only."""

from __future__ import annotations

from typing import Any

from simulator.cluster.kubernetes.objects.pod import Pod
from simulator.cluster.kubernetes.store import Store, Watcher


class Owned:
    """One watcher of pods for the controllers of all kinds, however many there are."""

    def __init__(self, store: Store) -> None:
        self._by_kind: dict[str, list[Watcher]] = {}
        store.watch(Pod, self._changed)

    def watch(self, kind: str, watcher: Watcher) -> None:
        """Tell of every change of a pod that an object of a kind manages, or did before."""
        self._by_kind.setdefault(kind, []).append(watcher)

    def _changed(self, old: Pod | None, new: Pod | None) -> None:
        after = None if new is None else new.meta.controller
        kind = "" if after is None else after.kind
        self._tell(kind, old, new)
        if old is not None and (new is None or old.meta is not new.meta):
            before = old.meta.controller
            if before is not None and before.kind != kind:
                self._tell(before.kind, old, new)

    def _tell(self, kind: str, old: Any, new: Any) -> None:
        for watcher in self._by_kind.get(kind, ()):
            watcher(old, new)
