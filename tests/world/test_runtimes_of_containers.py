"""Containers under every runtime: which kernel serves them, what they cost, what falls."""

import pytest
from harbour import harbour, have_image, run, send, serve
from shipped import SHIPPED, shipped_nested, shipped_runtime

from simulator import look
from simulator.errors import InputError, Refused
from simulator.machine.pagecache import cached_bytes
from simulator.machine.runtimes import memory_overhead
from simulator.world import World
from simulator.world.commands import (
    CreateHost,
    CreateVm,
    InjectFault,
    RemoveContainer,
    RemoveHost,
    RemoveVm,
    RenameContainer,
    RestartContainer,
    RunContainer,
    StopContainer,
)

MIB = 1 << 20
GIB = 1 << 30
OWN = ("kata", "firecracker", "cloud-hypervisor", "qemu", "xen")


def up(world, name, workload="idle", **options):
    """A container that has started."""
    one = run(world, name, workload, **options)
    world.advance(world.now + 60.0, lambda: one.started_at is None)
    return one


@pytest.mark.parametrize("kind", OWN)
def test_a_container_with_a_kernel_of_its_own_boots_it_before_it_starts(kind):
    world = harbour(memory_bytes=32 * GIB)
    one = up(world, "web", runtime=kind)
    assert one.machine.name == "web.vm"
    assert one.machine.kernel is not world.machine("h").kernel
    stages = [e.event for e in world.journal if type(e.event).__name__ == "VmStageEnded"]
    assert sum(each.seconds for each in stages) == pytest.approx(one.started_at)
    assert [each.stage for each in stages] == [each.name for each in one.runtime.stages]


@pytest.mark.parametrize("kind", ["runc", "crun", "runsc", "lxc"])
def test_others_share_the_hosts_kernel(kind):
    world = harbour()
    assert up(world, "web", runtime=kind).machine is world.machine("h")


@pytest.mark.parametrize("kind", ["firecracker", "qemu"])
def test_a_guest_is_charged_what_it_touches_and_xen_all_it_was_given(kind):
    world = harbour(memory_bytes=32 * GIB)
    one = up(world, "one", "idle memory=100MiB", runtime=kind)
    overhead = memory_overhead(one.runtime, one.guest.hardware.memory_bytes)
    touched = overhead.total_bytes + 100 * MIB + cached_bytes(one.guest.kernel)
    assert one.guest.memory.usage == touched
    full = up(world, "full", "idle memory=100MiB", runtime="xen")
    assert full.guest.memory.usage == full.guest.hardware.memory_bytes + full.guest.overhead_bytes


def test_the_memory_of_a_guest_goes_with_its_container():
    world = harbour(memory_bytes=16 * GIB)
    before = world.machine("h").kernel.memory.usage
    up(world, "web", runtime="kata")
    world.apply(StopContainer(name="web", grace_s=0.0))
    world.advance(world.now + 5.0)
    assert world.machine("h").kernel.memory.usage == before
    assert world.machines["web.vm"].kernel.state == "off"
    world.apply(RemoveContainer(name="web"))
    assert "web.vm" not in world.machines
    assert not world.machine("h").kernel.vms


def test_a_restarted_container_boots_its_guest_again():
    world = harbour(memory_bytes=16 * GIB)
    one = up(world, "web", "server cpu=1ms", runtime="firecracker")
    world.apply(RestartContainer(name="web", grace_s=0.0))
    world.advance(world.now + 30.0)
    assert one.state == "running"
    assert sum(type(e.event).__name__ == "VmBooted" for e in world.journal) == 2


def test_a_guest_kernel_that_panics_takes_one_container_and_the_daemon_restarts_it():
    world = harbour(memory_bytes=16 * GIB)
    one = up(world, "web", runtime="firecracker", restart="always")
    other = up(world, "other", runtime="firecracker")
    world.apply(InjectFault(kind="panic", target="web.vm"))
    world.advance(world.now + 0.05)
    assert (one.state, other.state) == ("restarting", "running")
    world.advance(world.now + 10.0)
    assert one.state == "running"


def test_the_hosts_panic_takes_guests_and_recovery_starts_them_again():
    world = harbour(memory_bytes=16 * GIB)
    one = up(world, "web", runtime="kata", restart="always")
    world.apply(InjectFault(kind="panic", target="h"))
    world.advance(world.now + 1.0)
    assert one.state == "exited"
    world.apply(InjectFault(kind="recover", target="h"))
    world.advance(world.now + 10.0)
    assert one.state == "running"


def test_a_guest_of_one_container_runs_nothing_else_and_is_not_removed_alone():
    world = harbour(memory_bytes=16 * GIB)
    up(world, "web", runtime="kata")
    with pytest.raises(Refused, match="runs nothing else"):
        run(world, "second", "idle", machine="web.vm")
    with pytest.raises(Refused, match="belongs to container web"):
        world.apply(RemoveVm(name="web.vm"))


def test_a_host_is_removed_with_guests_of_containers():
    world = harbour(memory_bytes=16 * GIB)
    up(world, "web", runtime="kata")
    world.apply(RemoveHost(name="h"))
    world.advance(world.now + 1.0)
    assert not world.containers
    assert not world.machines


def test_a_container_with_a_guest_can_be_renamed_and_removed():
    world = harbour(memory_bytes=16 * GIB)
    up(world, "web", runtime="kata")
    world.apply(RenameContainer(name="web", new_name="shop"))
    world.apply(RemoveContainer(name="shop", force=True))
    world.advance(world.now + 1.0)
    assert set(world.machines) == {"h"}


