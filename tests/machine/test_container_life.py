"""The life of a container: starts, ends, restarts, limits, memory, and what falls with what."""

from __future__ import annotations

import pytest
from harbour import add_host, harbour, have_image, run, send, serve

from simulator.errors import Refused
from simulator.machine.events import (
    ContainerExited,
    ContainerReady,
    ContainerRemoved,
    ContainerRestarting,
    ContainerStarted,
    OomKilled,
)
from simulator.world import World
from simulator.world.commands import (
    CreateVm,
    InjectFault,
    KillContainer,
    PauseContainer,
    RemoveContainer,
    RemoveHost,
    RemoveVm,
    RestartContainer,
    StartContainer,
    StopContainer,
    UnpauseContainer,
    UpdateContainer,
)

MIB = 1 << 20


def events(world: World, kind: type, subject: str | None = None) -> list:
    """Entries of one kind of event, about one subject."""
    return [
        entry
        for entry in world.journal
        if isinstance(entry.event, kind) and subject in (None, entry.event.subject)
    ]


# ends and exit codes -----------------------------------------------------------------------------


def test_a_program_that_handles_sigterm_stops_at_once_with_code_0():
    world = harbour()
    serve(world, "server cpu=1ms workers=1")
    world.apply(StopContainer(name="web-0"))
    world.advance(world.now + 0.5)
    stopped = world.container("web-0")
    assert (stopped.state, stopped.exit_code) == ("exited", 0)


def test_a_program_that_ignores_sigterm_is_killed_after_the_grace_period_with_137():
    world = harbour()
    run(world, "deaf", "hog threads=1", stop_timeout_s=3.0)
    world.advance(5.0)
    world.apply(StopContainer(name="deaf"))
    world.advance(30.0)
    deaf = world.container("deaf")
    assert (deaf.state, deaf.exit_code) == ("exited", 137)
    assert deaf.finished_at == pytest.approx(8.0, abs=1e-9)


def test_the_grace_given_with_the_order_is_the_one_that_counts():
    world = harbour()
    run(world, "deaf", "idle", stop_timeout_s=3.0)
    world.advance(5.0)
    world.apply(StopContainer(name="deaf", grace_s=7.0))
    world.advance(30.0)
    assert world.container("deaf").finished_at == pytest.approx(12.0, abs=1e-9)


@pytest.mark.parametrize("workload", ["batch cpu=100s", "hog threads=2", "leak rate=1KiB", "idle"])
def test_any_program_that_handles_sigterm_ends_when_it_comes(workload):
    world = harbour()
    run(world, "one", f"{workload} sigterm=handled")
    world.advance(5.0)
    world.apply(StopContainer(name="one"))
    world.advance(30.0)
    one = world.container("one")
    assert (one.exit_code, one.finished_at) == (0, pytest.approx(5.0, abs=1e-9))


def test_a_stopping_server_finishes_what_is_inside_it_first():
    world = harbour()
    service = serve(world, "server cpu=1s dist=constant workers=1")
    send(world, "constant 10 for=0.35s")
    world.advance(world.now + 0.4)
    world.apply(StopContainer(name="web-0", grace_s=10.0))
    asked = world.now
    world.advance(60.0)
    assert service.tally.outcomes()["ok"] == 3
    assert world.container("web-0").exit_code == 0
    # Three requests of a second each, the first of which came 0.1 s after the traffic began.
    assert world.container("web-0").finished_at == pytest.approx(asked + 2.7, abs=1e-9)


def test_a_grace_period_too_short_for_what_is_inside_resets_it():
    world = harbour()
    service = serve(world, "server cpu=1s dist=constant workers=1")
    send(world, "constant 10 for=0.35s")
    world.advance(world.now + 0.4)
    world.apply(StopContainer(name="web-0", grace_s=1.0))
    world.advance(60.0)
    outcomes = service.tally.outcomes()
    assert (outcomes["ok"], outcomes["reset"]) == (1, 2)
    assert world.container("web-0").exit_code == 137


def test_a_killed_container_fails_the_requests_inside_it():
    world = harbour()
    service = serve(world, "server cpu=1s dist=constant workers=2")
    send(world, "constant 10 for=0.45s")
    world.advance(world.now + 0.5)
    world.apply(KillContainer(name="web-0"))
    world.advance(world.now + 1.0)
    assert service.tally.outcomes()["reset"] == 4
    assert service.tally.in_flight == 0
    assert events(world, ContainerExited, "web-0")[0].event.lost_requests == 4


