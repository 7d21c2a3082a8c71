"""Which objects a line that writes means, and the patches that it sends."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from simulator.shell.grammar import Argument, Call, Flag
from simulator.shell.kinds import text
from simulator.shell.kubectl.target import KubectlError, named, namespace_of, sent
from simulator.world.cluster_commands import ApiRequest

if TYPE_CHECKING:
    from simulator.cluster.kubernetes.api.kinds import Kind
    from simulator.cluster.kubernetes.cluster import Cluster
    from simulator.shell.session import Session

OVERWRITE = Flag(("--overwrite",), "change what has a value already")
OBJECTS = Argument("TYPE", text("type or type/name"), "what, and names", optional=True,
                   repeat=True)  # fmt: skip
ALL = Flag(("--all",), "all of the type")


def targets(
    session: Session, call: Call, cluster: Cluster, words: Iterable[str]
) -> list[tuple[Kind, str, str]]:
    """The objects that a line names, or those of its files: kind, namespace, name."""
    from simulator.shell.kubectl.selecting import chosen

    words = list(words)
    if call.values.get("filename") or call.values.get("kustomize"):
        return _of_files(session, call, cluster, words)
    if not words:
        raise KubectlError("error: one or more resources must be specified as <resource> <name> or "
                           "<resource>/<name>")  # fmt: skip
    namespace = namespace_of(session, call)
    found = []
    for kind, name in named(cluster, words):
        if name:
            found.append((kind, namespace if kind.namespaced else "", name))
        elif any(call.values.get(one) for one in ("all", "selector", "field_selector")):
            found += [(kind, *one.key) for one in chosen(session, call, cluster, kind)]
        else:
            raise KubectlError("error: resource(s) were provided, but no name was specified")
    return found


def _of_files(
    session: Session, call: Call, cluster: Cluster, words: list[str]
) -> list[tuple[Kind, str, str]]:
    from simulator.shell.kubectl.files import objects_of

    if words:
        raise KubectlError("error: when paths, URLs, or stdin is provided as input, you may not "
                           "specify resource arguments as well")  # fmt: skip
    return objects_of(session, call, cluster)


def patched(
    session: Session,
    cluster: Cluster,
    target: tuple[Kind, str, str],
    patch: Any,
    how: str = "merge",
) -> str:
    """Send a patch: ``patched`` or ``patched (no change)``."""
    kind, namespace, name = target
    word, *_ = sent(
        session,
        ApiRequest(
            cluster=cluster.name, verb="patch", kind=kind.kind, namespace=namespace, name=name,
            body=json.dumps(patch), how=how,
        ),
    )  # fmt: skip
    return word


def words_and_changes(words: Iterable[str]) -> tuple[list[str], dict[str, str | None]]:
    """``pods web-0 app=web tier-`` as names and changes (None: it goes)."""
    names: list[str] = []
    changes: dict[str, str | None] = {}
    for word in words:
        key, equals, value = word.partition("=")
        if equals:
            changes[key] = value
        elif word.endswith("-") and names and "/" not in word[-2:]:
            changes[word[:-1]] = None
        else:
            names.append(word)
    return names, changes


def template_patch(kind: Kind, inner: Any) -> Any:
    """A patch of the pods that objects of a kind make."""
    if kind.kind == "Pod":
        return {"spec": inner}
    if kind.kind == "CronJob":
        return {"spec": {"jobTemplate": {"spec": {"template": {"spec": inner}}}}}
    return {"spec": {"template": {"spec": inner}}}
