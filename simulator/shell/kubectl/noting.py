"""``kubectl label``, ``annotate`` and ``patch``: single fields of objects."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from simulator.errors import DrydockError
from simulator.files import read_text
from simulator.shell.grammar import Call, Flag
from simulator.shell.kinds import text
from simulator.shell.kubectl.files import GIVEN
from simulator.shell.kubectl.subresources import SUBRESOURCE, asked, patch_scale
from simulator.shell.kubectl.target import (
    COMMON,
    SELECTOR,
    KubectlError,
    one_of,
)
from simulator.shell.kubectl.targeting import (
    ALL,
    OBJECTS,
    OVERWRITE,
    patched,
    targets,
    words_and_changes,
)
from simulator.shell.kubectl.writing import SHOWN, Writer
from simulator.shell.registry import verb

if TYPE_CHECKING:
    from simulator.cluster.kubernetes.cluster import Cluster
    from simulator.shell.session import Session


_LIST = Flag(("--list",), "those that it has")
MOST_BYTES = 1 << 20
"""Of a patch: what an API server takes is not much more."""


def _listed(
    session: Session, call: Call, cluster: Cluster, names: list[str], field: str
) -> list[str]:
    """Labels or annotations as KEY=VALUE."""
    found = targets(session, call, cluster, names)
    lines = []
    for kind, namespace, name in found:
        if len(found) > 1:
            lines.append(f"Listing {field} for {kind.kind}.{kind.api_version}/{name}:")
        pairs = getattr(one_of(cluster, kind, namespace, name).meta, field)
        start = " " if len(found) > 1 else ""
        lines += [f"{start}{key}={value}" for key, value in sorted(pairs.items())]
    return lines


def _noted(session: Session, call: Call, field: str, word: str) -> list[str]:
    writer = Writer(session, call)
    cluster = writer.cluster
    names, changes = words_and_changes(call["TYPE"])
    if call["list"]:
        return _listed(session, call, cluster, names, field)
    if not changes:
        raise KubectlError(f"error: at least one {field[:-1]} update is required")
    for target in targets(session, call, cluster, names):
        kind, namespace, name = target
        try:
            one = one_of(cluster, kind, namespace, name)
            before = dict(getattr(one.meta, field))
            taken = [
                key for key, value in changes.items()
                if value is not None and before.get(key, value) != value
            ]  # fmt: skip
            if taken and not call["overwrite"]:
                key = taken[0]
                raise KubectlError(
                    f"error: '{key}' already has a value ({before[key]}), and --overwrite is false"
                )
            done = patched(writer.at, cluster, target, {"metadata": {field: changes}})
            gone = all(value is None for value in changes.values())
            said = f"un{word}" if gone and word == "labeled" else word
            writer.say(target, f"not {word}" if "no change" in done else said)
        except DrydockError as error:
            session.fail(call, error)
    return []


@verb(
    "kubectl label", "Set labels (KEY=VALUE) or take them away (KEY-)", aliases=("k label",),
    arguments=(OBJECTS,), flags=(*COMMON, *GIVEN, SELECTOR, ALL, OVERWRITE, *SHOWN, _LIST),
    examples=("kubectl label node node-1 disk=ssd", "kubectl label pod web-0 tier-"),
    known="--local --resource-version",
)  # fmt: skip
def label(session: Session, call: Call) -> Iterable[str]:
    """Labels of objects."""
    return _noted(session, call, "labels", "labeled")


@verb(
    "kubectl annotate", "Set annotations (KEY=VALUE) or take them away (KEY-)",
    aliases=("k annotate",), arguments=(OBJECTS,),
    flags=(*COMMON, *GIVEN, SELECTOR, ALL, OVERWRITE, *SHOWN, _LIST),
    examples=("kubectl annotate deploy web kubernetes.io/change-cause='new image'",),
    known="--local --resource-version",
)  # fmt: skip
def annotate(session: Session, call: Call) -> Iterable[str]:
    """Annotations of objects."""
    return _noted(session, call, "annotations", "annotated")


@verb(
    "kubectl patch", "Change fields of an object", aliases=("k patch",),
    arguments=(OBJECTS,),
    flags=(
        *COMMON, *GIVEN, *SHOWN,
        Flag(("--patch-file",), "a file with the patch", text("file")),
        Flag(("-p", "--patch"), "the patch, as JSON or YAML", text("patch")),
        Flag(("--type",), "strategic (default), merge or json", text("type")),
        SUBRESOURCE,
    ),
    examples=("kubectl patch deploy web -p '{\"spec\":{\"replicas\":2}}'",),
    known="--local",
)  # fmt: skip
def patch(session: Session, call: Call) -> Iterable[str]:
    """A patch, as it is."""
    from simulator.cluster.kubernetes.api.reading import _documents

    body, file = call["patch"], call["patch_file"]
    if body and file:
        raise KubectlError("error: cannot specify --patch and --patch-file together")
    if file:
        within = session.folder if session.confined else None
        body = read_text(session.path(file), limit_bytes=MOST_BYTES, within=within)
    if not body:
        raise KubectlError("error: must specify --patch or --patch-file containing the contents of "
                           "the patch")  # fmt: skip
    said = next(iter(_documents(body, file or "<patch>")), None)
    how = call["type"] or "strategic"
    if how not in ("strategic", "merge", "json"):
        raise KubectlError(f'error: --type must be one of [json merge strategic], not "{how}"')
    part = asked(call)
    if part == "status":
        raise KubectlError("error: patches of a status are not modelled: the loops of the cluster "
                           "alone write it")  # fmt: skip
    writer = Writer(session, call)
    for target in targets(session, call, writer.cluster, call["TYPE"]):
        if part:
            word = patch_scale(writer.at, writer.cluster, target, said, how)
            writer.say_scale(target, word)
        else:
            writer.say(target, patched(writer.at, writer.cluster, target, said, how))
    return []
