"""What the API server fills in where people say nothing (upstream, ``apis/*/v1/defaults.go``)."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Callable
from typing import Any

from simulator.cluster.kubernetes.api.kinds import KINDS
from simulator.cluster.kubernetes.api.pod_defaults import pod_spec

Data = dict[str, Any]
DEFAULT_CPU_TARGET = {
    "type": "Resource",
    "resource": {
        "name": "cpu",
        "target": {"type": "Utilization", "averageUtilization": 80},
    },
}
UP = {
    "stabilizationWindowSeconds": 0,
    "selectPolicy": "Max",
    "policies": [
        {"type": "Pods", "value": 4, "periodSeconds": 15},
        {"type": "Percent", "value": 100, "periodSeconds": 15},
    ],
}
DOWN = {
    "selectPolicy": "Max",
    "policies": [{"type": "Percent", "value": 100, "periodSeconds": 15}],
}


def with_defaults(kind: str, body: Data) -> Data:
    """The body of an object of a kind with defaults; what was given is not changed."""
    fill = _KINDS.get(kind)
    if fill is None and kind not in _BUILT_IN:
        return body
    copy: Data = _copied(body)
    if fill is not None:
        fill(copy)
    return copy


_BUILT_IN = frozenset(kind.kind for kind in KINDS)


def _copied(value: Any) -> Any:
    """A copy in which nothing is null: as if it were not there, or an entry with no fields."""
    if isinstance(value, dict):
        return {key: _copied(one) for key, one in value.items() if one is not None}
    if isinstance(value, list):
        return [{} if one is None else _copied(one) for one in value]
    return value


def _spec(body: Data) -> Data:
    spec: Data = body.setdefault("spec", {})
    return spec


# --- pods -----------------------------------------------------------------------------------------


def _pod(body: Data) -> None:
    pod_spec(_spec(body))


def _template(spec: Data) -> None:
    template = spec.setdefault("template", {})
    template.setdefault("metadata", {})
    pod_spec(template.setdefault("spec", {}))


# --- workloads -----------------------------------------------------------------------------------


def _deployment(body: Data) -> None:
    spec = _spec(body)
    spec.setdefault("replicas", 1)
    strategy = spec.setdefault("strategy", {})
    strategy.setdefault("type", "RollingUpdate")
    if strategy["type"] == "RollingUpdate":
        rolling = strategy.setdefault("rollingUpdate", {})
        rolling.setdefault("maxUnavailable", "25%")
        rolling.setdefault("maxSurge", "25%")
    spec.setdefault("revisionHistoryLimit", 10)
    spec.setdefault("progressDeadlineSeconds", 600)
    _template(spec)


def _replica_set(body: Data) -> None:
    spec = _spec(body)
    spec.setdefault("replicas", 1)
    _template(spec)


def _replication_controller(body: Data) -> None:
    spec = _spec(body)
    spec.setdefault("replicas", 1)
    _template(spec)
    labels = spec["template"]["metadata"].get("labels", {})
    if labels:
        spec.setdefault("selector", dict(labels))


def _stateful_set(body: Data) -> None:
    spec = _spec(body)
    spec.setdefault("replicas", 1)
    spec.setdefault("podManagementPolicy", "OrderedReady")
    update = spec.setdefault("updateStrategy", {})
    update.setdefault("type", "RollingUpdate")
    if update["type"] == "RollingUpdate":
        update.setdefault("rollingUpdate", {}).setdefault("partition", 0)
    spec.setdefault("revisionHistoryLimit", 10)
    spec.setdefault(
        "persistentVolumeClaimRetentionPolicy", {"whenDeleted": "Retain", "whenScaled": "Retain"}
    )
    _template(spec)
    for claim in spec.get("volumeClaimTemplates", ()):
        claim.setdefault("kind", "PersistentVolumeClaim")
        claim.setdefault("apiVersion", "v1")
        _claim(claim)


def _daemon_set(body: Data) -> None:
    spec = _spec(body)
    update = spec.setdefault("updateStrategy", {})
    update.setdefault("type", "RollingUpdate")
    if update["type"] == "RollingUpdate":
        rolling = update.setdefault("rollingUpdate", {})
        rolling.setdefault("maxUnavailable", 1)
        rolling.setdefault("maxSurge", 0)
    spec.setdefault("revisionHistoryLimit", 10)
    _template(spec)


def _job(body: Data) -> None:
    job_spec(_spec(body))


def job_spec(spec: Data) -> None:
    """The ``spec`` of a Job or of a CronJob's template."""
    if "completions" not in spec and "parallelism" not in spec:
        spec["completions"] = spec["parallelism"] = 1
    spec.setdefault("parallelism", 1)
    spec.setdefault("completionMode", "NonIndexed")
    spec.setdefault("backoffLimit", 6)
    spec.setdefault("suspend", False)
    _template(spec)


