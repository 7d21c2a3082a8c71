"""The rows of the cluster pane as lines of text: nodes, workloads, autoscalers, Services, pods."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

from simulator.cluster.kubernetes.api.times import age
from simulator.cluster.kubernetes.recorder import Event
from simulator.look.cluster_facts import (
    SHADES,
    ClusterFacts,
    ContainerFacts,
    ContextFacts,
    NodeFacts,
    QueueFacts,
    ScalerFacts,
    ServiceFacts,
    WorkloadFacts,
)
from simulator.shell.kubectl.pod_words import ready_of, restarts_of, status_of
from simulator.tui.glyphs import bar, glyphs
from simulator.tui.widgets.cluster_parts import (
    REASON,
    SHORT,
    container_line,
    context_line,
    event_line,
    object_of,
    queue_line,
)
from simulator.tui.widgets.cluster_parts import STATE as CONTAINER_STATE
from simulator.tui.widgets.ink import Line, fit, squeezed
from simulator.units import counted

if TYPE_CHECKING:
    from simulator.cluster.kubernetes.objects.pod import Pod

STATE, LONG = 12, 17
"""Cells of a state, and of a pod's."""
MOST_NAME = 44
SPARK = 24
ALONE = "  a sign is a node: how much of it is asked for"
GOOD = ("Running", "Completed", "Succeeded")
LIMITS = {
    "TooManyReplicas": "held by max",
    "TooFewReplicas": "held by min",
    "ScaleUpLimit": "held: may not grow faster",
    "ScaleDownLimit": "held: may not shrink faster",
    "ScaleDownStabilized": "held by its window",
    "ScaleUpStabilized": "held by its window",
}


HEADS = {
    "events": f"   age {{warn}} {fit('reason', REASON)} {{object}} message",
    "containers": f"{{name}} {fit('state', CONTAINER_STATE)} {fit('kind', 9)} restarts "
                  f"{fit('CPU cores', 15)} {fit('memory', 15)} image",
    "queue": "pods without a node, where they wait, and why",
    "contexts": "{name}   clusters; enter shows one",
}  # fmt: skip


def line_of(row: Any, names: int, now: float) -> Line:
    """One row of whatever kind; nothing where the object is gone. ``names``: cells of a name."""
    if isinstance(row, NodeFacts):
        return node_line(row, names)
    if isinstance(row, WorkloadFacts):
        return workload_line(row, names)
    if isinstance(row, ScalerFacts):
        return scaler_line(row, names)
    if isinstance(row, ServiceFacts):
        return service_line(row, names)
    if isinstance(row, ContainerFacts):
        return container_line(row, names, now)
    if isinstance(row, QueueFacts):
        return queue_line(row)
    if isinstance(row, ContextFacts):
        return context_line(row, names)
    if isinstance(row, Event):
        return event_line(row, names, now)
    return pod_line(row, names, now) if row is not None else (("gone", "dim"),)


def heads(kind: str, names: int) -> str:
    """The names of the columns of a view."""
    if kind in HEADS:
        return HEADS[kind].format(
            name=fit("name", names), object=fit("object", names), warn=glyphs().warn
        )
    if kind == "pods":
        return f"{fit('pod', names)} {fit('state', LONG)} ready  restarts     age    node"
    if kind == "services":
        return f"{fit('service', names)} {fit('kind', STATE)} ready behind, address, ports"
    if kind == "autoscalers":
        return f"{fit('autoscaler', names)} {fit('replicas', STATE)} wishes, metric, what held it"
    if kind == "workloads":
        return f"{fit('workload', names)} {fit('state', STATE)} ready of wanted"
    return f"{fit('name', names)} {fit('state', STATE)} {fit('asked', 12)} {fit('used', 12)} pods"


