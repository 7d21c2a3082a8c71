"""Workloads: ReplicaSets, Deployments, StatefulSets, DaemonSets, as wanted and as they are."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

import msgspec

from simulator.cluster.kubernetes.objects.meta import Condition, Data, Object
from simulator.cluster.kubernetes.objects.selectors import LabelSelector


class TemplateMeta(msgspec.Struct, frozen=True, gc=False):
    """Labels and annotations that pods get from their template."""

    labels: Mapping[str, str] = {}
    annotations: Mapping[str, str] = {}


class PodTemplate(msgspec.Struct, frozen=True, gc=False):
    """Pods as a workload makes them; ``spec`` stays data, which templates are made of."""

    metadata: TemplateMeta = TemplateMeta()
    spec: Mapping[str, Any] = {}


class ReplicaSetSpec(msgspec.Struct, frozen=True, gc=False, rename="camel"):
    """So many pods like this."""

    replicas: int = 1
    selector: LabelSelector = LabelSelector()
    template: PodTemplate = PodTemplate()
    min_ready_seconds: int = 0


class ReplicaSetStatus(msgspec.Struct, frozen=True, gc=False, rename="camel"):
    """Pods by how far they are."""

    replicas: int = 0
    ready_replicas: int = 0
    available_replicas: int = 0
    fully_labeled_replicas: int = 0
    observed_generation: int = 0
    conditions: tuple[Condition, ...] = ()


class ReplicaSet(Object, frozen=True, kw_only=True, gc=False):
    """Keeps a number of pods alike."""

    KIND: ClassVar[str] = "ReplicaSet"

    spec: ReplicaSetSpec = ReplicaSetSpec()
    status: ReplicaSetStatus = ReplicaSetStatus()


class RollingUpdate(msgspec.Struct, frozen=True, gc=False, rename="camel"):
    """How many more and how many fewer pods than wanted there may be meanwhile."""

    max_surge: int | str | None = None
    max_unavailable: int | str | None = None
    partition: int = 0


class Strategy(msgspec.Struct, frozen=True, gc=False, rename="camel"):
    """How pods are replaced."""

    type: str = "RollingUpdate"
    rolling_update: RollingUpdate = RollingUpdate()


class DeploymentSpec(msgspec.Struct, frozen=True, gc=False, rename="camel"):
    """So many pods like this, and how to get from one kind to the next."""

    replicas: int = 1
    selector: LabelSelector = LabelSelector()
    template: PodTemplate = PodTemplate()
    strategy: Strategy = Strategy()
    min_ready_seconds: int = 0
    revision_history_limit: int = 10
    progress_deadline_seconds: int = 600
    paused: bool = False


class DeploymentStatus(msgspec.Struct, frozen=True, gc=False, rename="camel"):
    """Pods of all its sets by how far they are."""

    replicas: int = 0
    updated_replicas: int = 0
    ready_replicas: int = 0
    available_replicas: int = 0
    unavailable_replicas: int = 0
    observed_generation: int = 0
    conditions: tuple[Condition, ...] = ()


class Deployment(Object, frozen=True, kw_only=True, gc=False):
    """Keeps a number of pods alike, and replaces them when what they are to be changes."""

    KIND: ClassVar[str] = "Deployment"

    spec: DeploymentSpec = DeploymentSpec()
    status: DeploymentStatus = DeploymentStatus()


class ReplicationControllerSpec(msgspec.Struct, frozen=True, gc=False, rename="camel"):
    """So many pods like this, selected by equality."""

    replicas: int = 1
    selector: Mapping[str, str] = {}
    template: PodTemplate = PodTemplate()
    min_ready_seconds: int = 0


class ReplicationController(Object, frozen=True, kw_only=True, gc=False):
    """What there was before ReplicaSets."""

    KIND: ClassVar[str] = "ReplicationController"

    spec: ReplicationControllerSpec = ReplicationControllerSpec()
    status: ReplicaSetStatus = ReplicaSetStatus()


class ClaimRetention(msgspec.Struct, frozen=True, gc=False, rename="camel"):
    """What becomes of claims when pods go."""

    when_deleted: str = "Retain"
    when_scaled: str = "Retain"


class Ordinals(msgspec.Struct, frozen=True, gc=False):
    """The number of the first pod."""

    start: int = 0


class StatefulSetSpec(msgspec.Struct, frozen=True, gc=False, rename="camel"):
    """Pods with names that stay, in order."""

    replicas: int = 1
    selector: LabelSelector = LabelSelector()
    template: PodTemplate = PodTemplate()
    service_name: str = ""
    pod_management_policy: str = "OrderedReady"
    update_strategy: Strategy = Strategy()
    volume_claim_templates: tuple[Data, ...] = ()
    min_ready_seconds: int = 0
    revision_history_limit: int = 10
    persistent_volume_claim_retention_policy: ClaimRetention = ClaimRetention()
    ordinals: Ordinals = Ordinals()


class StatefulSetStatus(msgspec.Struct, frozen=True, gc=False, rename="camel"):
    """Pods by how far they are, and the revisions between which it stands."""

    replicas: int = 0
    ready_replicas: int = 0
    available_replicas: int = 0
    current_replicas: int = 0
    updated_replicas: int = 0
    current_revision: str = ""
    update_revision: str = ""
    observed_generation: int = 0


class StatefulSet(Object, frozen=True, kw_only=True, gc=False):
    """Keeps pods that have names of their own."""

    KIND: ClassVar[str] = "StatefulSet"

    spec: StatefulSetSpec = StatefulSetSpec()
    status: StatefulSetStatus = StatefulSetStatus()


class DaemonSetSpec(msgspec.Struct, frozen=True, gc=False, rename="camel"):
    """One pod like this on each node."""

    selector: LabelSelector = LabelSelector()
    template: PodTemplate = PodTemplate()
    update_strategy: Strategy = Strategy()
    min_ready_seconds: int = 0
    revision_history_limit: int = 10


class DaemonSetStatus(msgspec.Struct, frozen=True, gc=False, rename="camel"):
    """Nodes by whether they run its pod."""

    current_number_scheduled: int = 0
    desired_number_scheduled: int = 0
    number_misscheduled: int = 0
    number_ready: int = 0
    updated_number_scheduled: int = 0
    number_available: int = 0
    number_unavailable: int = 0
    observed_generation: int = 0


class DaemonSet(Object, frozen=True, kw_only=True, gc=False):
    """Keeps one pod on each node."""

    KIND: ClassVar[str] = "DaemonSet"

    spec: DaemonSetSpec = DaemonSetSpec()
    status: DaemonSetStatus = DaemonSetStatus()


class ControllerRevision(Object, frozen=True, kw_only=True, gc=False):
    """What a StatefulSet or DaemonSet was, numbered; its ``data`` is a patch that leads back."""

    KIND: ClassVar[str] = "ControllerRevision"
