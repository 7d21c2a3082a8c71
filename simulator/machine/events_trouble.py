"""What happens when a kernel runs out of something: killed, refused, standing still."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from simulator.machine.events import MachineEvent, memory_words
from simulator.units import format_binary_bytes, format_bytes


@dataclass(frozen=True, slots=True)
class VmKilled(MachineEvent):
    """The kernel beneath killed a VM's monitor: it was out of memory."""

    group: str
    usage_bytes: int
    limit_bytes: int
    containers: int
    scores: tuple[str, ...] = ()
    swapped_bytes: int = 0
    """What of the group was in swap, beside that usage."""

    _level: ClassVar[str] = "bad"

    def sentence(self) -> str:
        """In words."""
        return (
            f"VM {self.subject} was OOM-killed with {self.containers} containers: "
            f"{self.group} at {self.amounts}"
        )

    @property
    def amounts(self) -> str:
        """What the group had of what it may have, in words."""
        return memory_words(self.usage_bytes, self.limit_bytes, self.swapped_bytes)


@dataclass(frozen=True, slots=True)
class WriteFailed(MachineEvent):
    """A program cannot write: its disk is full, or for reading alone."""

    problem: str
    ends: bool
    """Whether the program ends for it, instead of going on and trying again."""

    _level: ClassVar[str] = "bad"

    def sentence(self) -> str:
        """In words."""
        then = "it ends" if self.ends else "it goes on, and tries again"
        return f"{self.subject} cannot write: {self.problem}; {then}"


@dataclass(frozen=True, slots=True)
class DiskFull(MachineEvent):
    """The disk of a machine is full while programs write to it."""

    size_bytes: int
    writers: int

    _level: ClassVar[str] = "bad"

    def sentence(self) -> str:
        """In words."""
        whom = "1 program" if self.writers == 1 else f"{self.writers} programs"
        size = format_bytes(self.size_bytes)
        return f"the disk of {self.subject} is full ({size}) while {whom} write to it"


@dataclass(frozen=True, slots=True)
class LogLost(MachineEvent):
    """A daemon cannot keep what a container prints: the disk is full. The container goes on."""

    _level: ClassVar[str] = "bad"

    def sentence(self) -> str:
        """In words."""
        return f"what {self.subject} prints is lost: no space left on device for its log"


@dataclass(frozen=True, slots=True)
class ForkRefused(MachineEvent):
    """A container cannot start more processes: EAGAIN."""

    by: str
    """``cgroup`` (pids.max) or ``kernel`` (the table that all share is full)."""
    limit: int | None
    stalled: bool

    @property
    def level(self) -> str:
        """A warning, or bad when the whole kernel stands still."""
        return "bad" if self.stalled else "warn"

    def sentence(self) -> str:
        """In words."""
        if self.by == "cgroup":
            return f"fork in {self.subject} refused: pids.max of {self.limit} is reached"
        text = f"fork in {self.subject} refused: the process table of its kernel is full"
        return f"{text}; everybody on that kernel stands still" if self.stalled else text


@dataclass(frozen=True, slots=True)
class ProcessKilled(MachineEvent):
    """The kernel killed one process in a container for its memory; the container goes on."""

    group: str
    held_bytes: int

    _level: ClassVar[str] = "warn"

    def sentence(self) -> str:
        """In words."""
        held = format_binary_bytes(self.held_bytes)
        return f"a process in {self.subject} was OOM-killed with {held} ({self.group} was full)"


@dataclass(frozen=True, slots=True)
class KernelStalled(MachineEvent):
    """So many processes are on a kernel that nobody's work ends."""

    processes: int
    table: int

    _level: ClassVar[str] = "bad"

    def sentence(self) -> str:
        """In words."""
        return (
            f"kernel of {self.subject} stands still: {self.processes:,} of {self.table:,} "
            "processes; everybody on it waits"
        )


@dataclass(frozen=True, slots=True)
class KernelRecovered(MachineEvent):
    """A kernel that stood still works again."""

    _level: ClassVar[str] = "good"

    def sentence(self) -> str:
        """In words."""
        return f"kernel of {self.subject} works again"


@dataclass(frozen=True, slots=True)
class ConnectionsDropped(MachineEvent):
    """A kernel's table of connections is full: newcomers are dropped."""

    entries: int
    share: float

    _level: ClassVar[str] = "bad"

    def sentence(self) -> str:
        """In words."""
        return (
            f"kernel {self.subject}: nf_conntrack: table full, dropping packet "
            f"({self.entries} entries; {self.share:.0%} of the new connections are dropped)"
        )


@dataclass(frozen=True, slots=True)
class ConnectionsLetIn(MachineEvent):
    """A kernel's table of connections has room again."""

    def sentence(self) -> str:
        """In words."""
        return f"kernel {self.subject}: its table of connections has room again"
