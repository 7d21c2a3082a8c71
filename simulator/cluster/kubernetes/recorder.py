"""Events as ``kubectl get events`` shows them: counted, bounded, kept for an hour.

Those of an object that differ in their message only are combined from the tenth message on, as
client-go's recorder does it (``tools/record/events_cache.go``, EventAggregator): the combined one
has the newest message.
"""

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

MOST_ALIKE = 10
"""``defaultAggregateMaxEvents``: so many messages make a combined event."""
ALIKE_S = 600.0
"""``defaultAggregateIntervalInSeconds``: after a pause of so long they are counted anew."""
REMEMBERED = 4096
"""``maxLruCacheEntries``: of so many objects and reasons each source knows the messages."""
COMBINED = "(combined from similar events): "
UNCOMBINED = ("default-scheduler",)
"""Who writes events by another recorder (``tools/events``)."""

About: TypeAlias = tuple[str, str, str, str, str, str]
"""Kind, namespace, name and uid of the object; reason and message."""

Noted: TypeAlias = tuple[str, str, float, float, int, int]
"""Message, source, first and last time, how often, and its number."""


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
        self._events: dict[str, OrderedDict[About, Noted]] = {
            "Normal": OrderedDict(), "Warning": OrderedDict(),
        }  # fmt: skip
        """In the order in which they were seen last: that the first goes costs no search."""
        self._alike: dict[str, OrderedDict[tuple[str, ...], tuple[float, tuple[str, ...]]]] = {}
        """By source: the messages that each object has for a reason, and when the last came."""
        self.count = 0
        """How many were ever noted: a reader's version."""

    def event(self, about: Object, type_: str, reason: str, message: str, source: str = "") -> None:
        """Note something of an object: ``Normal`` or ``Warning``, a word, a sentence."""
        meta = about.meta
        self.note((about.kind, meta.namespace, meta.name, meta.uid, reason, message), type_, source)

    def note(self, about: About, type_: str, source: str = "") -> None:
        """The same of an object that is named only; the latest is the last of those kept."""
        now, events = self._clock(), self._events[type_]
        key = about
        plain = type_ == "Normal" and about[0] == "Pod"  # few messages, and very many pods
        if not plain and source not in UNCOMBINED and self._many(about, type_, source, now):
            key, about = (*about[:5], COMBINED), (*about[:5], COMBINED + about[5])
        self.count = number = self.count + 1
        before = events.pop(key, None)
        if before is None or now - before[3] > KEPT_S:
            events[key] = about[5], source, now, now, 1, number
        else:
            events[key] = about[5], source, before[2], now, before[4] + 1, before[5]
        if len(events) > MOST:
            events.popitem(last=False)

    def _many(self, about: About, type_: str, source: str, now: float) -> bool:
        """Whether an object has had many messages for this reason, and here is one more."""
        known = self._alike.get(source)
        if known is None:
            known = self._alike[source] = OrderedDict()
        key, message = (*about[:5], type_), about[5]
        last, messages = known.pop(key, (now, ()))
        if now - last > ALIKE_S:
            messages = ()
        new = message not in messages
        many = new and len(messages) >= MOST_ALIKE - 1
        known[key] = now, (*messages, message) if new and not many else messages
        if len(known) > REMEMBERED:
            known.popitem(last=False)
        return many

    def __iter__(self) -> Iterator[Event]:
        """Those of the last hour, the one that was seen last at the end."""
        since = self._clock() - KEPT_S
        found = [
            _event(type_, *one) for type_, all_ in self._events.items() for one in all_.items()
        ]
        return iter(sorted((one for one in found if one.last >= since), key=_when))

    def newest(self) -> Iterator[Event]:
        """Those of the last hour, the one that was seen last first; who stops early pays less."""
        since = self._clock() - KEPT_S
        tables = [_backwards(*each) for each in self._events.items()]
        return takewhile(lambda one: one.last >= since, merge(*tables, key=_when, reverse=True))

    def of(self, kind: str, namespace: str, name: str, uid: str = "") -> list[Event]:
        """Those of one object."""
        return [
            one
            for one in self
            if (one.kind, one.namespace, one.name) == (kind, namespace, name)
            and uid in ("", one.uid)
        ]


def _backwards(type_: str, events: OrderedDict[About, Noted]) -> Iterator[Event]:
    for one in reversed(events.items()):
        yield _event(type_, *one)


def _event(type_: str, about: About, noted: Noted) -> Event:
    kind, namespace, name, uid, reason, _ = about
    return Event(type_, kind, namespace, name, uid, reason, *noted)


def _when(event: Event) -> tuple[float, int]:
    return event.last, event.number
