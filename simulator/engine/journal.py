"""The journal: an append-only list of what happened, in a total order, with a running digest."""

from __future__ import annotations

import hashlib
from collections import Counter, deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass, fields
from functools import partial
from operator import attrgetter
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
        names = [field.name for field in fields(self)]
        details = ", ".join(f"{name}={_plain(getattr(self, name))}" for name in names)
        return f"{type(self).__name__}({details})"


class Entry(NamedTuple):
    """One line of the journal: total order, simulated time in seconds, and the event."""

    seq: int
    time: float
    event: Event


_READERS: dict[type[Event], Callable[[Event], tuple[object, ...]]] = {}
"""By kind of event: what reads the values of all its fields."""


def _reader(kind: type[Event]) -> Callable[[Event], tuple[object, ...]]:
    names = [field.name for field in fields(kind)]
    if not names:
        return _nothing
    read = attrgetter(*names)
    return read if len(names) > 1 else partial(_alone, read)


def _nothing(event: Event) -> tuple[object, ...]:
    return ()


def _alone(read: Callable[[Event], object], event: Event) -> tuple[object, ...]:
    return (read(event),)


def _plain(value: object) -> str:
    # repr of a float is the shortest text that reads back the same: identical on every machine.
    if isinstance(value, float):
        return repr(round(value, 9))
    return repr(value)


BLOCK = 256
"""Entries of a block: enough that few are held, few enough that the open one is cheap to copy."""


class Block:
    """Entries that are complete and never change: copies of a journal share it."""

    __slots__ = ("entries",)

    def __init__(self, entries: tuple[Entry, ...]) -> None:
        self.entries = entries


class Journal:
    """Bounded, append-only, ordered; the digest covers everything ever written.

    Times are kept to the nanosecond: far below anything the model resolves, and it makes the
    digest insensitive to the last bit of a floating-point sum. The digest is a chain over blocks
    of ``BLOCK`` lines, so it does not depend on when a journal was copied.
    """

    def __init__(self, capacity: int = 100_000) -> None:
        self.count = 0
        self._capacity = capacity
        self._blocks: deque[Block] = deque()
        self._open: list[Entry] = []
        self._lines: list[str] = []
        """The lines of the open block."""
        self._chain = b""
        """Digest of all full blocks."""
        self._counts: Counter[str] = Counter()

    def append(self, time: float, event: Event) -> Entry:
        """Write one event; ``time`` is the simulated time in seconds."""
        entry = Entry(self.count, round(time, 9), event)
        self.count += 1
        self._counts[type(event).__name__] += 1
        entries = self._open
        entries.append(entry)
        self._lines.append(self._line(entry))
        if len(entries) == BLOCK:
            self._close_block()
        return entry

    def _close_block(self) -> None:
        self._chain = self._hash().digest()
        self._blocks.append(Block(tuple(self._open)))
        self._open.clear()
        self._lines.clear()
        while self._blocks[0].entries[-1].seq < self._first:
            self._blocks.popleft()

    def _hash(self) -> hashlib.blake2b:
        return hashlib.blake2b(self._chain + "".join(self._lines).encode(), digest_size=16)

    @staticmethod
    def _line(entry: Entry) -> str:
        seq, time, event = entry
        kind = type(event)
        read = _READERS.get(kind)
        if read is None:
            read = _READERS[kind] = _reader(kind)
        # Most values are words: for these one call does instead of three.
        said = [repr(one) if type(one) is str else _plain(one) for one in read(event)]
        values = "\x1f".join(said)
        return f"{seq}\x1f{time!r}\x1f{kind.__name__}\x1f{values}\n"

    @property
    def digest(self) -> str:
        """Hash of all lines so far, dropped ones included: equal digests mean equal histories."""
        return self._hash().hexdigest()

    @property
    def _first(self) -> int:
        """Number of the oldest entry that is kept."""
        return max(0, self.count - self._capacity)

    @property
    def dropped(self) -> int:
        """How many of the oldest entries are not kept any more."""
        return self._first

    def count_of(self, kind: str) -> int:
        """How many events of a kind, by its name, were ever written, dropped ones included."""
        return self._counts[kind]

    def since(self, seq: int) -> list[Entry]:
        """The kept entries numbered ``seq`` and later, oldest first."""
        first = max(seq, self._first)
        newest = self._open
        if newest and newest[0].seq <= first:
            return newest[first - newest[0].seq :]
        wanted: list[Block] = []
        for block in reversed(self._blocks):
            wanted.append(block)
            if block.entries[0].seq <= first:
                break
        entries = [entry for block in reversed(wanted) for entry in block.entries]
        skipped = first - entries[0].seq if entries else 0
        return (entries + newest)[max(0, skipped) :]

    def last(self, count: int) -> list[Entry]:
        """The newest ``count`` kept entries, oldest first."""
        return self.since(max(0, self.count - count))

    def lines(self) -> Iterator[str]:
        """The kept entries in the canonical text that the digest covers."""
        return (self._line(entry) for entry in self)

    def __iter__(self) -> Iterator[Entry]:
        return iter(self.since(0))

    def __len__(self) -> int:
        return self.count - self._first
