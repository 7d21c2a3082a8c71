"""What a swarm keeps: nodes, services, tasks, networks, secrets and configs.

They are changed in place, by whoever is in charge of them, and through ``state.py``, which tells
all others.
"""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from simulator.cluster.swarm.specs import NodeSpec, Port, Resources, ServiceSpec, TaskSpec

NEW, PENDING, ASSIGNED, ACCEPTED, PREPARING, READY, STARTING, RUNNING = range(0, 512, 64)
COMPLETE, SHUTDOWN, FAILED, REJECTED, REMOVE, ORPHANED = range(512, 512 + 6 * 64, 64)
"""States in their order: a task only goes forward (swarmkit, ``api/types.proto``)."""
STATE_WORDS = {
    NEW: "new", PENDING: "pending", ASSIGNED: "assigned", ACCEPTED: "accepted",
    PREPARING: "preparing", READY: "ready", STARTING: "starting", RUNNING: "running",
    COMPLETE: "complete", SHUTDOWN: "shutdown", FAILED: "failed", REJECTED: "rejected",
    REMOVE: "remove", ORPHANED: "orphaned",
}  # fmt: skip


class Description(msgspec.Struct, frozen=True, kw_only=True):
    """What a node says of itself."""

    hostname: str
    os: str = "linux"
    arch: str = "x86_64"
    resources: Resources | None = None
    """None: nothing is known, and nothing limited."""
    engine_labels: Mapping[str, str] = {}
    plugins: tuple[tuple[str, str], ...] | None = None
    """Kind and name; None: it has whatever is asked for."""
    engine: str = "28.5.1"
    platform: bool = True
    """Whether it says what it runs on at all."""


class Node:
    """A member of a swarm."""

    __slots__ = (
        "address", "created", "description", "down_why", "id", "reachable", "ready", "spec",
        "updated", "version",
    )  # fmt: skip

    def __init__(
        self, id_: str, spec: NodeSpec, description: Description, address: str, now: float
    ) -> None:
        self.id = id_
        self.spec = spec
        self.description = description
        self.address = address
        self.ready = True
        """Whether its heartbeats arrive."""
        self.down_why = ""
        self.reachable = True
        """Of a manager: whether the others reach it."""
        self.created = self.updated = now
        self.version = 0

    @property
    def hostname(self) -> str:
        """What it calls itself."""
        return self.description.hostname

    @property
    def manager(self) -> bool:
        """Whether it is one of those that decide."""
        return self.spec.role == "manager"

    @property
    def takes_tasks(self) -> bool:
        """Whether new tasks may go there."""
        return self.ready and self.spec.availability == "active"

    @property
    def lost(self) -> bool:
        """Whether tasks must go elsewhere (``InvalidNode``)."""
        return not self.ready or self.spec.availability == "drain"


class UpdateStatus(msgspec.Struct, frozen=True, kw_only=True):
    """How far an update is."""

    state: str
    """updating, paused, completed, rollback_started, rollback_paused, rollback_completed."""
    message: str
    started: float
    completed: float | None = None


class Service:
    """Tasks that are alike."""

    __slots__ = (
        "created", "id", "iteration", "iteration_at", "ports", "previous", "previous_version",
        "spec", "spec_version", "status", "updated", "version", "vips",
    )  # fmt: skip

    def __init__(self, id_: str, spec: ServiceSpec, now: float) -> None:
        self.id = id_
        self.spec = spec
        self.previous: ServiceSpec | None = None
        """What a rollback goes back to."""
        self.previous_version = 0
        self.spec_version = 1
        """Tasks of another version are out of date."""
        self.version = 0
        self.status: UpdateStatus | None = None
        self.created = self.updated = now
        self.iteration = 0
        """Of a job: how often it was begun anew."""
        self.iteration_at = now
        self.vips: dict[str, str] = {}
        """Its address on each network, by identity of the network."""
        self.ports: dict[Port, int] = {}
        """At which port of the mesh each is published, by what is wanted."""

    @property
    def name(self) -> str:
        """What people call it."""
        return self.spec.name


