"""Switches of containers and real flaws, used on a living world."""

import pytest
from harbour import harbour, have_image, run

from simulator import look
from simulator.errors import InputError, Refused
from simulator.machine.boundaries import ALL_CAPS, DOCKER_CAPS
from simulator.node.hardening import hardening_of
from simulator.world.commands import ApplyFlaw, CreateVm, RunContainer
from simulator.world.security import tenant_of

GIB = 1 << 30
DIRTY_PIPE = "CVE-2022-0847"


def switches(**options):
    """The hardening of a docker run."""
    return hardening_of(RunContainer(image="alpine", **options))


@pytest.fixture
def world():
    """Two containers on the host, one in a VM beside another, one with a guest of its own."""
    world = harbour(memory_bytes=32 * GIB, kernel_version="5.8", software=("qemu=2.3.0",))
    world.apply(CreateVm(name="vm", vcpus=2, memory_bytes=2 * GIB, kernel_version="5.10"))
    world.advance(60.0)
    have_image(world, "vm")
    run(world, "a", "idle")
    run(world, "b", "idle")
    run(world, "box", "idle", runtime="runsc")
    run(world, "kata", "idle", runtime="kata")
    run(world, "in1", "idle", machine="vm")
    run(world, "in2", "idle", machine="vm")
    world.advance(70.0)
    return world


def apply(world, flaw, container, *with_):
    """The event of one use of a flaw."""
    world.apply(ApplyFlaw(flaw=flaw, container=container, switches=with_))
    return next(iter(reversed(list(world.journal)))).event


def test_switches_are_read_as_docker_reads_them():
    assert switches().caps == DOCKER_CAPS
    assert switches(cap_drop=("all",)).caps == frozenset()
    assert switches(cap_drop=("ALL",), cap_add=("net_admin",)).caps == {"CAP_NET_ADMIN"}
    assert switches(privileged=True).caps == ALL_CAPS
    assert switches(security_opt=("no-new-privileges:true",)).no_new_privileges
    assert switches(security_opt=("seccomp=unconfined",)).seccomp == "unconfined"
    assert not switches(user="1000").root
    assert switches(user="root").root


@pytest.mark.parametrize(
    "options",
    [{"cap_add": ("NET_ADMN",)}, {"security_opt": ("seccomp=mine",)}, {"security_opt": ("x=y",)}],
)
def test_unknown_switches_are_refused_by_name_and_nothing_is_there(options):
    world = harbour()
    with pytest.raises(InputError):
        run(world, "one", "idle", **options)
    assert not world.containers


def test_chains_follow_the_machines(world):
    chains = {
        name: [str(wall) for wall in tenant_of(one).chain] for name, one in world.containers.items()
    }
    assert chains["a"] == ["container:a", "kernel:h", "hardware:h"]
    assert chains["box"] == ["sandbox:box", "kernel:h", "hardware:h"]
    assert chains["kata"] == [
        "container:kata", "kernel:kata.vm", "vmm:kata.vm", "kernel:h", "hardware:h",
    ]  # fmt: skip
    assert chains["in1"] == ["container:in1", "kernel:vm", "vmm:vm", "kernel:h", "hardware:h"]


def test_a_kernel_flaw_reaches_everybody_on_that_kernel_and_in_machines_on_it(world):
    event = apply(world, DIRTY_PIPE, "a")
    assert event.failed == "kernel:h"
    assert event.reachable == ("b", "box", "in1", "in2", "kata", "vm")
    assert look.snapshot(world).intrusions == {"a": event.reachable}


def test_a_kernel_flaw_in_a_guest_reaches_only_the_guest(world):
    event = apply(world, DIRTY_PIPE, "in1")
    assert (event.failed, event.reachable) == ("kernel:vm", ("in2", "vm"))
    assert apply(world, DIRTY_PIPE, "kata").reachable == ()


def test_a_sandbox_answers_system_calls_itself(world):
    event = apply(world, DIRTY_PIPE, "box")
    assert event.failed == ""
    assert "sandbox:box" in event.explanation


def test_two_steps_lead_out_of_a_virtual_machine(world):
    assert apply(world, "VENOM", "in1").failed == ""
    apply(world, DIRTY_PIPE, "in1")
    event = apply(world, "VENOM", "in1")
    assert event.failed == "vmm:vm"
    assert set(event.reachable) >= {"a", "b", "kata"}


def test_dropping_what_a_flaw_needs_stops_it():
    world = harbour(kernel_version="5.8")
    run(world, "open", "idle")
    run(world, "hard", "idle", cap_drop=("NET_RAW",))
    world.advance(5.0)
    assert apply(world, "CVE-2020-14386", "open").failed == "kernel:h"
    assert apply(world, "CVE-2020-14386", "hard").failed == ""


def test_an_unknown_flaw_or_a_container_that_does_not_run_is_refused(world):
    with pytest.raises(InputError, match="did you mean"):
        world.apply(ApplyFlaw(flaw="Dirty Pip", container="a"))
    with pytest.raises(Refused):
        world.apply(ApplyFlaw(flaw=DIRTY_PIPE, container="nobody"))
    with pytest.raises(InputError, match="switch"):
        world.apply(ApplyFlaw(flaw=DIRTY_PIPE, container="a", switches=("luck",)))


def test_virtual_machines_on_one_kernel_share_its_flaws():
    world = harbour(memory_bytes=32 * GIB)
    for name in ("one", "two"):
        world.apply(
            CreateVm(
                name=name, memory_bytes=1 * GIB, hypervisor="vm-shared-kernel",
                kernel_version="5.10",
            )
        )  # fmt: skip
    world.advance(60.0)
    for name in ("one", "two"):
        have_image(world, name)
        run(world, f"on-{name}", "idle", machine=name)
    world.advance(70.0)
    event = apply(world, DIRTY_PIPE, "on-one")
    assert event.failed == "kernel:h-shared"
    assert {"on-two", "two"} <= set(event.reachable)
