"""What happens on machines: frozen facts in the past tense."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from simulator.engine import Event
from simulator.units import counted, format_binary_bytes, format_span


@dataclass(frozen=True, slots=True)
class MachineEvent(Event):
    """Base: ``subject`` is the machine or container that it is about."""

    subject: str


@dataclass(frozen=True, slots=True)
class HostCreated(MachineEvent):
    """A host joined."""

    cores: int
    memory_bytes: int

    def sentence(self) -> str:
        """In words."""
        size = format_binary_bytes(self.memory_bytes)
        return f"host {self.subject} is up: {self.cores} cores, {size}"


@dataclass(frozen=True, slots=True)
class HostRemoved(MachineEvent):
    """A host left, with all that ran on it."""

    def sentence(self) -> str:
        """In words."""
        return f"host {self.subject} was removed"


@dataclass(frozen=True, slots=True)
class HostLostPower(MachineEvent):
    """A host stopped dead."""

    lost: int

    _level: ClassVar[str] = "bad"

    def sentence(self) -> str:
        """In words."""
        died = f"; {counted(self.lost, 'container')} died with it" if self.lost else ""
        return f"host {self.subject} lost power{died}"


@dataclass(frozen=True, slots=True)
class MachineRebooting(MachineEvent):
    """It is switched off, to be switched on again."""

    containers: int

    def sentence(self) -> str:
        """In words."""
        return f"{self.subject} reboots: {counted(self.containers, 'container')} in it end"


@dataclass(frozen=True, slots=True)
class DaemonRestarted(MachineEvent):
    """A daemon was started anew; ``back``: containers that it starts by their policies."""

    back: int

    def sentence(self) -> str:
        """In words."""
        return f"the daemon of {self.subject} was restarted; {self.back} containers come back"


@dataclass(frozen=True, slots=True)
class KernelPanicked(MachineEvent):
    """A kernel fell, and everything below it."""

    containers: int
    vms: int

    _level: ClassVar[str] = "bad"

    def sentence(self) -> str:
        """In words."""
        return (
            f"kernel of {self.subject} panicked: {counted(self.containers, 'container')} and "
            f"{counted(self.vms, 'VM')} fell with it"
        )


@dataclass(frozen=True, slots=True)
class VmStageEnded(MachineEvent):
    """One stage of a VM's boot is over."""

    stage: str
    seconds: float

    def sentence(self) -> str:
        """In words."""
        return f"VM {self.subject}: {self.stage} took {format_span(self.seconds)}"


@dataclass(frozen=True, slots=True)
class VmBooted(MachineEvent):
    """A VM's own kernel runs."""

    seconds: float

    _level: ClassVar[str] = "good"

    def sentence(self) -> str:
        """In words."""
        return f"VM {self.subject} booted in {format_span(self.seconds)}"


@dataclass(frozen=True, slots=True)
class VmRemoved(MachineEvent):
    """A VM is gone."""

    def sentence(self) -> str:
        """In words."""
        return f"VM {self.subject} was removed"


@dataclass(frozen=True, slots=True)
class ContainerCreated(MachineEvent):
    """A container exists: a writable layer and a configuration, no process yet."""

    image: str
    machine: str

    def sentence(self) -> str:
        """In words."""
        return f"container {self.subject} created from {self.image} on {self.machine}"


@dataclass(frozen=True, slots=True)
class ContainerStarted(MachineEvent):
    """Its first process runs; the program may still be starting."""

    seconds: float

    def sentence(self) -> str:
        """In words."""
        return f"container {self.subject} started in {format_span(self.seconds)}"


@dataclass(frozen=True, slots=True)
class ContainerReady(MachineEvent):
    """Its program accepts work."""

    seconds: float

    _level: ClassVar[str] = "good"

    def sentence(self) -> str:
        """In words."""
        return f"container {self.subject} is ready, {format_span(self.seconds)} after its start"


@dataclass(frozen=True, slots=True)
class ContainerHealthChanged(MachineEvent):
    """A container's checks have come to another opinion of it."""

    status: str

    def sentence(self) -> str:
        """In words."""
        return f"container {self.subject} is {self.status} by its health check"


