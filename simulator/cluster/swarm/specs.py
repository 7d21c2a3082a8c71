"""What people want of a swarm: services, and the tasks that they are made of. All frozen.

Defaults are those of swarmkit (``api/defaults/service.go``).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal, TypeAlias

import msgspec

from simulator.node.spec import ContainerSpec

Condition: TypeAlias = Literal["none", "on-failure", "any"]
FailureAction: TypeAlias = Literal["pause", "continue", "rollback"]
Order: TypeAlias = Literal["stop-first", "start-first"]
ModeKind: TypeAlias = Literal["replicated", "global", "replicated-job", "global-job"]

NANO = 1_000_000_000
"""CPU is reserved and limited in billionths of a core."""
JOBS: tuple[ModeKind, ...] = ("replicated-job", "global-job")


class RestartPolicy(msgspec.Struct, frozen=True, kw_only=True):
    """What becomes of a slot whose task has ended."""

    condition: Condition = "any"
    delay_s: float = 5.0
    max_attempts: int = 0
    """0: as often as it takes."""
    window_s: float = 0.0
    """In which attempts are counted; 0: all of them."""


class UpdateConfig(msgspec.Struct, frozen=True, kw_only=True):
    """How tasks are exchanged for others."""

    parallelism: int = 1
    """Slots at once; 0: all."""
    delay_s: float = 0.0
    failure_action: FailureAction = "pause"
    monitor_s: float = 5.0
    """For how long a new task must run before its end is none of the update's failures."""
    max_failure_ratio: float = 0.0
    order: Order = "stop-first"


class Resources(msgspec.Struct, frozen=True, kw_only=True):
    """CPU in billionths of a core, memory in bytes, and counted things by name."""

    nano_cpus: int = 0
    memory_bytes: int = 0
    generic: tuple[tuple[str, int], ...] = ()
    pids: int = 0


NOTHING = Resources()


class Placement(msgspec.Struct, frozen=True, kw_only=True):
    """Where tasks may be, and rather are."""

    constraints: tuple[str, ...] = ()
    preferences: tuple[str, ...] = ()
    """Labels over whose values tasks are spread, as ``node.labels.zone``, in their order."""
    max_replicas: int = 0
    """Most tasks of the service on a node; 0: any number."""
    platforms: tuple[tuple[str, str], ...] = ()
    """Architecture and system that an image can run on; nothing stands for any."""


class Port(msgspec.Struct, frozen=True, kw_only=True):
    """A port of the tasks that is reached from outside."""

    target: int
    published: int = 0
    """0: the swarm chooses."""
    protocol: str = "tcp"
    mode: str = "ingress"
    """``ingress``: at every node; ``host``: at those that have a task."""
    name: str = ""


class Endpoint(msgspec.Struct, frozen=True, kw_only=True):
    """How a service is reached."""

    mode: str = "vip"
    """``vip``: one address for all tasks; ``dnsrr``: the addresses of all of them in turn."""
    ports: tuple[Port, ...] = ()


class FileRef(msgspec.Struct, frozen=True, kw_only=True):
    """A secret or config as a task sees it."""

    id: str
    name: str
    target: str = ""
    uid: str = "0"
    gid: str = "0"
    mode: int = 0o444


class NetworkRef(msgspec.Struct, frozen=True, kw_only=True):
    """A network that tasks are on, by identity."""

    id: str
    aliases: tuple[str, ...] = ()


class TaskSpec(msgspec.Struct, frozen=True, kw_only=True):
    """What each task of a service is."""

    container: ContainerSpec
    restart: RestartPolicy = RestartPolicy()
    limits: Resources = NOTHING
    reservations: Resources = NOTHING
    placement: Placement = Placement()
    networks: tuple[NetworkRef, ...] = ()
    secrets: tuple[FileRef, ...] = ()
    configs: tuple[FileRef, ...] = ()
    drivers: tuple[tuple[str, str], ...] = ()
    """Plugins that nodes must have: ``Volume``, ``Network`` or ``Log``, and a name."""
    force_update: int = 0
    """Counts orders to exchange tasks although nothing else has changed."""


class Mode(msgspec.Struct, frozen=True, kw_only=True):
    """How many tasks there are."""

    kind: ModeKind = "replicated"
    replicas: int = 1
    """Of a replicated-job: how many must complete in all."""
    max_concurrent: int = 1

    @property
    def is_job(self) -> bool:
        """Whether its tasks are to end."""
        return self.kind in JOBS

    @property
    def is_global(self) -> bool:
        """Whether each node has one."""
        return self.kind in ("global", "global-job")


class ServiceSpec(msgspec.Struct, frozen=True, kw_only=True):
    """A service as it is wanted."""

    name: str
    task: TaskSpec
    labels: Mapping[str, str] = {}
    mode: Mode = Mode()
    update: UpdateConfig = UpdateConfig()
    rollback: UpdateConfig = UpdateConfig()
    endpoint: Endpoint = Endpoint()


class NodeSpec(msgspec.Struct, frozen=True, kw_only=True):
    """A node as it is wanted."""

    availability: str = "active"
    """``active``; ``pause``: it keeps what it has; ``drain``: what it has goes elsewhere."""
    role: str = "worker"
    labels: Mapping[str, str] = {}


class SwarmSpec(msgspec.Struct, frozen=True, kw_only=True):
    """What holds for a whole swarm."""

    heartbeat_s: float = 5.0
    task_history: int = 5
    """Ended tasks of a slot that are kept."""
    autolock: bool = False
    snapshot_interval: int = 10_000
    cert_expiry_s: float = 90 * 86_400.0
