"""Rows of the cluster pane that go deeper: containers, events, who waits for a node, contexts."""

from __future__ import annotations

from typing import TYPE_CHECKING

from simulator.cluster.kubernetes.api.times import age
from simulator.look.cluster_facts import ContainerFacts, ContextFacts, QueueFacts
from simulator.tui.glyphs import glyphs
from simulator.tui.rows import cores_text, memory_text
from simulator.tui.widgets.ink import Line, fit, squeezed
from simulator.units import counted, format_binary_bytes

if TYPE_CHECKING:
    from simulator.cluster.kubernetes.objects.pod import ContainerStatus
    from simulator.cluster.kubernetes.recorder import Event

STATE = 19
REASON = 18
"""Cells of the reason of an event."""
SHORT = {"Deployment": "deploy", "StatefulSet": "sts", "DaemonSet": "ds", "Job": "job",
         "ReplicaSet": "rs", "ReplicationController": "rc",
         "HorizontalPodAutoscaler": "hpa"}  # fmt: skip
QUEUES = {
    "active": "to be tried now",
    "backoff": "tried again after a pause",
    "unschedulable": "until something changes",
}


def container_line(one: ContainerFacts, names: int, now: float) -> Line:
    """Its state, restarts, what it uses of what it may, its image."""
    signs = glyphs()
    word, glyph, role = _state(one.status)
    restarts = one.status.restarts if one.status is not None else 0
    cores, held = one.used if one.used is not None else (None, None)
    return (
        (fit(one.name, names, signs.ellipsis), "plain"), (" ", "plain"),
        (fit(f"{glyph} {word}", STATE, signs.ellipsis), role), (" ", "plain"),
        (fit(one.role, 9), "dim"), (" ", "plain"),
        (fit(str(restarts), 8), "plain" if restarts == 0 else "warn"), (" ", "plain"),
        (fit(_use(cores, one.cpu_asked, one.cpu_limit), 15), "plain"), (" ", "plain"),
        (fit(_held(held, one.memory_limit or one.memory_asked), 15), "plain"), (" ", "plain"),
        (one.image, "dim"),
    )  # fmt: skip


def _state(status: ContainerStatus | None) -> tuple[str, str, str]:
    """A word, a sign and an ink."""
    signs = glyphs()
    if status is None:
        return "not created", signs.idle, "dim"
    if status.running_since is not None:
        if status.ready:
            return "running", signs.ok, "good"
        return "running, not ready", signs.pending, "warn"
    if status.ended is not None:
        word = status.ended.reason or f"exit {status.ended.exit_code}"
        return (
            (word, signs.ended, "dim") if status.ended.exit_code == 0 else (word, signs.bad, "bad")
        )
    bad = "Back" in status.waiting or "Err" in status.waiting
    return (
        status.waiting or "waiting",
        signs.bad if bad else signs.pending,
        "bad" if bad else "warn",
    )


def _use(cores: float | None, asked: int, limit: int) -> str:
    of = limit or asked
    if cores is None:
        return f"?/{of / 1000:g}" if of else "?"
    return cores_text(cores, of / 1000) if of else f"{cores:.2f}"


def _held(held: float | None, of: int) -> str:
    if held is None:
        return f"?/{format_binary_bytes(of)}" if of else "?"
    return memory_text(held, of) if of else format_binary_bytes(int(held))


def event_line(one: Event, names: int, now: float) -> Line:
    """When, a sign for a warning, why, of what, in words; how often."""
    signs = glyphs()
    warning = one.type == "Warning"
    role = "warn" if warning else "plain"
    often = f" (x{one.count})" if one.count > 1 else ""
    return (
        (age(now - one.last).rjust(6), "dim"), (" ", "plain"),
        (f"{signs.warn if warning else signs.dot} ", role),
        (fit(one.reason, REASON, signs.ellipsis), role), (" ", "plain"),
        (squeezed(object_of(one), names, signs.ellipsis), "plain"),
        (f" {one.message}{often}", role),
    )  # fmt: skip


def object_of(one: Event) -> str:
    """What an event is about, in short: ``pod/web-0``."""
    kind = SHORT.get(one.kind, one.kind.lower())
    return (
        f"{kind}/{one.name if one.namespace in ('', 'default') else f'{one.namespace}/{one.name}'}"
    )


def queue_line(one: QueueFacts) -> Line:
    """How many pods wait for the same, and where they wait."""
    signs = glyphs()
    stuck = one.queue == "unschedulable"
    example = f", as {one.example}" if one.example and one.count > 1 else ""
    if one.example and one.count == 1:
        example = f": {one.example}"
    return (
        (f"{signs.warn if stuck else signs.pending} {counted(one.count, 'pod')} {one.queue}",
         "warn" if stuck else "accent"),
        (f": {one.reason}", "plain"),
        (f"  ({QUEUES[one.queue]}{example})", "dim"),
    )  # fmt: skip


def context_line(one: ContextFacts, names: int) -> Line:
    """A cluster or swarm that could be shown."""
    signs = glyphs()
    return (
        (fit(one.name, names, signs.ellipsis), "title"),
        (f" {signs.ok if one.shown else signs.idle} {'shown' if one.shown else 'other'}  ",
         "good" if one.shown else "dim"),
        (f"{one.kind}, {counted(one.nodes, 'node')}", "dim"),
    )  # fmt: skip
