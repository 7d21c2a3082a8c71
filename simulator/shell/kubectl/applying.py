"""``kubectl apply``, ``create``, ``replace``, ``delete``: objects from files."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from simulator.errors import DrydockError
from simulator.shell.grammar import Call, Flag
from simulator.shell.kinds import text
from simulator.shell.kubectl.files import GIVEN, given
from simulator.shell.kubectl.target import (
    COMMON,
    KubectlError,
    cluster_of,
    namespace_of,
    sent,
    title,
)
from simulator.shell.registry import verb
from simulator.world.cluster_commands import ApiRequest

if TYPE_CHECKING:
    from simulator.cluster.kubernetes.api.reading import Document
    from simulator.cluster.kubernetes.cluster import Cluster
    from simulator.shell.session import Session

DRY = Flag(("--dry-run",), "none, client or server", text("how"))
VALIDATE = Flag(("--validate",), "strict (default), warn or ignore", text("how"))


@verb(
    "kubectl apply",
    "Make a cluster be as files say",
    aliases=("k apply",),
    flags=(
        *COMMON, *GIVEN, DRY, VALIDATE,
        Flag(("--server-side",), "let the server merge, by its own keys of lists"),
        Flag(("--force-conflicts",), "take fields over from others (with --server-side)",
             ignored=True),
    ),
    examples=("kubectl apply -f shop.yaml", "kubectl apply -f manifests/ -n shop",
              "kubectl apply -k overlays/prod"),
    known="--prune --force --wait --overwrite --field-manager -o --output --timeout --cascade",
)  # fmt: skip
def apply(session: Session, call: Call) -> Iterable[str]:
    """Create what is not there, change what is."""
    return _each(session, call, "apply", "server" if call["server_side"] else "")


@verb(
    "kubectl replace",
    "Replace objects by those in files",
    aliases=("k replace",),
    flags=(*COMMON, *GIVEN, VALIDATE, DRY),
    examples=("kubectl replace -f web.yaml",),
    known="--force --grace-period --cascade --timeout",
)
def replace(session: Session, call: Call) -> Iterable[str]:
    """Put other objects in place of those that are there."""
    return _each(session, call, "replace", "")


def _each(session: Session, call: Call, what: str, how: str) -> list[str]:
    """Each object by itself: what is wrong with one keeps none of the others back."""
    cluster = cluster_of(session, call)
    dry = call["dry_run"] or "none"
    if dry not in ("none", "client", "server"):
        raise KubectlError(
            f'error: invalid dry-run value ({dry}). Must be "none", "server", or "client".'
        )
    for document, source in given(session, call):
        try:
            session.say([one_document(session, call, cluster, document, source, what, how, dry)])
            _tell_kept(session, cluster, document)
        except DrydockError as error:
            session.fail(call, error)
    return []


def one_document(
    session: Session, call: Call, cluster: Cluster, document: Document, source: str, what: str,
    how: str, dry: str,
) -> str:  # fmt: skip
    """What became of one object of a file."""
    from simulator.cluster.kubernetes.api.decoding import problems

    data = document.data
    version, kind = str(data.get("apiVersion")), str(data.get("kind"))
    _check_known(cluster, document)
    _check_namespace(call, data)
    mode = call.values.get("validate") or "strict"
    found = problems(data, version, kind) if mode != "ignore" else []
    where = _places(document, source, found)
    request = ApiRequest(
        cluster=cluster.name, verb=what, namespace=namespace_of(session, call),
        body=json.dumps(data), how=how, strict=mode in ("strict", "true"),
    )  # fmt: skip
    about = f'error when {_DOING[what]} "{document.file}"'
    if dry != "none":
        return _dry(session, cluster, request, about, where, dry)
    try:
        word, kind, _, name = sent(session, request, about)
    except KubectlError as error:
        raise KubectlError(f"{error}{where}") from None
    told = "".join(f"Warning: {one.text}\n" for one in found if one.unknown)
    return f"{told}{title(cluster, kind, name)} {'serverside-applied' if how == 'server' else word}"


_DOING = {"apply": "creating", "create": "creating", "replace": "replacing"}


def _dry(
    session: Session, cluster: Cluster, request: ApiRequest, about: str, where: str, dry: str
) -> str:
    """The same in a copy of the world, which is thrown away."""
    copy = session.branch()
    try:
        word, kind, _, name = sent(copy, request, about)
    except KubectlError as error:
        raise KubectlError(f"{error}{where}") from None
    return f"{title(cluster, kind, name)} {word} ({'server ' if dry == 'server' else ''}dry run)"


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
    from simulator.cluster.kubernetes.api.kinds import REMOVED, group_of
    from simulator.errors import nearest

    data = document.data
    version, kind = data.get("apiVersion"), data.get("kind")
    if not isinstance(version, str) or not isinstance(kind, str):
        return
    gone = REMOVED.get((version, kind))
    known = cluster.kinds.of(version, kind)
    built_in = "." not in group_of(version) or group_of(version).endswith(".k8s.io")
    if known is not None or (gone is None and not built_in):
        return
    name = (data.get("metadata") or {}).get("name", "")
    space = (data.get("metadata") or {}).get("namespace", "")
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


def _check_namespace(call: Call, data: Any) -> None:
    stated = (data.get("metadata") or {}).get("namespace")
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
