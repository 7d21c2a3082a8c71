"""Stations that are tied to each other: by a host, by who decides, by an instant not to be missed.

Stations on hosts that *could* run out of cores are first solved in bulk, in the hope that they do
not. Where the solution shows more threads at work than some ceiling allows it is thrown away, and
the slice is solved event by event. Both give the same result wherever the hope was right, because
then no thread ever waited for a core. Stations join and leave one by one: what the others are
doing is not touched.
"""

from __future__ import annotations

from collections.abc import Iterable
from math import inf

import numpy as np

from simulator.machine.cpu.cells import Cell, Line, Memento, calm, scaled, take_inbox, tell
from simulator.machine.cpu.contended import Contended, is_flat
from simulator.machine.cpu.coupled import Coupled
from simulator.machine.cpu.few import FewLine
from simulator.machine.cpu.loop import Loop, Planned
from simulator.machine.cpu.outcome import Offers, Outcome, Source, Times, listed
from simulator.machine.cpu.pool import place
from simulator.machine.cpu.route import steps_of
from simulator.machine.cpu.share import CpuGroup
from simulator.machine.cpu.station import Station
from simulator.machine.cpu.travel import Travelled

_ROUNDING = 1e-9
_LONGEST_DOUBT = 16
"""Slices solved event by event after hopes that failed, before the next hope."""


