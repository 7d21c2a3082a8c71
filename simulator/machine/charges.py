"""Bombs as data: programs that take all they can get of one thing.

cpubomb     threads that never stop
membomb     touches memory, into every limit; killed, it begins anew
forkbomb    processes that start processes
diskbomb    writes files through the page cache as fast as memory takes them
netbomb     sends packets at the speed of the line, and may open connections
"""

from __future__ import annotations

from dataclasses import dataclass
from math import inf

from simulator.errors import InputError

BOMBS = ("cpubomb", "membomb", "forkbomb", "diskbomb", "netbomb")
GIB = 1 << 30
BOMB_THREADS = 32
"""Threads of a CPU bomb, and runnable processes of a fork bomb."""
DEFAULT_RATES = {"membomb": float(GIB), "forkbomb": 20_000.0, "diskbomb": 2.0 * GIB, "netbomb": inf}
"""Bytes, processes or bytes a second; the disk bomb's is the speed of copying into memory."""
PACKET_BYTES = 1460.0
"""Payload of a full Ethernet frame."""


@dataclass(frozen=True, slots=True)
class Bomb:
    """What goes off: the kind, its rate per second, its threads, connections per second."""

    kind: str
    rate: float = 0.0
    threads: int = 1
    connections: float = 0.0


def bomb(
    kind: str, rate: float | None = None, threads: int | None = None, connections: float = 0.0
) -> Bomb:
    """A bomb of a kind with the defaults filled in; InputError for one that takes nothing."""
    if rate is not None and kind not in DEFAULT_RATES:
        raise InputError(f"a {kind} has no rate", found=rate, expected="its threads")
    if rate is not None and rate < 1.0 and kind != "netbomb":
        raise InputError(f"a {kind} that takes nothing", found=rate, expected="at least 1 a second")
    many = (
        threads if threads is not None else (BOMB_THREADS if kind in ("cpubomb", "forkbomb") else 1)
    )
    return Bomb(kind, DEFAULT_RATES.get(kind, 0.0) if rate is None else rate, many, connections)
