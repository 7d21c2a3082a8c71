"""What is shown of kernels, their cgroups and the processes in them. Plain values."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class KernelFacts:
    """A kernel: who runs on it, and what would fall with it."""

    key: str
    machine: str
    kind: str
    """host or vm."""
    depth: int
    version: str
    os: str
    state: str
    containers: int
    vms: int
    cores_used: float
    cores: float
    memory_used: int
    memory: int
    processes: int
    table: int
    """How many processes it can have."""
    falls: int
    """Running containers on it and on all kernels below it."""
    part_of: str = ""
    """The kernel that falls with it, where it is only a part of that."""


@dataclass(frozen=True, slots=True)
class CgroupFacts:
    """One cgroup of version 2: what it may use, and what it does."""

    key: str
    kind: str
    """root, slice, container or vm."""
    name: str
    ends: tuple[bool, ...]
    """For each level below the root, down to its own: whether nothing follows on that level."""
    state: str
    weight: float
    share: float
    """Cores that it gets when all its siblings want all they may have."""
    used: float
    limit: float | None
    """Cores of its quota or ceiling."""
    periods: int = 0
    throttled: int = 0
    throttled_s: float = 0.0
    throttled_share: float = 0.0
    """Share of the last sample interval."""
    anon: int = 0
    file: int = 0
    kernel: int = 0
    shmem: int = 0
    swap: int = 0
    memory_limit: int | None = None
    pids: int = 0
    pids_limit: int | None = None

    @property
    def memory(self) -> int:
        """All that it is charged for: ``memory.current``."""
        return self.anon + self.file + self.kernel + self.shmem


@dataclass(frozen=True, slots=True)
class ProcessFacts:
    """A process, by the number that its machine gives it and by the one that it sees itself."""

    outside: int
    inside: int
    user_outside: str
    user_inside: str
    command: str
    cpu_s: float
    memory: int


@dataclass(frozen=True, slots=True)
class NamespaceFacts:
    """A namespace of a container, and who else is in it."""

    kind: str
    own: bool
    others: tuple[str, ...]
    """Other running containers in it, the first ones."""
    more: int = 0
    """How many more there are."""
    note: str = ""


@dataclass(frozen=True, slots=True)
class FateFacts:
    """What could fail below a container, and who falls with it then."""

    cause: str
    falls: tuple[str, ...]
    more: int = 0
