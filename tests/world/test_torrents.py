"""Traffic denser than memory: only so much of it is drawn at once, whoever looks or does not."""

from __future__ import annotations

import pytest
from harbour import harbour, run, send

from simulator.errors import InputError
from simulator.traffic.replay import Trace
from simulator.traffic.sources import TraceTraffic
from simulator.world.commands import StartTraffic
from simulator.world.director import MOST_AT_ONCE


def drawn(world, service: str) -> list[int]:
    """How many arrivals are drawn each time, from now on."""
    source = world.services[service]
    before, sizes = source.tally.add_arrived, []

    def counted(times):
        sizes.append(len(times))
        before(times)

    source.tally.add_arrived = counted
    return sizes


@pytest.mark.parametrize("answered", [False, True])
def test_of_a_torrent_little_is_drawn_at_once(answered):
    world = harbour(1)
    if answered:
        run(world, "web", "server cpu=1ms", aliases=("web",))
        world.advance(2.0)
    send(world, "constant 4000000/s")
    sizes = drawn(world, "web")
    world.advance(world.now + 0.5)
    assert sum(sizes) >= 1_800_000
    assert max(sizes) <= MOST_AT_ONCE * 1.01


def test_ordinary_traffic_has_no_entry_of_its_own_in_the_calendar():
    world, asked = harbour(1), []
    world.director.parts.fabric.settle_source = asked.append
    send(world, "1000/s")
    world.advance(world.now + 60.0)
    assert asked == []


def test_a_torrent_that_is_stopped_is_looked_after_no_more():
    world = harbour(1)
    send(world, "constant 4000000/s")
    world.advance(world.now + 0.1)
    send(world, "1/s")
    sizes = drawn(world, "web")
    world.advance(world.now + 5.0)
    assert len(sizes) <= 10


def test_a_file_that_is_denser_than_any_traffic_is_refused():
    trace = Trace("counts.csv", (0.0, 60.0), (10**10, 1), 60.0)
    with pytest.raises(InputError, match="rate out of range"):
        TraceTraffic(trace=trace).check()


def test_a_file_has_the_rate_of_its_densest_bin():
    trace = Trace("counts.csv", (0.0, 60.0), (600, 1200), 60.0)
    assert TraceTraffic(trace=trace, speed=2.0, times=3.0).peak == pytest.approx(120.0)
    world = harbour(1)
    world.apply(StartTraffic(service="web", spec=TraceTraffic(trace=trace)))
