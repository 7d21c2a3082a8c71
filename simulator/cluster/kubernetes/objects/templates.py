"""Templates of pods, one for each content: what follows from a content is worked out once."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec

from simulator.cluster.kubernetes.objects.containers import Container
from simulator.cluster.kubernetes.objects.meta import Data
from simulator.cluster.kubernetes.objects.pod import PodSpec, Template
from simulator.cluster.kubernetes.objects.resources import NONE, Resources, resources_of

_encode = msgspec.json.Encoder(order="sorted").encode


class Templates:
    """All templates of a cluster by content."""

    def __init__(self) -> None:
        self._known: dict[bytes, Template] = {}

    def of(
        self, data: Data, labels: Mapping[str, str], annotations: Mapping[str, str] | None = None
    ) -> Template:
        """The template of a pod's ``spec`` as data, its labels and annotations."""
        content = _encode((data, labels, annotations or {}))
        found = self._known.get(content)
        if found is None:
            spec = msgspec.convert(data, PodSpec, strict=False)
            found = self._known[content] = Template(
                len(self._known),
                data,
                spec,
                labels,
                annotations or {},
                requests_of(spec),
                limits_of(spec),
                qos_of(spec),
            )
        return found


def requests_of(spec: PodSpec) -> Resources:
    """What a pod takes of its node (Kubernetes, ``resource.PodRequests``).

    The larger of all containers together and of each init container with the sidecars started
    before it; pod-level requests replace cpu and memory; the runtime class's overhead comes on top.
    """
    total = _together(spec, "requests")
    if spec.resources.requests:
        total = _replaced(total, spec.resources.requests)
    return total.plus(resources_of(spec.overhead)) if spec.overhead else total


def limits_of(spec: PodSpec) -> Resources:
    """What a pod as a whole may take; 0 where a container has no limit."""
    return _together(spec, "limits")


def _together(spec: PodSpec, which: str) -> Resources:
    sidecars = peak = NONE
    for one in spec.init_containers:
        own = _amounts(one, which)
        if one.is_sidecar:
            sidecars = sidecars.plus(own)
            peak = peak.most(sidecars)
        else:
            peak = peak.most(sidecars.plus(own))
    total = sidecars
    for one in spec.containers:
        total = total.plus(_amounts(one, which))
    return total.most(peak)


def _amounts(container: Container, which: str) -> Resources:
    return resources_of(getattr(container.resources, which))


def _replaced(total: Resources, stated: Mapping[str, Any]) -> Resources:
    own = resources_of(stated)
    return msgspec.structs.replace(
        total,
        cpu_millis=own.cpu_millis if "cpu" in stated else total.cpu_millis,
        memory_bytes=own.memory_bytes if "memory" in stated else total.memory_bytes,
    )


def qos_of(spec: PodSpec) -> str:
    """Guaranteed, Burstable or BestEffort (Kubernetes, ``qos.ComputePodQOS``)."""
    parts = [one.resources for one in (*spec.containers, *spec.init_containers)]
    if spec.resources.requests or spec.resources.limits:
        parts = [spec.resources]
    stated, guaranteed = False, bool(parts)
    for one in parts:
        asked, capped = resources_of(one.requests), resources_of(one.limits)
        for amount, limit in (
            (asked.cpu_millis, capped.cpu_millis),
            (asked.memory_bytes, capped.memory_bytes),
        ):
            stated = stated or amount > 0 or limit > 0
            guaranteed = guaranteed and limit > 0 and amount in (0, limit)
    if not stated:
        return "BestEffort"
    return "Guaranteed" if guaranteed else "Burstable"
