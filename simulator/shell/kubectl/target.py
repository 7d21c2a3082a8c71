"""Which cluster and namespace a line means, which objects, and what the server's refusals say."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any

from msgspec.structs import replace

from simulator.errors import DrydockError
from simulator.shell.grammar import Call, Flag
from simulator.shell.kinds import text
from simulator.world.cluster_commands import ApiRequest

if TYPE_CHECKING:
    from simulator.cluster.kubernetes.api.kinds import Kind
    from simulator.cluster.kubernetes.cluster import Cluster
    from simulator.cluster.kubernetes.objects.meta import Object
    from simulator.shell.session import Session

NAMESPACE = Flag(("-n", "--namespace"), "the namespace meant", text("namespace"))
EVERYWHERE = Flag(("-A", "--all-namespaces"), "all namespaces")
CONTEXT = Flag(("--context",), "the cluster meant", text("cluster"))
SELECTOR = Flag(("-l", "--selector"), "only those with these labels", text("selector"))
FIELDS = Flag(("--field-selector",), "only those with these fields", text("selector"))
OUTPUT = Flag(("-o", "--output"), "wide, yaml, json, name, jsonpath=…, custom-columns=…",
              text("format"))  # fmt: skip
COMMON = (NAMESPACE, CONTEXT)
NOWHERE = "<none>"
"""Instead of a cluster: no current context is set."""


class KubectlError(DrydockError):
    """What kubectl prints and ends with exit code 1."""

    exit_code = 1


def cluster_of(session: Session, call: Call) -> Cluster:
    """The cluster that a line means: by flag, by context, or the only one."""
    world, known = session.world, contexts_of(session)
    chosen = session.kube.cluster
    name = call.values.get("context") or (chosen if chosen in known else "")
    if name and name not in known:
        raise KubectlError(f'error: context "{name}" does not exist')
    if not name and chosen == NOWHERE:
        raise KubectlError(
            "The connection to the server localhost:8080 was refused - did you specify the right "
            "host or port?\n  (no current context: kubectl config use-context NAME)"
        )
    return world.orchestras.get(name or _newest(session))


def contexts_of(session: Session) -> list[str]:
    """The clusters that kubectl knows: all that there are, but those it was told to forget."""
    deleted = session.kube.deleted
    return [one for one in session.world.orchestras.clusters if one not in deleted]


def _newest(session: Session) -> str:
    """Where nobody chose: the cluster that was made last, as installers set it."""
    return next(reversed(contexts_of(session)), "")


def namespace_of(session: Session, call: Call) -> str:
    """The namespace that a line means."""
    stated = call.values.get("namespace")
    if stated:
        return str(stated)
    return session.kube.namespaces.get(cluster_of(session, call).name, "default")


def kind_of(cluster: Cluster, word: str) -> Kind:
    """The kind that a word means."""
    found = cluster.kinds.find(word)
    if found is None:
        near = cluster.kinds.near(word)
        hint = f"; did you mean '{near}'?" if near else ""
        raise KubectlError(f'error: the server doesn\'t have a resource type "{word}"{hint}')
    return found


def named(cluster: Cluster, words: Iterable[str]) -> list[tuple[Kind, str]]:
    """``KIND NAME…`` or ``KIND/NAME…`` as kinds with names; a kind alone has the name ''."""
    listed = list(words)
    if not listed:
        raise KubectlError("error: You must specify the type of resource, as in: kubectl get pods")
    if "/" in listed[0]:
        pairs = [one.partition("/") for one in listed]
        return [(kind_of(cluster, kind), name) for kind, _, name in pairs]
    kinds = [kind_of(cluster, word) for word in _kinds_in(cluster, listed[0])]
    names = listed[1:] or [""]
    return [(kind, name) for kind in kinds for name in names]


def _kinds_in(cluster: Cluster, word: str) -> list[str]:
    every = [one.plural for one in cluster.kinds if one.in_all]
    meant = (every if one == "all" else [one] for one in word.split(","))
    return list(dict.fromkeys(each for some in meant for each in some))


def one_of(cluster: Cluster, kind: Kind, namespace: str, name: str) -> Object:
    """The object of a name, or the server's refusal."""
    found = cluster.find(kind.kind, namespace if kind.namespaced else "", name)
    if found is None:
        raise KubectlError(f'Error from server (NotFound): {kind.resource} "{name}" not found')
    return found


def sent(session: Session, request: ApiRequest, about: str = "") -> tuple[str, str, str, str]:
    """Send a request: what became of which object; the refusal as kubectl prints it."""
    from simulator.cluster.kubernetes.api.errors import ApiError

    if not request.manager:
        request = replace(request, manager=_manager(session))
    try:
        word, kind, namespace, name = session.do(request)
    except ApiError as error:
        raise KubectlError(told(error, about)) from None
    return word, kind, namespace, name


def _manager(session: Session) -> str:
    """Who a line writes as, where it does not say: kubectl, and mostly which of its commands."""
    word = session.verb.partition(" ")[2].partition(" ")[0]
    return {"apply": "kubectl-client-side-apply", "scale": "kubectl", "exec": ""}.get(
        word, f"kubectl-{word}" if word else "kubectl"
    )


def told(error: Any, about: str = "") -> str:
    """A refusal in kubectl's words; ``about``: what it was doing."""
    if error.reason == "Invalid" and " is invalid: " in error.message:
        start, _, rest = error.message.partition(" is invalid: ")
        kind, _, name = start.partition(" ")
        said = rest
        if rest.startswith("[") and rest.endswith("]"):
            said = "\n".join(f"* {one}" for one in _split(rest[1:-1]))
            return f"The {kind.partition('.')[0]} {name} is invalid: \n{said}"
        return f"The {kind.partition('.')[0]} {name} is invalid: {said}"
    if error.reason == "Conflict" and error.message.startswith("Apply failed"):
        return f"error: {error.message}\n{_WAYS}"
    start = f"{about}: " if about else ""
    return f"Error from server ({error.reason}): {start}{error.message}"


_WAYS = """\
Please review the fields above--they currently have other managers. Here
are the ways you can resolve this warning:
* --force-conflicts takes them over
* a manifest without them leaves them to their managers
* a manifest with the values that they have now shares them
See https://kubernetes.io/docs/reference/using-api/server-side-apply/#conflicts"""


def _split(text_: str) -> list[str]:
    """The errors of a list: each begins with the path of a field."""
    import re

    return re.split(r", (?=(?:metadata|spec|data|type)\b[\w.\[\]]*: )", text_)


def title(cluster: Cluster, kind: str, name: str) -> str:
    """An object as kubectl names it: ``deployment.apps/web``."""
    found = cluster.kinds.named(kind)
    return f"{found.title if found else kind.lower()}/{name}"


def until(session: Session, done: Callable[[], bool], end: float) -> bool:
    """Let time pass until something is so; whether it came before ``end``."""
    world = session.world
    if not done() and world.now < end:
        world.advance(end, lambda: session._going() and not done())
    return done()
