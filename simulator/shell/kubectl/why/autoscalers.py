"""``why hpa/NAME``: metric, ratio, missing and unready pods, tolerance, stabilisation, limit."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from simulator.cluster.kubernetes.objects.autoscaling import HorizontalPodAutoscaler
from simulator.shell.kubectl.printers import metric_texts
from simulator.shell.kubectl.why.words import conditions, since
from simulator.units import counted

if TYPE_CHECKING:
    from simulator.cluster.kubernetes.autoscaling.horizontal import Trace
    from simulator.cluster.kubernetes.autoscaling.replicas import Wish
    from simulator.cluster.kubernetes.cluster import Cluster

HELD = {
    "tolerance": "within the tolerance: the number stays",
    "recount": "with missing and unready pods counted in, it would go the other way: it stays",
    "direction": "would go against the metric's own direction: it stays",
}
LIMITS = {
    "ScaleUpLimit": "held by how fast it may grow",
    "ScaleDownLimit": "held by how fast it may shrink",
    "TooManyReplicas": "held by maxReplicas",
    "TooFewReplicas": "held by minReplicas",
    "DesiredWithinRange": "no limit held it",
}


def lines(cluster: Cluster, one: HorizontalPodAutoscaler) -> Iterator[str]:
    """The last decision, step by step."""
    memory = cluster.autoscalers.memories.get(one.key)
    return told(one, memory.trace if memory is not None else None, cluster.sim.now)


def told(one: HorizontalPodAutoscaler, trace: Trace | None, now: float) -> Iterator[str]:
    """The same of an autoscaler whose last decision is at hand."""
    target, spec = one.spec.scale_target_ref, one.spec
    yield (
        f"autoscaler {one.name}: {target.kind}/{target.name} has {one.status.current_replicas}, "
        f"wants {one.status.desired_replicas} ({spec.min_replicas} to {spec.max_replicas})"
    )
    for said in metric_texts(one):
        yield f"  metric {said}"
    if trace is None:
        yield "  has not decided by a metric yet; it looks every 15 s"
    else:
        yield from _decided(trace, now)
    if one.status.last_scale is not None:
        yield f"  scaled last {since(now, one.status.last_scale)[4:]} ago"
    yield from conditions(one.status.conditions)


def _decided(trace: Trace, now: float) -> Iterator[str]:
    yield f"decision {since(now, trace.time)[4:]} ago, at {counted(trace.current, 'replica')}:"
    for name, wish in trace.wishes:
        yield f"  {name}: {_measured(wish)}, so {counted(wish.replicas, 'replica')}"
        yield from _recounted(wish)
    for name, why in trace.failed:
        yield f"  {name}: cannot be had: {why}"
    if len(trace.wishes) > 1:
        yield f"  the largest wish counts: {trace.desired}"
    if trace.stabilized != trace.desired:
        way = "highest" if trace.stabilized > trace.desired else "lowest"
        yield f"  stabilisation: the {way} wish of its window counts, {trace.stabilized}"
    yield f"  result: {trace.result}, {LIMITS.get(trace.limit, trace.limit)}"


def _measured(wish: Wish) -> str:
    found = [f"ratio {wish.ratio:.3f}"]
    if wish.utilization is not None:
        found.insert(0, f"{wish.utilization}% of what is requested")
    elif wish.average is not None:
        found.insert(0, f"{wish.average:g} a pod")
    return ", ".join(found)


def _recounted(wish: Wish) -> Iterator[str]:
    if wish.missing:
        yield f"    without metrics: {_names(wish.missing)}"
    if wish.unready:
        yield f"    not ready, or too young for their CPU to count: {_names(wish.unready)}"
    if wish.recounted is not None:
        yield f"    with these counted in the ratio is {wish.recounted:.3f}"
    if wish.held:
        yield f"    {HELD.get(wish.held, wish.held)}"


def _names(pods: Sequence[str]) -> str:
    shown = ", ".join(pods[:3])
    return shown if len(pods) <= 3 else f"{shown} and {len(pods) - 3} more"
