"""Which stations must be solved together: those on a crowded host, and those that one source
chooses among by looking. Kept as indexes, so that whoever comes or goes asks about itself only.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from math import inf

from simulator.machine.cpu.crowd import CrowdCell
from simulator.machine.cpu.outcome import Source
from simulator.machine.cpu.share import CpuGroup
from simulator.machine.cpu.station import Station


@dataclass(slots=True, eq=False)
class Host:
    """The stations on one host, and their cell where they could want more than it has.

    A device is a host too: of those who use it.
    """

    stations: dict[Station, None] = field(default_factory=dict)
    crowded: bool = False
    cell: CrowdCell | None = None


@dataclass(slots=True, eq=False)
class Knot:
    """Loose stations that belong together, and the cells of others that they belong to."""

    stations: dict[Station, None] = field(default_factory=dict)
    cells: dict[CrowdCell, None] = field(default_factory=dict)
    sources: dict[Source, None] = field(default_factory=dict)
    """Those that choose among them by looking."""
    crowded: bool = False

    @property
    def tied(self) -> bool:
        """Whether anything ties them to others, or will."""
        return bool(self.cells or self.sources or self.crowded or len(self.stations) > 1)


class Ties:
    """Hosts and sources of all stations, and what has changed about them."""

    def __init__(self) -> None:
        self._hosts: dict[CpuGroup, Host] = {}
        self._sources: dict[Source, bool] = {}
        """Whether each decided job by job when last looked at."""
        self._cells: dict[Source, CrowdCell] = {}
        self._hosts_changed: dict[CpuGroup, None] = {}
        self._sources_changed: dict[Source, None] = {}
        self._frayed: dict[CrowdCell, None] = {}
        """Cells from which some have gone that may have been what held them together."""

    # --- stations ---------------------------------------------------------------------------------

    def add_station(self, station: Station) -> None:
        """A station is on the host that its group is in."""
        station.root = station.group.root
        way = station.way
        station.roots = (station.root, *(way.devices if way is not None else ()))
        for root in station.roots:
            self._hosts.setdefault(root, Host()).stations[station] = None
            self._hosts_changed[root] = None
        station.group.occupy(station.workers)
        for lane in way.lanes if way is not None else ():
            lane.group.occupy(inf)

    def remove_station(self, station: Station) -> None:
        """A station is gone."""
        for root in station.roots:
            host = self._hosts[root]
            del host.stations[station]
            if not host.stations:
                del self._hosts[root]
            self._hosts_changed[root] = None
        station.group.occupy(0.0)
        for lane in station.way.lanes if station.way is not None else ():
            lane.group.occupy(0.0)
        for source in station.sources:
            cell = self.cell_of(source)
            if cell is not None:
                cell.frayed += 1
                self._frayed[cell] = None

    def on_host(self, root: CpuGroup) -> list[Station]:
        """All stations on a host."""
        host = self._hosts.get(root)
        return list(host.stations) if host is not None else []

    # --- sources ----------------------------------------------------------------------------------

    def add_source(self, source: Source) -> None:
        """A source that decides job by job, or does not."""
        self._sources[source] = source.exact

    def remove_source(self, source: Source) -> CrowdCell | None:
        """A source is gone; the cell that it decided in."""
        cell = self.cell_of(source)
        self._cells.pop(source, None)
        self._sources.pop(source, None)
        self._sources_changed.pop(source, None)
        return cell

    def sources(self) -> Iterable[Source]:
        """All sources."""
        return list(self._sources)

    def cell_of(self, source: Source) -> CrowdCell | None:
        """The cell that a source decides in."""
        return _alive(self._cells.get(source))

    # --- what has changed -------------------------------------------------------------------------

    def review_host(self, root: CpuGroup) -> None:
        """Its threads or its ceilings may be others now."""
        self._hosts_changed[root] = None

    def review_source(self, source: Source) -> None:
        """It may decide in another way now."""
        self._sources_changed[source] = None

    def changed(self) -> tuple[list[Station], CrowdCell | None] | None:
        """Stations, and a cell, that are no longer where they belong; None when all are."""
        while self._hosts_changed:
            root, _ = self._hosts_changed.popitem()
            host = self._hosts.get(root)
            if host is None:
                continue
            crowded = len(host.stations) > 1 and root.tight > 0
            if crowded != host.crowded:
                host.crowded, host.cell = crowded, None
                return list(host.stations), None
        while self._sources_changed:
            source, _ = self._sources_changed.popitem()
            if source in self._sources and source.exact != self._sources[source]:
                self._sources[source] = source.exact
                return list(source.concerned), _alive(self._cells.pop(source, None))
        while self._frayed:
            cell, _ = self._frayed.popitem()
            # Seldom enough to cost each that leaves no more than a constant.
            if cell.frayed > len(cell.stations) > 0:
                return [], cell
        return None

    # --- tying ------------------------------------------------------------------------------------

    def knots(self, loose: Iterable[Station]) -> Iterator[Knot]:
        """Loose stations by what ties them; the caller binds each knot before it asks for more."""
        left = dict.fromkeys(loose)
        on_host: dict[Host, list[Station]] = {}
        at_source: dict[Source, list[Station]] = {}
        for station in left:
            for host in self._crowded(station):
                on_host.setdefault(host, []).append(station)
            for source in self._deciding(station):
                at_source.setdefault(source, []).append(station)
        while left:
            knot = Knot()
            todo = [next(iter(left))]
            while todo:
                station = todo.pop()
                if station not in left:
                    continue
                del left[station]
                knot.stations[station] = None
                for host in self._crowded(station):
                    knot.crowded = True
                    todo += on_host.pop(host, ())
                    self._add_cell(knot, host.cell)
                for source in self._deciding(station):
                    knot.sources[source] = None
                    todo += at_source.pop(source, ())
                    self._add_cell(knot, self._cells.get(source))
            yield knot

    def bind(self, stations: Iterable[Station], cell: CrowdCell) -> None:
        """These stations are in this cell now, and whoever is tied to them belongs there."""
        for station in stations:
            for host in self._crowded(station):
                host.cell = cell
            for source in self._deciding(station):
                self._cells[source] = cell
                cell.sources[source] = None

    def _crowded(self, station: Station) -> list[Host]:
        """The hosts and devices that tie a station to others."""
        hosts = [self._hosts[root] for root in station.roots]
        return [host for host in hosts if host.crowded]

    def _deciding(self, station: Station) -> list[Source]:
        return [source for source in station.sources if self._sources.get(source, False)]

    @staticmethod
    def _add_cell(knot: Knot, cell: CrowdCell | None) -> None:
        if cell is not None and cell.stations:
            knot.cells[cell] = None


def _alive(cell: CrowdCell | None) -> CrowdCell | None:
    """A cell that everybody has left is none."""
    return cell if cell is not None and cell.stations else None
