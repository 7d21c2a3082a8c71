"""What a large world costs: to set up, to let live, to look at, to take back."""

from __future__ import annotations

from pathlib import Path
from tempfile import gettempdir

from simulator.report.bench.clock import cpu_s, peak_mib
from simulator.report.bench.measured import Measured, cost, memory, ratio
from simulator.report.bench.worlds import hosts, servers, shared, start_traffic
from simulator.shell import Session
from simulator.world import World
from simulator.world.commands import CreateService

HOUR_S = 3600.0


def _times_real_time(world: World, seconds: float) -> float:
    return seconds / cpu_s(lambda: world.advance(world.now + seconds))


def _typed(session: Session, line: str) -> None:
    """A line that does what it says: one that is refused costs nothing."""
    assert session.execute(line).error is None, line


def _started(count: int, on: int, cores: int) -> tuple[float, float]:
    """CPU seconds and MiB of starting so many servers on hosts that have the image."""
    world = hosts(on, cores)
    before = peak_mib()
    took = cpu_s(lambda: servers(world, count, "server cpu=20ms", on))
    assert len(world.containers) == count
    return took, peak_mib() - before


def one_host() -> list[Measured]:
    """Many servers started on one host: each must not cost more than the one before."""
    half, _ = _started(500, 1, 64)
    whole, _ = _started(1000, 1, 64)
    return [
        cost("1,000 servers started on one host", whole, 2.0, before=17.0),
        Measured(what="the same against 500", value=whole / half, unit="x", promised=2.3,
                 at_most=True, before=4.1),
    ]  # fmt: skip


def thousand_hosts() -> list[Measured]:
    """Ten servers on each of 1,000 hosts."""
    took, mib = _started(10_000, 1000, 16)
    what = "10,000 servers started on 1,000 hosts"
    return [cost(what, took, 4.0, before=22.0), memory(f"{what}: memory", mib, 200.0)]


def five_thousand_hosts() -> list[Measured]:
    """Ten servers on each of 5,000 hosts."""
    took, mib = _started(50_000, 5000, 16)
    what = "50,000 servers started on 5,000 hosts"
    return [
        cost(what, took, 25.0, before=157.0),
        memory(f"{what}: memory", mib, 700.0, before=2300.0),
    ]


def big_service() -> list[Measured]:
    """One service of 10,000 endpoints: traffic to it, a lively world, a screen of it."""
    world = servers(hosts(1000, 16), 10_000, "server cpu=10ms workers=4", 1000)
    took = cpu_s(lambda: start_traffic(world, "20000"))
    lively = _times_real_time(world, 30.0)
    return [
        cost("traffic to a service of 10,000 containers", took, 0.7, before=35.0),
        ratio("10,000 containers on 1,000 hosts, 20,000 requests/s: real time", lively, 60.0,
              before=31.0),
    ]  # fmt: skip


def least_connections(seconds: float = 10.0) -> list[Measured]:
    """1,000 servers that join a balancer that looks at them all, and requests to them."""
    world = hosts(100, 16)
    world.apply(CreateService(name="web", balancer="least-connections"))

    def lively() -> None:
        servers(world, 1000, "server cpu=10ms workers=4", 100)
        start_traffic(world, "2000")
        world.advance(world.now + seconds)

    took = cpu_s(lively)
    service = world.services["web"]
    assert service.balancer.looks
    assert len(service.endpoints) == 1000
    return [cost("1,000 endpoints, least connections, started and sent 20,000 requests", took, 3.0,
                 before=56.0)]  # fmt: skip


def empty_hosts() -> list[Measured]:
    """Whoever does nothing costs nothing."""
    world = hosts(5000, 16)
    return [ratio("5,000 empty hosts: real time", _times_real_time(world, HOUR_S), 300.0)]


def cluster(seconds: float = 20.0) -> list[Measured]:
    """100 hosts, 1,000 containers, 2,000 requests/s."""
    world = servers(hosts(100, 16), 1000, "server cpu=10ms workers=4", 100)
    start_traffic(world, "2000")
    what = "100 hosts, 1,000 containers, 2,000 requests/s: real time"
    return [ratio(what, _times_real_time(world, seconds), 75.0, before=69.0)]


def tenants(seconds: float = 20.0) -> list[Measured]:
    """VMs and containers that disturb each other."""
    world = shared(1000)
    start_traffic(world, "2000")
    what = "50 hosts, 200 VMs, 1,000 containers sharing caches, 2,000 requests/s: real time"
    return [ratio(what, _times_real_time(world, seconds), 60.0, before=67.0)]


def hour() -> list[Measured]:
    """An hour of 100 hosts, and taking back what was typed at its end."""
    world = servers(hosts(100, 16), 1000, "server cpu=10ms workers=4", 100)
    session = Session(world, folder=Path(gettempdir()))
    _typed(session, "traffic web 2000")
    before = peak_mib()
    world.advance(world.now + HOUR_S)
    grown = peak_mib() - before
    _typed(session, "docker stop web-0")
    return [
        memory("an hour of that: memory", grown, 150.0),
        cost("undo after that hour", cpu_s(lambda: _typed(session, "undo")), 3.0, before=64.0),
    ]


def removals() -> list[Measured]:
    """Taking back one line that removed 200 containers."""
    world = servers(hosts(1, 64), 200, "server cpu=20ms", 1)
    session = Session(world, folder=Path(gettempdir()))
    names = " ".join(f"web-{number}" for number in range(200))
    _typed(session, f"docker rm -f {names}")
    took = cpu_s(lambda: _typed(session, "undo"))
    assert len(session.world.containers) == 200
    return [cost("undo of a line of 200 removals", took, 1.0, before=43.7)]
