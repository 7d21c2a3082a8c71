"""Processor sharing between requests, containers and virtual machines (results A6 and A17)."""

from __future__ import annotations

import numpy as np
import pytest
from experiment import MORE_SEEDS, SEEDS, agree, means, measure
from harbour import harbour, run, send, serve

from simulator.machine.cpu.share import CpuGroup, weighted_shares
from simulator.machine.cpu.sharing import solve
from simulator.machine.cpu.station import Station
from simulator.world.commands import CreateVm, RunContainer

SHARED = "workers=unlimited"
"""Every request gets a thread at once; the threads share what CPU there is."""


# A6, one CPU -------------------------------------------------------------------------------------


@pytest.mark.parametrize("law", ["exponential", "constant", "hyperexponential:4"])
def test_sharing_one_core_is_insensitive_to_the_law_of_the_work(law):
    found = means(f"server cpu=0.1ms dist={law} {SHARED}", "8000", 300_000, cores=1)
    assert agree(found, 0.0005, 0.04)


@pytest.mark.parametrize(("law", "rho"), [("lognormal:3", 0.5), ("pareto:2.2", 0.7)])
def test_sharing_is_insensitive_at_other_loads_and_laws(law, rho):
    found = means(f"server cpu=0.1ms dist={law} {SHARED}", f"{10_000 * rho}", 250_000, cores=1)
    assert agree(found, 0.0001 / (1 - rho), 0.04)


def test_slowdown_does_not_depend_on_the_size_of_a_request():
    slow: dict[float, list[float]] = {0.25: [], 1.0: [], 4.0: []}
    for seed in SEEDS:
        random = np.random.default_rng(seed)
        times = np.cumsum(random.exponential(1 / 0.7, 200_000))
        # Three sizes, one unit of work on the average.
        works = random.choice([0.25, 1.0, 4.0], len(times), p=[0.6, 0.2875, 0.1125])
        works /= 0.6 * 0.25 + 0.2875 * 1.0 + 0.1125 * 4.0
        station = Station("s", CpuGroup("g", limit=1.0), workers=np.inf)
        arrivals, ends, _ = solve(station, 1.0, times.tolist(), works.tolist(), float(times[-1]))
        sizes = dict(zip(times.tolist(), works.tolist(), strict=True))
        done = np.array([sizes[arrival] for arrival in arrivals])
        responses = np.array(ends) - np.array(arrivals)
        for size, unit in zip(slow, np.unique(works), strict=True):
            slow[size].append(float((responses[done == unit] / unit).mean()))
    found = [float(np.mean(ratios)) for ratios in slow.values()]
    assert found == pytest.approx([1 / (1 - 0.7)] * 3, rel=0.04)
    assert max(found) / min(found) == pytest.approx(1.0, abs=0.01)


def test_several_cores_shared_by_threads_queue_like_as_many_servers():
    # M/M/c and M/M/1-PS with c cores have the same birth-death process where work is exponential.
    found = means(f"server cpu=0.1ms {SHARED}", "32000", 300_000, cores=4)
    assert agree(found, 0.0001746, 0.04)


# two containers on one core ----------------------------------------------------------------------


def two_on_one_core(
    rates: tuple[float, float], weights: tuple[int, int], seed: int, seconds: float
):
    """Mean responses of two containers that share a core by weight."""
    world = harbour(seed, cores=1)
    for name, weight in zip(("a", "b"), weights, strict=True):
        shares = round(weight * 1024 / 100)
        serve(world, f"server cpu=1ms {SHARED}", service=name, cpu_shares=shares)
    for name, rate in zip(("a", "b"), rates, strict=True):
        send(world, f"{rate}", name)
    world.advance(world.now + seconds)
    world.fabric.settle()
    return [world.services[name].tally.latencies.mean for name in ("a", "b")]


