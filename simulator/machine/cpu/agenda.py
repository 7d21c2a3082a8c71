"""When somebody might have to act: for each cell with watched stations, no sooner than that.

A cell waits in the calendar for its own time. What happens elsewhere meanwhile costs it nothing;
when the time comes it is solved up to that instant and no further, and either it stops there or
the next bound is worked out. So no cell is ever ahead of an instant at which another one acts.
"""

from __future__ import annotations

from heapq import heappop, heappush
from math import ceil, inf

from simulator.machine.cpu.crowd import CrowdCell
from simulator.machine.cpu.outcome import Source
from simulator.machine.cpu.station import Station


class Agenda:
    """The bounds of all cells with watched stations, the earliest first."""

    def __init__(self) -> None:
        self._heap: list[tuple[float, int, CrowdCell]] = []
        self._entries: dict[CrowdCell, int] = {}
        """The number of each cell's valid entry."""
        self._number = 0
        self.unsure: dict[CrowdCell, None] = {}
        """Cells of which something has changed since their bound was worked out."""
        self.sources: dict[Source, None] = {}
        """Sources whose jobs may come sooner than any bound has taken into account."""

    def disturb(self, cell: CrowdCell) -> None:
        """Something changes: what was known of this cell is void."""
        if self._entries.pop(cell, None) is not None or cell.watched:
            self.unsure[cell] = None

    def changed_sources(self) -> list[Source]:
        """Each source that may send sooner, once."""
        changed = list(self.sources)
        self.sources.clear()
        return changed

    def note(self, cell: CrowdCell) -> None:
        """Work out a cell's bound; it has been solved, and its sources asked, up to its time."""
        self.unsure.pop(cell, None)
        bound = first_act(cell) if cell.watched else inf
        if bound < inf:
            self._number += 1
            self._entries[cell] = self._number
            heappush(self._heap, (bound, self._number, cell))

    def first(self, until: float) -> tuple[float, CrowdCell] | None:
        """The earliest bound, if it is not after ``until``; its cell waits no more."""
        heap = self._heap
        while heap and heap[0][0] <= until:
            bound, number, cell = heappop(heap)
            if self._entries.get(cell) == number:
                del self._entries[cell]
                return bound, cell
        return None


def first_act(cell: CrowdCell) -> float:
    """No member of a cell has to be acted upon before this time."""
    bound = min([_first_act(cell, station) for station in cell.watched])
    if cell.next_event is not None and bound < inf:
        # However slowly it works: before something happens nobody can be ready.
        bound = max(bound, min(cell.next_event, _next_arrival(cell)))
    return bound


def _first_act(cell: CrowdCell, station: Station) -> float:
    bound = inf
    if station.draining:
        bound = cell.time + station.least_until_empty_s()
    acting = station.acting_left_s()
    if acting < inf:
        bound = min(bound, cell.time + acting)
    if station.alarm < inf:
        missing = max(1, ceil(station.alarm) - cell.in_system(station))
        bound = min(bound, _earliest(station, missing))
    return bound


def _earliest(station: Station, count: int) -> float:
    """So many jobs cannot have come to a station before this time."""
    sources: dict[Source, None] = station.sources
    share = ceil(count / len(sources)) if sources else count
    return min([source.earliest(station, share) for source in sources], default=inf)


def _next_arrival(cell: CrowdCell) -> float:
    sources: dict[Source, None] = dict(cell.sources)
    for station in cell.stations:
        sources.update(station.sources)
    return min([source.next_arrival() for source in sources], default=inf)
