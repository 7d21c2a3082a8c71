"""All CPU of a world: which stations depend on each other, and solving each group just in time.

Stations form *cells*. A station is alone in its cell unless something ties it to others: its
host has more threads than cores, its source decides by looking at queues, or somebody must act
at an exact instant. A cell is solved when somebody must know, never because time passes.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from typing import Protocol

import numpy as np
import numpy.typing as npt

from simulator.machine.cpu.coupled import Coupled, Feed
from simulator.machine.cpu.fifo import FifoLine
from simulator.machine.cpu.share import CpuGroup
from simulator.machine.cpu.sharing import solve
from simulator.machine.cpu.station import Station

Floats = npt.NDArray[np.float64]
_NOTHING: Floats = np.empty(0)


class Source(Feed, Protocol):
    """Something that sends jobs to stations: a service with its traffic."""

    @property
    def stations(self) -> Collection[Station]:
        """Where it sends jobs now."""

    @property
    def exact(self) -> bool:
        """Whether it must decide job by job, in the order of time."""

    def plan(self, until: float) -> None:
        """Not exact: put the arrivals up to ``until`` into the stations' inboxes."""

    def prepare(self, until: float) -> None:
        """Exact: have the arrivals up to ``until`` ready for ``peek`` and ``take``."""

    def settle(self, outcome: Outcome) -> None:
        """Take note of what became of plain jobs (those without a reference)."""


class Outcome:
    """What became of the plain jobs of one station between two instants, ``start`` and ``end``."""

    __slots__ = ("arrivals", "end", "ends", "lost", "pending", "refused", "start", "station")

    def __init__(
        self,
        station: Station,
        start: float,
        end: float,
        arrivals: Floats,
        ends: Floats,
        refused: Floats,
        pending: Callable[[], Floats],
        lost: Floats = _NOTHING,
    ) -> None:
        self.station = station
        self.start = start
        self.end = end
        self.arrivals = arrivals
        self.ends = ends
        self.refused = refused
        self.pending = pending
        """Arrival times of the jobs still inside; a call, because few want to know."""
        self.lost = lost
        """Arrival times of the jobs that died with the station at ``end``."""


class Cell:
    """Stations solved together, and the exact sources that send to them."""

    def __init__(self, stations: list[Station], sources: list[Source], watched: bool) -> None:
        self.stations = stations
        self.sources = sources
        self.time = stations[0].time
        self.alone = not sources and not watched and len(stations) == 1
        self.line: FifoLine | None = None
        self._base = 0.0
        if self.alone:
            self._choose(stations[0])

    def _choose(self, station: Station) -> None:
        self.cores = min(group.limit for group in (*station.group.ceilings(), _EVERYTHING))
        quota = station.quota
        calm = quota is None or quota.cores >= station.workers
        plain = not any(job[3] is not None for job in station.busy)
        plain = plain and not any(job[2] is not None for job in station.waiting)
        self.alone = plain and not station.frozen
        if self.alone and calm and station.workers <= self.cores:
            station.time = self.time
            self.line = FifoLine.of(station)
            self._base = station.used + self.line.pending_work()

    def advance(self, until: float) -> tuple[Station, str] | None:
        """Solve up to ``until``; the station that must be acted upon, at ``self.time``."""
        if until <= self.time:
            return None
        start = self.time
        if not self.alone:
            return self._advance_coupled(start, until)
        self.time = until
        station = self.stations[0]
        times, works = _take_inbox(station)
        if self.line is not None:
            self._base += float(works.sum())
            arrivals, ends, refused = self.line.advance(times, works, until)
            station.taken += len(times) - len(refused)
            if len(refused):
                self._base -= float(works[np.isin(times, refused)].sum())
            station.used = self._base - self.line.pending_work()
            station.time = until
            pending: Callable[[], Floats] = self._pending_in_line
        else:
            solved = solve(station, self.cores, times.tolist(), works.tolist(), until)
            arrivals, ends, refused = (np.array(part) for part in solved)
            station.taken += len(times) - len(refused)
            pending = station.arrivals_pending
        self._tell(Outcome(station, start, until, arrivals, ends, refused, pending))
        return None

    def _pending_in_line(self) -> Floats:
        return self.line.arrivals if self.line is not None else _NOTHING

    def _tell(self, outcome: Outcome) -> None:
        if outcome.station.owner is not None:
            outcome.station.owner.settle(outcome)

    def _advance_coupled(self, start: float, until: float) -> tuple[Station, str] | None:
        for source in self.sources:
            source.prepare(until)
        loop = Coupled(self.stations, self.sources, self._planned(), start)
        self.time = loop.run(until)
        for time, index, work in loop.planned:
            station = self.stations[index]
            station.inbox_times.append(np.array([time]))
            station.inbox_works.append(np.array([work]))
        for station, (arrivals, ends, refused) in loop.outcomes.items():
            self._tell(
                Outcome(
                    station,
                    start,
                    self.time,
                    np.array(arrivals),
                    np.array(ends),
                    np.array(refused),
                    station.arrivals_pending,
                )
            )
        return loop.stopped

    def _planned(self) -> list[tuple[float, int, float]]:
        planned: list[tuple[float, int, float]] = []
        for index, station in enumerate(self.stations):
            if station.inbox_times:
                times, works = _take_inbox(station, scale=False)
                planned += zip(times.tolist(), [index] * len(times), works.tolist(), strict=True)
        planned.sort()
        return planned

    def in_system(self, station: Station) -> int:
        """Jobs inside a station as of ``time``."""
        return len(self.line.ends) if self.line is not None else station.in_system

    def queued(self, station: Station) -> int:
        """Jobs in line at a station as of ``time``."""
        if self.line is not None:
            return int((self.line.starts > self.time).sum())
        return len(station.waiting)

    def dissolve(self) -> None:
        """Write everything back into the stations' general form."""
        if self.line is not None:
            self.line.time = self.time
            self.line.store(self.stations[0])
            self.line = None


