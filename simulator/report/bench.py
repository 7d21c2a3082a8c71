"""``drydock bench``: how fast the model is, in figures that compare with something.

Everything runs in this process, on one core, and is measured in CPU time. Figures that matter are
ratios taken in one run: machines differ, ratios less so.
"""

from __future__ import annotations

import gc
import platform
import subprocess
import sys
from collections.abc import Callable
from time import perf_counter, process_time

import msgspec
import numpy as np

from simulator.machine.cpu.fifo import FifoLine
from simulator.machine.cpu.share import CpuGroup
from simulator.machine.cpu.sharing import solve
from simulator.machine.cpu.station import Quota, Station
from simulator.report import baseline
from simulator.traffic.spec import parse_traffic
from simulator.world import World
from simulator.world.commands import CreateHost, CreateVm, PullImage, RunContainer, StartTraffic

IMAGE = "python:3.12-slim"
GROWTH = (1, 10, 100, 1000)


class Path(msgspec.Struct, frozen=True):
    """One way of serving: requests per second of each implementation, and the ratios."""

    name: str
    whole_path_per_s: float
    simpy_per_s: float
    bare_loop_per_s: float
    times_simpy: float
    share_of_bare_loop: float
    target_per_s: float
    target_times_simpy: float


class Growth(msgspec.Struct, frozen=True):
    """The same load on more containers."""

    containers: int
    requests_per_s: float


class Cluster(msgspec.Struct, frozen=True):
    """A large world under load."""

    hosts: int
    containers: int
    load_per_s: float
    times_real_time: float
    setup_s: float
    vms: int = 0


class Results(msgspec.Struct, frozen=True):
    """Everything that the benchmark measures."""

    machine: str
    python: str
    numpy: str
    paths: list[Path]
    growth: list[Growth]
    growth_ratio: float
    cluster: Cluster
    tenants: Cluster
    start_s: dict[str, float]


# --- the whole path -----------------------------------------------------------------------------


def world_with(
    containers: int, hosts: int, cores: int, workload: str, cpus: float | None = None
) -> World:
    """A world whose containers answer for the service ``web``."""
    world = World(1)
    for number in range(hosts):
        world.apply(CreateHost(name=f"host-{number}", cores=cores, memory_bytes=256 << 30))
        world.apply(PullImage(reference=IMAGE, machine=f"host-{number}"))
    world.advance(120.0)
    for number in range(containers):
        world.apply(
            RunContainer(
                image=IMAGE,
                name=f"web-{number}",
                machine=f"host-{number % hosts}",
                aliases=("web",),
                workload=workload,
                cpus=cpus,
            )
        )
    world.advance(240.0)
    return world


def load(world: World, traffic: str, seconds: float) -> tuple[int, float]:
    """Requests served in so many simulated seconds, and the CPU seconds that it took."""
    world.apply(StartTraffic(service="web", spec=parse_traffic(traffic.split())))
    before = world.services["web"].tally.arrived
    gc.collect()
    began = process_time()
    world.advance(world.now + seconds)
    world.settle()
    return world.services["web"].tally.arrived - before, process_time() - began


def _best(measure: Callable[[], float], times: int = 3) -> float:
    return max(measure() for _ in range(times))


def _whole(workload: str, cores: int, rate: float, requests: int, cpus: float | None) -> float:
    def once() -> float:
        world = world_with(1, 1, cores, workload, cpus)
        served, seconds = load(world, f"{rate:g}", requests / rate)
        return served / seconds

    return _best(once)


def _draws(rate: float, mean_s: float, count: int) -> tuple[list[float], list[float]]:
    stream = np.random.default_rng(1)
    times = np.cumsum(stream.standard_exponential(count) / rate)
    return times.tolist(), (stream.standard_exponential(count) * mean_s).tolist()


def _per_s(count: int, run: Callable[[], object]) -> float:
    gc.collect()
    began = process_time()
    run()
    return count / (process_time() - began)


def _path(name: str, whole: float, simpy: float, bare: float, target: float, times: float) -> Path:
    return Path(name, whole, simpy, bare, whole / simpy, whole / bare, target, times)


