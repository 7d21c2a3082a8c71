"""Pages of files that containers read and write: who is charged, what is given back."""

from harbour import harbour, have_image, run, send

from simulator.look.from_model import container_view
from simulator.machine.cgroup_files import cgroup_files
from simulator.machine.pagecache import Cache, cached_bytes, charged_bytes
from simulator.machine.throttle import BATCH_BYTES
from simulator.node.seats import seat_of, seat_of_machine
from simulator.world.commands import (
    CreateService,
    CreateVm,
    RemoveContainer,
    StopContainer,
    UpdateContainer,
)

MIB = 1 << 20
GIB = 1 << 30


def read(one, file):
    """Names and numbers of a file of a container's cgroup."""
    text = cgroup_files(one)[f"/sys/fs/cgroup/{file}"]
    return {line.split()[0]: int(line.split()[1]) for line in text.splitlines()}


def test_what_a_container_writes_fills_its_cgroup_and_kills_nobody():
    world = harbour()
    one = run(world, "w", "diskbomb", memory_bytes=512 * MIB)
    world.advance(30.0)
    assert cgroup_files(one)["/sys/fs/cgroup/memory.current"] == str(512 * MIB)
    assert read(one, "memory.events")["max"] > 1000
    assert (one.state, read(one, "memory.events")["oom_kill"]) == ("running", 0)
    assert container_view(world, one).memory_bytes < 20 * MIB
    assert seat_of_machine(world.machine("h")).memory_cached >= 500 * MIB


def test_dirty_pages_stay_below_their_share_and_the_rest_is_on_its_way():
    world = harbour()
    one = run(world, "w", "diskbomb", memory_bytes=512 * MIB)
    world.advance(30.0)
    stat = read(one, "memory.stat")
    assert stat["file_dirty"] == int(0.2 * (512 * MIB - one.memory.resident))
    assert stat["file_dirty"] + stat["file_writeback"] == stat["file"]


def test_a_host_full_of_page_cache_gives_it_to_who_needs_memory():
    world = harbour(memory_bytes=4 * GIB)
    run(world, "w", "diskbomb")
    world.advance(300.0)
    kernel = world.machine("h").kernel
    assert cached_bytes(kernel) == 4 * GIB - kernel.memory.usage
    run(world, "big", "idle memory=3GiB")
    world.advance(310.0)
    assert cached_bytes(kernel) == 4 * GIB - kernel.memory.usage < GIB
    assert (world.journal.count_of("OomKilled"), kernel.memory.swapped) == (0, 0)


def test_file_pages_that_are_reserved_are_given_back_last():
    world = harbour(memory_bytes=4 * GIB)
    kept = run(world, "kept", "diskbomb", memory_low_bytes=GIB, memory_bytes=2 * GIB)
    loose = run(world, "loose", "diskbomb", memory_bytes=2 * GIB)
    run(world, "big", "idle memory=2560MiB")
    world.advance(300.0)
    cache = Cache(world.machine("h").kernel)
    assert kept.memory.resident + cache.of(kept) > GIB > 2 * cache.of(loose) > 0
    run(world, "more", "idle memory=1000MiB")
    world.advance(310.0)
    cache = Cache(world.machine("h").kernel)
    assert (cache.of(loose), cache.of(kept)) == (0, cache.size_bytes)


def test_what_a_job_reads_through_the_cache_is_charged_to_it_and_nothing_else_is():
    world = harbour()
    words = "batch cpu=100s io_bytes=1GiB buffered"
    through, past = run(world, "a", f"{words}=0.5"), run(world, "b", f"{words}=0")
    world.advance(30.0)
    image = charged_bytes(through) if charged_bytes(past) == 0 else 0
    assert image > 0
    moved = container_view(world, through).block_out_bytes
    found = read(through, "memory.stat")["file"] - Cache(world.machine("h").kernel).of(past)
    assert 0.45 * moved < found < 0.55 * moved + 2 * MIB


def test_pages_stay_when_a_container_ends_and_go_when_its_files_go():
    world = harbour()
    run(world, "w", "diskbomb", memory_bytes=512 * MIB)
    world.advance(30.0)
    kernel = world.machine("h").kernel
    before = cached_bytes(kernel)
    world.apply(StopContainer(name="w"))
    world.advance(60.0)
    assert before - 20 * MIB < cached_bytes(kernel) < before + 20 * MIB
    world.apply(RemoveContainer(name="w"))
    assert cached_bytes(kernel) == 0


def test_pages_that_a_lower_limit_drives_out_do_not_come_back_by_themselves():
    world = harbour()
    one = run(world, "w", "batch cpu=500s io_bytes=500MiB buffered=1", memory_bytes=512 * MIB)
    world.advance(300.0)
    before, events = read(one, "memory.stat")["file"], read(one, "memory.events")["max"]
    peak = int(cgroup_files(one)["/sys/fs/cgroup/memory.peak"])
    for limit in (64, 512):
        world.apply(UpdateContainer(name="w", memory_bytes=limit * MIB))
    after = read(one, "memory.stat")["file"]
    assert before > 200 * MIB > 64 * MIB > after
    image = charged_bytes(one) - after
    assert int(cgroup_files(one)["/sys/fs/cgroup/memory.peak"]) >= peak - image - MIB > before
    gone = read(one, "memory.events")["max"] - events
    assert abs(gone - (before - after) / BATCH_BYTES) <= 1


def crowd(look_every_s):
    """What is charged after a minute of everything that grows, looked at so often, or never."""
    world = harbour(memory_bytes=3 * GIB, swap_bytes=1 * GIB)
    world.apply(CreateVm(name="v", vcpus=2, memory_bytes=GIB))
    world.apply(CreateService(name="web"))
    world.advance(30.0)
    have_image(world, "v")
    text = "server cpu=5ms workers=4 per_request=3MiB io_bytes=1MiB buffered=1"
    run(world, "a", text, aliases=("web",), memory_bytes=300 * MIB)
    run(world, "b", "leak rate=13MiB/s", memory_high_bytes=100 * MIB, memory_bytes=400 * MIB)
    run(world, "c", "membomb rate=200MiB/s", memory_bytes=512 * MIB)
    run(world, "d", "batch cpu=30s io_bytes=3GiB buffered=0.7", machine="v")
    run(world, "e", "diskbomb full=retry", machine="v", memory_bytes=200 * MIB)
    send(world, "poisson 30/s")
    while look_every_s and world.now < 60.0:
        world.advance(world.now + look_every_s)
        for one in world.containers.values():
            assert dict(seat_of(one).files)
        assert dict(seat_of_machine(world.machine("h")).files)
    world.advance(90.0)
    charged = [(c.files, c.charges, c.memory.usage) for c in world.containers.values()]
    return world.journal.digest, world.machine("v").memory.usage, charged


def test_who_reads_the_files_of_a_kernel_changes_nothing_of_what_is_charged():
    assert crowd(1.37) == crowd(0.0)
