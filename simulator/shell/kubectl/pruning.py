"""``kubectl apply --prune``: what was applied before, and is in the files no more, goes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from simulator.shell.grammar import Call
from simulator.shell.kubectl.files import objects_of
from simulator.shell.kubectl.selecting import matches, read_selector
from simulator.shell.kubectl.target import KubectlError, namespace_of, sent
from simulator.shell.kubectl.writing import Writer
from simulator.world.cluster_commands import ApiRequest

if TYPE_CHECKING:
    from simulator.cluster.kubernetes.api.kinds import Kind
    from simulator.cluster.kubernetes.cluster import Cluster
    from simulator.shell.session import Session

NOTE = "kubectl.kubernetes.io/last-applied-configuration"
PRUNED = (
    "ConfigMap", "Endpoints", "Namespace", "PersistentVolumeClaim", "PersistentVolume", "Pod",
    "ReplicationController", "Secret", "Service", "Job", "CronJob", "Ingress", "DaemonSet",
    "Deployment", "ReplicaSet", "StatefulSet",
)  # fmt: skip
"""Kinds that are pruned unless an allowlist says otherwise (``pkg/util/prune``)."""


def pruned(session: Session, call: Call) -> list[str]:
    """Delete what has the labels, was applied, and was not visited now."""
    writer = Writer(session, call)
    cluster = writer.cluster
    visited = {(kind.kind, space, name) for kind, space, name in objects_of(session, call, cluster)}
    spaces = {space for _, space, _ in visited if space} or {namespace_of(session, call)}
    tests = read_selector(call["selector"]) if call["selector"] else []
    for kind in kinds_of(cluster, call["prune_allowlist"]):
        for one in sorted(cluster.store.table(kind.kind), key=lambda each: each.key):
            stays = kind.namespaced and one.namespace not in spaces
            if stays or NOTE not in one.meta.annotations or (kind.kind, *one.key) in visited:
                continue
            if matches(tests, one.meta.labels):
                sent(writer.at, ApiRequest(
                    cluster=cluster.name, verb="delete", kind=kind.kind, namespace=one.namespace,
                    name=one.name,
                ))  # fmt: skip
                writer.say((kind, *one.key), "pruned")
    return []


def kinds_of(cluster: Cluster, allowed: tuple[str, ...]) -> list[Kind]:
    """The kinds that are pruned: those of an allowlist, if there is one."""
    if not allowed:
        found = [cluster.kinds.named(one) for one in PRUNED]
        return [one for one in found if one is not None]
    kinds = []
    for word in allowed:
        group, version, kind = [*word.split("/"), "", ""][:3]
        api = version if group == "core" else f"{group}/{version}"
        known = cluster.kinds.of(api, kind)
        if known is None:
            raise KubectlError(f"error: invalid GroupVersionKind format: {word}, please follow "
                               "<group/version/kind>")  # fmt: skip
        kinds.append(known)
    return kinds
