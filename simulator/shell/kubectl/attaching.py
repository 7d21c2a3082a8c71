"""``kubectl run -it --rm``: a pod that is watched until its program ends."""

from __future__ import annotations

import posixpath
from typing import TYPE_CHECKING, Any

from simulator.shell.grammar import Call, Flag
from simulator.shell.kubectl.target import KubectlError, cluster_of, namespace_of, sent, until
from simulator.world.cluster_commands import ApiRequest
from simulator.world.commands import Attach

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
START_S = 60.0
"""How long a pod may take until it runs (``--pod-running-timeout``)."""
LOAD_S = 5.0
"""How long one watches a program that asks a server without end."""


def check(call: Call) -> None:
    """What cannot be attached to is refused before anything is made."""
    attached = call["stdin"] or call["attach"]
    if call["rm"] and not attached:
        raise KubectlError("error: --rm should only be used for attached containers")
    if call["stdin"] and not call["COMMAND"] and not call["tty"]:
        raise KubectlError("error: a program that reads what is handed to it is not modelled: "
                           "name a command, or -it for a shell")  # fmt: skip


def _is_shell(words: list[str]) -> bool:
    """Whether these words are a shell that waits for lines."""
    return bool(words) and posixpath.basename(words[0]) in SHELLS and len(words) == 1


def attach(session: Session, call: Call) -> None:
    """Wait for the end of the program, show what it printed, and delete the pod if wanted."""
    if not (call["stdin"] or call["attach"]):
        return
    cluster, namespace = cluster_of(session, call), namespace_of(session, call)
    name = call["NAME"]
    if call["stdin"] and (not call["COMMAND"] or _is_shell(list(call["COMMAND"]))):
        _sit_down(session, call, cluster, (namespace, name))
        return
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


def _sit_down(session: Session, call: Call, cluster: Cluster, key: tuple[str, str]) -> None:
    """Lines that follow are for its shell; with ``--rm`` the pod goes when that has ended."""
    until(session, lambda: _runs(cluster, key) or _end(cluster, *key) is not None,
          session.world.now + START_S)  # fmt: skip
    if not _runs(cluster, key):
        raise KubectlError("error: timed out waiting for the condition")
    if call["rm"]:
        session.kube.leaving.append((cluster.name, *key))
    session.say(["If you don't see a command prompt, try pressing enter."])
    session.say(sit_at(session, cluster, key, key[1]))


def _runs(cluster: Cluster, key: tuple[str, str]) -> bool:
    pod: Any = cluster.store.find("Pod", *key)
    return pod is not None and any(one.running_since is not None for one in pod.status.containers)


def sit_at(session: Session, cluster: Cluster, key: tuple[str, str], container: str) -> list[str]:
    """Sit at the first process of a container of a pod."""
    found = sent(session, ApiRequest(
        cluster=cluster.name, verb="connect", kind="Pod", namespace=key[0], name=key[1],
        how=container,
    ))[0]  # fmt: skip
    return session.do(Attach(container=found), session.attached_wait_s)


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
