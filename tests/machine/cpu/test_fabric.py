"""The fabric chooses how to solve each slice; the oracle says that the choice never shows."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from oracle import OracleStation, simulate

from simulator.machine.cpu.fabric import Fabric
from simulator.machine.cpu.quota import Quota
from simulator.machine.cpu.share import CpuGroup
from simulator.machine.cpu.station import Station

UNTIL = 30.0


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


class Plan:
    """A source that knows all its jobs in advance and keeps what became of them."""

    exact = countable = False
    joins_delay = True

    def __init__(self, jobs) -> None:
        self.jobs = jobs
        self.stations = {}
        self.ends = {}
        self.refused_at = []
        self._at = 0

    def plan(self, until):
        while self._at < len(self.jobs) and self.jobs[self._at][0] <= until:
            time, index, work = self.jobs[self._at]
            station = list(self.stations)[index]
            station.receive(np.array([time]), np.array([work]))
            self._at += 1

    def prepare(self, until):
        self.plan(until)

    def peek(self):
        return math.inf

    def next_arrival(self):
        return self.jobs[self._at][0] if self._at < len(self.jobs) else math.inf

    def earliest(self, station, count):
        return self.next_arrival()

    def forget(self, station):
        pass

    @property
    def concerned(self):
        return self.stations

    def settle(self, outcome):
        self.ends |= dict(zip(outcome.arrivals.tolist(), outcome.ends.tolist(), strict=True))
        self.refused_at += outcome.refused.tolist()

    def settle_many(self, crop):
        for outcome in crop.outcomes():
            self.settle(outcome)


def crowd(cores, workers, jobs, room=math.inf):
    clock = Clock()
    fabric = Fabric(clock)
    root = CpuGroup("host", limit=cores)
    plan = Plan(jobs)
    for i, count in enumerate(workers):
        station = Station(f"s{i}", CpuGroup(f"g{i}", parent=root), workers=count, room=room)
        station.owner = plan
        plan.stations[station] = None
        fabric.add_station(station)
    fabric.add_source(plan)
    return clock, fabric, plan


def draw(seed, count, rate, mean, stations):
    random = np.random.default_rng(seed)
    times = np.cumsum(random.exponential(1 / rate, count))
    where = random.integers(0, stations, count)
    return list(zip(times.tolist(), where.tolist(), random.exponential(mean, count).tolist()))


@settings(max_examples=60, deadline=None)
@given(
    seed=st.integers(0, 10**6),
    cores=st.sampled_from([2.0, 3.0]),
    workers=st.lists(st.integers(1, 3), min_size=2, max_size=4),
    load=st.floats(0.1, 0.9),
    pieces=st.integers(1, 40),
)
def test_hoping_for_cores_enough_never_changes_an_end(seed, cores, workers, load, pieces):
    jobs = draw(seed, 150, load * cores / 0.1, 0.1, len(workers))
    wanted = simulate(cores, [OracleStation(workers=w) for w in workers], jobs, UNTIL)
    expected = {jobs[n][0]: end for ends in wanted for n, end in ends.items() if end <= UNTIL}
    clock, fabric, plan = crowd(cores, workers, jobs)
    for i in range(pieces):
        fabric.run_ahead(UNTIL * (i + 1) / pieces)
        clock.now = UNTIL * (i + 1) / pieces
        fabric.settle()
    assert sorted(expected) == sorted(plan.ends)
    for arrival, end in expected.items():
        assert plan.ends[arrival] == pytest.approx(end, abs=1e-9)
    assert sum(s.used for s in plan.stations) <= cores * UNTIL + 1e-9


@settings(max_examples=40, deadline=None)
@given(
    seed=st.integers(0, 10**6),
    changes=st.lists(st.floats(0.5, 25.0), min_size=1, max_size=6),
    room=st.sampled_from([math.inf, 3]),
)
def test_disturbing_a_host_at_any_time_changes_nothing(seed, changes, room):
    workers, cores = [1, 2, 1], 2.0
    jobs = draw(seed, 120, 12.0, 0.1, len(workers))
    outcomes = []
    for disturbed in ([], sorted(changes)):
        clock, fabric, plan = crowd(cores, workers, jobs, room)
        for time in [*disturbed, UNTIL]:
            fabric.run_ahead(time)
            clock.now = time
            fabric.disturb_host(next(iter(plan.stations)).root)
        outcomes.append(plan)
    first, second = outcomes
    assert sorted(first.refused_at) == sorted(second.refused_at)
    assert sorted(first.ends) == sorted(second.ends)
    for arrival, end in first.ends.items():
        assert second.ends[arrival] == pytest.approx(end, abs=1e-9)


@settings(max_examples=30, deadline=None)
@given(
    seed=st.integers(0, 10**6),
    cores=st.sampled_from([1.0, 2.0]),
    workers=st.lists(st.sampled_from([1, 2, math.inf]), min_size=1, max_size=3),
    quota=st.sampled_from([None, 0.05]),
    load=st.floats(0.1, 1.2),
    looks=st.lists(st.tuples(st.floats(0.5, 25.0), st.booleans()), max_size=6),
)
def test_time_spent_inside_and_in_line_is_the_integral_of_the_oracles(
    seed, cores, workers, quota, load, looks
):
    jobs = draw(seed, 150, load * cores / 0.1, 0.1, len(workers))
    oracles = [OracleStation(workers=w, quota_s=quota) for w in workers]
    simulate(cores, oracles, jobs, UNTIL)
    clock, fabric, plan = crowd(cores, workers, jobs)
    for station in plan.stations:
        station.quota = Quota(quota) if quota is not None else None
    for time, disturbed in [*sorted(looks), (UNTIL, False)]:
        fabric.run_ahead(time)
        clock.now = time
        if disturbed:
            fabric.disturb_host(next(iter(plan.stations)).root)
        fabric.settle()
        for index, (station, oracle) in enumerate(zip(plan.stations, oracles, strict=True)):
            came = {n: at for n, (at, where, _) in enumerate(jobs) if where == index and at <= time}
            inside = sum(min(time, oracle.ends.get(n, math.inf)) - at for n, at in came.items())
            begun = {n: min(time, oracle.starts.get(n, math.inf)) for n in came}
            assert station.area_in_system(time) == pytest.approx(inside, abs=1e-7)
            waits = [begun[n] - at for n, at in came.items()]
            assert station.area_waiting(time) == pytest.approx(sum(waits), abs=1e-7)
            assert station.waited == sum(wait > 1e-9 for wait in waits)


def test_a_watched_station_stops_everything_at_the_instant_it_empties() -> None:
    clock, fabric, plan = crowd(2.0, [1, 1], [(1.0, 0, 0.75), (1.0, 1, 5.0)])
    station, other = plan.stations
    seen = []
    fabric.run_ahead(1.2)
    clock.now = 1.2
    fabric.watch(station, seen.append)
    station.draining = True
    stopped = fabric.run_ahead(10.0)
    assert stopped == pytest.approx(1.75)
    clock.now = stopped
    fabric.act(stopped)
    assert seen == ["empty"]
    fabric.settle()
    assert other.used == pytest.approx(0.75)
