"""``kubectl cluster-info dump``: what there is of a cluster, for those who look for a fault."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from simulator.shell.grammar import Call, Flag
from simulator.shell.kinds import text
from simulator.shell.kubectl.target import COMMON, EVERYWHERE, KubectlError, cluster_of
from simulator.shell.registry import verb

if TYPE_CHECKING:
    from simulator.cluster.kubernetes.cluster import Cluster
    from simulator.shell.session import Session

_KINDS = ("Event", "ReplicationController", "Service", "DaemonSet", "Deployment", "ReplicaSet",
          "Pod")  # fmt: skip
"""Of each namespace, in kubectl's order (``clusterinfo_dump.go``); before them the nodes."""
_SPACES = ("kube-system", "default")


@verb("kubectl cluster-info dump", "Print what there is of a cluster, with the logs of its pods",
      aliases=("k cluster-info dump",),
      flags=(*COMMON, EVERYWHERE,
             Flag(("--namespaces",), "only of these: A,B", text("namespaces")),
             Flag(("--output-directory",), "", text("folder"),
                  refused="no file is written here: what it prints is to be seen")),
      examples=("kubectl cluster-info dump --namespaces default",),
      known="-o --output --pod-running-timeout")  # fmt: skip
def dump(session: Session, call: Call) -> Iterable[str]:
    """Lists as JSON, and after them what each container has written."""
    cluster = cluster_of(session, call)
    lines = _list(cluster, "Node", "")
    for space in _spaces(cluster, call):
        for kind in _KINDS:
            lines += _list(cluster, kind, space)
        lines += _logs(cluster, space)
    return lines


def _spaces(cluster: Cluster, call: Call) -> list[str]:
    known = sorted(cluster.table("Namespace").namespaces.get("", {}))
    if call["all_namespaces"]:
        return known
    if not call["namespaces"]:
        return [call["namespace"]] if call["namespace"] else list(_SPACES)
    wanted: list[str] = call["namespaces"].split(",")
    missing = [one for one in wanted if one not in known]
    if missing:
        raise KubectlError(f'Error from server (NotFound): namespaces "{missing[0]}" not found')
    return wanted


def _list(cluster: Cluster, kind: str, space: str) -> list[str]:
    from simulator.cluster.kubernetes.data import as_data

    found = cluster.kinds.named(kind)
    version = found.api_version if found is not None else "v1"
    room = cluster.table(kind).namespaces.get(space, {})
    said: dict[str, Any] = {
        "kind": f"{kind}List", "apiVersion": version,
        "items": [as_data(room[name]) for name in sorted(room)],
    }  # fmt: skip
    return json.dumps(said, indent=4).split("\n")


def _logs(cluster: Cluster, space: str) -> list[str]:
    lines: list[str] = []
    room = cluster.table("Pod").namespaces.get(space, {})
    for name in sorted(room):
        pod: Any = room[name]
        for one in pod.spec.containers:
            title = f"logs for container {one.name} of pod {space}/{name} ===="
            written = cluster.kubelets.logs(pod, one.name, previous=False) or []
            lines += [f"==== START {title}", *(text for _, text in written), f"==== END {title}"]
    return lines
