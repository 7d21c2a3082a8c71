"""Queues on the whole path against closed forms (results A1 to A5 and A7 to A10)."""

from __future__ import annotations

from math import erfc, exp, inf, log, pi, sqrt

import numpy as np
import pytest
from experiment import SEEDS, agree, means, measure
from queueing_formulas import (
    erlang_b,
    erlang_c,
    mmc_slower_than,
    mmc_wait,
    mmck,
    pollaczek_khinchine,
    quantile,
)

from simulator.engine import Streams
from simulator.look.measures import Measures
from simulator.machine.cpu.fifo import FifoLine

# Time has no natural unit here: requests of a tenth of a millisecond, ten times as many a second,
# are the same queue and the same number of requests in a tenth of the simulated time.

ONE = "server cpu=1ms workers=1 queue=unlimited"
"""The M/M/1 of the tables, ten times as fast: mu = 1000/s."""


def waits(lam: float, mean: float, workers: int, count: int, seed: int) -> np.ndarray:
    """Waiting times of M/M/c from the bulk loop itself, after a tenth to warm up."""
    stream = Streams(seed)("waits")
    times = np.cumsum(stream.standard_exponential(count)) / lam
    works = stream.standard_exponential(count) * mean
    line = FifoLine(workers, inf, 0.0)
    line.take(times, works)
    return (line.starts - times)[count // 10 :]


# A1 ----------------------------------------------------------------------------------------------


def test_a_single_worker_at_80_percent_has_the_latencies_of_mm1():
    runs = [measure(ONE, "800", 250_000, seed=seed) for seed in SEEDS]
    assert agree([run.mean_s for run in runs], 0.0050, 0.03)
    for rank, expected, tolerance in ((50, 34.7, 0.03), (95, 149.8, 0.05), (99, 230.3, 0.05)):
        found = [run.service.tally.latencies.percentile(rank)[0] for run in runs]
        assert np.mean(found) == pytest.approx(expected / 10_000, rel=tolerance)
        assert expected / 10_000 == pytest.approx(-log(1 - rank / 100) / 200, rel=0.002)
    in_flight = [np.mean(run.world.recorder.series("service/web/in_flight").values) for run in runs]
    assert np.mean(in_flight) == pytest.approx(4.0, rel=0.03)


@pytest.mark.parametrize("rho", [0.3, 0.5, 0.7])
def test_the_knee_of_mm1_is_one_over_one_minus_rho(rho):
    found = means("server cpu=0.1ms workers=1 queue=unlimited", f"{10_000 * rho}", 300_000)
    assert agree(found, 0.0001 / (1 - rho), 0.03)


# A2, Erlang C ------------------------------------------------------------------------------------


def test_four_workers_wait_as_erlang_says():
    assert erlang_c(3.2, 4) == pytest.approx(0.5964, abs=5e-5)
    assert mmc_wait(32, 10, 4) == pytest.approx(0.07455, abs=5e-6)
    runs = [
        measure("server cpu=1ms workers=4 queue=unlimited", "3200", 500_000, seed=seed)
        for seed in SEEDS
    ]
    assert agree([run.mean_s for run in runs], 0.001 + mmc_wait(3200, 1000, 4), 0.04)
    for share in (0.5, 0.95, 0.99):
        expected = quantile(lambda t: mmc_slower_than(t, 3200, 1000, 4), share, 1.0)
        found = np.mean([run.service.tally.latencies.percentile(share * 100)[0] for run in runs])
        assert found == pytest.approx(expected, rel=0.04)


def test_who_waits_for_four_workers_and_how_long_in_the_tail():
    found = [waits(32, 0.1, 4, 500_000, seed) for seed in SEEDS]
    # Waits of exactly nothing come out as a rounding of it.
    assert agree([float((each > 1e-9).mean()) for each in found], 0.5964, 0.04)
    assert agree([float(each.mean()) for each in found], 0.07455, 0.04)
    p95 = np.mean([np.percentile(each, 95) for each in found])
    assert p95 == pytest.approx(0.310, rel=0.04)


def test_waiting_is_measured_apart_from_service():
    run = measure("server cpu=1ms workers=4 queue=unlimited", "3200", 300_000)
    measures = Measures(run.world)
    assert measures.wait_share("web") == pytest.approx(erlang_c(3.2, 4), rel=0.03)
    assert measures.mean_wait("web") == pytest.approx(mmc_wait(3200, 1000, 4), rel=0.06)


@pytest.mark.parametrize(("workers", "rho"), [(2, 0.7), (8, 0.8), (16, 0.85)])
def test_other_numbers_of_workers_wait_as_erlang_says(workers, rho):
    lam = 10_000 * workers * rho
    found = means(
        f"server cpu=0.1ms workers={workers} queue=unlimited", f"{lam}", 400_000, cores=workers
    )
    assert agree(found, 0.0001 + mmc_wait(lam, 10_000, workers), 0.03)


# A3, pooling -------------------------------------------------------------------------------------


def test_one_line_for_four_workers_beats_four_lines_of_one():
    apart = means(
        "server cpu=0.1ms workers=1 queue=unlimited",
        "32000",
        1_000_000,
        replicas=4,
        balancer="random",
    )
    pooled = means("server cpu=0.1ms workers=4 queue=unlimited", "32000", 400_000)
    assert agree(apart, 0.0005, 0.05)
    assert np.mean(apart) / np.mean(pooled) == pytest.approx(2.86, rel=0.05)


# A4, A5, Pollaczek-Khinchine ---------------------------------------------------------------------


@pytest.mark.parametrize(
    ("law", "cs2", "rho", "tolerance", "requests"),
    [
        ("constant", 0.0, 0.8, 0.04, 400_000),
        ("exponential", 1.0, 0.8, 0.04, 600_000),
        ("hyperexponential:4", 4.0, 0.8, 0.06, 1_000_000),
        ("erlang:2", 0.5, 0.7, 0.04, 300_000),
        ("gamma:0.5", 2.0, 0.6, 0.04, 400_000),
        ("uniform", 1 / 3, 0.8, 0.04, 400_000),
        ("lognormal:2", 2.0, 0.5, 0.05, 600_000),
    ],
)
def test_the_wait_grows_with_the_variance_of_the_work(law, cs2, rho, tolerance, requests):
    workload = f"server cpu=0.1ms dist={law} workers=1 queue=unlimited"
    responses = means(workload, f"{10_000 * rho}", requests)
    expected = pollaczek_khinchine(10_000 * rho, 0.0001, cs2)
    assert agree([each - 0.0001 for each in responses], expected, tolerance)


@pytest.mark.parametrize(("law", "c"), [("constant", 0), ("exponential", 1)])
def test_a_few_long_requests_make_all_wait_as_their_second_moment_says(law, c):
    mean, square = 0.9 * 0.001 + 0.1 * 0.011, (0.9 * 0.001**2 + 0.1 * 0.011**2) * (1 + c)
    workload = f"server mix=90%:1ms,10%:11ms dist={law} workers=1 queue=unlimited"
    responses = means(workload, f"{0.6 / mean}", 100_000)
    expected = pollaczek_khinchine(0.6 / mean, mean, square / mean**2 - 1)
    assert agree([each - mean for each in responses], expected, 0.05)


def test_constant_work_waits_half_as_long_as_exponential_work():
    halves = []
    for seed in SEEDS:
        constant, exponential = (
            measure(
                f"server cpu=0.1ms dist={law} workers=1 queue=unlimited", "8000", 500_000, seed=seed
            ).mean_s
            for law in ("constant", "exponential")
        )
        halves.append((constant - 0.0001) / (exponential - 0.0001))
    assert np.mean(halves) == pytest.approx(0.5, rel=0.04)


# A7, Little --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("workload", "traffic", "cores", "options"),
    [
        ("server cpu=20ms workers=64 queue=unlimited", "2500", 64, {}),
        ("server cpu=20ms workers=unlimited", "1600", 50, {}),
        ("server cpu=20ms workers=60 queue=100", "2500", 64, {"cpus": 55.0}),
        ("server cpu=20ms workers=16 queue=unlimited", "2500", 64, {"replicas": 4}),
    ],
)
def test_what_is_inside_is_the_rate_times_the_time(workload, traffic, cores, options):
    run = measure(workload, traffic, 1_250_000, warm=25_000, cores=cores, **options)
    series = run.world.recorder.series("service/web/in_flight")
    inside = series.between(run.world.now - run.seconds, run.world.now)[1].mean()
    assert inside == pytest.approx(run.count / run.seconds * run.mean_s, rel=0.01)


