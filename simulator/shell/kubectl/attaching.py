"""``kubectl run -it --rm``: a pod that is watched until its program ends."""

from __future__ import annotations

import posixpath
from typing import TYPE_CHECKING, Any

from simulator.shell.grammar import Call, Flag
from simulator.shell.kubectl.target import KubectlError, cluster_of, namespace_of, sent, until
from simulator.world.cluster_commands import ApiRequest

if TYPE_CHECKING:
    from simulator.cluster.kubernetes.cluster import Cluster
    from simulator.shell.session import Session

ATTACHED = (
    Flag(("-i", "--stdin"), "stay until its program ends, and show what it printed"),
    Flag(("-t", "--tty"), "give it a terminal"),
    Flag(("--attach",), "stay until its program ends, and show what it printed"),
    Flag(("--rm",), "delete the pod then"),
)
SHELLS = ("sh", "bash", "ash", "zsh")
LONGEST_S = 3600.0
LOAD_S = 5.0
"""How long one watches a program that asks a server without end."""


def check(call: Call) -> None:
    """What cannot be attached to is refused before anything is made."""
    attached = call["stdin"] or call["attach"]
    if call["rm"] and not attached:
        raise KubectlError("error: --rm should only be used for attached containers")
    words = list(call["COMMAND"])
    waits = bool(words) and posixpath.basename(words[0]) in SHELLS and len(words) == 1
    if call["stdin"] and (waits or not words):
        raise KubectlError(
            "error: a shell as the program of a pod is not modelled: kubectl run "
            f"{call['NAME']} --image={call['image']} -- sleep 3600, and then kubectl exec -it "
            f"{call['NAME']} -- sh"
        )


def attach(session: Session, call: Call) -> None:
    """Wait for the end of the program, show what it printed, and delete the pod if wanted."""
    if not (call["stdin"] or call["attach"]):
        return
    cluster, namespace = cluster_of(session, call), namespace_of(session, call)
    name = call["NAME"]
    end = session.world.now + LONGEST_S
    loads = _Loads(session, cluster, namespace, name)
    ended = until(
        session, lambda: _end(cluster, namespace, name) is not None or loads.long_enough(), end
    )
    pod: Any = cluster.store.find("Pod", namespace, name)
    if pod is not None:
        lines = cluster.kubelets.logs(pod, name, previous=False) or []
        session.say([text for _, text in lines])
    if loads.long_enough():
        session.say([
            f"(it goes on, as in a terminal of its own: 'kubectl delete pod {name}' is its Ctrl-C)"
        ])  # fmt: skip
        return
    last = _end(cluster, namespace, name)
    if call["rm"] and pod is not None:
        sent(session, ApiRequest(
            cluster=cluster.name, verb="delete", kind="Pod", namespace=namespace, name=name,
        ))  # fmt: skip
        session.say([f'pod "{name}" deleted from {namespace} namespace'])
    if not ended:
        raise KubectlError("error: timed out waiting for the condition")
    if last is not None and last.exit_code:
        raise KubectlError(f"error: pod {namespace}/{name} terminated ({last.reason})")


class _Loads:
    """Whether a program asks a server again and again: nobody waits for the end of that."""

    def __init__(self, session: Session, cluster: Cluster, namespace: str, name: str) -> None:
        self.session = session
        self.cluster = cluster
        self.key = namespace, name
        self.since: float | None = None

    def long_enough(self) -> bool:
        """Whether it has been watched for a while."""
        pod: Any = self.cluster.store.find("Pod", *self.key)
        if self.since is None:
            if pod is None or not self.cluster.network.loads(pod.key):
                return False
            self.since = self.session.world.now
        return self.session.world.now >= self.since + LOAD_S


def _end(cluster: Cluster, namespace: str, name: str) -> Any:
    """How the program of a pod ended; None: it has not yet."""
    pod: Any = cluster.store.find("Pod", namespace, name)
    states = pod.status.containers if pod is not None else ()
    return states[0].ended or states[0].last if states else None
