"""CPU quota by period (results A14 to A16 and the shares of A18) on the whole path."""

from __future__ import annotations

import numpy as np
import pytest
from harbour import harbour, run, send, serve

from simulator.errors import InputError, Refused
from simulator.machine.container import Container
from simulator.machine.cpu.quota import Quota
from simulator.machine.cpu.share import CpuGroup
from simulator.machine.cpu.sharing import solve
from simulator.machine.cpu.station import Station
from simulator.machine.weights import weight_from_shares
from simulator.world import World
from simulator.world.commands import UpdateContainer


def finished(world: World, name: str, until: float = 100.0) -> tuple[float, Container]:
    """Seconds that a batch job ran for, and its container."""
    world.advance(until)
    container = world.container(name)
    assert container.state == "exited"
    assert container.started_at is not None
    assert container.finished_at is not None
    return container.finished_at - container.started_at, container


def closed_form(work: float, quota: float, threads: int, period: float = 0.1) -> float:
    """Elapsed time of a burst that starts on a boundary (Linux sched-bwc)."""
    full = int((work - 1e-12) / quota)
    return full * period + (work - full * quota) / threads


# A14, A15 ----------------------------------------------------------------------------------------


def test_200_ms_of_cpu_at_40_ms_a_period_take_440_ms_and_are_throttled_four_times():
    world = harbour()
    run(world, "job", "batch cpu=200ms", cpus=0.4)
    elapsed, job = finished(world, "job")
    assert elapsed == pytest.approx(0.440, abs=1e-9)
    assert job.throttling().nr_throttled == 4
    assert job.throttling().nr_periods == 5
    assert job.throttling().throttled_s == pytest.approx(4 * 0.060, abs=1e-9)


def test_ten_threads_burn_a_quota_of_two_cores_in_20_ms():
    world = harbour(cores=10)
    run(world, "slow", "batch cpu=500ms threads=10", cpus=2.0)
    run(world, "fast", "batch cpu=500ms threads=10")
    assert finished(world, "slow")[0] == pytest.approx(0.210, abs=1e-9)


def test_ten_threads_without_a_quota_take_50_ms():
    world = harbour(cores=10)
    run(world, "fast", "batch cpu=500ms threads=10")
    assert finished(world, "fast")[0] == pytest.approx(0.050, abs=1e-9)


@pytest.mark.parametrize(
    ("work_ms", "cpus", "threads"),
    [(30, 0.2, 1), (1000, 0.5, 1), (1000, 1.5, 4), (123.4, 0.01, 2), (100, 2.0, 3), (80, 0.4, 1)],
)
def test_any_burst_takes_what_the_period_arithmetic_says(work_ms, cpus, threads):
    world = harbour()
    run(world, "job", f"batch cpu={work_ms}ms threads={threads}", cpus=cpus)
    elapsed, job = finished(world, "job")
    assert elapsed == pytest.approx(closed_form(work_ms / 1000, cpus * 0.1, threads), abs=1e-9)
    assert job.cpu_seconds == pytest.approx(work_ms / 1000, abs=1e-9)


# A16 ---------------------------------------------------------------------------------------------


def test_a_job_at_a_random_phase_takes_70_ms_on_the_average():
    phases = np.random.default_rng(1).random(20_000) * 0.1
    took = []
    for phase in phases.tolist():
        # Each job has a group of its own whose periods begin elsewhere.
        station = Station("s", CpuGroup("g", limit=4.0), quota=Quota(0.020, 0.1, -phase))
        _, ends, _ = solve(station, 4.0, [0.0], [0.030], 1.0)
        took += ends
    assert np.mean(took) == pytest.approx(0.070, rel=0.02)
    assert min(took) == pytest.approx(0.030, abs=1e-4)
    assert max(took) == pytest.approx(0.110, abs=1e-4)


def test_requests_far_apart_meet_the_quota_at_random_phases():
    world = harbour(seed=5)
    service = serve(world, "server cpu=30ms dist=constant workers=1", cpus=0.2)
    send(world, "0.5 arrivals=poisson")
    world.advance(40_000.0)
    latencies = service.tally.latencies
    # One request in twenty or so finds another inside; the table is about those who do not.
    assert latencies.percentile(50)[0] == pytest.approx(0.070, rel=0.15)
    assert latencies.minimum == pytest.approx(0.030, abs=1e-3)


# what a quota does to a server -------------------------------------------------------------------


