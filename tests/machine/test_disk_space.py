"""One disk a machine: what is written fills it, and the instant at which it is full is exact."""

from __future__ import annotations

import pytest
from calls import calls
from harbour import IMAGE, harbour, run

from simulator.engine import Simulation
from simulator.engine.checkpoint import Checkpoint, can_copy
from simulator.errors import Refused
from simulator.image.problems import NoSpace
from simulator.look.from_model import container_view
from simulator.machine.disk_space import DiskSpace
from simulator.machine.events import ContainerExited
from simulator.machine.events_trouble import LogLost, WriteFailed
from simulator.world.commands import PauseContainer, RemoveContainer, UnpauseContainer
from simulator.world.history import SHARED
from simulator.world.image_commands import CopyIntoContainer
from simulator.world.world import World

MIB, GIB = 1 << 20, 1 << 30
DISK = 3 * GIB
RATE = 500e6


def small() -> World:
    return harbour(disk_bytes=DISK, disk_bytes_s=RATE)


def ends(world: World) -> list[tuple[str, float, int]]:
    found = [one for one in world.journal if isinstance(one.event, ContainerExited)]
    return [(one.event.subject, one.time, one.event.code) for one in found]


def test_a_disk_bomb_ends_at_the_instant_at_which_its_disk_is_full() -> None:
    world = small()
    bomb = run(world, "bomb", "diskbomb")
    free = world.machine("h").space.free_bytes
    world.advance(5.0)
    assert bomb.ready_at is not None
    view = container_view(world, bomb)
    assert view.written_bytes == pytest.approx((5.0 - bomb.ready_at) * RATE, abs=2)
    assert view.block_out_bytes == pytest.approx(view.written_bytes, abs=2)
    began = bomb.ready_at
    world.advance(60.0)
    assert ends(world) == [("bomb", pytest.approx(began + free / RATE, abs=1e-6), 1)]
    assert "write error: No space left on device" in [text for _, text in bomb.log]
    space = world.machine("h").space
    assert space.used_bytes == pytest.approx(DISK, abs=1)
    assert [entry.path for entry in world.fleet.writable("bomb").entries] == ["/diskbomb.bin"]


def test_what_fills_a_disk_is_in_everybodys_way_until_it_is_removed() -> None:
    world = small()
    run(world, "bomb", "diskbomb")
    run(world, "other", "idle")
    world.advance(60.0)
    copy = CopyIntoContainer(container="other", files=(("/tmp/x", 10 * MIB),))
    with pytest.raises(Refused, match="no space left on device"):
        world.apply(copy)
    with pytest.raises(NoSpace):
        world.fleet.node("h").files(world.container("other")).write("/tmp/y", None, MIB)
    assert world.machine("h").images.room_bytes() < 1
    world.apply(RemoveContainer(name="bomb"))
    world.apply(copy)
    image = world.catalogue.resolve(IMAGE)
    assert world.machine("h").space.used_bytes == image.size_bytes + 10 * MIB


def test_two_bombs_share_the_disk_and_meet_its_end_together() -> None:
    world = small()
    bombs = [run(world, name, "diskbomb") for name in ("one", "two")]
    free = world.machine("h").space.free_bytes
    world.advance(60.0)
    times = [time for _, time, _ in ends(world)]
    assert times[0] == times[1]
    written = [world.fleet.node_of(one).written_bytes(one) for one in bombs]
    assert sum(written) == pytest.approx(free, abs=3)


def test_a_steady_writer_goes_on_trying_and_writes_again_when_there_is_space() -> None:
    world = small()
    writer = run(world, "writer", "server cpu=1ms writes=1MiB/s")
    run(world, "bomb", "diskbomb")
    world.advance(60.0)
    held = world.fleet.node_of(writer).written_bytes(writer)
    failed = [one for one in world.journal if isinstance(one.event, WriteFailed)]
    assert sorted(one.event.subject for one in failed) == ["bomb", "writer"]
    world.apply(RemoveContainer(name="bomb"))
    world.advance(70.0)
    assert world.fleet.node_of(writer).written_bytes(writer) == held + 10 * MIB
    assert writer.state == "running"


