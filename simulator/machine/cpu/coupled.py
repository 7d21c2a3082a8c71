"""Stations that depend on each other: an exact loop from event to event.

Used where one station's progress changes another's: kernels with more runnable threads than
cores, balancers that look at queues, clients that retry, and whatever must be acted upon at an
exact instant. The CPU of a host is divided again at every change of demand (generalised
processor sharing), but only while some ceiling is exceeded: otherwise every thread runs at full
speed and an event costs its own station only.
"""

from __future__ import annotations

from collections.abc import Sequence
from heapq import heappop, heappush
from math import inf

from simulator.machine.cpu.loop import Feed, Loop, Planned
from simulator.machine.cpu.quota import Quota
from simulator.machine.cpu.share import CpuGroup
from simulator.machine.cpu.station import ROUNDING_S, WITHDRAW, Job, Station

_END, _DRY, _PERIOD = range(3)


class Coupled(Loop):
    """One run of the loop over a set of stations and the feeds that send to them."""

    def __init__(
        self,
        stations: Sequence[Station],
        feeds: Sequence[Feed],
        planned: list[Planned],
        now: float,
    ) -> None:
        super().__init__(stations, feeds, planned, now)
        self._order = {station: i for i, station in enumerate(stations)}
        self._due: list[tuple[float, int, int]] = []
        self._on_host: dict[CpuGroup, list[Station]] = {}
        for station in stations:
            station.root = station.group.root
            station.holding = station.bound
            station.ceilings = station.group.ceilings()
            self._on_host.setdefault(station.root, []).append(station)
        self._begin()

    # --- the loop -------------------------------------------------------------------------------

    def run(self, until: float) -> float:
        """Solve up to ``until``, or to the earlier instant at which somebody must act."""
        planned, position, last = self.planned, 0, len(self.planned)
        while True:
            due = self.next_due()
            source, when = None, planned[position][0] if position < last else inf
            for feed in self.feeds:
                peeked = feed.peek()
                if peeked < when:
                    source, when = feed, peeked
            if due - when <= ROUNDING_S:
                if due > until and when > until:
                    break
                if self._serve_due(due):
                    until = min(due, until)
                    break
            else:
                if when > until:
                    break
                self.now = max(self.now, when)
                if source is not None:
                    self._take(source, when)
                else:
                    _, index, work = planned[position]
                    position += 1
                    station = self.stations[index]
                    if not self._arrive(station, work, when, None, self.now):
                        self.outcomes[station][2].append(when)
                if self.stopped is not None:
                    until = when
                    break
        self.planned = planned[position:]
        self.now = until
        for station in self.stations:
            station.sync(until)
        return until

    def next_due(self) -> float:
        """When something happens next inside the stations; ``inf`` when nothing does."""
        due = self._due
        stations = self.stations
        while due:
            time, order, version = due[0]
            if stations[order].due_version == version:
                return time
            heappop(due)
        return inf

    def _take(self, feed: Feed, when: float) -> None:
        job, now = feed.take(when), self.now
        if job is None:
            return
        station, work, arrival, reference = job
        if work == WITHDRAW and reference is not None:
            self._withdraw(station, reference, now)
        elif not self._arrive(station, work, arrival, reference, now):
            feed.refused(arrival, reference, now)

    def _arrive(
        self, station: Station, work: float, arrival: float, reference: Job | None, now: float
    ) -> bool:
        station.sync(now)
        serial = station.serial
        if not station.admit(now, work * station.work_scale, reference):
            return False
        if station.serial != serial:
            root = station.root
            if root.over or root.squeezed or station.holding is not None or station.frozen:
                self._demand_changed(station, now)
            else:
                self._add_runnable(station, 1)
                if root.over:
                    self._divide(root)
                    self._schedule_changed(root)
                # At full speed a new thread changes nobody's end; only a new head is news.
                if root.over or station.busy[0][1] == station.serial:
                    self._schedule(station)
        if station.in_system >= station.alarm:
            self.stopped = (station, "alarm")
        return True

    def _withdraw(self, station: Station, reference: Job, now: float) -> None:
        """Nobody waits for this job any more: its thread takes the next one."""
        station.sync(now)
        if station.withdraw(reference):
            self._demand_changed(station, now)
            if station.draining and station.empty:
                self.stopped = (station, "empty")

    def _serve_due(self, now: float) -> bool:
        """The event of the station that is due first; True when the loop must stop."""
        _, order, _ = heappop(self._due)
        station = self.stations[order]
        self.now = now
        kind = station.due_kind
        station.sync(now)
        if kind == _END:
            return self._finish(station, now)
        quota = station.holding
        assert quota is not None
        if kind == _PERIOD and quota.throttled:
            quota.release(now)
        elif kind == _PERIOD:
            quota.enter(now)
        else:
            quota.throttle(now)
        self._demand_changed(station, now)
        return False

    def _finish(self, station: Station, now: float) -> bool:
        done = station.finish_next()
        if done[3] is None:  # who gave a reference is told by it, and must not be counted twice
            arrivals, ends, _ = self.outcomes[station]
            arrivals.append(done[2])
            ends.append(now)
        if len(station.busy) != station.runnable:
            root = station.root
            if root.over or root.squeezed or station.holding is not None:
                self._demand_changed(station, now)
            else:
                self._add_runnable(station, -1)
                if station.busy:
                    self._schedule(station)
        else:
            self._schedule(station)
        reference = done[3]
        act = reference is not None and reference.finished(station, now)
        if act or (station.draining and station.empty):
            self.stopped = (station, "finished" if act else "empty")
            return True
        return False

    # --- demand and speeds ----------------------------------------------------------------------

    def _begin(self) -> None:
        """Count all threads anew and divide every host's CPU."""
        for root in self._on_host:
            _clear(root)
        for station in self.stations:
            self._add_runnable(station, self._wanting(station))
        for root in self._on_host:
            self._divide(root)
        for station in self.stations:
            self._schedule(station)

    @staticmethod
    def _wanting(station: Station) -> int:
        quota = station.holding
        if station.frozen or (quota is not None and quota.throttled):
            return 0
        return len(station.busy)

    @staticmethod
    def _add_runnable(station: Station, change: int) -> None:
        """Keep count where there is a ceiling; the other groups are counted when CPU is divided."""
        station.runnable += change
        for group in station.ceilings:
            before = group.runnable
            group.runnable = after = before + change
            if after > group.limit:
                if before <= group.limit:
                    station.root.over += 1
            elif before > group.limit:
                station.root.over -= 1

    def _demand_changed(self, station: Station, now: float) -> None:
        change = self._wanting(station) - station.runnable
        root = station.root
        if change:
            self._add_runnable(station, change)
            if root.over or root.squeezed:
                self._divide(root)
                self._schedule_changed(root)
        self._schedule(station)

    def _schedule_changed(self, root: CpuGroup) -> None:
        for other in self._on_host[root]:
            if other.stale:
                self._schedule(other)

    def _divide(self, root: CpuGroup) -> None:
        if root.over:
            root.recount()
            root.divide(root.wants(), self.now)
            root.squeezed = True
        elif root.squeezed:
            root.relax(self.now)
            root.squeezed = False

    def _schedule(self, station: Station) -> None:
        """Put the station's next event into the calendar; older entries become void."""
        station.stale = False
        station.due_version = version = station.due_version + 1
        if station.holding is not None:
            time = self._due_with_quota(station, station.holding)
        elif station.runnable and station.speed > 0.0:
            time = station.time + (station.busy[0][0] - station.attained) / station.speed
            station.due_kind = _END
        else:
            return
        if time != inf:
            heappush(self._due, (time, self._order[station], version))

    @staticmethod
    def _due_with_quota(station: Station, quota: Quota) -> float:
        if quota.throttled:
            station.due_kind = _PERIOD
            return quota.begins(quota.period + 1)
        if not station.runnable or station.speed <= 0.0:
            return inf
        end = station.time + (station.busy[0][0] - station.attained) / station.speed
        boundary = quota.enter(station.time)
        dry = station.time + max(0.0, quota.budget) / (station.speed * station.runnable)
        # A job that ends exactly when the budget or the period does has ended.
        if end <= min(dry, boundary) + 1e-12:
            station.due_kind = _END
            return end
        if dry < boundary - 1e-12:
            station.due_kind = _DRY
            return dry
        station.due_kind = _PERIOD
        return boundary


def _clear(group: CpuGroup) -> None:
    group.runnable = group.over = 0
    if group.station is not None:
        group.station.runnable = 0
    for child in group.children:
        _clear(child)
