"""What tenants of one host do to each other beside dividing its cores."""

from math import inf

import pytest
from harbour import harbour, have_image, run, send, serve
from shipped import SHIPPED

from simulator import look
from simulator.errors import InputError, Refused
from simulator.machine.interference import sensitivities, slowdown, thrash_factor
from simulator.machine.processes import of_container, on_kernel, table_size
from simulator.machine.workload import parse_workload
from simulator.world.commands import (
    CreateVm,
    InjectFault,
    PauseContainer,
    RemoveContainer,
    RestartContainer,
    StopContainer,
    TuneMachine,
    UnpauseContainer,
    UpdateContainer,
)

GIB = 1 << 30


def job(world, name, workload, **options):
    """A job that has just become ready."""
    one = run(world, name, workload, **options)
    while one.ready_at is None:
        assert world.step()
    return one, one.ready_at


def job_seconds(world, workload, longest=1000.0, **options):
    one, began = job(world, "job", workload, **options)
    world.advance(began + longest, lambda: one.state != "exited")
    return one.finished_at - began if one.state == "exited" else inf


# --- caches ---------------------------------------------------------------------------------------


def test_a_neighbour_in_the_cache_slows_work_by_the_closed_form():
    world = harbour()
    run(world, "other", "hog threads=1 cache=0.8")
    world.advance(5.0)
    a = sensitivities(SHIPPED)[0]
    expected = 10.0 * slowdown(a * 0.5, 0.8)
    assert job_seconds(world, "batch cpu=10s cache=0.5") == pytest.approx(expected, rel=1e-9)


def test_who_says_nothing_of_caches_is_exactly_as_fast_as_alone():
    world = harbour()
    run(world, "other", "hog threads=1 cache=1 bandwidth=1")
    world.advance(5.0)
    assert job_seconds(world, "batch cpu=10s") == pytest.approx(10.0, abs=1e-9)


def test_caches_are_shared_by_virtual_machines_too():
    world = harbour(memory_bytes=16 * GIB)
    run(world, "other", "hog threads=1 cache=1")
    world.advance(5.0)
    one, began = job(world, "kata", "batch cpu=10s cache=1", runtime="kata")
    world.advance(began + 100.0)
    assert one.finished_at - began == pytest.approx(one.work_seconds() / 0.75, rel=1e-9)


def test_work_under_way_slows_when_a_neighbour_starts_and_speeds_up_when_it_ends():
    world = harbour()
    one, began = job(world, "job", "batch cpu=10s cache=1")
    world.advance(began + 4.0)
    other = run(world, "other", "hog threads=1 cache=1")
    while other.ready_at is None:
        world.step()
    first = world.now - began
    world.advance(world.now + 2.0)
    world.apply(RemoveContainer(name="other", force=True))
    away = world.now - began
    world.advance(began + 100.0)
    done = first + (away - first) * 0.75
    assert one.finished_at - began == pytest.approx(away + 10.0 - done, rel=1e-6)


def test_a_paused_neighbour_does_not_press():
    world = harbour()
    run(world, "other", "hog threads=1 cache=1")
    world.advance(5.0)
    world.apply(PauseContainer(name="other"))
    assert job_seconds(world, "batch cpu=5s cache=1") == pytest.approx(5.0, abs=1e-9)
    world.apply(UnpauseContainer(name="other"))


def test_a_throttled_neighbour_presses_only_while_it_runs():
    world = harbour()
    run(world, "other", "hog threads=1 cache=1", cpus=0.4)
    world.advance(5.0)
    expected = 10.0 * slowdown(sensitivities(SHIPPED)[0], 0.4)
    assert job_seconds(world, "batch cpu=10s cache=1") == pytest.approx(expected, rel=1e-9)


def test_guests_on_different_processors_do_not_share_a_cache():
    world = harbour(cores=8, sockets=2, memory_bytes=16 * GIB)
    for name in ("one", "two"):
        run(world, name, "hog threads=1 cache=1", runtime="firecracker", cpus=4.0)
    world.advance(5.0)
    assert [world.container(name).guest.socket for name in ("one", "two")] == [0, 1]
    assert world.container("one").pacing.pace.cpu == 1.0


def test_a_cpuset_on_another_processor_is_a_wall_for_the_cache():
    world = harbour(cores=8, sockets=2)
    run(world, "other", "hog threads=1 cache=1", cpuset=(4, 5, 6, 7))
    world.advance(5.0)
    assert job_seconds(world, "batch cpu=5s cache=1", cpuset=(0, 1)) == pytest.approx(5.0)


