"""Memory and swap: what every view says, against every limit, at every instant."""

import pytest
from calls import steps as steps_of
from harbour import harbour, run
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from simulator.errors import DrydockError
from simulator.look.from_model import container_view, host_view
from simulator.look.why import explain
from simulator.machine.cgroup_files import cgroup_files
from simulator.machine.memory import MemoryGroup
from simulator.machine.pagecache import Cache, charged_bytes
from simulator.machine.paging import Bounds, Paging
from simulator.node.seats import seat_of_machine
from simulator.world.commands import (
    CreateCgroup,
    CreateVm,
    PauseContainer,
    StartContainer,
    StopContainer,
    UpdateContainer,
)

MIB = 1 << 20
GIB = 1 << 30


def read(world, name, file):
    """A file of a container's cgroup."""
    return cgroup_files(world.container(name))[f"/sys/fs/cgroup/{file}"]


def number(text):
    return float("inf") if text == "max" else int(text)


def stat(text):
    """A file of names and numbers."""
    return {line.split()[0]: int(line.split()[1]) for line in text.splitlines()}


def assert_nothing_contradicts(world):
    """No counter is over its limit or negative, and parts make their whole."""
    for machine in [*world.hosts(), *world.vms()]:
        if machine.kernel.state != "running":
            continue
        seat = seat_of_machine(machine)
        assert 0 <= seat.memory_used <= seat.memory_total
        assert 0 <= seat.memory_used + seat.memory_cached <= seat.memory_total
        assert 0 <= seat.swap_used <= seat.swap_total
        root = machine.kernel.memory
        cache = Cache(machine.kernel)
        held = [cache.of(one) for one in machine.kernel.containers.values()]
        assert sum(held) <= cache.size_bytes == seat.memory_cached
        assert sum(cache.dirty) == sum(sum(cache.dirty_of(one)) for one in machine.kernel.filing)
        leaves = [one for one in _leaves(root) if one is not root]
        assert sum(one.resident for one in leaves) + sum(
            one.swapped for one in leaves
        ) + root.own_bytes == (root.usage)
        assert 0 <= root.swapped - sum(one.swapped for one in leaves) <= 8 * len(leaves)
        for one in machine.kernel.slices.values():
            assert 0 <= one.memory.resident <= one.memory.bounds.max_bytes + 8 * len(leaves)
        for one in machine.kernel.containers.values():
            if one.running and one.pid:
                _assert_container(world, one, seat)
    for host in world.hosts():
        view = host_view(world, host)
        assert view.memory_used_bytes == host.kernel.memory.resident <= view.memory_bytes


def _leaves(group):
    return [group] if not group.children else [x for one in group.children for x in _leaves(one)]


def _assert_container(world, one, seat):
    files = {name.rpartition("/")[2]: text for name, text in cgroup_files(one).items()}
    current, most = number(files["memory.current"]), number(files["memory.max"])
    parts = stat(files["memory.stat"])
    assert 0 <= current <= min(most, seat.memory_total)
    assert current <= number(files["memory.peak"])
    assert 0 <= number(files["memory.swap.current"]) <= number(files["memory.swap.max"])
    assert number(files["memory.swap.current"]) <= seat.swap_used
    assert min(parts.values()) >= 0
    assert parts["anon"] + parts["kernel_stack"] + parts["file"] == current
    assert parts["inactive_anon"] + parts["active_anon"] == parts["anon"] + parts["shmem"]
    assert parts["inactive_file"] + parts["active_file"] == parts["file"] - parts["shmem"]
    assert parts["file_dirty"] + parts["file_writeback"] <= parts["file"]
    assert number(files["pids.current"]) <= number(files["pids.max"])
    view = container_view(world, one)
    assert view.memory_bytes == current - parts["inactive_file"]
    assert view.pids == number(files["pids.current"])


def test_above_its_limit_a_container_has_its_limit_in_memory_and_the_rest_in_swap():
    world = harbour(swap_bytes=16 * GIB)
    one = run(world, "d", "leak rate=32MiB/s", memory_bytes=256 * MIB)
    world.advance(12.5)
    assert read(world, "d", "memory.current") == str(256 * MIB)
    swapped = int(read(world, "d", "memory.swap.current"))
    assert swapped == one.memory.usage - 256 * MIB > 120 * MIB
    assert seat_of_machine(world.machine("h")).swap_used == swapped
    assert container_view(world, one).memory_bytes == 256 * MIB
    assert_nothing_contradicts(world)
    world.advance(world.now + 6.0)
    assert (one.state, one.oom_killed) == ("exited", True)
    assert any("at 256MiB of 256MiB and 256MiB in swap" in line for line in explain(world, "d"))


