"""``kubectl diff`` and ``edit``: what a file would change, and a file in place of an editor."""

from __future__ import annotations

import json
from collections.abc import Iterable
from difflib import unified_diff
from typing import TYPE_CHECKING, Any

from simulator.errors import DrydockError
from simulator.shell import wording
from simulator.shell.grammar import Argument, Call, Flag
from simulator.shell.kinds import text
from simulator.shell.kubectl.files import GIVEN, documents, given
from simulator.shell.kubectl.output import yaml_lines
from simulator.shell.kubectl.target import (
    COMMON,
    KubectlError,
    cluster_of,
    kind_of,
    namespace_of,
    one_of,
    sent,
    told,
)
from simulator.shell.registry import verb
from simulator.world.cluster_commands import ApiRequest

if TYPE_CHECKING:
    from simulator.cluster.kubernetes.objects.meta import Object
    from simulator.shell.session import Session
    from simulator.world.orchestras import Orchestras

NOTE = "kubectl.kubernetes.io/last-applied-configuration"


@verb(
    "kubectl diff", "Show what apply would change", aliases=("k diff",),
    flags=(*COMMON, *GIVEN,
           Flag(("--server-side",), "as the server would merge it")),
    examples=("kubectl diff -f shop.yaml", "kubectl diff -k overlays/prod"),
    known="--field-manager --force-conflicts --prune -l --selector",
)  # fmt: skip
def diff(session: Session, call: Call) -> Iterable[str]:
    """Apply in a copy of the world; exit code 1 where something differs."""
    name = cluster_of(session, call).name
    differs = False
    for document, _ in given(session, call):
        request = ApiRequest(
            cluster=name, verb="apply", namespace=namespace_of(session, call),
            body=json.dumps(document.data), how="server" if call["server_side"] else "",
        )  # fmt: skip
        try:
            lines = _changes(session, name, request)
        except DrydockError as error:
            session.fail(call, error)
            continue
        session.say(lines)
        differs = differs or bool(lines)
    if differs:
        raise KubectlError("exit status 1")
    return []


def _changes(session: Session, cluster: str, request: ApiRequest) -> list[str]:
    copied = session.branch().world.orchestras
    _, kind, namespace, name = _answer(copied, request)
    live = session.world.orchestras.get(cluster).store.find(kind, namespace, name)
    merged = copied.get(cluster).store.find(kind, namespace, name)
    assert merged is not None
    group = merged.api_version.replace("/", ".")
    file = ".".join(filter(None, (group, kind, namespace, name)))
    found = unified_diff(
        _shown(live), _shown(merged), f"LIVE/{file}", f"MERGED/{file}", lineterm=""
    )
    lines = list(found)
    return [f"diff -u -N LIVE/{file} MERGED/{file}", *lines] if lines else []


def _answer(orchestras: Orchestras, request: ApiRequest) -> tuple[str, ...]:
    """What a server says, before any controller has seen what it was asked."""
    from simulator.cluster.kubernetes.api.errors import ApiError
    from simulator.world import kubernetes

    try:
        return tuple(wording.lines(kubernetes.request(orchestras, request).lines))
    except ApiError as error:
        raise KubectlError(told(error)) from None


def _shown(one: Object | None) -> list[str]:
    """An object as two of its states are compared: without the note of what was applied last."""
    from simulator.cluster.kubernetes.data import as_data

    if one is None:
        return []
    said: dict[str, Any] = as_data(one)
    meta = {key: value for key, value in said["metadata"].items() if key != "resourceVersion"}
    notes = {key: value for key, value in meta.get("annotations", {}).items() if key != NOTE}
    meta.pop("annotations", None)
    return yaml_lines({**said, "metadata": {**meta, **({"annotations": notes} if notes else {})}})


@verb(
    "kubectl edit", "Put an edited manifest in place of an object", aliases=("k edit",),
    arguments=(Argument("TYPE", text("type/name"), "what, and its name", repeat=True),),
    flags=(*COMMON, Flag(("--from",), "the edited file: there is no editor here", text("file"))),
    examples=("kubectl edit deploy/web --from web.yaml",),
    known="-f --filename -o --output --save-config --subresource --windows-line-endings",
)  # fmt: skip
def edit(session: Session, call: Call) -> Iterable[str]:
    """What a person would have saved is in a file."""
    cluster = cluster_of(session, call)
    words = list(call["TYPE"])
    word, _, name = words[0].partition("/")
    kind = kind_of(cluster, word)
    name = name or (words[1] if len(words) > 1 else "")
    namespace = namespace_of(session, call)
    one_of(cluster, kind, namespace, name)
    if not call["from"]:
        raise KubectlError(
            f"error: there is no editor here: kubectl get {kind.plural} {name} -o yaml prints it; "
            f"kubectl edit {kind.plural}/{name} --from FILE takes an edited one; kubectl patch "
            "changes single fields"
        )
    found = documents(session, (call["from"],))
    meta = found[0][0].data.get("metadata")
    if len(found) != 1 or not isinstance(meta, dict) or meta.get("name") != name:
        raise KubectlError(f"error: {call['from']}: expected one object named {name}")
    before = cluster.store.find(kind.kind, namespace if kind.namespaced else "", name)
    kept = {key: value for key, value in meta.items() if key != "resourceVersion"}
    body = {**found[0][0].data, "metadata": kept}
    request = ApiRequest(
        cluster=cluster.name, verb="replace", namespace=namespace, body=json.dumps(body)
    )
    sent(session, request)
    after = cluster.store.find(kind.kind, namespace if kind.namespaced else "", name)
    if after is before:
        return ["Edit cancelled, no changes made."]
    return [f"{kind.title}/{name} edited"]
