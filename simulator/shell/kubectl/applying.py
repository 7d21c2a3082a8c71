"""``kubectl apply``, ``create``, ``replace``, ``delete``: objects from files."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from msgspec import structs

from simulator.errors import DrydockError
from simulator.shell.grammar import Call, Flag
from simulator.shell.kinds import text
from simulator.shell.kubectl.files import GIVEN, given
from simulator.shell.kubectl.selecting import matches, read_selector
from simulator.shell.kubectl.target import (
    COMMON,
    SELECTOR,
    KubectlError,
    cluster_of,
    namespace_of,
    sent,
    until,
)
from simulator.shell.kubectl.targeting import ALL
from simulator.shell.kubectl.writing import SHOWN, Writer
from simulator.shell.registry import verb
from simulator.world.cluster_commands import ApiRequest

if TYPE_CHECKING:
    from simulator.cluster.kubernetes.api.reading import Document
    from simulator.cluster.kubernetes.cluster import Cluster
    from simulator.shell.session import Session

VALIDATE = Flag(("--validate",), "strict (default), warn or ignore", text("how"))
MANAGER = Flag(("--field-manager",), "whose fields they are from now on", text("name"))
FORCE = Flag(("--force",), "delete it and create it anew where it cannot be changed")


@verb(
    "kubectl apply",
    "Make a cluster be as files say",
    aliases=("k apply",),
    flags=(
        *COMMON, *GIVEN, *SHOWN, VALIDATE, MANAGER, FORCE, SELECTOR, ALL,
        Flag(("--server-side",), "let the server merge, and keep who manages which field"),
        Flag(("--force-conflicts",), "take fields over from others (with --server-side)"),
        Flag(("--prune",), "delete what was applied before and is not in the files now"),
        Flag(("--prune-allowlist",), "only of this GROUP/VERSION/KIND", text("kind"), repeat=True),
    ),
    examples=("kubectl apply -f shop.yaml", "kubectl apply -f manifests/ -n shop",
              "kubectl apply -k overlays/prod", "kubectl apply -f manifests/ --prune -l app=web",
              "kubectl apply --server-side -f shop.yaml --field-manager=ci"),
    known="--wait --overwrite --timeout --cascade --grace-period --applyset --openapi-patch",
)  # fmt: skip
def apply(session: Session, call: Call) -> Iterable[str]:
    """Create what is not there, change what is."""
    on_server = bool(call["server_side"])
    if call["force_conflicts"] and not on_server:
        raise KubectlError("error: --force-conflicts only works with --server-side")
    if on_server and call["force"]:
        raise KubectlError("error: --force cannot be used with --server-side")
    if on_server and call["dry_run"] == "client":
        raise KubectlError("error: --dry-run=client doesn't work with --server-side (did you mean "
                           "--dry-run=server instead?)")  # fmt: skip
    if not call["prune"]:
        return each(session, call, "apply", "server" if on_server else "")
    if not call["selector"] and not call["all"]:
        raise KubectlError("error: all resources selected for prune without explicitly passing "
                           "--all. To prune all resources, pass the --all flag. If you did not "
                           "mean to prune all resources, specify a label selector")  # fmt: skip
    from simulator.shell.kubectl.pruning import kinds_of, pruned

    kinds_of(cluster_of(session, call), call["prune_allowlist"])
    each(session, call, "apply", "server" if on_server else "")
    return pruned(session, call)


@verb(
    "kubectl replace",
    "Replace objects by those in files",
    aliases=("k replace",),
    flags=(*COMMON, *GIVEN, *SHOWN, VALIDATE, MANAGER, FORCE),
    examples=("kubectl replace -f web.yaml", "kubectl replace --force -f web.yaml"),
    known="--grace-period --cascade --timeout --wait --save-config --raw --subresource",
)  # fmt: skip
def replace(session: Session, call: Call) -> Iterable[str]:
    """Put other objects in place of those that are there."""
    return each(session, call, "replace", "")


def each(session: Session, call: Call, what: str, how: str) -> list[str]:
    """Each object by itself: what is wrong with one keeps none of the others back."""
    writer = Writer(session, call)
    for document, source in chosen_documents(session, call):
        try:
            one_document(writer, call, document, source, what, how)
            _tell_kept(session, writer.cluster, document)
        except DrydockError as error:
            session.fail(call, error)
    return []


def chosen_documents(session: Session, call: Call) -> list[tuple[Document, str]]:
    """The objects of files, those with labels only where a selector says so."""
    found = given(session, call)
    if not call.values.get("selector"):
        return found
    tests = read_selector(call["selector"])
    return [one for one in found if matches(tests, _labels(one[0].data))]


def _labels(data: Any) -> dict[str, str]:
    meta = data.get("metadata")
    labels = meta.get("labels") if isinstance(meta, dict) else None
    if not isinstance(labels, dict):
        return {}
    return {str(key): str(one) for key, one in labels.items()}


def one_document(
    writer: Writer, call: Call, document: Document, source: str, what: str, how: str
) -> None:
    """Send one object of a file, and tell what became of it."""
    from simulator.cluster.kubernetes.api.decoding import problems

    data, cluster = document.data, writer.cluster
    version, kind = str(data.get("apiVersion")), str(data.get("kind"))
    _check_known(cluster, document)
    _check_namespace(call, data)
    mode = call.values.get("validate") or "strict"
    found = problems(data, version, kind) if mode != "ignore" else []
    manager = call.values.get("field_manager") or ("kubectl" if how == "server" else "")
    request = ApiRequest(
        cluster=cluster.name, verb=what, namespace=namespace_of(writer.session, call),
        body=json.dumps(data), how=how, strict=mode in ("strict", "true"), manager=manager,
        force=bool(call.values.get("force_conflicts")),
    )  # fmt: skip
    about = f'error when {_DOING[what]} "{document.file}"'
    try:
        word, kind, namespace, name = _sent(writer, call, request, about)
    except KubectlError as error:
        raise KubectlError(f"{error}{_places(document, source, found)}") from None
    writer.session.say(f"Warning: {one.text}" for one in found if one.unknown)
    known = cluster.kinds.named(kind)
    assert known is not None
    writer.say((known, namespace, name), "serverside-applied" if how == "server" else word)


def _sent(writer: Writer, call: Call, request: ApiRequest, about: str) -> tuple[str, str, str, str]:
    """By force: what cannot be changed is deleted, and created anew."""
    if request.verb != "create" and call.values.get("force"):
        if request.verb == "apply":
            try:
                return sent(writer.at, request, about)
            except KubectlError as error:
                if "is invalid" not in str(error):
                    raise
        return _anew(writer, request, about)
    return sent(writer.at, request, about)


def _anew(writer: Writer, request: ApiRequest, about: str) -> tuple[str, str, str, str]:
    data = json.loads(request.body)
    kind = writer.cluster.kinds.named(str(data.get("kind")))
    meta = _meta(data)
    space = str(meta.get("namespace") or request.namespace)
    if kind is not None:
        place = (kind.kind, space if kind.namespaced else "", str(meta.get("name")))
        if writer.cluster.store.find(*place) is not None:
            gone = ApiRequest(cluster=request.cluster, verb="delete", kind=place[0],
                              namespace=place[1], name=place[2], grace_s=0.0)  # fmt: skip
            sent(writer.at, gone, about)
            if request.verb == "replace":
                writer.session.say([f'{kind.title} "{place[2]}" deleted'])
            until(writer.at, lambda: writer.cluster.store.find(*place) is None,
                  writer.at.world.now + MOST_WAIT_S)  # fmt: skip
    how = "apply" if request.verb == "apply" else "create"
    _, *rest = sent(writer.at, structs.replace(request, verb=how), about)
    word = "configured" if request.verb == "apply" else "replaced"
    return word, rest[0], rest[1], rest[2]


MOST_WAIT_S = 3600.0
_DOING = {"apply": "creating", "create": "creating", "replace": "replacing"}


def _places(document: Document, source: str, found: list[Any]) -> str:
    """Where in the file what is wrong stands, and the nearest word."""
    from simulator.cluster.kubernetes.api.reading import place_of

    lines = []
    for one in found[:5]:
        near = f"; did you mean '{one.nearest}'?" if one.nearest else ""
        lines.append(f"\n  {place_of(source, document, one.path)}: {one.text}{near}")
    return "".join(lines)


def _check_known(cluster: Cluster, document: Document) -> None:
    """A built-in kind in a version that there is not, or not any more."""
    from simulator.cluster.kubernetes.api.kinds import BUILT_IN, REMOVED, group_of
    from simulator.errors import nearest

    data = document.data
    version, kind = data.get("apiVersion"), data.get("kind")
    if not isinstance(version, str) or not isinstance(kind, str):
        return
    gone = REMOVED.get((version, kind))
    known = cluster.kinds.of(version, kind)
    built_in = "." not in group_of(version) or group_of(version) in BUILT_IN
    if known is not None or (gone is None and not built_in):
        return
    meta = _meta(data)
    name, space = meta.get("name", ""), meta.get("namespace", "")
    text_ = (
        f'error: resource mapping not found for name: "{name}" namespace: "{space}" from '
        f'"{document.file}": no matches for kind "{kind}" in version "{version}"\n'
        "ensure CRDs are installed first"
    )
    if gone is not None:
        instead = f"; write apiVersion: {gone[1]}" if gone[1] else ""
        text_ += f"\n  {version} of {kind} was removed with {gone[0]}{instead}"
    else:
        right = cluster.kinds.named(kind)
        near = nearest(kind, [one.kind for one in cluster.kinds])
        if right is not None:
            text_ += f"\n  a {kind} is of apiVersion: {right.api_version}"
        elif near:
            text_ += f"\n  did you mean kind: {near}?"
    raise KubectlError(text_)


def _meta(data: Any) -> Mapping[str, Any]:
    """The metadata of a document; nothing where what is written there is none."""
    meta = data.get("metadata")
    return meta if isinstance(meta, Mapping) else {}


def _check_namespace(call: Call, data: Any) -> None:
    stated = _meta(data).get("namespace")
    asked = call.values.get("namespace")
    if stated and asked and stated != asked:
        raise KubectlError(
            f'error: the namespace from the provided object "{stated}" does not match the '
            f"namespace \"{asked}\". You must pass '--namespace={stated}' to perform this "
            "operation."
        )


def _tell_kept(session: Session, cluster: Cluster, document: Document) -> None:
    """Say once in a session what nothing follows from."""
    kind = cluster.kinds.named(str(document.data.get("kind")))
    if kind is not None and kind.note:
        session.note(f"kept {kind.kind}", f"  (not modelled: {kind.kind}: {kind.note})")
    from simulator.cluster.kubernetes.api.unmodelled import unmodelled

    for field, meaning in unmodelled(str(document.data.get("kind")), document.data).items():
        session.note(f"kept {field}", f"  (not modelled: {field}: {meaning})")
