"""``why service/NAME``: which pods it selects, and which of them get requests."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from simulator.cluster.kubernetes.objects.networking import Service
from simulator.cluster.kubernetes.objects.pod import Pod
from simulator.cluster.kubernetes.traffic.fences import CONTROLLER, EGRESS, OUTSIDE, number_of
from simulator.shell.kubectl.pod_words import status_of
from simulator.units import counted

if TYPE_CHECKING:
    from simulator.cluster.kubernetes.cluster import Cluster

SHOWN = 8


def lines(cluster: Cluster, service: Service) -> Iterator[str]:
    """From the selector to who is sent to."""
    spec = service.spec
    ports = ", ".join(f"{one.port} to {one.target_port or one.port}" for one in spec.ports)
    yield f"service {service.name} ({service.namespace}), {spec.type}, ports {ports or 'none'}"
    if spec.type == "ExternalName":
        yield f"  is another name for {spec.external_name}"
        return
    if not spec.selector:
        yield "  selects nothing: whoever asks is refused, unless somebody writes its endpoints"
        return
    said = ",".join(f"{key}={value}" for key, value in spec.selector.items())
    pods = cluster.network.proxies.endpoints.selecting.pods_of(service)
    yield f"  selects {said}: {counted(len(pods), 'pod')}"
    if not pods:
        yield from _near(cluster, service)
        return
    yield from _behind(cluster, service, pods)


def _near(cluster: Cluster, service: Service) -> Iterator[str]:
    """Whose labels are almost those that are asked for."""
    yield "  no pod has these labels: whoever asks is refused"
    for pod in cluster.store.within(Pod, service.namespace).values():
        labels = pod.meta.labels
        alike = [key for key in service.spec.selector if key in labels]
        if alike:
            found = ",".join(f"{key}={labels[key]}" for key in alike)
            yield f"  nearest: pod {pod.name} has {found}"
            return


def _behind(cluster: Cluster, service: Service, pods: list[Pod]) -> Iterator[str]:
    proxies = cluster.network.proxies
    behind = proxies.endpoints.services.get(service.key)
    known = behind.endpoints if behind is not None else {}
    ready = [one for one in pods if one.key in known and known[one.key].ready]
    yield f"  ready behind it: {len(ready)}"
    for pod in [one for one in pods if one not in ready][:SHOWN]:
        yield f"    {pod.name} gets nothing: {_why_not(pod)}"
    if behind is not None and behind.listing.pending:
        due = behind.listing.pending[-1].due - cluster.sim.now
        if due > 0:
            yield f"  proxies know the last change in {due:.1f} s: until then they send as before"
    yield from _fenced(cluster, service, ready)
    unheard = [one for one in ready if not _answers(cluster, service, one)]
    for pod in unheard[:SHOWN]:
        targets = ", ".join(str(one.target_port or one.port) for one in service.spec.ports)
        yield f"    {pod.name}: nobody listens at {targets} in it: whoever is sent there is refused"


def _fenced(cluster: Cluster, service: Service, ready: list[Pod]) -> Iterator[str]:
    """Whom policies keep from the pods: what comes from outside, by Ingress, from other pods."""
    fences = cluster.network.proxies.barriers.fences
    ports = [one.target_port or one.port for one in service.spec.ports]
    for words, origin in (("from outside", OUTSIDE), ("by an Ingress", CONTROLLER)):
        stopped = [
            pod
            for pod in ready
            if not any(fences.lets_in(origin, pod, number_of(pod, port)) for port in ports)
        ]
        if stopped:
            names = dict.fromkeys(name for pod in stopped for name in fences.keepers(pod))
            yield (
                f"  requests {words} are dropped before {_of_all(stopped, ready)}, and time out: "
                f"no rule of NetworkPolicy {', '.join(names)} lets them in"
            )
    yield from _fenced_askers(cluster, service, ready)


def _fenced_askers(cluster: Cluster, service: Service, ready: list[Pod]) -> Iterator[str]:
    proxies = cluster.network.proxies
    for flow in proxies.flows.values():
        if not any(goal.service == service.key for goal in flow.goals):
            continue
        for line in flow.lines:
            barred = [one for one in line.callers if one.fenced]
            asker = cluster.store.get(Pod, *line.pod)
            if not barred or asker is None:
                continue
            stopped = [pod for pod in ready if pod.key in flow.joined
                       and flow.joined[pod.key][1] in barred[0].fenced]  # fmt: skip
            own = proxies.barriers.fences.keepers(asker, EGRESS)
            names = dict.fromkeys(
                (*(name for pod in stopped for name in proxies.barriers.fences.keepers(pod)), *own)
            )
            yield (
                f"  what pod {asker.name} asks is dropped before {_of_all(stopped, ready)}, and "
                f"times out: no rule of NetworkPolicy {', '.join(names)} lets it through"
            )


def _of_all(stopped: list[Pod], ready: list[Pod]) -> str:
    """How many of the pods."""
    if len(stopped) == len(ready):
        return "all pods"
    return f"{len(stopped)} of {len(ready)} pods"


def _answers(cluster: Cluster, service: Service, pod: Pod) -> bool:
    """Whether a container of a pod has one of the Service's ports; nothing is made warm by that."""
    ports = [one.target_port or one.port for one in service.spec.ports]
    return any(cluster.kubelets.listens(pod, port) for port in ports)


def _why_not(pod: Pod) -> str:
    if not pod.node:
        return "has no node"
    if pod.status.over:
        return "has ended"
    if pod.deleting:
        return "is on its way out"
    return f"{status_of(pod)}, not ready" + (
        f" ({pod.status.unready_reason})" if pod.status.unready_reason else ""
    )
