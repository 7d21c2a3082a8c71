"""A guest is one tenant of the kernel beneath, with the weight that it was given."""

import pytest
from harbour import harbour, have_image, run

from simulator.errors import InputError
from simulator.world.commands import CreateVm, UpdateContainer

GIB = 1 << 30
# 2048 and 1024 shares are weights of 79 and 39: the mapping rounds.
CORES = [4.0 * 79 / 118, 4.0 * 39 / 118]


def used(world, containers, seconds=20.0):
    world.advance(world.now + 60.0)
    world.settle()
    before = [one.cpu_seconds for one in containers]
    stolen = [one.machine.group.missed(world.now) for one in containers]
    world.advance(world.now + seconds)
    world.settle()
    cores = [(one.cpu_seconds - b) / seconds for one, b in zip(containers, before, strict=True)]
    steal = [
        (one.machine.group.missed(world.now) - b) / (4 * seconds)
        for one, b in zip(containers, stolen, strict=True)
    ]
    return cores, steal


@pytest.mark.parametrize("runtime", ["kata", "qemu", "firecracker"])
def test_a_container_with_a_kernel_of_its_own_keeps_its_weight(runtime):
    world = harbour(cores=4, memory_bytes=32 * GIB, weight_mapping="linear")
    shares = (2048, 1024)
    tenants = [
        run(world, f"c{each}", "hog threads=4", runtime=runtime, cpu_shares=each) for each in shares
    ]
    cores, steal = used(world, tenants)
    assert cores == pytest.approx(CORES, rel=1e-6)
    assert steal == pytest.approx([1 - each / 4 for each in CORES], rel=1e-6)


def test_a_changed_weight_reaches_the_guest():
    world = harbour(cores=4, memory_bytes=32 * GIB, weight_mapping="linear")
    tenants = [
        run(world, f"c{each}", "hog threads=4", runtime="kata", cpu_shares=1024) for each in (1, 2)
    ]
    world.advance(10.0)
    world.apply(UpdateContainer(name="c1", cpu_shares=2048))
    cores, _ = used(world, tenants)
    assert cores == pytest.approx(CORES, rel=1e-6)


def test_virtual_machines_are_made_with_weights():
    world = harbour(cores=4, memory_bytes=32 * GIB, weight_mapping="linear")
    for name, shares in (("big", 2048), ("small", 1024)):
        world.apply(CreateVm(name=name, vcpus=4, memory_bytes=GIB, cpu_shares=shares))
        have_image(world, name)
    world.advance(60.0)
    tenants = [run(world, f"in-{name}", "hog threads=4", machine=name) for name in ("big", "small")]
    cores, _ = used(world, tenants)
    assert cores == pytest.approx(CORES, rel=1e-6)


def test_a_weight_that_no_kernel_takes_is_refused():
    world = harbour(cores=4, memory_bytes=32 * GIB)
    with pytest.raises(InputError):
        world.apply(CreateVm(name="vm", blkio_weight=5))
    assert not world.machines.keys() - {"h"}
