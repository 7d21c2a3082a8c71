"""What the program in a container does, as data: ``server cpu=20ms workers=4 memory=60MiB``."""

from __future__ import annotations

import posixpath
import shlex
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from math import inf
from typing import Any

from simulator.errors import InputError, unknown
from simulator.machine.charges import BOMB_THREADS, BOMBS, Bomb, bomb
from simulator.machine.costs import Demand
from simulator.units import (
    format_bytes,
    format_span,
    parse_bytes,
    parse_duration,
    parse_number,
    parse_percent,
)

MIB = 1 << 20


@dataclass(frozen=True, slots=True)
class Workload:
    """A program. ``kind``: server, batch, hog, leak, idle, exit, or a bomb (``charges.py``).

    A server answers requests that cost ``cpu_s`` CPU-seconds on average (law ``dist``), with
    ``workers`` threads and a line of ``queue`` places. A batch job has ``cpu_s`` of work in
    ``threads`` threads; a hog never ends. A leak grows by ``leak_bytes_s``. ``handles_term`` says
    whether it reacts to SIGTERM (a program that is PID 1 without a handler does not).
    """

    kind: str = "idle"
    cpu_s: float = 0.0
    dist: str = "exponential"
    mix: tuple[tuple[float, float], ...] = ()
    """Classes of requests, (share, CPU-seconds) each; ``cpu_s`` is their mean."""
    usl: tuple[float, float] | None = None
    """Contention and coherency of its threads (the Universal Scalability Law)."""
    error_rate: float = 0.0
    """Share of a server's answers that are errors, with all their work done."""
    workers: float = 1
    threads: int = 1
    queue: float = 128
    memory_bytes: int = 5 * MIB
    per_request_bytes: int = 0
    startup_s: float = 0.0
    startup_cpu_s: float = 0.0
    leak_bytes_s: float = 0.0
    code: int = 0
    after_s: float = 0.0
    handles_term: bool = False
    mtbf_s: float = 0.0
    """Mean time until its program fails by itself with code 1, exponential; 0: it does not."""
    syscalls: float = 0.0
    internals: float = 0.0
    """Calls that a sandbox can answer by itself."""
    opens: float = 0.0
    """Files that one request opens."""
    packets: float = 0.0
    ios: float = 0.0
    cache: float = 0.0
    """Pressure on the last-level cache, and how far it depends on it, from 0 to 1."""
    bandwidth: float = 0.0
    """The same for memory bandwidth."""
    io_bytes: float = 0.0
    """Bytes that one request moves from or to the disk, beside what its operations cost."""
    net_bytes: float = 0.0
    buffered: float = 0.0
    """Share of the work that goes to disk through the page cache."""
    writes_bytes_s: float = 0.0
    """Bytes a second by which a file of it grows while it works."""
    data_bytes: int = 0
    """What it lays down at its first start, in the folder where it writes."""
    logs_bytes_s: float = 0.0
    """Bytes a second that it prints, as they lie in the daemon's log files."""
    writes_to: str = ""
    """The folder of that file; nothing: a volume of the image, or else its working directory."""
    full: str = ""
    """What it does when its disk is full: ``exit`` with code 1, or ``retry``."""
    bomb_rate: float | None = None
    connections: float = 0.0
    text: str = "idle"

    @property
    def bomb(self) -> Bomb | None:
        """The bomb that it is, if it is one."""
        if self.kind not in BOMBS:
            return None
        return bomb(self.kind, self.bomb_rate, self.threads, self.connections)

    @property
    def ends_when_full(self) -> bool:
        """Whether a write that fails ends it; nothing said: only what does nothing but write."""
        return self.full == "exit" or (not self.full and self.kind in ("diskbomb", "idle"))

    @property
    def demand(self) -> Demand:
        """What one request, or the whole of a batch job, asks of a machine."""
        return Demand(
            self.cpu_s,
            self.syscalls,
            self.internals,
            self.opens,
            packets=self.packets,
            ios=self.ios,
        )

    def __str__(self) -> str:
        return self.text


def _workers(text: str) -> float:
    return inf if text in ("unlimited", "inf", "ps") else _count(text, 1, 100_000)


def _queue(text: str) -> float:
    return inf if text in ("unlimited", "inf") else _count(text, 0, 10_000_000)


