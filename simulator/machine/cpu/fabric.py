"""All CPU of a world: which stations depend on each other, and solving each group just in time.

Stations form *cells*. A station is alone in its cell unless something ties it to others: its
host has more threads than cores, its source decides by looking at queues, or somebody must act
at an exact instant. A cell is solved when somebody must know, never because time passes.

Whoever is disturbed leaves its cell and is *loose* until the end of the instant; then it is put
where it belongs. The other members of the cell go on undisturbed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

import numpy as np

from simulator.machine.cpu.agenda import Agenda
from simulator.machine.cpu.cells import AloneCell, Cell
from simulator.machine.cpu.crowd import CrowdCell
from simulator.machine.cpu.outcome import NOTHING, Floats, Outcome, Source
from simulator.machine.cpu.quiet import Quiet
from simulator.machine.cpu.share import CpuGroup
from simulator.machine.cpu.station import Station, Way
from simulator.machine.cpu.ties import Knot, Ties

__all__ = ["Fabric", "Outcome", "Source"]

LEAST_SLICE_S = 1e-6
"""A cell is solved at least so far at a time, unless something else happens earlier."""


class Fabric:
    """Every station and source of a world, in cells."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._cells: dict[Station, Cell] = {}
        self._all: dict[Cell, None] = {}
        self._ties = Ties()
        self._loose: dict[Station, None] = {}
        self._watched: dict[Station, None] = {}
        self._agenda = Agenda()
        self.quiet = Quiet()
        """Stations of which little need be known one by one."""
        self._acting: list[tuple[Station, str]] = []
        """Who has stopped a loop, and has not been acted upon yet."""
        self.on_act: dict[Station, Callable[[str], None]] = {}
        """What to do when a watched station empties, finishes a task or reaches its alarm."""

    # --- building -------------------------------------------------------------------------------

    def add_station(self, station: Station) -> None:
        """A new station, empty or with jobs; its group is already in a host's tree."""
        station.time = self._clock()
        self._ties.add_station(station)
        self._loose[station] = None

    def remove_station(self, station: Station) -> int:
        """A station ends; its jobs are lost, and their sources told. Returns how many."""
        self._take_out(station)
        now = station.time = self._clock()
        del self._loose[station]
        self._watched.pop(station, None)
        self.on_act.pop(station, None)
        lost = station.drop_all()
        plain = np.array([arrival for arrival, job in lost if job is None])
        if len(plain) and station.owner is not None:
            nothing = NOTHING
            gone = Outcome(station, now, now, nothing, nothing, nothing, _empty, plain)
            station.owner.settle(gone)
        for _, job in lost:
            if job is not None:
                job.lost(station, now)
        for source in station.sources:
            source.forget(station)
        self._ties.remove_station(station)
        return len(lost)

    def send_on(self, station: Station, way: Way) -> None:
        """What has done its CPU work goes this way from now on, over these devices."""
        self.disturb(station)
        self._ties.remove_station(station)
        station.way = way
        self._ties.add_station(station)

    def resize(self, station: Station, workers: float) -> None:
        """A station has so many threads from now on; those at work stay."""
        self.disturb(station)
        station.workers = workers
        station.group.occupy(workers)
        self._ties.review_host(station.root)

    def add_source(self, source: Source) -> None:
        """A new source of jobs; the stations that it concerns are disturbed."""
        self._ties.add_source(source)
        for station in source.concerned:
            station.sources[source] = None
        self.disturb(*source.concerned)

    def remove_source(self, source: Source) -> None:
        """A source ends; jobs it sent are finished."""
        self.disturb_source(source, *source.concerned)
        self._undo_cell(self._ties.remove_source(source))
        for station in source.concerned:
            station.sources.pop(source, None)

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
        """Something changes in these stations: solve their cells up to now and take them out."""
        now = self._clock()
        for station in stations:
            cell = self._cells.get(station)
            if cell is not None:
                self._solve(cell, now)
                self._loosen(station, cell)

    def disturb_source(self, source: Source, *joining: Station) -> None:
        """What a source does changes: solve what it decides up to now.

        The cells that it only sends to are not solved: what it has sent until now lies before
        them, and nothing else of it concerns them. ``joining``: stations that it begins to send
        to, if that is all that changes.
        """
        now = self._clock()
        cell = self._ties.cell_of(source)
        if cell is not None and not (joining and self._decided_nothing(source, now)):
            self._solve(cell, now)
        if not self._decides(source):
            source.plan(now)
        self._ties.review_source(source)
        if source.exact:
            self.disturb(*joining)
        if not joining or not source.joins_delay:
            self._agenda.sources[source] = None
        for station in joining:
            self._void(station)

    def _void(self, station: Station) -> None:
        """When a station may have to be acted upon has to be worked out anew."""
        cell = self._cells.get(station)
        if cell is not None:
            self.quiet.give_back(cell)
        if isinstance(cell, CrowdCell):
            self._agenda.disturb(cell)

    def disturb_host(self, root: CpuGroup) -> None:
        """Solve everything on a host up to now and dissolve its cells."""
        self._ties.review_host(root)
        self.disturb(*self._ties.on_host(root))

    # --- solving --------------------------------------------------------------------------------

    def settle_source(self, source: Source) -> None:
        """Solve all that a source sends to, up to now."""
        if not self._decides(source):
            source.plan(self._clock())
        self.settle([station for station in source.stations if station in self._cells])

    def settle(self, stations: Iterable[Station] | None = None) -> None:
        """Solve all cells, or those of the given stations, up to now."""
        now = self._clock()
        self._gather()
        if stations is not None:
            for station in stations:
                self._solve(self._cells[station], now)
            return
        for source in self._ties.sources():
            if not self._decides(source):
                source.plan(now)
        self.quiet.advance(self._all, len(self._cells), now)
        for cell in list(self._all):
            if cell.time < now:
                self._advance(cell, now)

    def in_system(self, station: Station) -> int:
        """Jobs inside a station, as of the last settling."""
        station.refresh()
        if station.bulk is not None:
            return station.bulk.inside()
        cell = self._cells.get(station)
        return cell.in_system(station) if cell is not None else station.in_system

    def full(self, stations: Sequence[Station | None], workers: Sequence[float]) -> list[int]:
        """Which of these have all threads at work, or stand still, as of the last settling.

        ``workers``: how many threads each has. A station that is none yet counts.
        """
        kept, alone = self.quiet.crowded(stations, workers)
        found = [number for number in alone if self._is_full(stations[number])]
        return sorted((*kept, *found))

    def _is_full(self, station: Station | None) -> bool:
        if station is None or station.frozen:
            return True
        return self.in_system(station) >= station.workers

    def used(self, stations: Sequence[Station]) -> list[float]:
        """CPU-seconds that each of these has used, as of the last settling."""
        rows = self.quiet.rows_of(stations)
        used = self.quiet.used(rows).tolist() if len(self.quiet) else rows.tolist()
        return [
            amount if row >= 0 else station.used
            for station, row, amount in zip(stations, rows.tolist(), used, strict=True)
        ]

    def queued(self, station: Station) -> int:
        """Jobs in line at a station, as of the last settling."""
        station.refresh()
        if station.bulk is not None:
            return station.bulk.queued()
        cell = self._cells.get(station)
        return cell.queued(station) if cell is not None else len(station.waiting)

    def run_ahead(self, until: float) -> float | None:
        """Solve what may act up to ``until``; the earlier instant at which somebody must."""
        self._gather()
        now = self._clock()
        agenda = self._agenda
        for source in agenda.changed_sources():
            for station in source.concerned:
                if station in self._watched:
                    self._void(station)
        for cell in list(agenda.unsure):
            self._solve(cell, now)
            agenda.note(cell)
        if self._acting:
            return now
        while (found := agenda.first(until)) is not None:
            bound, cell = found
            # A loop stops by itself where somebody must act: a slice may be longer than its bound.
            # One of a few last bits would be lost in rounding, and come again for ever.
            bound = min(until, max(bound, cell.time + LEAST_SLICE_S))
            self._supply(cell, bound)
            stopped = cell.advance(bound)
            if stopped is not None:
                agenda.disturb(cell)
                self._acting.append(stopped)
                return cell.time
            agenda.note(cell)
        return None

    def act(self, now: float) -> None:
        """Tell whoever watches the stations that stopped a loop."""
        acting, self._acting = self._acting, []
        for station, what in acting:
            tell = self.on_act.get(station)
            if tell is not None:
                tell(what)

    def _solve(self, cell: Cell, now: float) -> None:
        """Bring a cell, and the sources that send to it, up to now."""
        self.quiet.give_back(cell)
        if cell.time < now:
            self._supply(cell, now)
            self._advance(cell, now)

    def _advance(self, cell: Cell, now: float) -> None:
        while cell.time < now:
            stopped = cell.advance(now)
            if stopped is not None:
                # A bound is a sum, and a sum may be a last bit too late: then it is now.
                self._acting.append(stopped)

    def _supply(self, cell: Cell, now: float) -> None:
        """Have the sources send what is due by now to these stations, unless they decide there."""
        sources: dict[Source, None] = {}
        for station in cell.stations:
            sources.update(station.sources)
        for source in sources:
            if not source.exact:
                source.plan(now)

    @staticmethod
    def _decides(source: Source) -> bool:
        """Whether a cell asks this source for every job."""
        return source.exact and bool(source.concerned)

    @staticmethod
    def _decided_nothing(source: Source, now: float) -> bool:
        """Whether who has joined by ``now`` makes no difference to what a source did until then."""
        return source.countable and source.next_arrival() > now

    # --- cells ----------------------------------------------------------------------------------

    def _take_out(self, station: Station) -> None:
        """A station that ends becomes loose; where it has no part in anything, nobody is solved."""
        cell = self._cells.get(station)
        if cell is not None:
            self.quiet.give_back(cell)
        if isinstance(cell, CrowdCell) and not any(one.exact for one in station.sources):
            for source in station.sources:
                source.plan(self._clock())
            if cell.is_idle(station):
                self._loosen(station, cell)
                return
        self.disturb(station)

    def _loosen(self, station: Station, cell: Cell) -> None:
        self.quiet.give_back(cell)
        cell.leave(station)
        del self._cells[station]
        self._loose[station] = None
        if isinstance(cell, CrowdCell):
            self._agenda.disturb(cell)
        if not cell.stations:
            del self._all[cell]

    def _undo_cell(self, cell: CrowdCell | None) -> None:
        """All members of a cell become loose."""
        if cell is not None:
            self.disturb(*list(cell.stations))

    def _gather(self) -> None:
        """Put every loose station into a cell."""
        while (changed := self._ties.changed()) is not None:
            stations, cell = changed
            self.disturb(*stations)
            self._undo_cell(cell)
        if not self._loose:
            return
        for knot in self._ties.knots(self._loose):
            self._tie(knot)
        self._loose.clear()

    def _tie(self, knot: Knot) -> None:
        """Put stations that are tied together, and to these cells, into one cell."""
        first = next(iter(knot.stations))
        alone = not knot.tied and first.way is None
        if alone and first not in self._watched and first.plain:
            cell = self._cells[first] = AloneCell(first)
            self._all[cell] = None
            return
        crowd = self._united(knot)
        for station in knot.stations:
            crowd.join(station, watched=station in self._watched)
            self._cells[station] = crowd
        self._ties.bind(knot.stations, crowd)
        self._agenda.disturb(crowd)

    def _united(self, knot: Knot) -> CrowdCell:
        """One cell for a knot: a new one, or the largest of those that it ties together."""
        now = self._clock()
        if not knot.cells:
            cell = CrowdCell(now)
            self._all[cell] = None
            return cell
        largest = max(knot.cells, key=lambda one: len(one.stations))
        quiet = len(knot.cells) == 1 and not any(one.in_system for one in knot.stations)
        if not quiet or any(source not in largest.sources for source in knot.sources):
            self._solve(largest, now)
        for cell in knot.cells:
            self.quiet.give_back(cell)
            if cell is not largest:
                moving = list(cell.stations)
                self.disturb(*moving)
                knot.stations.update(dict.fromkeys(moving))
        return largest


def _empty(after: float, until: float) -> Floats:
    return NOTHING