def fifo_path(requests: int) -> Path:
    """First come, first served: 8 workers of 1 ms at 80 % load."""
    workers, mean_s, rate = 8, 0.001, 6400.0
    whole = _whole(f"server cpu=1ms workers={workers} queue=unlimited", 16, rate, requests, None)
    times, works = _draws(rate, mean_s, 60_000)
    simpy = _best(lambda: _per_s(60_000, lambda: baseline.fifo(times, works, workers)), 2)
    at, work = np.array(times), np.array(works)
    line = FifoLine(workers, np.inf, 0.0)
    bare = _per_s(60_000, lambda: line.advance(at, work, times[-1]))
    return _path("fifo", whole, simpy, bare, 1e6, 15.0)


def quota_path(requests: int) -> Path:
    """One worker of 0.1 ms with 0.5 CPU, at 80 % of the quota."""
    mean_s, rate = 0.0001, 4000.0
    whole = _whole("server cpu=0.1ms workers=1 queue=unlimited", 4, rate, requests, 0.5)
    times, works = _draws(rate, mean_s, 60_000)
    simpy = _best(lambda: _per_s(60_000, lambda: baseline.quota(times, works, 0.05, 0.1)), 2)
    station = Station("bench", CpuGroup("bench", limit=4.0), quota=Quota(0.05))
    bare = _per_s(60_000, lambda: solve(station, 4.0, times, works, times[-1]))
    return _path("quota", whole, simpy, bare, 3e5, 5.0)


def sharing_path(requests: int) -> Path:
    """Processor sharing on one core at 80 % load."""
    mean_s, rate = 0.0001, 8000.0
    whole = _whole("server cpu=0.1ms workers=unlimited", 1, rate, requests, None)
    times, works = _draws(rate, mean_s, 60_000)
    simpy = _best(lambda: _per_s(60_000, lambda: baseline.sharing(times, works)), 2)
    station = Station("bench", CpuGroup("bench", limit=1.0), workers=np.inf)
    bare = _per_s(60_000, lambda: solve(station, 1.0, times, works, times[-1]))
    return _path("processor sharing", whole, simpy, bare, 3e5, 5.0)


# --- growth, clusters, start-up -----------------------------------------------------------------