def _count(text: str, low: int, high: int) -> int:
    value = parse_number(text, "count", maximum=high)
    if value != int(value) or value < low:
        raise InputError("not a count", found=text, expected=f"a whole number from {low} to {high}")
    return int(value)


def _taking(text: str, rate: float) -> float:
    if rate < 1.0:
        raise InputError("a bomb that takes nothing", found=text, expected="at least 1 a second")
    return rate


def _amount(text: str) -> float:
    return parse_number(text, "count", maximum=1e9)


def _share(text: str) -> float:
    return parse_number(text, "share from 0 to 1", maximum=1.0)


def _size(text: str) -> float:
    return float(parse_bytes(text))


def _rate(text: str) -> float:
    return float(parse_bytes(text.removesuffix("/s")))


def _truth(text: str) -> bool:
    if text in ("handled", "yes", "true"):
        return True
    if text in ("ignored", "no", "false"):
        return False
    raise unknown("value", text, ("handled", "ignored"))


def _positive_span(text: str) -> float:
    seconds = parse_duration(text)
    if seconds <= 0:
        raise InputError("must be more than nothing", found=text, expected="for example 1h")
    return seconds


def _usl(text: str) -> tuple[float, float]:
    """``0.05,0.001``: contention, and coherency if there is any."""
    parts = text.split(",")
    if len(parts) > 2:
        raise InputError("too many values", found=text, expected="CONTENTION,COHERENCY")
    values = [_share(part) for part in parts]
    return values[0], values[1] if len(values) == 2 else 0.0


MOST_CLASSES = 20


def _mix(text: str) -> tuple[tuple[float, float], ...]:
    """``90%:1ms,10%:100ms``."""
    classes = []
    for part in text.split(","):
        share, colon, mean = part.partition(":")
        if not colon:
            raise InputError("bad class of requests", found=part, expected="SHARE:CPU, as 90%:1ms")
        classes.append((parse_percent(share), parse_duration(mean)))
    total = sum(share for share, _ in classes)
    if len(classes) > MOST_CLASSES or min(classes)[0] <= 0 or abs(total - 1) > 1e-9:
        expected = f"at most {MOST_CLASSES} classes, each with a share, together 100%"
        raise InputError("shares of the classes of requests", found=text, expected=expected)
    if not any(mean for _, mean in classes):
        raise InputError("requests without any work", found=text, expected="for example 90%:1ms")
    return tuple(classes)


def _folder(text: str) -> str:
    if not text.startswith("/") or len(text) > 1000 or not text.isprintable():
        raise InputError("not a folder", found=text, expected="an absolute path, as /data")
    return posixpath.normpath(text)


def _when_full(text: str) -> str:
    if text not in ("exit", "retry"):
        raise unknown("value", text, ("exit", "retry"))
    return text


