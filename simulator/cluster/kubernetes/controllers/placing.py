"""Where pods of a DaemonSet may be, and what makes them go there."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import msgspec

from simulator.cluster.kubernetes.objects.meta import Data
from simulator.cluster.kubernetes.objects.node import Node
from simulator.cluster.kubernetes.objects.placing import Affinity, Toleration
from simulator.cluster.kubernetes.objects.selectors import NodeSelector, holds
from simulator.cluster.kubernetes.objects.workloads import DaemonSet

TOLERATED = (
    ("node.kubernetes.io/not-ready", "NoExecute"),
    ("node.kubernetes.io/unreachable", "NoExecute"),
    ("node.kubernetes.io/disk-pressure", "NoSchedule"),
    ("node.kubernetes.io/memory-pressure", "NoSchedule"),
    ("node.kubernetes.io/pid-pressure", "NoSchedule"),
    ("node.kubernetes.io/unschedulable", "NoSchedule"),
)
"""What every pod of a DaemonSet tolerates (``AddOrUpdateDaemonPodTolerations``)."""
ON_HOST_NETWORK = ("node.kubernetes.io/network-unavailable", "NoSchedule")


class Wanted(msgspec.Struct, frozen=True):
    """What a DaemonSet's pods say of nodes."""

    selector: dict[str, str]
    required: NodeSelector | None
    tolerations: tuple[Toleration, ...]


def may_be_on(one: DaemonSet, node: Node, *, running: bool) -> bool:
    """Whether its pod is to be on a node, or, ``running``, may stay there.

    upstream: ``NodeShouldRunDaemonPod``.
    """
    wanted = _wanted(msgspec.json.encode(one.spec.template.spec, order="sorted"))
    labels = node.meta.labels
    if any(labels.get(key) != word for key, word in wanted.selector.items()):
        return False
    if wanted.required is not None and not _selected(wanted.required, node):
        return False
    effects = ("NoExecute",) if running else ("NoExecute", "NoSchedule")
    return all(
        any(each.tolerates(taint) for each in wanted.tolerations)
        for taint in node.spec.taints
        if taint.effect in effects
    )


@lru_cache(maxsize=256)
def _wanted(spec: bytes) -> Wanted:
    said: Data = msgspec.json.decode(spec)
    affinity = msgspec.convert(said.get("affinity") or {}, Affinity, strict=False).node_affinity
    listed = tolerations(said)
    return Wanted(
        dict(said.get("nodeSelector") or {}),
        None if affinity is None else affinity.required,
        tuple(msgspec.convert(one, Toleration, strict=False) for one in listed),
    )


def _selected(selector: NodeSelector, node: Node) -> bool:
    fields = {"metadata.name": node.name}
    return any(
        bool(term.match_expressions or term.match_fields)
        and all(holds(one, node.meta.labels) for one in term.match_expressions)
        and all(holds(one, fields) for one in term.match_fields)
        for term in selector.node_selector_terms
    )


def tolerations(spec: Data) -> list[Data]:
    """What a pod of a DaemonSet tolerates, as data."""
    mine = [*TOLERATED, ON_HOST_NETWORK] if spec.get("hostNetwork") else TOLERATED
    added = [{"key": key, "operator": "Exists", "effect": effect} for key, effect in mine]
    return [*(spec.get("tolerations") or ()), *added]


def spec_for(spec: Data, node: str) -> dict[str, Any]:
    """The pod's specification for one node (``ReplaceDaemonSetPodNodeNameNodeAffinity``)."""
    affinity = dict(spec.get("affinity") or {})
    mine = {"key": "metadata.name", "operator": "In", "values": [node]}
    required = {"nodeSelectorTerms": [{"matchFields": [mine]}]}
    word = "requiredDuringSchedulingIgnoredDuringExecution"
    affinity["nodeAffinity"] = {**(affinity.get("nodeAffinity") or {}), word: required}
    return {**spec, "affinity": affinity, "tolerations": tolerations(spec)}