def growth(seconds: float) -> list[Growth]:
    """50,000 requests/s spread over more and more containers, ten to a host."""
    found = []
    for containers in GROWTH:

        def once(count: int = containers) -> float:
            hosts = max(1, count // 10)
            world = world_with(count, hosts, 128, f"server cpu=1ms workers={max(2, 128 // count)}")
            served, took = load(world, "50000", seconds)
            return served / took

        found.append(Growth(containers, _best(once, 2)))
    return found


def cluster(seconds: float) -> Cluster:
    """100 hosts, 1,000 containers, 2,000 requests/s."""
    began = process_time()
    world = world_with(1000, 100, 16, "server cpu=10ms workers=4")
    setup_s = process_time() - began
    _, took = load(world, "2000", seconds)
    return Cluster(100, 1000, 2000.0, seconds / took, setup_s)


def tenants(seconds: float) -> Cluster:
    """50 hosts, 200 VMs, 1,000 containers on hosts and in VMs that disturb each other."""
    began = process_time()
    world = World(1)
    for number in range(50):
        world.apply(CreateHost(name=f"host-{number}", cores=32, memory_bytes=128 << 30))
    for number in range(200):
        on = f"host-{number % 50}"
        world.apply(CreateVm(name=f"vm-{number}", machine=on, vcpus=4, memory_bytes=4 << 30))
    world.advance(60.0)
    for name in list(world.machines):
        world.apply(PullImage(reference=IMAGE, machine=name))
    world.advance(300.0)
    for number in range(1000):
        world.apply(
            RunContainer(
                image=IMAGE,
                name=f"web-{number}",
                machine=f"vm-{number % 200}" if number % 2 else f"host-{number % 50}",
                aliases=("web",),
                workload="server cpu=5ms workers=2 syscalls=20 packets=4 cache=0.3",
            )
        )
    world.advance(360.0)
    setup_s = process_time() - began
    _, took = load(world, "2000", seconds)
    return Cluster(50, 1000, 2000.0, seconds / took, setup_s, 200)


def start_times(runs: int = 5) -> dict[str, float]:
    """Wall seconds, the median of several, of commands that start from nothing."""
    commands = {
        "python -c pass": [sys.executable, "-c", "pass"],
        "drydock --version": [sys.executable, "-m", "simulator", "--version"],
        "drydock list": [sys.executable, "-m", "simulator", "list"],
        "import of the workbench": [sys.executable, "-c", "import simulator.tui.app"],
    }
    found = {}
    for name, command in commands.items():
        walls = []
        for _ in range(runs):
            began = perf_counter()
            subprocess.run(command, check=True, capture_output=True)
            walls.append(perf_counter() - began)
        found[name] = sorted(walls)[runs // 2]
    return found


# --- all of it ----------------------------------------------------------------------------------


def measure(requests: int = 400_000, seconds: float = 20.0) -> Results:
    """Run everything; about half a minute."""
    paths = [fifo_path(requests * 2), quota_path(requests), sharing_path(requests)]
    grown = growth(seconds / 2)
    rates = [one.requests_per_s for one in grown]
    return Results(
        machine=f"{platform.machine()}, {_processor()}",
        python=platform.python_version(),
        numpy=np.__version__,
        paths=paths,
        growth=grown,
        growth_ratio=max(rates) / min(rates),
        cluster=cluster(seconds),
        tenants=tenants(seconds),
        start_s=start_times(),
    )


def _processor() -> str:
    try:
        with open("/proc/cpuinfo", encoding="utf-8") as lines:
            named = [line.partition(":")[2].strip() for line in lines if "model name" in line]
        return named[0] if named else platform.processor() or "unknown processor"
    except OSError:
        return platform.processor() or "unknown processor"


def table(results: Results) -> list[str]:
    """The results as lines of text."""
    lines = [
        f"{results.machine}; Python {results.python}, numpy {results.numpy}; one core, CPU time",
        "",
        f"{'path':<18} {'requests/s':>11} {'target':>10} {'x SimPy':>8} {'target':>7} "
        f"{'of loop':>8}",
    ]
    lines += [
        f"{path.name:<18} {path.whole_path_per_s:>11,.0f} {path.target_per_s:>10,.0f} "
        f"{path.times_simpy:>8.1f} {path.target_times_simpy:>7.0f} {path.share_of_bare_loop:>8.0%}"
        for path in results.paths
    ]
    lines += ["", "50,000 requests/s on more containers (requests solved per second):"]
    lines.append(
        "  "
        + "   ".join(f"{one.containers:,}: {one.requests_per_s:,.0f}" for one in results.growth)
        + f"   ratio {results.growth_ratio:.1f} (target <= 3)"
    )
    big = results.cluster
    lines.append(
        f"{big.hosts} hosts, {big.containers:,} containers, {big.load_per_s:,.0f} requests/s: "
        f"{big.times_real_time:.0f} x real time (target >= 60), set up in {big.setup_s:.1f} s"
    )
    mixed = results.tenants
    lines.append(
        f"{mixed.hosts} hosts, {mixed.vms} VMs, {mixed.containers:,} containers that share caches, "
        f"{mixed.load_per_s:,.0f} requests/s: {mixed.times_real_time:.0f} x real time "
        f"(target >= 60), set up in {mixed.setup_s:.1f} s"
    )
    lines += ["", "start-up, median wall time:"]
    lines += [f"  {name:<24} {1000 * wall:>5.0f} ms" for name, wall in results.start_s.items()]
    return lines


def main(as_json: bool) -> int:
    """Measure and print."""
    results = measure()
    if as_json:
        print(msgspec.json.format(msgspec.json.encode(results), indent=2).decode())
    else:
        print("\n".join(table(results)))
    return 0
