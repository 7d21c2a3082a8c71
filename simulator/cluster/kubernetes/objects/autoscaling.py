"""HorizontalPodAutoscalers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

import msgspec

from simulator.cluster.kubernetes.objects.meta import Condition, Object
from simulator.cluster.kubernetes.objects.selectors import LabelSelector


class TargetRef(msgspec.Struct, frozen=True, gc=False, rename="camel"):
    """What is scaled."""

    kind: str = ""
    name: str = ""
    api_version: str = ""


class Target(msgspec.Struct, frozen=True, gc=False, rename="camel"):
    """The wanted value: Utilization, AverageValue or Value."""

    type: str = ""
    average_utilization: int | None = None
    average_value: str | int | float | None = None
    value: str | int | float | None = None


class MetricName(msgspec.Struct, frozen=True, gc=False):
    """A metric by name, of series with these labels."""

    name: str = ""
    selector: LabelSelector | None = None


class ResourceMetric(msgspec.Struct, frozen=True, gc=False):
    """CPU or memory of the pods; ``container``: of one container of each."""

    name: str = ""
    target: Target = Target()
    container: str = ""


class NamedMetric(msgspec.Struct, frozen=True, gc=False, rename="camel"):
    """A metric of pods, of an object, or of somewhere else."""

    metric: MetricName = MetricName()
    target: Target = Target()
    described_object: TargetRef | None = None


class Metric(msgspec.Struct, frozen=True, gc=False, rename="camel"):
    """One metric to go by."""

    type: str = ""
    resource: ResourceMetric | None = None
    container_resource: ResourceMetric | None = None
    pods: NamedMetric | None = None
    object: NamedMetric | None = None  # the API's name
    external: NamedMetric | None = None


class Policy(msgspec.Struct, frozen=True, gc=False, rename="camel"):
    """So many pods, or percent, in so many seconds."""

    type: str
    value: int
    period_seconds: int


class Rules(msgspec.Struct, frozen=True, gc=False, rename="camel"):
    """How fast one way."""

    stabilization_window_seconds: int | None = None
    select_policy: str = "Max"
    policies: tuple[Policy, ...] = ()
    tolerance: str | int | float | None = None


class Behavior(msgspec.Struct, frozen=True, gc=False, rename="camel"):
    """How fast both ways."""

    scale_up: Rules | None = None
    scale_down: Rules | None = None


class AutoscalerSpec(msgspec.Struct, frozen=True, gc=False, rename="camel"):
    """What to scale, by what, between which bounds."""

    scale_target_ref: TargetRef = TargetRef()
    min_replicas: int = 1
    max_replicas: int = 1
    metrics: tuple[Metric, ...] = ()
    behavior: Behavior | None = None


class AutoscalerStatus(msgspec.Struct, frozen=True, gc=False, rename="camel"):
    """What it thinks now."""

    current_replicas: int = 0
    desired_replicas: int = 0
    last_scale: float | None = None
    current: tuple[str, ...] = ()
    """Each metric in its order, as ``kubectl get`` shows it: ``cpu: 48%``; nothing where it is not
    known."""
    conditions: tuple[Condition, ...] = ()
    observed: Mapping[str, Any] = {}


class HorizontalPodAutoscaler(Object, frozen=True, kw_only=True, gc=False):
    """Chooses how many pods something has."""

    KIND: ClassVar[str] = "HorizontalPodAutoscaler"

    spec: AutoscalerSpec = AutoscalerSpec()
    status: AutoscalerStatus = AutoscalerStatus()
