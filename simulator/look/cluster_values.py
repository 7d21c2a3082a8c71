"""The rows of a view of a cluster as values: of each key that is seen, what is so now."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from simulator.look.cluster_facts import (
    ContainerFacts,
    NodeFacts,
    Row,
    ScalerFacts,
    ServiceFacts,
    View,
    WorkloadFacts,
)
from simulator.look.cluster_names import WORKLOADS
from simulator.look.cluster_queue import queue
from simulator.look.cluster_recent import Recent
from simulator.look.cluster_trace import trace_of

if TYPE_CHECKING:
    from simulator.cluster.kubernetes.autoscaling.horizontal import Trace
    from simulator.cluster.kubernetes.cluster import Cluster


def rows_of(
    cluster: Cluster, view: View, keys: Sequence[str], first: int, count: int
) -> tuple[Row, ...]:
    """What stands in some rows; None where the object is gone meanwhile."""
    some = keys[first : first + count]
    if isinstance(keys, Recent):
        return tuple([keys.events[key] for key in some])
    waiting = queue(cluster) if any(key.startswith("queue/") for key in some) else {}
    return tuple([waiting.get(key[6:]) or _row(cluster, view, key) for key in some])


def _row(cluster: Cluster, view: View, key: str) -> Row:
    kind, _, rest = key.partition("/")
    if kind in _OWN:
        return _OWN[kind](cluster, view, rest)
    namespace, _, name = rest.partition("/")
    one: Any = cluster.find(kind, namespace, name)
    if one is None or view.kind == kind:
        return one  # a table of one kind, as kubectl prints it
    if kind == "HorizontalPodAutoscaler":
        return trace_of(cluster, one) if view.kind == "trace" else _scaler(cluster, one)
    if kind == "Service":
        return _service(cluster, one)
    return _workload(one) if kind in WORKLOADS else one


def _node(cluster: Cluster, view: View, name: str) -> NodeFacts | None:
    row, node = cluster.scheduler.columns.rows.get(name), cluster.store.find("Node", "", name)
    if node is None or row is None:
        return None
    one: Any = node
    there = one.status.allocatable
    on_it: tuple[Any, ...] = ()
    if view.kind == "nodes":
        pods = cluster.store.table("Pod").namespaces
        on_it = tuple([pods[each.meta.namespace][each.meta.name] for each in row.pods.values()])
    return NodeFacts(
        name, one.ready, one.spec.unschedulable, len(one.spec.taints), len(row.pods), there.pods,
        row.cpu, there.cpu_millis, row.memory, there.memory_bytes,
        cluster.metrics.of_node(name), on_it,
    )  # fmt: skip


def _container(cluster: Cluster, view: View, rest: str) -> ContainerFacts | None:
    namespace, name, word = rest.split("/", 2)
    pod: Any = cluster.store.find("Pod", namespace, name)
    if pod is None:
        return None
    init = next((one for one in pod.spec.init_containers if one.name == word), None)
    one = init or next((one for one in pod.spec.containers if one.name == word), None)
    if one is None:
        return None
    role = "container" if init is None else "sidecar" if one.is_sidecar else "init"
    said = (*pod.status.init_containers, *pod.status.containers)
    sample = cluster.metrics.sample(pod)
    asked, limits = _amounts(one.resources.requests), _amounts(one.resources.limits)
    return ContainerFacts(
        name, word, role, one.image, next((each for each in said if each.name == word), None),
        asked[0], limits[0], asked[1], limits[1],
        sample.use.get(word) if sample is not None else None,
    )  # fmt: skip


def _amounts(amounts: Any) -> tuple[int, int]:
    from simulator.cluster.kubernetes.objects.resources import resources_of

    found = resources_of(amounts)
    return found.cpu_millis, found.memory_bytes


_OWN: dict[str, Callable[[Cluster, View, str], Row]] = {"node": _node, "container": _container}


def _workload(one: Any) -> WorkloadFacts:
    status = one.status
    meta = one.meta
    old = 0
    if one.kind == "DaemonSet":
        numbers = (status.desired_number_scheduled, status.updated_number_scheduled,
                   status.number_ready, status.number_available)  # fmt: skip
    elif one.kind == "Job":
        wanted = one.spec.completions or 1
        numbers = (wanted, wanted, status.succeeded, status.succeeded)
    else:
        numbers = (one.spec.replicas, getattr(status, "updated_replicas", status.replicas),
                   status.ready_replicas, status.available_replicas)  # fmt: skip
        old = _old(status)
    return WorkloadFacts(one.kind, meta.namespace, meta.name, *numbers, old)


def _old(status: Any) -> int:
    """Pods of an earlier kind, which a rollout has still to end."""
    newest: int = getattr(status, "updated_replicas", status.replicas)
    return max(0, int(status.replicas) - newest)


def _held(trace: Trace | None) -> str:
    """What held the last decision: a limit, or else what was wished for shortly before."""
    if trace is None:
        return ""
    if trace.limit == "DesiredWithinRange" and trace.stabilized != trace.desired:
        return "ScaleDownStabilized" if trace.stabilized > trace.desired else "ScaleUpStabilized"
    return trace.limit


def _scaler(cluster: Cluster, one: Any) -> ScalerFacts:
    memory = cluster.autoscalers.memories.get(one.key)
    trace = memory.trace if memory is not None else None
    target = one.spec.scale_target_ref
    return ScalerFacts(
        one.meta.namespace, one.meta.name, f"{target.kind}/{target.name}", one.spec.min_replicas,
        one.spec.max_replicas, one.status.current_replicas, one.status.desired_replicas,
        tuple(word for word in one.status.current if word), _held(trace),
        tuple(memory.wishes) if memory is not None else (),
    )  # fmt: skip


def _service(cluster: Cluster, one: Any) -> ServiceFacts:
    behind = cluster.network.proxies.endpoints.services.get(one.key)
    ports = tuple(f"{each.port}/{each.protocol}" for each in one.spec.ports)
    return ServiceFacts(
        one.meta.namespace, one.meta.name, one.spec.type, one.spec.cluster_ip, ports,
        behind.ready if behind is not None else 0,
        len(behind.endpoints) if behind is not None else 0,
    )  # fmt: skip
