"""``why pod/NAME``: how its containers are, and what the scheduler thinks of every node for it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from simulator.cluster.kubernetes.objects.pod import ContainerStatus, Pod
from simulator.shell.kubectl.pod_words import ready_of, status_of
from simulator.shell.kubectl.why.words import amount, changes, conditions, since
from simulator.shell.tables import columns
from simulator.units import counted

if TYPE_CHECKING:
    from simulator.cluster.kubernetes.cluster import Cluster
    from simulator.cluster.kubernetes.scheduler.explaining import Explanation, NodeView

SHOWN = 12
"""Nodes whose scores are shown one by one."""


def lines(cluster: Cluster, pod: Pod) -> Iterator[str]:
    """All that is known of a pod."""
    where = f"on {pod.node}" if pod.node else "on no node"
    yield f"pod {pod.name} ({pod.namespace}): {status_of(pod)} {where}, {ready_of(pod)} ready"
    if pod.status.reason:
        yield f"  {pod.status.reason}: {pod.status.message}"
    yield f"  asks for {_asks(pod)}; class {pod.template.qos}, priority {pod.priority}"
    yield from _containers(cluster, pod)
    yield from _readiness(cluster, pod)
    if pod.deleting:
        yield f"  on its way out {since(cluster.sim.now, pod.meta.deleting_since or 0.0)}"
    if not pod.status.over:
        yield from _placing(cluster, pod)


def _asks(pod: Pod) -> str:
    asked = pod.requests
    found = [("cpu", asked.cpu_millis), ("memory", asked.memory_bytes),
             ("ephemeral-storage", asked.ephemeral_bytes), *asked.extended]  # fmt: skip
    return ", ".join(amount(name, value) for name, value in found if value) or "nothing"


# --- containers -----------------------------------------------------------------------------------


def _containers(cluster: Cluster, pod: Pod) -> Iterator[str]:
    for one in (*pod.status.init_containers, *pod.status.containers):
        yield f"  container {one.name}: {_state(cluster, one)}"
        if one.last is not None:
            again = f" after {counted(one.restarts, 'restart')}" if one.restarts else ""
            yield (
                f"    the run before ended with exit code {one.last.exit_code}"
                f" ({one.last.reason or 'no reason'}){again}"
            )


def _state(cluster: Cluster, one: ContainerStatus) -> str:
    if one.running_since is not None:
        ready = "ready" if one.ready else "not ready" if one.started else "not started up"
        return f"running {since(cluster.sim.now, one.running_since)}, {ready}"
    if one.ended is not None:
        return f"ended with exit code {one.ended.exit_code} ({one.ended.reason})"
    return f"waiting: {one.waiting}" + (f", {one.message}" if one.message else "")


def _readiness(cluster: Cluster, pod: Pod) -> Iterator[str]:
    status = pod.status
    if status.ready_since is not None:
        yield f"  ready {since(cluster.sim.now, status.ready_since)}: its Services may send to it"
    elif pod.node and not status.over:
        because = f": {status.unready_reason}" if status.unready_reason else ""
        yield f"  not ready: no Service sends to it{because}"
    yield from conditions(status.conditions)


# --- nodes ----------------------------------------------------------------------------------------


def _placing(cluster: Cluster, pod: Pod) -> Iterator[str]:
    found = cluster.scheduler.explain(pod)
    if not pod.node:
        yield from _queue(cluster, pod)
    if found.gates:
        yield f"  not tried before these scheduling gates are gone: {', '.join(found.gates)}"
    if found.problem:
        yield f"  fits nowhere, whatever the nodes: {found.problem}"
    fitting = [one for one in found if one.fits]
    asked = "if it were placed now" if pod.node else "now"
    yield f"scheduler, {asked}: {len(fitting)} of {counted(len(found), 'node')} would take it"
    if found.filters:
        yield f"  filters that concern it: {', '.join(found.filters)}"
    yield from _scores(found, fitting, pod.node)
    yield from _refusals(found)
    yield from _autoscaler(cluster, pod)


def _queue(cluster: Cluster, pod: Pod) -> Iterator[str]:
    status = pod.status
    waiting = cluster.scheduler.pending.pods.get(pod.key)
    if waiting is not None:
        yield (
            f"  tried {counted(waiting.attempts, 'time')}, "
            f"waits {since(cluster.sim.now, pod.meta.created)}"
        )
    if status.unschedulable:
        yield f"  {status.unschedulable_reason}: {status.unschedulable}"
    place = cluster.scheduler.reserved.node_of(pod.key)
    if place:
        yield f"  room is kept on {place}: it comes there when its claims have their volumes"
    if status.nominated_node:
        yield f"  is to come to {status.nominated_node}, when less important pods have left it"


def _scores(found: Explanation, fitting: Sequence[NodeView], home: str) -> Iterator[str]:
    if not fitting:
        return
    best = found.best
    ranked = sorted(fitting, key=lambda one: -one.total)
    shown = ranked[:SHOWN] + [one for one in ranked[SHOWN:] if one.node == home]
    plugins = list(dict.fromkeys(each.plugin for one in shown for each in one.scores))
    rows = [_row(one, plugins, best, home) for one in shown]
    heads = ("  NODE", "TOTAL", *plugins)
    yield from columns(heads, rows)
    if len(ranked) > len(shown):
        yield f"  and {counted(len(ranked) - len(shown), 'node')} with no more than that"
    if len(best) > 1:
        yield f"  {len(best)} nodes have the highest total: one of them is drawn"


def _row(one: NodeView, plugins: Sequence[str], best: Sequence[str], home: str) -> tuple[str, ...]:
    cells = {each.plugin: f"{each.score} x{each.weight}" for each in one.scores}
    mark = " (here)" if one.node == home else " *" if one.node in best else ""
    return (f"  {one.node}{mark}", str(one.total), *(cells.get(name, "-") for name in plugins))


def _refusals(found: Explanation) -> Iterator[str]:
    """Nodes that are refused alike are told of together: who, how many, what would help."""
    alike: Counter[tuple[str, str, str]] = Counter()
    example: dict[tuple[str, str, str], str] = {}
    for one in found:
        refusals = one.refusals or ((one.beside,) if one.beside is not None else ())
        for refused in refusals:
            key = refused.plugin, ", ".join(refused.reasons), changes(refused)
            alike[key] += 1
            example.setdefault(key, one.node)
    for (plugin, reasons, helps), count in alike.most_common(SHOWN):
        who = example[plugin, reasons, helps] if count == 1 else counted(count, "node")
        yield f"  {who}: {plugin}: {reasons}" + (f"; would need {helps}" if helps else "")
    if len(alike) > SHOWN:
        yield f"  and {counted(len(alike) - SHOWN, 'other reason')}"


def _autoscaler(cluster: Cluster, pod: Pod) -> Iterator[str]:
    """What the cluster autoscaler makes of a pod that waits."""
    if pod.node or cluster.node_autoscaler is None:
        return
    last = cluster.node_autoscaler.last
    if last is None:
        yield "  cluster autoscaler: has not looked at it yet (it looks every 10 s)"
        return
    reasons = _reasons(cluster, pod, last.reasons)
    if reasons:
        yield f"  cluster autoscaler: no group helps: {'; '.join(reasons)}"
    elif last.chosen:
        yield f"  cluster autoscaler: ordered {counted(last.nodes, 'node')} of {last.chosen}"


def _reasons(cluster: Cluster, pod: Pod, known: Mapping[str, tuple[str, ...]]) -> tuple[str, ...]:
    """Why no group helps a pod: it is asked once for all that are alike."""
    for name, why in known.items():
        other = cluster.store.get(Pod, pod.namespace, name)
        if name == pod.name or (other is not None and other.template is pod.template):
            return why
    return ()
