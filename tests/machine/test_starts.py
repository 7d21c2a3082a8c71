"""Starts that are under way together slow each other down, from the instant at which one joins."""

from __future__ import annotations

from math import inf
from statistics import median

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simulator.engine import Simulation
from simulator.machine.events import VmBooted
from simulator.machine.starts import Starts
from simulator.world.commands import CreateHost, CreateVm
from simulator.world.world import World


class Diary:
    """Starts of one stage each, and when each ended."""

    def __init__(self) -> None:
        self.sim = Simulation()
        self.starts = Starts(self.sim)
        self.ends: dict[int, float] = {}

    def begin(self, number: int, alone_s: float, slowing: float) -> None:
        self.starts.join()
        self.starts.stage(alone_s, slowing, self.end, number)

    def end(self, number: int) -> None:
        self.ends[number] = self.sim.now
        self.starts.leave()


def played(jobs: list[tuple[float, float, float]]) -> list[float]:
    diary = Diary()
    for number, (at, alone_s, slowing) in enumerate(jobs):
        diary.sim.at(at, diary.begin, number, alone_s, slowing)
    diary.sim.advance(1e6)
    return [diary.ends[number] for number in range(len(jobs))]


def by_hand(jobs: list[tuple[float, float, float]]) -> list[float]:
    """The same, one event after the other, everybody's remaining time in a list."""
    left: dict[int, float] = {}
    ends, now = [0.0] * len(jobs), 0.0
    coming = sorted(range(len(jobs)), key=lambda n: (jobs[n][0], n))
    while left or coming:
        pace = {n: 1.0 + jobs[n][2] * (len(left) - 1) for n in left}
        then = min(
            min((now + left[n] * pace[n] for n in left), default=inf),
            jobs[coming[0]][0] if coming else inf,
        )
        left = {n: rest - (then - now) / pace[n] for n, rest in left.items()}
        now = then
        for n in [n for n, rest in left.items() if rest <= 1e-9]:
            ends[n] = now
            del left[n]
        while coming and jobs[coming[0]][0] <= now:
            n = coming.pop(0)
            left[n] = jobs[n][1]
    return ends


def test_alone_a_stage_takes_its_own_time() -> None:
    assert played([(0.25, 0.125, 0.5), (1.0, 0.161, 0.5)]) == [0.375, 1.161]


def test_one_that_joins_stretches_what_is_left_of_the_other() -> None:
    # Half of the first is done when the second comes; then both go at half the pace.
    assert played([(0.0, 1.0, 1.0), (0.5, 1.0, 1.0)]) == pytest.approx([1.5, 2.0])


def test_a_start_that_nothing_slows_still_slows_others() -> None:
    assert played([(0.0, 4.0, 0.0), (0.0, 1.0, 0.5)]) == pytest.approx([4.0, 1.5])


def test_a_start_given_up_sets_the_others_free() -> None:
    diary = Diary()
    diary.begin(0, 1.0, 1.0)
    diary.starts.join()
    second = diary.starts.stage(1.0, 1.0, diary.end, 1)
    diary.sim.advance(1.0)
    second.cancel()
    diary.starts.leave()
    diary.sim.advance(10.0)
    assert diary.ends == {0: pytest.approx(1.5)}


jobs = st.tuples(st.floats(0, 5), st.floats(0.01, 3), st.sampled_from((0.0, 0.01, 0.5)))


@settings(deadline=None, max_examples=60)
@given(st.lists(jobs, min_size=1, max_size=12))
def test_virtual_clocks_agree_with_a_list_of_what_everybody_has_left(
    asked: list[tuple[float, float, float]],
) -> None:
    assert played(asked) == pytest.approx(by_hand(asked), abs=1e-6)


def boots(count: int) -> list[float]:
    world = World(3)
    world.apply(CreateHost(name="a", cores=96, memory_bytes=384 << 30))
    for n in range(count):
        world.apply(
            CreateVm(name=f"m{n}", vcpus=1, memory_bytes=256 << 20, hypervisor="firecracker")
        )
    world.advance(2.0)
    return [one.event.seconds for one in world.journal if isinstance(one.event, VmBooted)]


def test_a_hundred_microvms_at_once_take_a_third_longer_than_one() -> None:
    # NSDI 2020, 100 parallel boots: a median of 217 ms against 161 ms.
    assert median(boots(100)) / 0.161 == pytest.approx(1.35, rel=0.03)


def test_twice_as_many_starts_at_once_cost_twice_the_calendar() -> None:
    def entries(count: int) -> int:
        diary = Diary()
        for number in range(count):
            diary.begin(number, 1.0 + number * 1e-3, 0.01)
        diary.sim.advance(1e3)
        return diary.sim.calendar._number

    assert entries(400) <= 2.5 * entries(200)
