"""``kubectl apply``, ``create``, ``replace``, ``delete``: objects from files."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from simulator.errors import DrydockError
from simulator.shell.grammar import Argument, Call, Flag
from simulator.shell.kinds import integer, text
from simulator.shell.kubectl.files import documents
from simulator.shell.kubectl.target import (
    COMMON,
    EVERYWHERE,
    SELECTOR,
    KubectlError,
    cluster_of,
    named,
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

FILES = Flag(("-f", "--filename"), "a file or folder of manifests", text("file"), repeat=True)
RECURSIVE = Flag(("-R", "--recursive"), "folders in folders, too")
DRY = Flag(("--dry-run",), "none, client or server", text("how"))
VALIDATE = Flag(("--validate",), "strict (default), warn or ignore", text("how"))
LONGEST_WAIT_S = 3600.0


@verb(
    "kubectl apply",
    "Make a cluster be as files say",
    aliases=("k apply",),
    flags=(
        *COMMON, FILES, RECURSIVE, DRY, VALIDATE,
        Flag(("--server-side",), "let the server merge, by its own keys of lists"),
        Flag(("--force-conflicts",), "take fields over from others (with --server-side)",
             ignored=True),
        Flag(("-k", "--kustomize"), "a folder with a kustomization.yaml", text("folder"),
             refused="kustomizations are not modelled yet: apply the files that it names"),
    ),
    examples=("kubectl apply -f shop.yaml", "kubectl apply -f manifests/ -n shop"),
    known="--prune --force --wait --overwrite --field-manager -o --output --timeout --cascade",
)  # fmt: skip
def apply(session: Session, call: Call) -> Iterable[str]:
    """Create what is not there, change what is."""
    _need_files(call)
    return _each(session, call, "apply", "server" if call["server_side"] else "")


@verb(
    "kubectl replace",
    "Replace objects by those in files",
    aliases=("k replace",),
    flags=(*COMMON, FILES, RECURSIVE, VALIDATE, DRY),
    examples=("kubectl replace -f web.yaml",),
    known="--force --grace-period --cascade --timeout",
)
def replace(session: Session, call: Call) -> Iterable[str]:
    """Put other objects in place of those that are there."""
    _need_files(call)
    return _each(session, call, "replace", "")


def _need_files(call: Call) -> None:
    if not call["filename"]:
        raise KubectlError("error: must specify one of -f and -k")


def _each(session: Session, call: Call, what: str, how: str) -> list[str]:
    """Each object by itself: what is wrong with one keeps none of the others back."""
    cluster = cluster_of(session, call)
    dry = call["dry_run"] or "none"
    if dry not in ("none", "client", "server"):
        raise KubectlError(
            f'error: invalid dry-run value ({dry}). Must be "none", "server", or "client".'
        )
    for document, source in documents(
        session, call["filename"], recursive=bool(call.values.get("recursive"))
    ):
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


# --- deleting -------------------------------------------------------------------------------------


@verb(
    "kubectl delete",
    "Delete objects",
    aliases=("k delete",),
    arguments=(Argument("TYPE", text("type or type/name"), "what, and names", optional=True,
                        repeat=True),),
    flags=(
        *COMMON, EVERYWHERE, FILES, RECURSIVE, SELECTOR,
        Flag(("--all",), "all of the type in the namespace"),
        Flag(("--force",), "at once, without waiting for the node (with --grace-period=0)"),
        Flag(("--grace-period",), "seconds until pods are killed", integer("seconds", -1, 1 << 31)),
        Flag(("--now",), "the same as --grace-period=1"),
        Flag(("--cascade",), "background, foreground or orphan", text("how")),
        Flag(("--wait",), "wait until it is gone (default); --wait=false does not",
             text("true or false")),
        Flag(("--ignore-not-found",), "no error where it is not there"),
        Flag(("--timeout",), "how long to wait", text("duration")),
    ),
    destructive=True,
    examples=("kubectl delete pod web-0", "kubectl delete -f shop.yaml",
              "kubectl delete deploy --all"),
    known="--dry-run -o --output --raw --interactive -i",
)  # fmt: skip
def delete(session: Session, call: Call) -> Iterable[str]:
    """Ask for objects to go, and wait until they have gone."""
    from simulator.shell.kubectl.selecting import chosen

    cluster = cluster_of(session, call)
    namespace = namespace_of(session, call)
    targets: list[tuple[str, str, str]] = []
    if call["filename"]:
        for one, _ in documents(session, call["filename"], recursive=bool(call["recursive"])):
            kind = cluster.kinds.named(str(one.data.get("kind")))
            meta = one.data.get("metadata") or {}
            if kind is not None:
                space = str(meta.get("namespace") or namespace) if kind.namespaced else ""
                targets.append((kind.kind, space, str(meta.get("name"))))
    for kind, name in named(cluster, call["TYPE"]) if call["TYPE"] else ():
        if name:
            targets.append((kind.kind, namespace if kind.namespaced else "", name))
        elif call["all"] or call["selector"]:
            targets += [(kind.kind, *each.key) for each in chosen(session, call, cluster, kind)]
        else:
            raise KubectlError("error: resource(s) were provided, but no name was specified")
    if not targets:
        raise KubectlError("error: You must provide one or more resources by argument or filename.")
    gone = [one for one in targets if _delete_one(session, call, cluster, one)]
    if (call["wait"] or "true") == "true":
        _wait(session, call, cluster, gone)
    return []


def _delete_one(
    session: Session, call: Call, cluster: Cluster, target: tuple[str, str, str]
) -> bool:
    kind, namespace, name = target
    if call["ignore_not_found"] and cluster.store.find(kind, namespace, name) is None:
        return False
    grace = call["grace_period"]
    forced = call["force"] and grace in (0, None)
    if call["now"]:
        grace = 1
    how = {"foreground": "Foreground", "orphan": "Orphan"}.get(call["cascade"] or "", "Background")
    request = ApiRequest(
        cluster=cluster.name, verb="delete", kind=kind, namespace=namespace, name=name, how=how,
        grace_s=0.0 if forced else None if grace in (None, -1) else float(grace),
    )  # fmt: skip
    try:
        sent(session, request)
    except DrydockError as error:
        session.fail(call, error)
        return False
    word = cluster.kinds.named(kind)
    ending = " force deleted" if forced else " deleted"
    space = f" from {namespace} namespace" if word is not None and word.namespaced else ""
    shown = word.title if word is not None else kind.lower()
    session.say([f'{shown} "{name}"{ending}{space}'])
    return True


def _wait(session: Session, call: Call, cluster: Cluster, gone: list[tuple[str, str, str]]) -> None:
    """kubectl gives the prompt back when they are gone."""
    from simulator.units import parse_duration

    limit = parse_duration(call["timeout"]) if call["timeout"] else LONGEST_WAIT_S
    end = session.world.now + limit
    before = {one: cluster.store.find(*one) for one in gone}
    waits = Gone(session, cluster.name, {one: obj.meta.uid for one, obj in before.items() if obj})
    if not waits.done:
        session.wait_for(waits, end - session.world.now)


class Gone:
    """Something to wait for: that objects are there no more."""

    title = "waiting for deletion"

    def __init__(
        self, session: Session, cluster: str, targets: dict[tuple[str, str, str], str]
    ) -> None:
        self._session = session
        self._cluster = cluster
        self._targets = targets
        self.error: str | None = None

    @property
    def lines(self) -> list[str]:
        """Nothing is printed meanwhile."""
        return []

    def live(self) -> list[str]:
        """Nothing is printed meanwhile."""
        return []

    @property
    def done(self) -> bool:
        """Whether all are gone, or others have their names."""
        cluster = self._session.world.orchestras.clusters.get(self._cluster)
        if cluster is None:
            return True
        for target, uid in self._targets.items():
            now = cluster.store.find(*target)
            if now is not None and now.meta.uid == uid:
                return False
        return True
