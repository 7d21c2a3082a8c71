"""``kubectl apply view-last-applied`` and ``set-last-applied``: what apply compares with."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from simulator.errors import DrydockError
from simulator.shell.grammar import Argument, Call, Flag
from simulator.shell.kinds import text
from simulator.shell.kubectl.files import GIVEN, given, objects_of
from simulator.shell.kubectl.output import printed_data
from simulator.shell.kubectl.target import COMMON, SELECTOR, KubectlError, cluster_of, one_of
from simulator.shell.kubectl.targeting import ALL, patched, targets
from simulator.shell.registry import verb

if TYPE_CHECKING:
    from simulator.shell.session import Session

NOTE = "kubectl.kubernetes.io/last-applied-configuration"
_WORDS = Argument("TYPE", text("type or type/name"), "what, and names", optional=True, repeat=True)


@verb(
    "kubectl apply view-last-applied", "Show what was applied last",
    aliases=("k apply view-last-applied",), arguments=(_WORDS,),
    flags=(*COMMON, *GIVEN, SELECTOR, ALL,
           Flag(("-o", "--output"), "yaml (default) or json", text("format"))),
    examples=("kubectl apply view-last-applied deploy/web",),
)  # fmt: skip
def view_last_applied(session: Session, call: Call) -> Iterable[str]:
    """The note that apply keeps with an object."""
    cluster = cluster_of(session, call)
    if call["filename"] or call["kustomize"]:
        found = objects_of(session, call, cluster)
    else:
        found = targets(session, call, cluster, call["TYPE"])
    output = call["output"] or "yaml"
    if output not in ("yaml", "json"):
        raise KubectlError(f"error: Unexpected -o output mode: {output}, the flag 'output' must be "
                           "one of yaml|json")  # fmt: skip
    lines: list[str] = []
    for kind, namespace, name in found:
        one = one_of(cluster, kind, namespace, name)
        note = one.meta.annotations.get(NOTE)
        if note is None:
            raise KubectlError(f"error: no last-applied-configuration annotation found on resource:"
                               f" {name}")  # fmt: skip
        lines += printed_data(json.loads(note), output)
    return lines


@verb(
    "kubectl apply set-last-applied", "Take a file for what was applied last",
    aliases=("k apply set-last-applied",),
    flags=(*COMMON, *GIVEN,
           Flag(("--create-annotation",), "also where nothing was applied before")),
    examples=("kubectl apply set-last-applied -f web.yaml --create-annotation",),
    known="--dry-run -o --output",
)  # fmt: skip
def set_last_applied(session: Session, call: Call) -> Iterable[str]:
    """Nothing of the object changes but the note."""
    cluster = cluster_of(session, call)
    meant = objects_of(session, call, cluster)
    for target, (document, _) in zip(meant, given(session, call), strict=False):
        kind, _, name = target
        try:
            one = one_of(cluster, kind, target[1], name)
            if NOTE not in one.meta.annotations and not call["create_annotation"]:
                raise KubectlError(
                    f"error: no last-applied-configuration annotation found on resource: {name}, "
                    "to create the annotation, run the command with --create-annotation"
                )
            note = json.dumps(document.data, separators=(",", ":"), sort_keys=True) + "\n"
            change: Any = {"metadata": {"annotations": {NOTE: note}}}
            patched(session, cluster, target, change)
            session.say([f"{kind.title}/{name} configured"])
        except DrydockError as error:
            session.fail(call, error)
    return []
