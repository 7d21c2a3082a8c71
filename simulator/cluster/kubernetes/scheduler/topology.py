"""One topology of nodes, by a label: which domain each node is in, worked out when first asked."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from simulator.cluster.columns import Ints, Part, numbered

MOST_SLICES = 4096
"""Slices of nodes whose domains are remembered."""
FEW = 64
"""Domains up to which a list is counted faster than an array."""


class Topology:
    """The domains of nodes in their order."""

    __slots__ = ("_different", "_numbers", "alone", "complete", "names", "places", "straight")

    def __init__(self, values: Iterable[str | None]) -> None:
        """``values``: of each node its label; None where it has none."""
        self.places, self.names = numbered(values)
        """The number of each node's domain (-1: it has none), and the names of these."""
        there = self.places >= 0
        self.complete = bool(there.all())
        """Whether every node has the label."""
        self.alone = len(self.names) == int(there.sum())
        """Whether no two nodes share a domain, as with names of hosts."""
        self.straight = self.complete and self.alone
        """Whether, besides, each domain has the number of its node's place."""
        self._numbers: dict[str, int] | None = None
        self._different: dict[tuple[int, int], int] = {}

    @property
    def numbers(self) -> dict[str, int]:
        """The number of each domain by its name."""
        if self._numbers is None:
            self._numbers = {name: number for number, name in enumerate(self.names)}
        return self._numbers

    def different(self, part: Part) -> int:
        """How many domains there are in a part; having none counts as one more."""
        if not isinstance(part, slice):
            return different(self.places[part])
        at = part.start, part.stop
        found = self._different.get(at)
        if found is None:
            if len(self._different) >= MOST_SLICES:
                self._different.clear()
            found = self._different[at] = different(self.places[part])
        return found


def different(domains: Ints) -> int:
    """How many different numbers there are, from -1 on."""
    counts = np.bincount(domains + 1)
    return (
        len(counts) - counts.tolist().count(0)
        if len(counts) <= FEW
        else int(np.count_nonzero(counts))
    )