def test_cpu_time_counts_what_a_slowed_program_burns_but_not_what_it_waits():
    world = harbour()
    run(world, "other", "hog threads=1 cache=1")
    world.advance(5.0)
    one, began = job(world, "job", "batch cpu=6s cache=1 ios=10000")
    world.advance(began + 100.0)
    burnt = one.work_seconds() / 0.75
    assert one.cpu_seconds == pytest.approx(burnt, rel=1e-6)
    assert one.finished_at - began == pytest.approx(burnt + 10_000 * 77e-6, rel=1e-3)


# --- devices --------------------------------------------------------------------------------------


def test_a_disk_bomb_takes_half_of_the_disk_and_a_limit_gives_it_back():
    def seconds(**limits):
        world = harbour(memory_bytes=64 * GIB)
        run(world, "bomb", "diskbomb", **limits)
        world.advance(5.0)
        return job_seconds(world, "batch cpu=1s ios=200 io_bytes=1000MiB")

    alone = job_seconds(harbour(), "batch cpu=1s ios=200 io_bytes=1000MiB")
    assert seconds(io_bytes_s=1e6) == pytest.approx(alone, rel=0.02)
    assert seconds() > 1.7 * alone


def test_io_weight_decides_who_gets_the_disk():
    def seconds(weight):
        world = harbour(memory_bytes=64 * GIB)
        run(world, "bomb", "diskbomb", io_weight=weight)
        world.advance(5.0)
        return job_seconds(world, "batch cpu=1s ios=200 io_bytes=1000MiB", io_weight=500)

    assert seconds(10) < seconds(500) < seconds(1000)


def test_writeback_leaks_only_within_one_kernel():
    def pace(runtime):
        world = harbour(memory_bytes=16 * GIB)
        run(world, "bomb", "diskbomb", runtime=runtime)
        run(world, "job", "batch cpu=500s buffered=1")
        world.advance(60.0)
        return world.container("job").pacing.pace.lost

    assert pace("runc") == pytest.approx(1 / (1 - 0.09), rel=1e-6)
    assert pace("firecracker") == 1.0


def test_packets_delay_an_answer_without_holding_a_worker():
    world = harbour(memory_bytes=16 * GIB)
    service = serve(
        world, "server cpu=1ms dist=constant packets=2", runtime="firecracker", cpus=1.0
    )
    send(world, "constant 1/s")
    world.advance(60.0)
    one = world.container("web-0")
    expected = one.work_seconds() + 2 * 30e-6
    assert service.tally.latencies.total / service.tally.latencies.count == pytest.approx(
        expected, rel=1e-6
    )
    assert one.station.work_scale == 1.0


def test_a_network_bomb_takes_packets_work_from_everybody_on_its_kernel():
    world = harbour(nic_bytes_s=1.25e9)
    run(world, "bomb", "netbomb")
    run(world, "job", "batch cpu=500s")
    world.advance(10.0)
    stolen = 1.25e9 / 1460 * 2e-6 / 8
    assert world.container("job").pacing.pace.lost == pytest.approx(1 / (1 - stolen), rel=1e-6)


def test_a_full_table_of_connections_makes_newcomers_wait():
    world = harbour()
    run(world, "bomb", "netbomb rate=1MB/s connections=10000")
    service = serve(world, "server cpu=1ms packets=4")
    assert world.container("web-0").pacing.pace.away_s > 1.0
    assert service.endpoints


# --- memory ---------------------------------------------------------------------------------------


def test_memory_beyond_the_hosts_goes_to_swap_and_slows_everybody():
    world = harbour(memory_bytes=4 * GIB, swap_bytes=4 * GIB)
    run(world, "job", "batch cpu=5000s memory=1GiB")
    run(world, "big", "idle memory=5GiB")
    world.advance(10.0)
    used = world.machine("h").kernel.memory.usage
    assert used > 4 * GIB
    expected = thrash_factor(used, 4 * GIB, SHIPPED)
    assert world.container("job").pacing.pace.lost == pytest.approx(expected, rel=1e-2)


