"""The journal: an append-only list of what happened, in a total order, with a running digest."""

from __future__ import annotations

import hashlib
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, fields
from typing import ClassVar, NamedTuple


@dataclass(frozen=True, slots=True)
class Event:
    """Base of all facts. A subclass is frozen and named in the past tense: ``ContainerStarted``."""

    _level: ClassVar[str] = "info"

    @property
    def level(self) -> str:
        """How it looks to people: info, good, warn or bad."""
        return self._level

    def sentence(self) -> str:
        """The event in words for people; subclasses may say it better."""
        details = ", ".join(f"{name}={_plain(getattr(self, name))}" for name in _names(type(self)))
        return f"{type(self).__name__}({details})"


class Entry(NamedTuple):
    """One line of the journal: total order, simulated time in seconds, and the event."""

    seq: int
    time: float
    event: Event


_NAMES: dict[type[Event], tuple[str, ...]] = {}


def _names(kind: type[Event]) -> tuple[str, ...]:
    names = _NAMES.get(kind)
    if names is None:
        names = _NAMES[kind] = tuple(field.name for field in fields(kind))
    return names


def _plain(value: object) -> str:
    # repr of a float is the shortest text that reads back the same: identical on every machine.
    if isinstance(value, float):
        return repr(round(value, 9))
    return repr(value)


class Journal:
    """Bounded, append-only, ordered; the digest covers everything ever written.

    Times are kept to the nanosecond: far below anything the model resolves, and it makes the
    digest insensitive to the last bit of a floating-point sum.
    """

    def __init__(self, capacity: int = 100_000) -> None:
        self._entries: deque[Entry] = deque(maxlen=capacity)
        self._hash = hashlib.blake2b(digest_size=16)
        self.count = 0

    def append(self, time: float, event: Event) -> Entry:
        """Write one event; ``time`` is the simulated time in seconds."""
        entry = Entry(self.count, round(time, 9), event)
        self.count += 1
        self._entries.append(entry)
        self._hash.update(self._line(entry).encode())
        return entry

    @staticmethod
    def _line(entry: Entry) -> str:
        kind = type(entry.event)
        values = "\x1f".join(_plain(getattr(entry.event, name)) for name in _names(kind))
        return f"{entry.seq}\x1f{entry.time!r}\x1f{kind.__name__}\x1f{values}\n"

    @property
    def digest(self) -> str:
        """Hash of all lines so far, dropped ones included: equal digests mean equal histories."""
        return self._hash.copy().hexdigest()

    def since(self, seq: int) -> list[Entry]:
        """The kept entries numbered ``seq`` and later, oldest first."""
        if not self._entries or seq > self._entries[-1].seq:
            return []
        wanted = self._entries[-1].seq - max(seq, self._entries[0].seq) + 1
        newest = [self._entries[-i] for i in range(1, wanted + 1)] if wanted < 64 else None
        if newest is not None:
            return newest[::-1]
        return list(self._entries)[-wanted:]

    def last(self, count: int) -> list[Entry]:
        """The newest ``count`` kept entries, oldest first."""
        return self.since(max(0, self.count - count))

    def lines(self) -> Iterator[str]:
        """The kept entries in the canonical text that the digest covers."""
        return (self._line(entry) for entry in self._entries)

    def __iter__(self) -> Iterator[Entry]:
        return iter(self._entries)

    def __len__(self) -> int:
        return len(self._entries)
