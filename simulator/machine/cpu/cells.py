"""Cells: stations that are solved together, each kind of cell in its own way.

A station alone in its cell is solved in bulk. Stations on hosts that *could* run out of cores are
first solved in bulk too, in the hope that they do not. Where the solution shows more threads at
work than some ceiling allows it is thrown away, and the slice is solved event by event. Both give
the same result wherever the hope was right, because then no thread ever waited for a core.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from simulator.machine.cpu.contended import Contended, is_flat
from simulator.machine.cpu.coupled import Coupled
from simulator.machine.cpu.fifo import FifoLine, Memento
from simulator.machine.cpu.outcome import NOTHING, Floats, Offers, Outcome, Source
from simulator.machine.cpu.pool import Placed, place
from simulator.machine.cpu.share import CpuGroup
from simulator.machine.cpu.sharing import solve
from simulator.machine.cpu.station import Station

_LONGEST_DOUBT = 16
"""Slices solved event by event after hopes that failed, before the next hope."""


class Cell:
    """Base: stations solved together, up to ``time``."""

    def __init__(self, stations: list[Station], sources: Sequence[Source] = ()) -> None:
        self.stations = stations
        self.sources = sources
        """The sources that decide job by job while this cell is solved."""
        self.time = stations[0].time
        self.lines: dict[Station, Line] = {}

    def advance(self, until: float) -> tuple[Station, str] | None:
        """Solve up to ``until``; the station that must be acted upon, at ``self.time``."""
        raise NotImplementedError

    def in_system(self, station: Station) -> int:
        """Jobs inside a station as of ``time``."""
        line = self.lines.get(station)
        return len(line.fifo.ends) if line is not None else station.in_system

    def queued(self, station: Station) -> int:
        """Jobs in line at a station as of ``time``."""
        line = self.lines.get(station)
        if line is None:
            return len(station.waiting)
        if len(line.fifo.ends) <= line.fifo.workers:
            return 0
        return int((line.fifo.starts > self.time).sum())

    def dissolve(self) -> None:
        """Write everything back into the stations' general form."""
        for line in self.lines.values():
            line.store(self.time)
        self.lines = {}
        _calm(self.stations, self.time)


class Line:
    """The bulk form of one station, with its CPU account."""

    __slots__ = (
        "_base",
        "_endless",
        "_refused",
        "_since",
        "_taken",
        "_work",
        "fifo",
        "station",
    )

    def __init__(self, station: Station) -> None:
        self.station = station
        self.fifo = FifoLine.of(station)
        self._base = station.used + self.fifo.pending_work()
        self._endless, self._since = self.fifo.endless(), self.fifo.time
        self._work, self._taken, self._refused = 0.0, 0, NOTHING
        # From here on those at work count as if they had waited until now; see ``store``.
        station.waited_s -= self.fifo.waited_s(station.time)
        station.waited_s += sum([station.time - job[1] for job in station.waiting])
        station.bulk = self.fifo

    def store(self, time: float) -> None:
        """Write everything back into the station's general form, as of ``time``."""
        station, fifo = self.station, self.fifo
        station.waited_s = station.area_waiting(time)
        station.bulk = None
        fifo.time = time
        fifo.store(station)
        station.waited_s -= sum([time - job[1] for job in station.waiting])

    def take(self, times: Floats, works: Floats) -> None:
        """Serve these arrivals, without yet telling anybody."""
        self._work, self._refused = self.fifo.take(times, works)
        self._taken = len(times) - len(self._refused)

    def put(self, got: Placed) -> None:
        """Jobs that a balancer placed here, without yet telling anybody."""
        starts, ends = np.array(got.starts), np.array(got.ends)
        self.fifo.append(np.array(got.arrivals), starts, ends)
        self._work = float((ends - starts).sum())
        self._taken, self._refused = len(got.arrivals), np.array(got.refused)

    def tell(self, start: float, until: float) -> None:
        """What was taken holds: account for it and tell the source."""
        station, fifo = self.station, self.fifo
        station.waited += fifo.late(self._taken)
        arrivals, starts, ends = fifo.leave(until)
        if len(ends):
            station.stayed_s += float((ends - arrivals).sum())
            station.waited_s += float((starts - arrivals).sum())
        station.taken += self._taken
        self._base += self._work
        station.used = self._base - fifo.pending_work() + self._endless * (until - self._since)
        station.time = until
        refused = self._refused
        self._work, self._taken, self._refused = 0.0, 0, NOTHING
        _tell(Outcome(station, start, until, arrivals, ends, refused, self._waiting))

    def _waiting(self) -> Floats:
        return self.fifo.arrivals


class AloneCell(Cell):
    """One station that depends on nobody: FIFO at full speed in bulk, or the sharing loops."""

    def __init__(self, station: Station) -> None:
        super().__init__([station])
        self.cores = min((group.limit for group in station.group.ceilings()), default=np.inf)
        if station.bound is None and station.workers <= self.cores and station.workers < np.inf:
            self.lines[station] = Line(station)

    def advance(self, until: float) -> tuple[Station, str] | None:
        """Solve up to ``until``; nobody has to act upon such a station."""
        start, station = self.time, self.stations[0]
        if until <= start:
            return None
        self.time = until
        times, works = _take_inbox(station)
        line = self.lines.get(station)
        if line is not None:
            line.take(times, works)
            line.tell(start, until)
            return None
        solved = solve(station, self.cores, times.tolist(), works.tolist(), until)
        arrivals, ends, refused = (np.array(part) for part in solved)
        station.taken += len(times) - len(refused)
        station.stayed_s += float((ends - arrivals).sum())
        pending = station.arrivals_pending
        _tell(Outcome(station, start, until, arrivals, ends, refused, pending))
        return None


