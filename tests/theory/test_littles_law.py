"""What charts show of numbers inside agrees with Little's law, and waiting is measured apart."""

from __future__ import annotations

import pytest

from simulator.look import Measures
from tests.harbour import harbour, send, serve
from tests.theory.queueing_formulas import erlang_c


@pytest.mark.parametrize("phase_s", [0.0, 0.013, 0.087])
def test_the_number_in_a_throttled_container_is_littles_whatever_the_phase(phase_s) -> None:
    world = harbour()
    serve(world, "server cpu=5ms dist=constant", cpus=0.2)
    world.advance(world.now + phase_s)
    send(world, "30")
    world.advance(10.0)
    measures = Measures(world)
    before = world.services["web"].tally.latencies.total
    world.advance(110.0)
    latencies_s = world.services["web"].tally.latencies.total - before
    chart = measures.mean("container/web-0/in_flight", 10.0, 110.0)
    clients = measures.mean("service/web/in_flight", 10.0, 110.0)
    assert chart == pytest.approx(latencies_s / 100.0, rel=0.01)
    assert clients == pytest.approx(chart, rel=0.01)


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
