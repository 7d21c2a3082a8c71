"""Intervals over seeds are Student's, and differences between equal seeds are paired."""

from __future__ import annotations

import random
import statistics

import pytest

from simulator.trials.statistics import Estimate, estimate, paired, student

TABLE = [
    (1, 0.95, 12.7062), (2, 0.95, 4.3027), (4, 0.95, 2.7764), (9, 0.95, 2.2622),
    (19, 0.95, 2.0930), (29, 0.95, 2.0452), (120, 0.95, 1.9799), (4, 0.90, 2.1318),
    (9, 0.99, 3.2498), (29, 0.99, 2.7564),
]  # fmt: skip
"""Any printed table of Student's t, two-sided."""


@pytest.mark.parametrize(("freedom", "confidence", "expected"), TABLE)
def test_students_quantiles_are_those_of_printed_tables(freedom, confidence, expected):
    assert student(freedom, confidence) == pytest.approx(expected, abs=5e-5)


def test_with_many_seeds_it_is_the_normal_quantile():
    normal = statistics.NormalDist().inv_cdf(0.975)
    assert student(1_000_000, 0.95) == pytest.approx(normal, rel=1e-5)


def test_no_values_are_no_estimate_and_one_has_no_interval():
    assert estimate([]) is None
    assert estimate([3.0]) == Estimate(count=1, mean=3.0)


def test_an_interval_of_95_per_cent_holds_the_truth_in_95_per_cent_of_all_cases():
    chance, held = random.Random(1), 0
    for _ in range(2000):
        found = estimate([chance.gauss(10, 3) for _ in range(5)])
        held += found.low <= 10 <= found.high
    assert held / 2000 == pytest.approx(0.95, abs=0.015)


def test_what_two_seeds_have_in_common_cancels_out_in_their_difference():
    base = {seed: 100.0 * seed for seed in range(1, 6)}
    other = {seed: value - 2 for seed, value in base.items()}
    found = paired(other, base)
    assert (found.mean, found.low, found.high) == (-2, -2, -2)


def test_only_seeds_that_both_have_are_compared():
    assert paired({1: 5.0, 2: 9.0}, {2: 8.0, 3: 1.0}) == Estimate(count=1, mean=1.0)
    assert paired({1: 5.0}, {2: 8.0}) is None