class CrowdCell(Cell):
    """Stations that may compete for cores, sources that look at queues, and what is watched."""

    def __init__(self, time: float) -> None:
        super().__init__(time)
        self.sources: dict[Source, None] = {}
        """The sources that decide job by job while this cell is solved."""
        self.watched: dict[Station, None] = {}
        """Members that somebody may have to act upon."""
        self.next_event: float | None = None
        """When something happens next inside if nothing comes; None where nobody knows."""
        self.frayed = 0
        """Members gone that may have been what held the others together."""
        self._below: dict[CpuGroup, dict[Station, None]] = {}
        """Groups with a ceiling, and the members below each."""
        self._on_device: dict[CpuGroup, dict[Station, None]] = {}
        """Groups in the trees of devices, and the members with lanes below each."""
        self._held: dict[Station, None] = {}
        """Members that may wait for CPU however quiet the others are."""
        self._doubt = self._failures = 0

    # --- members ----------------------------------------------------------------------------------

    def join(self, station: Station, *, watched: bool) -> None:
        """A station comes in, up to date; one with nothing inside may come at a later time."""
        self.stations[station] = None
        self.next_event = None
        if watched:
            self.watched[station] = None
        if not _fits_alone(station):
            self._held[station] = None
        for group in station.group.ceilings():
            self._below.setdefault(group, {})[station] = None
        for group in _device_groups(station):
            self._on_device.setdefault(group, {})[station] = None
        if self.lines:
            if station.plain and not self._held:
                self.lines[station] = Line(station)
            else:
                self._to_general_form()

    def leave(self, station: Station) -> None:
        """One station goes, in its general form as of ``time``; the others stay as they are."""
        super().leave(station)
        self.next_event = None
        self.watched.pop(station, None)
        self._held.pop(station, None)
        _take_out(self._below, station, station.group.ceilings())
        _take_out(self._on_device, station, _device_groups(station))
        for root in station.roots:
            if root.squeezed:
                root.relax(self.time)

    def is_idle(self, station: Station) -> bool:
        """Whether a member has no part in what happens before anybody sends it something."""
        return not station.inbox_times and self.is_empty(station)

    def _to_general_form(self) -> None:
        """Write everything back into the stations' general form."""
        if self.lines:
            for station in list(self.lines):
                self._write_back(station)
            calm(self.stations, self.time)

    # --- solving ----------------------------------------------------------------------------------

    def advance(self, until: float) -> tuple[Station, str] | None:
        """Solve up to ``until``; the station that must be acted upon, at ``self.time``."""
        start = self.time
        if until < start:
            return None
        if until > start and self._may_hope and self._hope(start, until):
            self.next_event = None
            return None
        self._to_general_form()
        for source in self.sources:
            source.prepare(until)
        stations = list(self.stations)
        loop = _solver(stations)(stations, list(self.sources), self._planned(), start)
        self.time = loop.run(until)
        self.next_event = loop.next_due()
        for time, index, work in loop.planned:
            station = stations[index]
            station.inbox_times.append(np.array([time]))
            station.inbox_works.append(np.array([work]))
        for station, parts in loop.outcomes.items():
            if not any(parts) and station.empty:
                continue
            arrivals, ends, refused = (np.fromiter(part, np.float64, len(part)) for part in parts)
            tell(Outcome(station, start, self.time, arrivals, ends, refused, station.came))
        return loop.stopped

    def _planned(self) -> list[Planned]:
        planned: list[Planned] = []
        for index, station in enumerate(self.stations):
            if station.inbox_times:
                times, works = take_inbox(station, scale=False)
                whose = [index] * len(times)
                planned += zip(listed(times), whose, listed(works), strict=True)
        planned.sort()
        return planned

    def quiet_limits(self) -> list[tuple[float, list[Station]]] | None:
        """How many cores some of its stations share, if nothing else ties them; else None."""
        ties = self.sources or self.watched or self._held or self._on_device or self._doubt
        if ties or not self.lines:
            return None
        shared = self._below.items()
        return [(group.limit, list(members)) for group, members in shared if len(members) > 1]

    def fall_asleep(self) -> None:
        """From now on somebody else solves it, as long as no thread has to wait for a core."""
        calm(self.stations, self.time)
        self._failures = 0
        self.next_event = None

    # --- hoping that there are cores enough -------------------------------------------------------

    @property
    def _may_hope(self) -> bool:
        if self._held or any(station.draining for station in self.watched):
            return False
        return all(source.countable for source in self.sources)

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
            return False
        offers = [source.offers(until) for source in self.sources]
        coming = any(len(one.times) for one in offers)
        taking = [line for line in self.lines.values() if coming or not line.idle]
        inboxes = [take_inbox(line.station, scale=False) for line in taking]
        mementos = [line.memento() for line in taking]
        for line, (times, works) in zip(taking, inboxes, strict=True):
            line.take(times, scaled(works, line.station.work_scale))
        choices = [source.memento() for source in self.sources]
        for one in offers:
            self._place(one)
        if self._fits(start, until):
            self.time = until
            self._failures = 0
            calm(self.stations, start)
            for source, one in zip(self.sources, offers, strict=True):
                source.take_all(one)
            for line in taking:
                if line.news:
                    line.tell(until)
            return True
        for source, choice in zip(self.sources, choices, strict=True):
            source.restore(choice)
        self._give_up(taking, inboxes, mementos)
        return False

    def _place(self, offers: Offers) -> None:
        lines = [self.lines[station] for station in offers.stations]
        for line, got in zip(lines, place(offers, [one.fifo for one in lines]), strict=True):
            if got.arrivals or got.refused:
                line.put(got)

    def _fits(self, start: float, until: float) -> bool:
        """Whether no ceiling was exceeded and nobody has to be acted upon."""
        for station in self.watched:
            line = self.lines[station].fifo
            if len(line) >= station.alarm and line.most_inside(start) >= station.alarm:
                return False
        cores = all(
            self._holds(members, group.limit, until)
            for group, members in self._below.items()
            if len(members) > 1
        )
        return cores and all(
            self._device_holds(members, group, until) for group, members in self._on_device.items()
        )

    def _holds(self, members: Iterable[Station], limit: float, until: float) -> bool:
        """Whether no more than ``limit`` threads of these stations are ever at work at once."""
        lines = [self.lines[station].fifo for station in members]
        lines = [line for line in lines if len(line)]
        if sum([min(len(line), line.workers) for line in lines]) <= limit:
            return True
        few = [line for line in lines if isinstance(line, FewLine)]
        if len(few) == len(lines):
            jobs = [job for line in few for job in line.jobs if job[1] <= until]
            return most_at_once([job[1] for job in jobs], [job[2] for job in jobs]) <= limit
        starts = np.sort(np.concatenate([line.starts for line in lines]))
        starts = starts[starts <= until]
        if len(starts) <= limit:
            return True
        ends = np.sort(np.concatenate([line.ends - line.hold for line in lines]))
        gone = np.searchsorted(ends, starts, side="right")
        return bool((np.arange(1, len(starts) + 1) - gone).max() <= limit)

    def _device_holds(self, members: Iterable[Station], group: CpuGroup, until: float) -> bool:
        """Whether nobody ever has to share this part of a device."""
        begins, ends, shares = [], [], []
        for station in members:
            line, steps = self.lines[station].fifo, steps_of(station.way)
            later_s = 0.0
            for step in reversed(steps):
                alone_s = step.alone_s
                if step.seconds and len(line) and group in step.lane.group.ceilings():
                    over = line.ends + (line.after - later_s)
                    over = over[(over > self.time) & (over - alone_s <= until)]
                    begins.append(over - alone_s)
                    ends.append(over)
                    shares.append(np.full(len(over), step.seconds / alone_s))
                later_s += alone_s
        if not begins:
            return True
        times, share = np.concatenate((*ends, *begins)), np.concatenate(shares)
        if len(share) < 2:
            return True
        # Ends come first in the array, and a stable order keeps them before what begins then.
        order = np.argsort(times, kind="stable")
        wanted = np.cumsum(np.concatenate((-share, share))[order])
        return bool(wanted.max() <= group.limit + _ROUNDING)

    def _give_up(
        self, taken: list[Line], inboxes: list[tuple[Times, Times]], mementos: list[Memento]
    ) -> None:
        for line, memento in zip(taken, mementos, strict=True):
            line.restore(memento)
        self._to_general_form()
        for line, (times, works) in zip(taken, inboxes, strict=True):
            if len(times):
                line.station.inbox_times.append(times)
                line.station.inbox_works.append(works)
        self._failures += 1
        self._doubt = min(_LONGEST_DOUBT, 2**self._failures)


def _solver(stations: list[Station]) -> type[Loop]:
    """The fastest exact loop for these stations."""
    if any(station.way is not None for station in stations):
        return Travelled
    return Contended if is_flat(stations) else Coupled


def _device_groups(station: Station) -> list[CpuGroup]:
    """The groups in the trees of devices that a station's lanes are in."""
    lanes = station.way.lanes if station.way is not None else ()
    return list(dict.fromkeys(group for lane in lanes for group in lane.group.ceilings()))


def _take_out(
    below: dict[CpuGroup, dict[Station, None]], station: Station, groups: Iterable[CpuGroup]
) -> None:
    for group in groups:
        members = below[group]
        del members[station]
        if not members:
            del below[group]


def most_at_once(starts: list[float], ends: list[float]) -> int:
    """The most that are under way at once; who ends at an instant makes room for who starts."""
    starts.sort()
    ends.sort()
    most = gone = 0
    for number, start in enumerate(starts, 1):
        while gone < number and ends[gone] <= start:
            gone += 1
        most = max(most, number - gone)
    return most


def _fits_alone(station: Station) -> bool:
    """Whether a station never waits for CPU when the others leave it alone."""
    own = min((group.limit for group in station.group.ceilings()), default=inf)
    return station.bound is None and station.workers <= own
