"""Too much: fluid backlog, patience, retries that feed themselves, and what stops them."""

from __future__ import annotations

from math import exp

import numpy as np
import pytest
from experiment import SEEDS, agree, measure
from harbour import harbour, send, serve

from simulator.world import World

ONE = "server cpu=1ms workers=1 queue=unlimited"


def steady(world: World) -> None:
    world.fabric.settle()


# fluid -------------------------------------------------------------------------------------------


def test_an_overload_leaves_a_backlog_that_drains_at_the_spare_rate():
    world = harbour()
    serve(world, "server cpu=1ms dist=constant workers=1 queue=unlimited")
    start = world.now
    # 60 s at 1500/s against 1000/s, then 500/s: 30,000 too many, gone after 60 s more.
    send(world, "1500 @0 500 @60 arrivals=even")
    inside = {}
    for after in (30.0, 60.0, 90.0, 119.0, 121.0):
        world.advance(start + after)
        steady(world)
        inside[after] = world.services["web"].tally.in_flight
    expected = {30.0: 15_000, 60.0: 30_000, 90.0: 15_000, 119.0: 500, 121.0: 0}
    for after, backlog in expected.items():
        assert inside[after] == pytest.approx(backlog, abs=3)
    # Who came last in the overload waited for the whole backlog.
    longest = world.services["web"].tally.latencies.maximum
    assert longest == pytest.approx(30.0, abs=0.01)


def test_random_arrivals_follow_the_same_fluid():
    peaks = []
    for seed in SEEDS:
        world = harbour(seed)
        service = serve(world, ONE)
        start = world.now
        send(world, "2000 @0 500 @20")
        world.advance(start + 20.0)
        steady(world)
        peaks.append(service.tally.in_flight)
    assert np.mean(peaks) == pytest.approx(20_000, rel=0.02)


# patience ----------------------------------------------------------------------------------------


def test_the_share_of_clients_that_lose_patience_is_the_tail_of_the_response():
    shares = [
        measure(ONE, "700", 300_000, seed=seed, client={"timeout_s": 0.01}).share("timeout")
        for seed in SEEDS
    ]
    assert agree(shares, exp(-300 * 0.01), 0.06)


def test_losing_patience_does_not_relieve_the_server():
    patient = measure(ONE, "700", 100_000)
    hasty = measure(ONE, "700", 100_000, client={"timeout_s": 0.005})
    used = [run.world.container("web-0").cpu_seconds for run in (patient, hasty)]
    assert used[0] == pytest.approx(used[1], abs=1e-9)


# retries -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("retries", [1, 2, 5])
def test_failures_are_multiplied_by_the_geometric_sum_of_the_attempts(retries):
    # Nobody in line and one thread: an attempt is refused with probability p whatever its number
    # once the back-off is long against the service.
    run = measure(
        "server cpu=1ms workers=1 queue=0",
        "100",
        40_000,
        client={"retries": retries, "backoff_s": 5.0, "backoff_max_s": 5.0, "jitter": 1.0},
    )
    attempts = (run.outcomes["arrived"] + run.outcomes["retries"]) / run.outcomes["arrived"]
    rate = 100 * attempts / 1000
    p = rate / (1 + rate)
    assert attempts == pytest.approx((1 - p ** (retries + 1)) / (1 - p), rel=0.01)
    assert run.share("refused") == pytest.approx(p ** (retries + 1), abs=0.003)


def storm(rate: float, *, calm_s: float = 90.0, **client: float) -> tuple[float, World]:
    """Goodput in the half minute that begins ``calm_s`` after a surge, as a share of what is
    asked for. The backlog of the surge alone is gone after 50 s at 120/s."""
    world = harbour()
    service = serve(world, "server cpu=5ms workers=1 queue=unlimited")
    start = world.now
    words = f"{rate} @0 400 @10 {rate} @30"
    send(world, words, **{"timeout_s": 1.0, "backoff_s": 0.1, **client})
    world.advance(start + 30.0 + calm_s)
    steady(world)
    before = service.tally.outcomes()
    world.advance(start + 60.0 + calm_s)
    steady(world)
    after = service.tally.outcomes()
    arrived = after["arrived"] - before["arrived"]
    return (after["ok"] - before["ok"]) / arrived, world


def test_inside_the_vulnerable_band_a_surge_leaves_the_system_broken():
    # mu = 200/s, three retries: vulnerable where 50 < rate < 200. The trigger is long gone, the
    # overload stays, because every request is tried four times.
    share, _ = storm(120.0, retries=3)
    assert share < 0.05


def test_below_the_band_it_recovers_by_itself():
    # 400 clients a second for 20 s who try four times leave 28,000 jobs, and all who come
    # meanwhile try four times too: 28,000 / (200 - 80) = 233 s.
    share, _ = storm(20.0, calm_s=260.0, retries=3)
    assert share > 0.99


def test_without_retries_it_recovers_as_soon_as_the_backlog_is_gone():
    share, _ = storm(120.0, retries=0)
    assert share > 0.99


def test_without_a_trigger_the_band_is_harmless():
    world = harbour()
    service = serve(world, "server cpu=5ms workers=1 queue=unlimited")
    send(world, "120", timeout_s=1.0, retries=3)
    world.advance(300.0)
    steady(world)
    assert service.tally.ok > 0.99 * service.tally.arrived - 50


def test_a_retry_budget_is_the_remedy():
    share, world = storm(120.0, retries=3, retry_budget=0.1)
    assert share > 0.99
    tally = world.services["web"].tally
    assert tally.retries <= 10 + 0.1 * tally.arrived


def test_a_short_line_is_a_remedy_too():
    world = harbour()
    service = serve(world, "server cpu=5ms workers=1 queue=50")
    start = world.now
    send(world, "120 @0 400 @10 120 @30", timeout_s=1.0, retries=3, backoff_s=0.1)
    world.advance(start + 60.0)
    before = service.tally.outcomes()
    world.advance(start + 120.0)
    steady(world)
    after = service.tally.outcomes()
    assert after["ok"] - before["ok"] > 0.95 * (after["arrived"] - before["arrived"])
