"""Services and Ingresses."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from simulator.cluster.kubernetes.api.errors import FieldError
from simulator.cluster.kubernetes.api.validation.words import (
    duplicate,
    invalid,
    labels_errors,
    port_errors,
    required,
    shown,
    unsupported,
)

Data = Mapping[str, Any]


def service(body: Data, old: Data | None) -> Iterator[FieldError]:
    """A Service."""
    spec = body.get("spec") or {}
    types = ("ClusterIP", "ExternalName", "LoadBalancer", "NodePort")
    if spec.get("type") not in types:
        yield unsupported("spec.type", spec.get("type"), types)
    if spec.get("sessionAffinity") not in ("ClientIP", "None"):
        yield unsupported("spec.sessionAffinity", spec.get("sessionAffinity"), ("ClientIP", "None"))
    ports = spec.get("ports") or ()
    headless = spec.get("clusterIP") == "None"
    if not ports and not headless and spec.get("type") != "ExternalName":
        yield required("spec.ports")
    if spec.get("type") == "ExternalName" and not spec.get("externalName"):
        yield required("spec.externalName")
    yield from _service_ports(ports)
    yield from labels_errors(spec.get("selector") or {}, "spec.selector")
    before = {} if old is None else old.get("spec", {})
    address = before.get("clusterIP")
    if address and spec.get("clusterIP") not in (address, None, ""):
        yield invalid("spec.clusterIPs[0]", spec.get("clusterIP"), "field is immutable")


def _service_ports(ports: Any) -> Iterator[FieldError]:
    names: list[Any] = []
    pairs: list[Any] = []
    for number, one in enumerate(ports):
        where = f"spec.ports[{number}]"
        yield from port_errors(one.get("port"), f"{where}.port")
        if len(ports) > 1 and not one.get("name"):
            yield required(f"{where}.name")
        if one.get("name") and one["name"] in names:
            yield duplicate(f"{where}.name", one["name"])
        pair = one.get("protocol"), one.get("port")
        if pair in pairs:
            said = {"port": pair[1], "protocol": pair[0]}
            yield FieldError(where, f"Duplicate value: {shown(said)}")
        if one.get("protocol") not in ("TCP", "UDP", "SCTP"):
            yield unsupported(f"{where}.protocol", one.get("protocol"), ("SCTP", "TCP", "UDP"))
        names.append(one.get("name"))
        pairs.append(pair)


def ingress(body: Data, old: Data | None) -> Iterator[FieldError]:
    """An Ingress."""
    spec = body.get("spec") or {}
    if not spec.get("rules") and not spec.get("defaultBackend"):
        text = "either `defaultBackend` or `rules` must be specified"
        yield invalid("spec", {}, text)
    for number, rule in enumerate(spec.get("rules") or ()):
        for index, one in enumerate((rule.get("http") or {}).get("paths") or ()):
            where = f"spec.rules[{number}].http.paths[{index}]"
            kinds = ("Exact", "ImplementationSpecific", "Prefix")
            if one.get("pathType") is None:
                yield required(f"{where}.pathType", "pathType must be specified")
            elif one["pathType"] not in kinds:
                yield unsupported(f"{where}.pathType", one["pathType"], kinds)
            elif one["pathType"] != kinds[1] and not str(one.get("path", "")).startswith("/"):
                yield invalid(f"{where}.path", one.get("path"), "must be an absolute path")
