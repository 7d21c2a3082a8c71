"""Answers by what a pod asks for, brought up to date only for nodes that changed since."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from typing import Any

import numpy as np

from simulator.cluster.kubernetes.objects.pod import Pod
from simulator.cluster.kubernetes.scheduler.columns import Columns
from simulator.cluster.kubernetes.scheduler.plugin import Plugin, State, Steady

MOST_SHAPES = 2000
FEW = 2
"""Changed nodes up to which each is asked alone."""
ALL = slice(None)


class Known:
    """A column of answers, and up to where the log was read for it."""

    __slots__ = ("column", "epoch", "read")

    def __init__(self, epoch: int, read: int, column: Any) -> None:
        self.epoch = epoch
        self.read = read
        self.column = column


class Remembered:
    """Columns by key, in little room. ``of_part`` works out some rows, ``of_place`` one."""

    kind: type[np.generic] = np.int16

    def __init__(self, columns: Columns) -> None:
        self._columns = columns
        self._known: dict[Hashable, Known] = {}
        self._parts: dict[Hashable, Any] = {}

    def parts(self, key: Any) -> Any:
        """What of a key counts, worked out once by ``parts_of``."""
        found = self._parts.get(key)
        if found is None:
            if len(self._parts) >= MOST_SHAPES:
                self._parts.clear()
            found = self._parts[key] = self.parts_of(key)
        return found

    def parts_of(self, key: Any) -> Any:
        """What of a key counts."""
        raise NotImplementedError

    def of_part(self, key: Any, part: Any) -> Any:
        """The answers for a part of the rows: an index as numpy takes it."""
        raise NotImplementedError

    def of_place(self, key: Any, place: int) -> Any:
        """The answer for one row."""
        raise NotImplementedError

    def column(self, key: Hashable) -> Any:
        """The answers of a key for all nodes, as of now."""
        columns = self._columns
        known = self._known.get(key)
        if known is None or known.epoch != columns.epoch:
            if len(self._known) >= MOST_SHAPES:
                self._known.clear()
            made = Known(columns.epoch, len(columns.log), self.of_part(key, ALL).astype(self.kind))
            self._known[key] = made
            return made.column
        if known.read < len(columns.log.places):
            self._update(key, known)
        return known.column

    def _update(self, key: Hashable, known: Known) -> None:
        log, read = self._columns.log, known.read
        known.read = len(log.places)
        places = log.since(read)
        if len(places) <= FEW:
            for place in places:
                known.column[place] = self.of_place(key, place)
        else:
            known.column[places] = self.of_part(key, places)


class Sums(Remembered):
    """Weighed sums of several scores; a key has one for each of them (None: it does not count)."""

    kind = np.int32

    def __init__(self, columns: Columns, scores: Sequence[tuple[Steady, int]]) -> None:
        super().__init__(columns)
        self._scores = scores

    def of_part(self, key: Any, part: Any) -> Any:
        """In columns."""
        total: Any = np.zeros(len(self._columns.cpu[part]), dtype=np.int64)
        for (one, weight), own in zip(self._scores, key, strict=True):
            if own is not None:
                total += weight * one.of_part(own, part).astype(np.int64)
        return total

    def of_place(self, key: Any, place: int) -> Any:
        """The sum of one row."""
        total = 0
        for (one, weight), own in zip(self._scores, key, strict=True):
            if own is not None:
                total += weight * one.of_place(own, place)
        return total


class ByShape(Plugin):
    """A plugin that goes by what a pod asks for."""

    def __init__(self, state: State) -> None:
        super().__init__(state)
        self._asked = state.columns.asked

    def prepare(self, pod: Pod) -> Any:
        """What the pod asks for."""
        return self._asked(pod.template).shape
