"""Who carries many trials out: this process, others on this machine, or a cluster.

``on("processes")`` gives a :class:`Runner`; close it, or use it in a ``with``. To add a kind of
place, write a class with the methods of ``Runner`` and give its words a line in ``on``.
"""

from __future__ import annotations

from simulator.errors import InputError
from simulator.trials.runners.protocol import Done, Play, Runner

__all__ = ["WORDS", "Done", "Play", "Runner", "cores", "on"]

WORDS = "here, processes, processes:N, tcp://HOST:PORT"
MOST_WORKERS = 512


def on(where: str = "processes", *, most: int | None = None) -> Runner:
    """The runner that a word means; InputError for any other.

    ``most``: how many trials there will be at a time, where that is known: no more workers then.
    """
    kind, _, number = where.partition(":")
    if kind == "here" and not number:
        from simulator.trials.runners.here import Here

        return Here()
    if kind == "processes":
        from simulator.trials.runners.processes import Processes

        workers = cores() if not number else _workers(where, number)
        return Processes(max(1, workers if most is None else min(workers, most)))
    if kind in ("tcp", "tls") and number.startswith("//"):
        from simulator.trials.runners.cluster import Cluster

        return Cluster(where)
    raise InputError("no such place to run trials", found=where, expected=WORDS)


def cores() -> int:
    """Cores that this process may use."""
    import os

    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def _workers(where: str, number: str) -> int:
    if number.isascii() and number.isdigit() and 1 <= int(number[:9]) <= MOST_WORKERS:
        return int(number)
    raise InputError(
        "bad number of processes", found=where, expected=f"processes:1 to processes:{MOST_WORKERS}"
    )