def test_a_container_over_its_limit_with_swap_slows_only_itself():
    world = harbour(swap_bytes=4 * GIB)
    run(world, "own", "batch cpu=5000s memory=96MiB", memory_bytes=64 << 20)
    run(world, "other", "batch cpu=5000s")
    world.advance(10.0)
    assert world.container("own").pacing.pace.lost > 10.0
    assert world.container("other").pacing.pace.lost == 1.0


def test_above_memory_high_a_container_is_held_back_not_killed():
    world = harbour()
    one = run(world, "own", "batch cpu=5000s memory=96MiB", memory_high_bytes=64 << 20)
    world.advance(10.0)
    assert one.state == "running"
    assert one.pacing.pace.lost == pytest.approx(11.0)


def test_a_memory_bomb_dies_again_and_again_inside_its_limit_and_nobody_else():
    world = harbour(memory_bytes=8 * GIB)
    bomb = run(world, "bomb", "membomb", memory_bytes=1 * GIB)
    other = run(world, "other", "idle memory=2GiB")
    world.advance(30.0)
    assert bomb.state == other.state == "running"
    assert bomb.oom_kills > 10


def test_the_killer_takes_the_highest_score_and_tells_the_table():
    world = harbour(memory_bytes=2 * GIB)
    run(world, "safe", "idle memory=1200MiB", oom_score_adj=-900)
    world.advance(5.0)
    run(world, "leak", "leak rate=100MiB/s")
    world.advance(30.0)
    assert world.container("leak").oom_killed
    assert world.container("safe").state == "running"
    text = "\n".join(look.explain(world, "leak"))
    assert "leak: " in text
    assert "oom_score_adj -900" in text


def test_a_host_out_of_memory_may_kill_a_virtual_machine():
    world = harbour(memory_bytes=4 * GIB)
    run(world, "inside", "leak rate=50MiB/s", runtime="firecracker")
    run(world, "small", "idle memory=2GiB", oom_score_adj=-1000)
    world.advance(200.0)
    assert any(type(entry.event).__name__ == "VmKilled" for entry in world.journal)
    assert world.container("inside").state == "exited"
    assert world.container("small").state == "running"


def test_a_balloon_gives_free_memory_back_at_its_rate():
    world = harbour(memory_bytes=16 * GIB)
    world.apply(CreateVm(name="vm", vcpus=1, memory_bytes=4 * GIB))
    world.advance(50.0)
    have_image(world, "vm")
    run(world, "had", "idle memory=3GiB", machine="vm")
    world.advance(55.0)
    world.apply(RemoveContainer(name="had", force=True))
    world.advance(60.0)
    before = world.machine("h").kernel.memory.usage
    world.apply(TuneMachine(name="vm", balloon=True))
    world.advance(65.0)
    given = before - world.machine("h").kernel.memory.usage
    assert given == pytest.approx(5 * 200 * (1 << 20), rel=1e-6)
    world.apply(TuneMachine(name="vm", balloon=False))
    world.advance(70.0)
    assert world.machine("h").kernel.memory.usage == before


def test_merging_saves_equal_pages_after_the_second_pass():
    world = harbour(memory_bytes=32 * GIB)
    for name in ("a", "b", "c"):
        world.apply(CreateVm(name=name, vcpus=1, memory_bytes=1 * GIB))
    world.advance(60.0)
    before = world.machine("h").kernel.memory.usage
    world.apply(TuneMachine(name="h", ksm=True))
    world.advance(600.0)
    each = world.machine("a").kernel.memory.usage
    saved = before - world.machine("h").kernel.memory.usage
    assert saved == pytest.approx(0.5 * each * 2, rel=1e-6)


# --- processes ------------------------------------------------------------------------------------


def test_a_fork_bomb_within_a_pids_limit_hurts_only_itself():
    world = harbour()
    bomb = run(world, "bomb", "forkbomb", pids_limit=100, cpus=1.0)
    seconds = job_seconds(world, "batch cpu=5s")
    assert seconds == pytest.approx(5.0, rel=1e-6)
    assert of_container(bomb) == 100
    refused = [e.event for e in world.journal if type(e.event).__name__ == "ForkRefused"]
    assert [one.by for one in refused] == ["cgroup"]


def test_a_fork_bomb_without_a_limit_stops_everybody_on_its_kernel():
    world = harbour()
    before = run(world, "before", "batch cpu=60s")
    run(world, "bomb", "forkbomb")
    world.advance(30.0)
    kernel = world.machine("h").kernel
    assert on_kernel(kernel) >= 0.9 * table_size(kernel)
    after = run(world, "after", "batch cpu=1s")
    world.advance(1000.0)
    assert (before.state, after.state) == ("running", "created")
    assert "resource temporarily unavailable" in after.start_error


