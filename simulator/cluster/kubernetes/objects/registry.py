"""From data to typed objects: which class an object of a kind has, and its specification, typed."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Any, get_type_hints

import msgspec

from simulator.cluster.kubernetes.objects.autoscaling import HorizontalPodAutoscaler
from simulator.cluster.kubernetes.objects.batch import CronJob, Job
from simulator.cluster.kubernetes.objects.meta import Custom, Data, Meta, Object
from simulator.cluster.kubernetes.objects.networking import Ingress, NetworkPolicy, Service
from simulator.cluster.kubernetes.objects.node import Namespace, Node
from simulator.cluster.kubernetes.objects.pod import Pod
from simulator.cluster.kubernetes.objects.policy import PodDisruptionBudget
from simulator.cluster.kubernetes.objects.templates import Templates
from simulator.cluster.kubernetes.objects.workloads import (
    ControllerRevision,
    DaemonSet,
    Deployment,
    ReplicaSet,
    ReplicationController,
    StatefulSet,
)

CLASSES: dict[str, type[Object]] = {
    one.KIND: one
    for one in (
        Namespace, Node, Pod,
        Service, Ingress, NetworkPolicy,
        Deployment, ReplicaSet, ReplicationController, StatefulSet, DaemonSet,
        Job, CronJob, ControllerRevision, HorizontalPodAutoscaler, PodDisruptionBudget,
    )
}  # fmt: skip
"""By kind. What is not in it is kept as data (``Custom``)."""


@dataclass(frozen=True, slots=True)
class Builder:
    """Makes typed objects of one cluster."""

    templates: Templates

    def build(self, kind: str, api_version: str, meta: Meta, data: Data) -> Object:
        """An object that is not stored yet, of its body with defaults filled in."""
        of = CLASSES.get(kind, Custom)
        if of is Pod:
            return self.pod(api_version, meta, data)
        typed: dict[str, Any] = {}
        spec = _spec_type(of)
        if spec is not None:
            typed["spec"] = msgspec.convert(data.get("spec", {}), spec, strict=False)
        return of(kind=kind, api_version=api_version, meta=meta, data=data, **typed)

    def pod(self, api_version: str, meta: Meta, data: Data) -> Pod:
        """A pod that somebody wrote by hand: its template is its own."""
        spec = data.get("spec", {})
        node = spec.get("nodeName", "")
        shared = {name: value for name, value in spec.items() if name != "nodeName"}
        template = self.templates.of(shared, meta.labels, meta.annotations)
        return Pod(kind="Pod", api_version=api_version, meta=meta, template=template, node=node)


@cache
def _spec_type(of: type[Object]) -> Any:
    return get_type_hints(of).get("spec") if "spec" in of.__struct_fields__ else None
