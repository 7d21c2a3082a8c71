"""The same world has the same history beside anybody, watched or not, in one go or in slices."""

from __future__ import annotations

from random import Random

import pytest
from hypothesis import Phase, example, given, settings
from hypothesis import strategies as st

from simulator.look import snapshot
from simulator.world import World
from simulator.world.commands import CreateCgroup, CreateService, CreateVm, TuneMachine
from tests.calls import calls
from tests.harbour import add_host, run, send

MIB = 1 << 20
UNTIL_S = 12.0
PROGRAMS = (
    "server cpu=8ms workers=2 queue=20",
    "server cpu=8ms queue=unlimited per_request=1MiB",
    "server cpu=5ms workers=unlimited",
    "server cpu=2ms ios=1 io_bytes=64KiB net_bytes=8KiB",
    "leak rate=90MiB/s memory=20MiB",
    "membomb rate=200MiB/s",
    "forkbomb rate=200 threads=2",
    "diskbomb",
    "hog threads=2",
    "batch cpu=3s threads=2 io_bytes=20MiB",
)


def some_world(seed: int, others: int) -> World:
    """A small host with whatever the seed says, beside so many servers on another."""
    r = Random(seed)
    world = World(seed)
    add_host(
        world, "h", cores=2, memory_bytes=r.choice((1000, 1500)) * MIB,
        swap_bytes=r.choice((0, 0, 200)) * MIB,
    )  # fmt: skip
    if others:
        add_host(world, "elsewhere", cores=256, memory_bytes=1 << 40)
    world.apply(CreateCgroup(name="team", machine="h", memory_bytes=250 * MIB))
    world.apply(CreateService(name="web", balancer=r.choice(("round-robin", "two-choices"))))
    if r.random() < 0.4:
        world.apply(TuneMachine(name="h", evict=True))
    if r.random() < 0.3:
        for name in ("v", "w"):
            world.apply(CreateVm(name=name, machine="h", vcpus=1, memory_bytes=280 * MIB))
        world.apply(TuneMachine(name="h", ksm=True))
        world.apply(TuneMachine(name="v", balloon=True))
    for number in range(r.randint(1, 4)):
        run(
            world, f"c{number}", r.choice(PROGRAMS), machine="h", aliases=("web",),
            cpus=r.choice((None, None, 0.3)),
            memory_bytes=r.choice((None, None, 64 * MIB)),
            cgroup_parent=r.choice((None, "team")),
            restart=r.choice(("no", "always")),
        )  # fmt: skip
    # Last: identities count the containers before.
    for number in range(others):
        run(world, f"other-{number}", "server cpu=1ms", machine="elsewhere")
    send(world, r.choice(("40", "150", "constant 100")))
    return world


def history(world: World) -> list[str]:
    """The journal of everything but the other host."""
    return [
        f"{one.time} {one.event}"
        for one in world.journal
        if not one.event.subject.startswith(("other-", "elsewhere"))
    ]


@settings(max_examples=4, deadline=None, phases=[Phase.generate])
@given(seed=st.integers(0, 10_000))
def test_whatever_is_beside_a_world_its_history_is_the_same(seed: int) -> None:
    alone, beside = some_world(seed, 0), some_world(seed, 25)
    alone.advance(UNTIL_S)
    beside.advance(UNTIL_S)
    assert history(beside) == history(alone)


@pytest.mark.parametrize("others", [201, 1_000])
def test_beside_hundreds_of_servers_a_host_has_the_same_history(others, monkeypatch) -> None:
    monkeypatch.setattr("simulator.world.sampler.MANY_CONTAINERS", 200)
    # Within six seconds VMs boot, a server is killed for memory, and two are started anew.
    alone, beside = some_world(35, 0), some_world(35, others)
    alone.advance(UNTIL_S / 2)
    beside.advance(UNTIL_S / 2)
    assert beside.sampler.interval_s() > 1.0
    told = {type(one.event).__name__ for one in alone.journal}
    assert told > {"VmStageEnded", "OomKilled", "EndpointRemoved", "ContainerRestarting"}
    assert history(beside) == history(alone)


@settings(max_examples=4, deadline=None, phases=[Phase.explicit, Phase.generate])
@given(seed=st.integers(0, 10_000), step=st.sampled_from([0.17, 0.5, 3.3]))
@example(seed=1115, step=0.5)  # a restart at an instant of which looking moves the last bit
def test_whoever_looks_and_however_it_is_sliced_the_digest_is_the_same(seed, step) -> None:
    quiet, watched = some_world(seed, 0), some_world(seed, 0)
    quiet.advance(UNTIL_S)
    while watched.now < UNTIL_S:
        watched.advance(min(UNTIL_S, watched.now + step))
        watched.settle()
        snapshot(watched)
        for name in list(watched.recorder.names()):
            _ = watched.recorder.samples(name).values
    assert watched.journal.digest == quiet.journal.digest


@pytest.mark.parametrize("every_s", [None, 0.25, 7.0])
def test_the_recorder_changes_nothing_off_or_at_any_interval(every_s, monkeypatch) -> None:
    quiet = some_world(5, 0)
    quiet.advance(UNTIL_S)
    other = some_world(5, 0)
    if every_s is None:
        other.sim.observer = None
    else:
        monkeypatch.setattr(other.sampler, "interval_s", lambda: every_s)
    other.advance(UNTIL_S)
    assert other.journal.digest == quiet.journal.digest


@pytest.mark.parametrize("seed", [5, 35, 40, 1115])
def test_stations_kept_as_rows_or_each_by_itself_have_the_same_history(seed, monkeypatch) -> None:
    alone = some_world(seed, 0)
    alone.advance(UNTIL_S)
    monkeypatch.setattr("simulator.machine.cpu.quiet.LEAST", 1)
    kept = some_world(seed, 0)
    kept.advance(UNTIL_S)
    assert history(kept) == history(alone)


def crowd(count: int) -> World:
    """So many servers whose requests hold memory, on two hosts."""
    world = World(1)
    for name in ("a", "b"):
        add_host(world, name, cores=64, memory_bytes=1 << 40)
    for number in range(count):
        words = "server cpu=1ms queue=unlimited per_request=1MiB"
        run(world, f"c{number}", words, machine="ab"[number % 2], aliases=("web",))
    world.apply(CreateService(name="web"))
    send(world, "200")
    world.advance(6.5)
    return world


def test_a_sample_and_a_look_of_the_kernel_cost_twice_as_much_for_twice_as_many() -> None:
    few, many = crowd(40), crowd(80)
    for world in (few, many):
        world.sampler.settle()
    sampled, looked = (
        [calls(one.sampler.settle) for one in (few, many)],
        [calls(one.machine("a").host.housekeeping.charge) for one in (few, many)],
    )
    assert sampled[1] <= 2.5 * sampled[0]
    assert looked[1] <= 2.5 * looked[0]
