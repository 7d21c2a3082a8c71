"""The garbage collector: what has no owner left is deleted, and who waits for dependants goes last.

The store knows dependants by owner: an owner's end costs what it owned, and nothing else.
"""

from __future__ import annotations

from collections.abc import Iterator

from msgspec.structs import replace

from simulator.cluster.kubernetes.objects.meta import Key, Object, Owner
from simulator.cluster.kubernetes.server.server import FOREGROUND, ORPHAN, Server
from simulator.cluster.queue import WorkQueue

HELD = (FOREGROUND, ORPHAN)


class Garbage:
    """Follows every object that goes, and those that wait for their dependants."""

    def __init__(self, server: Server) -> None:
        self.server = server
        self.queue = WorkQueue(server.sim, self._owner_gone)
        self.waiting = WorkQueue(server.sim, self._look)
        self._marked: dict[Key, str] = {}
        """Kinds of objects that wait, by uid and namespace with name."""
        server.store.watch_every_meta(self._changed)

    def _changed(self, old: Object | None, new: Object | None) -> None:
        if new is None:
            if old is not None:
                self._gone(old)
            return
        meta = new.meta
        if old is None:
            if any(self._find(owner, meta.namespace) is None for owner in meta.owners):
                self.queue.add(("", meta.owners[0].uid))
        elif meta.deleting_since is not None and any(one in HELD for one in meta.finalizers):
            self._wait(new)

    def _gone(self, old: Object) -> None:
        uid = old.meta.uid
        if any(uid in table.owned for table in self.server.store.tables.values()):
            self.queue.add(("", uid))
        for owner in old.meta.owners:
            above = self._find(owner, old.namespace) if owner.block else None
            if above is not None and FOREGROUND in above.meta.finalizers:
                self._wait(above)

    def _wait(self, one: Object) -> None:
        key = one.meta.uid, f"{one.namespace}/{one.name}"
        self._marked[key] = one.kind
        self.waiting.add(key)

    def _find(self, owner: Owner, namespace: str) -> Object | None:
        """The owner itself, not another of its name."""
        find = self.server.store.find
        found = find(owner.kind, namespace, owner.name) or find(owner.kind, "", owner.name)
        return found if found is not None and found.meta.uid == owner.uid else None

    def _dependants(self, uid: str) -> Iterator[Object]:
        for table in self.server.store.tables.values():
            yield from tuple(table.owned.get(uid, {}).values())

    # --- what nobody owns any more ----------------------------------------------------------------

    def _owner_gone(self, key: Key) -> None:
        """Dependants of somebody who is gone: deleted, or, having another owner, kept without."""
        for one in self._dependants(key[1]):
            left = [owner for owner in one.meta.owners if self._find(owner, one.namespace)]
            if left:
                self.server.update(replace(one, meta=replace(one.meta, owners=tuple(left))))
            elif one.meta.deleting_since is None:
                self.server.delete(one)

    # --- who waits for them -----------------------------------------------------------------------

    def _look(self, key: Key) -> None:
        namespace, _, name = key[1].partition("/")
        one = self.server.store.find(self._marked.pop(key, ""), namespace, name)
        if one is None or one.meta.uid != key[0] or one.meta.deleting_since is None:
            return
        if ORPHAN in one.meta.finalizers:
            self._orphan(one)
        elif FOREGROUND in one.meta.finalizers:
            self._first(one)

    def _orphan(self, one: Object) -> None:
        for each in self._dependants(one.meta.uid):
            owners = tuple(owner for owner in each.meta.owners if owner.uid != one.meta.uid)
            self.server.update(replace(each, meta=replace(each.meta, owners=owners)))
        self.server.release(one, ORPHAN)

    def _first(self, one: Object) -> None:
        """Dependants go first; those that block keep the owner until they are gone."""
        blocked = False
        for each in self._dependants(one.meta.uid):
            mine = [owner for owner in each.meta.owners if owner.uid == one.meta.uid]
            blocked = blocked or any(owner.block for owner in mine)
            if each.meta.deleting_since is None:
                self.server.delete(each, propagation="Foreground")
        if not blocked:
            self.server.release(one, FOREGROUND)
