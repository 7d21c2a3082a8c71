"""Transfers beside requests: the disk and the card move what they can, whoever uses them."""

from __future__ import annotations

from functools import partial

import pytest
from calls import calls
from harbour import harbour, run, send, serve
from hypothesis import given, settings
from hypothesis import strategies as st

from simulator.engine.checkpoint import Checkpoint, can_copy
from simulator.image.events import ImagePulled
from simulator.world.commands import PullImage
from simulator.world.history import SHARED

DISK = 200e6
CARD = 125e6
MIB = 1 << 20
GIB = 1 << 30


def world_with(*workloads, traffic=()):
    """A world in which these have started and get what traffic there is."""
    world = harbour(memory_bytes=64 * GIB)
    for number, workload in enumerate(workloads):
        if workload.startswith("server"):
            serve(world, workload, service=f"s{number}")
        else:
            run(world, f"c{number}", workload)
    world.advance(5.0)
    for service, words in traffic:
        send(world, words, service)
    return world


def flow(world, size, *, link="disk", **options):
    """Bytes over the disk or the card of the host, from now on."""
    return world.network.start([getattr(world.machine("h"), link)], size, **options)


def ended(world, one, by_s=100.0):
    """Seconds that a flow has taken."""
    world.advance(world.now + by_s)
    return one.finished_at_s - one.started_at_s


def lanes_bytes(world, link="disk"):
    """What containers have moved over the device."""
    world.fabric.settle()
    lanes = [one.lanes for one in world.containers.values() if one.lanes is not None]
    if link == "disk":
        return DISK * sum(one.disk.used + one.bomb.used for one in lanes)
    return CARD * sum(one.network.used + one.flood.used for one in lanes)


READER = "batch cpu=1us io_bytes=100GiB"
"""It computes for a moment in each of its hundred rounds, and reads else."""


def test_a_flow_beside_somebody_who_reads_without_end_gets_half_of_the_disk():
    world = world_with(READER)
    assert ended(world, flow(world, DISK)) == pytest.approx(2.0, rel=1e-6)


def test_a_flow_that_wants_less_than_its_share_is_not_slowed_and_slows_the_other_by_as_much():
    world = world_with(READER)
    before = lanes_bytes(world)
    one = flow(world, DISK, cap=DISK / 4)
    world.advance(world.now + 2.0)
    assert lanes_bytes(world) - before == pytest.approx(2 * DISK * 3 / 4, rel=1e-6)
    assert ended(world, one) == pytest.approx(4.0, rel=1e-6)


def test_all_flows_on_a_device_are_one_tenant_of_it():
    world = world_with(READER)
    flows = [flow(world, DISK / 10) for _ in range(40)]
    world.advance(world.now + 100.0)
    last = max(one.finished_at_s - one.started_at_s for one in flows)
    assert last == pytest.approx(8.0, rel=1e-6)


def test_a_request_beside_a_flow_takes_twice_as_long_on_the_disk_and_the_flow_loses_that_much():
    needs = "server cpu=1ms dist=constant workers=1 io_bytes=1MiB"
    world = world_with(needs, traffic=[("s0", "constant 1/s")])
    one = flow(world, 10 * DISK)
    took = ended(world, one)
    tally = world.services["s0"].tally.latencies
    alone, beside = 0.001 + MIB / DISK, 0.001 + 2 * MIB / DISK
    count = round((tally.total - tally.count * alone) / (beside - alone))
    assert count in (10, 11)
    assert took == pytest.approx(10.0 + count * MIB / DISK, abs=1e-3)


def test_a_reader_that_comes_while_a_flow_is_under_way_slows_it_from_then_on():
    world = world_with()
    one = flow(world, 10 * DISK)
    run(world, "late", READER)
    world.advance(5.0 + 100.0)
    late = world.container("late")
    alone = late.ready_at - one.started_at_s
    took = one.finished_at_s - one.started_at_s
    assert took == pytest.approx(alone + 2 * (10.0 - alone), rel=1e-6)


def test_a_network_bomb_and_a_flow_share_the_card():
    world = world_with("netbomb")
    one = flow(world, CARD, link="nic")
    assert ended(world, one) == pytest.approx(2.0, rel=1e-6)


def test_nothing_changes_for_a_flow_beside_containers_that_use_another_device():
    world = world_with("batch cpu=1ms net_bytes=100GiB")
    one = flow(world, DISK / 3)
    other = flow(world, DISK / 7)
    world.advance(world.now + 10.0)
    assert (other.finished_at_s - other.started_at_s) == pytest.approx(2 / 7, rel=1e-12)
    assert (one.finished_at_s - one.started_at_s) == pytest.approx(1 / 3 + 1 / 7, rel=1e-12)


