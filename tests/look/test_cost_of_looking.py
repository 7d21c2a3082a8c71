"""What is shown of a world twice as large costs at most what its size makes necessary."""

from __future__ import annotations

from functools import partial

import pytest
from calls import calls
from fleet import fleet

from simulator import look
from simulator.tui.asking import Asked, see

SCREEN = Asked(map_rows=(5, 60), charts=True, events_after=-1)


@pytest.fixture(scope="module")
def worlds():
    return fleet(6, 5), fleet(12, 5)


def changed(world):
    """As after a sample: what was known of the world is no longer true."""
    world.sampler.taken += 1
    return world


def cost(world, ask):
    reader = look.Reader(world)
    ask(reader)
    changed(world)
    return calls(lambda: ask(reader))


def test_a_screen_of_twice_the_world_costs_little_more_than_before(worlds):
    small, large = (cost(one, lambda r: see(r, SCREEN, r.world.now, 1)) for one in worlds)
    assert large <= 1.5 * small


def test_a_screen_of_the_same_version_costs_nothing_that_grows(worlds):
    costs = []
    for world in worlds:
        reader = look.Reader(world)
        ask = partial(see, reader, SCREEN, world.now, 1)
        ask()
        costs.append(calls(ask))
    assert costs[0] == costs[1]


@pytest.mark.parametrize(
    "ask",
    [
        lambda reader: reader.totals(),
        lambda reader: reader.outline(),
        lambda reader: reader.outline(None, "c1"),
        lambda reader: reader.busiest(None, 5),
        lambda reader: reader.snapshot(events=0),
    ],
    ids=["totals", "outline", "filter", "busiest", "snapshot"],
)
def test_what_goes_over_everything_costs_twice_as_much_for_twice_as_much(worlds, ask):
    small, large = (cost(one, ask) for one in worlds)
    assert large <= 2.5 * small
