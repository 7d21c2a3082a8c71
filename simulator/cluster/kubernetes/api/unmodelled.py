"""Fields that are taken and kept, and from which nothing follows here: named, so nobody wonders."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import msgspec

Data = Mapping[str, Any]


class Unmodelled(msgspec.Struct, frozen=True):
    """A field of a kind of thing, and what that means for the result."""

    field: str
    meaning: str
    value: Any = None
    """Only this value of it; None: any."""
    but: tuple[str, ...] = ()
    """What of it has its effect."""


_RIGHTS = "users, capabilities and profiles keep a container from nothing"
POD = (
    Unmodelled("dnsConfig", "names are looked up as the cluster does it"),
    Unmodelled("hostAliases", "names are looked up as the cluster does it"),
    Unmodelled("hostPID", "a pod sees its own processes only"),
    Unmodelled("hostIPC", "a pod shares no memory with its node"),
    Unmodelled("imagePullSecrets", "registries ask for no name"),
    Unmodelled("readinessGates", "a pod is ready when its containers are"),
    Unmodelled("runtimeClassName", "every pod runs under the node's usual runtime"),
    Unmodelled("securityContext", _RIGHTS),
    Unmodelled("setHostnameAsFQDN", "a pod's host name is its own name"),
    Unmodelled("shareProcessNamespace", "each container sees its own processes only"),
)
CONTAINER = (
    Unmodelled("resizePolicy", "the resources of a running container stay as they are"),
    Unmodelled("securityContext", _RIGHTS, but=("privileged",)),
    Unmodelled("volumeDevices", "no raw device is in the container"),
)
SERVICE = (
    Unmodelled("externalIPs", "requests to these addresses reach nobody"),
    Unmodelled("externalTrafficPolicy", "requests go to all pods, from every node", "Local"),
    Unmodelled("internalTrafficPolicy", "requests go to all pods, from every node", "Local"),
    Unmodelled("loadBalancerSourceRanges", "requests from everywhere are let in"),
)
INGRESS = (Unmodelled("tls", "handshakes cost nothing and certificates are not looked at"),)

_SERIES = "a metric is of all requests, whatever their labels"


def unmodelled(kind: str, body: Data) -> dict[str, str]:
    """The fields of an object from which nothing follows, with what that means; by dotted name."""
    spec = body.get("spec")
    if not isinstance(spec, Mapping):
        return {}
    if kind == "Service":
        return dict(_stated(spec, SERVICE, "spec"))
    if kind == "Ingress":
        return dict(_stated(spec, INGRESS, "spec"))
    if kind == "VerticalPodAutoscaler":
        return dict(_of_mode(spec.get("updatePolicy")))
    if kind == "HorizontalPodAutoscaler":
        return dict(_of_metrics(spec.get("metrics")))
    found: dict[str, str] = {}
    for pod, path in pods_of(kind, spec):
        found |= dict(_stated(pod, POD, path))
        for word in ("initContainers", "containers"):
            listed = pod.get(word)
            for one in listed if isinstance(listed, list) else ():
                if isinstance(one, Mapping):
                    found |= dict(_stated(one, CONTAINER, f"{path}.{word}[*]"))
    return found


def _stated(data: Data, fields: tuple[Unmodelled, ...], path: str) -> Iterator[tuple[str, str]]:
    for one in fields:
        value = data.get(one.field)
        if one.but and isinstance(value, Mapping):
            value = {word: said for word, said in value.items() if word not in one.but}
        if value and (one.value is None or value == one.value):
            yield f"{path}.{one.field}", one.meaning


def _of_mode(update: Any) -> Iterator[tuple[str, str]]:
    """A vertical autoscaler that is to act."""
    mode = update.get("updateMode") if isinstance(update, Mapping) else None
    if mode != "Off":
        text = "recommendations are advice only: nobody evicts pods or changes what they ask for"
        yield "spec.updatePolicy.updateMode", text


def _of_metrics(metrics: Any) -> Iterator[tuple[str, str]]:
    """Selectors of series: what is measured here has no labels."""
    for one in metrics if isinstance(metrics, list) else ():
        for word in ("pods", "object", "external"):
            source = one.get(word) if isinstance(one, Mapping) else None
            metric = source.get("metric") if isinstance(source, Mapping) else None
            if isinstance(metric, Mapping) and metric.get("selector"):
                yield f"spec.metrics[*].{word}.metric.selector", _SERIES


_INSIDE = {
    "Pod": (),
    "CronJob": ("jobTemplate", "spec", "template", "spec"),
}
TEMPLATED = (
    "DaemonSet", "Deployment", "Job", "ReplicaSet", "ReplicationController", "StatefulSet"
)  # fmt: skip


def pods_of(kind: str, spec: Data) -> Iterator[tuple[Data, str]]:
    """The specification of the pods that an object is or makes, and where it stands."""
    steps = ("template", "spec") if kind in TEMPLATED else _INSIDE.get(kind)
    if steps is None:
        return
    at: Any = spec
    for step in steps:
        at = at.get(step) if isinstance(at, Mapping) else None
    if isinstance(at, Mapping):
        yield at, ".".join(("spec", *steps))
