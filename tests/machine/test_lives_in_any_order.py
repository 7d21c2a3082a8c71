"""Whatever is ordered and whatever happens, in any order: a life keeps its books."""

from __future__ import annotations

from harbour import harbour, run
from hypothesis import example, given, settings
from hypothesis import strategies as st

from simulator.errors import Refused
from simulator.machine.container import Container
from simulator.machine.events import ContainerExited, ContainerStarted
from simulator.world import World
from simulator.world.commands import (
    InjectFault,
    KillContainer,
    PauseContainer,
    RemoveContainer,
    RestartContainer,
    StartContainer,
    StopContainer,
    UnpauseContainer,
    UpdateContainer,
)

MIB = 1 << 20
NAMES = ("web", "deaf", "leaky", "kata", "done")
ALIVE = ("running", "paused")
FALLS = st.sampled_from(("power", "panic", "recover"))

orders = st.one_of(
    st.builds(StartContainer, name=st.sampled_from(NAMES)),
    st.builds(StopContainer, name=st.sampled_from(NAMES), grace_s=st.sampled_from((None, 0.0, 2))),
    st.builds(KillContainer, name=st.sampled_from(NAMES), signal=st.sampled_from(("KILL", "TERM"))),
    st.builds(RestartContainer, name=st.sampled_from(NAMES), grace_s=st.sampled_from((0.0, 1.0))),
    st.builds(PauseContainer, name=st.sampled_from(NAMES)),
    st.builds(UnpauseContainer, name=st.sampled_from(NAMES)),
    st.builds(RemoveContainer, name=st.sampled_from(NAMES), force=st.booleans()),
    st.builds(UpdateContainer, name=st.just("leaky"), memory_bytes=st.sampled_from((0, 90 * MIB))),
    st.builds(
        InjectFault,
        kind=st.sampled_from(("crash", "oom", "membomb", "forkbomb", "netbomb")),
        target=st.sampled_from(NAMES),
    ),
    st.builds(
        InjectFault, kind=st.sampled_from(("power", "panic", "recover")), target=st.just("h")
    ),
)
steps = st.lists(st.tuples(st.sampled_from((0.0, 0.05, 0.4, 1.5, 12.0)), orders), max_size=12)


def crowd() -> World:
    """One container of each kind of life, just told to start."""
    world = harbour(memory_bytes=4096 * MIB)
    run(world, "web", "server cpu=1ms startup=200ms startup_cpu=100ms", restart="always")
    run(world, "deaf", "hog threads=2", stop_timeout_s=1.0, pids_limit=500)
    run(world, "leaky", "leak rate=40MiB", restart="on-failure:3", memory_bytes=80 * MIB)
    run(world, "kata", "batch cpu=2s", runtime="kata-fc", restart="unless-stopped")
    run(world, "done", "exit after=1s code=1", remove=True)
    return world


def books(world: World, lives: list[Container]) -> None:
    """What must hold of every container between two instants."""
    for one in lives:
        assert not one.dying or not (one.running or one.state == "restarting"), one.name
        assert (one.pid > 0) == (one.state in ALIVE), one.name
        assert (one.station is None) or one.state in ALIVE, one.name
        assert one.over.come == (one.state in ("exited", "removed")), one.name
        assert one.begun.come or one.state in ("starting", "restarting"), one.name
        assert one.paused == (one.state == "paused"), one.name
        if not one.running:
            assert one.memory.usage == 0, one.name
            assert one.bomb is None, one.name
        # It can be told what to do at any instant, and has one thing of its own to do at most.
        assert one.state == "restarting" or one._timer is None or one.running, one.name
    # Where a bomb has filled the table of processes, a start waits and is not yet under way.
    assert world.machine("h").starts.count <= sum(one.state == "starting" for one in lives)


def ends(world: World, name: str) -> list[str]:
    """Starts and ends of one container as the journal has them."""
    kinds = (ContainerStarted, ContainerExited)
    told = [one.event for one in world.journal if isinstance(one.event, kinds)]
    return [type(event).__name__ for event in told if event.subject == name]


@given(steps)
@example([(0.0, RemoveContainer(name="kata", force=True)), (0.05, StartContainer(name="kata"))])
@example(
    [
        (1.5, RestartContainer(name="deaf", grace_s=1.0)),
        (0.0, RemoveContainer(name="deaf", force=True)),
    ]
)
@settings(max_examples=40, deadline=None)
def test_whatever_happens_in_whatever_order_every_life_keeps_its_books(script):
    world = crowd()
    lives = list(world.containers.values())
    heard: list[str] = []
    for one in lives:
        one.when_over(heard.append, one.name)
    for wait, order in script:
        world.advance(world.now + wait)
        books(world, lives)
        try:
            world.apply(order)
        except Refused:
            continue
    world.advance(world.now)
    books(world, lives)
    for one in lives:
        told = ends(world, one.name)
        # An end may come before the start that it ends, never two starts without an end between.
        assert "ContainerStarted, ContainerStarted" not in ", ".join(told), one.name
        assert heard.count(one.name) <= 1, one.name
    # Who asked for nothing but an end gets it: nothing is left to do but what the machine does.
    for one in list(world.containers.values()):
        world.apply(RemoveContainer(name=one.name, force=True))
    world.advance(world.now + 1.0)
    assert [one.state for one in lives] == ["removed"] * len(lives)
    assert all(job.done for job in world.jobs)
    assert sorted(heard) == sorted(one.name for one in lives)
    assert world.machine("h").starts.count == 0


def test_a_container_that_runs_and_has_nothing_to_do_has_no_entry_in_the_calendar():
    world = harbour()
    before = len(world.sim.calendar)
    for number in range(3):
        run(world, f"web-{number}", "server cpu=1ms")
        run(world, f"hog-{number}", "hog threads=1")
    world.advance(5.0)
    assert (len(world.sim.calendar), world.machine("h").starts.count) == (before, 0)
