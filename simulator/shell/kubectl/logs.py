"""``kubectl logs``: what containers printed."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from simulator.shell.grammar import Argument, Call, Flag
from simulator.shell.kinds import integer, text
from simulator.shell.kubectl.pods import CONTAINER, container_of, pod_of
from simulator.shell.kubectl.target import (
    COMMON,
    SELECTOR,
    KubectlError,
    cluster_of,
)
from simulator.shell.registry import verb

if TYPE_CHECKING:
    from simulator.cluster.kubernetes.cluster import Cluster
    from simulator.shell.session import Session


@verb(
    "kubectl logs", "Show what a container printed", aliases=("k logs",),
    arguments=(Argument("POD", text("pod or type/name"), "whose", optional=True),),
    flags=(
        *COMMON, CONTAINER, SELECTOR,
        Flag(("-p", "--previous"), "of the run before this one"),
        Flag(("--tail",), "only the last lines", integer("lines", -1, 1_000_000)),
        Flag(("--timestamps",), "with times"),
        Flag(("--all-containers",), "of all containers"),
    ),
    examples=("kubectl logs web-0", "kubectl logs web-0 --previous"),
    known="-f --follow --since --since-time --limit-bytes --prefix --max-log-requests",
)  # fmt: skip
def logs(session: Session, call: Call) -> Iterable[str]:
    """Lines of the container's log."""
    cluster = cluster_of(session, call)
    if not call["POD"]:
        raise KubectlError("error: expected 'logs [-f] [-p] (POD | TYPE/NAME) [-c CONTAINER]'.")
    pod = pod_of(session, call, cluster, call["POD"])
    names = [container_of(pod, call["container"])]
    if call["all_containers"]:
        names = [one.name for one in pod.spec.containers]
    lines: list[str] = []
    for name in names:
        lines += _log(cluster, call, pod, name)
    return lines


def _log(cluster: Cluster, call: Call, pod: Any, name: str) -> list[str]:
    from simulator.cluster.kubernetes.api.times import stamp

    states = {one.name: one for one in (*pod.status.containers, *pod.status.init_containers)}
    state = states.get(name)
    waiting = state is None or (
        state.running_since is None and state.ended is None and state.last is None
    )
    if waiting:
        why = state.waiting if state is not None else "ContainerCreating"
        raise KubectlError(
            f'Error from server (BadRequest): container "{name}" in pod "{pod.name}" is waiting to '
            f"start: {why}"
        )
    found = cluster.kubelets.logs(pod, name, previous=bool(call["previous"]))
    if found is None:
        raise KubectlError(
            "Error from server (BadRequest): previous terminated container "
            f'"{name}" in pod "{pod.name}" not found'
        )
    tail = call["tail"]
    if tail is not None and tail >= 0:
        found = found[len(found) - tail :] if tail else []
    return [f"{stamp(time)} {line}" if call["timestamps"] else line for time, line in found]
