"""Typed objects as data again: what ``kubectl get -o yaml`` prints, and what patches change."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec

from simulator.cluster.kubernetes.api.times import stamp
from simulator.cluster.kubernetes.objects.meta import Condition, Meta, Object
from simulator.cluster.kubernetes.objects.node import Node
from simulator.cluster.kubernetes.objects.pod import ContainerStatus, Ended, Pod
from simulator.cluster.kubernetes.objects.resources import Resources


def as_data(one: Object) -> dict[str, Any]:
    """An object as the API gives it out."""
    said: dict[str, Any] = {
        "apiVersion": one.api_version,
        "kind": one.kind,
        "metadata": meta_data(one.meta, one.version),
        **body_of(one),
    }
    status = _status(one)
    if status:
        said["status"] = status
    return said


def body_of(one: Object) -> dict[str, Any]:
    """All but its metadata and status; a pod's specification is its template's."""
    if not isinstance(one, Pod):
        return dict(one.data)
    spec = dict(one.template.data)
    if one.node:
        spec["nodeName"] = one.node
    return {"spec": spec}


def meta_data(meta: Meta, version: int) -> dict[str, Any]:
    """``metadata`` as the API writes it; what is not there is left out."""
    said: dict[str, Any] = {"creationTimestamp": stamp(meta.created), "name": meta.name}
    if meta.namespace:
        said["namespace"] = meta.namespace
    texts = {"labels": meta.labels, "annotations": meta.annotations}
    said |= {word: dict(value) for word, value in texts.items() if value}
    if meta.owners:
        said["ownerReferences"] = [
            {
                "apiVersion": one.api_version, "blockOwnerDeletion": one.block,
                "controller": one.controller, "kind": one.kind, "name": one.name, "uid": one.uid,
            }
            for one in meta.owners
        ]  # fmt: skip
    if meta.deleting_since is not None:
        said["deletionTimestamp"] = stamp(meta.deleting_since + (meta.grace_s or 0.0))
        said["deletionGracePeriodSeconds"] = int(meta.grace_s or 0)
    if meta.finalizers:
        said["finalizers"] = list(meta.finalizers)
    if meta.generate_name:
        said["generateName"] = meta.generate_name
    said |= {"generation": meta.generation, "resourceVersion": str(version), "uid": meta.uid}
    return said


def _status(one: Object) -> dict[str, Any]:
    if isinstance(one, Pod):
        return _pod_status(one)
    status = getattr(one, "status", None)
    if status is None:
        return {}
    if isinstance(status, Mapping):
        return dict(status)
    if isinstance(one, Node):
        return _node_status(one)
    said = _plain(status)
    return said if isinstance(said, dict) else {}


def _plain(value: Any) -> Any:
    """A status as data; what is nothing is left out, as the API does."""
    if isinstance(value, Condition):
        return condition_data(value)
    if isinstance(value, msgspec.Struct):
        names = zip(value.__struct_encode_fields__, value.__struct_fields__, strict=True)
        found = {wire: _timed(name, getattr(value, name)) for wire, name in names}
        return {key: one for key, one in found.items() if one not in (None, "", [], {}, 0)}
    if isinstance(value, tuple):
        return [_plain(one) for one in value]
    return dict(value) if isinstance(value, Mapping) else value


def _timed(name: str, value: Any) -> Any:
    """Fields that are times are written as such: ``startTime``."""
    if name.endswith("_time") and isinstance(value, float):
        return stamp(value)
    return _plain(value)


def condition_data(one: Condition) -> dict[str, Any]:
    """A condition as the API writes it."""
    said = {
        "lastTransitionTime": stamp(one.since),
        "lastUpdateTime": stamp(one.updated),
        "message": one.message, "reason": one.reason, "status": one.status, "type": one.type,
    }  # fmt: skip
    return {key: value for key, value in said.items() if value}


def resources_data(one: Resources) -> dict[str, str]:
    """Amounts as the API writes them."""
    said = {"cpu": _cpu(one.cpu_millis), "memory": f"{one.memory_bytes // 1024}Ki"}
    if one.ephemeral_bytes:
        said["ephemeral-storage"] = f"{one.ephemeral_bytes // 1024}Ki"
    if one.pods:
        said["pods"] = str(one.pods)
    return said | {name: str(amount) for name, amount in one.extended}


def _cpu(millis: int) -> str:
    return f"{millis}m" if millis % 1000 else str(millis // 1000)


def _node_status(one: Node) -> dict[str, Any]:
    status = one.status
    return {
        "addresses": [
            {"address": status.address, "type": "InternalIP"},
            {"address": one.name, "type": "Hostname"},
        ],
        "allocatable": resources_data(status.allocatable),
        "capacity": resources_data(status.capacity),
        "conditions": [condition_data(each) for each in status.conditions],
        "nodeInfo": dict(status.info),
    }


# --- pods -----------------------------------------------------------------------------------------


def pod_conditions(pod: Pod) -> list[Condition]:
    """The conditions that follow from what became of a pod."""
    status = pod.status
    found: list[Condition] = []
    if status.started_at is not None:
        found.append(_turned("Initialized", status.initialized_at, status.started_at))
        reason = "" if status.ready else status.unready_reason or "ContainersNotReady"
        for word in ("Ready", "ContainersReady"):
            since = status.ready_since if status.ready_since is not None else status.started_at
            state = "True" if status.ready else "False"
            found.append(Condition(word, state, reason, "", since, since))
    if pod.node:
        since = status.scheduled_at if status.scheduled_at is not None else pod.meta.created
        found.append(Condition("PodScheduled", "True", "", "", since, since))
    elif status.unschedulable_reason:
        found.append(
            Condition(
                "PodScheduled", "False", status.unschedulable_reason, status.unschedulable,
                pod.meta.created, pod.meta.created,
            )
        )  # fmt: skip
    return [*found, *status.conditions]


def _turned(type_: str, since: float | None, started: float) -> Condition:
    if since is None:
        return Condition(type_, "False", "ContainersNotInitialized", "", started, started)
    return Condition(type_, "True", "", "", since, since)


def _pod_status(pod: Pod) -> dict[str, Any]:
    status = pod.status
    texts = {
        "reason": status.reason, "message": status.message, "podIP": status.ip,
        "nominatedNodeName": status.nominated_node,
    }  # fmt: skip
    said: dict[str, Any] = {"phase": status.phase, "qosClass": pod.template.qos}
    said |= {word: value for word, value in texts.items() if value}
    if status.ip:
        said["podIPs"] = [{"ip": status.ip}]
    if status.started_at is not None:
        said["startTime"] = stamp(status.started_at)
    said["conditions"] = [condition_data(one) for one in pod_conditions(pod)]
    for word, listed in (
        ("initContainerStatuses", status.init_containers), ("containerStatuses", status.containers),
    ):  # fmt: skip
        if listed:
            said[word] = [_container(one) for one in listed]
    for one in said.get("initContainerStatuses", ()):
        ended = one["state"].get("terminated")
        one["ready"] = one["ready"] or (ended is not None and ended["exitCode"] == 0)
    return said


def _container(one: ContainerStatus) -> dict[str, Any]:
    state: dict[str, Any]
    if one.running_since is not None:
        state = {"running": {"startedAt": stamp(one.running_since)}}
    elif one.ended is not None:
        state = {"terminated": _ended(one.ended)}
    else:
        state = {"waiting": {"reason": one.waiting}}
        if one.message:
            state["waiting"]["message"] = one.message
    said: dict[str, Any] = {
        "image": one.image, "imageID": one.image_id, "name": one.name, "ready": one.ready,
        "restartCount": one.restarts, "started": one.started, "state": state,
        "lastState": {} if one.last is None else {"terminated": _ended(one.last)},
    }  # fmt: skip
    return said


def _ended(one: Ended) -> dict[str, Any]:
    said: dict[str, Any] = {
        "exitCode": one.exit_code, "finishedAt": stamp(one.finished_at),
        "reason": one.reason, "startedAt": stamp(one.started_at),
    }  # fmt: skip
    return said | ({"message": one.message} if one.message else {})
