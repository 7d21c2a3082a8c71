"""``kubectl exec``: a program in a container of a pod."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from simulator.shell import kinds
from simulator.shell.grammar import Argument, Call, Flag
from simulator.shell.kinds import text
from simulator.shell.kubectl.pods import container_of, pod_of
from simulator.shell.kubectl.target import COMMON, cluster_of, sent
from simulator.shell.registry import verb
from simulator.world.cluster_commands import ApiRequest
from simulator.world.commands import Execute

if TYPE_CHECKING:
    from simulator.shell.session import Session


@verb(
    "kubectl exec", "Run a command in a container of a pod", aliases=("k exec",),
    arguments=(
        Argument("POD", text("pod or type/name"), "whose"),
        Argument("COMMAND", kinds.WORD, "program and arguments", repeat=True),
    ),
    flags=(
        *COMMON,
        Flag(("-c", "--container"), "which container", text("name")),
        Flag(("-i", "--stdin"), "keep standard input open: lines go to a shell in it"),
        Flag(("-t", "--tty"), "give it a terminal"),
    ),
    examples=("kubectl exec web-0 -- nproc", "kubectl exec deploy/web -- ls /"),
    known="-f --filename --pod-running-timeout -q --quiet",
)  # fmt: skip
def exec_(session: Session, call: Call) -> Iterable[str]:
    """Connect first, which is in the log of commands: a replay has the container, too."""
    from simulator.shell.executed import executed

    cluster = cluster_of(session, call)
    pod = pod_of(session, call, cluster, call["POD"])
    name = container_of(pod, call["container"], session)
    container = sent(session, ApiRequest(
        cluster=cluster.name, verb="connect", kind="Pod", namespace=pod.namespace, name=pod.name,
        how=name,
    ))[0]  # fmt: skip
    asked = Execute(
        container=container, argv=call["COMMAND"], interactive=bool(call["stdin"]),
        tty=bool(call["tty"]),
    )  # fmt: skip
    return executed(session, asked)
