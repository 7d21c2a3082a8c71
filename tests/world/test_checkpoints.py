"""A world copied at any instant and run on is the world itself, and copying disturbs nobody."""

from __future__ import annotations

from random import Random

import pytest
from harbour import harbour, run, send, serve
from hypothesis import given, settings
from hypothesis import strategies as st
from test_invariants import KINDS, Watcher

from simulator import look, scenario
from simulator.engine import checkpoint
from simulator.engine.checkpoint import MODEL_VERSION, Checkpoint, can_copy
from simulator.errors import InputError, Refused
from simulator.files import asset
from simulator.traffic.client import ClientPolicy
from simulator.traffic.spec import parse_traffic
from simulator.world import World
from simulator.world.commands import (
    Command,
    InjectFault,
    PullImage,
    RunContainer,
    SetBalancer,
    StartTraffic,
)
from simulator.world.history import SHARED

MIB = 1 << 20


TRAFFIC = (
    "poisson 60", "constant 50", "renewal 40 cv=3", "renewal 40 cv=0.5", "burst 40 idc=8 scale=2s",
    "ramp from=10 to=80 at=5s over=10s", "surge base=10 peak=90 at=5s ramp=3s hold=5s decay=3s",
    "diurnal mean=40 amplitude=0.5 period=60s", "steps 20 @0 60 @5 10 @20",
    "preset worldcup-1998-semifinal peak=80 speed=60",
)  # fmt: skip
PROGRAMS = (
    "server cpu=5ms workers=2 startup=1s dist=exponential",
    "server cpu=5ms mix=90%:1ms,10%:30ms errors=5% mtbf=20s",
    "server cpu=5ms workers=4 usl=0.1,0.02 packets=3",
    "server cpu=2ms ios=2 io_bytes=64KiB net_bytes=1MB packets=10 workers=4",
    "server cpu=5ms cache=0.5 bandwidth=0.3 per_request=8MiB queue=100",
    "diskbomb",
    "batch cpu=5s threads=2 ios=100",
)


def some_trouble(r: Random) -> Command:
    """A bomb, or a container of a kind that no other generator makes."""
    name = r.choice(("one", "two", "three", "four"))
    kind = r.choice(("membomb", "forkbomb", "netbomb", "cpubomb", "diskbomb"))
    own = RunContainer(
        image="alpine",
        name=name,
        runtime=r.choice(("runc", "kata-fc", "kata-qemu", "runsc")),
        machine="big",
        memory_bytes=256 * MIB,
        workload=r.choice(PROGRAMS),
        aliases=("web",),
        restart="always",
    )
    return r.choice((InjectFault(kind=kind, target=name), own))


def some_clients(r: Random) -> Command:
    """Traffic of any kind, of clients of any kind, or another balancer."""
    client = ClientPolicy(
        timeout_s=r.choice((None, 0.05, 1.0)),
        retries=r.choice((0, 2)),
        retry_budget=r.choice((None, 0.1)),
        fan_out=r.choice((None, None, 2)),
        hedge_s=r.choice((None, None, 0.02)),
        cancel=r.random() < 0.3,
        dns_ttl_s=r.choice((0.0, 0.0, 2.0)),
    )
    spec = parse_traffic(r.choice(TRAFFIC).split())
    balancer = r.choice(("round-robin", "random", "least-connections", "choices=3"))
    traffic = StartTraffic(service=r.choice(("web", "api")), spec=spec, client=client)
    return r.choice((traffic, traffic, SetBalancer(service="web", balancer=balancer)))


def some_script(seed: int, count: int) -> list[tuple[float, Command]]:
    r = Random(seed)
    kinds = (*KINDS, some_trouble, some_clients)
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


def told(world: World) -> tuple[object, ...]:
    """What does not depend on how time was cut: last bits of a measure may."""
    states = [(one.name, one.state) for one in world.containers.values()]
    return world.journal.digest, world.journal.count, world.now, states, list(world.machines)


@settings(max_examples=4, deadline=None)
@given(seed=st.integers(1, 10**9), count=st.integers(1, 16), share=st.floats(0.0, 1.0))
def test_a_copy_run_on_is_the_world_run_on(seed, count, share):
    script = some_script(seed, count)
    cut = round(share * count)
    world = play(Watcher(seed).world, script[:cut])
    taken = copied(world)
    before = picture(world)
    first = taken.restore()
    assert picture(first) == before
    rest = [*script[cut:], (30.0, InjectFault(kind="crash", target="one"))]
    ends = [picture(play(one, rest)) for one in (first, world, taken.restore())]
    assert ends[0] == ends[1] == ends[2]
    again = World.replayed(seed, world.log, world.now, world.parts.calibration)
    assert told(again) == told(world)


SCENARIOS = sorted(asset("scenarios").glob("*.yaml"))


@pytest.mark.parametrize("path", SCENARIOS, ids=[one.stem for one in SCENARIOS])
def test_every_shipped_scenario_can_be_copied(path):
    world = scenario.build(scenario.load(path)).world
    world.advance(world.now + 20.0)
    twin = copied(world).restore()
    end = world.now + 3.0
    world.advance(end)
    twin.advance(end)
    assert picture(twin) == picture(world)


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
    with pytest.raises(Refused, match=f"of version 6 of the model, not of {MODEL_VERSION}"):
        old.restore()


def test_twice_the_containers_are_copied_with_at_most_twice_and_a_half_the_work(monkeypatch):
    met: list[object] = []
    meet = checkpoint._Reducers._meet
    monkeypatch.setattr(
        checkpoint._Reducers, "_meet", lambda self, one: met.append(one) or meet(self, one)
    )
    counts = []
    for count in (40, 80):
        world = harbour(cores=64)
        for number in range(count):
            run(world, f"web-{number}", "server cpu=1ms", aliases=("web",))
        send(world, "50")
        world.advance(20.0)
        met.clear()
        copied(world)
        counts.append(len(met))
    assert 40 < counts[0] < counts[1] <= 2.5 * counts[0]