def test_a_killed_container_does_not_come_back_but_a_crashed_one_does():
    world = harbour()
    for name in ("killed", "crashed"):
        run(world, name, "idle", restart="always")
    world.advance(5.0)
    world.apply(KillContainer(name="killed"))
    world.apply(InjectFault(kind="crash", target="crashed"))
    world.advance(20.0)
    assert world.container("killed").state == "exited"
    assert world.container("crashed").state == "running"


def test_killing_with_sigterm_is_as_final_as_killing():
    world = harbour()
    serve(world, "server cpu=1ms", restart="always")
    world.apply(KillContainer(name="web-0", signal="TERM"))
    world.advance(world.now + 20.0)
    assert world.container("web-0").state == "exited"


# restarts ----------------------------------------------------------------------------------------


def test_delays_between_restarts_double_from_a_tenth_of_a_second_to_a_minute():
    world = harbour()
    run(world, "loop", "exit after=1s code=1", restart="always")
    world.advance(600.0)
    delays = [entry.event.delay_s for entry in events(world, ContainerRestarting)]
    expected = [0.1, 0.2, 0.4, 0.8, 1.6, 3.2, 6.4, 12.8, 25.6, 51.2, 60.0, 60.0]
    assert delays[:12] == pytest.approx(expected)
    assert delays[12:] == [60.0] * len(delays[12:])
    exits = [entry.time for entry in events(world, ContainerExited)]
    starts = events(world, ContainerStarted)
    for ended, started, delay in zip(exits, starts[1:], delays, strict=False):
        assert started.time - started.event.seconds == pytest.approx(ended + delay, abs=1e-8)


def test_ten_good_seconds_start_the_delays_anew():
    world = harbour()
    run(world, "loop", "exit after=11s code=1", restart="always")
    world.advance(100.0)
    delays = [entry.event.delay_s for entry in events(world, ContainerRestarting)]
    assert len(delays) > 5
    assert delays == [0.1] * len(delays)


def test_on_failure_gives_up_after_so_many_restarts():
    world = harbour()
    loop = run(world, "loop", "exit after=1s code=3", restart="on-failure:4")
    world.advance(600.0)
    assert (loop.state, loop.exit_code, loop.restarts) == ("exited", 3, 4)


@pytest.mark.parametrize(
    ("policy", "code", "again"),
    [
        ("no", 1, False),
        ("on-failure", 0, False),
        ("on-failure", 1, True),
        ("always", 0, True),
        ("unless-stopped", 0, True),
    ],
)
def test_policies_decide_by_the_exit_code(policy, code, again):
    world = harbour()
    one = run(world, "one", f"exit after=1s code={code}", restart=policy)
    world.advance(30.0)
    assert (one.restarts > 0) == again


def test_restarting_a_container_that_waits_to_be_restarted_starts_it_now():
    world = harbour()
    loop = run(world, "loop", "exit after=1s code=1", restart="always")
    world.advance(100.0)
    while loop.state != "restarting":
        world.step()
    at = world.now
    world.apply(RestartContainer(name="loop"))
    world.advance(at + 1.5)
    assert loop.started_at is not None
    assert at < loop.started_at < at + 1.5


def test_a_container_that_waits_to_be_restarted_can_be_removed_by_force():
    world = harbour()
    loop = run(world, "loop", "exit after=1s code=1", restart="always")
    world.advance(100.0)
    while loop.state != "restarting":
        world.step()
    world.apply(RemoveContainer(name="loop", force=True))
    world.advance(world.now + 200.0)
    assert "loop" not in world.containers
    assert loop.state == "removed"
    assert isinstance(list(world.journal)[-1].event, ContainerRemoved)


# removal -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "workload", ["idle", "batch cpu=100s", "leak rate=1KiB", "server cpu=1ms startup=50s", "hog"]
)
@pytest.mark.parametrize("after", [0.0, 0.1, 5.0])
def test_removal_by_force_ends_it_first_and_leaves_nothing_behind(workload, after):
    world = harbour()
    one = run(world, "one", workload)
    world.advance(after)
    world.apply(RemoveContainer(name="one", force=True))
    world.advance(after + 30.0)
    assert world.containers == {}
    assert one.state == "removed"
    kernel = world.machine("h").kernel
    assert (kernel.memory.usage, kernel.memory.children, kernel.cpu.children) == (0, [], [])
    kinds = [type(entry.event) for entry in world.journal if entry.event.subject == "one"]
    assert kinds[-1] is ContainerRemoved
    assert kinds.count(ContainerExited) == 1
    assert not any(job.title.startswith("docker rm") and not job.done for job in world.jobs)


def test_a_container_cannot_be_removed_while_it_starts_without_force():
    world = harbour()
    run(world, "one", "idle")
    with pytest.raises(Refused):
        world.apply(RemoveContainer(name="one"))


