"""Which quiet stations are in which row, what they share, and whose they are."""

from __future__ import annotations

import numpy as np

from simulator.machine.cpu.cells import Cell, Line
from simulator.machine.cpu.crowd import most_at_once
from simulator.machine.cpu.outcome import Floats, Indexes
from simulator.machine.cpu.rows import Jobs, Mask

MOST = 200
"""Jobs that may be in a station, or come to it, in one step for all."""
_BINS = 64
"""Pieces of a slice in which threads are counted, to see at once that a host has cores enough."""


class Layout:
    """What does not change while rows keep their meaning."""

    def __init__(self, lines: list[Line], cells: dict[Cell, list[int]]) -> None:
        stations = [line.station for line in lines]
        self.scales: Floats = np.array([station.work_scale for station in stations])
        room = np.array([station.workers + station.room for station in stations])
        self.most: Floats = np.minimum(room, MOST)
        self.cells = list(cells)
        self.cell_of: Indexes = np.zeros(len(lines), dtype=np.intp)
        for number, rows in enumerate(cells.values()):
            self.cell_of[rows] = number
        self.endless: Floats = np.array([line.endless for line in lines], dtype=np.float64)
        self.endless_since: Floats = np.array([line.since for line in lines])
        self._share(lines)
        numbers = {owner: number for number, owner in enumerate({s.owner: None for s in stations})}
        self.owners = list(numbers)
        self.owner_of: Indexes = np.array([numbers[s.owner] for s in stations], dtype=np.intp)

    def _share(self, lines: list[Line]) -> None:
        """Number the groups of stations that share cores; a station may be in several."""
        limits: list[float] = []
        cells: list[int] = []
        inside: list[list[int]] = [[] for _ in lines]
        row_of = {line.station: row for row, line in enumerate(lines)}
        for number, cell in enumerate(self.cells):
            for limit, members in cell.quiet_limits() or ():
                for station in members:
                    inside[row_of[station]].append(len(limits))
                limits.append(limit)
                cells.append(number)
        self._limits: Floats = np.array(limits)
        self._cell_of_group: Indexes = np.array(cells, dtype=np.intp)
        self._groups: list[Indexes] = [
            np.array([one[level] if level < len(one) else -1 for one in inside], dtype=np.intp)
            for level in range(max(map(len, inside), default=0))
        ]
        """Of each row, the first group that it is in, the second, and so on; -1: no more."""

    def crowded(self, jobs: Jobs, since: float, until: float) -> Mask:
        """The rows of cells in which more threads than cores would be at work at once."""
        crowded = np.zeros(len(self.cells), dtype=np.bool_)
        begun = np.flatnonzero(jobs.starts <= until)
        # A job counts in each group that its station is in.
        groups = [level[jobs.row[begun]] for level in self._groups]
        if groups and len(begun):
            group, job = np.concatenate(groups), np.tile(begun, len(groups))
            there = group >= 0
            group, job = group[there], job[there]
            over = self._exceeded(group, jobs.starts[job], jobs.ends[job], since, until)
            crowded[self._cell_of_group[over]] = True
        return crowded[self.cell_of]

    def _exceeded(
        self, group: Indexes, starts: Floats, ends: Floats, since: float, until: float
    ) -> list[int]:
        """The groups whose members have more threads at work at once than they have cores."""
        per_s = _BINS / (until - since)
        low = np.clip((starts - since) * per_s, 0.0, _BINS - 1).astype(np.intp)
        high = np.clip((ends - since) * per_s, 0.0, _BINS - 1).astype(np.intp)
        places, width = len(self._limits) * (_BINS + 1), _BINS + 1
        change = np.bincount(group * width + low, minlength=places)
        change -= np.bincount(group * width + high + 1, minlength=places)
        most = np.cumsum(change.reshape(-1, width), axis=1).max(axis=1)
        found = []
        for doubtful in np.flatnonzero(most > self._limits).tolist():
            here = group == doubtful
            at_once = most_at_once(starts[here].tolist(), ends[here].tolist())
            if at_once > self._limits[doubtful]:
                found.append(doubtful)
        return found
