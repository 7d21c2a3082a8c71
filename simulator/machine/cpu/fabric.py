"""All CPU of a world: which stations depend on each other, and solving each group just in time.

Stations form *cells*. A station is alone in its cell unless something ties it to others: its
host has more threads than cores, its source decides by looking at queues, or somebody must act
at an exact instant. A cell is solved when somebody must know, never because time passes.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

import numpy as np

from simulator.machine.cpu.cells import AloneCell, Cell, CrowdCell
from simulator.machine.cpu.outcome import NOTHING, Floats, Outcome, Source
from simulator.machine.cpu.share import CpuGroup
from simulator.machine.cpu.station import Station

__all__ = ["Fabric", "Outcome", "Source"]


class Fabric:
    """Every station and source of a world, in cells."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._cells: dict[Station, Cell] = {}
        self._sources: list[Source] = []
        self._loose: dict[Station, None] = {}
        self._crowds: dict[CpuGroup, bool] = {}
        """What is known of hosts while loose stations are gathered."""
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
            nothing = NOTHING
            gone = Outcome(station, now, now, nothing, nothing, nothing, _empty, plain)
            station.owner.settle(gone)
        for _, job in lost:
            if job is not None:
                job.lost(station, now)
        for source in self._sources:
            source.forget(station)
        self.disturb_host(station.root)
        return len(lost)

    def add_source(self, source: Source) -> None:
        """A new source of jobs."""
        self._sources.append(source)
        self.disturb(*source.concerned)

    def remove_source(self, source: Source) -> None:
        """A source ends; jobs it sent are finished."""
        self.disturb(*source.concerned)
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
        self._supply(now)
        for station in stations:
            cell = self._cells.get(station)
            if cell is None:
                continue
            cell.advance(now)
            cell.dissolve()
            for member in cell.stations:
                del self._cells[member]
                self._loose[member] = None

    def disturb_source(self, source: Source, *stations: Station) -> None:
        """What a source does changes: dissolve the cells that it decides in, and these stations."""
        cells = dict.fromkeys(self._cells.values())
        deciding = [cell.stations[0] for cell in cells if source in cell.sources]
        self.disturb(*stations, *deciding)

    def disturb_host(self, root: CpuGroup) -> None:
        """Solve everything on a host up to now and dissolve its cells."""
        self.disturb(*self._on_root.get(root, ()))

    # --- solving --------------------------------------------------------------------------------

    def settle(self, stations: Iterable[Station] | None = None) -> None:
        """Solve all cells, or those of the given stations, up to now."""
        now = self._clock()
        self._gather()
        self._supply(now)
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

    def _supply(self, now: float) -> None:
        """Have the sources send what is due by now, where no cell asks them for it."""
        for source in self._sources:
            if not source.exact or not source.concerned:
                source.plan(now)

    # --- cells ----------------------------------------------------------------------------------

    def _gather(self) -> None:
        """Put every loose station into a cell."""
        self._crowds.clear()
        while self._loose:
            first = next(iter(self._loose))
            members, sources, watched = self._closure(first, watched=False)
            self.disturb(*(station for station in members if station in self._cells))
            for station in members:
                del self._loose[station]
            cell: Cell
            if len(members) == 1 and not sources and not watched and first.plain:
                cell = AloneCell(first)
            else:
                cell = CrowdCell(list(members), list(sources), watched)
            for station in members:
                self._cells[station] = cell

    def _closure(
        self, first: Station, *, watched: bool
    ) -> tuple[dict[Station, None], dict[Source, None], bool]:
        """Everything tied to a station. What is watched is one cell: it must stop as one."""
        members: dict[Station, None] = {first: None}
        sources: dict[Source, None] = {}
        met: set[CpuGroup] = set()
        todo = [first]
        if watched:
            members.update(self._watched)
            todo = list(members)
        while todo:
            station = todo.pop()
            if station in self._watched and not watched:
                return self._closure(first, watched=True)
            found: list[Station] = []
            if station.root not in met:
                # Whoever is on this host is tied by it in one step, or by nothing of it.
                met.add(station.root)
                if self._crowded(station.root):
                    found += self._on_root[station.root]
            for source in self._sources:
                if not source.exact and not watched:
                    continue
                tied = source.concerned if source.exact else source.stations
                if station in tied:
                    sources[source] = None
                    found += tied
            for other in found:
                if other not in members:
                    members[other] = None
                    todo.append(other)
        return members, sources, watched

    def _crowded(self, root: CpuGroup) -> bool:
        """Whether the threads on a host could ever want more than some ceiling gives."""
        found = self._crowds.get(root)
        if found is None:
            found = len(self._on_root.get(root, ())) > 1 and _could_exceed(root)
            self._crowds[root] = found
        return found


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
    return NOTHING