def test_two_equal_containers_on_a_core_answer_as_one_would():
    found = [two_on_one_core((350.0, 350.0), (100, 100), seed, 20.0) for seed in MORE_SEEDS]
    for container in (0, 1):
        assert agree([each[container] for each in found], 0.001 / (1 - 0.7), 0.05)


def test_weights_move_waiting_from_one_to_the_other_but_do_not_make_it_less():
    total = 0.7 / (1 - 0.7)
    found = [two_on_one_core((300.0, 400.0), (300, 100), seed, 20.0) for seed in MORE_SEEDS]
    assert agree([300.0 * a + 400.0 * b for a, b in found], total, 0.05)
    assert np.mean([a for a, _ in found]) < 0.7 * np.mean([b for _, b in found])


def test_an_enormous_weight_is_preemptive_priority():
    found = [two_on_one_core((300.0, 400.0), (25_000, 1), seed, 20.0) for seed in MORE_SEEDS]
    first = 0.001 / (1 - 0.3)
    second = (0.7 / (1 - 0.7) - 300.0 * first) / 400.0
    assert agree([a for a, _ in found], first, 0.03)
    assert agree([b for _, b in found], second, 0.05)


# A17, weights ------------------------------------------------------------------------------------


def test_weights_divide_what_others_leave():
    shares = weighted_shares(4, [4, 4, 0.5], [200, 100, 100])
    assert shares == pytest.approx([7 / 3, 7 / 6, 0.5], abs=1e-12)


def test_containers_with_weights_get_their_shares_of_four_cores():
    world = harbour(cores=4)
    for name, shares, threads in (("heavy", 2048, 4), ("light", 1024, 4)):
        run(world, name, f"hog threads={threads}", cpu_shares=shares)
    world.advance(10.0)
    world.fabric.settle()
    heavy, light = world.container("heavy"), world.container("light")
    before = heavy.cpu_seconds, light.cpu_seconds
    world.advance(110.0)
    world.fabric.settle()
    got = (heavy.cpu_seconds - before[0]) / 100, (light.cpu_seconds - before[1]) / 100
    weights = heavy.limits.cpu_weight, light.limits.cpu_weight
    assert got[0] == pytest.approx(4 * weights[0] / sum(weights), abs=1e-9)
    assert sum(got) == pytest.approx(4, abs=1e-9)


def test_a_thread_that_wants_half_a_core_leaves_the_rest_to_the_hungry():
    world = harbour(cores=4)
    # 0.5 cores wanted on the average, in evenly spaced pieces; the two hogs take what is left.
    serve(world, "server cpu=5ms dist=constant workers=1", service="small")
    send(world, "constant 100", "small")
    for name in ("one", "two"):
        run(world, name, "hog threads=4")
    world.advance(20.0)
    world.fabric.settle()
    used = {name: world.container(name).cpu_seconds for name in ("small-0", "one", "two")}
    world.advance(120.0)
    world.fabric.settle()
    got = {n: (world.container(n).cpu_seconds - used[n]) / 100 for n in used}
    assert got["small-0"] == pytest.approx(0.5, abs=1e-4)
    assert got["one"] == pytest.approx(1.75, abs=1e-4)
    assert got["two"] == pytest.approx(1.75, abs=1e-4)


# steal -------------------------------------------------------------------------------------------


def guests(count: int, vcpus: int, cores: int, hog: str):
    """So many guests on a host, each with one busy container; all have booted."""
    world = harbour(cores=cores, memory_bytes=64 << 30)
    for number in range(count):
        world.apply(CreateVm(name=f"vm{number}", vcpus=vcpus, memory_bytes=1 << 30))
    world.advance(60.0)
    image = world.machine("h").images.store.find("alpine")
    assert image is not None
    for number in range(count):
        world.machine(f"vm{number}").images.store.add(image.image, "alpine", now_s=60.0)
        world.apply(
            RunContainer(image="alpine", name=f"c{number}", workload=hog, machine=f"vm{number}")
        )
    world.advance(70.0)
    return world


