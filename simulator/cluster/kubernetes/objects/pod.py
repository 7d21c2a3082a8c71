"""Pods: what is wanted of one, and what became of it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

import msgspec

from simulator.cluster.kubernetes.objects.containers import Amounts, Container, Requirements
from simulator.cluster.kubernetes.objects.meta import Condition, Data, Object
from simulator.cluster.kubernetes.objects.placing import Affinity, SpreadConstraint, Toleration
from simulator.cluster.kubernetes.objects.resources import Resources


class Volume(msgspec.Struct, frozen=True, gc=False, rename="camel"):
    """A volume of a pod; one source is stated."""

    name: str
    empty_dir: Mapping[str, Any] | None = None
    config_map: Mapping[str, Any] | None = None
    secret: Mapping[str, Any] | None = None
    downward_api: Mapping[str, Any] | None = msgspec.field(default=None, name="downwardAPI")
    persistent_volume_claim: Mapping[str, Any] | None = None
    host_path: Mapping[str, Any] | None = None
    projected: Mapping[str, Any] | None = None
    ephemeral: Mapping[str, Any] | None = None


class SchedulingGate(msgspec.Struct, frozen=True, gc=False):
    """Keeps a pod from being scheduled until it is taken away."""

    name: str


class ReadinessGate(msgspec.Struct, frozen=True, gc=False, rename="camel"):
    """A condition that somebody must set before a pod is ready."""

    condition_type: str


class PodSpec(msgspec.Struct, frozen=True, gc=False, rename="camel"):
    """A pod as it is wanted: ``spec`` of the API, typed."""

    containers: tuple[Container, ...] = ()
    init_containers: tuple[Container, ...] = ()
    restart_policy: str = "Always"
    termination_grace_period_seconds: int = 30
    active_deadline_seconds: int | None = None
    node_selector: Mapping[str, str] = {}
    node_name: str = ""
    affinity: Affinity = Affinity()
    tolerations: tuple[Toleration, ...] = ()
    topology_spread_constraints: tuple[SpreadConstraint, ...] = ()
    priority_class_name: str = ""
    preemption_policy: str = "PreemptLowerPriority"
    scheduler_name: str = "default-scheduler"
    scheduling_gates: tuple[SchedulingGate, ...] = ()
    readiness_gates: tuple[ReadinessGate, ...] = ()
    host_network: bool = False
    volumes: tuple[Volume, ...] = ()
    runtime_class_name: str = ""
    overhead: Amounts = {}
    resources: Requirements = Requirements()
    """Of the pod as a whole (newer than those of containers)."""
    service_account_name: str = ""
    hostname: str = ""
    subdomain: str = ""
    share_process_namespace: bool = False
    security_context: Mapping[str, Any] = {}


class Template(msgspec.Struct, frozen=True, eq=False, gc=False):
    """What all pods of one owner share. One object for each different content: ``Templates``.

    Known by its ``number``: caches are keyed by that.
    """

    number: int
    data: Data
    """``spec`` of its pods as written, with defaults."""
    spec: PodSpec
    labels: Mapping[str, str]
    annotations: Mapping[str, str]
    requests: Resources
    """Of a whole pod: init containers, sidecars and overhead included."""
    limits: Resources
    qos: str
    """Guaranteed, Burstable or BestEffort."""


class Ended(msgspec.Struct, frozen=True, gc=False):
    """One run of a container that is over."""

    exit_code: int
    reason: str
    started_at: float
    finished_at: float
    message: str = ""
    signal: int = 0


class ContainerStatus(msgspec.Struct, frozen=True, gc=False):
    """One container: waiting (``waiting`` says why), running since, or ended."""

    name: str
    image: str = ""
    waiting: str = ""
    """Reason, as ContainerCreating or CrashLoopBackOff."""
    message: str = ""
    running_since: float | None = None
    ended: Ended | None = None
    last: Ended | None = None
    """The run before this one."""
    ready: bool = False
    started: bool = False
    restarts: int = 0
    image_id: str = ""
    container_id: str = ""


class PodStatus(msgspec.Struct, frozen=True, gc=False):
    """What became of a pod. Times are simulated seconds; None: not yet."""

    phase: str = "Pending"
    reason: str = ""
    message: str = ""
    ip: str = ""
    scheduled_at: float | None = None
    unschedulable: str = ""
    """Why no node takes it; nothing while it was not tried, or has one."""
    unschedulable_reason: str = ""
    """``Unschedulable`` or ``SchedulingGated``."""
    started_at: float | None = None
    """When the kubelet took it on."""
    initialized_at: float | None = None
    ready_since: float | None = None
    unready_since: float | None = None
    unready_reason: str = ""
    containers: tuple[ContainerStatus, ...] = ()
    init_containers: tuple[ContainerStatus, ...] = ()
    nominated_node: str = ""
    conditions: tuple[Condition, ...] = ()
    """Conditions beside those that follow from the times above."""

    @property
    def ready(self) -> bool:
        """Whether it is an endpoint of its Services."""
        return self.ready_since is not None

    @property
    def over(self) -> bool:
        """Whether it has ended for good."""
        return self.phase in ("Succeeded", "Failed")


PENDING = PodStatus()


class Pod(Object, frozen=True, kw_only=True, gc=False):
    """A pod. Its raw specification is its template's with the node that it is bound to."""

    KIND: ClassVar[str] = "Pod"

    template: Template
    node: str = ""
    """Nothing: not bound yet."""
    priority: int = 0
    status: PodStatus = PENDING

    @property
    def spec(self) -> PodSpec:
        """What is wanted."""
        return self.template.spec

    @property
    def requests(self) -> Resources:
        """What a node must have left for it."""
        return self.template.requests

    @property
    def deleting(self) -> bool:
        """Whether it is on its way out."""
        return self.meta.deleting_since is not None

    @property
    def active(self) -> bool:
        """Whether it counts for its owner: neither over nor on its way out."""
        return self.meta.deleting_since is None and self.status.phase not in (
            "Succeeded",
            "Failed",
        )