def test_other_kernels_go_on_under_a_fork_bomb_and_killing_it_helps():
    world = harbour(memory_bytes=16 * GIB)
    run(world, "inside", "forkbomb", runtime="firecracker", cpus=2.0)
    one, began = job(world, "job", "batch cpu=5s")
    world.advance(began + 20.0)
    assert one.finished_at - began == pytest.approx(5.0, rel=1e-6)
    two = run(world, "late", "batch cpu=30s")
    run(world, "bomb", "forkbomb")
    world.advance(world.now + 60.0)
    assert two.state == "running"
    world.apply(StopContainer(name="bomb", grace_s=0.0))
    world.advance(world.now + 30.0)
    assert two.state == "exited"


def test_a_bomb_goes_off_in_a_container_that_did_something_else():
    world = harbour()
    serve(world, "server cpu=10ms workers=2", cpus=1.0)
    send(world, "poisson 20/s")
    world.advance(10.0)
    reply = world.apply(InjectFault(kind="cpubomb", target="web-0"))
    assert [(fact.kind, fact.target) for fact in reply.lines] == [("cpubomb", "web-0")]
    world.advance(20.0)
    assert world.recorder.samples("container/web-0/throttled").last > 0.5
    with pytest.raises(Refused, match="already a bomb"):
        world.apply(InjectFault(kind="membomb", target="web-0"))


def test_memory_and_restart_leave_no_trace_of_a_bomb():
    world = harbour()
    one = run(world, "bomb", "idle")
    world.advance(5.0)
    world.apply(InjectFault(kind="membomb", target="bomb", amount=1e8))
    world.advance(10.0)
    assert one.memory.usage > 400 << 20
    world.apply(InjectFault(kind="crash", target="bomb"))
    world.advance(11.0)
    assert one.memory.usage == one.bomb_bytes == 0


# --- limits ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "options",
    [
        {"pids_limit": 0},
        {"io_weight": 5},
        {"io_bytes_s": 0.0},
        {"cpu_shares": 0, "cpus": 99.0},
        {"cpuset": (99,)},
        {"cgroup_parent": "nowhere"},
    ],
)
def test_limits_that_no_kernel_takes_are_refused_and_nothing_is_there(options):
    world = harbour()
    with pytest.raises((InputError, Refused)):
        run(world, "one", "idle", **options)
    assert not world.containers
    assert not len(world.log) - 1


def test_limits_may_change_while_neighbours_press():
    world = harbour()
    run(world, "other", "hog threads=1 cache=1", cpus=0.5)
    one = run(world, "job", "batch cpu=500s cache=1")
    world.advance(5.0)
    before = one.pacing.pace.cpu
    world.apply(UpdateContainer(name="other", cpus=1.0))
    world.advance(6.0)
    assert before == pytest.approx(slowdown(0.25, 0.5))
    assert one.pacing.pace.cpu == pytest.approx(slowdown(0.25, 1.0))


@pytest.mark.parametrize("text", ["batch cpu=1s cache=2", "membomb rate=x", "forkbomb cache=1"])
def test_bad_settings_of_a_program_are_refused(text):
    with pytest.raises(InputError):
        parse_workload(text)


def test_what_work_moves_is_counted_where_docker_stats_shows_it():
    world = harbour()
    one, began = job(world, "job", "batch cpu=100s ios=1000 io_bytes=100MiB net_bytes=50MiB")
    world.advance(began + one.pacing.pace.total_s(one.work_seconds()) / 2)
    world.settle()
    view = look.snapshot(world).container("job")
    assert view.block_out_bytes == pytest.approx(50 << 20, rel=0.01)
    assert view.net_out_bytes == pytest.approx(25 << 20, rel=0.01)


def test_no_bomb_goes_off_in_a_container_that_is_only_being_started_again():
    world = harbour()
    one = run(world, "one", "server cpu=10ms")
    world.advance(5.0)
    world.apply(RestartContainer(name="one", grace_s=0.0))
    world.advance(world.now)
    assert one.state == "starting"
    with pytest.raises(Refused, match="is not running"):
        world.apply(InjectFault(kind="membomb", target="one"))
    assert one.station is None
