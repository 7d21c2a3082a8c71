"""What charts show of numbers inside agrees with Little's law, and waiting is measured apart."""

from __future__ import annotations

from math import ceil, exp

import numpy as np
import pytest

from simulator.engine import Streams
from simulator.look import Measures
from simulator.report.bench import baseline
from simulator.traffic.spec import parse_traffic
from tests.harbour import harbour, send, serve
from tests.theory.queueing_formulas import erlang_c

WORK_S, QUOTA_S, PERIOD_S, RATE = 0.005, 0.020, 0.100, 30.0


def throttled(phase_s: float, until: float) -> tuple[float, float, float]:
    """Mean number in ``--cpus .2`` from second 10 on: two charts' and the oracle's."""
    world = harbour()
    service = serve(world, "server cpu=5ms dist=constant", cpus=0.2)
    world.advance(world.now + phase_s)
    began = world.now
    send(world, "30")
    world.advance(until)
    quota = world.container("web-0").station.quota
    times = parse_traffic(["30"]).arrivals(Streams(1), "web", began).until(until)
    # The oracle's periods begin at 0: its clock is ours less the phase of the quota.
    ours = (times - quota.phase).tolist()
    seen = baseline.quota(ours, [WORK_S] * len(ours), QUOTA_S, PERIOD_S)
    ends = times + np.array(seen.all)
    inside = np.minimum(ends, until) - np.minimum(np.maximum(times, 10.0), ends)
    assert service.tally.arrived == len(times)
    measures = Measures(world)
    charts = [f"{one}/in_flight" for one in ("container/web-0", "service/web")]
    chart, clients = (measures.integral(one, 10.0, until) / (until - 10.0) for one in charts)
    return chart, clients, float(inside.sum()) / (until - 10.0)


@pytest.mark.parametrize("phase_s", [0.0, 0.013, 0.05, 0.087])
def test_the_number_in_a_throttled_container_is_littles_at_any_phase(phase_s) -> None:
    chart, clients, oracle = throttled(phase_s, 110.0)
    # The sum of the times that requests spent inside, divided by the time: one process each.
    assert chart == pytest.approx(oracle, rel=1e-6)
    assert clients == pytest.approx(oracle, rel=1e-6)


def numbers_by_chain(step_s: float) -> float:
    """Long-run mean number with one worker, from the chain of (work left, budget left).

    Served in turn with constant work w, the number inside is ceil(work left / w). In a step the
    server works if there is work and budget; k requests come with Poisson probability; the budget
    is full again at each period. The distribution is carried from period to period until it rests.
    """
    each, budget = round(WORK_S / step_s), round(QUOTA_S / step_s)
    mean = RATE * step_s
    chances = [exp(-mean), mean * exp(-mean)]
    chances.append(1.0 - sum(chances))
    at = np.zeros((40 * each + 1, budget + 1))
    at[0, budget] = 1.0
    number = np.array([ceil(work / each) for work in range(len(at))])
    area = 0.0
    for _ in range(60):
        at[:, budget], at[:, :budget] = at.sum(axis=1), 0.0
        area = 0.0
        for _ in range(round(PERIOD_S / step_s)):
            area += float(at.sum(axis=1) @ number) * step_s
            served = np.zeros_like(at)
            served[0] = at[0]
            served[1:, 0] = at[1:, 0]
            served[:-1, :-1] += at[1:, 1:]
            at = chances[0] * served
            for came in (1, 2):
                at[came * each :] += chances[came] * served[: -came * each]
    return area / PERIOD_S


def test_in_the_long_run_the_throttled_container_holds_what_its_markov_chain_says() -> None:
    coarse, fine = numbers_by_chain(0.00125), numbers_by_chain(0.000625)
    expected = 2 * fine - coarse
    # One run of 1,000 s has a standard deviation of 0.037 around this: 0.585 is one such run.
    assert expected == pytest.approx(0.569, abs=0.004)
    runs = [throttled(phase, 2010.0)[0] for phase in (0.0, 0.05)]
    assert np.mean(runs) == pytest.approx(expected, abs=3 * 0.026)


def test_waiting_is_measured_apart_and_follows_erlang_c() -> None:
    world = harbour(seed=3)
    serve(world, "server cpu=20ms workers=4 queue=unlimited")
    send(world, "160")
    world.advance(900.0)
    measures = Measures(world)
    a, c, mu = 3.2, 4, 50.0
    share = erlang_c(a, c)
    assert measures.waiting_share("web") == pytest.approx(share, rel=0.05)
    assert measures.waiting_time("web") == pytest.approx(share / (c * mu - 160), rel=0.1)
    chart = measures.mean("service/web/wait", 10.0)
    assert chart == pytest.approx(measures.waiting_time("web"), rel=0.05)
