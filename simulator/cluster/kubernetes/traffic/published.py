"""Endpoints and EndpointSlices as the API shows them: made when somebody looks.

The controller keeps who stands behind a Service change by change (``endpoints.py``): many objects
that say the same once more would only cost.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from simulator.cluster.kubernetes.objects.meta import Custom, Key, Meta, Object
from simulator.cluster.kubernetes.objects.networking import Service
from simulator.cluster.kubernetes.objects.pod import Pod
from simulator.cluster.kubernetes.store import Store, Table
from simulator.cluster.kubernetes.traffic.endpoints import Behind, Endpoint

ENDPOINTS, SLICE = "Endpoints", "EndpointSlice"
MOST = 100
"""Endpoints of a slice (``--max-endpoints-per-slice``)."""
MADE = (ENDPOINTS, SLICE)


def table(kind: str, store: Store, behind: dict[Key, Behind]) -> Table:
    """All Endpoints, or all EndpointSlices, of a cluster."""
    found = Table()
    for service in store.all(Service):
        known = behind.get(service.key)
        if known is None or not service.spec.selector:
            continue
        made = _endpoints if kind == ENDPOINTS else _slices
        for one in made(store, service, list(known.endpoints.values())):
            found.put(one, None)
    return found


def _meta(service: Service, name: str, more: dict[str, str]) -> Meta:
    labels = {**service.meta.labels, **more}
    return Meta(name, service.namespace, uid=service.meta.uid, labels=labels,
                created=service.meta.created)  # fmt: skip


def _port(store: Store, port: Any, one: Endpoint | None) -> int:
    """The number that a pod listens at; a name is looked up among its ports."""
    target = port.target_port or port.port
    if isinstance(target, int):
        return target
    pod = store.get(Pod, *one.pod) if one is not None else None
    for container in pod.spec.containers if pod is not None else ():
        for each in container.ports:
            if each.name == target:
                return int(each.container_port)
    return int(port.port)


def _ports(store: Store, service: Service, every: list[Endpoint]) -> list[dict[str, Any]]:
    first = every[0] if every else None
    return [
        {
            **({"name": port.name} if port.name else {}),
            "port": _port(store, port, first),
            "protocol": port.protocol,
        }
        for port in service.spec.ports
    ]


def _ref(one: Endpoint) -> dict[str, str]:
    return {"kind": "Pod", "namespace": one.pod[0], "name": one.pod[1]}


def _endpoints(store: Store, service: Service, every: list[Endpoint]) -> Iterator[Object]:
    subset: dict[str, Any] = {}
    for word, wanted in (("addresses", True), ("notReadyAddresses", False)):
        listed = [
            {"ip": one.ip, "nodeName": one.node, "targetRef": _ref(one)}
            for one in sorted(every, key=lambda each: each.ip)
            if one.ready is wanted and not one.terminating
        ]
        if listed:
            subset[word] = listed
    ports = _ports(store, service, every)
    data: dict[str, Any] = {"subsets": [{**subset, "ports": ports}]} if subset else {}
    yield Custom(kind=ENDPOINTS, api_version="v1", meta=_meta(service, service.name, {}), data=data)


def _slices(store: Store, service: Service, every: list[Endpoint]) -> Iterator[Object]:
    ordered = sorted(every, key=lambda each: each.ip)
    ports = _ports(store, service, every)
    for number, at in enumerate(range(0, max(1, len(ordered)), MOST)):
        said = [
            {
                "addresses": [one.ip],
                "conditions": {
                    "ready": one.ready, "serving": one.serving, "terminating": one.terminating,
                },
                "nodeName": one.node,
                "targetRef": _ref(one),
            }
            for one in ordered[at : at + MOST]
        ]  # fmt: skip
        labels = {
            "kubernetes.io/service-name": service.name,
            "endpointslice.kubernetes.io/managed-by": "endpointslice-controller.k8s.io",
        }
        name = f"{service.name}-{service.meta.uid[number * 5 % 30 :][:5]}"
        yield Custom(
            kind=SLICE, api_version="discovery.k8s.io/v1", meta=_meta(service, name, labels),
            data={"addressType": "IPv4", "endpoints": said, "ports": ports},
        )  # fmt: skip
