"""Arrival sources: the same however cut, and with the moments that theory gives."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simulator.errors import InputError
from simulator.traffic import shapes
from simulator.traffic.arrivals import Nothing, even, poisson, renewal
from simulator.traffic.bursts import Bursty, bursts
from simulator.traffic.replay import Replayed, scaled_counts

SURGE = shapes.surge(base=30, peak=160, at_s=60, ramp_s=30, hold_s=120, half_life_s=60)
DAY = shapes.diurnal(mean=20, amplitude=0.9, period_s=100)
ENDING = shapes.steps([(0, 40), (100, 0)])


def rng(seed=5):
    return np.random.default_rng(seed)


def _trace(stream):
    bins = np.array([0.0, 10.0, 20.0, 50.0])
    return Replayed(bins, np.full(4, 10.0), np.array([50, 0, 30_000, 7]), stream)


SOURCES = {
    "even": lambda: even(shapes.constant(30)),
    "even on a surge": lambda: even(SURGE),
    "poisson": lambda: poisson(shapes.constant(30), rng()),
    "poisson on a surge": lambda: poisson(SURGE, rng()),
    "poisson on a day": lambda: poisson(DAY, rng(), 12.5, 180.0),
    "poisson that ends": lambda: poisson(ENDING, rng()),
    "gamma gaps": lambda: renewal(SURGE, 0.5, rng()),
    "hyperexponential gaps": lambda: renewal(SURGE, 3.0, rng()),
    "bursts": lambda: Bursty(shapes.constant(30), bursts(30, 16, 2.0), rng(), rng(6)),
    "bursts on a surge": lambda: Bursty(SURGE, bursts(60, 200, 2.0), rng(), rng(6), 10.0),
    "bursts that end": lambda: Bursty(ENDING, bursts(40, 9, 2.0), rng(), rng(6)),
    "trace at random": lambda: _trace(rng()),
    "trace evenly": lambda: _trace(None),
}


def times_of(source, cuts):
    return np.concatenate([source.until(cut) for cut in cuts])


@pytest.mark.parametrize("name", SOURCES)
@settings(max_examples=25)
@given(cuts=st.lists(st.floats(0, 400), max_size=30))
def test_any_cutting_of_time_gives_the_same_arrivals_bit_for_bit(name, cuts):
    whole = SOURCES[name]().until(400.0)
    parts = times_of(SOURCES[name](), [*sorted(cuts), 400.0])
    assert whole.tobytes() == parts.tobytes()
    assert whole.size
    assert (np.diff(whole) >= 0).all()


@pytest.mark.parametrize("name", SOURCES)
def test_every_slice_holds_only_what_came_since_the_last(name):
    source, last = SOURCES[name](), -math.inf
    for cut in (1.0, 1.0, 7.3, 60.0, 61.0, 300.0):
        slice_ = source.until(cut)
        assert ((slice_ > last) & (slice_ <= cut)).all()
        last = cut
    assert source.until(5.0).size == 0


def test_even_arrivals_come_at_exact_distances():
    assert even(shapes.constant(4), 10.0).until(11.0).tolist() == [10.25, 10.5, 10.75, 11.0]


def test_even_arrivals_follow_the_integral_of_a_surge():
    times = even(SURGE).until(1000.0)
    assert len(times) == math.floor(float(SURGE.integral(1000.0)))


def test_start_and_stop_bound_a_source():
    times = poisson(shapes.constant(1000), rng(), 5.0, 9.0).until(100.0)
    assert 5.0 < times[0] < 5.1
    assert 8.9 < times[-1] <= 9.0
    assert abs(len(times) - 4000) < 5 * math.sqrt(4000)


def test_a_rate_that_ends_stops_for_good():
    source = poisson(ENDING, rng())
    assert source.until(1e6)[-1] <= 100.0
    assert source.until(1e7).size == 0


def test_no_rate_and_no_source_give_nothing():
    for source in (poisson(shapes.constant(0), rng()), even(shapes.constant(0)), Nothing(),
                   Bursty(shapes.constant(0), bursts(1, 2, 1), rng(), rng())):  # fmt: skip
        assert source.until(1e9).size == 0


def test_an_endless_question_is_a_mistake():
    with pytest.raises(ValueError, match="finite"):
        even(shapes.constant(1)).until(math.inf)


def counts_in(times, window, end):
    return np.bincount((times / window).astype(int), minlength=int(end / window))[
        : int(end / window)
    ]


def test_poisson_counts_have_variance_equal_to_mean():
    end, rate = 4000.0, 100.0
    counts = counts_in(poisson(shapes.constant(rate), rng()).until(end), 1.0, end)
    assert counts.mean() == pytest.approx(rate, abs=4 * math.sqrt(rate / end))
    assert counts.var() / counts.mean() == pytest.approx(1.0, abs=4 * math.sqrt(2 / end))


def test_poisson_gaps_are_exponential():
    gaps = np.diff(poisson(shapes.constant(10), rng()).until(20_000.0))
    quantiles = np.quantile(gaps, [0.1, 0.5, 0.9, 0.99])
    assert quantiles == pytest.approx(
        [-math.log(1 - q) / 10 for q in (0.1, 0.5, 0.9, 0.99)], rel=0.02
    )


def test_poisson_arrivals_of_a_varying_rate_are_poisson_in_every_window():
    runs = [poisson(SURGE, rng(seed)).until(400.0) for seed in range(200)]
    edges = np.array([0, 60, 75, 90, 200, 230, 300, 400.0])
    counts = np.array([np.histogram(run, edges)[0] for run in runs])
    expected = np.diff(SURGE.integral(edges))
    assert np.abs(counts.mean(axis=0) - expected).max() < 4 * math.sqrt(expected.max() / 200)
    assert counts.var(axis=0) / expected == pytest.approx(np.ones(7), abs=0.4)


@pytest.mark.parametrize("cv", [0.0, 0.5, 0.8, 1.0, 2.0, 4.0])
def test_gaps_of_a_renewal_process_have_the_variation_asked_for(cv):
    gaps = np.diff(renewal(shapes.constant(50), cv, rng()).until(8000.0))
    assert gaps.mean() == pytest.approx(0.02, rel=0.03)
    assert gaps.std() / gaps.mean() == pytest.approx(cv, abs=1e-6 if cv == 0 else 0.03 * cv)


@pytest.mark.parametrize(
    ("rate", "idc", "scale", "share"),
    [
        (100.0, 16.0, 1.0, None),
        (100.0, 16.0, 1.0, 0.5),
        (20.0, 400.0, 2.0, None),
        (50.0, 1.0, 1.0, 0.3),
    ],
)
def test_bursts_have_the_mean_and_the_dispersion_asked_for(rate, idc, scale, share):
    shape = bursts(rate, idc, scale, share)
    assert shape.dispersion(rate) == pytest.approx(idc)
    assert shape.share * shape.high + (1 - shape.share) * shape.low == pytest.approx(1)
    window, end = 50 * scale, 400_000.0 * scale / 4
    source = Bursty(shapes.constant(rate), shape, rng(1), rng(2))
    counts = counts_in(source.until(end), window, end)
    windows = len(counts)
    seen = window / scale
    expected = 1 + (idc - 1) * (1 - (1 - math.exp(-seen)) / seen)
    assert counts.mean() == pytest.approx(
        rate * window, rel=4 * math.sqrt(idc / (rate * end)) + 1e-9
    )
    assert counts.var() / counts.mean() == pytest.approx(expected, rel=6 * math.sqrt(2 / windows))


def test_the_dispersion_formula_is_that_of_the_cookbook():
    shape = bursts(100.0, 16.0, 10.0)
    l1, l2 = 100 * shape.high, 100 * shape.low
    r1, r2 = 1 / shape.burst_s, 1 / shape.quiet_s
    published = 1 + 2 * (l1 - l2) ** 2 * r1 * r2 / ((r1 + r2) ** 2 * (l1 * r2 + l2 * r1))
    assert published == pytest.approx(16)
    assert 1 / (r1 + r2) == pytest.approx(10)


def test_bursts_on_a_surge_keep_its_mean():
    shape = bursts(100, 50, 0.5)
    counts = [Bursty(SURGE, shape, rng(s), rng(s + 999)).until(300.0).size for s in range(100)]
    expected = float(SURGE.integral(300.0))
    assert np.mean(counts) == pytest.approx(expected, rel=0.03)


@pytest.mark.parametrize(
    "arguments",
    [
        (0, 2, 1),
        (10, 0.5, 1),
        (10, 2, 0),
        (10, math.nan, 1),
        (10, 2, 1e-4),
        (10, 1e4, 1, 0.5),
        (1, 2, 1, 1.0),
    ],
)
def test_impossible_bursts_are_refused(arguments):
    with pytest.raises(InputError):
        bursts(*arguments)


def test_a_trace_gives_every_request_once_and_in_its_bin():
    for stream in (rng(), None):
        times = _trace(stream).until(100.0)
        assert np.histogram(times, [0, 10, 20, 30, 50, 60])[0].tolist() == [50, 0, 30_000, 0, 7]


def test_a_full_bin_is_filled_uniformly_although_made_in_pieces():
    source = Replayed(np.zeros(1), np.full(1, 100.0), np.array([200_000]), rng())
    times = source.until(100.0)
    counts = np.histogram(times, 100, (0, 100))[0]
    assert ((counts - 2000) ** 2 / 2000).sum() < 150  # chi-square with 99 degrees of freedom
    assert np.diff(times).std() / np.diff(times).mean() == pytest.approx(1.0, rel=0.02)


def test_exact_timestamps_come_back_exactly():
    stamps = np.array([0.5, 0.5, 1.25, 7.0])
    source = Replayed(stamps, np.zeros(4), np.ones(4, dtype=np.int64), rng(), 100.0, 105.0)
    assert source.until(200.0).tolist() == [100.5, 100.5, 101.25]


@given(st.lists(st.integers(0, 1000), min_size=1, max_size=50), st.floats(0, 20))
def test_scaled_counts_stay_in_proportion(counts, factor):
    scaled = scaled_counts(np.array(counts), factor)
    assert (scaled >= 0).all()
    running = np.cumsum(counts) * factor
    assert np.abs(np.cumsum(scaled) - running).max() <= 0.5 + 1e-6


def test_a_trace_scaled_beyond_reason_is_refused():
    with pytest.raises(InputError):
        scaled_counts(np.array([10**9]), 1e9)
