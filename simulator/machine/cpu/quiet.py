"""Quiet stations of all hosts in one step: what each does alone in ``few.py``, as columns.

A station with a request or two a second costs a dozen microseconds if it is looked at alone. Here
it is a row of arrays that stay from one slice to the next: the first request of every station is
served in one vector operation, then the second, and so on. Whoever reads a station (``Station``'s
own properties see to that) has its row written back first; whoever touches one has its cell given
back, which then lives by itself until the next slice. Cells whose host would not have had cores
enough, or in which much happens, are given back as they were, to be solved by themselves.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from math import inf

import numpy as np

from simulator.machine.cpu.cells import Cell, Line
from simulator.machine.cpu.few import FewLine
from simulator.machine.cpu.fifo import NEVER_S
from simulator.machine.cpu.layout import MOST, Layout
from simulator.machine.cpu.outcome import NOTHING, Crop, Floats, Indexes
from simulator.machine.cpu.rows import NO_ROWS, Coming, Jobs, Mask, Sent, in_inboxes
from simulator.machine.cpu.station import ROUNDING_S, Station

LEAST = 48
"""Stations from which on one step for all of them is faster than one for each."""
_MOST_WORKERS = 16

BASE, LEFT, TAKEN, WAITED, GONE_S, CALLED_S, INSIDE, QUEUED, STAYED_S, LINED_S = range(10)
"""Columns of sums: CPU-seconds of all work let in, and what of it is still to be done; jobs taken
in, and those that found no thread free; job-seconds inside of who has left, and in line; and of
who is inside: how many, how many in line, job-seconds inside and in line so far."""


class Quiet:
    """The quiet stations of a world, one a row."""

    def __init__(self) -> None:
        self.time = 0.0
        self.changes = 0
        """How often stations have come or gone: rows keep their meaning in between."""
        self.stations: list[Station] = []
        """By row; those that were given back are still among them until others come or go."""
        self.sums: Floats = np.zeros((10, 0))
        self._lines: list[Line] = []
        self._rows: dict[Station, int] = {}
        self._cells: dict[Cell, list[int]] = {}
        self._steps = 0
        self._written: list[int] = []
        """The step after which each row was written back last."""
        self._free: Floats = np.zeros((0, 1))
        """When each thread of each row becomes free."""
        self._jobs = Jobs(NO_ROWS, NOTHING, NOTHING, NOTHING)
        self._since: Floats = NOTHING
        """Up to when each row was told of."""
        self._layout = Layout([], {})
        self._sent: list[Sent] = []
        """Jobs that come to rows, in pieces, each row by row; the older the piece the larger."""
        self._gone = False
        """Whether stations were given back since rows were numbered."""

    def __len__(self) -> int:
        return len(self._rows)

    def used(self, rows: Indexes) -> Floats:
        """CPU-seconds that the stations of these rows have used since their start."""
        layout, sums = self._layout, self.sums
        endless = layout.endless[rows] * (self.time - layout.endless_since[rows])
        used: Floats = sums[BASE, rows] - sums[LEFT, rows] + endless
        return used

    def crowded(
        self, stations: Sequence[Station | None], workers: Sequence[float]
    ) -> tuple[list[int], list[int]]:
        """Which of these are here with as many inside as they have workers; which are not here."""
        get = self._rows.get
        rows = np.array([-1 if one is None else get(one, -1) for one in stations], dtype=np.intp)
        alone = np.flatnonzero(rows < 0).tolist()
        if len(alone) == len(rows):
            return [], alone
        inside = self.sums[INSIDE, rows]
        full = np.flatnonzero((rows >= 0) & (inside >= np.asarray(workers)))
        return full.tolist(), alone

    def row(self, station: Station) -> int | None:
        """The row of a station; None for one that is not here."""
        return self._rows.get(station)

    # --- coming and going -------------------------------------------------------------------------

    def advance(self, cells: Iterable[Cell], count: int, until: float) -> None:
        """Bring all here up to ``until``, and those of the cells in which little happens.

        ``count``: of the stations in all cells.
        """
        ours = self._cells
        if count < LEAST and not ours:
            return
        fresh = [
            cell for cell in cells if cell not in ours and cell.time < until and _is_quiet(cell)
        ]
        if len(self._rows) + sum([len(cell.lines) for cell in fresh]) < LEAST:
            self._give_back(list(ours))
            return
        if fresh or self._gone:
            self._arrange(fresh)
        if self.time < until or fresh:
            self._step(until)

    def give_back(self, cell: Cell) -> None:
        """From now on a cell is solved by itself."""
        if cell in self._cells:
            self._give_back([cell])

    def rows_of(self, stations: Sequence[Station]) -> Indexes:
        """The row of each of these stations; -1 for those that are not here."""
        return np.array([self._rows.get(station, -1) for station in stations], dtype=np.intp)

    def receive(self, station: Station, times: Floats, works: Floats) -> None:
        """Jobs come to one station."""
        self.send(np.full(len(times), self._rows[station]), times, works)

    def send(self, rows: Indexes, times: Floats, works: Floats) -> None:
        """Jobs come to these rows, in the order of time; work as on bare hardware."""
        if not len(rows):
            return
        sent = self._sent
        sent.append(Sent(rows, times, works))
        while len(sent) > 1 and len(sent[-2].row) <= 2 * len(sent[-1].row):
            newer = sent.pop()
            sent[-1] = sent[-1].joined(newer)

    def write_back(self, station: Station) -> None:
        """Have everything in the station itself that is known of it."""
        row = self._rows[station]
        if self._written[row] == self._steps:
            return
        self._written[row] = self._steps
        sums = self.sums[:, row].tolist()
        station.taken, station.waited = int(sums[TAKEN]), int(sums[WAITED])
        station.inside_s, station.line_s = sums[GONE_S], sums[CALLED_S]
        line = self._lines[row]
        line.account(self.time, sums[BASE], sums[LEFT])
        fifo = line.fifo
        assert isinstance(fifo, FewLine)
        low, high = np.searchsorted(self._jobs.row, (row, row + 1)).tolist()
        fifo.jobs = self._jobs.listed(low, high)
        fifo.free = np.sort(self._free[row])[: fifo.workers].tolist()

    def _give_back(self, cells: list[Cell]) -> None:
        for cell in cells:
            for row in self._cells.pop(cell):
                station = self.stations[row]
                self.write_back(station)
                station.keeper = None
                del self._rows[station]
                self._put_back(row, station)
        if cells:
            self._gone = True
            self.changes += 1

    def _put_back(self, row: int, station: Station) -> None:
        """What was sent to a row goes to its station's inbox."""
        for piece in self._sent:
            times, works = piece.of(row)
            if len(times):
                station.inbox_times.append(times)
                station.inbox_works.append(works)

    def _arrange(self, fresh: list[Cell]) -> None:
        """Rows for who has come, none for who has gone."""
        kept = np.array(sorted(self._rows.values()), dtype=np.intp)
        place = np.full(len(self.stations), -1, dtype=np.intp)
        place[kept] = np.arange(len(kept))
        self._cells = {cell: place[rows].tolist() for cell, rows in self._cells.items()}
        lines = [self._lines[row] for row in kept.tolist()]
        for cell in fresh:
            cell.fall_asleep()
            self._cells[cell] = list(range(len(lines), len(lines) + len(cell.lines)))
            lines += cell.lines.values()
        new = lines[len(kept) :]
        jobs = self._jobs.kept(place[self._jobs.row] >= 0)
        jobs.row = place[jobs.row]
        self._jobs = jobs.joined(Jobs.of(new, len(kept)))
        self._sent = [piece.renumbered(place) for piece in self._sent]
        came = in_inboxes(new, len(kept))
        self.send(came.row, came.times, came.works)
        self._free = _free(self._free[kept], lines, len(kept))
        self.sums = np.concatenate((self.sums[:, kept], _books(new)), axis=1)
        fresh_since = [line.station.time for line in new]
        self._since = np.concatenate((self._since[kept], fresh_since))
        self._written = [self._written[row] for row in kept.tolist()] + [self._steps] * len(new)
        self._lines, self.stations = lines, [line.station for line in lines]
        self._rows = {station: row for row, station in enumerate(self.stations)}
        self._layout = Layout(lines, self._cells)
        for line in new:
            line.station.keeper = self
        self.changes += 1
        self._gone = False

    # --- a slice ----------------------------------------------------------------------------------

    def _step(self, until: float) -> None:
        coming = Coming.taken(self._sent, self._layout.scales)
        self._sent = []
        inside = np.bincount(self._jobs.row, minlength=len(self.stations))
        full = (coming.counts > 0) & (coming.counts + inside > self._layout.most)
        if full.any():
            coming = self._leave_out(coming, full)
        free = self._free.copy()
        coming.serve(free)
        jobs = self._jobs.joined(Jobs(coming.row, coming.times, coming.starts, coming.ends))
        crowded = self._layout.crowded(jobs, float(self._since.min()), until)
        if crowded.any():
            coming = self._leave_out(coming, crowded)
        if self._gone:
            here = np.zeros(len(self.stations), dtype=np.bool_)
            here[list(self._rows.values())] = True
            jobs = jobs.kept(here[jobs.row])
        self._free = free
        self._account(coming, jobs, until)

    def _leave_out(self, coming: Coming, rows: Mask) -> Coming:
        """The cells of these rows are given back, with all that was coming to them."""
        numbers = np.unique(self._layout.cell_of[rows]).tolist()
        cells = [self._layout.cells[number] for number in numbers]
        members = [row for cell in cells for row in self._cells[cell]]
        coming.put_back(members, self.stations)
        self._give_back(cells)
        left = np.ones(len(self.stations), dtype=np.bool_)
        left[members] = False
        return coming.kept(left)

    def _account(self, coming: Coming, jobs: Jobs, until: float) -> None:
        """Keep books of what became of everybody, and tell the sources."""
        sums, size = self.sums, len(self.stations)
        sums[BASE] += np.bincount(coming.row, coming.works, size)
        sums[TAKEN] += coming.counts
        sums[WAITED] += np.bincount(coming.row, coming.starts - coming.times > ROUNDING_S, size)
        done = jobs.ends <= until
        gone, left = jobs.kept(done), jobs.kept(~done)
        sums[GONE_S] += np.bincount(gone.row, gone.ends - gone.arrivals, size)
        sums[CALLED_S] += np.bincount(gone.row, gone.starts - gone.arrivals, size)
        to_do = left.ends - np.maximum(left.starts, until)
        to_do[to_do >= NEVER_S] = 0.0
        sums[LEFT] = np.bincount(left.row, to_do, size)
        sums[INSIDE] = np.bincount(left.row, minlength=size)
        sums[QUEUED] = np.bincount(left.row, left.starts > until, size)
        sums[STAYED_S] = np.bincount(left.row, until - left.arrivals, size)
        waited = np.minimum(left.starts, until) - left.arrivals
        sums[LINED_S] = np.bincount(left.row, waited, size)
        since, self._since = self._since, np.full(size, until)
        self._jobs, self.time = left, until
        self._steps += 1
        for cell in self._cells:
            cell.time = until
        self._tell_owners(gone, since)

    def _tell_owners(self, gone: Jobs, since: Floats) -> None:
        layout = self._layout
        concerned = np.zeros(len(self.stations), dtype=np.bool_)
        concerned[gone.row] = concerned[self._jobs.row] = True
        for number, owner in enumerate(layout.owners):
            if owner is None:
                continue
            rows = np.flatnonzero(concerned & (layout.owner_of == number))
            ours, left = gone, self._jobs
            if len(layout.owners) > 1:
                ours = ours.kept(layout.owner_of[ours.row] == number)
                left = left.kept(layout.owner_of[left.row] == number)
            parts = (ours.row, ours.arrivals, ours.ends), (left.row, left.arrivals)
            crop = Crop(self.changes, self._lines, since, rows, self.time, *parts)
            owner.settle_many(crop)


