"""``kubectl cp``: files into a container of a pod, and out of it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from simulator.errors import DrydockError
from simulator.shell.docker.archives import copied_into
from simulator.shell.grammar import Argument, Call
from simulator.shell.kinds import text
from simulator.shell.kubectl.pods import CONTAINER, container_of, pod_of
from simulator.shell.kubectl.target import COMMON, KubectlError, cluster_of, sent
from simulator.shell.registry import verb
from simulator.world.cluster_commands import ApiRequest
from simulator.world.image_commands import CopyFromContainer

if TYPE_CHECKING:
    from simulator.shell.session import Session


@verb(
    "kubectl cp", "Copy files into a container of a pod, or out of it", aliases=("k cp",),
    arguments=(
        Argument("SOURCE", text("path", "file"), "what is here, or [NAMESPACE/]POD:PATH"),
        Argument("GOAL", text("path"), "[NAMESPACE/]POD:PATH, or a folder of its node"),
    ),
    flags=(*COMMON, CONTAINER),
    examples=("kubectl cp web.yaml web-0:/tmp/", "kubectl cp web-0:/etc/hostname /root/"),
    known="--no-preserve --retries",
)  # fmt: skip
def cp(session: Session, call: Call) -> Iterable[str]:
    """Real files come in by their names, sizes and small texts; none is ever written."""
    source, goal = call["SOURCE"], call["GOAL"]
    out, into = _in_pod(source), _in_pod(goal)
    if out and into:
        raise KubectlError("error: one of src or dest must be a local file specification")
    if out is not None:
        container = _container(session, call, out[0])
        path = out[1]
        _done(session, CopyFromContainer(container=container, path=path, goal=goal))
        return []
    if into is None:
        raise KubectlError("error: one of src or dest must be a remote file specification")
    container = _container(session, call, into[0])
    try:
        copied_into(session, source, container, into[1], goal)
    except DrydockError as error:
        raise KubectlError(f"error: {str(error).removeprefix('docker cp: ')}") from None
    return []


def _done(session: Session, command: CopyFromContainer) -> None:
    try:
        session.do(command)
    except DrydockError as error:
        raise KubectlError(f"error: {str(error).removeprefix('docker cp: ')}") from None


def _in_pod(text_: str) -> tuple[str, str] | None:
    """``POD:PATH`` or ``NAMESPACE/POD:PATH``."""
    name, colon, path = text_.partition(":")
    if not colon or not name or not path or text_.startswith(("/", ".")):
        return None
    return name, path if path.startswith("/") else f"/{path}"


def _container(session: Session, call: Call, word: str) -> str:
    namespace, slash, name = word.partition("/")
    if slash:
        call.values["namespace"] = namespace
    cluster = cluster_of(session, call)
    pod = pod_of(session, call, cluster, name if slash else word)
    return sent(session, ApiRequest(
        cluster=cluster.name, verb="connect", kind="Pod", namespace=pod.namespace, name=pod.name,
        how=container_of(pod, call["container"]),
    ))[0]  # fmt: skip
