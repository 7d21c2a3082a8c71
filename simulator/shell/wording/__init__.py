"""The words for what comes of commands: facts of the world become the lines that tools print."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from simulator.shell.wording import builds, machines, moves, storage, transfers
from simulator.world.facts import Fact, Said

_WORDS = builds.WORDS | machines.WORDS | moves.WORDS | storage.WORDS | transfers.WORDS

KINDS = frozenset((*_WORDS, *builds.WORKS))
"""The facts that have words, what happens within builds included."""


def words(fact: Fact) -> list[str]:
    """The lines of one fact."""
    return list(_WORDS[type(fact)](fact))


def lines(said: Iterable[Said]) -> list[str]:
    """The lines of all, in order; what is a text already stays as it is."""
    found: list[str] = []
    for one in said:
        if isinstance(one, Fact):
            found += words(one)
        else:
            found.append(one)
    return found


class Growing:
    """The lines of a list that grows and is asked for each frame: every fact is worded once."""

    def __init__(self) -> None:
        self._of: Sequence[Said] = ()
        self._count = 0
        self._last: Said | None = None
        self._lines: list[str] = []

    def lines(self, said: Sequence[Said]) -> list[str]:
        """The lines of all; another list, or one that was written over, is worded anew."""
        goes_on = said is self._of and 0 < self._count <= len(said)
        if not goes_on or said[self._count - 1] is not self._last:
            self._of, self._count, self._lines = said, 0, []
        self._lines += lines(said[self._count :])
        self._count = len(said)
        self._last = said[-1] if said else None
        return self._lines