def names_width(keys: Iterable[str], rows: Iterable[Any], width: int) -> int:
    """Cells that names get: what the longest of those that are seen needs, and not all there is."""
    longest = max((len(_label(key)) for key in keys), default=0)
    events = [len(object_of(row)) for row in rows if isinstance(row, Event)]
    if events:
        return min(max(events), width // 3)
    return max(8, min(longest, width - STATE - 34, MOST_NAME))


def _label(key: str) -> str:
    kind, _, rest = key.partition("/")
    if kind == "container":
        return rest.rpartition("/")[2]
    if kind in ("queue", "event"):
        return ""
    namespace, slash, name = rest.partition("/")
    shown = _name(namespace, name) if slash else rest
    return f"{SHORT[kind]}/{shown}" if kind in SHORT else shown


def _meter(share: float, width: int, role: str = "") -> Line:
    full, empty = bar(min(1.0, max(0.0, share)), width)
    ink = role or ("bad" if share >= 0.97 else "warn" if share >= 0.8 else "good")
    return ((full, ink), (empty, "rule"), (" ", "plain"))


# --- one of each ----------------------------------------------------------------------------------


def node_line(one: NodeFacts, names: int) -> Line:
    """What is asked of it and what is used, the fuller of CPU and memory; and its pods."""
    signs = glyphs()
    state, glyph, role = "ready", signs.ok, "good"
    if not one.ready:
        state, glyph, role = "not ready", signs.bad, "bad"
    elif one.cordoned:
        state, glyph, role = "cordoned", signs.paused, "warn"
    elif one.taints:
        state = "tainted"
    asked = max(_share(one.cpu_asked, one.cpu), _share(one.memory_asked, one.memory))
    line: Line = (
        (fit(one.name, names, signs.ellipsis), "title"), (" ", "plain"),
        (fit(f"{glyph} {state}", STATE), role), (" ", "plain"), *_gauge(asked),
    )  # fmt: skip
    if one.used is None:
        line += (("not known    ", "dim"),)
    else:
        cores, memory = one.used
        line += _gauge(max(_share(cores * 1000, one.cpu), _share(memory, one.memory)))
    return (*line, (f"{one.pods}/{one.most_pods}", "plain"))


def _gauge(share: float) -> Line:
    return (*_meter(share, 6), (f"{share:>4.0%}  ", "plain"))


def _share(taken: float, there: float) -> float:
    return taken / there if there else 0.0


def workload_line(one: WorkloadFacts, names: int) -> Line:
    """Desired against actual."""
    signs = glyphs()
    done = one.available >= one.desired and one.updated >= one.desired and not one.old
    if done:
        state, glyph, role = "as wanted", signs.ok, "good"
    elif one.updated < one.desired or one.old:
        state, glyph, role = "rolling", signs.again, "warn"
    else:
        state, glyph, role = f"{one.desired - one.available} missing", signs.warn, "warn"
    label = f"{SHORT[one.kind]}/{_name(one.namespace, one.name)}"
    line: Line = (
        (fit(label, names, signs.ellipsis), "plain"),
        (" ", "plain"), (fit(f"{glyph} {state}", STATE), role), (" ", "plain"),
        *_meter(_share(one.ready, one.desired), 6, role),
        (f" {one.ready} of {one.desired}", "plain"),
    )  # fmt: skip
    if one.old or one.updated != one.desired:
        older = f", {one.old} older" if one.old else ""
        line += ((f", {one.updated} of the newest kind{older}", "dim"),)
    return line


def _name(namespace: str, name: str) -> str:
    return name if namespace == "default" else f"{namespace}/{name}"


def scaler_line(one: ScalerFacts, names: int) -> Line:
    """Replicas, bounds, its last wishes as a row of bars, the metric, what held it."""
    signs = glyphs()
    way = signs.up if one.desired > one.current else signs.down
    arrow = f" {way} {one.desired}" if one.desired != one.current else ""
    held = LIMITS.get(one.limit, "")
    metrics = ", ".join(one.metrics) or "metric not known yet"
    return (
        (fit(f"hpa/{_name(one.namespace, one.name)}", names), "plain"),
        (" ", "plain"),
        (fit(f"{one.current}{arrow} of {one.least}-{one.most}", STATE), "accent"),
        (" ", "plain"),
        (spark([wish for _, wish in one.wishes], one.most), "series-1"),
        (f" {metrics}", "plain"),
        (f"  {held}" if held else "", "warn"),
    )  # fmt: skip


def spark(values: Sequence[int], most: int) -> str:
    """The last values as one sign each."""
    levels = glyphs().levels
    shown = values[-SPARK:]
    top = max(1, most, *shown) if shown else 1
    return "".join(levels[max(1, round(one / top * (len(levels) - 1)))] for one in shown)


def service_line(one: ServiceFacts, names: int) -> Line:
    """Who stands behind it."""
    role = "good" if one.ready else "warn"
    return (
        (fit(_name(one.namespace, one.name), names), "plain"), (" ", "plain"),
        (fit(one.kind, STATE), "dim"), (" ", "plain"),
        (f"{glyphs().ok if one.ready else glyphs().warn} {one.ready} of {one.behind}", role),
        (f"  {one.address or 'no address'}  {', '.join(one.ports)}", "dim"),
    )  # fmt: skip


def pod_line(pod: Pod, names: int, now: float) -> Line:
    """As ``kubectl get pods -o wide`` sums it up."""
    signs, word = glyphs(), status_of(pod)
    glyph, role = signs.pending, "warn"
    if word in GOOD and (pod.status.ready or word != "Running"):
        glyph, role = (signs.ok, "good") if word == "Running" else (signs.ended, "dim")
    elif "Back" in word or "Err" in word or word in ("Error", "OOMKilled", "Failed", "Evicted"):
        glyph, role = signs.bad, "bad"
    return (
        (squeezed(_name(pod.namespace, pod.name), names, signs.ellipsis), "plain"),
        (" ", "plain"), (fit(f"{glyph} {word}", LONG, signs.ellipsis), role), (" ", "plain"),
        (fit(ready_of(pod), 6), "plain"), (" ", "plain"),
        (fit(restarts_of(pod, now), 12), "dim"), (" ", "plain"),
        (fit(age(now - pod.meta.created), 5), "dim"), (" ", "plain"),
        (pod.node or "no node", "dim" if pod.node else "warn"),
    )  # fmt: skip


# --- what stands above ----------------------------------------------------------------------------


def summary(facts: ClusterFacts) -> Line:
    """One line about the whole: which cluster, its nodes, pods, the scheduler's queue."""
    active, waiting, stuck = facts.queue
    role = "good" if facts.ready_nodes == facts.nodes else "bad"
    queued = f"queue: {active} active, {waiting} backoff, {stuck} unschedulable"
    if not active + waiting + stuck:
        queued = "queue: empty"
    more = f"; {counted(facts.growing, 'node')} on the way" if facts.growing else ""
    others = f"; {facts.clusters - 1} more: :ctx" if facts.clusters > 1 else ""
    return (
        (f"{facts.name}  ", "title"),
        (f"{facts.ready_nodes} of {counted(facts.nodes, 'node')} ready", role),
        (f", {counted(facts.pods, 'pod')}; ", "plain"),
        (queued + more, "warn" if stuck else "dim"),
        (others, "dim"),
    )


def cells(fills: bytes, width: int, most: int) -> list[Line]:
    """Many nodes: a sign each, higher the more of it is asked for; where there is no room for that
    in so many lines, a sign for the fullest of several."""
    levels = glyphs().levels
    top, width = len(levels) - 1, max(1, width)
    each = -(-len(fills) // (width * most))
    if each > 1:
        each = -(-len(fills) // (width * (most - 1)))  # the last line says how many
    fullest = [max(fills[at : at + each]) for at in range(0, len(fills), max(1, each))]
    signs = [levels[max(1, one * top // SHADES)] if one else glyphs().dot for one in fullest]
    lines: list[Line] = [
        (("".join(signs[at : at + width]), "good"),) for at in range(0, len(signs), width)
    ]
    if each > 1:
        lines.append(((f"each sign is the fullest of {each} nodes; :nodes shows each", "dim"),))
    elif lines and len(signs) % width < width - len(ALONE) and len(signs) % width:
        lines[-1] = (*lines[-1], (ALONE, "dim"))
    return lines