def test_with_rm_it_goes_as_soon_as_it_ends():
    world = harbour()
    run(world, "one", "exit after=2s", remove=True)
    world.advance(30.0)
    assert world.containers == {}


# start-up ----------------------------------------------------------------------------------------


def test_a_server_is_ready_after_its_startup_time_and_its_startup_work():
    world = harbour()
    run(world, "one", "server cpu=1ms startup=2s startup_cpu=3s")
    world.advance(20.0)
    (ready,) = events(world, ContainerReady)
    assert ready.event.seconds == pytest.approx(5.0, abs=1e-9)


def test_startup_work_takes_longer_when_others_want_the_cores():
    world = harbour(cores=2)
    run(world, "noise", "hog threads=6")
    world.advance(5.0)
    run(world, "one", "server cpu=1ms startup_cpu=3s")
    world.advance(60.0)
    (ready,) = events(world, ContainerReady)
    # Equal weights: one core for each of the two containers, and the one thread wants just one.
    assert ready.event.seconds == pytest.approx(3.0, abs=1e-9)
    run(world, "two", "server cpu=1ms startup_cpu=2s")
    run(world, "three", "server cpu=1ms startup_cpu=2s")
    world.advance(120.0)
    later = [entry.event.seconds for entry in events(world, ContainerReady)[1:]]
    # Three share two cores for most of it: two thirds of a core each.
    assert all(2.5 < seconds < 3.0 + 1e-9 for seconds in later)


# batch jobs --------------------------------------------------------------------------------------


def test_two_jobs_that_share_a_core_end_when_the_arithmetic_says():
    world = harbour(cores=1)
    jobs = [run(world, name, f"batch cpu={work}s") for name, work in (("a", 10), ("b", 10))]
    world.advance(100.0)
    begun = sorted(job.started_at for job in jobs)
    alone = begun[1] - begun[0]
    first, second = sorted(job.finished_at for job in jobs)
    assert first == pytest.approx(begun[1] + 2 * (10 - alone), abs=1e-9)
    assert second == pytest.approx(begun[0] + 20, abs=1e-9)


def test_weights_decide_who_of_two_jobs_ends_first():
    world = harbour(cores=1)
    heavy = run(world, "heavy", "batch cpu=10s", cpu_shares=262144)
    light = run(world, "light", "batch cpu=10s", cpu_shares=2)
    world.advance(100.0)
    # The heavy one has 10,000 of 10,001 parts of the core, the light one all that is left.
    assert heavy.finished_at == pytest.approx(heavy.started_at + 10, abs=2e-3)
    begun = min(heavy.started_at, light.started_at)
    assert light.finished_at == pytest.approx(begun + 20, abs=1e-9)


def test_changing_limits_in_the_middle_dilates_what_is_left_exactly():
    world = harbour(cores=4)
    job = run(world, "job", "batch cpu=8s threads=4", cpus=2.0)
    world.advance(2.0)
    world.fabric.settle()
    left = 8.0 - job.cpu_seconds
    world.apply(UpdateContainer(name="job", cpus=0.0))
    world.advance(100.0)
    assert job.finished_at == pytest.approx(2.0 + left / 4, abs=1e-9)


def test_a_paused_job_loses_no_work_and_gains_none():
    world = harbour()
    job = run(world, "job", "batch cpu=10s")
    world.advance(3.0)
    world.apply(PauseContainer(name="job"))
    world.advance(50.0)
    world.apply(UnpauseContainer(name="job"))
    world.advance(100.0)
    assert job.finished_at - job.started_at == pytest.approx(10.0 + 47.0, abs=1e-9)


def test_requests_to_a_paused_server_wait_and_are_answered_afterwards():
    world = harbour()
    service = serve(world, "server cpu=10ms dist=constant workers=1 queue=unlimited")
    world.apply(PauseContainer(name="web-0"))
    send(world, "constant 10 for=1.05s")
    world.advance(world.now + 20.0)
    assert (service.tally.ok, service.tally.in_flight) == (0, 10)
    at = world.now
    world.apply(UnpauseContainer(name="web-0"))
    world.advance(at + 5.0)
    assert service.tally.ok == 10
    assert service.tally.latencies.minimum == pytest.approx(at + 0.1 - (at - 20.0 + 1.0), abs=1e-6)


# memory ------------------------------------------------------------------------------------------


