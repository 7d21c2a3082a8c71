"""The exact loop with devices: when its CPU work is done, a job goes its way through lanes."""

from __future__ import annotations

from collections.abc import Sequence
from heapq import heapify

from simulator.machine.cpu.coupled import Coupled
from simulator.machine.cpu.loop import Feed, Planned
from simulator.machine.cpu.route import Route, Trip
from simulator.machine.cpu.station import Job, Station


class Travelled(Coupled):
    """One run of the loop over stations, the lanes of their ways, and feeds."""

    def __init__(
        self,
        stations: Sequence[Station],
        feeds: Sequence[Feed],
        planned: list[Planned],
        now: float,
    ) -> None:
        lanes = [lane for station in stations for lane in lanes_of(station)]
        for lane in lanes:
            lane.time = now
        super().__init__([*stations, *lanes], feeds, planned, now)
        for lane in lanes:
            del self.outcomes[lane]

    def _finish(self, station: Station, now: float) -> bool:
        trip = station.busy[0][3]
        if isinstance(trip, Trip) and trip.station is not station:
            station.finish_next()
        elif isinstance(station.way, Route):
            _, _, arrival, reference = station.set_off()
            if isinstance(reference, Trip):
                trip = reference
            else:
                trip = Trip(station, arrival, reference, station.way.rounds - 1)
        else:
            return super()._finish(station, now)
        self._demand_changed(station, now)
        return self._go_on(trip, now)

    def _go_on(self, trip: Trip, now: float) -> bool:
        """A job goes to its next step; True when it has ended and the loop must stop."""
        way = way_of(trip.station)
        for number in range(trip.at + 1, len(way.steps)):
            step = way.steps[number]
            if step.seconds <= 0.0:
                continue
            if not step.holds:
                self._release(trip, now)
            trip.at = number
            step.lane.sync(now)
            step.lane.admit(now, step.seconds, trip)
            self._demand_changed(step.lane, now)
            return False
        if trip.rounds:
            trip.rounds -= 1
            trip.at = -1
            self._return(trip, way.round_s, now)
            return False
        if trip.rest_s:
            trip.at = len(way.steps)
            self._return(trip, trip.rest_s, now)
            trip.rest_s = 0.0
            return False
        return self._end(trip, now)

    def _return(self, trip: Trip, work_s: float, now: float) -> None:
        station = trip.station
        station.sync(now)
        station.compute_again(work_s * station.work_scale, trip.arrival, trip)
        self._demand_changed(station, now)

    def _end(self, trip: Trip, now: float) -> bool:
        station, reference = trip.station, trip.reference
        self._release(trip, now)
        station.leave(now)
        if reference is None:
            arrivals, ends, _ = self.outcomes[station]
            arrivals.append(trip.arrival)
            ends.append(now)
        act = reference is not None and reference.finished(station, now)
        if act or (station.draining and station.empty):
            self.stopped = (station, "finished" if act else "empty")
            return True
        return False

    def _release(self, trip: Trip, now: float) -> None:
        """Its thread waits no longer."""
        if not trip.held:
            return
        trip.held = False
        station = trip.station
        station.sync(now)
        station.let_go()
        self._demand_changed(station, now)

    def _withdraw(self, station: Station, reference: Job, now: float) -> None:
        for lane in lanes_of(station):
            for at, job in enumerate(lane.busy):
                trip = job[3]
                if isinstance(trip, Trip) and trip.reference is reference:
                    lane.sync(now)
                    del lane.busy[at]
                    heapify(lane.busy)
                    self._demand_changed(lane, now)
                    self._release(trip, now)
                    station.leave(now)
        super()._withdraw(station, reference, now)


def lanes_of(station: Station) -> list[Station]:
    """The lanes of a station's way."""
    return station.way.lanes if isinstance(station.way, Route) else []


def way_of(station: Station) -> Route:
    """The way of a station that has one."""
    assert isinstance(station.way, Route)
    return station.way
