"""Revisions of StatefulSets and DaemonSets, for ``rollout history`` and ``rollout undo``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from simulator.shell.kubectl.target import KubectlError

if TYPE_CHECKING:
    from simulator.cluster.kubernetes.cluster import Cluster

KINDS = ("StatefulSet", "DaemonSet")
CAUSE = "kubernetes.io/change-cause"


def numbered(cluster: Cluster, uid: str) -> dict[int, Any]:
    """The ControllerRevisions of a workload by number, the newest last."""
    from simulator.cluster.kubernetes.objects.workloads import ControllerRevision

    owned = cluster.store.owned(ControllerRevision, uid).values()
    return dict(sorted((int(one.data["revision"]), one) for one in owned))


def rows(cluster: Cluster, uid: str) -> list[tuple[str, ...]]:
    """Numbers with their causes."""
    found = numbered(cluster, uid).items()
    return [(str(number), one.meta.annotations.get(CAUSE, "<none>")) for number, one in found]


def template(cluster: Cluster, uid: str, wanted: int | None) -> dict[str, Any]:
    """The template of a revision; without a number that of the one before the newest."""
    found = numbered(cluster, uid)
    if wanted and wanted not in found:
        raise KubectlError(f"error: unable to find specified revision {wanted} in history")
    if not wanted and len(found) < 2:
        raise KubectlError("error: no last revision to roll back to")
    chosen = found[wanted] if wanted else list(found.values())[-2]
    kept = chosen.data["data"]["spec"]["template"]
    return {key: value for key, value in kept.items() if key != "$patch"}