@pytest.mark.parametrize(
    ("options", "text"),
    [
        ({"memory_bytes": 100 * MIB}, str(100 * MIB)),
        ({"memory_bytes": 100 * MIB, "memory_swap_bytes": -1}, "max"),
        ({"memory_bytes": 100 * MIB, "memory_swap_bytes": 100 * MIB}, "0"),
        ({}, "max"),
    ],
)
def test_the_limit_of_swap_is_what_docker_writes_whatever_swap_there_is(options, text):
    world = harbour()
    run(world, "d", "idle", **options)
    world.advance(2.0)
    assert read(world, "d", "memory.swap.max") == text


def test_the_peak_is_never_above_a_limit_that_was_always_there():
    world = harbour()
    run(world, "b", "membomb rate=900MiB/s", memory_bytes=256 * MIB)
    run(world, "w", "diskbomb", memory_bytes=64 * MIB)
    world.advance(10.0)
    assert 0.9 * 256 * MIB < int(read(world, "b", "memory.peak")) <= 256 * MIB
    assert int(read(world, "w", "memory.peak")) == 64 * MIB


def test_swap_that_its_neighbours_have_filled_is_no_room_for_a_container():
    world = harbour(memory_bytes=8 * GIB, swap_bytes=300 * MIB)
    first = run(world, "first", "idle memory=450MiB", memory_bytes=256 * MIB)
    second = run(world, "second", "leak rate=32MiB/s", memory_bytes=256 * MIB)
    world.advance(20.0)
    assert (first.state, second.state) == ("running", "exited")
    assert second.oom_killed
    assert first.memory.swapped == world.machine("h").kernel.memory.swapped
    assert_nothing_contradicts(world)


