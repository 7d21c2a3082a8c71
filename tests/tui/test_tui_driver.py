"""The driver: how much of the world a frame advances."""

from __future__ import annotations

import math

import pytest
from tui_fakes import FakeClock, FakePlayback, FakeSession, FakeTutor

from simulator.tui.driver import Driver
from simulator.tui.pace import MAX_LEAP_S, MAX_SLICE_S, SPEEDS, Allowance
from simulator.tui.playing import block_length
from simulator.tui.sandbox import Sandbox


def driver(clock: FakeClock) -> Driver:
    return Driver(Sandbox(FakeSession()), clock=clock)


def frames(d: Driver, clock: FakeClock, count: int, seconds: float = 0.1) -> None:
    for _ in range(count):
        clock.tick(seconds)
        d.frame()


@pytest.mark.parametrize("speed", SPEEDS[:-1])
def test_simulated_time_passes_as_much_faster_as_was_asked(speed):
    clock = FakeClock()
    d = driver(clock)
    d.session.speed = speed
    d.run()
    frames(d, clock, 20)
    assert d.world.now == pytest.approx(2.0 * speed)
    assert d.reached == pytest.approx(speed)


def test_a_stalled_terminal_does_not_make_the_world_leap():
    clock = FakeClock()
    d = driver(clock)
    d.run()
    frames(d, clock, 1, 60.0)
    assert d.world.now == pytest.approx(MAX_LEAP_S)


def test_as_fast_as_it_can_still_shows_something_of_the_way():
    clock = FakeClock()
    d = driver(clock)
    d.session.speed = math.inf
    d.run()
    frames(d, clock, 2)
    assert d.world.now == pytest.approx(2 * MAX_SLICE_S)


def test_a_frame_ends_when_its_budget_is_spent_and_the_speed_reached_says_so():
    clock = FakeClock()
    d = driver(clock)
    d.session.speed = 600.0
    d.run()
    d.world.ready = lambda: clock.tick(0.01)  # each instant costs 10 ms
    frames(d, clock, 10)
    assert d.world.now == pytest.approx(40.0)
    assert d.reached < 60.0


def test_paused_means_that_nothing_happens():
    clock = FakeClock()
    d = driver(clock)
    assert not d.busy
    frames(d, clock, 5)
    assert d.world.now == 0.0
    assert d.reached is None


def test_the_time_spent_paused_is_not_made_up_for():
    clock = FakeClock()
    d = driver(clock)
    d.run()
    frames(d, clock, 10)
    d.pause()
    clock.tick(100.0)
    d.run()
    frames(d, clock, 1)
    assert d.world.now == pytest.approx(1.1)


def test_a_wait_can_be_held_and_goes_on():
    clock = FakeClock()
    d = driver(clock)
    d.submit("docker build .")
    d.toggle()
    assert not d.busy
    frames(d, clock, 3)
    assert d.world.now == 0.0
    d.toggle()
    frames(d, clock, 2)
    assert d.job is None
    assert d.world.now == 5.0


def test_output_is_said_once_and_in_order():
    clock = FakeClock()
    d = driver(clock)
    d.submit("docker build .")
    frames(d, clock, 2)
    kinds = [(one.kind, one.text) for one in d.drain()]
    assert kinds[:2] == [("typed", "docker build ."), ("out", "build begins")]
    assert [text for _, text in kinds[2:]] == [f"step at {n}s" for n in range(1, 6)]
    assert d.drain() == []


def test_lines_of_a_script_are_typed_when_their_time_comes_and_again_after_a_rewind():
    clock = FakeClock()
    d = driver(clock)
    d.script = [(1.0, "docker ps"), (3.0, "docker ps -a")]
    d.session.speed = 10.0
    d.run()
    frames(d, clock, 5)
    assert d.session.typed == ["docker ps", "docker ps -a"]
    d.submit("rewind 3s")
    d.replayed()
    frames(d, clock, 5)
    assert d.session.typed == ["docker ps", "docker ps -a", "rewind 3s", "docker ps -a"]


def test_a_playback_that_is_left_types_no_more():
    clock = FakeClock()
    tutor = FakeTutor()
    d = Driver(tutor, clock=clock)
    d.play(FakePlayback(tutor, ("docker ps", "docker ps", "docker ps")))
    frames(d, clock, 1)
    assert d.leave()
    frames(d, clock, 3)
    assert tutor.session.typed == ["docker ps"]
    assert not d.busy


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        (["docker ps"], 0.0),
        (["advance 5m", "advance 30s"], 330.0),
        (["@10s docker ps", "@1m docker stop web"], 60.0),
        (["advance nonsense"], 0.0),
    ],
)
def test_the_length_of_a_run_block_is_read_from_its_lines(lines, expected):
    assert block_length(lines) == expected


def test_slices_of_a_playback_shrink_when_they_cost_too_much_and_grow_when_they_do_not():
    allowance = Allowance(budget_s=0.04)
    allowance.begin()
    first = allowance.simulated_s
    allowance.learn(first, 0.08)
    assert allowance.simulated_s == pytest.approx(first / 2)
    allowance.learn(first / 2, 0.001)
    assert allowance.simulated_s == pytest.approx(first)
