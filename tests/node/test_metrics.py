"""What autoscalers and ``top`` are told: a mean over a window, late, without any trace."""

from __future__ import annotations

import pytest

from simulator.look import Reader
from simulator.world import World
from simulator.world.commands import RemoveHost, TuneMachine
from tests.harbour import harbour, run, send, serve

MIB = 1 << 20


def scraped(until: float, metrics: bool = True) -> World:
    """A server of 30 requests of 10 ms each second, and from second 22 on a job on two cores."""
    world = harbour()
    if metrics:
        world.apply(TuneMachine(name="h", metrics=True))
    serve(world, "server cpu=10ms dist=constant workers=2 memory=40MiB")
    send(world, "constant 30")
    world.advance(22.0)
    run(world, "job", "batch cpu=80s threads=2 memory=98MiB")
    world.advance(until)
    return world


def told(world: World, name: str) -> tuple[float, int, float, float] | None:
    """Cores, MiB, seconds since the reading, window."""
    listed = dict(Reader(world).usage("h") or ())
    one = listed[name]
    if one is None:
        return None
    age = round(world.now - one.read_at, 6)
    return round(one.cores, 3), one.memory_bytes // MIB, age, one.window_s


def test_usage_is_the_mean_between_two_readings_and_gets_older_until_the_next_scrape() -> None:
    world = scraped(24.0)
    assert told(world, "web-0") is None
    # Read at 10 s, 20 s, 30 s, ...; scraped at 15 s, 30 s, 45 s: between 10 s and 30 s.
    seen = {}
    for now in (30.0, 44.0, 45.0, 59.0, 60.0):
        world.advance(now)
        seen[now] = told(world, "web-0")
    memory = seen[30.0][1]
    assert seen == {
        30.0: (0.3, memory, 0.0, 20.0),
        44.0: (0.3, memory, 14.0, 20.0),
        45.0: (0.3, memory, 5.0, 10.0),
        59.0: (0.3, memory, 19.0, 10.0),
        60.0: (0.3, memory, 0.0, 20.0),
    }


def test_a_container_is_unknown_until_it_was_there_at_two_readings() -> None:
    world = scraped(44.9)
    assert world.container("job").cpu_seconds > 39.0
    assert told(world, "job") is None
    overhead = world.container("job").own_overhead_bytes // MIB
    world.advance(45.0)
    assert told(world, "job") == (2.0, 98 + overhead, 5.0, 10.0)


@pytest.mark.parametrize("until", [30.0, 61.0])
def test_whether_it_scrapes_or_not_the_journal_is_the_same(until) -> None:
    assert scraped(until).journal.digest == scraped(until, metrics=False).journal.digest


def test_it_has_nothing_in_the_calendar_while_nobody_subscribes() -> None:
    world = harbour()
    pipeline = world.fleet.nodes["h"].metrics
    run(world, "hog", "hog")
    world.advance(50.0)
    pending = len(world.sim.calendar)
    pipeline.subscribe("one")
    pipeline.subscribe("other")
    assert len(world.sim.calendar) == pending + 1
    world.advance(100.0)
    pipeline.unsubscribe("one")
    assert (pipeline.on, pipeline.usage(world.container("hog")) is None) == (True, False)
    pipeline.unsubscribe("other")
    assert (pipeline.on, pipeline.usage(world.container("hog"))) == (False, None)
    assert len(world.sim.calendar) == pending
    pipeline.subscribe("one")
    world.apply(RemoveHost(name="h"))
    world.advance(101.0)
    assert not pipeline.on
