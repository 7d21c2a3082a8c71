"""``kubectl rollout``: how a change of a workload goes, and going back."""

from __future__ import annotations

from collections.abc import Iterable
from functools import partial
from typing import TYPE_CHECKING, Any

from simulator.errors import DrydockError
from simulator.shell.grammar import Call, Flag
from simulator.shell.kinds import integer, text
from simulator.shell.kubectl import revisions
from simulator.shell.kubectl.files import GIVEN
from simulator.shell.kubectl.rollout_progress import progress
from simulator.shell.kubectl.target import (
    COMMON,
    SELECTOR,
    KubectlError,
    cluster_of,
    one_of,
    until,
)
from simulator.shell.kubectl.targeting import (
    OBJECTS,
    patched,
    targets,
)
from simulator.shell.kubectl.writing import PRINT, SHOWN, Writer
from simulator.shell.registry import verb
from simulator.units import parse_duration

if TYPE_CHECKING:
    from simulator.cluster.kubernetes.api.kinds import Kind
    from simulator.cluster.kubernetes.cluster import Cluster
    from simulator.shell.session import Session


LONGEST_S = 86_400.0
REVISION = "deployment.kubernetes.io/revision"
HASH = "pod-template-hash"
RESTARTED = "kubectl.kubernetes.io/restartedAt"
Target = tuple["Kind", str, str]


@verb(
    "kubectl rollout status", "Wait until a rollout is through", aliases=("k rollout status",),
    arguments=(OBJECTS,),
    flags=(
        *COMMON, *GIVEN, SELECTOR,
        Flag(("--timeout",), "how long to wait at most", text("duration")),
        Flag(("-w", "--watch"), "wait for its end (default); --watch=false does not",
             default=True),
    ),
    examples=("kubectl rollout status deploy/web",),
)  # fmt: skip
def rollout_status(session: Session, call: Call) -> Iterable[str]:
    """Print what it waits for whenever that changes."""
    cluster = cluster_of(session, call)
    limit = parse_duration(call["timeout"]) if call["timeout"] else LONGEST_S
    end = session.world.now + (limit or LONGEST_S)
    for target in targets(session, call, cluster, call["TYPE"]):
        _follow(session, call, cluster, target, end)
    return []


def _follow(session: Session, call: Call, cluster: Cluster, target: Target, end: float) -> None:
    said = ""
    while True:
        text_, over = progress(cluster, target)
        if text_ != said:
            session.say([text_])
            said = text_
        if over or not call["watch"]:
            return
        if not until(session, partial(_is_other, cluster, target, text_), end):
            raise KubectlError("error: timed out waiting for the condition")


def _is_other(cluster: Cluster, target: Target, said: str) -> bool:
    return progress(cluster, target)[0] != said


def _sets(cluster: Cluster, uid: str) -> list[Any]:
    from simulator.cluster.kubernetes.controllers.histories import revision
    from simulator.cluster.kubernetes.objects.workloads import ReplicaSet

    return sorted(cluster.store.owned(ReplicaSet, uid).values(), key=revision)


@verb("kubectl rollout history", "Show the revisions of a Deployment",
      aliases=("k rollout history",), arguments=(OBJECTS,),
      flags=(*COMMON, *GIVEN, Flag(("--revision",), "one in full", integer("n", 0, 1 << 30))),
      examples=("kubectl rollout history deploy/web",))  # fmt: skip
def rollout_history(session: Session, call: Call) -> Iterable[str]:
    """Revisions with their causes."""
    from simulator.shell.kubectl.describing_pods import template as described
    from simulator.shell.kubectl.printers import aligned
    from simulator.shell.kubectl.tabs import tabbed

    cluster = cluster_of(session, call)
    lines: list[str] = []
    for target in targets(session, call, cluster, call["TYPE"]):
        kind, _, name = target
        if call["revision"]:
            lines.append(f"{kind.title}/{name} with revision #{call['revision']}")
            lines += tabbed(described(_template(cluster, target, call["revision"])))
        else:
            lines += [f"{kind.title}/{name} ", *aligned(_causes(cluster, target))]
    return lines


def _template(cluster: Cluster, target: Target, wanted: int) -> Any:
    kind, namespace, name = target
    uid = one_of(cluster, kind, namespace, name).meta.uid
    if kind.kind in revisions.KINDS:
        return revisions.template(cluster, uid, wanted)
    for one in _sets(cluster, uid):
        if one.meta.annotations.get(REVISION) == str(wanted):
            return one.data["spec"]["template"]
    raise KubectlError("error: unable to find the specified revision")


