"""``kubectl rollout``, ``wait``, ``drain``: what takes time, and is waited for."""

from __future__ import annotations

from collections.abc import Iterable
from functools import partial
from typing import TYPE_CHECKING, Any

from simulator.errors import DrydockError
from simulator.shell.grammar import Argument, Call, Flag
from simulator.shell.kinds import integer, text
from simulator.shell.kubectl import revisions
from simulator.shell.kubectl.changing import cordon_one, patched, targets
from simulator.shell.kubectl.target import (
    COMMON,
    SELECTOR,
    KubectlError,
    cluster_of,
    one_of,
    sent,
    until,
)
from simulator.shell.registry import verb
from simulator.units import format_span, parse_duration
from simulator.world.cluster_commands import ApiRequest

if TYPE_CHECKING:
    from simulator.cluster.kubernetes.api.kinds import Kind
    from simulator.cluster.kubernetes.cluster import Cluster
    from simulator.shell.session import Session

_OBJECTS = Argument("TYPE", text("type or type/name"), "what, and names", repeat=True)
LONGEST_S = 86_400.0
STEP_S = 0.25
REVISION = "deployment.kubernetes.io/revision"
HASH = "pod-template-hash"
RESTARTED = "kubectl.kubernetes.io/restartedAt"
Target = tuple["Kind", str, str]


# --- rollout --------------------------------------------------------------------------------------