class Task:
    """One run of a service's container on one node: when it is over, another one follows it."""

    __slots__ = (
        "addresses",
        "changed",
        "container",
        "created",
        "desired",
        "endpoint",
        "error",
        "exit_code",
        "generic",
        "id",
        "iteration",
        "message",
        "node",
        "number",
        "ports",
        "service",
        "service_name",
        "slot",
        "spec",
        "spec_version",
        "state",
    )  # fmt: skip

    def __init__(self, id_: str, number: int, service: Service, slot: int, node: str, now: float,
                 desired: int = RUNNING) -> None:  # fmt: skip
        self.id = id_
        self.number = number
        """How many came before it: the order in which they were made."""
        self.service = service.id
        self.service_name = service.name
        self.slot = slot
        """From 1; 0 for tasks of global services, whose place is their node."""
        self.node = node
        self.spec: TaskSpec = service.spec.task
        self.spec_version = service.spec_version
        self.endpoint = service.spec.endpoint
        self.ports = self.endpoint.ports
        self.state = PENDING
        self.desired = desired
        self.message = "pending task scheduling"
        self.error = ""
        self.exit_code: int | None = None
        self.container = ""
        """Identity of its container, once there is one."""
        self.created = self.changed = now
        self.iteration = service.iteration
        self.generic: tuple[tuple[str, int], ...] = ()
        self.addresses: dict[str, str] = {}
        """Its address on each network."""

    @property
    def name(self) -> str:
        """``web.1``, or ``web.NODE`` where each node has one."""
        return f"{self.service_name}.{self.slot or self.node}"

    @property
    def full_name(self) -> str:
        """What its container is called."""
        return f"{self.name}.{self.id}"

    @property
    def place(self) -> tuple[str, str]:
        """Its slot, or its node: those of one place follow each other."""
        return self.service, str(self.slot) if self.slot else self.node

    @property
    def over(self) -> bool:
        """Whether it has ended."""
        return self.state > RUNNING


class Secret:
    """A secret or a config: bytes under a name, which never change."""

    __slots__ = ("content", "created", "id", "kind", "labels", "name", "updated", "version")

    def __init__(self, id_: str, kind: str, name: str, content: str, labels: Mapping[str, str],
                 now: float) -> None:  # fmt: skip
        self.id = id_
        self.kind = kind
        """``secret`` or ``config``."""
        self.name = name
        self.content = content
        """What is in it; bytes that are no text as the surrogates that Python has for them."""
        self.labels = labels
        self.created = self.updated = now
        self.version = 0

    @property
    def body(self) -> bytes:
        """Its bytes."""
        return self.content.encode("utf-8", "surrogateescape")


class Guest(msgspec.Struct, frozen=True):
    """A container of no service on a network over all nodes."""

    id: str
    """Of its task, which nobody sees but in refusals."""
    machine: str
    container: str
    address: str
    names: tuple[str, ...]


class Network:
    """A network over all nodes."""

    __slots__ = (
        "attachable", "created", "driver", "guests", "id", "ingress", "internal", "labels",
        "last", "name", "options", "subnet", "taken", "vxlan",
    )  # fmt: skip

    def __init__(self, id_: str, name: str, subnet: str, now: float, *, attachable: bool = False,
                 internal: bool = False, ingress: bool = False, driver: str = "overlay",
                 labels: Mapping[str, str] | None = None,
                 options: Mapping[str, str] | None = None) -> None:  # fmt: skip
        self.id = id_
        self.name = name
        self.driver = driver
        self.subnet = subnet
        self.attachable = attachable
        self.internal = internal
        self.ingress = ingress
        self.labels = dict(labels or {})
        self.options = dict(options or {})
        self.created = now
        self.last = 1
        """Addresses handed out so far."""
        self.taken: dict[str, str] = {}
        """Who has which address."""
        self.guests: dict[str, Guest] = {}
        """Containers of no service that joined it, by identity."""
        self.vxlan = 0
        """The number of its tunnels."""