def test_a_guest_larger_than_its_host_is_refused_and_nothing_is_left():
    world = harbour(memory_bytes=1 * GIB)
    with pytest.raises(Refused, match="larger than h, which has 1GiB"):
        run(world, "web", "idle", runtime="qemu", memory_bytes=1 * GIB)
    assert set(world.machines) == {"h"}
    assert not world.machine("h").kernel.vms
    assert not world.containers


@pytest.mark.parametrize("kind", ["kata", "firecracker", "qemu"])
def test_no_guest_is_larger_than_its_host_even_if_it_would_touch_little(kind):
    world = harbour(memory_bytes=8 * GIB)
    with pytest.raises(Refused, match="larger than h"):
        run(world, "web", "idle", runtime=kind, memory_bytes=100 * GIB)
    assert set(world.machines) == {"h"}


def test_a_virtual_machine_too_small_for_its_own_kernel_is_refused():
    world = harbour()
    with pytest.raises(InputError, match="at least"):
        world.apply(CreateVm(name="vm", memory_bytes=128 * MIB))


def test_virtualisation_in_virtualisation_costs_more_by_one_rule():
    world = harbour(memory_bytes=32 * GIB)
    world.apply(CreateVm(name="outer", vcpus=4, memory_bytes=16 * GIB, nested=True))
    world.advance(60.0)
    world.apply(CreateVm(name="inner", machine="outer", vcpus=2, memory_bytes=4 * GIB))
    world.advance(120.0)
    costs = shipped_nested(shipped_runtime("qemu"), shipped_runtime("qemu")).costs
    assert world.machine("inner").costs == costs
    have_image(world, "inner")
    one = up(world, "web", "server cpu=10ms packets=10", machine="inner")
    assert one.work_seconds() > 10e-3 * 1.02 * 1.07
    have_image(world, "outer")
    two = up(world, "kata", "server cpu=10ms packets=10", machine="outer", runtime="kata")
    assert two.work_seconds() > one.work_seconds() * 0.99


def test_virtual_machines_that_share_a_kernel_fall_together_and_those_that_do_not_do_not():
    world = harbour(memory_bytes=32 * GIB)
    for name in ("one", "two"):
        world.apply(CreateVm(name=name, memory_bytes=1 * GIB, hypervisor="vm-shared-kernel"))
    world.apply(CreateVm(name="alone", memory_bytes=1 * GIB))
    world.advance(60.0)
    for name in ("one", "two", "alone"):
        have_image(world, name)
        up(world, f"on-{name}", machine=name)
    world.apply(InjectFault(kind="panic", target="one"))
    world.advance(world.now + 1.0)
    states = {name: world.container(f"on-{name}").state for name in ("one", "two", "alone")}
    assert states == {"one": "exited", "two": "exited", "alone": "running"}


def test_the_same_arrivals_meet_every_runtime_and_a_vm_costs_two_percent():
    def mean(kind):
        world = harbour(memory_bytes=16 * GIB)
        service = serve(world, "server cpu=10ms dist=constant", runtime=kind)
        world.advance(30.0)
        send(world, "constant 5/s")
        world.advance(90.0)
        return service.tally.latencies.total / service.tally.latencies.count

    native = mean("runc")
    assert native == pytest.approx(10e-3, rel=1e-9)
    assert mean("runsc") == pytest.approx(native, rel=1e-9)
    assert mean("qemu") == pytest.approx(
        native * shipped_runtime("qemu").costs.user_factor, rel=1e-9
    )


def test_system_calls_cost_a_sandbox_dearly():
    world = harbour(memory_bytes=16 * GIB)
    text = "server cpu=986us syscalls=55 packets=18"
    plain, boxed = up(world, "plain", text), up(world, "boxed", text, runtime="runsc-ptrace")
    assert plain.work_seconds() / boxed.work_seconds() == pytest.approx(0.42, rel=0.1)
    today = up(world, "today", text, runtime="runsc")
    assert boxed.work_seconds() > today.work_seconds() > plain.work_seconds()


def test_docker_knows_containers_in_machines_of_their_own():
    world = harbour(memory_bytes=16 * GIB)
    up(world, "web", runtime="kata")
    view = look.snapshot(world).container("web")
    assert view.machine == "h"
    assert [vm.owner for vm in look.snapshot(world).hosts[0].kernel.vms] == ["web"]


def test_history_with_guests_can_be_replayed():
    world = harbour(memory_bytes=16 * GIB)
    up(world, "web", "server cpu=5ms", runtime="kata", restart="always")
    run(world, "bomb", "membomb", runtime="firecracker")
    world.advance(20.0)
    world.apply(InjectFault(kind="panic", target="web.vm"))
    world.advance(40.0)
    again = World.replayed(world.seed, world.log, 40.0, SHIPPED)
    assert again.journal.digest != ""
    twice = World.replayed(world.seed, world.log, 40.0, SHIPPED)
    assert again.journal.digest == twice.journal.digest


def test_an_image_that_must_be_pulled_first_gets_its_guest_then():
    world = World(1)
    world.apply(CreateHost(name="h", cores=4))
    job = world.apply(RunContainer(image="alpine", name="web", runtime="kata")).job
    world.advance(60.0, lambda: not job.done)
    assert job.error is None
    assert world.container("web").machine.name == "web.vm"


def test_a_runtime_that_lets_machines_share_a_kernel_starts_no_containers():
    with pytest.raises(Refused, match="vm create"):
        run(harbour(), "web", "idle", runtime="vm-shared-kernel")