def test_a_paused_writer_writes_nothing() -> None:
    world = small()
    for name, words in (("steady", "idle writes=1MiB/s"), ("bomb", "diskbomb rate=50MB/s")):
        one = run(world, name, words)
        world.advance(world.now + 2.0)
        held = world.fleet.node_of(one).written_bytes(one)
        world.apply(PauseContainer(name=name))
        world.advance(world.now + 10.0)
        assert world.fleet.node_of(one).written_bytes(one) == held > 0
        world.apply(UnpauseContainer(name=name))
        world.advance(world.now + 1.0)
        assert world.fleet.node_of(one).written_bytes(one) > held
        world.apply(RemoveContainer(name=name, force=True))
        world.advance(world.now + 1.0)
    assert world.machine("h").space.own_bytes == 0


def test_a_removed_file_takes_space_for_as_long_as_it_is_open() -> None:
    world = small()
    writer = run(world, "writer", "idle writes=1MiB/s to=/data")
    world.advance(10.0)
    world.fleet.node("h").files(world.container("writer")).remove("/data/data.bin")
    space = world.machine("h").space
    held = space.own_bytes
    assert (world.fleet.node_of(writer).written_bytes(writer), held > 5 * MIB) == (0, True)
    world.advance(11.0)
    assert space.own_bytes == held + MIB
    world.apply(RemoveContainer(name="writer", force=True))
    world.advance(12.0)
    assert space.own_bytes == 0


def test_a_read_only_root_refuses_a_writer_at_its_first_byte() -> None:
    world = small()
    writer = run(world, "writer", "idle writes=1MiB/s", read_only=True)
    world.advance(10.0)
    assert (writer.exit_code, writer.exit_reason) == (1, "write error: Read-only file system")


def test_a_disk_has_an_inode_for_every_16_kib_and_is_full_without_one() -> None:
    space = DiskSpace(Simulation(1), 1 << 20, RATE, 16384.0)
    assert (space.inodes, space.take(0, 64), space.take(0, 1), space.take(1, 0)) == (
        64,
        True,
        False,
        True,
    )


def test_a_change_costs_the_same_however_many_write_and_nothing_while_nobody_does() -> None:
    def cost(writers: int) -> int:
        world = harbour(disk_bytes=DISK)
        for number in range(writers):
            run(world, f"w{number}", "idle writes=1KiB/s")
        world.advance(5.0)
        space = world.machine("h").space
        return calls(lambda: (space.take(4096, 0), world.advance(world.now + 1e-6)))

    assert cost(40) <= cost(20) + 10
    assert not harbour().machine("h").space._next


def test_a_copy_in_the_middle_of_a_write_goes_on_as_the_world_does() -> None:
    world = small()
    run(world, "bomb", "diskbomb")
    run(world, "writer", "server cpu=1ms writes=1MiB/s")
    world.advance(2.0)
    while not can_copy(world.sim):
        world.sim.step()
    twin = Checkpoint.of(world, world.sim, SHARED).restore()
    for one in (world, twin):
        one.advance(30.0)
    assert twin.journal.digest == world.journal.digest
    assert twin.machine("h").space.used_bytes == world.machine("h").space.used_bytes


def test_a_log_grows_on_the_disk_up_to_what_is_kept_of_it() -> None:
    world = small()
    for name, options in (
        ("whole", {}),
        ("kept", {"log_opts": ("max-size=1m", "max-file=3")}),
        ("local", {"log_driver": "local"}),
        ("none", {"log_driver": "none"}),
    ):
        run(world, name, "idle logs=1MiB/s", **options)
    world.advance(200.0)
    storage = world.fleet.node("h").storage
    sizes = {name: storage.log_bytes(one) for name, one in world.containers.items()}
    whole = world.container("whole")
    assert whole.ready_at is not None
    assert sizes == {
        "whole": pytest.approx((200.0 - whole.ready_at) * MIB, abs=2),
        "kept": 3 * MIB,
        "local": 100 * MIB,
        "none": 0,
    }
    view = container_view(world, whole)
    assert (view.written_bytes, view.block_out_bytes) == (0, 0)
    assert world.machine("h").space.own_bytes == sum(sizes.values())
    for name in sizes:
        world.apply(RemoveContainer(name=name, force=True))
    world.advance(201.0)
    assert world.machine("h").space.own_bytes == 0


