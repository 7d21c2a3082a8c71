"""Choosing among servers: random, in turn, by queues (result A12)."""

from __future__ import annotations

import numpy as np
import pytest
from experiment import agree, means
from queueing_formulas import gi_m_1, mmc_wait, supermarket

ONE = "server cpu=0.1ms workers=1 queue=unlimited"
"""Ten thousand a second: as many requests as at a thousand, in a tenth of the simulated time."""


def replicated(count: int, rho: float, balancer: str, requests: float) -> list[float]:
    return means(
        ONE,
        f"{10_000 * rho * count}",
        requests,
        warm=requests / 5,
        cores=count,
        replicas=count,
        balancer=balancer,
    )


# A12 ---------------------------------------------------------------------------------------------


def test_random_choice_makes_each_server_an_mm1():
    assert agree(replicated(100, 0.9, "random", 1_500_000), 0.0010, 0.05)


def test_two_choices_at_90_percent_are_four_times_as_good():
    found = replicated(100, 0.9, "two-choices", 80_000)
    assert np.mean(found) == pytest.approx(0.0002644, rel=0.03)


@pytest.mark.parametrize("rho", [0.5, 0.7])
def test_two_choices_at_other_loads_are_those_of_mitzenmacher(rho):
    found = replicated(100, rho, "two-choices", 40_000)
    assert np.mean(found) == pytest.approx(supermarket(rho, 2) * 0.0001, rel=0.03)


@pytest.mark.parametrize("d", [3, 5])
def test_more_choices_are_those_of_the_supermarket_too(d):
    found = replicated(100, 0.8, f"choices={d}", 12_000)
    assert np.mean(found) == pytest.approx(supermarket(0.8, d) * 0.0001, rel=0.03)


def test_the_supermarket_formula_is_the_published_one():
    assert supermarket(0.9, 2) == pytest.approx(2.614, abs=1e-3)


def test_looking_at_all_queues_is_better_than_at_two_and_two_better_than_none():
    everyone, two, none = (
        np.mean(replicated(10, 0.8, rule, 40_000))
        for rule in ("least-connections", "two-choices", "random")
    )
    pooled = 0.0001 + mmc_wait(80_000, 10_000, 10)
    assert pooled <= everyone < two < none


# round robin -------------------------------------------------------------------------------------


@pytest.mark.parametrize(("count", "rho"), [(2, 0.8), (4, 0.7), (10, 0.8)])
def test_in_turn_each_server_sees_erlang_gaps(count, rho):
    lam = 10_000.0 * rho * count
    expected = gi_m_1(lambda s: (lam / (lam + s)) ** count, 10_000.0)
    assert agree(replicated(count, rho, "round-robin", 600_000), expected, 0.03)


@pytest.mark.parametrize(
    ("words", "transform"),
    [
        ("renewal 7000 cv=0.5", lambda s: (4 * 7000 / (4 * 7000 + s)) ** 4),
        ("constant 7000", lambda s: np.exp(-s / 7000)),
    ],
)
def test_regular_arrivals_wait_less_than_random_ones(words, transform):
    expected = gi_m_1(transform, 10_000.0)
    assert expected < 0.0001 / (1 - 0.7)
    assert agree(means(ONE, words, 400_000), expected, 0.03)


def test_bursty_arrivals_wait_more():
    cs2 = 4.0
    p = (1 + ((cs2 - 1) / (cs2 + 1)) ** 0.5) / 2
    fast, slow = 2 * p * 6000, 2 * (1 - p) * 6000
    expected = gi_m_1(lambda s: p * fast / (fast + s) + (1 - p) * slow / (slow + s), 10_000.0)
    assert agree(means(ONE, "renewal 6000 cv=2", 500_000), expected, 0.04)
