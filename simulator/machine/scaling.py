"""How much several workers do together: the laws of Amdahl and Gunther.

Sources: Amdahl, AFIPS 1967; Gunther, *Guerrilla Capacity Planning*, 2007 (the Universal
Scalability Law).
"""

from __future__ import annotations

from math import inf, sqrt

from simulator.errors import InputError


def amdahl(n: float, parallel: float) -> float:
    """Speed-up of ``n`` workers when the share ``parallel`` (0 to 1) of the work can be divided."""
    _workers(n)
    _share("parallel share", parallel)
    return 1.0 / ((1.0 - parallel) + parallel / n)


def usl(n: float, contention: float, coherency: float) -> float:
    """Throughput of ``n`` workers in units of that of one.

    ``contention`` is the share of the work that queues for something shared, ``coherency`` the
    cost of each pair of workers keeping what they share consistent. 0 and 0 is linear scaling.
    """
    _workers(n)
    _share("contention", contention)
    _share("coherency", coherency)
    return n / (1.0 + contention * (n - 1.0) + coherency * n * (n - 1.0))


def usl_peak(contention: float, coherency: float) -> float:
    """Number of workers at which ``usl`` is largest: sqrt((1 - contention) / coherency)."""
    _share("contention", contention)
    _share("coherency", coherency)
    return sqrt((1.0 - contention) / coherency) if coherency else inf


def _workers(n: float) -> None:
    if not 1 <= n < inf:
        raise InputError("number of workers", found=n, expected="1 or more")


def _share(what: str, value: float) -> None:
    if not 0 <= value <= 1:
        raise InputError(what, found=value, expected="0 to 1")