_EVERYTHING = CpuGroup("everything")


def _take_inbox(station: Station, *, scale: bool = True) -> tuple[Floats, Floats]:
    if not station.inbox_times:
        return _NOTHING, _NOTHING
    if len(station.inbox_times) == 1:
        times, works = station.inbox_times[0], station.inbox_works[0]
    else:
        times, works = np.concatenate(station.inbox_times), np.concatenate(station.inbox_works)
    station.inbox_times.clear()
    station.inbox_works.clear()
    return times, works * station.work_scale if scale and station.work_scale != 1.0 else works


class Fabric:
    """Every station and source of a world, in cells."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._cells: dict[Station, Cell] = {}
        self._sources: list[Source] = []
        self._loose: dict[Station, None] = {}
        self._on_root: dict[CpuGroup, dict[Station, None]] = {}
        self._watched: dict[Station, None] = {}
        self._acting: tuple[Station, str] | None = None
        self.on_act: dict[Station, Callable[[str], None]] = {}
        """What to do when a watched station empties, finishes a task or reaches its alarm."""

    # --- building -------------------------------------------------------------------------------

    def add_station(self, station: Station) -> None:
        """A new station, empty or with jobs; its group is already in a host's tree."""
        station.time = self._clock()
        station.root = station.group.root
        self._on_root.setdefault(station.root, {})[station] = None
        self._loose[station] = None
        self.disturb_host(station.root)

    def remove_station(self, station: Station) -> int:
        """A station ends; its jobs are lost, and their sources told. Returns how many."""
        self.disturb(station)
        self._loose.pop(station, None)
        self._watched.pop(station, None)
        self.on_act.pop(station, None)
        self._on_root[station.root].pop(station, None)
        now = self._clock()
        lost = station.drop_all()
        plain = np.array([arrival for arrival, job in lost if job is None])
        if len(plain) and station.owner is not None:
            nothing = _NOTHING
            gone = Outcome(station, now, now, nothing, nothing, nothing, _empty, plain)
            station.owner.settle(gone)
        for _, job in lost:
            if job is not None:
                job.lost(station, now)
        self.disturb_host(station.root)
        return len(lost)

    def add_source(self, source: Source) -> None:
        """A new source of jobs."""
        self._sources.append(source)
        self.disturb(*source.stations)

    def remove_source(self, source: Source) -> None:
        """A source ends; jobs it sent are finished."""
        self.disturb(*source.stations)
        self._sources.remove(source)

    def watch(self, station: Station, act: Callable[[str], None]) -> None:
        """Call ``act`` at the exact instant at which the station empties, ends a task or alarms."""
        self.disturb(station)
        self._watched[station] = None
        self.on_act[station] = act

    def unwatch(self, station: Station) -> None:
        """Nobody acts on this station any more."""
        self.disturb(station)
        self._watched.pop(station, None)
        self.on_act.pop(station, None)

    # --- changing -------------------------------------------------------------------------------

    def disturb(self, *stations: Station) -> None:
        """Solve the cells of these stations up to now and dissolve them: something changes."""
        now = self._clock()
        for source in self._sources:
            if not source.exact:
                source.plan(now)
        for station in stations:
            cell = self._cells.get(station)
            if cell is None:
                continue
            cell.advance(now)
            cell.dissolve()
            for member in cell.stations:
                del self._cells[member]
                self._loose[member] = None

    def disturb_host(self, root: CpuGroup) -> None:
        """Solve everything on a host up to now and dissolve its cells."""
        self.disturb(*self._on_root.get(root, ()))

    # --- solving --------------------------------------------------------------------------------

    def settle(self, stations: Iterable[Station] | None = None) -> None:
        """Solve all cells, or those of the given stations, up to now."""
        now = self._clock()
        self._gather()
        for source in self._sources:
            if not source.exact:
                source.plan(now)
        cells = (
            self._cells.values()
            if stations is None
            else (self._cells[station] for station in stations)
        )
        for cell in list(dict.fromkeys(cells)):
            cell.advance(now)

    def in_system(self, station: Station) -> int:
        """Jobs inside a station, as of the last settling."""
        cell = self._cells.get(station)
        return cell.in_system(station) if cell is not None else station.in_system

    def queued(self, station: Station) -> int:
        """Jobs in line at a station, as of the last settling."""
        cell = self._cells.get(station)
        return cell.queued(station) if cell is not None else len(station.waiting)

    def run_ahead(self, until: float) -> float | None:
        """Solve what is watched up to ``until``; the earlier instant at which somebody must act."""
        self._gather()
        if not self._watched:
            return None
        cell = self._cells[next(iter(self._watched))]
        stopped = cell.advance(until)
        if stopped is None:
            return None
        self._acting = stopped
        return cell.time

    def act(self, now: float) -> None:
        """Tell whoever watches the station that stopped the loop."""
        assert self._acting is not None
        station, what = self._acting
        self._acting = None
        self.on_act[station](what)

    # --- cells ----------------------------------------------------------------------------------

    def _gather(self) -> None:
        """Put every loose station into a cell."""
        while self._loose:
            first = next(iter(self._loose))
            members, sources, watched = self._closure(first, watched=False)
            self.disturb(*(station for station in members if station in self._cells))
            for station in members:
                del self._loose[station]
            cell = Cell(list(members), list(sources), watched)
            for station in members:
                self._cells[station] = cell

    def _closure(
        self, first: Station, *, watched: bool
    ) -> tuple[dict[Station, None], dict[Source, None], bool]:
        """Everything tied to a station. What is watched is one cell: it must stop as one."""
        members: dict[Station, None] = {first: None}
        sources: dict[Source, None] = {}
        todo = [first]
        if watched:
            members.update(self._watched)
            todo = list(members)
        while todo:
            station = todo.pop()
            if station in self._watched and not watched:
                return self._closure(first, watched=True)
            found = list(self._on_root[station.root]) if self._crowded(station.root) else []
            for source in self._sources:
                if (source.exact or watched) and station in source.stations:
                    sources[source] = None
                    found += source.stations
            for other in found:
                if other not in members:
                    members[other] = None
                    todo.append(other)
        return members, sources, watched

    def _crowded(self, root: CpuGroup) -> bool:
        """Whether the threads on a host could ever want more than some ceiling gives."""
        return len(self._on_root.get(root, ())) > 1 and _could_exceed(root)


def _most_threads(group: CpuGroup) -> float:
    if group.station is not None:
        return min(group.station.workers, group.limit)
    return min(group.limit, sum(_most_threads(child) for child in group.children))


def _could_exceed(group: CpuGroup) -> bool:
    if group.station is not None:
        return group.station.workers > group.limit
    wanted = sum(_most_threads(child) for child in group.children)
    return wanted > group.limit or any(_could_exceed(child) for child in group.children)


def _empty() -> Floats:
    return _NOTHING
