"""The log of commands: with the seed, it is everything needed to run the same history again."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Generic, NamedTuple, TypeVar

C = TypeVar("C")


class Logged(NamedTuple, Generic[C]):
    """A command and the simulated time in seconds at which it was given."""

    time: float
    command: C


class CommandLog(Generic[C]):
    """Commands in the order given; times never go back."""

    def __init__(self, entries: Iterable[Logged[C]] = ()) -> None:
        self._entries = list(entries)

    def add(self, time: float, command: C) -> None:
        """Note a command that was carried out."""
        self._entries.append(Logged(time, command))

    def restate(self, entry: Logged[C]) -> None:
        """The newest entry is this one, which is equal: a replay keeps the entries it replays."""
        self._entries[-1] = entry

    def first(self, count: int) -> CommandLog[C]:
        """The log of the first ``count`` commands."""
        return CommandLog(self._entries[:count])

    def before(self, time: float) -> CommandLog[C]:
        """The log up to and including ``time``: what a rewind replays."""
        return CommandLog(entry for entry in self._entries if entry.time <= time)

    def __iter__(self) -> Iterator[Logged[C]]:
        return iter(self._entries)

    def __getitem__(self, index: int) -> Logged[C]:
        return self._entries[index]

    def __len__(self) -> int:
        return len(self._entries)
