"""The words for what comes of commands: facts of the world become the lines that tools print."""

from __future__ import annotations

from collections.abc import Iterable

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
