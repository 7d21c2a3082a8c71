"""What keeps a node from being taken away (``drainability/rules``). Pure."""

from __future__ import annotations

from collections.abc import Callable

from simulator.cluster.kubernetes.autoscaling.cluster_autoscaler.settings import Settings
from simulator.cluster.kubernetes.objects.node import Node
from simulator.cluster.kubernetes.objects.pod import Pod

SAFE = "cluster-autoscaler.kubernetes.io/safe-to-evict"
SAFE_LOCAL = "cluster-autoscaler.kubernetes.io/safe-to-evict-local-volumes"
DISABLED = "cluster-autoscaler.kubernetes.io/scale-down-disabled"
MIRROR = "kubernetes.io/config.mirror"
KNOWN_OWNERS = ("ReplicationController", "ReplicaSet", "Job", "StatefulSet", "DaemonSet")
"""Controllers of Kubernetes itself (``rules/replicated``)."""


def of_node(node: Node) -> str:
    """Why a node stays, whatever is on it; nothing: it may go."""
    if node.meta.annotations.get(DISABLED) == "true":
        return "ScaleDownDisabledAnnotation"
    return ""


def moves(pod: Pod) -> bool:
    """Whether a pod needs another place when its node goes."""
    owner = pod.meta.controller
    daemon = owner is not None and owner.kind == "DaemonSet"
    return not (daemon or pod.status.over or pod.deleting or MIRROR in pod.meta.annotations)


def of_pod(pod: Pod, settings: Settings, has_budget: Callable[[Pod], bool]) -> str:
    """Why a pod that would have to move keeps its node; nothing: it does not."""
    said, owner = pod.meta.annotations.get(SAFE), pod.meta.controller
    if said == "true":
        return ""
    if owner is None or (settings.keep_custom and owner.kind not in KNOWN_OWNERS):
        return "NotReplicated"
    if settings.keep_system and pod.meta.namespace == "kube-system" and not has_budget(pod):
        return "UnmovableKubeSystemPod"
    if said == "false":
        return "NotSafeToEvictAnnotation"
    if settings.keep_local and local_storage(pod):
        return "LocalStorageRequested"
    return ""


def local_storage(pod: Pod) -> bool:
    """Whether a pod has files on its node that would be lost."""
    safe = {one.strip() for one in pod.meta.annotations.get(SAFE_LOCAL, "").split(",")}
    for one in pod.spec.volumes:
        on_disk = one.empty_dir is not None and one.empty_dir.get("medium") != "Memory"
        if (on_disk or one.host_path is not None) and one.name not in safe:
            return True
    return False
