"""Guests that were given more than there is: they start, and it hurts when they touch it."""

import pytest
from harbour import harbour, have_image, run

from simulator.errors import Refused
from simulator.look.from_model import vm_view
from simulator.look.why import explain
from simulator.machine.events_trouble import VmKilled
from simulator.machine.pagecache import cached_bytes
from simulator.world.commands import CreateVm, RemoveContainer, TuneMachine

MIB = 1 << 20
GIB = 1 << 30


def crowded(**host):
    """A host of 16 GiB with guests of 2 and 15 GiB that have booted."""
    world = harbour(cores=4, memory_bytes=16 * GIB, **host)
    for name, gib in (("small", 2), ("large", 15)):
        world.apply(CreateVm(name=name, memory_bytes=gib * GIB))
    world.advance(60.0)
    for name in ("small", "large"):
        have_image(world, name)
    return world


def test_a_guest_costs_its_host_what_it_has_touched():
    world = crowded()
    host, small = world.machine("h"), world.machine("small")
    assert vm_view(world, small).resident_bytes == pytest.approx(226.5 * MIB, rel=0.01)
    assert host.kernel.memory.resident < GIB
    run(world, "job", "idle memory=1GiB", machine="small")
    world.advance(70.0)
    held = vm_view(world, small).resident_bytes
    assert held > 1.2 * GIB
    assert any("of 2GiB, for which h gives 1.2" in line for line in explain(world, "small"))
    world.apply(RemoveContainer(name="job", force=True))
    world.advance(80.0)
    assert small.kernel.memory.usage < 200 * MIB
    assert vm_view(world, small).resident_bytes == held


def test_what_guests_touch_beyond_the_host_kills_one_of_them():
    world = crowded()
    run(world, "eater", "idle memory=14GiB", machine="large")
    world.advance(70.0)
    assert world.journal.count_of("VmKilled") == 0
    run(world, "more", "idle memory=1700MiB", machine="small")
    world.advance(80.0)
    killed = [one.event.subject for one in world.journal if isinstance(one.event, VmKilled)]
    assert killed == ["large"]
    assert world.container("more").running


def test_with_swap_the_host_swaps_its_guests_and_everybody_waits():
    world = crowded(swap_bytes=8 * GIB)
    run(world, "eater", "idle memory=14GiB", machine="large")
    run(world, "more", "batch cpu=900s memory=1700MiB", machine="small")
    world.advance(80.0)
    host = world.machine("h").kernel.memory
    assert world.journal.count_of("VmKilled") == 0
    assert host.resident == 16 * GIB
    assert host.swapped == host.usage - 16 * GIB > 0
    assert world.container("more").pacing.pace.lost > 1.0


def test_a_guests_page_cache_is_memory_of_its_host():
    world = crowded()
    run(world, "writer", "diskbomb", machine="small")
    world.advance(120.0)
    small = world.machine("small")
    assert cached_bytes(small.kernel) == 2 * GIB - small.kernel.memory.usage
    assert small.memory.usage == 2 * GIB + small.overhead_bytes
    world.apply(TuneMachine(name="small", balloon=True))
    world.advance(130.0)
    assert small.memory.usage == 2 * GIB + small.overhead_bytes


def test_more_vcpus_than_cores_is_a_warning_and_more_memory_than_the_host_is_refused():
    world = harbour(cores=4, memory_bytes=16 * GIB)
    told = world.apply(CreateVm(name="wide", vcpus=8, memory_bytes=2 * GIB)).lines
    assert told[0] == "wide"
    assert "cpus requested (8) exceeds the recommended cpus supported by KVM (4)" in told[1]
    with pytest.raises(Refused, match="larger than h, which has 16GiB"):
        world.apply(CreateVm(name="huge", memory_bytes=17 * GIB))
    world.apply(CreateVm(name="half", memory_bytes=9 * GIB, hypervisor="xen"))
    with pytest.raises(Refused, match="at once"):
        world.apply(CreateVm(name="other", memory_bytes=9 * GIB, hypervisor="xen"))


def test_what_a_limit_in_a_guest_refuses_is_not_touched():
    world = crowded()
    before = world.machine("small").memory.usage
    one = run(world, "big", "idle memory=1700MiB", memory_bytes=64 * MIB, machine="small")
    world.advance(70.0)
    assert one.oom_killed
    assert world.machine("small").memory.usage - before < 20 * MIB


def test_a_guest_of_its_own_has_no_swap_whatever_its_host_has():
    world = harbour(memory_bytes=8 * GIB, swap_bytes=8 * GIB)
    one = run(world, "c", "leak rate=20MiB/s", memory_bytes=128 * MIB, runtime="kata")
    world.advance(5.0)
    assert (one.running, one.memory.swapped) == (True, 0)
    world.advance(12.0)
    assert one.oom_killed


def test_leaks_in_guests_that_have_touched_everything_end():
    world = crowded()
    for name in ("small", "large"):
        run(world, f"in-{name}", "leak rate=900MiB/s", machine=name, restart="always")
    world.advance(200.0)
    assert world.machine("h").kernel.memory.resident <= 16 * GIB
