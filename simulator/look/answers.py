"""What a reader answers besides views: versions, totals, rows of the tree, the busiest."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple

from simulator.look.views import ContainerView, HostView, KernelView, VmView

IDLE_STATES = ("created", "exited", "dead")
"""Containers in these states use no CPU."""


class Version(NamedTuple):
    """What a reader last saw: as long as it is the same, so is every answer."""

    time: float
    commands: int
    events: int
    samples: int


@dataclass(frozen=True, slots=True)
class Totals:
    """How much there is of everything, and what is used of it."""

    hosts: int
    vms: int
    services: int
    states: Mapping[str, int]
    """How many containers are in each state that some are in."""
    cpu_cores: float
    """Used on all hosts, of ``cores``."""
    cores: int
    memory_used_bytes: int
    memory_bytes: int

    @property
    def containers(self) -> int:
        """All containers, whatever their state."""
        return sum(self.states.values())

    @property
    def alive(self) -> int:
        """Containers that may use CPU."""
        return sum(count for state, count in self.states.items() if state not in IDLE_STATES)


@dataclass(frozen=True, slots=True)
class TreeRow:
    """One line of the tree of hosts, their kernels, and what runs on these."""

    key: str
    """``host/a``, ``kernel/a``, ``vm/v``, or ``container/`` and its id."""
    kind: str
    """host, kernel, vm or container."""
    depth: int
    ends: tuple[bool, ...]
    """For each level below a kernel, down to its own: whether nothing follows on that level."""
    view: HostView | KernelView | VmView | ContainerView
    """The thing itself, without what is below it."""
    cores: float = 0.0
    """Cores of the machine that it is on, or is."""
    memory_bytes: int = 0
    """Memory of that machine."""
    broken: bool = False
    """Whether somebody broke out of this container."""
    reached_from: tuple[str, ...] = ()
    """Containers from which somebody who broke out can reach this one."""


@dataclass(frozen=True, slots=True)
class BusyContainer:
    """A container among the busiest, and how many cores it could have."""

    view: ContainerView
    cores: float
