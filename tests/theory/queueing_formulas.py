"""Closed forms of queueing theory, each written once and in the plainest way.

Kleinrock, *Queueing Systems* I and II; Erlang 1917; Cooper, *Introduction to Queueing Theory*.
``lam`` and ``mu`` are rates of arrivals and of one server, ``a`` is the offered load lam / mu.
"""

from __future__ import annotations

from collections.abc import Callable
from math import exp, sqrt


def erlang_b(a: float, c: int) -> float:
    """Share of calls lost by c lines without a queue."""
    b = 1.0
    for k in range(1, c + 1):
        b = a * b / (k + a * b)
    return b


def erlang_c(a: float, c: int) -> float:
    """Probability of waiting for one of c servers."""
    b = erlang_b(a, c)
    return c * b / (c - a * (1 - b))


def mmc_wait(lam: float, mu: float, c: int) -> float:
    """Mean wait in M/M/c."""
    return erlang_c(lam / mu, c) / (c * mu - lam)


def mmc_slower_than(t: float, lam: float, mu: float, c: int) -> float:
    """P(response > t) in M/M/c."""
    slack = c - 1 - lam / mu
    return exp(-mu * t) * (1 + erlang_c(lam / mu, c) * (1 - exp(-mu * t * slack)) / slack)


def quantile(slower: Callable[[float], float], share: float, high: float) -> float:
    """The t at which ``slower(t)`` falls to 1 - share, by bisection in [0, high]."""
    low = 0.0
    for _ in range(200):
        middle = (low + high) / 2
        if slower(middle) > 1 - share:
            low = middle
        else:
            high = middle
    return low


def mmck(lam: float, mu: float, c: int, k: int) -> list[float]:
    """Probabilities of 0..k in M/M/c/K, from the birth-death balance."""
    p = [1.0]
    for n in range(1, k + 1):
        p.append(p[-1] * lam / (min(n, c) * mu))
    total = sum(p)
    return [each / total for each in p]


def pollaczek_khinchine(lam: float, mean: float, cs2: float) -> float:
    """Mean wait in M/G/1, first come first served."""
    rho = lam * mean
    return rho * mean * (1 + cs2) / (2 * (1 - rho))


def gi_m_1(transform: Callable[[float], float], mu: float) -> float:
    """Mean response in GI/M/1; ``transform`` is that of the gaps between arrivals."""
    sigma = 0.5
    for _ in range(10_000):
        sigma = transform(mu * (1 - sigma))
    return 1 / (mu * (1 - sigma))


def supermarket(lam: float, d: int) -> float:
    """Mean response with d choices among infinitely many servers, in service times."""
    return sum(lam ** ((d**i - d) / (d - 1)) for i in range(1, 12))


def mm1_sampling_error(rho: float, customers: int) -> float:
    """Relative standard error of the mean wait in M/M/1 (Whitt 1989), for choosing run lengths."""
    variance = rho * (2 + 5 * rho - 4 * rho**2 + rho**3) / (1 - rho) ** 4
    return sqrt(variance / customers) / (rho / (1 - rho))
