"""Cells: stations that are solved together, and the one that is alone, solved in bulk."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np

from simulator.machine.cpu.few import FEW, FewLine
from simulator.machine.cpu.fifo import FifoLine
from simulator.machine.cpu.outcome import NOTHING, Floats, Outcome, Times, listed
from simulator.machine.cpu.pool import Placed
from simulator.machine.cpu.route import steps_of
from simulator.machine.cpu.sharing import left_s, solve
from simulator.machine.cpu.station import Station

Memento = tuple[FifoLine | FewLine, Any]


class Cell:
    """Base: stations solved together, up to ``time``."""

    def __init__(self, time: float) -> None:
        self.time = time
        self.stations: dict[Station, None] = {}
        self.lines: dict[Station, Line] = {}

    def advance(self, until: float) -> tuple[Station, str] | None:
        """Solve up to ``until``; the station that must be acted upon, at ``self.time``."""
        raise NotImplementedError

    def quiet_limits(self) -> list[tuple[float, list[Station]]] | None:
        """How many cores some of its stations share, if nothing else ties them; else None."""
        return None

    def fall_asleep(self) -> None:
        """From now on somebody else solves it."""

    def in_system(self, station: Station) -> int:
        """Jobs inside a station as of ``time``."""
        line = self.lines.get(station)
        return line.fifo.inside() if line is not None else station.in_system

    def is_empty(self, station: Station) -> bool:
        """Whether nobody is inside, and no answer on its way out."""
        line = self.lines.get(station)
        return not len(line.fifo) if line is not None else station.empty

    def queued(self, station: Station) -> int:
        """Jobs in line at a station as of ``time``."""
        line = self.lines.get(station)
        return line.fifo.queued() if line is not None else len(station.waiting)

    def leave(self, station: Station) -> None:
        """One station goes, in its general form as of ``time``; the others stay as they are."""
        del self.stations[station]
        self._write_back(station)

    def _write_back(self, station: Station) -> None:
        line = self.lines.pop(station, None)
        if line is not None:
            line.store(self.time)
        station.time = self.time


class Line:
    """The bulk form of one station, with its CPU account."""

    __slots__ = (
        "_base",
        "_lanes_used",
        "_refused",
        "_steps",
        "_taken",
        "_work",
        "endless",
        "fifo",
        "since",
        "station",
    )

    def __init__(self, station: Station) -> None:
        self.station = station
        way = station.way
        self._steps = steps_of(way) if way is not None else ()
        self._lanes_used = [step.lane.used for step in self._steps]
        self.fifo: FifoLine | FewLine = FifoLine.of(station)
        self._lanes_used = [
            used + self._left_of(number) for number, used in enumerate(self._lanes_used)
        ]
        self._base = station.used + self.fifo.pending_work()
        self.endless, self.since = self.fifo.endless(), self.fifo.time
        """Threads whose work never ends, and since when their use has to be added."""
        self._work, self._taken = 0.0, 0
        self._refused: Times = NOTHING
        # What those inside have spent here so far is told by the bulk form; see ``store``.
        station.inside_s -= self.fifo.stayed_s(station.time)
        station.line_s -= self.fifo.waited_s(station.time)
        self._be(self.fifo)
        self.for_more(0)

    def store(self, time: float) -> None:
        """Write everything back into the station's general form, as of ``time``."""
        station, fifo = self.station, self.fifo
        station.inside_s, station.line_s = station.area_in_system(time), station.area_waiting(time)
        station.bulk = None
        fifo.time = time
        (fifo.long() if isinstance(fifo, FewLine) else fifo).store(station)

    def take(self, times: Times, works: Times) -> None:
        """Serve these arrivals, without yet telling anybody."""
        if not len(times):
            return
        fifo = self.for_more(len(times))
        if isinstance(fifo, FewLine):
            self._work, self._refused = fifo.take(listed(times), listed(works))
        else:
            self._work, self._refused = fifo.take(np.asarray(times), np.asarray(works))
        self._taken = len(times) - len(self._refused)

    def put(self, got: Placed) -> None:
        """Jobs that a balancer placed here, without yet telling anybody."""
        fifo = self.for_more(len(got.arrivals))
        self._taken, self._refused = len(got.arrivals), got.refused
        if isinstance(fifo, FewLine):
            fifo.append(got.arrivals, got.starts, got.ends)
            spans = zip(got.starts, got.ends, strict=True)
            self._work = sum([end - start for start, end in spans])
            return
        starts, ends = np.array(got.starts), np.array(got.ends)
        fifo.append(np.array(got.arrivals), starts, ends)
        self._work = float((ends - starts).sum()) - len(starts) * fifo.hold

    def memento(self) -> Memento:
        """What ``restore`` needs to forget everything taken since."""
        return self.fifo, self.fifo.memento()

    def restore(self, memento: Memento) -> None:
        """Be as when the memento was made; nobody has been told anything since."""
        fifo, before = memento
        fifo.restore(before)
        self._be(fifo)

    def for_more(self, coming: int) -> FifoLine | FewLine:
        """The jobs inside, in the form that suits them together with so many more."""
        fifo = self.fifo
        count = len(fifo) + coming
        if isinstance(fifo, FewLine):
            if count > FEW:
                self._be(fifo.long())
        elif count <= FEW // 2 and self.station.way is None:
            self._be(FewLine(fifo))
        return self.fifo

    def _be(self, fifo: FifoLine | FewLine) -> None:
        self.fifo = self.station.bulk = fifo

    @property
    def idle(self) -> bool:
        """Whether nobody is inside and nobody comes."""
        return not len(self.fifo) and not self.station.inbox_times

    @property
    def news(self) -> bool:
        """Whether anybody came or is inside."""
        return bool(self._taken or len(self.fifo) or len(self._refused))

    def tell(self, until: float) -> None:
        """What was taken holds: account for it and tell the source."""
        station, fifo = self.station, self.fifo
        start = station.time
        if self._taken:
            station.waited += fifo.late(self._taken)
            station.taken += self._taken
        self._base += self._work
        arrivals, ends = self._leave(until)
        for number, step in enumerate(self._steps):
            self._lanes_used[number] += self._taken * step.seconds
            used = self._lanes_used[number] - self._left_of(number)
            if step.seconds:
                step.lane.ran_s += (used - step.lane.used) * step.alone_s / step.seconds
            step.lane.used = used
        station.used = self._base - fifo.pending_work() + self.endless * (until - self.since)
        station.time = until
        refused = self._refused
        self._work, self._taken, self._refused = 0.0, 0, NOTHING
        tell(Outcome(station, start, until, arrivals, ends, refused, self.waiting))

    @property
    def base(self) -> float:
        """CPU-seconds of all work that was let in so far."""
        return self._base

    def account(self, until: float, base: float, left: float) -> None:
        """Somebody else has served what came: that is all work now, and so much of it is left."""
        station = self.station
        self._base = base
        used = base - left
        if self.endless:
            used += self.endless * (until - self.since)
        station.used = used
        station.time = self.fifo.time = until

    def _leave(self, until: float) -> tuple[Times, Times]:
        """Those who ended by ``until`` go: their arrivals and ends."""
        station, fifo = self.station, self.fifo
        if isinstance(fifo, FewLine):
            done = fifo.part(until)
            arrivals, ends = [job[0] for job in done], [job[2] for job in done]
            if done:
                station.inside_s += sum([job[2] - job[0] for job in done])
                station.line_s += sum([job[1] - job[0] for job in done])
            return arrivals, ends
        arrived, starts, ended = fifo.leave(until)
        if len(ended):
            station.inside_s += float((ended - arrived).sum())
            station.line_s += float((starts - arrived).sum())
        return arrived, ended

    def _left_of(self, number: int) -> float:
        """Seconds of a device's time that those inside have still to get on a step."""
        step, fifo = self._steps[number], self.fifo
        if not step.seconds or isinstance(fifo, FewLine):
            return 0.0
        later_s = sum([one.alone_s for one in self._steps[number + 1 :]])
        return fifo.left_of(later_s, step.alone_s) * (step.seconds / step.alone_s)

    def waiting(self, after: float, until: float) -> Floats:
        """When those inside came, if after ``after`` and by ``until``."""
        self.station.refresh()
        arrivals = self.fifo.arrivals
        return arrivals[(arrivals > after) & (arrivals <= until)]


