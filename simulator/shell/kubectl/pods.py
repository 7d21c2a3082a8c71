"""Which pod and container a line means."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from simulator.shell.grammar import Call, Flag
from simulator.shell.kinds import text
from simulator.shell.kubectl.target import (
    KubectlError,
    cluster_of,
    kind_of,
    namespace_of,
    one_of,
    sent,
)
from simulator.world.cluster_commands import ApiRequest

if TYPE_CHECKING:
    from simulator.cluster.kubernetes.cluster import Cluster
    from simulator.shell.session import Session


CONTAINER = Flag(("-c", "--container"), "which container", text("name"))


def pod_of(session: Session, call: Call, cluster: Cluster, word: str) -> Any:
    """A pod by name, or one of a workload's (``deploy/web``)."""
    every = pods_behind(session, call, cluster, word)
    found = next((one for one in every if one.status.ready and not one.deleting), every[0])
    if len(every) > 1 and call.verb.name == "kubectl logs":
        session.remark(f"Found {len(every)} pods, using pod/{found.name}")
    return found


def pods_behind(session: Session, call: Call, cluster: Cluster, word: str) -> list[Any]:
    """All pods of a workload (``deploy/web``), or the one of a name."""
    from simulator.cluster.kubernetes.objects.pod import Pod

    namespace = namespace_of(session, call)
    kind, slash, name = word.partition("/")
    if not slash or kind_of(cluster, kind).kind == "Pod":
        return [one_of(cluster, kind_of(cluster, "pods"), namespace, name if slash else word)]
    owner = one_of(cluster, kind_of(cluster, kind), namespace, name)
    selector: Any = getattr(getattr(owner, "spec", None), "selector", None)
    every = cluster.store.within(Pod, namespace).values()
    if kind_of(cluster, kind).kind == "Job":
        found = list(cluster.store.owned(Pod, owner.meta.uid).values())
    elif isinstance(selector, Mapping):
        wanted = selector.items()
        found = [one for one in every if wanted and wanted <= dict(one.meta.labels).items()]
    else:
        met = getattr(selector, "matches", None)
        found = [one for one in every if met is not None and met(one.meta.labels)]
    if not found:
        raise KubectlError(f"error: timed out waiting for the condition: no pods of {word}")
    return found


DEFAULT = "kubectl.kubernetes.io/default-container"
"""An annotation that names the container which is meant where a line names none."""


def container_of(pod: Any, name: str | None, session: Session | None = None) -> str:
    """The name of the container meant: where none is said the pod's default one, or the first.

    ``session``: where it is told that several could have been meant.
    """
    names = [str(one.name) for one in pod.spec.containers]
    goes_first = [str(one.name) for one in pod.spec.init_containers]
    every = [*names, *goes_first]
    if name is None:
        said = pod.meta.annotations.get(DEFAULT)
        chosen = said if said in names else names[0]
        if session is not None and len(every) > 1 and said not in names:
            listed = ", ".join([*names, *(f"{one} (init)" for one in goes_first)])
            session.remark(f'Defaulted container "{chosen}" out of: {listed}')
        return chosen
    if name not in every:
        raise KubectlError(
            f"Error from server (BadRequest): container {name} is not valid for pod {pod.name}"
        )
    return name


def running_in(session: Session, call: Call, word: str) -> str:
    """The name by which its node knows the first container of a pod, or of one of a workload's."""
    cluster = cluster_of(session, call)
    pod = pod_of(session, call, cluster, word)
    request = ApiRequest(
        cluster=cluster.name, verb="connect", kind="Pod", namespace=pod.namespace, name=pod.name,
        how=container_of(pod, None),
    )  # fmt: skip
    return str(sent(session, request)[0])
