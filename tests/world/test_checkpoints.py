"""A world copied at any instant and run on is the world itself, and copying disturbs nobody."""

from __future__ import annotations

from random import Random

import pytest
from harbour import harbour, run, send, serve
from hypothesis import given, settings
from hypothesis import strategies as st
from test_invariants import KINDS, Watcher

from simulator import look
from simulator.engine.checkpoint import Checkpoint, can_copy
from simulator.errors import InputError, Refused
from simulator.world import World
from simulator.world.commands import Command, InjectFault, PullImage, RunContainer
from simulator.world.history import SHARED

MIB = 1 << 20


def some_trouble(r: Random) -> Command:
    """A bomb, or a container with a kernel of its own."""
    name = r.choice(("one", "two", "three", "four"))
    kind = r.choice(("membomb", "forkbomb", "netbomb", "cpubomb"))
    own = RunContainer(
        image="alpine",
        name=name,
        runtime=r.choice(("kata-fc", "kata-qemu", "runsc")),
        machine="big",
        memory_bytes=256 * MIB,
        workload="server cpu=5ms startup=1s",
        aliases=("web",),
        restart="always",
    )
    return r.choice((InjectFault(kind=kind, target=name), own))


def some_script(seed: int, count: int) -> list[tuple[float, Command]]:
    r = Random(seed)
    kinds = (*KINDS, some_trouble)
    return [(r.choice((0.0, 0.05, 0.7, 3.0, 20.0)), r.choice(kinds)(r)) for _ in range(count)]


def play(world: World, script: list[tuple[float, Command]]) -> World:
    for delay, command in script:
        world.advance(world.now + delay)
        try:
            world.apply(command)
        except (InputError, Refused):
            continue
    world.advance(world.now + 1.0)
    return world


def copied(world: World) -> Checkpoint[World]:
    """The world as soon as it can be copied."""
    while not can_copy(world.sim):
        world.sim.step()
    return Checkpoint.of(world, world.sim, SHARED)


def picture(world: World) -> tuple[object, ...]:
    shown = look.snapshot(world, series=sorted(world.recorder.names()), points=20)
    return world.journal.digest, world.journal.count, shown, world.now, len(world.sim.calendar)


@settings(max_examples=12, deadline=None)
@given(seed=st.integers(1, 10**9), count=st.integers(1, 24), share=st.floats(0.0, 1.0))
def test_a_copy_run_on_is_the_world_run_on(seed, count, share):
    script = some_script(seed, count)
    cut = round(share * count)
    world = play(Watcher(seed).world, script[:cut])
    checkpoint = copied(world)
    before = picture(world)
    first = checkpoint.restore()
    assert picture(first) == before
    rest = [*script[cut:], (30.0, InjectFault(kind="crash", target="one"))]
    ends = [picture(play(one, rest)) for one in (first, world, checkpoint.restore())]
    assert ends[0] == ends[1] == ends[2]
    again = World.replayed(seed, world.log, world.now, world.parts.calibration)
    assert picture(again) == ends[0]


def test_a_copy_shares_what_never_changes_and_nothing_else():
    world = harbour()
    serve(world, "server cpu=5ms", replicas=2)
    send(world, "50")
    world.advance(20.0)
    twin = copied(world).restore()
    mine, its = world.container("web-0"), twin.container("web-0")
    assert its is not mine
    assert its.settings is mine.settings
    assert its.image is mine.image
    assert its.machine.kernel.containers["web-0"] is its
    assert its.machine.parts.sim is twin.sim
    assert twin.catalogue is world.catalogue
    twin.apply(InjectFault(kind="crash", target="web-0"))
    twin.advance(25.0)
    assert (its.state, mine.state) == ("exited", "running")
    assert [entry.event for entry in world.journal] != [entry.event for entry in twin.journal]


def test_a_world_cannot_be_copied_while_a_process_is_under_way_in_it():
    world = harbour()
    world.apply(PullImage(reference="nginx", machine="h"))
    world.advance(0.5)
    assert not can_copy(world.sim)
    with pytest.raises(Refused, match="no process is under way"):
        Checkpoint.of(world, world.sim, SHARED)
    world.advance(600.0)
    assert copied(world).restore().journal.digest == world.journal.digest


def test_a_checkpoint_of_another_version_of_the_model_is_refused_by_name():
    world = harbour()
    run(world, "one", "idle")
    world.advance(5.0)
    old = Checkpoint.of(world, world.sim, SHARED, version="6")
    with pytest.raises(Refused, match="of version 6 of the model, not of 7"):
        old.restore()