def _causes(cluster: Cluster, target: Target) -> list[tuple[str, ...]]:
    kind, namespace, name = target
    uid = one_of(cluster, kind, namespace, name).meta.uid
    rows: list[tuple[str, ...]] = [("REVISION", "CHANGE-CAUSE")]
    if kind.kind in revisions.KINDS:
        rows += revisions.rows(cluster, uid)
    rows += [
        (e.meta.annotations.get(REVISION, ""), e.meta.annotations.get(revisions.CAUSE, "<none>"))
        for e in _sets(cluster, uid)
    ]
    return rows


@verb("kubectl rollout undo", "Go back to an earlier revision", aliases=("k rollout undo",),
      arguments=(OBJECTS,),
      flags=(*COMMON, *GIVEN, SELECTOR, *SHOWN,
             Flag(("--to-revision",), "which (default: the one before)",
                  integer("n", 0, 1 << 30))),
      examples=("kubectl rollout undo deploy/web",))  # fmt: skip
def rollout_undo(session: Session, call: Call) -> Iterable[str]:
    """Put the template of an earlier ReplicaSet back."""
    writer = Writer(session, call)
    cluster = writer.cluster
    for target in targets(session, call, cluster, call["TYPE"]):
        kind, namespace, name = target
        one = one_of(cluster, kind, namespace, name)
        if kind.kind not in ("Deployment", *revisions.KINDS):
            raise KubectlError(f"error: no rollbacker has been implemented for {kind.kind}")
        if kind.kind == "Deployment":
            chosen = _earlier(_sets(cluster, one.meta.uid), call["to_revision"])
            template = dict(chosen.data["spec"]["template"])
        else:
            template = revisions.template(cluster, one.meta.uid, call["to_revision"])
        meta = dict(template.get("metadata", {}))
        meta["labels"] = {k: v for k, v in meta.get("labels", {}).items() if k != HASH}
        template["metadata"] = meta
        change = [{"op": "replace", "path": "/spec/template", "value": template}]
        word = patched(writer.at, cluster, target, change, "json")
        said = (
            "skipped rollback (current template already matches)"
            if "no change" in word
            else ("rolled back")
        )
        writer.say(target, said)
    return []


def _earlier(sets: list[Any], wanted: int | None) -> Any:
    if wanted:
        found = [one for one in sets if one.meta.annotations.get(REVISION) == str(wanted)]
        if not found:
            raise KubectlError(f"error: unable to find specified revision {wanted} in history")
        return found[0]
    if len(sets) < 2:
        raise KubectlError("error: no rollout history found for deployment")
    return sets[-2]


def _switch(session: Session, call: Call, make: Any, word: str) -> list[str]:
    writer = Writer(session, call)
    cluster = writer.cluster
    for target in targets(session, call, cluster, call["TYPE"]):
        kind, namespace, name = target
        try:
            one_of(cluster, kind, namespace, name)
            done = patched(writer.at, cluster, target, make(), "merge")
            writer.say(target, f"already {word}" if "no change" in done else word)
        except DrydockError as error:
            session.fail(call, error)
    return []


@verb(
    "kubectl rollout pause",
    "Hold a rollout",
    aliases=("k rollout pause",),
    arguments=(OBJECTS,),
    flags=(*COMMON, *GIVEN, SELECTOR, PRINT),
    examples=("kubectl rollout pause deploy/web",),
)
def rollout_pause(session: Session, call: Call) -> Iterable[str]:
    """No new pods of a changed template."""
    return _switch(session, call, lambda: {"spec": {"paused": True}}, "paused")


@verb(
    "kubectl rollout resume",
    "Go on with a rollout",
    aliases=("k rollout resume",),
    arguments=(OBJECTS,),
    flags=(*COMMON, *GIVEN, SELECTOR, PRINT),
    examples=("kubectl rollout resume deploy/web",),
)
def rollout_resume(session: Session, call: Call) -> Iterable[str]:
    """The opposite of pause."""
    return _switch(session, call, lambda: {"spec": {"paused": None}}, "resumed")


@verb(
    "kubectl rollout restart",
    "Replace all pods by new ones",
    aliases=("k rollout restart",),
    arguments=(OBJECTS,),
    flags=(*COMMON, *GIVEN, SELECTOR, PRINT),
    examples=("kubectl rollout restart deploy/web",),
)
def rollout_restart(session: Session, call: Call) -> Iterable[str]:
    """Another annotation of the template, so another revision."""
    from simulator.cluster.kubernetes.api.times import stamp

    when = stamp(session.world.now)
    note = {"metadata": {"annotations": {RESTARTED: when}}}
    return _switch(session, call, lambda: {"spec": {"template": note}}, "restarted")
