"""The types of values that commands take: how each is read, and what completes it."""

from __future__ import annotations

import re
from collections.abc import Iterable

from simulator.errors import InputError, nearest, unknown
from simulator.node.addresses import parse_address
from simulator.node.publishing import parse_exposed, parse_publication
from simulator.shell.grammar import Kind
from simulator.shell.pairs import pair_of
from simulator.traffic.balancer import NAMES as BALANCERS
from simulator.traffic.balancer import check_balancer
from simulator.units import (
    parse_bytes,
    parse_cpus,
    parse_duration,
    parse_number,
    parse_percent,
)
from simulator.world.programs import read_program

ARCHITECTURES = ("amd64", "arm64", "arm", "riscv64", "ppc64le", "s390x", "386")
SYSTEMS = ("linux", "windows")
RESTARTS = ("no", "always", "unless-stopped", "on-failure")
MIN_MACHINE_BYTES = 64 << 20

_NAME = re.compile(r"[a-zA-Z0-9][a-zA-Z0-9_.-]{0,62}")
_GOAL = re.compile(r"[A-Za-z0-9*][A-Za-z0-9_.:/*-]{0,252}", re.ASCII)


def text(name: str = "string", source: str = "") -> Kind:
    """Any text that is not empty."""
    return Kind(name, _not_empty, source)


def choice(name: str, words: Iterable[str]) -> Kind:
    """One of a known set of words."""
    known = tuple(words)

    def parse(value: str) -> str:
        if value not in known:
            raise unknown(name, value, known)
        return value

    return Kind(name, parse, choices=known)


def integer(name: str, low: int, high: int) -> Kind:
    """A whole number within bounds."""

    def parse(value: str) -> int:
        if not re.fullmatch(r"[+-]?[0-9]{1,18}", value) or not low <= int(value) <= high:
            raise InputError(f"bad {name}", found=value, expected=f"{low} to {high}")
        return int(value)

    return Kind("int", parse)


def number(name: str, low: float, high: float) -> Kind:
    """A number within bounds."""

    def parse(value: str) -> float:
        found = parse_number(value, name, maximum=high)
        if found < low:
            raise InputError(f"{name} too small", found=value, expected=f"at least {low:g}")
        return found

    return Kind("float", parse)


def _not_empty(value: str) -> str:
    if not value:
        raise InputError("empty value", expected="some text")
    return value


def _name(value: str) -> str:
    if not _NAME.fullmatch(value):
        raise InputError(
            "invalid name", found=value, expected="letters, digits, '_', '.', '-'; at most 63"
        )
    return value


def _goal(value: str) -> str:
    """A service by its name, or what a cluster knows: ``web.shop:80``, ``shop.io/cart``."""
    if ("/" in value or ":" in value) and _GOAL.fullmatch(value):
        return value
    return _name(value)


def _positive_cpus(value: str) -> float:
    cores = parse_cpus(value)
    if cores == 0:
        raise InputError("no CPU at all", found=value, expected="at least 0.01")
    if cores < 0.01:
        raise InputError("too little CPU", found=value, expected="at least 0.01")
    return cores


def _swap(value: str) -> int:
    return -1 if value == "-1" else parse_bytes(value)


def _port(value: str) -> str:
    parse_publication(value)
    return value


def _exposed(value: str) -> str:
    parse_exposed(value)
    return value


def _cpuset(value: str) -> tuple[int, ...]:
    cores: list[int] = []
    for part in value.split(","):
        match = re.fullmatch(r"([0-9]{1,4})(?:-([0-9]{1,4}))?", part)
        if match is None or int(match[2] or match[1]) < int(match[1]):
            raise InputError("bad CPU set", found=value, expected="for example 0-3 or 0,2")
        cores += range(int(match[1]), int(match[2] or match[1]) + 1)
    return tuple(sorted(set(cores)))


def _restart(value: str) -> str:
    """A restart policy; refused in the sentences of Docker's client and daemon."""
    policy, colon, count = value.partition(":")
    if not policy:
        raise InputError("invalid restart policy format: no policy provided before colon")
    if policy not in RESTARTS:
        raise InputError(
            f"invalid restart policy: unknown policy '{policy}'; use one of 'no', 'always', "
            "'on-failure', or 'unless-stopped'",
            nearest=nearest(policy, RESTARTS),
        )
    if not colon:
        return value
    if not re.fullmatch(r"-?[0-9]{1,6}", count):
        raise InputError(
            "invalid restart policy format: maximum retry count must be an integer", found=count
        )
    if policy != "on-failure":
        raise InputError(
            "invalid restart policy: maximum retry count can only be used with 'on-failure'"
        )
    if count.startswith("-"):
        raise InputError("invalid restart policy: maximum retry count cannot be negative")
    return value


def _balancer(value: str) -> str:
    check_balancer(value)
    return value


def _workload(value: str) -> str:
    read_program(_not_empty(value))
    return value


def _room(value: str) -> int:
    size = parse_bytes(value)
    if size < MIN_MACHINE_BYTES:
        raise InputError("too little memory for a kernel", found=value, expected="64m or more")
    return size


def _positive(value: str) -> float:
    seconds = parse_duration(value)
    if seconds <= 0:
        raise InputError("must be more than nothing", found=value, expected="for example 1s")
    return seconds


TEXT = text()
WORD = Kind("string", str)
"""Any text, also an empty one: a word of a command."""
NAME = Kind("name", _name)
DURATION = Kind("duration", parse_duration)
POSITIVE_DURATION = Kind("duration", _positive)
BYTES = Kind("bytes", parse_bytes)
DISK_BYTES = Kind("bytes", lambda value: parse_bytes(value, decimal=True))
MACHINE_MEMORY = Kind("bytes", _room)
MEMORY_LIMIT = Kind("bytes", parse_bytes)
SWAP = Kind("bytes", _swap)
CPUS = Kind("decimal", _positive_cpus)
SHARE = Kind("fraction", lambda value: parse_percent(value))
PAIR = Kind("KEY=VALUE", pair_of)
PORT = Kind("port", _port)
EXPOSED = Kind("port", _exposed)
ADDRESS = Kind("ip", parse_address)
NETWORK = Kind("network", _not_empty, "network")
CPUSET = Kind("cpus", _cpuset)
RESTART = Kind("policy", _restart, choices=RESTARTS)
BALANCER = Kind("balancer", _balancer, choices=BALANCERS)
ARCHITECTURE = choice("architecture", ARCHITECTURES)
SYSTEM = choice("operating system", SYSTEMS)

CONTAINER = text("container", "container")
IMAGE = text("image", "image")
SERVICE = Kind("service", _goal, "service")
MACHINE = Kind("machine", _name, "machine")
HOST = Kind("host", _name, "host")
VM = Kind("vm", _name, "vm")
WORKLOADS = (
    ("'server cpu=20ms workers=4'", "answers requests, each with this much CPU"),
    ("'batch cpu=10s threads=2'", "works so long on so many threads, then ends"),
    ("'hog threads=4'", "never stops to compute"),
    ("'leak rate=1MiB/s'", "takes more and more memory"),
    ("idle", "sleeps"),
    ("'exit code=1 after=5s'", "ends with a code"),
    ("cpubomb", "threads that never stop"),
    ("membomb", "eats memory again and again"),
    ("forkbomb", "processes that start processes"),
    ("diskbomb", "writes files without end"),
    ("netbomb", "packets at the speed of the line"),
)
WORKLOAD = Kind("workload", _workload, explained=WORKLOADS)
FILE = text("file", "file")
FOLDER = text("folder", "folder")
