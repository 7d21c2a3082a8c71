"""``kubectl label``, ``annotate`` and ``patch``: single fields of objects."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from simulator.errors import DrydockError
from simulator.shell.grammar import Call, Flag
from simulator.shell.kinds import text
from simulator.shell.kubectl.target import (
    COMMON,
    SELECTOR,
    KubectlError,
    cluster_of,
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
from simulator.shell.registry import verb

if TYPE_CHECKING:
    from simulator.shell.session import Session


def _noted(session: Session, call: Call, field: str, word: str) -> list[str]:
    cluster = cluster_of(session, call)
    names, changes = words_and_changes(call["TYPE"])
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
            done = patched(session, cluster, target, {"metadata": {field: changes}})
            gone = all(value is None for value in changes.values())
            said = f"un{word}" if gone and word == "labeled" else word
            session.say([f"{kind.title}/{name} {'not ' + word if 'no change' in done else said}"])
        except DrydockError as error:
            session.fail(call, error)
    return []


@verb(
    "kubectl label", "Set labels (KEY=VALUE) or take them away (KEY-)", aliases=("k label",),
    arguments=(OBJECTS,), flags=(*COMMON, SELECTOR, ALL, OVERWRITE),
    examples=("kubectl label node node-1 disk=ssd", "kubectl label pod web-0 tier-"),
    known="--list --local --resource-version --dry-run -o -f",
)  # fmt: skip
def label(session: Session, call: Call) -> Iterable[str]:
    """Labels of objects."""
    return _noted(session, call, "labels", "labeled")


@verb(
    "kubectl annotate", "Set annotations (KEY=VALUE) or take them away (KEY-)",
    aliases=("k annotate",), arguments=(OBJECTS,), flags=(*COMMON, SELECTOR, ALL, OVERWRITE),
    examples=("kubectl annotate deploy web kubernetes.io/change-cause='new image'",),
    known="--list --local --resource-version --dry-run -o -f",
)  # fmt: skip
def annotate(session: Session, call: Call) -> Iterable[str]:
    """Annotations of objects."""
    return _noted(session, call, "annotations", "annotated")


@verb(
    "kubectl patch", "Change fields of an object", aliases=("k patch",),
    arguments=(OBJECTS,),
    flags=(
        *COMMON,
        Flag(("-p", "--patch"), "the patch, as JSON or YAML", text("patch")),
        Flag(("--type",), "strategic (default), merge or json", text("type")),
    ),
    examples=("kubectl patch deploy web -p '{\"spec\":{\"replicas\":2}}'",),
    known="--patch-file --subresource --dry-run -o -f --local",
)  # fmt: skip
def patch(session: Session, call: Call) -> Iterable[str]:
    """A patch, as it is."""
    from simulator.cluster.kubernetes.api.reading import _documents

    cluster = cluster_of(session, call)
    if not call["patch"]:
        raise KubectlError("error: must specify --patch or --patch-file containing the contents of "
                           "the patch")  # fmt: skip
    said = next(iter(_documents(call["patch"], "<patch>")), None)
    how = call["type"] or "strategic"
    if how not in ("strategic", "merge", "json"):
        raise KubectlError(f'error: --type must be one of [json merge strategic], not "{how}"')
    for target in targets(session, call, cluster, call["TYPE"]):
        word = patched(session, cluster, target, said, how)
        session.say([f"{target[0].title}/{target[2]} {word}"])
    return []
