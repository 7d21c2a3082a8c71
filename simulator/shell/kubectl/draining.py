"""``kubectl drain``: moving all pods off a node."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from simulator.shell.grammar import Argument, Call, Flag
from simulator.shell.kinds import integer, text
from simulator.shell.kubectl.nodes import cordon_one
from simulator.shell.kubectl.target import (
    COMMON,
    SELECTOR,
    KubectlError,
    sent,
    until,
)
from simulator.shell.kubectl.writing import DRY, ENDINGS, Writer
from simulator.shell.registry import verb
from simulator.units import format_span, parse_duration
from simulator.world.cluster_commands import ApiRequest

if TYPE_CHECKING:
    from simulator.cluster.kubernetes.cluster import Cluster
    from simulator.shell.session import Session


RETRY_S = 5.0
LONGEST_S = 86_400.0
MIRROR = "kubernetes.io/config.mirror"


@verb(
    "kubectl drain", "Move all pods off a node", aliases=("k drain",),
    arguments=(Argument("NODE", text("node"), "which", repeat=True),),
    flags=(
        *COMMON, SELECTOR, DRY,
        Flag(("--ignore-daemonsets",), "leave pods of DaemonSets"),
        Flag(("--delete-emptydir-data",), "also pods that keep data in an emptyDir"),
        Flag(("--force",), "also pods that nobody makes anew"),
        Flag(("--grace-period",), "seconds until pods are killed", integer("seconds", -1, 1 << 31)),
        Flag(("--timeout",), "how long to try (default: for ever)", text("duration")),
        Flag(("--disable-eviction",), "delete instead of evicting: budgets do not count"),
    ),
    destructive=True,
    examples=("kubectl drain node-1 --ignore-daemonsets",),
    known="--pod-selector --chunk-size --skip-wait-for-delete-timeout",
)  # fmt: skip
def drain(session: Session, call: Call) -> Iterable[str]:
    """Cordon, then evict; what a budget holds back is tried again every five seconds."""
    writer = Writer(session, call)
    for word in call["NODE"]:
        name = word.removeprefix("node/")
        cordon_one(writer, name, on=True)
        if writer.how == "none":
            _drain(session, call, writer.cluster, name)
        else:
            _would_drain(writer, call, name)
    return []


def _would_drain(writer: Writer, call: Call, node: str) -> None:
    """Tell which pods would be asked to go."""
    from simulator.cluster.kubernetes.objects.pod import Pod

    pods = [one for one in writer.cluster.store.all(Pod) if one.node == node]
    goals, warned = _to_evict(call, node, pods)
    if warned:
        writer.session.say([f"Warning: ignoring DaemonSet-managed Pods: {', '.join(warned)}"])
    ending = ENDINGS[writer.how]
    writer.session.say(f"evicting pod {one.namespace}/{one.name}{ending}" for one in goals)
    writer.session.say([f"node/{node} drained{ending}"])


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
