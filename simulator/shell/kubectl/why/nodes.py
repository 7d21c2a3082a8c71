"""``why node/NAME``: how it is, what is taken of it, who may come, and whether it may go."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from math import inf
from typing import TYPE_CHECKING

from simulator.cluster.kubernetes.autoscaling.cluster_autoscaler import blockers
from simulator.cluster.kubernetes.autoscaling.cluster_autoscaler.down import utilization
from simulator.cluster.kubernetes.objects.node import Node
from simulator.shell.kubectl.why.words import amount, conditions, since

if TYPE_CHECKING:
    from simulator.cluster.kubernetes.autoscaling.cluster_autoscaler.autoscaler import (
        ClusterAutoscaler,
    )
    from simulator.cluster.kubernetes.cluster import Cluster
    from simulator.cluster.kubernetes.scheduler.rows import Row


def lines(cluster: Cluster, node: Node) -> Iterator[str]:
    """All that is known of a node."""
    ready = "ready" if node.ready else "not ready"
    cordoned = ", cordoned: takes no new pods" if node.spec.unschedulable else ""
    yield f"node {node.name}: {ready}{cordoned}"
    yield from conditions(one for one in node.status.conditions if _matters(one.type, one.status))
    for taint in node.spec.taints:
        what = {"NoExecute": "pods that do not tolerate it leave",
                "PreferNoSchedule": "pods rather go elsewhere"}.get(
            taint.effect, "only pods that tolerate it come")  # fmt: skip
        value = f"={taint.value}" if taint.value else ""
        yield f"  taint {taint.key}{value}:{taint.effect}: {what}"
    row = cluster.scheduler.columns.rows.get(node.name)
    if row is not None:
        yield from _taken(node, row)
    yield from _use(cluster, node)
    yield from _may_go(cluster, node)


def _matters(kind: str, status: str) -> bool:
    return (kind == "Ready") != (status == "True")


def _taken(node: Node, row: Row) -> Iterator[str]:
    there = node.status.allocatable
    pods = list(row.pods.values())
    asked = {
        "cpu": sum(pod.requests.cpu_millis for pod in pods),
        "memory": sum(pod.requests.memory_bytes for pod in pods),
    }
    classes = Counter(pod.template.qos for pod in pods)
    shares = ", ".join(f"{count} {name}" for name, count in sorted(classes.items()))
    yield f"  {len(pods)} of {there.pods} pods" + (f": {shares}" if shares else "")
    for name, taken in asked.items():
        whole = there.amount(name)
        yield (
            f"  requests: {amount(name, taken)} of {amount(name, whole)} "
            f"({taken / max(1, whole):.0%}); the scheduler goes by these, not by use"
        )


def _use(cluster: Cluster, node: Node) -> Iterator[str]:
    used = cluster.metrics.of_node(node.name)
    if used is not None:
        cores, memory = used
        yield f"  used: {amount('cpu', round(cores * 1000))}, {amount('memory', int(memory))}"


def _may_go(cluster: Cluster, node: Node) -> Iterator[str]:
    """What the cluster autoscaler thinks of taking it away."""
    autoscaler = cluster.node_autoscaler
    if autoscaler is None:
        return
    group = next((one for one in autoscaler.groups.values() if node.name in one.nodes), None)
    if group is None:
        yield "  cluster autoscaler: belongs to no group, so it stays"
        return
    spec, shrinking = group.spec, autoscaler.shrinking
    yield f"  cluster autoscaler: of group {spec.name}, {spec.least} to {spec.most} nodes"
    if autoscaler.unhealthy():
        yield "    too many nodes are not ready (ClusterUnhealthy): nothing grows and nothing goes"
    elif node.name in group.leaving:
        yield "    is being taken away"
    elif node.name in shrinking.unneeded:
        idle = since(cluster.sim.now, shrinking.unneeded[node.name])
        yield f"    not needed {idle}; goes after {round(shrinking.wait_of(node.name))} s of that"
        flag, left = shrinking.pause(autoscaler.added_at)
        if flag:
            more = "" if left == inf else f" for {round(left)} s more"
            yield f"    no node goes{more}: {flag}"
        if group.size <= spec.least:
            told = _BLOCKERS["NodeGroupMinSizeReached"].format(least=spec.least)
            yield f"    stays: NodeGroupMinSizeReached: {told}"
    elif node.name in shrinking.reasons:
        yield f"    stays: {_stays(cluster, autoscaler, node)}"


_BLOCKERS = {
    "LocalStorageRequested": "pod {pod} has files on the node (emptyDir or hostPath), and "
    f"{blockers.SAFE_LOCAL} does not name the volume",
    "NodeGroupMinSizeReached": "its group has no more than {least} nodes, the least",
    "NoPlaceToMovePods": "pod {pod} fits on no other node",
    "NotEnoughPdb": "a budget does not let pod {pod} go",
    "NotReplicated": "pod {pod} has no controller that would make it again",
    "NotSafeToEvictAnnotation": f"pod {{pod}} says {blockers.SAFE}: false",
    "NotUnderutilized": "{used:.0%} of it is asked for, the threshold is {threshold:.0%}",
    "ScaleDownDisabledAnnotation": f"it says {blockers.DISABLED}: true",
    "ScaleDownUnreadyDisabled": "it is not ready, and scale-down-unready-enabled is false",
    "UnmovableKubeSystemPod": "pod {pod} is of kube-system, and no budget says that it may go",
}


def _stays(cluster: Cluster, autoscaler: ClusterAutoscaler, node: Node) -> str:
    """A reason in upstream's word, and what it means here."""
    shrinking = autoscaler.shrinking
    word, pod = shrinking.reasons[node.name], shrinking.blocking.get(node.name)
    row, settings = cluster.scheduler.columns.rows[node.name], shrinking.settings
    told = _BLOCKERS.get(word, "").format(
        pod=f"{pod.namespace}/{pod.name}" if pod is not None else "of it", least=0,
        used=utilization(row, settings.without_daemons), threshold=settings.threshold,
    )  # fmt: skip
    return f"{word}: {told}" if told else word
