"""Nodes by the values of labels over which tasks are spread: trees that stay while nodes do."""

from __future__ import annotations

from simulator.cluster.columns import Ints, ints
from simulator.cluster.swarm.constraints import label_of
from simulator.cluster.swarm.scheduler.columns import Columns

MOST = 100
"""Trees that are kept: of more, those of before are forgotten."""


class Shape:
    """Nodes with the same values of the labels so far."""

    __slots__ = ("branches", "places")

    def __init__(self, places: Ints) -> None:
        self.places = places
        self.branches: dict[str, Shape] = {}


class Trees:
    """One tree for each list of preferences, planted again when a node is another than before."""

    def __init__(self, columns: Columns) -> None:
        self.columns = columns
        self._known: dict[tuple[str, ...], tuple[int, Shape]] = {}

    def of(self, preferences: tuple[str, ...]) -> Shape:
        """All members in the order in which they joined, split by each label in turn."""
        known = self._known.get(preferences)
        if known is None or known[0] != self.columns.epoch:
            if len(self._known) >= MOST:
                self._known.clear()
            shape = self._split(list(self.columns.places.values()), preferences)
            known = self._known[preferences] = self.columns.epoch, shape
        return known[1]

    def _split(self, places: list[int], preferences: tuple[str, ...]) -> Shape:
        shape = Shape(ints(places))
        if not preferences or not places:
            return shape
        groups: dict[str | None, list[int]] = {}
        for place in places:
            value = label_of(self.columns.nodes[place], preferences[0])
            groups.setdefault(value, []).append(place)
        if None in groups:  # the swarm knows no such thing: it splits nothing
            return self._split(places, preferences[1:])
        for value, below in groups.items():
            shape.branches[str(value)] = self._split(below, preferences[1:])
        return shape
