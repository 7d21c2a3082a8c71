"""``kubectl logs``: what containers printed, and what they print from now on."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from simulator.shell.following import FOLLOW_S, Following
from simulator.shell.grammar import Argument, Call, Flag
from simulator.shell.kinds import integer, text
from simulator.shell.kubectl.pods import CONTAINER, container_of, pod_of, pods_behind
from simulator.shell.kubectl.target import (
    COMMON,
    SELECTOR,
    KubectlError,
    cluster_of,
    kind_of,
    namespace_of,
)
from simulator.shell.registry import verb
from simulator.units import EPOCH, parse_duration

if TYPE_CHECKING:
    from simulator.cluster.kubernetes.cluster import Cluster
    from simulator.shell.session import Session

Lines = list[tuple[float, str]]
TAIL_OF_MANY = 10
"""``kubectl logs -l`` shows so many lines of each unless ``--tail`` says otherwise."""
MOST_STREAMS = 5


@verb(
    "kubectl logs", "Show what a container printed", aliases=("k logs",),
    arguments=(
        Argument("POD", text("pod or type/name"), "whose", optional=True),
        Argument("CONTAINER", text("container"), "which of it", optional=True),
    ),
    flags=(
        *COMMON, CONTAINER, SELECTOR,
        Flag(("-f", "--follow"), f"go on until it ends, at most {FOLLOW_S:g}s"),
        Flag(("-p", "--previous"), "of the run before this one"),
        Flag(("--tail",), "only the last lines", integer("lines", -1, 1_000_000)),
        Flag(("--since",), "only of the last 30s, 5m, …", text("duration")),
        Flag(("--since-time",), "only from a time (RFC 3339) on", text("time")),
        Flag(("--limit-bytes",), "at most so many bytes", integer("bytes", 1, 1 << 40)),
        Flag(("--prefix",), "with pod and container before each line"),
        Flag(("--timestamps",), "with times"),
        Flag(("--all-containers",), "of all containers"),
        Flag(("--all-pods",), "of all pods of a workload"),
        Flag(("--max-log-requests",), "how many are followed at once (default 5)",
             integer("logs", 1, 1_000_000)),
        Flag(("--ignore-errors",), "go on where one of them cannot be read"),
    ),
    examples=("kubectl logs web-0", "kubectl logs web-0 --previous", "kubectl logs -f deploy/web",
              "kubectl logs -l app=web --all-containers --prefix --since 5m"),
    known="--pod-running-timeout --insecure-skip-tls-verify-backend",
)  # fmt: skip
def logs(session: Session, call: Call) -> Iterable[str]:
    """Lines of the containers' logs, or also those that come."""
    cluster = cluster_of(session, call)
    since = _since(session, call)
    tail = call["tail"]
    if tail is None and call["selector"]:
        tail = TAIL_OF_MANY
    streams = []
    for pod, name in _meant(session, call, cluster):
        try:
            streams.append(_stream(cluster, call, pod, name, since, tail))
        except KubectlError as error:
            if not call["ignore_errors"]:
                raise
            session.say([str(error)])
    if call["follow"] and any(not one.over() for one in streams):
        return _followed(session, call, streams)
    return [line for one in streams for line in one.lines()]


def _meant(session: Session, call: Call, cluster: Cluster) -> list[tuple[Any, str]]:
    """Pods with the names of their containers."""
    from simulator.shell.kubectl.selecting import chosen

    word, name = call["POD"], call["container"] or call["CONTAINER"]
    if bool(word) == bool(call["selector"]):
        raise KubectlError(
            "error: only a selector (-l) or a POD name is allowed" if word else
            "error: expected 'logs [-f] [-p] (POD | TYPE/NAME) [-c CONTAINER]'."
        )  # fmt: skip
    if call["selector"]:
        pods: list[Any] = list(chosen(session, call, cluster, kind_of(cluster, "pods")))
        if not pods:
            where = namespace_of(session, call)
            raise KubectlError(f"No resources found in {where} namespace.")
    elif call["all_pods"]:
        pods = pods_behind(session, call, cluster, word)
    else:
        pods = [pod_of(session, call, cluster, word)]
    if not call["all_containers"]:
        return [(pod, container_of(pod, name, session)) for pod in pods]
    return [
        (pod, one.name) for pod in pods for one in (*pod.spec.init_containers, *pod.spec.containers)
    ]


