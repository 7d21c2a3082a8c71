"""The ladder of a world: an earlier world from the nearest copy is that of a replay from zero."""

from __future__ import annotations

from itertools import pairwise

from harbour import run, send, serve
from hypothesis import given, settings
from hypothesis import strategies as st
from test_checkpoints import picture, play, some_script, told
from test_invariants import Watcher

from simulator.world import World
from simulator.world.commands import CreateHost, InjectFault, PullImage, StopContainer
from simulator.world.history import EVERY, MOST, History


class Busy:
    """A clock by which everything takes long: a copy is due whenever somebody looks."""

    def __init__(self, step_s: float = 1.0) -> None:
        self.step_s = step_s
        self.now = 0.0

    def __call__(self) -> float:
        self.now += self.step_s
        return self.now


class Steady:
    """A clock by which a world works as long as it simulates, and a copy costs nothing."""

    def __init__(self, world: World) -> None:
        self.world = world

    def __call__(self) -> float:
        return self.world.now


def from_zero(world: World, kept: int, to: float) -> World:
    return World.replayed(world.seed, world.log.first(kept), to, world.parts.calibration)


@settings(max_examples=5, deadline=None)
@given(
    seed=st.integers(1, 10**9),
    count=st.integers(2, 16),
    share=st.floats(0.0, 1.0),
    undone=st.integers(1, 4),
)
def test_whatever_is_taken_back_is_what_a_replay_from_zero_gives(seed, count, share, undone):
    world = Watcher(seed).world
    world.history = History(Busy())
    play(world, some_script(seed, count))
    assert world.history.trouble is None
    to = world.now * share
    earlier = world.rewound(to)
    assert told(earlier) == told(from_zero(world, len(earlier.log), to))
    kept = len(world.log) - undone
    shorter = world.undone(undone)
    plain = from_zero(world, kept, world.log[kept].time)
    assert told(shorter) == told(plain)
    # What is had from a copy has a past of its own, and goes on like any other.
    ends = [told(play(one, some_script(seed + 1, 3))) for one in (shorter, plain)]
    assert ends[0] == ends[1]
    again = shorter.undone()
    last = len(shorter.log) - 1
    assert told(again) == told(from_zero(shorter, last, shorter.log[last].time))


def busy_harbour() -> World:
    """A world with traffic that has done nothing but what its log tells."""
    world = World(1)
    world.apply(CreateHost(name="h", cores=8))
    world.apply(PullImage(reference="alpine", machine="h"))
    world.advance(60.0)
    serve(world, "server cpu=5ms", replicas=2)
    send(world, "50")
    return world


def test_a_ladder_stays_short_and_is_denser_toward_the_present():
    world = busy_harbour()
    world.history = History(Steady(world))
    world.advance(1000.0)
    spent = [rung.spent_s for rung in world.history.rungs]
    assert len(spent) == MOST
    gaps = [later - earlier for earlier, later in pairwise([0.0, *spent])]
    assert gaps[0] > gaps[-1]
    assert spent[-1] > world.history.spent_s - 2.0 * EVERY


def test_a_copy_is_taken_only_after_much_more_work_than_it_costs():
    world = busy_harbour()
    world.history = History(Busy(0.001))
    world.advance(400.0)
    assert world.history.rungs == []
    world.history = History(Busy(0.1))
    world.advance(500.0)
    rungs = world.history.rungs
    assert rungs
    # Reading the clock before and after a copy makes it seem a tick long: 5 s of work for each.
    assert all(later.spent_s - one.spent_s >= 5.0 for one, later in pairwise(rungs))


def test_a_world_that_has_grown_is_copied_after_as_much_more_work():
    world = World(1)
    world.history = History(Busy())
    world.apply(CreateHost(name="h"))
    world.advance(1200.0)
    small = [rung.spent_s for rung in world.history.rungs]
    world.apply(CreateHost(name="h2"))
    world.advance(4000.0)
    large = [rung.spent_s for rung in world.history.rungs if rung.spent_s > small[-1]]
    # A copy that seems a second long is 2 % of fifty, one of two hosts of twice that.
    assert min(later - one for one, later in pairwise(small)) >= 50.0
    assert large[0] - small[-1] >= 100.0


def test_only_one_command_in_many_asks_the_clock_and_stands_for_all():
    world = World(1)
    world.history = History(clock := Busy())
    for number in range(2 * EVERY):
        world.apply(CreateHost(name=f"h{number}"))
    assert clock.now == 4.0
    assert world.history.spent_s == 2.0 * EVERY


def test_what_is_copied_takes_no_copies_along():
    world = busy_harbour()
    world.history = History(Busy())
    world.advance(100.0)
    rung = world.history.rungs[-1]
    assert rung.checkpoint.restore().history.rungs == []
    assert world.rewound(world.now).history.rungs == world.history.rungs


def test_a_branch_goes_its_own_way_whether_or_not_something_is_under_way():
    for under_way in (False, True):
        world = busy_harbour()
        if under_way:
            world.apply(PullImage(reference="nginx", machine="h"))
            world.advance(world.now + 0.5)
        branch = world.branched()
        assert picture(branch) == picture(world)
        branch.apply(StopContainer(name="web-0"))
        for one in (branch, world):
            one.advance(world.now + 15.0)
        assert branch.container("web-0").state == "exited"
        assert world.container("web-0").state == "running"
        world.apply(StopContainer(name="web-0"))


def test_copies_share_the_entries_of_the_log_so_that_a_ladder_is_known_again():
    world = busy_harbour()
    world.history = History(Steady(world))
    world.advance(100.0)
    run(world, "late", "idle")
    world.advance(200.0)
    back = world.undone()
    assert list(back.log) == list(world.log)[:-1]
    assert all(mine is its for mine, its in zip(back.log, world.log))
    assert len(back.history.rungs) > 0
    world.apply(InjectFault(kind="crash", target="late"))
    assert world.undone().history.rungs[-1].commands == len(world.log) - 1
