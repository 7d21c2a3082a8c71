"""The store: all objects of a cluster by kind and name, and who is told of each change."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any, TypeAlias, TypeVar

import msgspec

from simulator.cluster.kubernetes.objects.meta import Object

Watcher: TypeAlias = Callable[[Any, Any], None]
"""Told of a change: the object before (None: it is new) and after (None: it is gone)."""
Some = TypeVar("Some", bound=Object)
EMPTY: Mapping[str, Any] = {}


class Table:
    """The objects of one kind, by namespace and name, and by the owners that they have."""

    def __init__(self) -> None:
        self.namespaces: dict[str, dict[str, Object]] = {}
        self.owned: dict[str, dict[tuple[str, str], Object]] = {}
        self.watchers: list[Watcher] = []
        self.of_meta: list[Watcher] = []
        """Told only where metadata changed: most writes are of a status."""
        self.count = 0
        self.changes = 0
        """Writes so far."""
        self.members = 0
        """Objects that came or went so far: as long as it is the same, so are all names."""

    def __iter__(self) -> Iterator[Object]:
        for objects in self.namespaces.values():
            yield from objects.values()

    def put(self, one: Object, before: Object | None) -> None:
        """It is so from now on."""
        meta = one.meta
        objects = self.namespaces.get(meta.namespace)
        if objects is None:
            objects = self.namespaces[meta.namespace] = {}
        objects[meta.name] = one
        self.changes += 1
        if before is None:
            self.count += 1
            self.members += 1
        elif before.meta.owners is not meta.owners:
            self._disown(before)
        for owner in meta.owners:
            owned = self.owned.get(owner.uid)
            if owned is None:
                owned = self.owned[owner.uid] = {}
            owned[meta.namespace, meta.name] = one

    def drop(self, one: Object) -> None:
        """It is there no more."""
        objects = self.namespaces[one.meta.namespace]
        del objects[one.meta.name]
        if not objects:
            del self.namespaces[one.meta.namespace]
        self.count -= 1
        self.changes += 1
        self.members += 1
        self._disown(one)

    def _disown(self, one: Object) -> None:
        for owner in one.meta.owners:
            owned = self.owned.get(owner.uid, {})
            owned.pop(one.key, None)
            if not owned:
                self.owned.pop(owner.uid, None)


class Store:
    """What the API server keeps. A kind is named by its word, or by the class of its objects."""

    def __init__(self) -> None:
        self.version = 0
        """Writes so far."""
        self.tables: dict[str, Table] = {}
        self._every: list[Watcher] = []
        self._every_meta: list[Watcher] = []

    def table(self, kind: str) -> Table:
        """The objects of a kind."""
        found = self.tables.get(kind)
        if found is None:
            found = self.tables[kind] = Table()
        return found

    @property
    def count(self) -> int:
        """Objects of all kinds."""
        return sum(table.count for table in self.tables.values())

    # --- reading ----------------------------------------------------------------------------------

    def find(self, kind: str, namespace: str, name: str) -> Object | None:
        """The object of a kind by name; None: there is none."""
        table = self.tables.get(kind)
        return None if table is None else table.namespaces.get(namespace, EMPTY).get(name)

    def get(self, of: type[Some], namespace: str, name: str) -> Some | None:
        """The same, typed: ``store.get(Pod, "default", "web-0")``."""
        table = self.tables.get(of.KIND)
        if table is None:
            return None
        return table.namespaces.get(namespace, EMPTY).get(name)  # type: ignore[return-value]

    def all(self, of: type[Some]) -> Iterator[Some]:
        """All objects of a kind, by namespace and in the order in which they were made."""
        return iter(self.table(of.KIND))  # type: ignore[arg-type]

    def within(self, of: type[Some], namespace: str) -> Mapping[str, Some]:
        """The objects of a kind in a namespace, by name. Whoever changes them takes a copy."""
        found: Any = self.table(of.KIND).namespaces.get(namespace, EMPTY)
        kept: Mapping[str, Some] = found
        return kept

    def owned(self, of: type[Some], uid: str) -> Mapping[tuple[str, str], Some]:
        """The objects of a kind that have this owner. Whoever changes them takes a copy."""
        found: Any = self.table(of.KIND).owned.get(uid)
        kept: Mapping[tuple[str, str], Some] = found or {}
        return kept

    # --- writing ----------------------------------------------------------------------------------

    def put(self, one: Some) -> Some:
        """Keep an object under its name, new or instead of what was there, and tell of it."""
        self.version += 1
        meta, table = one.meta, self.tables.get(one.kind) or self.table(one.kind)
        before = table.namespaces.get(meta.namespace, EMPTY).get(meta.name)
        kept = msgspec.structs.replace(one, version=self.version)
        table.put(kept, before)
        for watcher in table.watchers:
            watcher(before, kept)
        for watcher in self._every:
            watcher(before, kept)
        if before is None or before.meta is not meta:
            self._tell_of_meta(table, before, kept)
        return kept

    def _tell_of_meta(self, table: Table, before: Object | None, after: Object | None) -> None:
        for watcher in (*table.of_meta, *self._every_meta):
            watcher(before, after)

    def drop(self, one: Object) -> None:
        """Forget an object, if it is still there, and tell of it."""
        table = self.table(one.kind)
        before = table.namespaces.get(one.meta.namespace, EMPTY).get(one.meta.name)
        if before is None:
            return
        self.version += 1
        table.drop(before)
        for watcher in table.watchers:
            watcher(before, None)
        for watcher in self._every:
            watcher(before, None)
        self._tell_of_meta(table, before, None)

    # --- telling ----------------------------------------------------------------------------------

    def watch(self, of: type[Object] | str, watcher: Watcher) -> None:
        """Tell of every change of a kind, at once. A watcher only notes what is to be done."""
        kind = of if isinstance(of, str) else of.KIND
        self.table(kind).watchers.append(watcher)

    def watch_meta(self, of: type[Object] | str, watcher: Watcher) -> None:
        """Tell of objects of a kind that come, go, or get other metadata: a status is no news."""
        self.table(of if isinstance(of, str) else of.KIND).of_meta.append(watcher)

    def unwatch(self, kind: str, watcher: Watcher) -> None:
        """Tell no more of a kind."""
        self.table(kind).watchers.remove(watcher)

    def watch_every(self, watcher: Watcher) -> None:
        """Tell of every change of any kind."""
        self._every.append(watcher)

    def watch_every_meta(self, watcher: Watcher) -> None:
        """Tell of objects of any kind that come, go, or get other metadata."""
        self._every_meta.append(watcher)
