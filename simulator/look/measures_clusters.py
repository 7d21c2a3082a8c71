"""Measures of what clusters and swarms keep: replicas, pods that wait, updates, autoscalers.

A workload is a Deployment, StatefulSet, DaemonSet or Job, or a service of a swarm, by its name; of
equal names in several namespaces one is meant by ``shop/web``.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, NamedTuple

from simulator.errors import InputError, unknown
from simulator.look.cluster_facts import View, WorkloadFacts
from simulator.look.clusters import Clusters
from simulator.look.swarm_facts import SwarmServiceFacts, TaskFacts

if TYPE_CHECKING:
    from simulator.world.world import World

_ALL = 1 << 30


class _Meant(NamedTuple):
    """A workload, and the cluster or swarm that keeps it."""

    cluster: str
    facts: WorkloadFacts | SwarmServiceFacts


class ClusterMeasures:
    """Functions over the clusters and swarms of one world."""

    _world: World

    def ready_replicas(self, workload: str) -> int:
        """Pods of a workload that are ready, or tasks of a service that run."""
        facts = self._workload(workload).facts
        return facts.running if isinstance(facts, SwarmServiceFacts) else int(facts.ready)

    def desired_replicas(self, workload: str) -> int:
        """Pods or tasks that a workload is to have."""
        return int(self._workload(workload).facts.desired)

    def updated_replicas(self, workload: str) -> int:
        """Pods of a workload, or tasks of a service, that are of its newest kind."""
        meant = self._workload(workload)
        if isinstance(meant.facts, WorkloadFacts):
            return int(meant.facts.updated)
        return sum(1 for one in self._tasks(meant) if one.image == meant.facts.image)

    def on_image(self, workload: str, image: str) -> int:
        """Pods of a workload, or tasks of a service, that are ready and of an image."""
        pods = list(self._pods(self._workload(workload)))
        return sum(_runs(one) and _named(image) in _images(one) for one in pods)

    def requested_cpu(self, workload: str) -> float:
        """Cores that the pods of a workload have asked for together."""
        meant = self._workload(workload)
        if isinstance(meant.facts, SwarmServiceFacts):
            raise InputError("a service has no requests", found=workload, expected="a workload")
        pods = [one for one in self._pods(meant) if one.status.phase in ("Pending", "Running")]
        return float(sum(one.template.requests.cpu_millis for one in pods) / 1000)

    def pending_pods(self, workload: str = "") -> int:
        """Pods without a node, or tasks that wait for one: of a workload, or all."""
        if workload:
            return sum(self._pending(one) for one in self._pods(self._workload(workload)))
        return sum(self._pending(one) for one in self._all_pods())

    def spread(self, workload: str) -> int:
        """On how many nodes pods or tasks of a workload run."""
        pods = list(self._pods(self._workload(workload)))
        return len({_node(one) for one in pods if _node(one) and not _over(one)})

    def most_on_a_node(self, workload: str) -> int:
        """Most pods or tasks of a workload that one node has."""
        nodes = [_node(one) for one in self._pods(self._workload(workload)) if not _over(one)]
        return max((nodes.count(one) for one in set(nodes) if one), default=0)

    def pod_restarts(self, workload: str) -> int:
        """How often containers of a workload's pods were restarted, or its tasks failed."""
        meant = self._workload(workload)
        if isinstance(meant.facts, SwarmServiceFacts):
            return sum(1 for one in self._tasks(meant) if one.over and one.error)
        pods = self._pods(meant)
        return sum(each.restarts for one in pods for each in one.status.containers)

    def update_state(self, workload: str) -> str:
        """How the last update goes: complete, progressing, paused, failed; of a service as
        ``docker service inspect`` says it: updating, completed, paused, rollback_completed, …"""
        meant = self._workload(workload)
        facts = meant.facts
        if isinstance(facts, SwarmServiceFacts):
            return facts.update or "none"
        one = self._object(meant.cluster, facts.kind, facts.namespace, facts.name)
        if getattr(one.spec, "paused", False):
            return "paused"
        if any(each.reason == "ProgressDeadlineExceeded" for each in _conditions(one)):
            return "failed"
        done = facts.updated == facts.desired == facts.available and not facts.old
        return "complete" if done else "progressing"

    def hpa_replicas(self, autoscaler: str, which: str = "desired") -> int:
        """Replicas of a HorizontalPodAutoscaler: ``desired``, ``current``, ``min`` or ``max``."""
        found: dict[str, Any] = {
            one.meta.name: one
            for cluster in self._world.orchestras.clusters.values()
            for one in cluster.store.table("HorizontalPodAutoscaler")
        }
        if autoscaler not in found:
            raise unknown("autoscaler", autoscaler, found)
        spec, status = found[autoscaler].spec, found[autoscaler].status
        numbers = {
            "desired": status.desired_replicas, "current": status.current_replicas,
            "min": spec.min_replicas, "max": spec.max_replicas,
        }  # fmt: skip
        if which not in numbers:
            raise unknown("number of an autoscaler", which, numbers)
        return int(numbers[which])

    def cluster_events(self, reason: str) -> int:
        """Events of clusters with a reason so far, as ``kubectl get events`` counts them."""
        found = 0
        for cluster in self._world.orchestras.clusters.values():
            found += sum(one.count for one in cluster.recorder.newest() if one.reason == reason)
        return found

    def nodes_ready(self) -> int:
        """Nodes of clusters and swarms that are ready."""
        around = self._world.orchestras
        facts = [Clusters(self._world).facts(View(cluster=name), 0, 0)
                 for name in (*around.clusters, *around.swarms)]  # fmt: skip
        return sum(one.ready_nodes for one in facts if one is not None)

    # --- finding ----------------------------------------------------------------------------------

    def _workload(self, name: str) -> _Meant:
        namespace, slash, last = str(name).rpartition("/")
        known: dict[str, list[_Meant]] = {}
        for one in self._workloads():
            if not slash or getattr(one.facts, "namespace", "") == namespace:
                known.setdefault(one.facts.name, []).append(one)
        found = known.get(last, [])
        if len(found) > 1:
            raise InputError("this name is not the only one", found=name, expected="NAMESPACE/NAME")
        if not found:
            raise unknown("workload", last, known)
        return found[0]

    def _workloads(self) -> Iterator[_Meant]:
        around = self._world.orchestras
        for name in around.clusters:
            for row in self._rows(View("workloads", cluster=name)):
                if isinstance(row, WorkloadFacts):
                    yield _Meant(name, row)
        for name in around.swarms:
            for row in self._rows(View("services", cluster=name)):
                if isinstance(row, SwarmServiceFacts):
                    yield _Meant(name, row)

    def _rows(self, view: View) -> list[Any]:
        facts = Clusters(self._world).facts(view, 0, _ALL)
        return [one for one in facts.rows if one is not None] if facts is not None else []

    def _pods(self, meant: _Meant) -> list[Any]:
        facts = meant.facts
        if isinstance(facts, SwarmServiceFacts):
            return self._tasks(meant)
        within = f"{facts.kind}/{facts.namespace}/{facts.name}"
        return self._rows(View("pods", within=within, cluster=meant.cluster))

    def _tasks(self, meant: _Meant) -> list[TaskFacts]:
        rows = self._rows(
            View("tasks", within=f"service/{meant.facts.name}", cluster=meant.cluster)
        )
        return [one for one in rows if isinstance(one, TaskFacts)]

    def _all_pods(self) -> Iterator[Any]:
        around = self._world.orchestras
        for name in around.clusters:
            yield from self._rows(View("pods", cluster=name))
        for name in around.swarms:
            yield from self._rows(View("tasks", cluster=name))

    def _pending(self, one: Any) -> bool:
        if isinstance(one, TaskFacts):
            return not one.over and not one.running and one.desired == "Running"
        return not one.node and one.status.phase == "Pending"

    def _object(self, cluster: str, kind: str, namespace: str, name: str) -> Any:
        return self._world.orchestras.clusters[cluster].find(kind, namespace, name)


def _runs(one: Any) -> bool:
    return one.running if isinstance(one, TaskFacts) else bool(one.status.ready)


def _images(one: Any) -> set[str]:
    """What it runs, by the names that were asked for, digests left out."""
    if isinstance(one, TaskFacts):
        return {_named(one.image)}
    return {_named(each.image) for each in one.template.spec.containers}


def _named(image: str) -> str:
    """An image with its tag: ``nginx`` is ``nginx:latest``."""
    name = image.partition("@")[0]
    return name if ":" in name.rpartition("/")[2] else f"{name}:latest"


def _node(one: Any) -> str:
    return str(one.node)


def _over(one: Any) -> bool:
    """Whether it runs no more, and only is remembered."""
    if isinstance(one, TaskFacts):
        return not one.running
    return one.status.phase in ("Succeeded", "Failed") or not one.node


def _conditions(one: Any) -> list[Any]:
    return list(getattr(one.status, "conditions", ()))
