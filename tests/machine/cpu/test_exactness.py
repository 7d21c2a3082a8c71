"""The bulk solutions against one process per request, request by request."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from oracle import OracleStation, simulate

from simulator.machine.cpu.contended import Contended
from simulator.machine.cpu.coupled import Coupled
from simulator.machine.cpu.fifo import FifoLine
from simulator.machine.cpu.quota import Quota
from simulator.machine.cpu.share import CpuGroup
from simulator.machine.cpu.sharing import solve
from simulator.machine.cpu.station import Station

UNTIL = 50.0


def jobs(seed: int, count: int, rate: float, mean: float, stations: int = 1):
    random = np.random.default_rng(seed)
    times = np.cumsum(random.exponential(1 / rate, count))
    works = random.exponential(mean, count)
    where = random.integers(0, stations, count)
    return list(zip(times.tolist(), where.tolist(), works.tolist(), strict=True))


def cuts(until: float, pieces: int) -> list[float]:
    return [until * (i + 1) / pieces for i in range(pieces)]


def by_arrival(arrivals, ends):
    return dict(zip(arrivals, ends, strict=True))


def expected(oracle_ends, arrivals):
    return {arrivals[number][0]: end for number, end in oracle_ends.items() if end <= UNTIL}


def assert_same(wanted: dict[float, float], got: dict[float, float]) -> None:
    assert sorted(wanted) == sorted(got)
    for arrival, end in wanted.items():
        assert got[arrival] == pytest.approx(end, abs=1e-9)


@settings(max_examples=60, deadline=None)
@given(
    seed=st.integers(0, 10**6),
    workers=st.integers(1, 4),
    room=st.sampled_from([math.inf, 0, 1, 5]),
    load=st.floats(0.2, 1.6),
    pieces=st.integers(1, 7),
)
def test_fifo_in_bulk_is_request_by_request_what_the_oracle_says(seed, workers, room, load, pieces):
    arrivals = jobs(seed, 120, load * workers / 0.2, 0.2)
    station = OracleStation(workers=workers, room=room)
    (ends,) = simulate(workers, [station], arrivals, UNTIL)
    line = FifoLine(workers, room, 0.0)
    got, refused = {}, []
    for start, end in zip([0.0, *cuts(UNTIL, pieces)], cuts(UNTIL, pieces)):
        chunk = [(t, w) for t, _, w in arrivals if start < t <= end]
        times, works = np.array([t for t, _ in chunk]), np.array([w for _, w in chunk])
        finished, ended, lost = line.advance(times, works, end)
        got |= by_arrival(finished.tolist(), ended.tolist())
        refused += lost.tolist()
    assert sorted(station.refused) == refused
    assert_same(expected(ends, arrivals), got)


@settings(max_examples=60, deadline=None)
@given(
    seed=st.integers(0, 10**6),
    workers=st.sampled_from([1, 2, 5, math.inf]),
    cores=st.sampled_from([0.5, 1.0, 2.0, 3.0]),
    room=st.sampled_from([math.inf, 2]),
    load=st.floats(0.2, 1.3),
    pieces=st.integers(1, 7),
)
def test_processor_sharing_is_what_the_oracle_says(seed, workers, cores, room, load, pieces):
    arrivals = jobs(seed, 100, load * cores / 0.2, 0.2)
    oracle = OracleStation(workers=workers, room=room)
    (ends,) = simulate(cores, [oracle], arrivals, UNTIL)
    station = Station("s", CpuGroup("g", limit=cores), workers=workers, room=room)
    got, refused = {}, []
    for start, end in zip([0.0, *cuts(UNTIL, pieces)], cuts(UNTIL, pieces)):
        chunk = [(t, w) for t, _, w in arrivals if start < t <= end]
        finished, ended, lost = solve(
            station, cores, [t for t, _ in chunk], [w for _, w in chunk], end
        )
        got |= by_arrival(finished, ended)
        refused += lost
    assert sorted(oracle.refused) == refused
    assert_same(expected(ends, arrivals), got)


@settings(max_examples=60, deadline=None)
@given(
    seed=st.integers(0, 10**6),
    workers=st.sampled_from([1, 3]),
    quota=st.floats(0.01, 0.09),
    phase=st.floats(0, 0.099),
    load=st.floats(0.2, 1.3),
    pieces=st.integers(1, 7),
)
def test_a_quota_by_period_is_what_the_oracle_says(seed, workers, quota, phase, load, pieces):
    arrivals = jobs(seed, 100, load * quota / 0.1 / 0.02, 0.02)
    oracle = OracleStation(workers=workers, quota_s=quota, phase=phase - 0.1)
    (ends,) = simulate(8, [oracle], arrivals, UNTIL)
    station = Station(
        "s", CpuGroup("g", limit=8), workers=workers, quota=Quota(quota, 0.1, phase - 0.1)
    )
    got = {}
    for start, end in zip([0.0, *cuts(UNTIL, pieces)], cuts(UNTIL, pieces)):
        chunk = [(t, w) for t, _, w in arrivals if start < t <= end]
        finished, ended, _ = solve(station, 8, [t for t, _ in chunk], [w for _, w in chunk], end)
        got |= by_arrival(finished, ended)
    assert_same(expected(ends, arrivals), got)


@settings(max_examples=120, deadline=None)
@given(
    seed=st.integers(0, 10**6),
    cores=st.sampled_from([1.0, 2.0, 3.0]),
    workers=st.lists(st.sampled_from([1, 2, 4, math.inf]), min_size=2, max_size=4),
    weights=st.lists(st.sampled_from([50.0, 100.0, 300.0]), min_size=4, max_size=4),
    quota=st.sampled_from([None, 0.03, 0.15]),
    load=st.floats(0.3, 1.2),
    pieces=st.integers(1, 5),
    loop=st.sampled_from([Coupled, Contended]),
)
def test_stations_that_share_a_kernel_are_what_the_oracle_says(
    seed, cores, workers, weights, quota, load, pieces, loop
):
    arrivals = jobs(seed, 100, load * cores / 0.1, 0.1, len(workers))
    oracles = [OracleStation(workers=w, weight=g) for w, g in zip(workers, weights)]
    oracles[0].quota_s = quota
    oracle_ends = simulate(cores, oracles, arrivals, UNTIL)
    root = CpuGroup("root", limit=cores)
    stations = [
        Station(f"s{i}", CpuGroup(f"g{i}", parent=root, weight=g), workers=w)
        for i, (w, g) in enumerate(zip(workers, weights))
    ]
    if quota is not None:
        stations[0].quota = Quota(quota)
    got = [{} for _ in stations]
    now = 0.0
    for end in cuts(UNTIL, pieces):
        run = loop(stations, [], [a for a in arrivals if now < a[0] <= end], now)
        run.run(end)
        now = end
        for i, station in enumerate(stations):
            finished, ended, _ = run.outcomes[station]
            got[i] |= by_arrival(finished, ended)
    for i in range(len(stations)):
        assert_same(expected(oracle_ends[i], arrivals), got[i])
    assert sum(s.used for s in stations) <= cores * UNTIL + 1e-9
