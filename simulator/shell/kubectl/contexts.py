"""``kubectl config``: which cluster and namespace are meant."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from simulator.shell.grammar import Argument, Call, Flag
from simulator.shell.kinds import text
from simulator.shell.kubectl.target import (
    NAMESPACE,
    KubectlError,
    cluster_of,
)
from simulator.shell.registry import verb

if TYPE_CHECKING:
    from simulator.shell.session import Session


@verb("kubectl config get-contexts", "List clusters that kubectl knows",
      aliases=("k config get-contexts",), examples=("kubectl config get-contexts",))  # fmt: skip
def get_contexts(session: Session, call: Call) -> Iterable[str]:
    """Each cluster is a context."""
    from simulator.shell.kubectl.printers import aligned

    rows: list[tuple[str, ...]] = [("CURRENT", "NAME", "CLUSTER", "NAMESPACE")]
    for name in session.world.orchestras.clusters:
        mark = "*" if name == session.kube.cluster else ""
        rows.append((mark, name, name, session.kube.namespaces.get(name, "")))
    return aligned(rows)


@verb("kubectl config current-context", "Tell which cluster kubectl speaks to",
      aliases=("k config current-context",),
      examples=("kubectl config current-context",))  # fmt: skip
def current_context(session: Session, call: Call) -> Iterable[str]:
    """Its name."""
    return [cluster_of(session, call).name]


@verb("kubectl config use-context", "Speak to another cluster",
      arguments=(Argument("NAME", text("cluster"), "which"),),
      aliases=("k config use-context",), examples=("kubectl config use-context shop",))  # fmt: skip
def use_context(session: Session, call: Call) -> Iterable[str]:
    """From now on this one is meant."""
    if call["NAME"] not in session.world.orchestras.clusters:
        raise KubectlError(f'error: no context exists with the name: "{call["NAME"]}"')
    session.kube.cluster = call["NAME"]
    return [f'Switched to context "{call["NAME"]}".']


@verb("kubectl config set-context", "Choose the namespace that is meant",
      arguments=(Argument("NAME", text("cluster"), "which", optional=True),),
      flags=(NAMESPACE, Flag(("--current",), "of the cluster that is meant now")),
      aliases=("k config set-context",),
      examples=("kubectl config set-context --current --namespace=shop",))  # fmt: skip
def set_context(session: Session, call: Call) -> Iterable[str]:
    """From now on this namespace is meant."""
    if bool(call["NAME"]) == bool(call["current"]):
        raise KubectlError("error: you must specify a non-empty context name or --current")
    name = call["NAME"] or cluster_of(session, call).name
    if call["namespace"]:
        session.kube.namespaces[name] = call["namespace"]
    return [f'Context "{name}" modified.']
