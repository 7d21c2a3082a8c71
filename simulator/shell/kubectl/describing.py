"""``kubectl describe``: all that is known of an object, with its events."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any

from simulator.shell.grammar import Call, Flag
from simulator.shell.kinds import text
from simulator.shell.kubectl import describing_nodes as nodes
from simulator.shell.kubectl import describing_others as others
from simulator.shell.kubectl import describing_pods as pods
from simulator.shell.kubectl import describing_policies as policies
from simulator.shell.kubectl import describing_workloads as workloads
from simulator.shell.kubectl.files import GIVEN
from simulator.shell.kubectl.tabs import NONE, head, tabbed
from simulator.shell.kubectl.target import (
    COMMON,
    EVERYWHERE,
    SELECTOR,
    cluster_of,
    named,
    namespace_of,
    one_of,
)
from simulator.shell.kubectl.targeting import OBJECTS, targets
from simulator.shell.registry import verb

if TYPE_CHECKING:
    from simulator.cluster.kubernetes.cluster import Cluster
    from simulator.cluster.kubernetes.objects.meta import Object
    from simulator.shell.session import Session


@verb(
    "kubectl describe", "Tell all that is known of objects", aliases=("k describe",),
    arguments=(OBJECTS,),
    flags=(*COMMON, *GIVEN, EVERYWHERE, SELECTOR, Flag(("--show-events",), "true or false",
                                               text("true or false"))),
    examples=("kubectl describe pod web-0", "kubectl describe deploy/web"),
)  # fmt: skip
def describe(session: Session, call: Call) -> Iterable[str]:
    """Each object as lines, two empty ones between."""
    from simulator.shell.kubectl.selecting import chosen

    cluster = cluster_of(session, call)
    found: list[Object] = []
    if call["filename"] or call["kustomize"]:
        every = targets(session, call, cluster, call["TYPE"])
        found = [one_of(cluster, *target) for target in every]
    for kind, name in named(cluster, call["TYPE"]) if not found else ():
        if name:
            found += _by_prefix(session, call, cluster, kind, name)
        else:
            found += chosen(session, call, cluster, kind)
    lines: list[str] = []
    for one in found:
        lines += ["", ""] if lines else []
        lines += _described(cluster, one, events=call["show_events"] != "false")
    if not found:
        return [f"No resources found in {namespace_of(session, call)} namespace."]
    return lines


def _by_prefix(
    session: Session, call: Call, cluster: Cluster, kind: Any, name: str
) -> list[Object]:
    """The object of a name, or those whose names begin so, as kubectl describes them."""
    namespace = namespace_of(session, call) if kind.namespaced else ""
    if cluster.find(kind.kind, namespace, name) is None:
        table = cluster.table(kind.kind).namespaces.get(namespace, {})
        near = [one for key, one in sorted(table.items()) if key.startswith(name)]
        if near:
            return near
    return [one_of(cluster, kind, namespace_of(session, call), name)]


def _described(cluster: Cluster, one: Object, *, events: bool) -> list[str]:
    from simulator.cluster.kubernetes.data import as_data

    teller = _TELLERS.get(one.kind)
    lines = _other(cluster, one) if teller is None else teller(as_data(one), one, cluster)
    return tabbed([*lines, *(_events(cluster, one) if events else ())])


_TELLERS: dict[str, Callable[[Any, Any, Any], list[str]]] = {
    "Pod": pods.pod, "Node": nodes.node, "Deployment": workloads.deployment,
    "ReplicaSet": workloads.replica_set, "ReplicationController": workloads.replica_set,
    "StatefulSet": workloads.stateful_set, "DaemonSet": workloads.daemon_set,
    "Job": workloads.job, "CronJob": workloads.cron_job, "Service": others.service,
    "Endpoints": others.endpoints, "Ingress": others.ingress, "ConfigMap": others.config_map,
    "Secret": others.secret, "HorizontalPodAutoscaler": others.autoscaler,
    "ResourceQuota": policies.quota, "LimitRange": policies.limits,
    "PodDisruptionBudget": policies.budget, "Namespace": policies.namespace,
    "ServiceAccount": policies.account, "PriorityClass": policies.priority,
    "PersistentVolumeClaim": policies.claim, "PersistentVolume": policies.volume,
}  # fmt: skip


def _other(cluster: Cluster, one: Object) -> list[str]:
    """All fields, as kinds are told that kubectl knows nothing of."""
    from simulator.cluster.kubernetes.data import as_data
    from simulator.shell.kubectl.describing_any import content

    said = as_data(one)
    hidden = ("name", "namespace", "labels", "annotations", "managedFields")
    meta = {key: value for key, value in said["metadata"].items() if key not in hidden}
    return [*head(said), *content({**said, "metadata": meta})]


def _events(cluster: Cluster, one: Object) -> list[str]:
    from simulator.shell.kubectl.events import since

    found = cluster.recorder.of(one.kind, one.namespace, one.name, one.meta.uid)
    if not found:
        return [f"Events:\t{NONE}"]
    lines = ["Events:", "  Type\tReason\tAge\tFrom\tMessage", "  ----\t------\t----\t----\t-------"]
    for each in found:
        words = (each.type, each.reason, since(cluster, each), each.source, each.message)
        lines.append("  " + "\t".join(words))
    return lines