@pytest.mark.parametrize(("count", "vcpus", "cores"), [(8, 1, 4), (3, 2, 4), (6, 4, 16), (2, 2, 4)])
def test_steal_is_what_overcommitted_guests_miss(count, vcpus, cores):
    world = guests(count, vcpus, cores, f"hog threads={vcpus}")
    world.fabric.settle()
    groups = [vm.group for vm in world.vms()]
    before = [group.missed(world.now) for group in groups]
    world.advance(170.0)
    world.fabric.settle()
    steal = max(0.0, 1 - cores / (count * vcpus))
    for group, earlier in zip(groups, before, strict=True):
        assert (group.missed(world.now) - earlier) / (100.0 * vcpus) == pytest.approx(steal)


def test_steal_ends_when_the_neighbours_do():
    world = guests(2, 1, 1, "batch cpu=20s")
    world.advance(400.0)
    world.fabric.settle()
    missed = [vm.group.missed(world.now) for vm in world.vms()]
    # Both ran together for at most 40 s and missed half a core each; afterwards nobody misses any.
    assert all(15.0 < each <= 20.5 for each in missed)
    world.advance(800.0)
    world.fabric.settle()
    assert [vm.group.missed(world.now) for vm in world.vms()] == pytest.approx(missed)


def test_an_idle_guest_is_not_stolen_from_while_others_fight():
    world = guests(3, 1, 1, "hog threads=1")
    world.container("c0").crash()
    world.advance(71.0)
    world.fabric.settle()
    idle = world.vms()[0].group
    before = idle.missed(world.now)
    world.advance(171.0)
    world.fabric.settle()
    assert idle.missed(world.now) == before


def test_a_guest_divides_its_vcpus_among_its_own_containers_only():
    world = guests(2, 2, 2, "hog threads=2")
    for number in range(3):
        world.apply(
            RunContainer(
                image="alpine", name=f"more{number}", workload="hog threads=2", machine="vm0"
            )
        )
    world.advance(80.0)
    world.fabric.settle()
    names = ["c0", "more0", "more1", "more2", "c1"]
    before = {name: world.container(name).cpu_seconds for name in names}
    world.advance(180.0)
    world.fabric.settle()
    got = [(world.container(name).cpu_seconds - before[name]) / 100 for name in names]
    assert got == pytest.approx([0.25, 0.25, 0.25, 0.25, 1.0])


# the price of a neighbour who never stops -------------------------------------------------------


def test_a_hog_next_door_takes_half_of_the_core_of_a_busy_server():
    # While the server is busy it has half of the core: it is an M/M/1 at twice the load.
    def slowed(seed: int) -> float:
        world = harbour(seed, cores=1)
        service = serve(world, "server cpu=1ms workers=1 queue=unlimited")
        run(world, "noise", "hog threads=1")
        world.advance(20.0)
        send(world, "300")
        world.advance(world.now + 200.0)
        world.fabric.settle()
        return service.tally.latencies.mean

    assert agree([slowed(seed) for seed in SEEDS], 0.002 / (1 - 0.6), 0.04)


def test_measured_runs_use_exactly_the_cpu_that_their_work_needs():
    run_ = measure("server cpu=1ms dist=constant workers=4 queue=unlimited", "1000", 10_000)
    world = run_.world
    pending = run_.service.tally.in_flight
    used = world.container("web-0").cpu_seconds
    served = run_.service.tally.ok * 0.001
    assert served <= used <= served + pending * 0.001 + 1e-9


@pytest.mark.parametrize("threads", [1, 3])
def test_a_hog_with_cores_to_spare_uses_exactly_one_for_each_thread(threads):
    world = harbour(cores=16)
    hog = run(world, "hog", f"hog threads={threads}")
    serve(world, "server cpu=1ms workers=8", replicas=2)
    send(world, "500")
    world.advance(400.0)
    world.fabric.settle()
    assert hog.started_at is not None
    assert hog.cpu_seconds == pytest.approx(threads * (400.0 - hog.started_at), abs=1e-6)
