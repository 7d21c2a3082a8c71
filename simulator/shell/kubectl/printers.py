"""The columns of ``kubectl get`` for each kind."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from simulator.cluster.kubernetes.api.times import age
from simulator.cluster.kubernetes.objects.networking import Ingress, Service
from simulator.cluster.kubernetes.objects.node import Node
from simulator.cluster.kubernetes.objects.pod import ContainerStatus, Pod
from simulator.cluster.kubernetes.objects.workloads import (
    DaemonSet,
    Deployment,
    ReplicaSet,
    StatefulSet,
)
from simulator.shell.kubectl.pod_words import ready_of, restarts_of, status_of
from simulator.shell.kubectl.printers_data import OF_DATA
from simulator.shell.kubectl.printers_jobs import PRINTERS

if TYPE_CHECKING:
    from simulator.cluster.kubernetes.cluster import Cluster
    from simulator.cluster.kubernetes.objects.meta import Object

Row = tuple[str, ...]
Printer = Callable[[Any, "Cluster"], tuple[Row, Row]]
"""The cells of an object: those that are always there, and those of ``-o wide``."""
NONE = "<none>"
GAP = 3


def columns_of(kind: str) -> tuple[tuple[str, ...], tuple[str, ...], Printer]:
    """Headings, headings of ``-o wide`` and the printer of a kind."""
    return _KINDS.get(kind, (("NAME", "AGE"), (), _plain))


def aligned(rows: list[Row]) -> list[str]:
    """Rows under each other, as kubectl pads them: three spaces between columns."""
    if not rows:
        return []
    count = len(rows[0])
    widths = [max(len(row[i]) for row in rows) + GAP for i in range(count - 1)]
    form = "".join(f"{{:<{width}}}" for width in widths) + "{}"
    return [form.format(*row) for row in rows]


def _age(one: Object, cluster: Cluster) -> str:
    return age(cluster.sim.now - one.meta.created)


def _plain(one: Object, cluster: Cluster) -> tuple[Row, Row]:
    return (one.name, _age(one, cluster)), ()


def _pod(one: Pod, cluster: Cluster) -> tuple[Row, Row]:
    wide = one.status.ip or NONE, one.node or NONE, one.status.nominated_node or NONE, NONE
    name, since = one.meta.name, _age(one, cluster)
    status = one.status
    only = status.containers[0] if len(status.containers) == 1 else None
    if only is not None and _is_plain(one, only):
        return (name, "1/1" if only.ready else "0/1", status.phase, "0", since), wide
    cells = name, ready_of(one), status_of(one), restarts_of(one, cluster.sim.now)
    return (*cells, since), wide


def _is_plain(one: Pod, only: ContainerStatus) -> bool:
    """Whether a pod is one container that runs for the first time: of many pods most are."""
    status = one.status
    return (
        only.running_since is not None
        and not only.restarts
        and only.last is None
        and not status.init_containers
        and not status.reason
        and one.meta.deleting_since is None
    )


def _images(data: Any) -> tuple[str, str]:
    spec = data.get("spec", {}).get("template", {}).get("spec", {})
    containers = spec.get("containers", [])
    names = ",".join(str(one.get("name", "")) for one in containers)
    return names, ",".join(str(one.get("image", "")) for one in containers)


def selector_text(selector: Any) -> str:
    """A selector in words: ``app=web,tier in (a,b)``."""
    words = [f"{key}={value}" for key, value in selector.match_labels.items()]
    for one in selector.match_expressions:
        values = ",".join(one.values)
        words.append(
            {
                "In": f"{one.key} in ({values})",
                "NotIn": f"{one.key} notin ({values})",
                "Exists": one.key,
            }.get(one.operator, f"!{one.key}")
        )
    return ",".join(words) or NONE


def _deployment(one: Deployment, cluster: Cluster) -> tuple[Row, Row]:
    status = one.status
    cells = (
        one.name, f"{status.ready_replicas}/{one.spec.replicas}", str(status.updated_replicas),
        str(status.available_replicas), _age(one, cluster),
    )  # fmt: skip
    return cells, (*_images(one.data), selector_text(one.spec.selector))


def _replica_set(one: ReplicaSet, cluster: Cluster) -> tuple[Row, Row]:
    status = one.status
    cells = (
        one.name, str(one.spec.replicas), str(status.replicas), str(status.ready_replicas),
        _age(one, cluster),
    )  # fmt: skip
    selector = one.spec.selector
    words = (
        selector_text(selector)
        if isinstance(one, ReplicaSet)
        else ",".join(f"{key}={value}" for key, value in selector.items())
    )
    return cells, (*_images(one.data), words)


def _stateful_set(one: StatefulSet, cluster: Cluster) -> tuple[Row, Row]:
    ready = f"{one.status.ready_replicas}/{one.spec.replicas}"
    return (one.name, ready, _age(one, cluster)), _images(one.data)


def _daemon_set(one: DaemonSet, cluster: Cluster) -> tuple[Row, Row]:
    status = one.status
    template = one.data.get("spec", {}).get("template", {}).get("spec", {})
    nodes = ",".join(f"{key}={value}" for key, value in template.get("nodeSelector", {}).items())
    cells = (
        one.name, str(status.desired_number_scheduled), str(status.current_number_scheduled),
        str(status.number_ready), str(status.updated_number_scheduled),
        str(status.number_available), nodes or NONE, _age(one, cluster),
    )  # fmt: skip
    return cells, (*_images(one.data), selector_text(one.spec.selector))


def _service(one: Service, cluster: Cluster) -> tuple[Row, Row]:
    spec = one.spec
    outside = ",".join(one.status.addresses) or NONE
    if spec.type == "LoadBalancer" and not one.status.addresses:
        outside = "<pending>"
    if spec.type == "ExternalName":
        outside = spec.external_name
    ports = ",".join(
        f"{port.port}:{port.node_port}/{port.protocol}"
        if port.node_port
        else f"{port.port}/{port.protocol}"
        for port in spec.ports
    )
    cells = (
        one.name, spec.type, spec.cluster_ip or NONE, outside, ports or NONE, _age(one, cluster),
    )  # fmt: skip
    words = ",".join(f"{key}={value}" for key, value in spec.selector.items())
    return cells, (words or NONE,)


def _ingress(one: Ingress, cluster: Cluster) -> tuple[Row, Row]:
    hosts = ",".join(dict.fromkeys(rule.host or "*" for rule in one.spec.rules)) or "*"
    cells = (
        one.name, one.spec.ingress_class_name or NONE, hosts, ",".join(one.status.addresses),
        "80, 443" if one.spec.tls else "80", _age(one, cluster),
    )  # fmt: skip
    return cells, ()


def node_status(one: Node) -> str:
    """``Ready``, ``NotReady`` or ``Unknown``, and whether it takes new pods."""
    word = "Ready" if one.ready else "NotReady"
    return f"{word},SchedulingDisabled" if one.spec.unschedulable else word


def _node(one: Node, cluster: Cluster) -> tuple[Row, Row]:
    prefix = "node-role.kubernetes.io/"
    roles = [key.removeprefix(prefix) for key in one.meta.labels if key.startswith(prefix)]
    info = one.status.info
    cells = (
        one.name, node_status(one), ",".join(sorted(roles)) or NONE, _age(one, cluster),
        info.get("kubeletVersion", ""),
    )  # fmt: skip
    wide = (
        one.status.address, NONE, info.get("osImage", ""), info.get("kernelVersion", ""),
        info.get("containerRuntimeVersion", ""),
    )  # fmt: skip
    return cells, wide


def _namespace(one: Any, cluster: Cluster) -> tuple[Row, Row]:
    return (one.name, one.status.phase, _age(one, cluster)), ()


def _config_map(one: Object, cluster: Cluster) -> tuple[Row, Row]:
    return (one.name, str(len(one.data.get("data", {}))), _age(one, cluster)), ()


def _secret(one: Object, cluster: Cluster) -> tuple[Row, Row]:
    count = len({**one.data.get("data", {}), **one.data.get("stringData", {})})
    return (one.name, str(one.data.get("type", "Opaque")), str(count), _age(one, cluster)), ()


def _autoscaler(one: Any, cluster: Cluster) -> tuple[Row, Row]:
    target, spec, status = one.spec.scale_target_ref, one.spec, one.status
    cells = (
        one.name, f"{target.kind}/{target.name}", targets_text(one), str(spec.min_replicas),
        str(spec.max_replicas), str(status.current_replicas), _age(one, cluster),
    )  # fmt: skip
    return cells, ()


def targets_text(one: Any) -> str:
    """The first two metrics, and how many more there are."""
    words = metric_texts(one)
    return ", ".join(words[:2]) + (f" + {len(words) - 2} more..." if len(words) > 2 else "")


def metric_texts(one: Any) -> list[str]:
    """``cpu: 48%/50%`` for each metric; ``<unknown>`` where it could not be had."""
    words = []
    for number, metric in enumerate(one.spec.metrics):
        seen = "".join(one.status.current[number : number + 1])
        resource = metric.resource or metric.container_resource
        named = metric.pods or metric.object or metric.external
        target = resource.target if resource is not None else named.target
        shared = resource is None and metric.pods is None
        if target.average_utilization is not None:
            goal = f"{target.average_utilization}%"
        elif target.average_value is not None:
            goal = f"{target.average_value}" + (" (avg)" if shared else "")
        else:
            goal = f"{target.value}"
        start = f"{resource.name}: " if resource is not None else ""
        words.append(f"{seen or start + '<unknown>'}/{goal}")
    return words


_KINDS: dict[str, tuple[tuple[str, ...], tuple[str, ...], Printer]] = {
    "Pod": (
        ("NAME", "READY", "STATUS", "RESTARTS", "AGE"),
        ("IP", "NODE", "NOMINATED NODE", "READINESS GATES"),
        _pod,
    ),
    "Deployment": (
        ("NAME", "READY", "UP-TO-DATE", "AVAILABLE", "AGE"),
        ("CONTAINERS", "IMAGES", "SELECTOR"),
        _deployment,
    ),
    "ReplicaSet": (
        ("NAME", "DESIRED", "CURRENT", "READY", "AGE"),
        ("CONTAINERS", "IMAGES", "SELECTOR"),
        _replica_set,
    ),
    "ReplicationController": (
        ("NAME", "DESIRED", "CURRENT", "READY", "AGE"),
        ("CONTAINERS", "IMAGES", "SELECTOR"),
        _replica_set,
    ),
    **OF_DATA,
    "StatefulSet": (("NAME", "READY", "AGE"), ("CONTAINERS", "IMAGES"), _stateful_set),
    "DaemonSet": (
        (
            "NAME", "DESIRED", "CURRENT", "READY", "UP-TO-DATE", "AVAILABLE", "NODE SELECTOR",
            "AGE",
        ),
        ("CONTAINERS", "IMAGES", "SELECTOR"),
        _daemon_set,
    ),
    "Service": (
        ("NAME", "TYPE", "CLUSTER-IP", "EXTERNAL-IP", "PORT(S)", "AGE"),
        ("SELECTOR",),
        _service,
    ),
    "HorizontalPodAutoscaler": (
        ("NAME", "REFERENCE", "TARGETS", "MINPODS", "MAXPODS", "REPLICAS", "AGE"),
        (),
        _autoscaler,
    ),
    "Ingress": (("NAME", "CLASS", "HOSTS", "ADDRESS", "PORTS", "AGE"), (), _ingress),
    "Node": (
        ("NAME", "STATUS", "ROLES", "AGE", "VERSION"),
        ("INTERNAL-IP", "EXTERNAL-IP", "OS-IMAGE", "KERNEL-VERSION", "CONTAINER-RUNTIME"),
        _node,
    ),
    "Namespace": (("NAME", "STATUS", "AGE"), (), _namespace),
    "ConfigMap": (("NAME", "DATA", "AGE"), (), _config_map),
    "Secret": (("NAME", "TYPE", "DATA", "AGE"), (), _secret),
    **PRINTERS,
}  # fmt: skip
