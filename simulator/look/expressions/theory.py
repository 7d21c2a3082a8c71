"""Closed forms of the M/M/c queue, for lessons that hold a measurement against theory.

Rates are per second, times in seconds. A queue that is offered as much as it can serve, or more,
has no steady state: its latency is infinite. Formulas: Erlang (1917), Kleinrock (1975) vol. I.
"""

from __future__ import annotations

import math
from collections.abc import Callable

from simulator.errors import InputError

MAX_SERVERS = 10_000


def mmc_mean(servers: float, rate: float, service_s: float) -> float:
    """Mean time in system: service plus wait."""
    c, load = _queue(servers, rate, service_s)
    if load >= c:
        return math.inf
    return service_s + _erlang_c(c, load) * service_s / (c - load)


def mmc_percentile(servers: float, rate: float, service_s: float, rank: float) -> float:
    """Time in system that ``rank`` per cent of the requests do not exceed (FIFO)."""
    c, load = _queue(servers, rate, service_s)
    if not 0 < rank < 100:
        raise InputError("bad rank", found=rank, expected="between 0 and 100")
    if load >= c:
        return math.inf
    wanted = 1 - rank / 100
    low, high = 0.0, service_s
    while _exceeds(c, load, service_s, high) > wanted:
        high *= 2
    for _ in range(80):
        middle = (low + high) / 2
        low, high = (
            (middle, high) if _exceeds(c, load, service_s, middle) > wanted else (low, middle)
        )
    return high


def mmc_safe_load(servers: float, service_s: float, rank: float, limit_s: float) -> float:
    """The highest rate at which the percentile stays within ``limit_s``; 0 when none does."""
    return _highest(
        servers, service_s, lambda rate: mmc_percentile(servers, rate, service_s, rank) <= limit_s
    )


def mmc_safe_mean(servers: float, service_s: float, limit_s: float) -> float:
    """The highest rate at which the mean stays within ``limit_s``; 0 when none does."""
    return _highest(servers, service_s, lambda rate: mmc_mean(servers, rate, service_s) <= limit_s)


def _highest(servers: float, service_s: float, good: Callable[[float], bool]) -> float:
    """The edge of what is good, by bisection below saturation."""
    _queue(servers, 0, service_s)
    if not good(0.0):
        return 0.0
    low, high = 0.0, servers / service_s
    for _ in range(60):
        middle = (low + high) / 2
        low, high = (middle, high) if good(middle) else (low, middle)
    return low


def _queue(servers: float, rate: float, service_s: float) -> tuple[int, float]:
    """Number of servers and offered load in servers."""
    if not (1 <= servers <= MAX_SERVERS and servers == int(servers)):
        raise InputError("bad number of servers", found=servers, expected=f"1 to {MAX_SERVERS}")
    if not (rate >= 0 and service_s > 0):
        raise InputError("rate and service time must be positive", found=f"{rate}, {service_s}")
    return int(servers), rate * service_s


def _erlang_c(c: int, load: float) -> float:
    """Probability of having to wait, by the stable recursion for Erlang B."""
    blocked = 1.0
    for k in range(1, c + 1):
        blocked = load * blocked / (k + load * blocked)
    return c * blocked / (c - load * (1 - blocked))


def _exceeds(c: int, load: float, service_s: float, time: float) -> float:
    """P(wait + service > time) for exponential service."""
    mu = 1 / service_s
    wait = _erlang_c(c, load)
    spare = (c - load) * mu
    if abs(spare - mu) < 1e-9 * mu:
        return math.exp(-mu * time) * (1 + wait * mu * time)
    both = (math.exp(-mu * time) * spare - math.exp(-spare * time) * mu) / (spare - mu)
    return (1 - wait) * math.exp(-mu * time) + wait * both