def _since(session: Session, call: Call) -> float:
    if call["since"] and call["since_time"]:
        raise KubectlError("error: at most one of `sinceTime` or `sinceSeconds` may be specified")
    if call["since"]:
        return session.world.now - parse_duration(call["since"])
    if not call["since_time"]:
        return 0.0
    try:
        when = datetime.fromisoformat(call["since_time"].replace("Z", "+00:00"))
        return (when - EPOCH).total_seconds()
    except (ValueError, TypeError):
        raise KubectlError(
            f'error: parsing time "{call["since_time"]}": write it as 2026-01-01T00:00:30Z'
        ) from None


@dataclass(slots=True)
class _Stream:
    """The log of one container, from a line on."""

    read: Callable[[], Lines]
    over: Callable[[], bool]
    """Whether nothing more will come."""
    before: int
    """Lines in front that are not shown."""
    prefix: str
    timestamps: bool
    limit: int | None

    def lines(self) -> list[str]:
        """Oldest first."""
        from simulator.cluster.kubernetes.api.times import stamp

        left, found = self.limit, []
        for time, line in self.read()[self.before :]:
            shown = f"{stamp(time)} {line}" if self.timestamps else line
            if left is not None:
                shown = (shown + "\n").encode()[:left].decode(errors="ignore")
                left -= len(shown.encode())
                shown = shown.removesuffix("\n")
            found.append(self.prefix + shown)
            if left == 0:
                break
        return found


def _stream(
    cluster: Cluster, call: Call, pod: Any, name: str, since: float, tail: int | None
) -> _Stream:
    now = _now(cluster, call, pod, name)
    container = None
    state = _state(pod, name)
    if call["follow"] and not call["previous"] and state.running_since is not None:
        container = cluster.kubelets.container(pod, name)
    runs = container.started_at if container is not None else None
    late = sum(time < since for time, _ in now)
    if tail is not None and tail >= 0:
        late = max(late, len(now) - tail)
    return _Stream(
        (lambda: list(container.log)) if container is not None else (lambda: now),
        lambda: container is None or not container.running or container.started_at != runs,
        late,
        f"[pod/{pod.name}/{name}] " if call["prefix"] else "",
        bool(call["timestamps"]),
        call["limit_bytes"],
    )


def _state(pod: Any, name: str) -> Any:
    return next(
        (one for one in (*pod.status.containers, *pod.status.init_containers) if one.name == name),
        None,
    )


def _now(cluster: Cluster, call: Call, pod: Any, name: str) -> Lines:
    """What it has printed so far, or the server's refusal."""
    state = _state(pod, name)
    if not pod.node:
        raise KubectlError(
            f"Error from server (BadRequest): pod {pod.name} does not have a host assigned"
        )
    if state is None or (state.running_since, state.ended, state.last) == (None, None, None):
        why = _WAITING.get(state.waiting, state.waiting) if state else "ContainerCreating"
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
    return found


_WAITING = {
    "ErrImagePull": "image can't be pulled",
    "ImagePullBackOff": "trying and failing to pull image",
}
"""Reasons that the kubelet words otherwise (``kubelet_pods.go``, validateContainerLogStatus)."""


def _followed(session: Session, call: Call, streams: list[_Stream]) -> list[str]:
    most = call["max_log_requests"] or MOST_STREAMS
    if len(streams) > most:
        raise KubectlError(
            f"error: you are attempting to follow {len(streams)} log streams, but maximum allowed "
            f"concurrency is {most}, use --max-log-requests to increase the limit"
        )
    return session.follow(
        Following(
            lambda: session.world.now,
            session.world.now + session.follow_s,
            lambda: [line for one in streams for line in one.lines()],
            lambda: all(one.over() for one in streams),
            f"(no longer followed after {session.follow_s:g}s; the pod goes on)",
            f"kubectl logs -f {call['POD'] or call['selector']}",
        )
    )
