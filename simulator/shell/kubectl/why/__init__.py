"""``why KIND/NAME``: what a cluster's control loops think of an object, and why it is as it is."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

from simulator.errors import Refused
from simulator.shell.kubectl.why import autoscalers, nodes, pods, rollouts, services, vertical
from simulator.shell.kubectl.why.words import conditions, events

if TYPE_CHECKING:
    from simulator.cluster.kubernetes.cluster import Cluster
    from simulator.cluster.kubernetes.objects.meta import Object
    from simulator.shell.session import Session

Teller = Callable[["Cluster", Any], Iterator[str]]
_TELLERS: dict[str, Teller] = {
    "Pod": pods.lines,
    "Node": nodes.lines,
    "HorizontalPodAutoscaler": autoscalers.lines,
    "VerticalPodAutoscaler": vertical.lines,
    "Service": services.lines,
    "Deployment": rollouts.of_deployment,
    "ReplicaSet": rollouts.of_replica_set,
    "StatefulSet": rollouts.of_others,
    "DaemonSet": rollouts.of_others,
    "ReplicationController": rollouts.of_others,
    "Job": rollouts.of_others,
}
ROLLOUT = "rollout"
"""``why rollout/web`` is ``why deployment/web``."""


def of_clusters(session: Session, word: str, namespace: str = "") -> list[str] | None:
    """What is known of ``KIND/NAME``, or of a bare name; None where no cluster has that.

    ``namespace``: where to look; nothing: where kubectl looks now.
    """
    cluster = _cluster(session)
    if cluster is None:
        return None
    namespace = namespace or session.kube.namespaces.get(cluster.name, "default")
    kind, slash, name = word.partition("/")
    if not slash:
        return _by_name(cluster, namespace, word)
    known = cluster.kinds.find("deployments" if kind == ROLLOUT else kind)
    if known is None:
        return None
    where = namespace if known.namespaced else ""
    one = cluster.store.find(known.kind, where, name)
    if one is None:
        raise Refused(_missing(cluster, known.resource, known.kind, where, name))
    return _told(cluster, one)


def _cluster(session: Session) -> Cluster | None:
    clusters = session.world.orchestras.clusters
    newest = next(reversed(clusters), "")
    return clusters.get(session.kube.cluster) or clusters.get(newest)


def _missing(cluster: Cluster, resource: str, kind: str, namespace: str, name: str) -> str:
    from simulator.errors import nearest

    close = nearest(name, cluster.store.table(kind).namespaces.get(namespace, {}))
    hint = f"; did you mean '{close}'?" if close else ""
    return f'{resource} "{name}" not found{hint}'


def _by_name(cluster: Cluster, namespace: str, name: str) -> list[str] | None:
    """All objects of a name that something can be told of, a pod first."""
    found: list[str] = []
    for kind in _TELLERS:
        one = cluster.store.find(kind, "" if kind == "Node" else namespace, name)
        if one is not None:
            found += [*([""] if found else []), *_told(cluster, one)]
    return found or None


def _told(cluster: Cluster, one: Object) -> list[str]:
    teller = _TELLERS.get(one.kind)
    lines = list(teller(cluster, one)) if teller is not None else list(_any(cluster, one))
    return [*lines, *events(cluster, one)]


def _any(cluster: Cluster, one: Object) -> Iterator[str]:
    """Of kinds that no loop decides about: what their status says."""
    where = f" in {one.meta.namespace}" if one.meta.namespace else ""
    yield f"{one.kind} {one.meta.name}{where}"
    yield from conditions(getattr(getattr(one, "status", None), "conditions", ()))