def test_the_rate_of_a_flow_is_what_it_gets():
    world = world_with(READER)
    one = flow(world, 100 * DISK)
    world.advance(world.now + 1.0)
    link = world.machine("h").disk
    assert one.rate == link.rate_bytes_s == pytest.approx(DISK / 2, rel=1e-9)
    assert link.utilisation == pytest.approx(0.5, rel=1e-9)


def pulled_in(world, image="postgres"):
    """Seconds that a pull takes from now on."""
    begin = world.now
    world.apply(PullImage(reference=image, machine="h"))
    world.advance(begin + 60.0)
    done = [one.time for one in world.journal if isinstance(one.event, ImagePulled)]
    return done[-1] - begin


def test_a_pull_beside_a_busy_disk_takes_longer_and_slows_what_reads():
    quiet = pulled_in(world_with())
    # With seven who read it gets an eighth of the disk, less than unpacking can do.
    world = world_with(*[READER] * 7)
    begin, before = world.now, lanes_bytes(world)
    busy = pulled_in(world)
    unpacked = world.machine("h").disk.transferred_bytes
    assert busy > quiet + 1.0
    read = lanes_bytes(world) - before
    assert read == pytest.approx(DISK * (world.now - begin) - unpacked, rel=1e-4)


def test_a_world_copied_while_a_flow_and_a_reader_share_a_disk_goes_on_as_it_does():
    world = world_with(READER)
    flow(world, 3 * DISK)
    world.advance(world.now + 1.0)
    assert can_copy(world.sim)
    twin = Checkpoint.of(world, world.sim, SHARED).restore()
    for seconds in (2.0, 10.0):
        moved = []
        for one in (world, twin):
            one.advance(one.now + seconds)
            moved.append((one.machine("h").disk.transferred_bytes, lanes_bytes(one)))
        assert moved[0] == moved[1]
    assert not twin.machine("h").disk.flows


def test_looking_at_a_flow_changes_nothing():
    ends = []
    for step in (100.0, 0.37):
        world = world_with(READER)
        one = flow(world, 3 * DISK)
        while one.active:
            world.advance(world.now + step)
            assert one.transferred_bytes <= one.size_bytes
        ends.append(one.finished_at_s)
    assert ends[0] == pytest.approx(ends[1], abs=1e-9)


def test_how_often_a_flow_is_looked_at_does_not_grow_with_the_requests_beside_it():
    looks = []
    for rate in (20, 40):
        needs = "server cpu=1us dist=constant workers=1000 io_bytes=64KiB"
        world = world_with(needs, traffic=[("s0", f"constant {rate}/s")])
        one = flow(world, 2 * DISK)
        device, asked = world.machine("h").disk.beside, []
        device.pace = partial(_noted, asked, device.pace)
        ended(world, one, by_s=4.0)
        looks.append(len(asked))
    assert 1 <= looks[0] <= 30
    assert looks[1] <= 30


def _noted(asked, pace):
    asked.append(1)
    return pace()


def test_flows_on_machines_without_such_containers_ask_nobody():
    costs = []
    for number in (20, 40):
        world = world_with()
        costs.append(calls(partial(_many_flows, world, number)))
    assert costs[1] <= 2.5 * costs[0]
    assert world.machine("h").disk.beside.stood_s() == 0.0


def _many_flows(world, number):
    for size in range(1, number + 1):
        flow(world, size * 1e6)
    world.advance(world.now + 100.0)


@settings(max_examples=12, deadline=None)
@given(
    rate=st.integers(1, 150),
    sizes=st.lists(st.floats(1e6, 4e8), min_size=1, max_size=4),
    steps=st.lists(st.floats(0.01, 0.7), min_size=3, max_size=6),
    link=st.sampled_from(["disk", "nic"]),
)
def test_flows_and_requests_together_move_no_more_than_the_device(rate, sizes, steps, link):
    kind, whole = ("io_bytes", DISK) if link == "disk" else ("net_bytes", CARD)
    needs = f"server cpu=1ms dist=constant workers=4 queue=50 {kind}=1MiB"
    world = world_with(needs, traffic=[("s0", f"poisson {rate}/s")])
    device = getattr(world.machine("h"), link)
    for number, step in enumerate(steps):
        if number < len(sizes):
            flow(world, sizes[number], link=link)
        begin = world.now, lanes_bytes(world, link) + device.transferred_bytes
        world.advance(world.now + step)
        moved = lanes_bytes(world, link) + device.transferred_bytes - begin[1]
        interval = world.now - begin[0]
        assert moved <= whole * (interval * (1 + 1e-9) + 1e-9)