def test_logs_fill_a_disk_and_their_container_goes_on() -> None:
    world = harbour(disk_bytes=100 * MIB)
    one = run(world, "one", "server cpu=1ms logs=10MiB/s")
    world.advance(60.0)
    assert one.state == "running"
    lost = [each for each in world.journal if isinstance(each.event, LogLost)]
    assert [each.event.subject for each in lost] == ["one"]
    with pytest.raises(Refused, match="no space left on device"):
        run(world, "two", "idle")


def test_a_file_that_grows_in_memory_is_full_killed_or_held_at_its_very_instant() -> None:
    world = small()
    full = run(world, "full", "server cpu=1ms writes=10MiB/s to=/t", tmpfs=("/t:size=50m",))
    eater = run(
        world, "eater", "server cpu=1ms writes=10MiB/s to=/t", tmpfs=("/t",), memory_bytes=64 * MIB
    )
    bomb = run(world, "bomb", "diskbomb rate=100MiB/s to=/dev/shm")
    world.advance(20.0)
    assert full.ready_at is not None
    failed = {one.event.subject: one.time for one in world.journal
              if isinstance(one.event, WriteFailed)}  # fmt: skip
    assert failed["full"] == pytest.approx(full.ready_at + 5.0, abs=1e-6)
    assert bomb.exit_code == 1
    assert (full.state, eater.state, eater.oom_killed) == ("running", "exited", True)
    own = full.settings.workload.memory_bytes + full.own_overhead_bytes
    assert full.memory.usage == own + 50 * MIB
    assert world.machine("h").space.own_bytes == 0
    assert container_view(world, full).block_out_bytes == 0


def test_a_writer_and_a_reader_share_a_disk() -> None:
    world = small()
    writer = run(world, "writer", "server cpu=1ms writes=500MB/s")
    run(world, "reader", "batch cpu=0.01s io_bytes=20GiB")
    world.advance(4.0)
    assert writer.ready_at is not None
    got = world.fleet.node_of(writer).written_bytes(writer) / (4.0 - writer.ready_at)
    assert got == pytest.approx(RATE / 2, rel=0.05)


def test_many_writers_together_are_no_faster_than_the_disk() -> None:
    world = harbour(disk_bytes=100 * GIB, disk_bytes_s=RATE)
    writers = [run(world, f"w{number}", "idle writes=20MB/s") for number in range(40)]
    world.advance(10.0)
    began = min(one.ready_at or 0.0 for one in writers)
    written = sum(world.fleet.node_of(one).written_bytes(one) for one in writers)
    assert written <= RATE * (10.0 - began) * 1.001
    slow = harbour(disk_bytes=100 * GIB, disk_bytes_s=RATE)
    writers = [run(slow, f"w{number}", "idle writes=5MB/s") for number in range(200)]
    slow.advance(10.0)
    before = slow.machine("h").space.own_bytes
    slow.advance(12.0)
    assert slow.machine("h").space.own_bytes - before == pytest.approx(2 * RATE, abs=2)


def test_two_that_write_to_one_file_of_a_volume_fill_it_together() -> None:
    world = small()
    for name in ("one", "two"):
        run(world, name, "idle writes=1MiB/s to=/d", binds=("shared:/d",))
    world.advance(10.0)
    storage, space = world.fleet.node("h").storage, world.machine("h").space
    before = storage.volumes.size_bytes
    world.advance(12.0)
    assert storage.volumes.size_bytes == before + 4 * MIB
    assert space.own_bytes == pytest.approx(storage.volumes.size_bytes, abs=1)
    world.apply(RemoveContainer(name="one", force=True))
    world.advance(13.0)
    held = storage.volumes.size_bytes
    world.apply(RemoveContainer(name="two", force=True))
    world.advance(20.0)
    assert space.own_bytes == storage.volumes.size_bytes >= held
