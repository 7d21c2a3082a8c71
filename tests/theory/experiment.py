"""Experiments on the whole path: containers that serve, traffic, and what clients saw."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from harbour import harbour, send, serve

from simulator.traffic.service import Service
from simulator.world import World

SEEDS = (1, 2, 3, 4, 5)
MORE_SEEDS = tuple(range(11, 31))
"""For what is noisy: five runs can be off together."""
_T_95 = {5: 2.776, 20: 2.093}
"""Student's t, two-sided 95 %, by the number of samples."""


@dataclass
class Run:
    """One run after its warm-up."""

    world: World
    service: Service
    count: int
    """Requests answered."""
    mean_s: float
    """Mean latency."""
    seconds: float
    outcomes: dict[str, int]

    def share(self, kind: str) -> float:
        """Share of arrivals with this outcome."""
        return self.outcomes[kind] / self.outcomes["arrived"]


def measure(
    workload: str,
    traffic: str,
    requests: float,
    *,
    seed: int = 1,
    warm: float = 0.0,
    cores: int = 8,
    replicas: int = 1,
    balancer: str = "round-robin",
    client: dict[str, Any] | None = None,
    **options: Any,
) -> Run:
    """``requests`` after ``warm`` of them, to so many containers; ``traffic`` names a rate."""
    world = harbour(seed, cores=cores, memory_bytes=256 << 30)
    service = serve(world, workload, replicas=replicas, balancer=balancer, **options)
    rate = float(next(word for word in traffic.split() if word[0].isdigit()))
    # Over connections that last: the kernel's table of them is no part of the theory.
    send(world, traffic, **{"keepalive": 1_000_000, **(client or {})})
    world.advance(world.now + warm / rate)
    world.fabric.settle()
    tally = service.tally
    before, count, total = tally.outcomes(), tally.latencies.count, tally.latencies.total
    seconds = requests / rate
    world.advance(world.now + seconds)
    world.fabric.settle()
    after = tally.outcomes()
    count = tally.latencies.count - count
    mean = (tally.latencies.total - total) / max(1, count)
    outcomes = {kind: after[kind] - before[kind] for kind in after}
    return Run(world, service, count, mean, seconds, outcomes)


def means(workload: str, traffic: str, requests: float, **options: Any) -> list[float]:
    """Mean latency of one run for each seed."""
    return [measure(workload, traffic, requests, seed=s, **options).mean_s for s in SEEDS]


def agree(samples: list[float], expected: float, tolerance: float) -> bool:
    """Whether the mean is within the relative tolerance and its 95 % interval covers the value."""
    mean = float(np.mean(samples))
    error = float(np.std(samples, ddof=1)) / len(samples) ** 0.5 * _T_95[len(samples)]
    close = abs(mean - expected) <= tolerance * expected
    assert close, f"{mean} is not within {tolerance:.1%} of {expected}"
    assert abs(mean - expected) <= error, f"{mean} ± {error} does not cover {expected}"
    return True