class CrowdCell(Cell):
    """Stations that may compete for cores, sources that look at queues, and what is watched."""

    def __init__(self, stations: list[Station], sources: list[Source], watched: bool) -> None:
        super().__init__(stations, sources)
        self._ceilings = _ceilings(stations)
        countable = all(source.countable for source in sources)
        self._may_hope = countable and not watched and all(map(_fits_alone, stations))
        self._doubt = self._failures = 0
        self._flat = is_flat(stations)

    def advance(self, until: float) -> tuple[Station, str] | None:
        """Solve up to ``until``; the station that must be acted upon, at ``self.time``."""
        start = self.time
        if until <= start:
            return None
        if self._may_hope and self._hope(start, until):
            return None
        for source in self.sources:
            source.prepare(until)
        solver = Contended if self._flat else Coupled
        loop = solver(self.stations, self.sources, self._planned(), start)
        self.time = loop.run(until)
        for time, index, work in loop.planned:
            station = self.stations[index]
            station.inbox_times.append(np.array([time]))
            station.inbox_works.append(np.array([work]))
        for station, parts in loop.outcomes.items():
            arrivals, ends, refused = (np.array(part) for part in parts)
            pending = station.arrivals_pending
            _tell(Outcome(station, start, self.time, arrivals, ends, refused, pending))
        return loop.stopped

    def _planned(self) -> list[tuple[float, int, float]]:
        planned: list[tuple[float, int, float]] = []
        for index, station in enumerate(self.stations):
            times, works = _take_inbox(station, scale=False)
            planned += zip(times.tolist(), [index] * len(times), works.tolist(), strict=True)
        planned.sort()
        return planned

    # --- hoping that there are cores enough -------------------------------------------------------

    def _hope(self, start: float, until: float) -> bool:
        """Solve the slice in bulk; False, with nothing changed, if a thread would have waited."""
        if self._doubt:
            self._doubt -= 1
            return False
        if not self.lines:
            if not all(station.plain for station in self.stations):
                return False
            self.lines = {station: Line(station) for station in self.stations}
        if any(station.inbox_times for source in self.sources for station in source.stations):
            self.dissolve()
            return False
        inboxes = [_take_inbox(station, scale=False) for station in self.stations]
        mementos = [line.fifo.memento() for line in self.lines.values()]
        for line, (times, works) in zip(self.lines.values(), inboxes, strict=True):
            line.take(times, works * line.station.work_scale)
        choices = [source.memento() for source in self.sources]
        placed = [self._place(source, until) for source in self.sources]
        if all(self._holds(members, limit, until) for members, limit in self._ceilings):
            self.time = until
            self._failures = 0
            _calm(self.stations, start)
            for source, offers in zip(self.sources, placed, strict=True):
                source.take_all(offers)
            for line in self.lines.values():
                line.tell(start, until)
            return True
        for source, choice in zip(self.sources, choices, strict=True):
            source.restore(choice)
        self._give_up(inboxes, mementos)
        return False

    def _place(self, source: Source, until: float) -> Offers:
        offers = source.offers(until)
        lines = [self.lines[station] for station in offers.stations]
        for line, got in zip(lines, place(offers, [one.fifo for one in lines]), strict=True):
            line.put(got)
        return offers

    def _holds(self, members: list[Station], limit: float, until: float) -> bool:
        """Whether no more than ``limit`` threads of these stations are ever at work at once."""
        lines = [self.lines[station].fifo for station in members]
        starts = np.sort(np.concatenate([line.starts for line in lines]))
        starts = starts[starts <= until]
        if len(starts) <= limit:
            return True
        ends = np.sort(np.concatenate([line.ends for line in lines]))
        gone = np.searchsorted(ends, starts, side="right")
        return bool((np.arange(1, len(starts) + 1) - gone).max() <= limit)

    def _give_up(self, inboxes: list[tuple[Floats, Floats]], mementos: list[Memento]) -> None:
        for line, memento in zip(self.lines.values(), mementos, strict=True):
            line.fifo.restore(memento)
        self.dissolve()
        for station, (times, works) in zip(self.stations, inboxes, strict=True):
            if len(times):
                station.inbox_times.append(times)
                station.inbox_works.append(works)
        self._failures += 1
        self._doubt = min(_LONGEST_DOUBT, 2**self._failures)


def _calm(stations: list[Station], now: float) -> None:
    """Nobody misses CPU from ``now`` on, until a loop from event to event says otherwise."""
    for root in dict.fromkeys(station.root for station in stations):
        if root.squeezed:
            root.relax(now)


def _fits_alone(station: Station) -> bool:
    """Whether a station never waits for CPU when the others leave it alone."""
    own = min((group.limit for group in station.group.ceilings()), default=np.inf)
    return station.bound is None and station.workers <= own


def _ceilings(stations: list[Station]) -> list[tuple[list[Station], float]]:
    """Groups whose ceiling several stations share, with the stations below each."""
    below: dict[CpuGroup, list[Station]] = {}
    for station in stations:
        for group in station.group.ceilings():
            below.setdefault(group, []).append(station)
    return [(members, group.limit) for group, members in below.items() if len(members) > 1]


def _tell(outcome: Outcome) -> None:
    if outcome.station.owner is not None:
        outcome.station.owner.settle(outcome)


def _take_inbox(station: Station, *, scale: bool = True) -> tuple[Floats, Floats]:
    if not station.inbox_times:
        return NOTHING, NOTHING
    if len(station.inbox_times) == 1:
        times, works = station.inbox_times[0], station.inbox_works[0]
    else:
        times, works = np.concatenate(station.inbox_times), np.concatenate(station.inbox_works)
    station.inbox_times.clear()
    station.inbox_works.clear()
    return times, works * station.work_scale if scale and station.work_scale != 1.0 else works
