"""The cost of stations that come, go and wait, in calls: twice as many, twice the work."""

from __future__ import annotations

import sys
from collections.abc import Callable

import pytest
from harbour import add_host, harbour, run, send
from hypothesis import given
from hypothesis import strategies as st

from simulator.machine.cpu.counts import Counts
from simulator.machine.cpu.share import CpuGroup
from simulator.traffic.balancer import LeastConnections
from simulator.world import World
from simulator.world.commands import RemoveContainer


def calls(work: Callable[[], object]) -> int:
    """How many Python functions a piece of work calls."""
    count = 0

    def note(_frame, event: str, _argument) -> None:
        nonlocal count
        count += event == "call"

    before = sys.getprofile()
    sys.setprofile(note)
    try:
        work()
    finally:
        sys.setprofile(before)
    return count


def servers(count: int, *, hosts: int = 1, cores: int = 8, **options) -> World:
    """So many servers of one service, under way to their start."""
    world = World(1)
    for number in range(hosts):
        add_host(world, f"h{number}", cores=cores, memory_bytes=1 << 40)
    for number in range(count):
        where = f"h{number % hosts}"
        run(world, f"c{number}", "server cpu=20ms", aliases=("web",), machine=where, **options)
    world.advance(0.01)
    return world


def test_starting_twice_as_many_on_one_crowded_host_costs_twice_as_much():
    worlds = [servers(count) for count in (60, 120)]
    few, many = (calls(lambda world=world: world.advance(0.99)) for world in worlds)
    assert many <= 2.5 * few


def test_removing_twice_as_many_from_one_crowded_host_costs_twice_as_much():
    def remove(world: World) -> None:
        for name in list(world.containers):
            world.apply(RemoveContainer(name=name, force=True))
        world.advance(world.now + 0.5)

    worlds = [servers(count) for count in (60, 120)]
    for world in worlds:
        world.advance(5.0)
    few, many = (calls(lambda world=world: remove(world)) for world in worlds)
    assert many <= 2.5 * few


def test_traffic_to_a_service_begins_at_the_same_cost_however_many_answer():
    worlds = [servers(count, hosts=10) for count in (40, 80)]
    for world in worlds:
        world.director.make("web")
        world.advance(5.5)
    few, many = (calls(lambda world=world: send(world, "100")) for world in worlds)
    assert many <= few + 10


@pytest.mark.parametrize("rule", ["round-robin", "least-connections"])
def test_joining_a_service_that_has_no_traffic_costs_the_same_however_many_answer(rule):
    worlds = [servers(count, hosts=10) for count in (40, 80)]
    for world in worlds:
        world.director.make("web", rule)
    few, many = (calls(lambda world=world: world.advance(0.99)) for world in worlds)
    assert [len(world.services["web"].endpoints) for world in worlds] == [40, 80]
    assert many <= 2.2 * few


def test_an_instant_elsewhere_costs_nobody_who_waits_for_his_own():
    def instants(world: World, count: int) -> None:
        start = world.now
        for number in range(count):
            world.sim.at(start + 0.2 * number / count, str)
        world.advance(start + 0.2)

    counted = []
    for jobs in (0, 40):
        world = harbour()
        for number in range(jobs):
            run(world, f"job-{number}", "batch cpu=50s")
        world.advance(1.3)
        counted.append(calls(lambda world=world: instants(world, 200)))
    alone, beside = counted
    assert beside <= alone + 100


def test_a_group_knows_without_asking_its_children_what_could_ever_run():
    def tree(children: int) -> list[CpuGroup]:
        root = CpuGroup("host", limit=1000.0)
        slices = [CpuGroup(f"s{i}", parent=root, limit=4.0) for i in range(4)]
        return [CpuGroup(f"g{i}", parent=slices[i % 4]) for i in range(children)]

    few, many = (
        calls(lambda groups=groups: [one.occupy(2.0) for one in groups])
        for groups in (tree(50), tree(100))
    )
    assert many <= 2.5 * few


GROUPS = st.lists(
    st.tuples(st.integers(0, 5), st.sampled_from([0.0, 1.0, 2.0, float("inf")])), max_size=30
)


@given(changes=GROUPS, limits=st.lists(st.sampled_from([1.0, 3.0, float("inf")]), min_size=3))
def test_what_could_be_exceeded_is_kept_as_a_count_would_find_it(changes, limits):
    root = CpuGroup("host", limit=4.0)
    inner = [CpuGroup("a", parent=root, limit=limits[0]), CpuGroup("b", parent=root)]
    leaves = [CpuGroup(f"l{i}", parent=inner[i % 2], limit=limits[1]) for i in range(6)]
    held = [0.0] * 6
    for leaf, threads in changes:
        leaves[leaf].occupy(threads)
        held[leaf] = threads

    def most(group: CpuGroup) -> float:
        return min(group.limit, wanted(group))

    def wanted(group: CpuGroup) -> float:
        if group in leaves:
            return held[leaves.index(group)]
        return sum(most(child) for child in group.children)

    groups = [root, *inner, *leaves]
    assert root.tight == sum(wanted(group) > group.limit for group in groups)
    assert [group.most_threads for group in groups] == [most(group) for group in groups]


@given(
    inside=st.lists(st.integers(0, 4), min_size=1, max_size=70),
    moves=st.lists(st.tuples(st.integers(0, 10**6), st.booleans()), max_size=60),
)
def test_the_fewest_are_found_at_once_as_by_looking_at_all(inside, moves):
    plain, kept = LeastConnections(None), LeastConnections(None)
    counts = Counts(inside)
    for where, up in moves:
        place = where % len(inside)
        change = 1 if up or not inside[place] else -1
        inside[place] += change
        counts[place] += change
        assert kept.pick(counts) == plain.pick(inside)
    assert list(counts) == inside


@pytest.mark.parametrize("rule", ["round-robin", "random", "least-connections"])
def test_a_server_whose_memory_ends_dies_at_the_same_instant_alone_and_among_others(rule):
    ends = []
    for others in (0, 6):
        world = harbour(cores=32)
        world.director.make("web", rule)
        run(world, "a", "server cpu=1s queue=1000 per_request=1MiB", memory_bytes=80 << 20)
        for number in range(others):
            run(world, f"b{number}", "batch cpu=3s")
        world.advance(3.0)
        world.director.list_in(world.services["web"], world.container("a"))
        send(world, "20")
        world.advance(12.0)
        ends.append(world.container("a").finished_at)
    assert ends[0] is not None
    assert ends[0] == ends[1]


def test_a_second_of_light_traffic_with_its_sample_costs_each_container_a_handful_of_calls():
    worlds = [servers(count, hosts=count // 10, cores=16) for count in (60, 120)]
    for world in worlds:
        world.director.make("web")
        world.advance(5.5)
        send(world, f"{2 * len(world.containers)}")
        world.advance(8.0)
    few, many = (calls(lambda world=world: world.advance(12.0)) for world in worlds)
    assert many <= 2.5 * few
    assert many - few <= 4 * 60 * 20
