"""``kubectl config`` and ``cluster-info``: which clusters there are, and which is meant."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from simulator.shell.grammar import Argument, Call, Flag
from simulator.shell.kinds import text
from simulator.shell.kubectl.target import (
    CONTEXT,
    NAMESPACE,
    NOWHERE,
    KubectlError,
    cluster_of,
    contexts_of,
)
from simulator.shell.registry import verb

if TYPE_CHECKING:
    from simulator.shell.session import Session

PORT = 6443
"""Of an API server, as kubeadm sets it."""
USER = "kubernetes-admin"
FILE = "the configuration of this session"
_NAME = Argument("NAME", text("cluster"), "which")
_BARE = Flag(("--no-headers",), "without the headings")


def _meant(session: Session) -> str:
    chosen = session.kube.cluster
    return chosen if chosen in contexts_of(session) else ""


@verb("kubectl config get-contexts", "List clusters that kubectl knows",
      aliases=("k config get-contexts",),
      arguments=(Argument("NAME", text("cluster"), "only this one", optional=True),),
      flags=(_BARE, Flag(("-o", "--output"), "name: names only", text("format"))),
      examples=("kubectl config get-contexts",))  # fmt: skip
def get_contexts(session: Session, call: Call) -> Iterable[str]:
    """Each cluster is a context."""
    from simulator.shell.kubectl.printers import aligned

    names = contexts_of(session)
    if call["NAME"]:
        names = [_known(session, call["NAME"])]
    if call["output"]:
        if call["output"] != "name":
            raise KubectlError("error: output must be one of '' or 'name'")
        return names
    rows: list[tuple[str, ...]] = [("CURRENT", "NAME", "CLUSTER", "AUTHINFO", "NAMESPACE")]
    if call["no_headers"]:
        rows = []
    for name in names:
        mark = "*" if name == _meant(session) else ""
        rows.append((mark, name, name, USER, session.kube.namespaces.get(name, "")))
    return aligned(rows)


def _known(session: Session, name: str) -> str:
    if name not in contexts_of(session):
        raise KubectlError(f"error: context {name} not found")
    return name


@verb("kubectl config get-clusters", "List the names of clusters",
      aliases=("k config get-clusters",),
      examples=("kubectl config get-clusters",))  # fmt: skip
def get_clusters(session: Session, call: Call) -> Iterable[str]:
    """Under a heading, as kubectl prints them."""
    return ["NAME", *session.world.orchestras.clusters]


@verb("kubectl config get-users", "List the users that kubectl knows",
      aliases=("k config get-users",), examples=("kubectl config get-users",))  # fmt: skip
def get_users(session: Session, call: Call) -> Iterable[str]:
    """The one who made the clusters."""
    return ["NAME", *([USER] if session.world.orchestras.clusters else [])]


@verb("kubectl config current-context", "Tell which cluster kubectl speaks to",
      aliases=("k config current-context",),
      examples=("kubectl config current-context",))  # fmt: skip
def current_context(session: Session, call: Call) -> Iterable[str]:
    """Its name."""
    if session.kube.cluster == NOWHERE:
        raise KubectlError("error: current-context is not set")
    return [cluster_of(session, call).name]


@verb("kubectl config use-context", "Speak to another cluster", arguments=(_NAME,),
      aliases=("k config use-context", "kubectl config use", "k config use"),
      examples=("kubectl config use-context shop",))  # fmt: skip
def use_context(session: Session, call: Call) -> Iterable[str]:
    """From now on this one is meant."""
    name = call["NAME"]
    if name not in contexts_of(session):
        raise KubectlError(f'error: no context exists with the name: "{name}"')
    session.kube.cluster = name
    return [f'Switched to context "{name}".']


@verb("kubectl config set-context", "Set the namespace that is meant",
      arguments=(Argument("NAME", text("cluster"), "which cluster", optional=True),),
      flags=(NAMESPACE, Flag(("--current",), "of the cluster that is meant now")),
      aliases=("k config set-context",), known="--cluster --user",
      examples=("kubectl config set-context --current --namespace=shop",))  # fmt: skip
def set_context(session: Session, call: Call) -> Iterable[str]:
    """From now on this namespace is meant."""
    if bool(call["NAME"]) == bool(call["current"]):
        raise KubectlError("error: you must specify a non-empty context name or --current")
    name = call["NAME"] or cluster_of(session, call).name
    done = "modified" if name in contexts_of(session) else "created"
    if name not in session.world.orchestras.clusters:
        raise KubectlError(
            f'error: there is no cluster "{name}" for a context: create it with: cluster create '
            f"{name}"
        )
    if name in session.kube.deleted:
        session.kube.deleted.remove(name)
    if call["namespace"]:
        session.kube.namespaces[name] = call["namespace"]
    return [f'Context "{name}" {done}.']


@verb("kubectl config delete-context", "Forget how to speak to a cluster", arguments=(_NAME,),
      aliases=("k config delete-context",),
      examples=("kubectl config delete-context shop",))  # fmt: skip
def delete_context(session: Session, call: Call) -> Iterable[str]:
    """The cluster itself goes on; ``config set-context NAME`` has it again."""
    name = call["NAME"]
    if name not in contexts_of(session):
        raise KubectlError(f"error: cannot delete context {name}, not in {FILE}")
    warning = []
    if name == _meant(session):
        warning = ["warning: this removed your active context, use \"kubectl config use-context\" "
                   "to select a different one"]  # fmt: skip
        session.kube.cluster = NOWHERE
    session.kube.deleted.append(name)
    session.kube.namespaces.pop(name, None)
    return [*warning, f"deleted context {name} from {FILE}"]


@verb("kubectl config unset", "Forget a setting: current-context, contexts.NAME.namespace",
      arguments=(Argument("PROPERTY", text("property"), "which"),), aliases=("k config unset",),
      examples=("kubectl config unset current-context",))  # fmt: skip
def unset(session: Session, call: Call) -> Iterable[str]:
    """What was set before is not set any more."""
    word = call["PROPERTY"]
    parts = word.split(".")
    if word == "current-context":
        session.kube.cluster = NOWHERE
    elif len(parts) == 3 and parts[0] == "contexts" and parts[2] == "namespace":
        session.kube.namespaces.pop(_known(session, parts[1]), None)
    elif len(parts) == 2 and parts[0] == "contexts":
        name = _known(session, parts[1])
        session.kube.deleted.append(name)
        if name == session.kube.cluster:
            session.kube.cluster = NOWHERE
    else:
        raise KubectlError(
            f"error: {word}: expected current-context, contexts.NAME or contexts.NAME.namespace"
        )
    return [f'Property "{word}" unset.']


@verb("kubectl config view", "Show what kubectl knows of clusters", aliases=("k config view",),
      flags=(CONTEXT, Flag(("--minify",), "only of the cluster that is meant"),
             Flag(("--raw",), "secrets, too: there are none"),
             Flag(("--flatten",), "keys in the file itself: there are none"),
             Flag(("-o", "--output"), "yaml, json, jsonpath=…, name", text("format"))),
      examples=("kubectl config view", "kubectl config view --minify -o jsonpath='{..namespace}'"),
      known="--merge")  # fmt: skip
def view(session: Session, call: Call) -> Iterable[str]:
    """As a configuration file; there are no certificates and no keys."""
    from simulator.shell.kubectl.output import printed_data

    names, chosen = contexts_of(session), call["context"] or _meant(session)
    if call["minify"]:
        if not chosen:
            raise KubectlError("error: current-context must exist in order to minify")
        names = [_known(session, chosen)]
    contexts: list[Any] = []
    for name in names:
        space = session.kube.namespaces.get(name)
        inner = {"cluster": name, **({"namespace": space} if space else {}), "user": USER}
        contexts.append({"context": inner, "name": name})
    said = {
        "apiVersion": "v1",
        "clusters": [{"cluster": {"server": server_of(name)}, "name": name} for name in names],
        "contexts": contexts, "current-context": chosen, "kind": "Config",
        "users": [{"name": USER, "user": {}}] if names else [],
    }  # fmt: skip
    return printed_data(said, call["output"] or "yaml")


def server_of(name: str) -> str:
    """Where the API server of a cluster would be asked."""
    return f"https://{name}:{PORT}"


@verb("kubectl cluster-info", "Tell where the API server of a cluster is",
      aliases=("k cluster-info",), flags=(CONTEXT,),
      examples=("kubectl cluster-info",))  # fmt: skip
def cluster_info(session: Session, call: Call) -> Iterable[str]:
    """Its address; there is no CoreDNS among the pods, names are known to the network."""
    name = cluster_of(session, call).name
    return [
        f"Kubernetes control plane is running at {server_of(name)}",
        "",
        "To further debug and diagnose cluster problems, use 'kubectl describe' and 'why'.",
    ]