def test_a_leak_is_killed_at_the_instant_at_which_it_passes_its_limit():
    world = harbour()
    leak = run(world, "leak", "leak rate=1MiB memory=10MiB", memory_bytes=64 * MIB)
    world.advance(200.0)
    (kill,) = events(world, OomKilled)
    base = 10 * MIB + leak.runtime.private_bytes
    assert kill.time - leak.started_at == pytest.approx((64 * MIB - base) / MIB, abs=1e-5)
    assert (leak.exit_code, leak.oom_killed, leak.state) == (137, True, "exited")
    assert kill.event.usage_bytes == pytest.approx(64 * MIB, abs=2)


def test_a_lower_limit_moves_the_end_of_a_leak_to_its_own_instant():
    world = harbour()
    leak = run(world, "leak", "leak rate=1MiB memory=10MiB", memory_bytes=640 * MIB)
    world.advance(3.0)
    base = 10 * MIB + leak.runtime.private_bytes
    assert leak.started_at is not None
    world.advance(leak.started_at + 5.1)
    world.apply(UpdateContainer(name="leak", memory_bytes=base + 5 * MIB + 200 * 1024))
    world.advance(200.0)
    (kill,) = events(world, OomKilled)
    assert kill.time - leak.started_at == pytest.approx(5 + 200 / 1024, abs=1e-5)


def test_a_limit_below_what_is_held_kills_at_once():
    world = harbour()
    leak = run(world, "leak", "leak rate=1MiB memory=10MiB")
    world.advance(30.5)
    world.apply(UpdateContainer(name="leak", memory_bytes=12 * MIB, memory_swap_bytes=12 * MIB))
    world.advance(31.0)
    assert (leak.oom_killed, leak.finished_at) == (True, 30.5)


def test_requests_are_killed_with_their_server_at_the_one_that_is_too_many():
    world = harbour()
    service = serve(
        world,
        "server cpu=1s dist=constant workers=1 queue=1000 memory=10MiB per_request=1MiB",
        memory_bytes=32 * MIB,
    )
    start = world.now
    held = 10 * MIB + world.container("web-0").runtime.private_bytes
    most = (32 * MIB - held) // MIB
    send(world, "constant 100")
    world.advance(start + 5.0)
    (kill,) = events(world, OomKilled)
    assert kill.time == pytest.approx(start + (most + 1) / 100, abs=1e-8)
    assert service.tally.outcomes()["reset"] == most + 1


def test_when_a_kernel_runs_out_the_one_with_the_highest_score_dies():
    world = harbour(memory_bytes=256 * MIB)
    run(world, "small", "idle memory=20MiB")
    run(world, "big", "idle memory=120MiB")
    run(world, "spared", "idle memory=60MiB", oom_score_adj=-900)
    run(world, "leak", "leak rate=1MiB memory=5MiB")
    world.advance(50.0)
    assert events(world, OomKilled)[0].event.subject == "big"
    assert world.container("small").state == "running"


def test_the_adjustment_can_make_a_small_one_the_victim_and_minus_1000_makes_immune():
    world = harbour(memory_bytes=256 * MIB)
    run(world, "small", "idle memory=20MiB", oom_score_adj=900)
    run(world, "immune", "idle memory=140MiB", oom_score_adj=-1000)
    run(world, "leak", "leak rate=4MiB memory=5MiB")
    world.advance(120.0)
    killed = [entry.event.subject for entry in events(world, OomKilled)]
    assert killed == ["small", "leak"]


def test_one_shortage_kills_one_victim_once():
    world = harbour(memory_bytes=256 * MIB)
    for number in range(4):
        run(world, f"leak{number}", "leak rate=8MiB memory=5MiB")
    world.advance(200.0)
    killed = [entry.event.subject for entry in events(world, OomKilled)]
    assert sorted(killed) == sorted(set(killed))
    assert len(killed) == 4


def test_memory_of_a_container_that_starts_again_is_charged_when_it_has_started():
    world = harbour()
    one = run(world, "one", "exit after=3s code=1 memory=50MiB", restart="always")
    world.advance(3.9)
    while one.state != "restarting":
        world.step()
    assert one.memory.usage == 0
    while one.state != "starting":
        world.step()
    one.charge_memory()
    assert one.memory.usage == 0


# machines ----------------------------------------------------------------------------------------


def fleet() -> World:
    """Two hosts; on the first a VM with two containers and, beside it, a container of its own."""
    world = harbour(memory_bytes=32 << 30)
    add_host(world, "other")
    world.apply(CreateVm(name="vm", machine="h", vcpus=2, memory_bytes=2 << 30))
    world.advance(60.0)
    have_image(world, "vm")
    for name, machine in (("in-1", "vm"), ("in-2", "vm"), ("out", "h"), ("far", "other")):
        run(world, name, "idle", machine=machine, restart="unless-stopped")
    world.advance(70.0)
    assert all(one.state == "running" for one in world.containers.values())
    return world


