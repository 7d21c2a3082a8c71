"""Many quiet stations in one step: what each does alone in ``few.py``, for all of them as columns.

A station with a request or two a second costs a dozen microseconds if it is looked at alone. Here
the first request of every station is served in one vector operation, then the second, and so on.
Cells whose host would not have had cores enough are left as they were, to be solved by themselves.
"""

from __future__ import annotations

from collections.abc import Iterable
from itertools import chain
from math import inf

import numpy as np
import numpy.typing as npt

from simulator.machine.cpu.cells import Cell, Line
from simulator.machine.cpu.crowd import most_at_once
from simulator.machine.cpu.few import FewLine
from simulator.machine.cpu.fifo import NEVER_S
from simulator.machine.cpu.outcome import NOTHING, Crop, Floats
from simulator.machine.cpu.station import ROUNDING_S

Indexes = npt.NDArray[np.intp]
Mask = npt.NDArray[np.bool_]

LEAST = 48
"""Stations from which on one step for all of them is faster than one for each."""
MOST = 200
"""Jobs that may be in a station, or come to it, in one step for all."""
_MOST_WORKERS = 16
_BINS = 64
"""Pieces of a slice in which threads are counted, to see at once that a host has cores enough."""


def solve_quiet(cells: Iterable[Cell], until: float) -> None:
    """Bring those of the cells up to ``until`` in which little happens; the others stay."""
    field = _Field(until)
    for cell in cells:
        if cell.time < until:
            field.add(cell)
    if len(field.lines) >= LEAST:
        field.solve()


class _Field:
    """The stations of one slice in which anything happens, one a row."""

    def __init__(self, until: float) -> None:
        self.until = until
        self.cells: list[Cell] = []
        self.limits: list[float] = []
        """The cores that the rows of each cell share."""
        self.sizes: list[int] = []
        """Rows of each cell."""
        self.lines: list[Line] = []
        self.fifos: list[FewLine] = []
        self.coming: list[int] = []
        """Jobs that come to each row."""

    def add(self, cell: Cell) -> None:
        """Take part, if every station in it has room for the few jobs that come."""
        limit = cell.quiet_limit()
        if limit is None:
            return
        lines, fifos, coming = [], [], []
        for line in cell.lines.values():
            fifo, times = line.fifo, line.station.inbox_times
            if not isinstance(fifo, FewLine):
                fifo = line.for_more(0)
                if not isinstance(fifo, FewLine):
                    return
            if not times:
                if fifo.jobs:
                    lines.append(line)
                    fifos.append(fifo)
                    coming.append(0)
                continue
            count = len(times[0]) if len(times) == 1 else sum(map(len, times))
            inside = len(fifo.jobs) + count
            workers = fifo.workers
            if inside > MOST or inside > workers + fifo.room or workers > _MOST_WORKERS:
                return
            lines.append(line)
            fifos.append(fifo)
            coming.append(count)
        if not lines:
            cell.be_at(self.until)
            return
        self.cells.append(cell)
        self.limits.append(limit)
        self.sizes.append(len(lines))
        self.lines += lines
        self.fifos += fifos
        self.coming += coming

    def solve(self) -> None:
        """Serve everybody, then keep what holds."""
        jobs = _Jobs(self)
        fits = self._fits(jobs)
        kept = np.repeat(fits, self.sizes)
        jobs.tell(kept)
        for cell, fit in zip(self.cells, fits.tolist(), strict=True):
            if fit:
                cell.be_at(self.until)

    def _fits(self, jobs: _Jobs) -> Mask:
        """Of which cells no more threads than cores were ever at work at once."""
        limits = np.array(self.limits)
        fits = np.full(len(limits), True)
        if not len(jobs.row) or bool((limits == inf).all()):
            return fits
        of_row = np.repeat(np.arange(len(self.cells)), self.sizes)
        begun = jobs.starts <= self.until
        starts, ends, cell = jobs.starts[begun], jobs.ends[begun], of_row[jobs.row[begun]]
        first = min(one.time for one in self.cells)
        per_s = _BINS / (self.until - first)
        low = np.clip((starts - first) * per_s, 0.0, _BINS - 1).astype(np.intp)
        high = np.clip((ends - first) * per_s, 0.0, _BINS - 1).astype(np.intp)
        places, width = len(limits) * (_BINS + 1), _BINS + 1
        change = np.bincount(cell * width + low, minlength=places)
        change -= np.bincount(cell * width + high + 1, minlength=places)
        most = np.cumsum(change.reshape(-1, width), axis=1).max(axis=1)
        for doubtful in np.flatnonzero(most > limits).tolist():
            here = cell == doubtful
            at_once = most_at_once(starts[here].tolist(), ends[here].tolist())
            fits[doubtful] = at_once <= limits[doubtful]
        return fits