def test_swap_that_nobody_may_use_does_not_help_a_host_that_is_short():
    world = harbour(memory_bytes=2 * GIB, swap_bytes=4 * GIB)
    for name in "ab":
        run(world, name, "leak rate=100MiB/s", memory_bytes=3 * GIB // 2,
            memory_swap_bytes=3 * GIB // 2)  # fmt: skip
    world.advance(30.0)
    assert world.journal.count_of("OomKilled") >= 1
    assert world.machine("h").kernel.memory.swapped == 0
    assert_nothing_contradicts(world)


def test_what_is_reserved_stays_in_memory_while_the_rest_goes_to_swap():
    world = harbour(memory_bytes=2 * GIB, swap_bytes=4 * GIB)
    kept = run(world, "kept", "idle memory=500MiB", memory_low_bytes=GIB)
    loose = run(world, "loose", "idle memory=2GiB")
    world.advance(5.0)
    assert kept.memory.swapped == 0
    assert loose.memory.swapped == world.machine("h").kernel.memory.usage - 2 * GIB
    assert_nothing_contradicts(world)


def test_an_inner_cgroup_swaps_what_is_above_its_limit_and_only_its_members_wait():
    world = harbour(memory_bytes=4 * GIB, swap_bytes=2 * GIB)
    world.apply(CreateCgroup(name="blue", memory_bytes=300 * MIB))
    first = run(world, "a", "batch cpu=900s memory=200MiB", cgroup_parent="blue")
    second = run(world, "b", "idle memory=400MiB", cgroup_parent="blue", memory_bytes=256 * MIB)
    other = run(world, "c", "batch cpu=900s memory=200MiB")
    world.advance(10.0)
    blue = world.machine("h").kernel.slices["blue"].memory
    assert blue.resident == pytest.approx(300 * MIB, abs=16)
    assert blue.swapped == pytest.approx(first.memory.swapped + second.memory.swapped, abs=16)
    assert second.memory.swapped > 400 * MIB - 256 * MIB
    assert first.pacing.pace.lost > 10.0
    assert (other.memory.swapped, other.pacing.pace.lost) == (0, 1.0)
    assert_nothing_contradicts(world)
    assert charged_bytes(first) == 0  # a full group has no room for pages of files
    run(world, "d", "leak rate=100MiB/s", cgroup_parent="blue")
    world.advance(60.0)
    assert world.journal.count_of("OomKilled") >= 1
    assert_nothing_contradicts(world)


def test_an_inner_cgroup_whose_members_may_not_swap_is_short_at_its_limit():
    world = harbour(memory_bytes=4 * GIB, swap_bytes=2 * GIB)
    world.apply(CreateCgroup(name="blue", memory_bytes=300 * MIB))
    for name in "ab":
        run(world, name, "idle memory=200MiB", cgroup_parent="blue", memory_bytes=256 * MIB,
            memory_swap_bytes=256 * MIB)  # fmt: skip
    world.advance(5.0)
    assert world.journal.count_of("OomKilled") == 1
    assert_nothing_contradicts(world)


def test_pages_of_memory_min_never_leave_memory():
    root = MemoryGroup("root")
    root.paging = Paging(100, 1000)
    firm, soft = MemoryGroup("firm", parent=root), MemoryGroup("soft", parent=root)
    firm.bind(Bounds(min_bytes=60.0), float("inf"))
    soft.bind(Bounds(low_bytes=90.0), float("inf"))
    assert (firm.set_own(80), soft.set_own(90)) == (None, None)
    assert (firm.resident, soft.resident, root.swapped) == (60, 40, 70)
    assert soft.set_own(200) is None
    assert (firm.resident, soft.resident) == (60, 40)
    assert firm.set_own(2000) is root


limits = st.fixed_dictionaries(
    {},
    optional={
        "memory_bytes": st.sampled_from([64 * MIB, 256 * MIB]),
        "memory_high_bytes": st.just(48 * MIB),
        "memory_low_bytes": st.just(32 * MIB),
        "pids_limit": st.sampled_from([2, 100]),
        "cgroup_parent": st.just("blue"),
    },
)
programs = st.sampled_from([
    "idle memory=300MiB", "idle memory=1500MiB", "leak rate=40MiB/s", "membomb rate=300MiB/s",
    "forkbomb", "diskbomb", "diskbomb to=/dev/shm", "server cpu=5ms workers=4 per_request=5MiB",
    "batch cpu=9s io_bytes=9GiB buffered=0.5", "batch cpu=20s threads=3",
])  # fmt: skip
tenants = st.lists(st.tuples(programs, limits), min_size=1, max_size=4)
steps = st.one_of(
    st.tuples(st.sampled_from(["stop", "start", "pause"]), st.integers(0, 3)),
    st.tuples(st.just("limit"), st.integers(0, 3), st.sampled_from([32 * MIB, 128 * MIB])),
    st.tuples(st.just("vm"), st.sampled_from(["qemu", "firecracker"])),
    st.tuples(st.just("wait"), st.sampled_from([0.3, 2.0, 7.5])),
)


@given(tenants, st.lists(steps, max_size=4), st.sampled_from([0, 200 * MIB, 4 * GIB]))
@settings(max_examples=20, deadline=None, suppress_health_check=list(HealthCheck))
def test_whatever_happens_no_counter_of_memory_contradicts_another(these, story, swap_bytes):
    world = harbour(memory_bytes=2 * GIB, swap_bytes=swap_bytes)
    world.apply(CreateCgroup(name="blue", memory_bytes=200 * MIB))
    for number, (program, bounds) in enumerate(these):
        run(world, f"c{number}", program, **bounds)
    assert_nothing_contradicts(world)
    for step in [("wait", 1.0), *story, ("wait", 2.0)]:
        try:
            _take(world, *step)
        except DrydockError:
            continue
        world.advance(world.now + 0.4)
        assert_nothing_contradicts(world)


def _take(world, kind, name, *more):
    if kind == "vm":
        world.apply(CreateVm(name="v", vcpus=1, memory_bytes=GIB, hypervisor=name))
    elif kind == "wait":
        world.advance(world.now + name)
    elif kind == "limit":
        world.apply(UpdateContainer(name=f"c{name}", memory_bytes=more[0]))
    else:
        order = {"stop": StopContainer, "start": StartContainer, "pause": PauseContainer}[kind]
        world.apply(order(name=f"c{name}"))


def crowd(count):
    """A kernel with swap and so many cgroups, all of which want more than there is."""
    root = MemoryGroup("root")
    root.paging = Paging(1000 * count, 10_000 * count)
    members = [MemoryGroup(f"m{number}", parent=root) for number in range(count)]
    for one in members:
        one.set_own(2000)
    return members


def test_a_charge_and_a_look_cost_the_same_however_many_cgroups_there_are():
    def cost(count):
        members = crowd(count)
        return steps_of(lambda: (members[0].set_own(2500), members[0].swapped, members[0].resident))

    assert cost(200) == cost(20)
