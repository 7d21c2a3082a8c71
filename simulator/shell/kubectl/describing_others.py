"""Services, settings and autoscalers, as describe tells them."""

from __future__ import annotations

import base64
import binascii
from typing import Any

from simulator.shell.kubectl.describing_workloads import conditions
from simulator.shell.kubectl.tabs import NONE, head, notes, pairs, selector, when

MOST_ADDRESSES = 3
"""Endpoints that a line shows."""


def service(said: Any, one: Any, cluster: Any) -> list[str]:
    """A Service with the addresses behind it."""
    spec, asked = one.spec, said["spec"]
    lines = [
        *head(said), f"Selector:\t{selector(spec.selector)}", f"Type:\t{spec.type}",
        f"IP Family Policy:\t{asked.get('ipFamilyPolicy', 'SingleStack')}",
        f"IP Families:\t{','.join(asked.get('ipFamilies') or ['IPv4'])}",
        f"IP:\t{spec.cluster_ip or ''}", f"IPs:\t{spec.cluster_ip or NONE}",
    ]  # fmt: skip
    if spec.type == "ExternalName":
        lines.append(f"External Name:\t{spec.external_name}")
    if one.status.addresses:
        lines.append(f"LoadBalancer Ingress:\t{', '.join(one.status.addresses)} (VIP)")
    behind = cluster.find("Endpoints", *one.key)
    subsets = behind.data.get("subsets") or [] if behind is not None else []
    for number, port in enumerate(spec.ports):
        name, goal = port.name or "<unset>", port.target_port or port.port
        lines += [f"Port:\t{name}\t{port.port}/{port.protocol}",
                  f"TargetPort:\t{goal}/{port.protocol}"]  # fmt: skip
        if port.node_port:
            lines.append(f"NodePort:\t{name}\t{port.node_port}/{port.protocol}")
        lines.append(f"Endpoints:\t{_addresses(subsets, number)}")
    lines.append(f"Session Affinity:\t{spec.session_affinity}")
    for key, word in (("externalTrafficPolicy", "External Traffic Policy"),
                      ("internalTrafficPolicy", "Internal Traffic Policy")):  # fmt: skip
        if key in asked:
            lines.append(f"{word}:\t{asked[key]}")
    return lines


def _addresses(subsets: Any, number: int) -> str:
    found = [
        f"{one['ip']}:{each['ports'][number]['port']}"
        for each in subsets if number < len(each.get("ports", ()))
        for one in each.get("addresses", ())
    ]  # fmt: skip
    more = len(found) - MOST_ADDRESSES
    return ",".join(found[:MOST_ADDRESSES]) + (f" + {more} more..." if more > 0 else "")


def endpoints(said: Any, one: Any, cluster: Any) -> list[str]:
    """Addresses that are ready, and those that are not."""
    lines = [*head(said), "Subsets:"]
    for each in said.get("subsets") or ():
        for word, key in (("Addresses", "addresses"), ("NotReadyAddresses", "notReadyAddresses")):
            ips = ",".join(str(address["ip"]) for address in each.get(key, ()))
            lines.append(f"  {word}:\t{ips or NONE}")
        lines += ["  Ports:", "    Name\tPort\tProtocol", "    ----\t----\t--------"]
        lines += [f"    {port.get('name', '<unset>')}\t{port['port']}\t{port['protocol']}"
                  for port in each.get("ports", ())]  # fmt: skip
        lines.append("")
    return lines


def ingress(said: Any, one: Any, cluster: Any) -> list[str]:
    """An Ingress: hosts, paths, and what is behind them."""
    spec = said["spec"]
    lines = [*head(said, labels=False), *pairs("Labels", one.meta.labels),
             f"Address:\t{','.join(one.status.addresses)}",
             f"Ingress Class:\t{spec.get('ingressClassName') or NONE}",
             f"Default backend:\t{_backend(spec.get('defaultBackend'), one, cluster)}"]  # fmt: skip
    if spec.get("tls"):
        lines.append("TLS:")
        lines += [f"  {each.get('secretName', 'SNI routes')} terminates "
                  f"{','.join(each.get('hosts') or ())}" for each in spec["tls"]]  # fmt: skip
    lines += ["Rules:", "  Host\tPath\tBackends", "  ----\t----\t--------"]
    for rule in spec.get("rules") or ():
        lines.append(f"  {rule.get('host') or '*'}\t\t")
        for path in (rule.get("http") or {}).get("paths") or ():
            behind = _backend(path.get("backend"), one, cluster)
            lines.append(f"  \t{path.get('path', '')}\t{behind}")
    if not spec.get("rules"):
        lines.append(f"  *\t*\t{_backend(spec.get('defaultBackend'), one, cluster)}")
    return [*lines, *notes(said["metadata"])]


