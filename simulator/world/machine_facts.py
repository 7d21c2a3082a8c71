"""What comes of commands on machines, as data: switches, faults, reboots, flaws, traffic."""

from __future__ import annotations

from dataclasses import dataclass

from simulator.world.facts import Fact


@dataclass(frozen=True, slots=True)
class MachineUsed(Fact):
    """Later commands mean this machine."""

    machine: str


@dataclass(frozen=True, slots=True)
class Switched(Fact):
    """One of a machine's own switches: balloon, same-page merging, eviction, metrics, userns."""

    what: str
    machine: str
    on: bool


@dataclass(frozen=True, slots=True)
class KernelInstalled(Fact):
    """A kernel that runs from the next boot on; ``running`` is the one until then."""

    version: str
    machine: str
    running: str


@dataclass(frozen=True, slots=True)
class SoftwareInstalled(Fact):
    """Another version of a program of a machine."""

    name: str
    machine: str
    version: str


@dataclass(frozen=True, slots=True)
class Counted(Fact):
    """What else a machine's daemon says it has, by kind."""

    machine: str
    counts: tuple[tuple[str, int], ...]


@dataclass(frozen=True, slots=True)
class ConnectionsBounded(Fact):
    """How many connections a machine's table holds."""

    most: int


@dataclass(frozen=True, slots=True)
class Broken(Fact):
    """A fault happened: how many containers and VMs fell with it, or came back.

    ``amount`` is how much of it, where there can be more or less.
    """

    kind: str
    target: str
    amount: float | None = None
    containers: int = 0
    vms: int = 0


@dataclass(frozen=True, slots=True)
class Rebooted(Fact):
    """A machine runs again, with a kernel; so many containers start by their restart policy."""

    machine: str
    kernel: str
    containers: int


@dataclass(frozen=True, slots=True)
class FlawUsed(Fact):
    """What a flaw led to: walls around who used it, why, which one failed, whom he reaches."""

    attacker: str
    walls: tuple[str, ...]
    explanation: str
    failed: str
    standing: str
    reachable: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class TrafficBegan(Fact):
    """Requests come to a service; ``words`` is the sentence of what was asked for."""

    service: str
    words: str
