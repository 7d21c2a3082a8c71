"""A machine that ends tenants before its memory runs out."""

from __future__ import annotations

from simulator.shell import Session
from simulator.world import World


def lines(session: Session, *typed: str) -> None:
    for line in typed:
        result = session.execute(line)
        assert result.error is None, result.error


def short_of_memory(tmp_path, evict: str) -> World:
    session = Session(World(1), folder=tmp_path)
    lines(
        session,
        "host add a --cores 4 --memory 1g",
        f"tune a --evict {evict}",
        "docker run -d --name modest --memory-reservation 300m "
        "--workload 'server cpu=1ms memory=250MiB' alpine",
        "docker run -d --name greedy --memory-reservation 100m "
        "--workload 'leak rate=4MiB/s' alpine",
        "advance 5m",
    )
    return session.world


def kinds(world: World) -> list[tuple[str, str]]:
    told = ("ContainerEvicted", "OomKilled")
    return [
        (type(one.event).__name__, one.event.subject)
        for one in world.journal
        if type(one.event).__name__ in told
    ]


def test_whoever_is_above_its_request_is_evicted_before_the_kernel_kills(tmp_path) -> None:
    world = short_of_memory(tmp_path, "on")
    first = next(one.event for one in world.journal if "Evicted" in type(one.event).__name__)
    assert kinds(world) == [("ContainerEvicted", "greedy")]
    assert 0 < first.available_bytes < 100 << 20
    assert world.container("greedy").exit_code == 137
    assert world.container("modest").running


def test_without_eviction_the_kernel_has_to_kill(tmp_path) -> None:
    assert kinds(short_of_memory(tmp_path, "off"))[0][0] == "OomKilled"