class _Jobs:
    """All jobs inside the rows of a field, and those that come: row by row, as they arrive."""

    def __init__(self, field: _Field) -> None:
        self.field = field
        lines, fifos = field.lines, field.fifos
        inside = [len(fifo.jobs) for fifo in fifos]
        self.busy = [row for row, count in enumerate(inside) if count]
        """Rows with jobs inside."""
        coming = np.array(field.coming, dtype=np.intp)
        stations = [line.station for line in lines]
        times = _flat([station.inbox_times for station in stations])
        works = _flat([station.inbox_works for station in stations])
        self.works = works * np.repeat([station.work_scale for station in stations], coming)
        self.coming = coming
        row = np.repeat(np.arange(len(lines)), coming)
        self.free = self._free()
        starts, ends = self._serve(row, times)
        self.late = np.bincount(row, starts - times > ROUNDING_S, len(lines)).astype(np.intp)
        self.work = np.bincount(row, self.works, len(lines))
        before = np.array([job for row in self.busy for job in fifos[row].jobs]).reshape(-1, 3)
        self.row, self.arrivals, self.starts, self.ends = row, times, starts, ends
        if len(before):
            old = np.repeat(self.busy, [inside[row] for row in self.busy])
            self.row = np.concatenate((old, row))
            order = np.argsort(self.row, kind="stable")
            self.row = self.row[order]
            self.arrivals = np.concatenate((before[:, 0], times))[order]
            self.starts = np.concatenate((before[:, 1], starts))[order]
            self.ends = np.concatenate((before[:, 2], ends))[order]

    def _free(self) -> Floats:
        """When each thread of each row becomes free; those of an empty station have been so."""
        fifos = self.field.fifos
        workers = np.array([fifo.workers for fifo in fifos])
        width = int(workers.max())
        free = np.zeros((len(fifos), width))
        if int(workers.min()) < width:
            free[np.arange(width) >= workers[:, None]] = inf
        for row in self.busy:
            free[row, : fifos[row].workers] = fifos[row].free
        return free

    def _serve(self, row: Indexes, times: Floats) -> tuple[Floats, Floats]:
        """Starts and ends: the first job of every row, the second, and so on."""
        starts, ends, free = np.empty_like(times), np.empty_like(times), self.free
        first = np.cumsum(self.coming) - self.coming
        rank = np.arange(len(times)) - first[row]
        for turn in range(int(self.coming.max(initial=0))):
            jobs = np.flatnonzero(rank == turn)
            rows = row[jobs]
            thread = free[rows].argmin(axis=1)
            start = np.maximum(times[jobs], free[rows, thread])
            end = start + self.works[jobs]
            free[rows, thread] = end
            starts[jobs], ends[jobs] = start, end
        return starts, ends

    def tell(self, kept: Mask) -> None:
        """Account for what holds, and tell the sources."""
        field, until = self.field, self.field.until
        count = len(field.lines)
        done = self.ends <= until
        row, stayed = self.row, np.where(done, self.ends - self.arrivals, 0.0)
        waited = np.where(done, self.starts - self.arrivals, 0.0)
        left = np.where(done, 0.0, self.ends - np.maximum(self.starts, until))
        left[left >= NEVER_S] = 0.0
        sums = [np.bincount(row, one, count).tolist() for one in (left, stayed, waited)]
        began = [line.station.time for line in field.lines]
        columns = (self.work.tolist(), field.coming, self.late.tolist(), *sums)
        keeps = kept.tolist()
        for line, keep, work, came, late, pending, stay, wait in zip(
            field.lines, keeps, *columns, strict=True
        ):
            if keep:
                line.account(until, work, pending)
                station = line.station
                station.taken += came
                if late:
                    station.waited += late
                station.inside_s += stay
                station.line_s += wait
        self._store(kept, ~done)
        self._tell_owners(kept, done, began)

    def _tell_owners(self, kept: Mask, done: Mask, began: list[float]) -> None:
        lines = self.field.lines
        owners = [line.station.owner for line in lines]
        numbers = {owner: number for number, owner in enumerate(dict.fromkeys(owners))}
        of_row = np.array([numbers[owner] for owner in owners])
        for owner, number in numbers.items():
            if owner is None:
                continue
            mine = (of_row == number) & kept
            rows = np.flatnonzero(mine)
            gone = np.flatnonzero(done & mine[self.row])
            which = np.searchsorted(rows, self.row[gone])
            ours = [(lines[row], began[row]) for row in rows.tolist()]
            crop = Crop(ours, self.field.until, which, self.arrivals[gone], self.ends[gone])
            owner.settle_many(crop)

    def _store(self, kept: Mask, left: Mask) -> None:
        """Those who are still inside stay in their lines."""
        fifos = self.field.fifos
        for row in self.busy:
            if kept[row]:
                fifos[row].jobs = []
        at = np.flatnonzero(left & kept[self.row])
        columns = (self.row, self.arrivals, self.starts, self.ends)
        for row, *job in zip(*(column[at].tolist() for column in columns), strict=True):
            fifo = fifos[row]
            if not fifo.jobs:
                fifo.free = np.sort(self.free[row])[: fifo.workers].tolist()
            fifo.jobs.append((job[0], job[1], job[2]))


def _flat(inboxes: list[list[Floats | list[float]]]) -> Floats:
    parts = list(chain.from_iterable(inboxes))
    if any(isinstance(part, list) for part in parts):
        return np.array(list(chain.from_iterable(parts)))
    return np.concatenate(parts) if parts else NOTHING