def test_a_quota_above_what_threads_can_use_changes_nothing():
    world, free = harbour(seed=2), harbour(seed=2)
    bound = serve(world, "server cpu=5ms workers=2 queue=unlimited", cpus=2.0)
    unbound = serve(free, "server cpu=5ms workers=2 queue=unlimited")
    for each in (world, free):
        send(each, "300")
        each.advance(60.0)
        each.fabric.settle()
    assert bound.tally.ok == unbound.tally.ok
    assert bound.tally.latencies.total == pytest.approx(unbound.tally.latencies.total, rel=1e-12)


def test_a_quota_caps_throughput_at_its_long_run_rate():
    world = harbour()
    service = serve(world, "server cpu=10ms workers=8 queue=100", cpus=1.5)
    send(world, "400")
    world.advance(10.0)
    before = service.tally.ok
    world.advance(210.0)
    world.fabric.settle()
    assert (service.tally.ok - before) / 200 == pytest.approx(150.0, rel=0.02)
    assert world.container("web-0").throttling().nr_throttled > 1900


def test_taking_the_quota_away_ends_the_throttling_at_once():
    world = harbour()
    run(world, "job", "batch cpu=1s", cpus=0.1)
    world.advance(3.0)
    world.fabric.settle()
    job = world.container("job")
    left = 1.0 - job.cpu_seconds
    world.apply(UpdateContainer(name="job", cpus=0.0))
    world.advance(100.0)
    assert job.finished_at == pytest.approx(3.0 + left, abs=1e-9)


# A18 ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("shares", "weight"), [(2, 1), (256, 10), (512, 20), (1024, 39), (2048, 79), (262144, 10000)]
)
def test_shares_become_weights_as_the_runtime_code_says(shares, weight):
    assert weight_from_shares(shares, "linear") == weight


# other periods -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("work_ms", "period_us", "quota_us", "threads"),
    [
        (20, 1_000, 1_000, 2),
        (300, 1_000_000, 100_000, 1),
        (100, 10_000, 5_000, 1),
        (90, 50_000, 80_000, 4),
    ],
)
def test_any_period_throttles_as_its_arithmetic_says(work_ms, period_us, quota_us, threads):
    world = harbour()
    limit = {"cpu_period_us": period_us, "cpu_quota_us": quota_us}
    run(world, "job", f"batch cpu={work_ms}ms threads={threads}", **limit)
    elapsed, job = finished(world, "job")
    expected = closed_form(work_ms / 1000, quota_us / 1e6, threads, period_us / 1e6)
    assert elapsed == pytest.approx(expected, abs=1e-9)
    assert job.limits.cpus == quota_us / period_us


def test_the_same_share_in_a_shorter_period_waits_less():
    took = []
    for period_us in (100_000, 10_000):
        world = harbour()
        half = {"cpu_period_us": period_us, "cpu_quota_us": period_us // 2}
        run(world, "job", "batch cpu=60ms", **half)
        took.append(finished(world, "job")[0])
    assert took == pytest.approx([0.110, 0.115], abs=1e-9)


def test_a_quota_is_updated_in_its_period_and_not_in_cores():
    world = harbour()
    run(world, "job", "batch cpu=10s", cpu_period_us=50_000, cpu_quota_us=25_000)
    world.apply(UpdateContainer(name="job", cpu_quota_us=10_000))
    assert world.container("job").limits.cpus == 0.2
    with pytest.raises(Refused, match="Nano CPUs cannot be updated as CPU Period"):
        world.apply(UpdateContainer(name="job", cpus=1.0))
    world.apply(UpdateContainer(name="job", cpu_quota_us=-1))
    assert world.container("job").limits.cpus is None


def test_cores_and_quota_exclude_each_other_as_docker_has_it():
    world = harbour()
    with pytest.raises(InputError, match="Nano CPUs and CPU Quota cannot both be set"):
        run(world, "job", "idle", cpus=1.0, cpu_quota_us=10_000)
    with pytest.raises(InputError, match="CPU cfs period can not be less than 1ms"):
        run(world, "job", "idle", cpu_period_us=999)
    with pytest.raises(InputError, match="CPU cfs quota can not be less than 1ms"):
        run(world, "job", "idle", cpu_quota_us=500)
    run(world, "job", "idle", cpus=1.0)
    with pytest.raises(Refused, match="CPU Quota cannot be updated as NanoCPUs"):
        world.apply(UpdateContainer(name="job", cpu_quota_us=10_000))
