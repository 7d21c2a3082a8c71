"""How many requests a second are solved, on each of the ways that there are."""

from __future__ import annotations

import numpy as np

from simulator.machine.cpu.fifo import FifoLine
from simulator.machine.cpu.quota import Quota
from simulator.machine.cpu.share import CpuGroup
from simulator.machine.cpu.sharing import solve
from simulator.machine.cpu.station import Station
from simulator.report.bench import baseline
from simulator.report.bench.clock import best, cpu_s, per_s
from simulator.report.bench.measured import Measured, rate, ratio
from simulator.report.bench.worlds import hosts, run, servers, start_traffic
from simulator.world import World

SAMPLE = 60_000
"""Requests of the loops that are compared with."""
GROWTH = (1, 10, 100, 1000)


def whole(world: World, load_per_s: float, seconds: float) -> float:
    """Requests solved in a CPU second, by the whole path from arrival to chart."""
    start_traffic(world, f"{load_per_s:g}")
    tally = world.services["web"].tally
    before = tally.arrived
    took = cpu_s(lambda: world.advance(world.now + seconds))
    return (tally.arrived - before) / took


def _draws(load_per_s: float, mean_s: float) -> tuple[list[float], list[float]]:
    stream = np.random.default_rng(1)
    times = np.cumsum(stream.standard_exponential(SAMPLE) / load_per_s)
    return times.tolist(), (stream.standard_exponential(SAMPLE) * mean_s).tolist()


def _rows(
    name: str,
    figures: tuple[float, float, float],
    promised: tuple[float, float],
    before: tuple[float, float],
) -> list[Measured]:
    solved, simpy, bare = figures
    return [
        rate(f"{name}: requests, whole path", solved, promised[0], before=before[0]),
        ratio(f"{name}: one SimPy process per request", solved / simpy, promised[1],
              before=before[1]),
        ratio(f"{name}: the bare loop", solved / bare),
    ]  # fmt: skip


def fifo(requests: int = 800_000) -> list[Measured]:
    """First come, first served: 8 workers of 1 ms at 80 % load."""
    load, workers = 6400.0, 8

    def once() -> float:
        workload = f"server cpu=1ms workers={workers} queue=unlimited"
        return whole(servers(hosts(1, 16), 1, workload, 1), load, requests / load)

    times, works = _draws(load, 0.001)
    simpy = best(lambda: per_s(SAMPLE, lambda: baseline.fifo(times, works, workers)), 2)
    at, work = np.array(times), np.array(works)
    line = FifoLine(workers, np.inf, 0.0)
    bare = per_s(SAMPLE, lambda: line.advance(at, work, times[-1]))
    return _rows("FIFO", (best(once), simpy, bare), (3e6, 35.0), (3.15e6, 40.8))


def quota(requests: int = 400_000) -> list[Measured]:
    """One worker of 0.1 ms with half a CPU, at 80 % of the quota."""
    load = 4000.0

    def once() -> float:
        workload = "server cpu=0.1ms workers=1 queue=unlimited"
        return whole(servers(hosts(1, 4), 1, workload, 1, cpus=0.5), load, requests / load)

    times, works = _draws(load, 0.0001)
    simpy = best(lambda: per_s(SAMPLE, lambda: baseline.quota(times, works, 0.05, 0.1)), 2)
    station = Station("bench", CpuGroup("bench", limit=4.0), quota=Quota(0.05))
    bare = per_s(SAMPLE, lambda: solve(station, 4.0, times, works, times[-1]))
    return _rows("quota", (best(once), simpy, bare), (7e5, 8.0), (0.64e6, 8.3))


def sharing(requests: int = 400_000) -> list[Measured]:
    """Processor sharing on one core at 80 % load."""
    load = 8000.0

    def once() -> float:
        workload = "server cpu=0.1ms workers=unlimited"
        return whole(servers(hosts(1, 1), 1, workload, 1), load, requests / load)

    times, works = _draws(load, 0.0001)
    simpy = best(lambda: per_s(SAMPLE, lambda: baseline.sharing(times, works)), 2)
    station = Station("bench", CpuGroup("bench", limit=1.0), workers=np.inf)
    bare = per_s(SAMPLE, lambda: solve(station, 1.0, times, works, times[-1]))
    return _rows("processor sharing", (best(once), simpy, bare), (1e6, 18.0), (0.94e6, 20.2))


def contended(seconds: float = 20.0) -> list[Measured]:
    """A kernel with more threads than cores: three services and a hog on 8 cores."""

    def once() -> float:
        world = hosts(1, 8)
        for name in ("a", "b", "c"):
            run(world, name, "host-0", "server cpu=1ms workers=8", aliases=(name,))
        run(world, "hog", "host-0", "hog threads=8", aliases=())
        world.advance(world.now + 60.0)
        for name in ("a", "b", "c"):
            start_traffic(world, "1000", name)
        took = cpu_s(lambda: world.advance(world.now + seconds))
        return sum(world.services[name].tally.arrived for name in ("a", "b", "c")) / took

    return [rate("contended kernel: requests, whole path", best(once), 4e5, before=0.08e6)]


def growth(seconds: float = 10.0) -> list[Measured]:
    """50,000 requests/s spread over more and more containers, ten to a host."""

    def solved(count: int) -> float:
        on = max(1, count // 10)
        workload = f"server cpu=1ms workers={max(2, 128 // count)}"
        return whole(servers(hosts(on, 128), count, workload, on), 50_000.0, seconds)

    found = {count: best(lambda many=count: solved(many), 2) for count in GROWTH}  # type: ignore[misc]
    spread = max(found.values()) / min(found.values())
    return [
        *(rate(f"50,000 requests/s on {count:,} containers", found[count]) for count in GROWTH),
        Measured(what="slowest against fastest of these", value=spread, unit="x", promised=3.0,
                 at_most=True, before=2.3),
    ]  # fmt: skip