def alive(world: World) -> set[str]:
    return {name for name, one in world.containers.items() if one.state == "running"}


def test_a_panic_in_a_guest_spares_the_host():
    world = fleet()
    world.apply(InjectFault(kind="panic", target="vm"))
    world.advance(100.0)
    assert alive(world) == {"out", "far"}
    assert world.machine("h").kernel.memory.usage == world.container("out").memory.usage


def test_a_panic_of_the_host_takes_its_guests_with_it():
    world = fleet()
    world.apply(InjectFault(kind="panic", target="h"))
    world.advance(100.0)
    assert alive(world) == {"far"}
    assert world.machine("vm").kernel.state == "off"


def test_after_power_is_back_containers_come_back_by_their_policy():
    world = fleet()
    run(world, "once", "idle", machine="h")
    run(world, "asleep", "idle", machine="h", restart="unless-stopped")
    run(world, "faithful", "idle", machine="h", restart="always")
    world.advance(80.0)
    for name in ("asleep", "faithful"):
        world.apply(KillContainer(name=name))
    world.advance(90.0)
    world.apply(InjectFault(kind="power", target="h"))
    world.advance(100.0)
    world.apply(InjectFault(kind="recover", target="h"))
    world.advance(130.0)
    # Stopped by hand, "unless-stopped" stays down; "always" comes back with the daemon.
    assert alive(world) == {"out", "far", "faithful"}


def test_what_came_back_after_a_power_cut_is_still_restarted_when_it_crashes():
    world = fleet()
    world.apply(InjectFault(kind="power", target="h"))
    world.advance(80.0)
    world.apply(InjectFault(kind="recover", target="h"))
    world.advance(100.0)
    world.apply(InjectFault(kind="crash", target="out"))
    world.advance(120.0)
    assert world.container("out").state == "running"


def test_power_lost_while_waiting_for_a_restart_is_an_end_and_recovery_a_start():
    world = harbour()
    loop = run(world, "loop", "exit after=1s code=1", restart="always")
    world.advance(100.0)
    while loop.state != "restarting":
        world.step()
    world.apply(InjectFault(kind="power", target="h"))
    world.apply(InjectFault(kind="recover", target="h"))
    world.advance(world.now + 3.0)
    assert loop.restarts <= 3


@pytest.mark.parametrize("workload", ["idle", "batch cpu=100s", "server cpu=1ms startup=90s"])
def test_a_host_that_goes_takes_everything_with_it_in_good_order(workload):
    world = fleet()
    late = run(world, "late", workload, machine="vm")
    world.advance(75.0)
    world.apply(RemoveHost(name="h"))
    world.advance(80.0)
    assert set(world.machines) == {"other"}
    assert set(world.containers) == {"far"}
    kinds = [type(e.event) for e in world.journal if e.event.subject == "late"]
    assert kinds[-2:] == [ContainerExited, ContainerRemoved]
    assert late.state == "removed"


def test_a_host_of_the_same_name_can_join_again():
    world = fleet()
    world.apply(RemoveHost(name="h"))
    world.advance(80.0)
    add_host(world, "h")
    run(world, "new", "idle", machine="h")
    world.advance(90.0)
    assert world.container("new").state == "running"


def test_removing_a_guest_while_it_boots_ends_its_boot():
    world = harbour(memory_bytes=32 << 30)
    reply = world.apply(CreateVm(name="vm", vcpus=2, memory_bytes=2 << 30))
    world.advance(0.5)
    world.apply(RemoveVm(name="vm"))
    world.advance(60.0)
    assert reply.job is not None
    assert reply.job.done
    assert reply.job.error
    assert world.machine("h").kernel.memory.usage == 0
    assert world.machine("h").starts.count == 0


def test_a_guest_takes_longer_when_its_host_boots_many():
    world = harbour(cores=64, memory_bytes=128 << 30)
    for number in range(20):
        world.apply(
            CreateVm(name=f"vm{number}", vcpus=1, memory_bytes=1 << 30, hypervisor="firecracker")
        )
    world.advance(60.0)
    boots = [vm.booted_at - vm.created_at for vm in world.vms()]
    assert min(boots) > 0
    assert sum(boots) / 20 == pytest.approx(0.17, rel=0.15)


def test_starting_a_stopped_container_again_keeps_its_cpu_account():
    world = harbour()
    job = run(world, "job", "batch cpu=2s")
    world.advance(10.0)
    world.apply(StartContainer(name="job"))
    world.advance(20.0)
    assert job.cpu_seconds == pytest.approx(4.0, abs=1e-9)