# A8, A9, losses ----------------------------------------------------------------------------------


def refused(workload: str, traffic: str, requests: float = 250_000, cores: int = 32) -> list[float]:
    return [
        measure(workload, traffic, requests, seed=seed, cores=cores, warm=5_000).share("refused")
        for seed in SEEDS
    ]


@pytest.mark.parametrize(
    ("lines", "offered", "law"),
    [
        (15, 10.0, "exponential"),
        (15, 10.0, "constant"),
        (5, 3.0, "hyperexponential:4"),
        (1, 1.0, "exponential"),
    ],
)
def test_calls_are_lost_as_erlang_b_says_whatever_the_law(lines, offered, law):
    workload = f"server cpu=0.1ms dist={law} workers={lines} queue=0"
    found = refused(workload, f"{offered * 10_000}")
    assert erlang_b(10, 15) == pytest.approx(0.0365, abs=5e-5)
    assert np.mean(found) == pytest.approx(erlang_b(offered, lines), abs=0.002)


@pytest.mark.parametrize(
    ("workers", "places", "rho"), [(1, 10, 0.9), (1, 3, 1.2), (4, 8, 0.95), (2, 20, 1.5)]
)
def test_a_bounded_line_loses_what_the_balance_says(workers, places, rho):
    lam = 10_000 * workers * rho
    p = mmck(lam, 10_000, workers, places)
    found = [
        measure(
            f"server cpu=0.1ms workers={workers} queue={places - workers}",
            f"{lam}",
            300_000,
            seed=seed,
            warm=5_000,
        )
        for seed in SEEDS
    ]
    assert np.mean([run.share("refused") for run in found]) == pytest.approx(p[-1], abs=0.003)
    inside = sum(n * share for n, share in enumerate(p))
    assert agree([run.count / run.seconds * run.mean_s for run in found], inside, 0.03)


def test_the_table_of_mm1k_is_that_of_the_calibration():
    p = mmck(0.9, 1.0, 1, 10)
    assert p[-1] == pytest.approx(0.0508, abs=5e-5)
    assert sum(n * share for n, share in enumerate(p)) == pytest.approx(3.97, abs=5e-3)


# A10, square-root staffing -----------------------------------------------------------------------


def test_square_root_staffing_waits_as_halfin_and_whitt_say():
    found = np.mean([(waits(100, 1.0, 110, 400_000, seed) > 1e-9).mean() for seed in SEEDS])
    assert erlang_c(100, 110) == pytest.approx(0.237, abs=5e-4)
    assert found == pytest.approx(0.237, abs=0.02)
    density, below = exp(-0.5) / sqrt(2 * pi), 1 - erfc(1 / sqrt(2)) / 2
    assert 1 / (1 + below / density) == pytest.approx(0.223, abs=5e-4)
