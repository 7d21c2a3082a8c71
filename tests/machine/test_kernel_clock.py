"""What a kernel does happens at instants of its own, whatever else is in the world."""

from __future__ import annotations

from bisect import bisect_right

import pytest

from simulator.engine import Streams
from simulator.look import snapshot
from simulator.machine.housekeeping import next_on_grid
from simulator.traffic.distributions import parse_distribution
from simulator.traffic.spec import parse_traffic
from simulator.world import World
from simulator.world.commands import CreateCgroup, CreateService, CreateVm, TuneMachine
from tests.harbour import add_host, harbour, run, send, serve

MIB = 1 << 20


def beside(world: World, others: int) -> None:
    """So many servers on a host that has nothing to do with the first."""
    add_host(world, "elsewhere", cores=64, memory_bytes=1 << 40)
    for number in range(others):
        run(world, f"other-{number}", "server cpu=1ms", machine="elsewhere")


def overloaded(others: int) -> World:
    world = harbour(memory_bytes=1 << 30, cores=1)
    world.apply(CreateService(name="web"))
    run(world, "web-0", "server cpu=10ms queue=unlimited per_request=1MiB", aliases=("web",))
    beside(world, others)
    send(world, "150")
    world.advance(60.0)
    return world


def test_requests_in_hand_exhaust_a_host_at_the_same_instant_beside_any_number() -> None:
    told = [
        [one for one in overloaded(others).journal if type(one.event).__name__ == "OomKilled"]
        for others in (0, 450)
    ]
    alone, beside = ([(one.time, one.event.usage_bytes) for one in each] for each in told)
    assert beside == alone
    # At the very request for which there is no memory, not at some later look.
    assert [one.event.usage_bytes - one.event.limit_bytes < MIB for one in told[0]] == [True]
    assert alone[0][0] % 1.0 > 0.0


@pytest.mark.parametrize(
    ("seed", "rate", "memory_bytes"),
    [(1, 150, 300 * MIB), (2, 150, 300 * MIB), (1, 5000, 1 << 30), (1, 900, 1 << 30)],
)
def test_the_request_for_which_no_memory_is_left_kills_whether_it_comes_in_a_trickle_or_a_burst(
    seed, rate, memory_bytes
) -> None:
    world = harbour(seed, memory_bytes=memory_bytes, cores=1)
    seen: dict[str, float] = {}
    world.sim.listen(lambda one: seen.setdefault(type(one.event).__name__, world.now))
    world.apply(CreateService(name="web"))
    run(world, "web-0", "server cpu=10ms queue=unlimited per_request=1MiB", aliases=("web",))
    world.advance(0.7)
    free = world.machine("h").kernel.memory.room_bytes()
    send(world, str(rate))
    world.advance(12.0)
    assert seen["OomKilled"] == no_memory_left(seed, rate, free)


def no_memory_left(seed: int, rate: int, free_bytes: float) -> float:
    """When the first request comes that finds no MiB: those who came less those who are done."""
    streams, law = Streams(seed), parse_distribution("exponential", 1.0)
    times = parse_traffic([str(rate)]).arrivals(streams, "web", 0.7).until(12.0)
    ends: list[float] = []
    for time, work in zip(times, law.draw(streams(f"work/web/{law}"), len(times)), strict=True):
        ends.append(max(time, ends[-1] if ends else 0.0) + 0.010 * work)
        if (len(ends) - bisect_right(ends, time)) * MIB > free_bytes:
            return float(time)
    raise AssertionError("there is memory for all")


def test_leaks_in_a_shared_cgroup_reach_its_limit_together_at_the_exact_instant() -> None:
    world = harbour()
    world.apply(CreateCgroup(name="team", memory_bytes=100 * MIB))
    for number in range(3):
        run(
            world,
            f"leak-{number}",
            f"leak rate={number + 1}MiB/s memory=10MiB startup=0s",
            cgroup_parent="team",
        )
    world.advance(60.0)
    first = next(one for one in world.journal if type(one.event).__name__ == "OomKilled")
    began = {one.event.subject: one.time for one in world.journal if _started(one.event)}
    held = sum(one.own_overhead_bytes + 10 * MIB for one in world.containers.values())
    # Their sizes at t are held + the sum of rate * (t - start): linear from the last start on.
    rates = {f"leak-{n}": (n + 1) * MIB for n in range(3)}
    grown = sum(rate * began[name] for name, rate in rates.items())
    expected = (100 * MIB - held + grown) / sum(rates.values())
    assert first.time == pytest.approx(expected, abs=1e-5)


def _started(event: object) -> bool:
    return type(event).__name__ == "ContainerStarted"


@pytest.mark.parametrize("others", [0, 450])
def test_a_machine_evicts_at_a_multiple_of_ten_seconds_whatever_else_runs(others) -> None:
    world = harbour(memory_bytes=1 << 30)
    world.apply(TuneMachine(name="h", evict=True))
    run(world, "leak", "leak rate=24MiB/s memory=10MiB")
    beside(world, others)
    world.advance(60.0)
    evicted = [one.time for one in world.journal if type(one.event).__name__ == "ContainerEvicted"]
    assert evicted == [40.0]


def test_an_idle_host_has_nothing_in_the_calendar() -> None:
    world = harbour()
    for number in range(20):
        add_host(world, f"idle-{number}")
    run(world, "web", "server cpu=1ms")
    world.advance(10.0)
    assert not any(host.housekeeping.awake for host in world.hosts())


def test_a_trick_that_is_switched_off_is_taken_back_and_then_forgotten() -> None:
    world = harbour(memory_bytes=16 << 30)
    for name in ("v", "w"):
        world.apply(CreateVm(name=name, machine="h", memory_bytes=2 << 30))
    world.apply(TuneMachine(name="h", ksm=True))
    world.advance(600.0)
    host = world.machine("h")
    assert host.merged is not None
    assert host.merged.own_bytes < 0
    world.apply(TuneMachine(name="h", ksm=False))
    world.advance(602.0)
    assert (host.merged.own_bytes, host.housekeeping.awake) == (0, False)


def test_whoever_looks_moves_no_instant() -> None:
    quiet, watched = overloaded(0), harbour(memory_bytes=1 << 30, cores=1)
    watched.apply(CreateService(name="web"))
    run(watched, "web-0", "server cpu=10ms queue=unlimited per_request=1MiB", aliases=("web",))
    beside(watched, 0)
    send(watched, "150")
    while watched.now < 60.0:
        watched.advance(min(60.0, watched.now + 0.37))
        watched.settle()
        snapshot(watched)
    assert watched.journal.digest == quiet.journal.digest


def test_a_grid_has_no_phase_and_does_not_drift() -> None:
    assert [next_on_grid(now, 10.0) for now in (0.0, 9.999, 10.0, 39.9999)] == [
        10.0,
        10.0,
        20.0,
        40.0,
    ]
    at = 0.0
    for _ in range(1000):
        at = next_on_grid(at, 0.1)
    assert at == 100.0


def test_memory_of_requests_is_charged_while_nobody_reads_it() -> None:
    world = harbour()
    serve(world, "server cpu=100ms workers=1 queue=unlimited per_request=1MiB")
    send(world, "constant 20")
    world.advance(15.0)
    container = world.container("web-0")
    held = container.memory.usage - container.settings.workload.memory_bytes
    # 20 come and 10 go every second for ten seconds.
    assert held - container.own_overhead_bytes == pytest.approx(100 * MIB, abs=2 * MIB)