def _backend(said: Any, one: Any, cluster: Any) -> str:
    meant = (said or {}).get("service")
    if not meant:
        return "<default>"
    port = meant.get("port") or {}
    name = meant["name"]
    behind = cluster.find("Endpoints", one.namespace, name)
    shown = f"{name}:{port.get('number', port.get('name', ''))}"
    if behind is None:
        return f'{shown} (<error: services "{name}" not found>)'
    return f"{shown} ({_addresses(behind.data.get('subsets') or [], 0)})"


def config_map(said: Any, one: Any, cluster: Any) -> list[str]:
    """The data, each under its name."""
    lines = [*head(said), "", "Data", "===="]
    for key, value in sorted((said.get("data") or {}).items()):
        lines += [f"{key}:", "----", *str(value).split("\n"), ""]
    lines += ["", "BinaryData", "===="]
    for key, value in sorted((said.get("binaryData") or {}).items()):
        lines.append(f"{key}: {_size(value)} bytes")
    return [*lines, ""]


def secret(said: Any, one: Any, cluster: Any) -> list[str]:
    """The names of the data, and how large they are; never what they are."""
    lines = [*head(said), "", f"Type:\t{said.get('type', 'Opaque')}", "", "Data", "===="]
    return [*lines, *(f"{key}:\t{_size(value)} bytes"
                      for key, value in sorted((said.get("data") or {}).items()))]  # fmt: skip


def _size(value: Any) -> int:
    try:
        return len(base64.b64decode(str(value)))
    except (binascii.Error, ValueError):
        return len(str(value))


def autoscaler(said: Any, one: Any, cluster: Any) -> list[str]:
    """A HorizontalPodAutoscaler: metrics as current and wanted, and why."""
    from simulator.shell.kubectl.printers import metric_texts

    spec, status, goal = one.spec, one.status, one.spec.scale_target_ref
    lines = [
        *head(said, labels=False), *pairs("Labels", one.meta.labels), *notes(said["metadata"]),
        f"CreationTimestamp:\t{when(said['metadata'].get('creationTimestamp'))}",
        f"Reference:\t{goal.kind}/{goal.name}", "Metrics:\t( current / target )",
    ]  # fmt: skip
    for metric, text in zip(spec.metrics, metric_texts(one), strict=True):
        current, _, wanted = text.rpartition("/")
        lines.append(f"  {_metric(metric)}:\t{current.rpartition(': ')[2]} / {wanted}")
    behavior = said["spec"].get("behavior")
    if behavior:
        lines += ["Behavior:", *_behavior(behavior)]
    return [
        *lines, f"Min replicas:\t{spec.min_replicas}", f"Max replicas:\t{spec.max_replicas}",
        f"{goal.kind} pods:\t{status.current_replicas} current / {status.desired_replicas} desired",
        *conditions(said, "Reason", "Message"),
    ]  # fmt: skip


def _metric(one: Any) -> str:
    resource = one.resource or one.container_resource
    if resource is not None:
        part = getattr(one.container_resource, "container", "")
        share = resource.target.average_utilization is not None
        start = (
            f'resource {resource.name} of container "{part}"'
            if part
            else (f"resource {resource.name}")
        )
        return f"{start} on pods" + ("  (as a percentage of request)" if share else "")
    named = one.pods or one.object or one.external
    name = named.metric.name
    if one.pods is not None:
        return f'"{name}" on pods'
    if one.external is not None:
        of = "average value" if named.target.average_value is not None else "value"
        return f'"{name}" (target {of})'
    ref, of = named.described_object, "value" if named.target.value is not None else "average value"
    return f'"{name}" on {ref.kind}/{ref.name} (target {of})'


def _behavior(said: Any) -> list[str]:
    lines = []
    for key, word in (("scaleUp", "Scale Up"), ("scaleDown", "Scale Down")):
        rules = said.get(key)
        if not rules:
            continue
        window = rules.get("stabilizationWindowSeconds")
        shown = f"{window} seconds" if window is not None else "<unset>"
        lines += [
            f"  {word}:",
            f"    Stabilization Window: {shown}",
            f"    Select Policy: {rules.get('selectPolicy', 'Max')}",
            "    Policies:",
        ]
        lines += [
            f"      - Type: {one['type']}\tValue: {one['value']}\tPeriod: "
            f"{one['periodSeconds']} seconds"
            for one in rules.get("policies") or ()
        ]
    return lines
