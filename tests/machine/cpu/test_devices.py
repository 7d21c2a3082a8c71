"""Disks and network cards against one process per request, and what no oracle is needed for."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from oracle import OracleStation, Place, simulate
from test_fabric import Clock, Plan

from simulator.machine.cpu.fabric import Fabric
from simulator.machine.cpu.quota import Quota
from simulator.machine.cpu.route import Route, Step, delay, lane
from simulator.machine.cpu.share import CpuGroup
from simulator.machine.cpu.station import Station
from simulator.machine.cpu.travel import Travelled

UNTIL = 60.0
WEIGHTS = st.sampled_from([50.0, 100.0, 300.0])
MOST = st.sampled_from([1.0, 1.0, 0.5, 0.2])
NEEDS = st.sampled_from([0.0, 0.03, 0.1])


@st.composite
def tenants(draw):
    """A container: threads, line, what each request needs of devices, and in which machine."""
    return {
        "workers": draw(st.sampled_from([1, 2, 4, math.inf])),
        "room": draw(st.sampled_from([math.inf, 2])),
        "weight": draw(WEIGHTS),
        "quota_s": draw(st.sampled_from([None, None, 0.04])),
        "needs": (draw(st.sampled_from([0.0, 0.02])), draw(NEEDS), draw(NEEDS)),
        "disk": (draw(WEIGHTS), draw(MOST)),
        "net": (100.0, draw(MOST)),
        "machine": draw(st.sampled_from([None, None, 0, 1])),
    }


class Site:
    """The same host twice: as the oracle has it, and as the model has it."""

    def __init__(self, cores, several, machines):
        self.oracles = []
        self.stations = []
        root = CpuGroup("host", limit=cores)
        disk, net = CpuGroup("disk", limit=1.0), CpuGroup("net", limit=1.0)
        places = [(Place(weight), Place(weight)) for weight in machines]
        inner = [
            (CpuGroup("vm", parent=disk, weight=weight), CpuGroup("vm", parent=net, weight=weight))
            for weight in machines
        ]
        for number, one in enumerate(several):
            wait_s, disk_s, net_s = one["needs"]
            at = one["machine"]
            behind = places[at] if at is not None else (None, None)
            above = inner[at] if at is not None else (disk, net)
            self.oracles.append(
                OracleStation(
                    workers=one["workers"], room=one["room"], weight=one["weight"],
                    quota_s=one["quota_s"], wait_s=wait_s, disk_s=disk_s, net_s=net_s,
                    disk=Place(*one["disk"], behind[0]), net=Place(*one["net"], behind[1]),
                )
            )  # fmt: skip
            group = CpuGroup(f"g{number}", parent=root, weight=one["weight"])
            station = Station(f"s{number}", group, workers=one["workers"], room=one["room"])
            if one["quota_s"] is not None:
                station.quota = Quota(one["quota_s"])
            weight, most = one["disk"]
            steps = (
                Step(delay("wait"), wait_s),
                Step(lane("disk", above[0], weight=weight, limit=most), disk_s),
                Step(lane("net", above[1], limit=one["net"][1]), net_s, holds=False),
            )
            station.way = Route(steps, devices=(disk, net))
            self.stations.append(station)


def draw_jobs(seed, count, rate, mean, stations):
    random = np.random.default_rng(seed)
    times = np.cumsum(random.exponential(1 / rate, count))
    where = random.integers(0, stations, count)
    works = random.exponential(mean, count)
    return list(zip(times.tolist(), where.tolist(), works.tolist(), strict=True))


@settings(max_examples=80, deadline=None)
@given(
    seed=st.integers(0, 10**6),
    cores=st.sampled_from([1.0, 2.0, 4.0]),
    several=st.lists(tenants(), min_size=1, max_size=4),
    machines=st.tuples(WEIGHTS, WEIGHTS),
    rate=st.floats(2.0, 25.0),
    pieces=st.integers(1, 5),
)
def test_devices_are_request_by_request_what_the_oracle_says(
    seed, cores, several, machines, rate, pieces
):
    site = Site(cores, several, machines)
    jobs = draw_jobs(seed, 80, rate, 0.05, len(several))
    oracle_ends = simulate(cores, site.oracles, jobs, UNTIL)
    got = [{} for _ in several]
    now = 0.0
    for number in range(pieces):
        end = UNTIL * (number + 1) / pieces
        run = Travelled(site.stations, [], [job for job in jobs if now < job[0] <= end], now)
        run.run(end)
        now = end
        for index, station in enumerate(site.stations):
            arrivals, ends, _ = run.outcomes[station]
            got[index] |= dict(zip(arrivals, ends, strict=True))
    for index, found in enumerate(got):
        expected = {jobs[n][0]: at for n, at in oracle_ends[index].items() if at <= UNTIL}
        assert sorted(found) == sorted(expected)
        for arrival, at in expected.items():
            assert found[arrival] == pytest.approx(at, abs=1e-9)


@settings(max_examples=60, deadline=None)
@given(
    seed=st.integers(0, 10**6),
    cores=st.sampled_from([4.0, 8.0]),
    several=st.lists(tenants(), min_size=1, max_size=3),
    machines=st.tuples(WEIGHTS, WEIGHTS),
    rate=st.floats(0.5, 8.0),
    looks=st.lists(st.tuples(st.floats(0.5, 50.0), st.integers(0, 2)), max_size=12),
)
def test_hoping_for_idle_devices_never_changes_an_end(seed, cores, several, machines, rate, looks):
    several = [one | {"workers": min(one["workers"], 2), "quota_s": None} for one in several]
    site = Site(cores, several, machines)
    jobs = draw_jobs(seed, 80, rate, 0.05, len(several))
    oracle_ends = simulate(cores, site.oracles, jobs, UNTIL)
    clock, plan = Clock(), Plan(jobs)
    fabric = Fabric(clock)
    for station in site.stations:
        station.owner = plan
        plan.stations[station] = None
        fabric.add_station(station)
    fabric.add_source(plan)
    for time, disturbed in [*sorted(looks), (UNTIL, 0)]:
        fabric.run_ahead(time)
        clock.now = time
        if disturbed < len(site.stations):
            fabric.disturb(site.stations[disturbed])
        fabric.settle()
        for station, oracle, one in zip(site.stations, oracle_ends, several, strict=True):
            for step, seconds in zip(station.way.steps, one["needs"], strict=True):
                ended = sum(seconds for end in oracle.values() if end <= time)
                begun = sum(seconds for at, _, _ in jobs if at <= time)
                assert ended - 1e-9 <= step.lane.used <= begun + 1e-9
    expected = {jobs[n][0]: end for ends in oracle_ends for n, end in ends.items() if end <= UNTIL}
    assert sorted(plan.ends) == sorted(expected)
    for arrival, end in expected.items():
        assert plan.ends[arrival] == pytest.approx(end, abs=1e-9)


@settings(max_examples=40, deadline=None)
@given(
    seed=st.integers(0, 10**6),
    several=st.lists(tenants(), min_size=1, max_size=4),
    machines=st.tuples(WEIGHTS, WEIGHTS),
    times=st.lists(st.floats(0.1, 40.0), min_size=2, max_size=8, unique=True),
)
def test_over_any_interval_a_device_does_no_more_than_it_can(seed, several, machines, times):
    site = Site(4.0, several, machines)
    jobs = draw_jobs(seed, 120, 20.0, 0.02, len(several))
    used, now = [0.0, 0.0], 0.0
    for time in sorted(times):
        Travelled(site.stations, [], [job for job in jobs if now < job[0] <= time], now).run(time)
        for device in (0, 1):
            moved = sum(station.way.steps[device + 1].lane.used for station in site.stations)
            assert moved - used[device] <= time - now + 1e-9
            used[device] = moved
        now = time
