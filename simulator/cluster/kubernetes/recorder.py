"""Events as ``kubectl get events`` shows them: counted, bounded, kept for an hour."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Iterator
from heapq import merge
from itertools import takewhile
from typing import TypeAlias

import msgspec

from simulator.cluster.kubernetes.objects.meta import Object

KEPT_S = 3600.0
"""kube-apiserver, ``--event-ttl``."""
MOST = 20_000
"""Events of each type that are kept; the oldest go first."""

About: TypeAlias = tuple[str, str, str, str, str, str]
"""Kind, namespace, name and uid of the object; reason and message."""


class Event(msgspec.Struct, frozen=True, gc=False):
    """Something that was noted of an object, ``count`` times from ``first`` to ``last``."""

    type: str
    kind: str
    namespace: str
    name: str
    uid: str
    reason: str
    message: str
    source: str
    first: float
    last: float
    count: int
    number: int = 0
    """How many were noted before it was first."""


class Recorder:
    """All events of a cluster that are not forgotten yet."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._events: dict[str, OrderedDict[About, Event]] = {
            "Normal": OrderedDict(), "Warning": OrderedDict(),
        }  # fmt: skip
        """In the order in which they were seen last: that the first goes costs no search."""
        self.count = 0
        """How many were ever noted: a reader's version."""

    def event(self, about: Object, type_: str, reason: str, message: str, source: str = "") -> None:
        """Note something of an object: ``Normal`` or ``Warning``, a word, a sentence."""
        meta = about.meta
        self.note((about.kind, meta.namespace, meta.name, meta.uid, reason, message), type_, source)

    def note(self, about: About, type_: str, source: str = "") -> None:
        """The same of an object that is named only; the latest is the last of those kept."""
        now, events = self._clock(), self._events[type_]
        before = events.pop(about, None)
        self.count += 1
        first, count, number = now, 1, self.count
        if before is not None and now - before.last <= KEPT_S:
            first, count, number = before.first, before.count + 1, before.number
        events[about] = Event(type_, *about, source, first, now, count, number)
        if len(events) > MOST:
            events.popitem(last=False)

    def __iter__(self) -> Iterator[Event]:
        """Those of the last hour, the one that was seen last at the end."""
        since = self._clock() - KEPT_S
        found = [one for events in self._events.values() for one in events.values()]
        return iter(sorted((one for one in found if one.last >= since), key=_when))

    def newest(self) -> Iterator[Event]:
        """Those of the last hour, the one that was seen last first; who stops early pays less."""
        since = self._clock() - KEPT_S
        tables = [reversed(events.values()) for events in self._events.values()]
        return takewhile(lambda one: one.last >= since, merge(*tables, key=_when, reverse=True))

    def of(self, kind: str, namespace: str, name: str, uid: str = "") -> list[Event]:
        """Those of one object."""
        return [
            one
            for one in self
            if (one.kind, one.namespace, one.name) == (kind, namespace, name)
            and uid in ("", one.uid)
        ]


def _when(event: Event) -> tuple[float, int]:
    return event.last, event.number
