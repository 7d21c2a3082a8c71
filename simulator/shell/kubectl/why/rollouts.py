"""``why deployment/NAME``, ``why rollout/NAME``: how far it is, and what it waits for."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from simulator.cluster.kubernetes.controllers.rolling import fenceposts
from simulator.cluster.kubernetes.objects.pod import Pod
from simulator.cluster.kubernetes.objects.workloads import Deployment, ReplicaSet
from simulator.shell.kubectl.pod_words import ready_of, status_of
from simulator.shell.kubectl.why.words import conditions
from simulator.units import counted

if TYPE_CHECKING:
    from simulator.cluster.kubernetes.cluster import Cluster

REVISION = "deployment.kubernetes.io/revision"
SHOWN = 6


def of_deployment(cluster: Cluster, one: Deployment) -> Iterator[str]:
    """Sets by age, what may go up and down, what is waited for."""
    spec, status = one.spec, one.status
    yield (
        f"deployment {one.name} ({one.namespace}): wants {spec.replicas}, has {status.replicas}, "
        f"{status.updated_replicas} up to date, {status.available_replicas} available"
    )
    yield from _strategy(one)
    sets = [
        each
        for each in cluster.store.within(ReplicaSet, one.namespace).values()
        if any(owner.uid == one.meta.uid for owner in each.meta.owners)
    ]
    sets.sort(key=lambda each: -int(each.meta.annotations.get(REVISION, "0")))
    for number, each in enumerate(sets):
        if number == 0 or each.spec.replicas or each.status.replicas:
            which = "newest" if number == 0 else "old"
            revision = each.meta.annotations.get(REVISION, "?")
            yield (
                f"  {which} set {each.name}, revision {revision}: wants {each.spec.replicas}, has "
                f"{each.status.replicas}, {each.status.available_replicas} available"
            )
    if sets:
        yield from _waits_for(cluster, one, sets)
    yield from conditions(status.conditions)


def _strategy(one: Deployment) -> Iterator[str]:
    spec = one.spec
    if spec.paused:
        yield "  paused: changes of its template do nothing until kubectl rollout resume"
    if spec.strategy.type == "Recreate":
        yield "  Recreate: all old pods go before new ones come"
        return
    rolling = spec.strategy.rolling_update
    more, fewer = fenceposts(rolling.max_surge, rolling.max_unavailable, spec.replicas)
    yield (
        f"  RollingUpdate: at most {spec.replicas + more} pods, at least "
        f"{spec.replicas - fewer} available"
        + (f", each {spec.min_ready_seconds} s after ready" if spec.min_ready_seconds else "")
    )


def _waits_for(cluster: Cluster, one: Deployment, sets: list[ReplicaSet]) -> Iterator[str]:
    newest, others = sets[0], sets[1:]
    if not any(each.status.replicas for each in others) and (
        newest.status.available_replicas >= one.spec.replicas
    ):
        yield "  waits for nothing: the rollout is through"
        return
    if newest.status.replicas < newest.spec.replicas:
        yield f"  the newest set cannot make all its pods: {_failure(newest)}"
    yield from _unready(cluster, newest)
    left = sum(each.status.replicas for each in others)
    if left and newest.status.available_replicas < newest.status.replicas:
        yield f"  {counted(left, 'old pod')} stay until new ones are available"


def _failure(one: ReplicaSet) -> str:
    found = [each.message for each in one.status.conditions if each.type == "ReplicaFailure"]
    return found[0] if found else "they are being made"


def _unready(cluster: Cluster, one: ReplicaSet) -> Iterator[str]:
    """Pods of a set that hold it up, each with its own reason."""
    pods = [
        pod
        for pod in cluster.store.within(Pod, one.namespace).values()
        if not pod.status.ready and any(owner.uid == one.meta.uid for owner in pod.meta.owners)
    ]
    for pod in pods[:SHOWN]:
        waits = next((each.message for each in pod.status.containers if each.message), "")
        reason = pod.status.unschedulable or waits
        yield f"  waits for {pod.name}: {status_of(pod)}, {ready_of(pod)} ready" + (
            f": {reason}" if reason else ""
        )
    if len(pods) > SHOWN:
        yield f"  and for {counted(len(pods) - SHOWN, 'more pod')}"


def of_replica_set(cluster: Cluster, one: ReplicaSet) -> Iterator[str]:
    """A set, and who holds it up."""
    status = one.status
    yield (
        f"replicaset {one.name} ({one.namespace}): wants {one.spec.replicas}, has "
        f"{status.replicas}, {status.ready_replicas} ready, {status.available_replicas} available"
    )
    if status.replicas < one.spec.replicas:
        yield f"  cannot make all its pods: {_failure(one)}"
    yield from _unready(cluster, one)
    yield from conditions(status.conditions)


def of_others(cluster: Cluster, one: Any) -> Iterator[str]:
    """Sets with names, sets of nodes, jobs: what their status says, and who holds them up."""
    yield f"{one.kind.lower()} {one.meta.name} ({one.meta.namespace})"
    for field in one.status.__struct_fields__:
        value = getattr(one.status, field)
        if isinstance(value, int) and field != "observed_generation":
            yield f"  {field.replace('_', ' ')}: {value}"
    yield from _unready(cluster, one)
    yield from conditions(getattr(one.status, "conditions", ()))
