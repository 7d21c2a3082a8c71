"""The view of one process, as data: what programs inside a container answer from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from simulator.machine.boundaries import Hardening


@dataclass(frozen=True, slots=True)
class Proc:
    """One process: its number as seen here, owner, command, resident memory, CPU-seconds."""

    pid: int
    user: str
    command: str
    rss_bytes: int = 0
    cpu_s: float = 0.0
    ppid: int = 0


@dataclass(frozen=True, slots=True)
class Seat:
    """The view of one process. Memory in bytes; ``files`` are what ``cat`` can read."""

    hostname: str
    kernel_version: str
    kernel_build: str = "#1 SMP"
    """What ``uname -v`` says."""
    kernel_log: tuple[str, ...] = ()
    """What the kernel lets a program read of its log; nothing: only who may read it all."""
    system: str = "Linux"
    architecture: str = "x86_64"
    cores: int = 1
    memory_total: int = 0
    memory_used: int = 0
    memory_cached: int = 0
    swap_total: int = 0
    swap_used: int = 0
    processes: tuple[Proc, ...] = ()
    env: Mapping[str, str] = field(default_factory=dict)
    user: str = "root"
    uid: int = 0
    gid: int = 0
    groups: tuple[int, ...] = ()
    """Numbers of the groups besides its own."""
    hardening: Hardening = field(default_factory=Hardening)
    uid_offset: int = 0
    """What user 0 in here is outside."""
    mounts: tuple[str, ...] = ()
    root: tuple[str, ...] = ()
    files: Mapping[str, str] = field(default_factory=dict)
    programs: frozenset[str] | None = None
    """Names of the programs that the image has; None: all that a system has."""
    workdir: str = "/"
