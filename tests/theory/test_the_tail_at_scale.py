"""Fan-out, quorums and second copies through a world, against order statistics (result A11)."""

from __future__ import annotations

from math import exp, log

import pytest
from experiment import Run, measure

MEAN_S = 0.010
IDLE = f"server cpu={MEAN_S}s workers=unlimited"
"""Servers with a core for every request: nobody waits, so answers are independent."""


def scattered(servers: int, requests: float, seed: int = 1, **client: object) -> Run:
    return measure(IDLE, "40", requests, seed=seed, cores=4096, replicas=servers, client=client)


def harmonic(n: int, left: int = 0) -> float:
    return sum(1 / k for k in range(left + 1, n + 1))


def test_who_asks_a_hundred_servers_mostly_meets_a_slow_one():
    run = scattered(100, 1_000, fan_out=100)
    slow = MEAN_S * log(100)  # one answer in a hundred takes longer
    above = 1 - run.service.tally.latencies.fraction_below(slow)
    assert above == pytest.approx(1 - 0.99**100, abs=0.03)
    assert run.mean_s == pytest.approx(MEAN_S * harmonic(100), rel=0.02)


@pytest.mark.parametrize(("n", "quorum"), [(10, None), (10, 9), (5, 3), (3, 1)])
def test_the_answer_is_the_order_statistic_of_those_that_are_waited_for(n, quorum):
    run = scattered(n, 3_000, fan_out=n, quorum=quorum)
    assert run.mean_s == pytest.approx(MEAN_S * harmonic(n, n - (quorum or n)), rel=0.04)
    assert run.outcomes["ok"] == run.outcomes["arrived"] - run.service.tally.in_flight


@pytest.mark.parametrize("delay_s", [0.0, 0.005, 0.023])
def test_a_second_copy_cuts_the_tail_at_the_delay(delay_s):
    run = scattered(4, 5_000, hedge_s=delay_s, cancel=True)
    late = exp(-delay_s / MEAN_S)
    assert run.mean_s == pytest.approx(MEAN_S * (1 - late / 2), rel=0.04)
    assert run.outcomes["hedges"] / run.outcomes["arrived"] == pytest.approx(late, abs=0.015)


@pytest.mark.parametrize(("cancel", "copies"), [(True, 1.0), (False, 1 + exp(-0.5))])
def test_for_memoryless_work_second_copies_are_free_if_the_loser_is_withdrawn(cancel, copies):
    run = scattered(4, 5_000, hedge_s=0.005, cancel=cancel)
    used = sum(run.world.container(f"web-{n}").cpu_seconds for n in range(4))
    assert used / run.outcomes["arrived"] == pytest.approx(copies * MEAN_S, rel=0.04)
