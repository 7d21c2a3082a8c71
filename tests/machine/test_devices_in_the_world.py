"""Disks and network cards in the living world: what is asked of them, and what they move."""

from __future__ import annotations

import pytest
from harbour import harbour, run, send, serve

from simulator.look.why import explain

GIB = 1 << 30
DISK_S = (1 << 20) / 200e6
"""A MiB on the disk of the harbour's host."""
CARD_S = (1 << 20) / 125e6


def mean_latency(workers, needs, traffic="constant 1/s", seconds=20.0):
    world = harbour(memory_bytes=64 * GIB)
    service = serve(world, f"server cpu=1ms dist=constant workers={workers} {needs}")
    send(world, traffic)
    world.advance(seconds)
    world.fabric.settle()
    return service.tally.latencies.total / service.tally.latencies.count


@pytest.mark.parametrize("workers", [1, 8, 64, 256])
def test_a_request_alone_on_a_disk_takes_its_own_time_whatever_threads_there_are(workers):
    assert mean_latency(workers, "io_bytes=1MiB") == pytest.approx(0.001 + DISK_S, abs=1e-9)


@pytest.mark.parametrize("workers", [1, 8])
def test_a_request_alone_on_a_network_card_takes_its_own_time(workers):
    assert mean_latency(workers, "net_bytes=1MiB") == pytest.approx(0.001 + CARD_S, abs=1e-9)


def jobs(count, mib, **options):
    """So many jobs that read at one instant: when each ended, from when the last became ready."""
    world = harbour(memory_bytes=64 * GIB)
    found = [
        run(world, f"j{i}", f"batch cpu=1ms io_bytes={mib}MiB", **options) for i in range(count)
    ]
    world.advance(60.0)
    assert {one.state for one in found} == {"exited"}
    first = min(one.started_at for one in found)
    return [one.finished_at - first for one in found]


def test_twenty_short_jobs_move_no_more_than_the_disk_does():
    assert max(jobs(20, 100)) == pytest.approx(2000 * DISK_S, rel=1e-4)


def test_two_jobs_share_a_disk_equally():
    first, last = sorted(jobs(2, 2000))
    assert last == pytest.approx(4000 * DISK_S, rel=1e-4)
    # One began a moment before the other.
    assert first == pytest.approx(last, rel=0.01)


def test_a_limit_of_bytes_per_second_holds_for_one_job_alone():
    assert jobs(1, 100, io_bytes_s=50e6) == pytest.approx([100 * DISK_S * 4 + 0.001], rel=1e-9)


def test_a_request_that_waits_for_its_disk_needs_no_core():
    # 32 threads on 8 cores, all of them reading: cores stay free for the neighbour.
    world = harbour(memory_bytes=64 * GIB)
    serve(world, "server cpu=1ms dist=constant workers=32 queue=1000 io_bytes=1MiB")
    send(world, "constant 1000/s")
    world.advance(10.0)
    job = run(world, "job", "batch cpu=8s threads=8")
    world.advance(20.0)
    # Of eight cores the server computes on 0.19: what its disk lets through.
    assert job.finished_at - job.started_at == pytest.approx(1.0, rel=0.05)


def test_why_names_the_device_and_what_of_it_a_container_gets():
    world = harbour(memory_bytes=64 * GIB)
    for name in ("a", "b"):
        run(world, name, "batch cpu=1ms io_bytes=20000MiB")
    world.advance(30.0)
    world.settle()
    text = "\n".join(explain(world, "a"))
    assert "disk of h: 200MB/s, of which it gets 100MB/s" in text


def test_why_tells_a_limit_of_its_own():
    world = harbour(memory_bytes=64 * GIB)
    run(world, "a", "batch cpu=1ms io_bytes=20000MiB", io_bytes_s=50e6)
    world.advance(30.0)
    world.settle()
    text = "\n".join(explain(world, "a"))
    assert "which it gets 50MB/s while it uses it; its own limit allows 50MB/s" in text


def test_a_network_bomb_takes_half_of_the_card_from_answers():
    world = harbour(memory_bytes=64 * GIB)
    run(world, "bomb", "netbomb")
    service = serve(world, "server cpu=1ms dist=constant workers=1 net_bytes=1MiB")
    send(world, "constant 1/s")
    world.advance(20.0)
    world.fabric.settle()
    lost = world.container("web-0").pacing.pace.lost
    latency = service.tally.latencies.total / service.tally.latencies.count
    assert latency == pytest.approx(0.001 * lost + 2 * CARD_S, rel=1e-9)
