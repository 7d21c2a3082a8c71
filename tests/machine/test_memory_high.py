"""Growing above ``memory.high``: held back by the kernel's rule, not killed."""

import pytest
from harbour import harbour, run
from hypothesis import given, settings
from hypothesis import strategies as st

from simulator.machine.cgroup_files import cgroup_files
from simulator.machine.throttle import BATCH_BYTES, grown, rate_at, sleep_s
from simulator.world.commands import PauseContainer, UnpauseContainer

MIB = 1 << 20
GIB = 1 << 30


def events(one):
    """``memory.events`` of a container."""
    text = cgroup_files(one)["/sys/fs/cgroup/memory.events"]
    return {line.split()[0]: int(line.split()[1]) for line in text.splitlines()}


def test_sleeps_are_those_of_the_kernels_own_table():
    slept_ms = [round(1000 * sleep_s(size, 100.0)) for size in (100, 101, 102, 105, 110, 117, 118)]
    assert slept_ms == [0, 0, 26, 160, 640, 1850, 2000]
    assert sleep_s(1e9, 100.0) == 2.0


@given(st.floats(0.9, 1.3), st.floats(1e5, 1e9), st.floats(0.01, 100.0))
@settings(max_examples=20, deadline=None)
def test_what_is_grown_is_what_small_steps_of_the_rule_grow(start, wanted_s, seconds):
    high = 50.0 * MIB
    usage, steps = start * high, 2000
    for _ in range(steps):
        usage += rate_at(usage, high, wanted_s) * seconds / steps
    found = grown(start * high, high, wanted_s, seconds)
    # The sum of small steps runs over the edge at 1.25 % by at most one of them.
    assert found == pytest.approx(usage - start * high, rel=0.02, abs=wanted_s * seconds / steps)


def test_a_leak_above_memory_high_nearly_stands_still_and_is_not_killed():
    world = harbour()
    one = run(world, "l", "leak rate=10MiB/s", memory_high_bytes=200 * MIB, memory_bytes=400 * MIB)
    world.advance(60.0)
    assert 200 * MIB < one.memory.resident < 230 * MIB
    assert events(one)["high"] > 1000
    before = one.memory.resident
    world.advance(300.0)
    assert (one.state, events(one)["max"], events(one)["oom_kill"]) == ("running", 0, 0)
    assert one.memory.resident - before < 240 * BATCH_BYTES


def test_with_swap_what_is_above_memory_high_goes_there_at_full_speed():
    world = harbour(swap_bytes=4 * GIB)
    one = run(world, "l", "leak rate=10MiB/s", memory_high_bytes=200 * MIB)
    world.advance(60.0)
    assert one.memory.resident == 200 * MIB
    assert one.memory.swapped > 380 * MIB
    assert 1000 < events(one)["high"] < 2000


def test_a_memory_bomb_is_held_back_too():
    world = harbour()
    one = run(world, "b", "membomb", memory_high_bytes=200 * MIB, memory_bytes=400 * MIB)
    world.advance(60.0)
    assert 200 * MIB < one.memory.resident < 300 * MIB
    assert one.oom_kills == 0


def test_what_is_paused_takes_no_memory():
    world = harbour()
    leak, bomb = run(world, "l", "leak rate=10MiB/s"), run(world, "b", "membomb rate=10MiB/s")
    world.advance(10.0)
    for one in (leak, bomb):
        world.apply(PauseContainer(name=one.name))
    held = [leak.memory.usage, bomb.memory.usage]
    world.advance(20.0)
    assert [leak.memory.usage, bomb.memory.usage] == pytest.approx(held, abs=3 * MIB)
    world.apply(UnpauseContainer(name="l"))
    world.advance(30.0)
    assert leak.memory.usage == pytest.approx(held[0] + 100 * MIB, abs=MIB)
