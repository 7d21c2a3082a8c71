"""Jobs in rows, one row a station: those inside, those sent, those that come in a slice."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import chain

import numpy as np
import numpy.typing as npt

from simulator.machine.cpu.cells import Line
from simulator.machine.cpu.few import FewLine
from simulator.machine.cpu.outcome import NOTHING, Floats, Indexes
from simulator.machine.cpu.station import Station

Mask = npt.NDArray[np.bool_]
NO_ROWS: Indexes = np.empty(0, dtype=np.intp)


class Jobs:
    """Jobs in rows: row by row, as they arrived."""

    __slots__ = ("arrivals", "ends", "row", "starts")

    def __init__(self, row: Indexes, arrivals: Floats, starts: Floats, ends: Floats) -> None:
        self.row = row
        self.arrivals = arrivals
        self.starts = starts
        self.ends = ends

    @classmethod
    def of(cls, lines: Sequence[Line], first: int) -> Jobs:
        """Those inside these lines, which are the rows from ``first`` on."""
        inside = [(row, line.fifo) for row, line in enumerate(lines, first) if len(line.fifo)]
        row = np.repeat([row for row, _ in inside], [len(fifo) for _, fifo in inside])
        placed = [job for _, fifo in inside if isinstance(fifo, FewLine) for job in fifo.jobs]
        columns = np.array(placed).reshape(-1, 3)
        return cls(row.astype(np.intp), columns[:, 0], columns[:, 1], columns[:, 2])

    def joined(self, other: Jobs) -> Jobs:
        """With others, who came later."""
        if not len(other.row):
            return self
        row = np.concatenate((self.row, other.row))
        order = np.argsort(row, kind="stable")
        return Jobs(
            row[order],
            np.concatenate((self.arrivals, other.arrivals))[order],
            np.concatenate((self.starts, other.starts))[order],
            np.concatenate((self.ends, other.ends))[order],
        )

    def kept(self, which: Mask) -> Jobs:
        """Some of them."""
        return Jobs(self.row[which], self.arrivals[which], self.starts[which], self.ends[which])

    def listed(self, low: int, high: int) -> list[tuple[float, float, float]]:
        """Arrivals, starts and ends of some that are next to each other."""
        columns = (self.arrivals, self.starts, self.ends)
        return list(zip(*(one[low:high].tolist() for one in columns), strict=True))


class Sent:
    """Jobs sent to rows: row by row, in the order of time."""

    __slots__ = ("row", "times", "works")

    def __init__(self, row: Indexes, times: Floats, works: Floats) -> None:
        order = np.argsort(row, kind="stable")
        self.row, self.times, self.works = row[order], times[order], works[order]

    def joined(self, later: Sent) -> Sent:
        """With jobs that came later."""
        return Sent(
            np.concatenate((self.row, later.row)),
            np.concatenate((self.times, later.times)),
            np.concatenate((self.works, later.works)),
        )

    def of(self, row: int) -> tuple[Floats, Floats]:
        """Times and works of those for one row."""
        low, high = np.searchsorted(self.row, (row, row + 1)).tolist()
        return self.times[low:high], self.works[low:high]

    def renumbered(self, place: Indexes) -> Sent:
        """Rows have other numbers; -1: they are here no more."""
        row = place[self.row]
        here = row >= 0
        return Sent(row[here], self.times[here], self.works[here])


class Coming:
    """Jobs that come to rows in a slice: row by row, as they arrive."""

    __slots__ = ("counts", "ends", "raw", "row", "starts", "times", "works")

    def __init__(self, row: Indexes, times: Floats, raw: Floats, works: Floats, size: int) -> None:
        self.row = row
        self.times = times
        self.raw = raw
        """Their work as it came."""
        self.works = works
        """Their work on the machine that it came to."""
        self.starts = self.ends = NOTHING
        self.counts: Indexes = np.bincount(row, minlength=size)

    @classmethod
    def taken(cls, sent: Sequence[Sent], scales: Floats) -> Coming:
        """All that was sent to these rows."""
        if not sent:
            return cls(NO_ROWS, NOTHING, NOTHING, NOTHING, len(scales))
        whole = sent[0]
        for piece in sent[1:]:
            whole = whole.joined(piece)
        row, times, raw = whole.row, whole.times, whole.works
        return cls(row, times, raw, raw * scales[row], len(scales))

    def kept(self, rows: Mask) -> Coming:
        """What comes to some of the rows."""
        which = rows[self.row]
        kept = Coming(
            self.row[which], self.times[which], self.raw[which], self.works[which], len(rows)
        )
        if len(self.starts):
            kept.starts, kept.ends = self.starts[which], self.ends[which]
        return kept

    def put_back(self, rows: Sequence[int], stations: Sequence[Station]) -> None:
        """Into the inboxes of some of the rows."""
        for row in rows:
            low, high = np.searchsorted(self.row, (row, row + 1)).tolist()
            if low < high:
                stations[row].inbox_times.append(self.times[low:high])
                stations[row].inbox_works.append(self.raw[low:high])

    def serve(self, free: Floats) -> None:
        """Starts and ends: the first job of every row, the second, and so on."""
        row, times, works = self.row, self.times, self.works
        starts, ends = np.empty_like(times), np.empty_like(times)
        first = np.cumsum(self.counts) - self.counts
        rank = np.arange(len(times)) - first[row]
        for turn in range(int(self.counts.max(initial=0))):
            jobs = np.flatnonzero(rank == turn)
            rows = row[jobs]
            thread = free[rows].argmin(axis=1)
            start = np.maximum(times[jobs], free[rows, thread])
            end = start + works[jobs]
            free[rows, thread] = end
            starts[jobs], ends[jobs] = start, end
        self.starts, self.ends = starts, ends


def in_inboxes(lines: Sequence[Line], first: int) -> Sent:
    """Take what has come to the stations of these lines, which are the rows from ``first`` on."""
    inboxes = [(row, line.station) for row, line in enumerate(lines, first)]
    inboxes = [(row, station) for row, station in inboxes if station.inbox_times]
    counts = [sum(map(len, one.inbox_times)) for _, one in inboxes]
    row = np.repeat(np.array([row for row, _ in inboxes], dtype=np.intp), counts)
    times = _flat([one.inbox_times for _, one in inboxes])
    works = _flat([one.inbox_works for _, one in inboxes])
    for _, one in inboxes:
        one.inbox_times.clear()
        one.inbox_works.clear()
    return Sent(row, times, works)


def _flat(inboxes: list[list[Floats | list[float]]]) -> Floats:
    parts = list(chain.from_iterable(inboxes))
    if any(isinstance(part, list) for part in parts):
        return np.array(list(chain.from_iterable(parts)))
    return np.concatenate(parts) if parts else NOTHING