_FIELDS: dict[str, tuple[str, Callable[[str], Any]]] = {
    "cpu": ("cpu_s", parse_duration),
    "dist": ("dist", str),
    "mix": ("mix", _mix),
    "usl": ("usl", _usl),
    "errors": ("error_rate", parse_percent),
    "mtbf": ("mtbf_s", _positive_span),
    "workers": ("workers", _workers),
    "threads": ("threads", lambda text: _count(text, 1, 10_000)),
    "queue": ("queue", _queue),
    "memory": ("memory_bytes", parse_bytes),
    "per_request": ("per_request_bytes", parse_bytes),
    "startup": ("startup_s", parse_duration),
    "startup_cpu": ("startup_cpu_s", parse_duration),
    "rate": ("leak_bytes_s", _rate),
    "code": ("code", lambda text: _count(text, 0, 255)),
    "after": ("after_s", parse_duration),
    "sigterm": ("handles_term", _truth),
    "syscalls": ("syscalls", _amount),
    "internals": ("internals", _amount),
    "opens": ("opens", _amount),
    "packets": ("packets", _amount),
    "ios": ("ios", _amount),
    "cache": ("cache", _share),
    "bandwidth": ("bandwidth", _share),
    "io_bytes": ("io_bytes", _size),
    "net_bytes": ("net_bytes", _size),
    "buffered": ("buffered", _share),
    "connections": ("connections", _amount),
    "writes": ("writes_bytes_s", _rate),
    "logs": ("logs_bytes_s", _rate),
    "data": ("data_bytes", parse_bytes),
    "to": ("writes_to", _folder),
    "full": ("full", _when_full),
}
_BOMB_RATE = ("bomb_rate", lambda text: _taking(text, _rate(text)))
_SPECIAL: dict[tuple[str, str], tuple[str, Callable[[str], Any]]] = {
    ("membomb", "rate"): _BOMB_RATE,
    ("diskbomb", "rate"): _BOMB_RATE,
    ("netbomb", "rate"): ("bomb_rate", _rate),
    ("forkbomb", "rate"): (
        "bomb_rate",
        lambda text: _taking(text, _amount(text.removesuffix("/s"))),
    ),
}
"""Settings that mean something else for one kind of program."""
_COMMON = ("memory", "startup", "startup_cpu", "sigterm", "mtbf")
_DEMANDS = (
    "syscalls", "internals", "opens", "packets", "ios", "io_bytes", "net_bytes", "buffered",
    "cache", "bandwidth",
)  # fmt: skip
_WRITES = ("writes", "to", "full", "logs", "data")
_ALLOWED = {
    "server": (
        "cpu", "mix", "dist", "usl", "errors", "workers", "queue", "per_request", *_DEMANDS,
        *_WRITES,
    ),
    "batch": ("cpu", "threads", "usl", "code", *_DEMANDS, *_WRITES),
    "hog": ("threads", "cache", "bandwidth", *_WRITES),
    "cpubomb": ("threads", "cache", "bandwidth"),
    "membomb": ("rate",),
    "forkbomb": ("rate", "threads"),
    "diskbomb": ("rate", "to", "full"),
    "netbomb": ("rate", "connections"),
    "leak": ("rate", *_WRITES),
    "idle": _WRITES,
    "exit": ("code", "after"),
}  # fmt: skip
_NEEDED = {"server": "cpu", "batch": "cpu", "leak": "rate"}


@lru_cache(maxsize=256)
def parse_workload(text: str) -> Workload:
    """Read a workload; an InputError names the bad word and the nearest valid one."""
    try:
        words = shlex.split(text[:1000])
    except ValueError as error:
        raise InputError("bad quoting in a workload", found=text, expected=str(error)) from None
    kind = words[0] if words else "idle"
    if kind not in _ALLOWED:
        raise unknown("workload", kind, _ALLOWED)
    values: dict[str, Any] = {"handles_term": kind == "server"}
    if kind in ("cpubomb", "forkbomb"):
        values["threads"] = BOMB_THREADS
    given = set()
    for word in words[1:]:
        key, equals, value = word.partition("=")
        allowed = (*_ALLOWED[kind], *_COMMON)
        if key == "nice":
            raise InputError(
                "a nice value weighs the threads of one cgroup against each other, and here one "
                "program has a cgroup to itself",
                found=word,
                expected="--cpu-shares, or a cgroup made with 'cgroup create NAME --nice N'",
            )
        if not equals or key not in allowed:
            raise unknown(f"setting of a {kind}", key, allowed)
        name, read = _SPECIAL.get((kind, key), _FIELDS[key])
        values[name] = read(value)
        given.add(key)
    if "mix" in given:
        if "cpu" in given:
            raise InputError("work described twice", found=text, expected="cpu= or mix=")
        values["cpu_s"] = sum(share * mean for share, mean in values["mix"])
    if kind != "diskbomb" and not given & {"writes", "data"} and given & {"to", "full"}:
        raise InputError(
            "nothing is written", found=text, expected="writes=RATE, for example writes=1MiB/s"
        )
    needed = _NEEDED.get(kind)
    if needed is not None and not {needed, "mix"} & given:
        raise InputError(f"a {kind} needs '{needed}='", found=text, expected=f"{kind} {needed}=…")
    return Workload(kind=kind, text=" ".join(words) or "idle", **values)


def describe(workload: Workload) -> str:
    """The workload in a few words for people."""
    if workload.kind == "server":
        return f"server, {format_span(workload.cpu_s)} CPU a request"
    if workload.kind == "batch":
        return f"batch job, {format_span(workload.cpu_s)} CPU"
    if workload.kind == "hog":
        return f"CPU hog, {workload.threads} threads"
    if workload.kind == "leak":
        return f"leaks {format_bytes(workload.leak_bytes_s)}/s"
    if workload.kind in BOMBS:
        return f"{workload.kind.removesuffix('bomb')} bomb"
    return workload.kind
