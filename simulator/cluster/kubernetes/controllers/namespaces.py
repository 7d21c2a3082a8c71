"""Namespaces that are to go: everything in them goes first."""

from __future__ import annotations

from simulator.cluster.kubernetes.objects.meta import Key, Object
from simulator.cluster.kubernetes.objects.node import Namespace
from simulator.cluster.kubernetes.server.server import Server
from simulator.cluster.queue import WorkQueue


class Namespaces:
    """Empties namespaces."""

    def __init__(self, server: Server) -> None:
        self.server = server
        self.queue = WorkQueue(server.sim, self._empty)
        self.last = WorkQueue(server.sim, self._release)
        server.store.watch(Namespace, self._changed)
        server.store.watch_every_meta(self._gone)

    def _changed(self, old: Namespace | None, new: Namespace | None) -> None:
        if new is None or new.meta.deleting_since is None:
            return
        if old is None or old.meta.deleting_since is None:
            self.queue.add(new.key)

    def _gone(self, old: Object | None, new: Object | None) -> None:
        if new is not None or old is None or not old.namespace:
            return
        room = self.server.store.get(Namespace, "", old.namespace)
        if room is not None and room.meta.deleting_since is not None:
            self.last.add(room.key)

    def _empty(self, key: Key) -> None:
        for table in tuple(self.server.store.tables.values()):
            for one in tuple(table.namespaces.get(key[1], {}).values()):
                self.server.delete(one)
        self._release(key)

    def _release(self, key: Key) -> None:
        room = self.server.store.get(Namespace, *key)
        if room is not None and room.meta.deleting_since is not None:
            self.server.update(room)
