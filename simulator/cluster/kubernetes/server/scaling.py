"""The scale subresource: how many pods something is to have."""

from __future__ import annotations

from typing import TypeVar

from msgspec.structs import replace

from simulator.cluster.kubernetes.objects.meta import Object

Some = TypeVar("Some", bound=Object)
SCALABLE = ("Deployment", "ReplicaSet", "StatefulSet", "ReplicationController")


def with_replicas(one: Some, replicas: int) -> Some:
    """The object wanting so many pods, in its data and in its specification."""
    data = {**one.data, "spec": {**one.data.get("spec", {}), "replicas": replicas}}
    spec = replace(one.spec, replicas=replicas)  # type: ignore[attr-defined]
    return replace(one, data=data, spec=spec)