class AloneCell(Cell):
    """One station that depends on nobody: FIFO at full speed in bulk, or the sharing loops."""

    def __init__(self, station: Station) -> None:
        super().__init__(station.time)
        self.station = station
        self.stations[station] = None
        self.cores = min((group.limit for group in station.group.ceilings()), default=np.inf)
        if station.bound is None and station.workers <= self.cores and station.workers < np.inf:
            self.lines[station] = Line(station)

    def quiet_limits(self) -> list[tuple[float, list[Station]]] | None:
        """It has cores enough."""
        return [] if self.lines else None

    def leave(self, station: Station) -> None:
        """It goes, in its general form as of ``time``."""
        super().leave(station)
        calm((station,), self.time)

    def advance(self, until: float) -> tuple[Station, str] | None:
        """Solve up to ``until``; nobody has to act upon such a station."""
        start, station = self.time, self.station
        if until <= start:
            return None
        self.time = until
        line = self.lines.get(station)
        if line is not None:
            if not line.idle:
                line.take(*take_inbox(station))
                line.tell(until)
            return None
        times, works = take_inbox(station)
        inside = station.in_system
        solved = solve(station, self.cores, listed(times), listed(works), until)
        arrivals, ends, refused = (np.fromiter(part, np.float64, len(part)) for part in solved)
        station.taken += len(times) - len(refused)
        station.inside_s += inside * (until - start) + left_s(times, until)
        station.inside_s -= left_s(refused, until) + left_s(ends, until)
        tell(Outcome(station, start, until, arrivals, ends, refused, station.came))
        return None


def calm(stations: Iterable[Station], now: float) -> None:
    """Nobody misses CPU from ``now`` on, until a loop from event to event says otherwise."""
    roots = [root for station in stations for root in station.roots or (station.root,)]
    for root in dict.fromkeys(roots):
        if root.squeezed:
            root.relax(now)


def tell(outcome: Outcome) -> None:
    """Let the source know what became of plain jobs."""
    if outcome.station.owner is not None:
        outcome.station.owner.settle(outcome)


def take_inbox(station: Station, *, scale: bool = True) -> tuple[Times, Times]:
    """Arrivals that a source has put there, and their work: on this machine, or as it came."""
    if not station.inbox_times:
        return NOTHING, NOTHING
    times: Times
    works: Times
    if len(station.inbox_times) == 1:
        times, works = station.inbox_times[0], station.inbox_works[0]
    else:
        times, works = np.concatenate(station.inbox_times), np.concatenate(station.inbox_works)
    station.inbox_times.clear()
    station.inbox_works.clear()
    return times, scaled(works, station.work_scale) if scale else works


def scaled(works: Times, scale: float) -> Times:
    """Work in units of which one takes ``scale`` CPU-seconds."""
    if scale == 1.0:
        return works
    return [work * scale for work in works] if isinstance(works, list) else works * scale