def _cron_job(body: Data) -> None:
    spec = _spec(body)
    spec.setdefault("concurrencyPolicy", "Allow")
    spec.setdefault("suspend", False)
    spec.setdefault("successfulJobsHistoryLimit", 3)
    spec.setdefault("failedJobsHistoryLimit", 1)
    job_spec(spec.setdefault("jobTemplate", {}).setdefault("spec", {}))


# --- networking, scaling, storage ----------------------------------------------------------------


def _service(body: Data) -> None:
    spec = _spec(body)
    spec.setdefault("type", "ClusterIP")
    spec.setdefault("sessionAffinity", "None")
    if spec["type"] != "ExternalName":
        spec.setdefault("internalTrafficPolicy", "Cluster")
        spec.setdefault("ipFamilyPolicy", "SingleStack")
        spec.setdefault("ipFamilies", ["IPv4"])
    if spec["type"] in ("NodePort", "LoadBalancer"):
        spec.setdefault("externalTrafficPolicy", "Cluster")
    if spec["type"] == "LoadBalancer":
        spec.setdefault("allocateLoadBalancerNodePorts", True)
    for port in spec.get("ports", ()):
        port.setdefault("protocol", "TCP")
        port.setdefault("targetPort", port.get("port"))


def _autoscaler(body: Data) -> None:
    spec = _spec(body)
    spec.setdefault("minReplicas", 1)
    if not spec.get("metrics"):
        spec["metrics"] = [_copied(DEFAULT_CPU_TARGET)]
    behavior = spec.get("behavior")
    if behavior:
        behavior["scaleUp"] = {**_copied(UP), **behavior.get("scaleUp", {})}
        behavior["scaleDown"] = {**_copied(DOWN), **behavior.get("scaleDown", {})}


def _claim(body: Data) -> None:
    _spec(body).setdefault("volumeMode", "Filesystem")


def _volume_of_cluster(body: Data) -> None:
    spec = _spec(body)
    spec.setdefault("persistentVolumeReclaimPolicy", "Retain")
    spec.setdefault("volumeMode", "Filesystem")


def _storage_class(body: Data) -> None:
    body.setdefault("reclaimPolicy", "Delete")
    body.setdefault("volumeBindingMode", "Immediate")


def _secret(body: Data) -> None:
    """What was written as text is kept in base 64 (``strategy.go`` of secrets)."""
    body.setdefault("type", "Opaque")
    texts = body.pop("stringData", None)
    if isinstance(texts, dict) and texts:
        coded = {key: b64encode(str(one).encode()).decode() for key, one in texts.items()}
        body["data"] = {**(body.get("data") or {}), **coded}


def _network_policy(body: Data) -> None:
    spec = _spec(body)
    if not spec.get("policyTypes"):
        spec["policyTypes"] = ["Ingress", "Egress"] if spec.get("egress") else ["Ingress"]


def _limit_range(body: Data) -> None:
    """A default limit is the maximum, a default request is the default limit or the minimum."""
    for item in _spec(body).get("limits") or ():
        if item.get("type") != "Container":
            continue
        for word, source in (("default", "max"), ("defaultRequest", "default"),
                             ("defaultRequest", "min")):  # fmt: skip
            for name, amount in (item.get(source) or {}).items():
                item.setdefault(word, {}).setdefault(name, amount)


def _priority_class(body: Data) -> None:
    body.setdefault("preemptionPolicy", "PreemptLowerPriority")


_KINDS: dict[str, Callable[[Data], None]] = {
    "Pod": _pod,
    "Deployment": _deployment,
    "ReplicaSet": _replica_set,
    "ReplicationController": _replication_controller,
    "StatefulSet": _stateful_set,
    "DaemonSet": _daemon_set,
    "Job": _job,
    "CronJob": _cron_job,
    "Service": _service,
    "HorizontalPodAutoscaler": _autoscaler,
    "PersistentVolumeClaim": _claim,
    "PersistentVolume": _volume_of_cluster,
    "StorageClass": _storage_class,
    "Secret": _secret,
    "NetworkPolicy": _network_policy,
    "LimitRange": _limit_range,
    "PriorityClass": _priority_class,
}
