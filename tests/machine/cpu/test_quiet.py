"""Quiet stations solved together: each ends as it would have alone."""

from __future__ import annotations

import math
from itertools import chain

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from test_cost import calls
from test_fabric import Clock, Plan

from simulator.machine.cpu import quiet
from simulator.machine.cpu.fabric import Fabric
from simulator.machine.cpu.share import CpuGroup
from simulator.machine.cpu.station import Station

UNTIL = 12.0


def solved(hosts, jobs, cuts, room=math.inf, scale=1.0, touches=(), guests=False):
    """What became of jobs on stations of some hosts: (cores, workers of each station).

    ``guests``: the first two of each host share a virtual machine of three cores.
    ``touches``: when, and how, somebody looks at a station or disturbs it in between.
    """
    clock, plan = Clock(), Plan(jobs)
    fabric = Fabric(clock)
    for number, (cores, workers) in enumerate(hosts):
        root = CpuGroup(f"h{number}", limit=cores)
        guest = CpuGroup(f"h{number}v", parent=root, limit=min(cores, 3.0))
        for i, count in enumerate(workers):
            group = CpuGroup(f"h{number}g{i}", parent=guest if guests and i < 2 else root)
            station = Station(f"h{number}s{i}", group, workers=count, room=room)
            station.owner, station.work_scale = plan, scale
            plan.stations[station] = None
            fabric.add_station(station)
    fabric.add_source(plan)
    told = []
    for until in cuts:
        for at, how in touches:
            if clock.now < at < until:
                touch(fabric, plan, clock, at, how)
        fabric.run_ahead(until)
        clock.now = until
        fabric.settle()
        told.append([account(fabric, station, until) for station in plan.stations])
    return plan.ends, sorted(plan.refused_at), told


def account(fabric, station, now):
    numbers = (station.taken, station.waited, fabric.in_system(station), fabric.queued(station))
    areas = (station.used, station.area_in_system(now), station.area_waiting(now))
    return numbers, areas


HOSTS = st.lists(
    st.tuples(st.sampled_from([1.0, 2.0, 3.0, 64.0]), st.lists(st.integers(1, 3), min_size=1,
              max_size=4)), min_size=1, max_size=4,
)  # fmt: skip


@settings(max_examples=60, deadline=None)
@given(
    hosts=HOSTS,
    seed=st.integers(0, 10**6),
    rate=st.floats(0.2, 12.0),
    mean=st.sampled_from([0.01, 0.3, 1.0]),
    room=st.sampled_from([math.inf, 0, 2]),
    scale=st.sampled_from([1.0, 1.3]),
    pieces=st.integers(1, 20),
    guests=st.booleans(),
)
@example([(3.0, [1, 2, 1]), (1.0, [1])], 0, 9.0, 0.3, math.inf, 1.0, 3, True)
def test_stations_solved_together_are_what_each_is_alone(
    hosts, seed, rate, mean, room, scale, pieces, guests
):
    random = np.random.default_rng(seed)
    times = np.cumsum(random.exponential(1 / rate, 60))
    where = random.integers(0, sum(len(workers) for _, workers in hosts), 60)
    works = random.exponential(mean, 60)
    jobs = list(zip(times.tolist(), where.tolist(), works.tolist(), strict=True))
    cuts = [UNTIL * (i + 1) / pieces for i in range(pieces)]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(quiet, "LEAST", 1)
        together = solved(hosts, jobs, cuts, room, scale, guests=guests)
        patch.setattr(quiet, "LEAST", math.inf)
        alone = solved(hosts, jobs, cuts, room, scale, guests=guests)
    assert together[0] == pytest.approx(alone[0], abs=1e-9)
    assert together[1] == alone[1]
    for one, other in zip(chain(*together[2]), chain(*alone[2]), strict=True):
        assert one == (other[0], pytest.approx(other[1], abs=1e-9))


def test_a_host_without_cores_enough_is_left_to_itself_and_the_others_are_not():
    hosts = [(2.0, (2, 2)), (64.0, (2, 2))]
    jobs = [(1.0 + 0.01 * i, i % 4, 1.0) for i in range(8)]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(quiet, "LEAST", 1)
        ends, _, told = solved(hosts, jobs, [0.5, 4.0, 9.0])
    crowded = [ends[at] for at, index, _ in jobs if index < 2]
    roomy = [ends[at] - at for at, index, _ in jobs if index >= 2]
    assert roomy == pytest.approx([1.0] * 4)
    assert max(crowded) == pytest.approx(3.01)
    assert [one[0][0] for one in told[-1]] == [2, 2, 2, 2]


def test_twice_as_many_quiet_stations_cost_twice_the_calls_at_most():
    def cost(count: int) -> int:
        hosts = [(16.0, (4,) * 10)] * (count // 10)
        jobs = [(0.5 + i / 1000, i % count, 0.01) for i in range(2 * count)]
        return calls(lambda: solved(hosts, jobs, [0.4, 2.0, 4.0]))

    few, many = cost(60), cost(120)
    assert many <= 2.5 * few


@settings(max_examples=30, deadline=None)
@given(
    hosts=HOSTS,
    seed=st.integers(0, 10**6),
    scale=st.sampled_from([1.0, 1.3]),
    touches=st.lists(st.tuples(st.floats(0.2, 11.0), st.integers(0, 2)), max_size=6),
)
def test_reading_and_touching_a_quiet_station_changes_nothing(hosts, seed, scale, touches):
    random = np.random.default_rng(seed)
    count = sum(len(workers) for _, workers in hosts)
    times = np.sort(random.uniform(0.0, UNTIL, 60))
    where = random.integers(0, count, 60)
    works = random.exponential(0.3, 60)
    jobs = list(zip(times.tolist(), where.tolist(), works.tolist(), strict=True))
    cuts = [1.0, 2.5, 4.0, 7.0, 10.0, UNTIL]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(quiet, "LEAST", 1)
        touched = solved(hosts, jobs, cuts, scale=scale, touches=sorted(touches))
        patch.setattr(quiet, "LEAST", math.inf)
        alone = solved(hosts, jobs, cuts, scale=scale)
    assert touched[0] == pytest.approx(alone[0], abs=1e-9)
    for one, other in zip(chain(*touched[2]), chain(*alone[2]), strict=True):
        assert one == (other[0], pytest.approx(other[1], abs=1e-9))


def touch(fabric, plan, clock, at, how):
    """Read a station, solve it alone, or disturb it, all at once and between two slices."""
    fabric.run_ahead(at)
    clock.now = at
    station = list(plan.stations)[int(at * 100) % len(plan.stations)]
    if how == 0:
        account(fabric, station, at)
    elif how == 1:
        fabric.settle((station,))
    else:
        fabric.disturb(station)


def test_a_slice_of_quiet_stations_calls_as_little_for_twice_as_many():
    def cost(count: int) -> int:
        clock, plan = Clock(), Plan([])
        plan.settle_many = lambda crop: None
        fabric = Fabric(clock)
        for number in range(count):
            group = CpuGroup(f"g{number}", parent=CpuGroup(f"h{number}", limit=8.0))
            station = Station(f"s{number}", group, workers=2)
            plan.stations[station] = None
            station.owner = plan
            fabric.add_station(station)
        fabric.add_source(plan)
        for now in (1.0, 2.0):
            clock.now = now
            fabric.settle()
        quietly = fabric.quiet
        rows = np.arange(count)
        quietly.send(rows, 2.0 + rows / 1e4, np.full(count, 0.01))
        clock.now = 3.0
        assert len(quietly) == count
        return calls(fabric.settle)

    few, many = cost(100), cost(200)
    assert many <= 1.2 * few