@verb(
    "kubectl rollout status", "Wait until a rollout is through", aliases=("k rollout status",),
    arguments=(_OBJECTS,),
    flags=(
        *COMMON, SELECTOR,
        Flag(("--timeout",), "how long to wait at most", text("duration")),
        Flag(("-w", "--watch"), "wait for its end (default); --watch=false does not",
             text("true or false")),
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
        text_, over = _progress(cluster, target)
        if text_ != said:
            session.say([text_])
            said = text_
        if over or call["watch"] == "false":
            return
        if not until(session, partial(_is_other, cluster, target, text_), end):
            raise KubectlError("error: timed out waiting for the condition")


def _is_other(cluster: Cluster, target: Target, said: str) -> bool:
    return _progress(cluster, target)[0] != said


def _progress(cluster: Cluster, target: Target) -> tuple[str, bool]:
    """What a rollout waits for, and whether it is through (``rollout_status.go``)."""
    kind, namespace, name = target
    one: Any = one_of(cluster, kind, namespace, name)
    if kind.kind == "Deployment":
        return _of_deployment(one, name)
    if kind.kind == "StatefulSet":
        return _of_stateful_set(one)
    if kind.kind == "DaemonSet":
        return _of_daemon_set(one, name)
    raise KubectlError(f"error: no status viewer has been implemented for {kind.kind}")


def _of_deployment(one: Any, name: str) -> tuple[str, bool]:
    status, wanted = one.status, one.spec.replicas
    waiting = f'Waiting for deployment "{name}" rollout to finish: '
    if one.meta.generation > status.observed_generation:
        return "Waiting for deployment spec update to be observed...", False
    if any(each.reason == "ProgressDeadlineExceeded" for each in status.conditions):
        raise KubectlError(f'error: deployment "{name}" exceeded its progress deadline')
    if status.updated_replicas < wanted:
        fresh = f"{status.updated_replicas} out of {wanted} new replicas have been updated..."
        return waiting + fresh, False
    if status.replicas > status.updated_replicas:
        old = status.replicas - status.updated_replicas
        return f"{waiting}{old} old replicas are pending termination...", False
    if status.available_replicas < status.updated_replicas:
        now = f"{status.available_replicas} of {status.updated_replicas}"
        return f"{waiting}{now} updated replicas are available...", False
    return f'deployment "{name}" successfully rolled out', True


def _of_stateful_set(one: Any) -> tuple[str, bool]:
    status, spec = one.status, one.spec
    if one.meta.generation > status.observed_generation:
        return "Waiting for statefulset spec update to be observed...", False
    if status.ready_replicas < spec.replicas:
        return f"Waiting for {spec.replicas - status.ready_replicas} pods to be ready...", False
    if status.update_revision != status.current_revision:
        text_ = (
            f"waiting for statefulset rolling update to complete {status.updated_replicas} pods at "
            f"revision {status.update_revision}..."
        )
        return text_, False
    text_ = (
        f"statefulset rolling update complete {status.current_replicas} pods at revision "
        f"{status.current_revision}..."
    )
    return text_, True


def _of_daemon_set(one: Any, name: str) -> tuple[str, bool]:
    status, wanted = one.status, one.status.desired_number_scheduled
    waiting = f'Waiting for daemon set "{name}" rollout to finish: '
    if one.meta.generation > status.observed_generation:
        return "Waiting for daemon set spec update to be observed...", False
    if status.updated_number_scheduled < wanted:
        fresh = f"{status.updated_number_scheduled} out of {wanted} new pods have been updated..."
        return waiting + fresh, False
    if status.number_available < wanted:
        now = f"{status.number_available} of {wanted} updated pods are available..."
        return waiting + now, False
    return f'daemon set "{name}" successfully rolled out', True


def _sets(cluster: Cluster, uid: str) -> list[Any]:
    from simulator.cluster.kubernetes.controllers.histories import revision
    from simulator.cluster.kubernetes.objects.workloads import ReplicaSet

    return sorted(cluster.store.owned(ReplicaSet, uid).values(), key=revision)


@verb("kubectl rollout history", "Show the revisions of a Deployment",
      aliases=("k rollout history",), arguments=(_OBJECTS,),
      flags=(*COMMON, Flag(("--revision",), "one in full", integer("n", 0, 1 << 30))),
      examples=("kubectl rollout history deploy/web",))  # fmt: skip
def rollout_history(session: Session, call: Call) -> Iterable[str]:
    """Revisions with their causes."""
    from simulator.shell.kubectl.getting import yaml_lines
    from simulator.shell.kubectl.printers import aligned

    cluster = cluster_of(session, call)
    lines: list[str] = []
    for kind, namespace, name in targets(session, call, cluster, call["TYPE"]):
        sets = _sets(cluster, one_of(cluster, kind, namespace, name).meta.uid)
        lines.append(f"{kind.title}/{name} ")
        wanted = call["revision"]
        if wanted and kind.kind in revisions.KINDS:
            uid = one_of(cluster, kind, namespace, name).meta.uid
            shown = yaml_lines(revisions.template(cluster, uid, wanted))
            lines[-1] = f"{kind.title}/{name} with revision #{wanted}"
            lines += ["Pod Template:", *("  " + e for e in shown)]
            continue
        if wanted:
            one = next((e for e in sets if e.meta.annotations.get(REVISION) == str(wanted)), None)
            if one is None:
                raise KubectlError("error: unable to find the specified revision")
            lines[-1] = f"{kind.title}/{name} with revision #{wanted}"
            lines += [
                "Pod Template:",
                *("  " + e for e in yaml_lines(one.data["spec"]["template"])),
            ]
            continue
        cause = "kubernetes.io/change-cause"
        rows: list[tuple[str, ...]] = [("REVISION", "CHANGE-CAUSE")]
        if kind.kind in revisions.KINDS:
            uid = one_of(cluster, kind, namespace, name).meta.uid
            rows += revisions.rows(cluster, uid)
        rows += [
            (e.meta.annotations.get(REVISION, ""), e.meta.annotations.get(cause, "<none>"))
            for e in sets
        ]
        lines += aligned(rows)
    return lines


@verb("kubectl rollout undo", "Go back to an earlier revision", aliases=("k rollout undo",),
      arguments=(_OBJECTS,),
      flags=(*COMMON, Flag(("--to-revision",), "which (default: the one before)",
                           integer("n", 0, 1 << 30))),
      examples=("kubectl rollout undo deploy/web",), known="--dry-run -o -f")  # fmt: skip
def rollout_undo(session: Session, call: Call) -> Iterable[str]:
    """Put the template of an earlier ReplicaSet back."""
    cluster = cluster_of(session, call)
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
        word = patched(session, cluster, target, change, "json")
        said = (
            "skipped rollback (current template already matches)"
            if "no change" in word
            else ("rolled back")
        )
        session.say([f"{kind.title}/{name} {said}"])
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
    cluster = cluster_of(session, call)
    for target in targets(session, call, cluster, call["TYPE"]):
        kind, namespace, name = target
        try:
            one_of(cluster, kind, namespace, name)
            done = patched(session, cluster, target, make(), "merge")
            session.say([f"{kind.title}/{name} {'already ' if 'no change' in done else ''}{word}"])
        except DrydockError as error:
            session.fail(call, error)
    return []


@verb(
    "kubectl rollout pause",
    "Hold a rollout",
    aliases=("k rollout pause",),
    arguments=(_OBJECTS,),
    flags=COMMON,
    examples=("kubectl rollout pause deploy/web",),
)
def rollout_pause(session: Session, call: Call) -> Iterable[str]:
    """No new pods of a changed template."""
    return _switch(session, call, lambda: {"spec": {"paused": True}}, "paused")


@verb(
    "kubectl rollout resume",
    "Go on with a rollout",
    aliases=("k rollout resume",),
    arguments=(_OBJECTS,),
    flags=COMMON,
    examples=("kubectl rollout resume deploy/web",),
)
def rollout_resume(session: Session, call: Call) -> Iterable[str]:
    """The opposite of pause."""
    return _switch(session, call, lambda: {"spec": {"paused": None}}, "resumed")


@verb(
    "kubectl rollout restart",
    "Replace all pods by new ones",
    aliases=("k rollout restart",),
    arguments=(_OBJECTS,),
    flags=COMMON,
    examples=("kubectl rollout restart deploy/web",),
)
def rollout_restart(session: Session, call: Call) -> Iterable[str]:
    """Another annotation of the template, so another revision."""
    from simulator.cluster.kubernetes.api.times import stamp

    when = stamp(session.world.now)
    note = {"metadata": {"annotations": {RESTARTED: when}}}
    return _switch(session, call, lambda: {"spec": {"template": note}}, "restarted")


# --- wait -----------------------------------------------------------------------------------------


@verb(
    "kubectl wait", "Wait for a condition of objects", aliases=("k wait",),
    arguments=(_OBJECTS,),
    flags=(
        *COMMON, SELECTOR, Flag(("--all",), "all of the type"),
        Flag(("--for",), "condition=NAME[=VALUE], delete, create, jsonpath={…}=VALUE",
             text("what")),
        Flag(("--timeout",), "how long (default 30s)", text("duration")),
    ),
    examples=("kubectl wait --for=condition=Ready pod/web-0 --timeout=60s",
              "kubectl wait --for=delete pod -l app=slow --timeout=60s"),
)  # fmt: skip
def wait(session: Session, call: Call) -> Iterable[str]:
    """Each object in turn, within one time."""
    cluster = cluster_of(session, call)
    if not call["for"]:
        raise KubectlError("error: Must specify --for")
    end = session.world.now + parse_duration(call["timeout"] or "30s")
    found = targets(session, call, cluster, call["TYPE"])
    if not found:
        raise KubectlError("error: no matching resources found")
    gone = call["for"] == "delete"
    for target in found:
        kind, namespace, name = target
        if not gone:
            one_of(cluster, kind, namespace, name)
        if until(session, partial(_meets, cluster, target, call["for"]), end):
            shown = f"{kind.title}/{name}"
            session.say([f"{shown} condition met"])
        else:
            error = KubectlError(
                f"error: timed out waiting for the condition on {kind.plural}/{name}"
            )
            session.fail(call, error)
    return []


def _meets(cluster: Cluster, target: Target, wanted: str) -> bool:
    from simulator.cluster.kubernetes.data import as_data

    kind, namespace, name = target
    one = cluster.store.find(kind.kind, namespace, name)
    if wanted == "delete":
        return one is None
    if wanted == "create":
        return one is not None
    if one is None:
        return False
    word, _, rest = wanted.partition("=")
    if word == "condition":
        condition, _, value = rest.partition("=")
        said = as_data(one).get("status", {}).get("conditions", [])
        value = value or "True"
        return any(
            str(each.get("type")).lower() == condition.lower()
            and str(each.get("status")).lower() == value.lower()
            for each in said
        )
    if word == "jsonpath":
        from simulator.shell.kubectl.jsonpath import expand

        path, brace, value = rest.partition("}")
        shown = expand(as_data(one), path + brace)
        value = value.removeprefix("=").strip("'\"")
        return shown == value if value else bool(shown)
    raise KubectlError(f'error: unrecognized condition: "{wanted}"')


# --- drain ----------------------------------------------------------------------------------------

RETRY_S = 5.0
MIRROR = "kubernetes.io/config.mirror"


@verb(
    "kubectl drain", "Move all pods off a node", aliases=("k drain",),
    arguments=(Argument("NODE", text("node"), "which", repeat=True),),
    flags=(
        *COMMON, SELECTOR,
        Flag(("--ignore-daemonsets",), "leave pods of DaemonSets"),
        Flag(("--delete-emptydir-data",), "also pods that keep data in an emptyDir"),
        Flag(("--force",), "also pods that nobody makes anew"),
        Flag(("--grace-period",), "seconds until pods are killed", integer("seconds", -1, 1 << 31)),
        Flag(("--timeout",), "how long to try (default: for ever)", text("duration")),
        Flag(("--disable-eviction",), "delete instead of evicting: budgets do not count"),
    ),
    destructive=True,
    examples=("kubectl drain node-1 --ignore-daemonsets",),
    known="--pod-selector --dry-run --chunk-size --skip-wait-for-delete-timeout",
)  # fmt: skip
def drain(session: Session, call: Call) -> Iterable[str]:
    """Cordon, then evict; what a budget holds back is tried again every five seconds."""
    cluster = cluster_of(session, call)
    for word in call["NODE"]:
        name = word.removeprefix("node/")
        session.say([cordon_one(session, cluster, name, on=True)])
        _drain(session, call, cluster, name)
    return []


def _drain(session: Session, call: Call, cluster: Cluster, node: str) -> None:
    from simulator.cluster.kubernetes.objects.pod import Pod

    pods = [one for one in cluster.store.all(Pod) if one.node == node]
    goals, warned = _to_evict(call, node, pods)
    if warned:
        session.say([f"Warning: ignoring DaemonSet-managed Pods: {', '.join(warned)}"])
    limit = parse_duration(call["timeout"]) if call["timeout"] else 0.0
    end = session.world.now + (limit or LONGEST_S)
    left = {one.key: one.meta.uid for one in goals}
    for key in left:
        session.say([f"evicting pod {key[0]}/{key[1]}"])
    while left and session.world.now < end:
        _evict_all(session, call, cluster, left)
        if left:
            target = min(end, session.world.now + RETRY_S)
            until(session, lambda: False, target)
            if not session._going():
                return
    waiting = [one for one in goals if not _is_gone(cluster, one)]
    until(session, lambda: all(_is_gone(cluster, one) for one in waiting), end)
    if left or not all(_is_gone(cluster, one) for one in waiting):
        _gave_up(node, goals, limit)
    for one in goals:
        session.say([f"pod/{one.name} evicted"])
    session.say([f"node/{node} drained"])


def _is_gone(cluster: Cluster, pod: Any) -> bool:
    now = cluster.store.find("Pod", *pod.key)
    return now is None or now.meta.uid != pod.meta.uid


def _gave_up(node: str, goals: list[Any], limit: float) -> None:
    span = format_span(limit)
    why = f"global timeout reached: {span}"
    if goals:
        namespace, name = goals[0].key
        why = f'error when waiting for pod "{name}" in namespace "{namespace}" to terminate: {why}'
    raise KubectlError(
        f'error: unable to drain node "{node}" due to error: [{why}], continuing command...\n'
        f"There are pending nodes to be drained:\n {node}\n{why}"
    )


def _to_evict(call: Call, node: str, pods: list[Any]) -> tuple[list[Any], list[str]]:
    """The pods that go, and those of DaemonSets; refused where some may not."""
    goals, daemons, bare, local = [], [], [], []
    for one in pods:
        owner = one.meta.controller
        name = f"{one.namespace}/{one.name}"
        if owner is not None and owner.kind == "DaemonSet":
            daemons.append(name)
            continue
        if owner is None and not one.status.over:
            bare.append(name)
        if any(each.empty_dir is not None for each in one.spec.volumes):
            local.append(name)
        goals.append(one)
    wrong = []
    if daemons and not call["ignore_daemonsets"]:
        wrong.append("cannot delete DaemonSet-managed Pods (use --ignore-daemonsets to ignore): "
                     + ", ".join(daemons))  # fmt: skip
    if bare and not call["force"]:
        wrong.append("cannot delete cannot delete Pods that declare no controller (use --force to "
                     "override): " + ", ".join(bare))  # fmt: skip
    if local and not call["delete_emptydir_data"]:
        wrong.append("cannot delete Pods with local storage (use --delete-emptydir-data to "
                     "override): " + ", ".join(local))  # fmt: skip
    if wrong:
        said = wrong[0] if len(wrong) == 1 else f"[{', '.join(wrong)}]"
        raise KubectlError(
            f'error: unable to drain node "{node}" due to error: {said}, continuing command...\n'
            f"There are pending nodes to be drained:\n {node}\n{said}"
        )
    return goals, daemons


def _evict_all(
    session: Session, call: Call, cluster: Cluster, left: dict[tuple[str, str], str]
) -> None:
    grace = call["grace_period"]
    for key in list(left):
        request = ApiRequest(
            cluster=cluster.name, verb="delete" if call["disable_eviction"] else "evict",
            kind="Pod", namespace=key[0], name=key[1],
            grace_s=None if grace in (None, -1) else float(grace),
        )  # fmt: skip
        try:
            sent(session, request)
        except KubectlError as error:
            if "NotFound" in str(error):
                del left[key]
                continue
            if "(TooManyRequests)" not in str(error):
                raise  # waiting makes it no better
            text_ = str(error).partition(": ")[2]
            session.say([
                f'error when evicting pods/"{key[1]}" -n "{key[0]}" (will retry after 5s): {text_}'
            ])  # fmt: skip
            continue
        del left[key]
