"""Random stories on a small disk: what is told of it always adds up, and a copy goes on alike."""

from __future__ import annotations

from random import Random

from harbour import IMAGE, harbour, run
from hypothesis import given, settings
from hypothesis import strategies as st

from simulator.engine.checkpoint import Checkpoint, can_copy
from simulator.errors import DrydockError
from simulator.world.commands import (
    InjectFault,
    KillContainer,
    PauseContainer,
    RemoveContainer,
    StartContainer,
    UnpauseContainer,
)
from simulator.world.history import SHARED
from simulator.world.image_commands import CopyIntoContainer, PruneContainers
from simulator.world.volume_commands import PruneVolumes, RemoveVolume
from simulator.world.world import World

MIB = 1 << 20
PROGRAMS = (
    "diskbomb",
    "diskbomb rate=20MB/s full=retry to=/d",
    "server cpu=1ms writes=300KiB/s",
    "server cpu=1ms writes=30MB/s to=/d full=exit",
    "idle writes=5MB/s to=/dev/shm",
    "server cpu=1ms logs=2MB/s",
    "idle logs=100KiB/s full=retry",
    "batch cpu=5s io_bytes=300MB",
)


def some_command(r: Random) -> object:
    name = r.choice(("one", "two", "three"))
    kinds = (
        PauseContainer(name=name),
        UnpauseContainer(name=name),
        RemoveContainer(name=name, force=True, volumes=r.random() < 0.5),
        KillContainer(name=name),
        StartContainer(name=name),
        InjectFault(kind=r.choice(("diskbomb", "crash")), target=name),
        CopyIntoContainer(container=name, files=((f"/d/{r.randrange(3)}", r.randrange(50 * MIB)),)),
        PruneContainers(),
        PruneVolumes(everything=True),
        RemoveVolume(name="shared"),
    )
    return r.choice(kinds)


def play(world: World, r: Random, count: int) -> None:
    for number in range(count):
        try:
            if r.random() < 0.5:
                name = r.choice(("one", "two", "three"))
                binds = r.choice(((), ("shared:/d",), ("/d",), ("/srv/d:/d",)))
                options = {"binds": binds, "restart": r.choice(("no", "always"))}
                if r.random() < 0.3:
                    options["log_opts"] = ("max-size=1m", "max-file=2")
                run(world, name, r.choice(PROGRAMS), **options)
            else:
                world.apply(some_command(r))
            if r.random() < 0.2 and "one" in world.containers:
                files = world.fleet.node("h").files(world.containers["one"])
                path = r.choice(("/data.bin", "/d/data.bin", "/diskbomb.bin"))
                files.remove(path) if r.random() < 0.5 else files.write(path, None, MIB)
        except DrydockError:
            pass
        world.advance(world.now + r.choice((0.0, 0.1, 1.0, 7.0)))
        check(world, number)


def check(world: World, number: int) -> None:
    """Nothing is lost, nothing is counted twice, nothing is larger than its disk."""
    node, space = world.fleet.node("h"), world.machine("h").space
    storage = node.storage
    told = sum(storage.written_bytes(one) + storage.log_bytes(one) for one in
               node.containers.values())  # fmt: skip
    told += storage.volumes.size_bytes + storage.volumes.host_bytes
    held = sum(one._unlinked_bytes for one in writings(world))
    open_ones = sum(one.size_bytes for one in writings(world) if one._unlinked_bytes or gone(one))
    assert abs(space.own_bytes - told - held - open_ones) <= 20, (number, space.own_bytes, told)
    image = world.catalogue.resolve(IMAGE).size_bytes
    assert space.own_bytes + image <= space.size_bytes + 1


def writings(world: World) -> list:
    found = [one for each in world.containers.values() for one in each.writings]
    return [one for one in found if not one.in_memory]


def gone(one) -> bool:
    return one.on and one not in one.place.tree.growing.get(one.place.path, ())


@settings(max_examples=12, deadline=None)
@given(seed=st.integers(1, 10**9), count=st.integers(1, 14))
def test_what_is_told_of_a_disk_adds_up_and_a_copy_goes_on_alike(seed: int, count: int) -> None:
    world = harbour(seed, disk_bytes=200 * MIB, disk_bytes_s=50e6)
    play(world, Random(seed), count)
    while not can_copy(world.sim):
        world.sim.step()
    twin = Checkpoint.of(world, world.sim, SHARED).restore()
    for one in (world, twin):
        play(one, Random(seed + 1), 3)
    assert twin.journal.digest == world.journal.digest
    assert twin.machine("h").space.used_bytes == world.machine("h").space.used_bytes