def _is_quiet(cell: Cell) -> bool:
    """Whether nothing ties its stations but cores, and little happens in each."""
    if cell.quiet_limits() is None:
        return False
    for line in cell.lines.values():
        fifo = line.for_more(0)
        if not isinstance(fifo, FewLine) or fifo.workers > _MOST_WORKERS:
            return False
        coming = sum(map(len, line.station.inbox_times))
        if coming and coming + len(fifo.jobs) > min(MOST, fifo.workers + fifo.room):
            return False
    return bool(cell.lines)


def _free(kept: Floats, lines: Sequence[Line], first: int) -> Floats:
    """When each thread of each row becomes free; those of an empty station have been so."""
    workers = [int(line.station.workers) for line in lines]
    width = max(workers)
    free = np.zeros((len(lines), width))
    free[np.arange(width) >= np.array(workers)[:, None]] = inf
    common = min(width, kept.shape[1])
    free[:first, :common] = kept[:, :common]
    for row, line in enumerate(lines[first:], first):
        if len(line.fifo):
            free[row, : workers[row]] = line.fifo.free
    return free


def _books(lines: Sequence[Line]) -> Floats:
    """The columns of sums of stations that come."""
    books = np.zeros((10, len(lines)))
    stations = [line.station for line in lines]
    books[BASE] = [line.base for line in lines]
    books[TAKEN] = [one.taken for one in stations]
    books[WAITED] = [one.waited for one in stations]
    books[GONE_S] = [one.inside_s for one in stations]
    books[CALLED_S] = [one.line_s for one in stations]
    return books
