"""A long line: what is read of it at every sample does not walk along it."""

from __future__ import annotations

import math

import pytest
from calls import steps

from simulator.machine.cpu.cells import AloneCell
from simulator.machine.cpu.outcome import Outcome
from simulator.machine.cpu.quota import Quota
from simulator.machine.cpu.share import CpuGroup
from simulator.machine.cpu.station import Station
from simulator.traffic.endpoint import Patience

PERIOD_S = 0.1


class Told:
    """A source that adds up how long each job took that ended."""

    def __init__(self) -> None:
        self.took_s: list[float] = []

    def settle(self, outcome: Outcome) -> None:
        self.took_s += (outcome.ends - outcome.arrivals).tolist()


def overloaded(waiting: int) -> tuple[AloneCell, Station]:
    """A throttled station with so many in line, of whom one came every millisecond."""
    station = Station("s", CpuGroup("g"), quota=Quota(0.05, PERIOD_S))
    station.owner = Told()
    cell = AloneCell(station)
    times = [number / 1000 for number in range(waiting)]
    station.inbox_times, station.inbox_works = [times], [[0.02] * waiting]
    cell.advance(waiting / 1000)
    return cell, station


@pytest.mark.parametrize("reads", ["area_in_system", "area_waiting", "came"])
def test_a_line_twice_as_long_is_read_as_quickly(reads):
    def read(station: Station) -> object:
        if reads == "came":
            return station.came(station.time - 0.05, station.time)
        return getattr(station, reads)(station.time + 0.01)

    def cost(waiting: int) -> int:
        _, station = overloaded(waiting)
        return steps(lambda: read(station))

    assert cost(8000) <= 1.1 * cost(4000)


def test_a_slice_of_a_long_line_costs_what_ends_in_it():
    def slice_of(waiting: int) -> int:
        cell, _ = overloaded(waiting)
        return steps(lambda: cell.advance(cell.time + 0.5))

    assert slice_of(8000) <= 1.1 * slice_of(4000)


def test_what_is_read_of_a_line_is_what_walking_along_it_gives():
    cell, station = overloaded(3000)
    cell.advance(4.0)
    now, line = station.time, station.waiting
    assert len(line) > 2000
    stood = sum(now - job[2] for job in station.busy) + sum(now - at for _, at, _ in line)
    inside_s = sum(station.owner.took_s) + stood
    assert station.area_in_system(now) == pytest.approx(inside_s, rel=1e-12)
    assert station.came(1.5, 2.5).tolist() == [at for _, at, _ in line if 1.5 < at <= 2.5]


def test_who_lost_patience_is_found_among_those_who_asked_when_that_is_possible():
    patience = Patience()
    patience.change(10.0, 2.0)
    patience.change(20.0, 5.0)
    low, high = patience.could_end(24.5, 26.0)
    assert (low, high) == pytest.approx((20.0, 21.0), abs=1e-6)
    low, high = patience.could_end(21.0, 26.0)
    assert (low, high) == pytest.approx((19.0, 21.0), abs=1e-6)
    assert patience.could_end(5.0, 9.0) == (math.inf, -math.inf)