@dataclass(frozen=True, slots=True)
class ContainerPaused(MachineEvent):
    """Its cgroup is frozen."""

    def sentence(self) -> str:
        """In words."""
        return f"container {self.subject} paused"


@dataclass(frozen=True, slots=True)
class ContainerUnpaused(MachineEvent):
    """Its cgroup runs again."""

    def sentence(self) -> str:
        """In words."""
        return f"container {self.subject} unpaused"


@dataclass(frozen=True, slots=True)
class ContainerStopping(MachineEvent):
    """It was asked to stop."""

    signal: str
    grace_s: float

    def sentence(self) -> str:
        """In words."""
        return f"container {self.subject} got SIG{self.signal}, {self.grace_s:g} s of grace"


@dataclass(frozen=True, slots=True)
class ContainerNotStarted(MachineEvent):
    """It could not be started: nothing of it ran."""

    error: str

    _level: ClassVar[str] = "bad"

    def sentence(self) -> str:
        """In words."""
        return f"container {self.subject} could not be started: {self.error}"


@dataclass(frozen=True, slots=True)
class ContainerExited(MachineEvent):
    """Its first process ended, and so did all others in it."""

    code: int
    reason: str
    lost_requests: int

    @property
    def level(self) -> str:
        """Bad unless it ended well or was asked to."""
        return "info" if self.code == 0 or self.reason in ("stopped", "killed") else "bad"

    def sentence(self) -> str:
        """In words."""
        lost = f"; {self.lost_requests} requests inside it failed" if self.lost_requests else ""
        return f"container {self.subject} exited with code {self.code} ({self.reason}){lost}"


@dataclass(frozen=True, slots=True)
class OomKilled(MachineEvent):
    """The kernel killed it: the memory group was over its limit."""

    group: str
    usage_bytes: int
    limit_bytes: int
    scores: tuple[str, ...] = ()
    """The killer's table, its victim first."""
    swapped_bytes: int = 0
    """What of the group was in swap, beside that usage."""

    _level: ClassVar[str] = "bad"

    def sentence(self) -> str:
        """In words."""
        return f"container {self.subject} was OOM-killed: {self.group} at {self.amounts}"

    @property
    def amounts(self) -> str:
        """What the group had of what it may have, in words."""
        return memory_words(self.usage_bytes, self.limit_bytes, self.swapped_bytes)


def memory_words(usage_bytes: int, limit_bytes: int, swapped_bytes: int) -> str:
    """Memory in use of a limit, and what is in swap besides."""
    limit = f" of {format_binary_bytes(limit_bytes)}" if limit_bytes else " without a limit"
    words = f"{format_binary_bytes(usage_bytes)}{limit}"
    return f"{words} and {format_binary_bytes(swapped_bytes)} in swap" if swapped_bytes else words


@dataclass(frozen=True, slots=True)
class ContainerRestarting(MachineEvent):
    """The restart policy starts it again after a delay."""

    delay_s: float
    restarts: int

    _level: ClassVar[str] = "warn"

    def sentence(self) -> str:
        """In words."""
        return (
            f"container {self.subject} restarts in {format_span(self.delay_s)} "
            f"(restart {self.restarts})"
        )


@dataclass(frozen=True, slots=True)
class ContainerEvicted(MachineEvent):
    """It was ended because its machine was short of memory."""

    machine: str
    available_bytes: int
    reason: str

    _level: ClassVar[str] = "bad"

    def sentence(self) -> str:
        """In words."""
        left = format_binary_bytes(max(0, self.available_bytes))
        return f"container {self.subject} was evicted: {left} left on {self.machine}; {self.reason}"


@dataclass(frozen=True, slots=True)
class ContainerUpdated(MachineEvent):
    """Its limits were changed."""

    change: str

    def sentence(self) -> str:
        """In words."""
        return f"container {self.subject} updated: {self.change}"


@dataclass(frozen=True, slots=True)
class ContainerRemoved(MachineEvent):
    """It is gone, its writable layer with it."""

    def sentence(self) -> str:
        """In words."""
        return f"container {self.subject} removed"
