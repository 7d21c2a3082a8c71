"""``kubectl config set``: what ``use-context`` and ``set-context`` set, by its path."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from simulator.shell.grammar import Argument, Call
from simulator.shell.kinds import text
from simulator.shell.kubectl.target import KubectlError, contexts_of
from simulator.shell.registry import verb

if TYPE_CHECKING:
    from simulator.shell.session import Session

_REST = "not modelled: the clusters of a session are its contexts"


@verb("kubectl config set", "Set the current context, or the namespace of one",
      aliases=("k config set",),
      arguments=(Argument("PROPERTY", text("property"), "current-context, contexts.NAME.namespace"),
                 Argument("VALUE", text("value"), "what it is to be")),
      examples=("kubectl config set current-context shop",))  # fmt: skip
def set_property(session: Session, call: Call) -> Iterable[str]:
    """Which cluster is meant, or which namespace of one."""
    word, value = call["PROPERTY"], call["VALUE"]
    parts = word.split(".")
    if word == "current-context":
        if value not in contexts_of(session):
            raise KubectlError(f'error: no context exists with the name: "{value}"')
        session.kube.cluster = value
    elif len(parts) == 3 and parts[0] == "contexts" and parts[2] == "namespace":
        if parts[1] not in contexts_of(session):
            raise KubectlError(f"error: context {parts[1]} not found")
        session.kube.namespaces[parts[1]] = value
    else:
        raise KubectlError(f"error: {word}: {_REST}; expected current-context or "
                           "contexts.NAME.namespace")  # fmt: skip
    return [f'Property "{word}" set.']
