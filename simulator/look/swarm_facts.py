"""What a screen shows of a swarm, as values: its members, its services, its tasks."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from simulator.look.cluster_facts import View


@dataclass(frozen=True, slots=True)
class MemberFacts:
    """A node of a swarm. ``manager``: Leader, Reachable or Unreachable; nothing: a worker. What
    tasks reserve and what there is in billionths of a core and in bytes."""

    id: str
    name: str
    machine: str
    ready: bool
    why: str
    availability: str
    manager: str
    tasks: int
    """Tasks that are to go on there."""
    cpu_asked: int
    cpu: int
    memory_asked: int
    memory: int


@dataclass(frozen=True, slots=True)
class SwarmServiceFacts:
    """A service: how many tasks run of how many that are to run; of a job, how many are done."""

    id: str
    name: str
    mode: str
    running: int
    desired: int
    done: int | None
    total: int
    image: str
    ports: tuple[str, ...]
    update: str
    """State of its last update; nothing: there was none."""
    message: str
    error: str
    """Of one of its last tasks, where some are missing."""


@dataclass(frozen=True, slots=True)
class TaskFacts:
    """A task: where, what it is to be and what it is, since when, and why it is not."""

    id: str
    name: str
    container: str
    """Name of its container; nothing before there is one."""
    image: str
    node: str
    desired: str
    state: str
    since: float
    message: str
    error: str
    running: bool
    over: bool


@dataclass(frozen=True, slots=True)
class SwarmFacts:
    """What one frame shows of a swarm. ``keys`` are of all rows, ``rows`` of those from ``first``
    on."""

    name: str
    view: View
    nodes: int
    ready_nodes: int
    managers: int
    reachable: int
    leader: str
    """Nothing: nobody leads, and nothing can be changed."""
    services: int
    tasks: int
    """Tasks that are to go on."""
    running: int
    keys: Sequence[str]
    first: int
    rows: tuple[Any, ...]
    clusters: int = 1
    """How many clusters and swarms there are."""
