"""``kubectl top``: what pods and nodes use."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from simulator.shell.grammar import Argument, Call, Flag
from simulator.shell.kinds import text
from simulator.shell.kubectl.target import (
    COMMON,
    EVERYWHERE,
    SELECTOR,
    KubectlError,
    cluster_of,
    kind_of,
    namespace_of,
    one_of,
)
from simulator.shell.registry import verb

if TYPE_CHECKING:
    from simulator.shell.session import Session


@verb("kubectl top pod", "Show what pods use", aliases=("kubectl top pods", "kubectl top po",
      "k top pod", "k top pods"),
      arguments=(Argument("POD", text("pod"), "which", optional=True),),
      flags=(*COMMON, EVERYWHERE, SELECTOR, Flag(("--containers",), "each container by itself"),
             Flag(("--sort-by",), "cpu or memory", text("what"))),
      examples=("kubectl top pod --sort-by=cpu",))  # fmt: skip
def top_pod(session: Session, call: Call) -> Iterable[str]:
    """As the metrics pipeline saw them last."""
    from simulator.cluster.kubernetes.objects.pod import Pod
    from simulator.shell.kubectl.printers import aligned
    from simulator.shell.kubectl.selecting import chosen

    cluster = cluster_of(session, call)
    pods = chosen(session, call, cluster, kind_of(cluster, "pods"))
    if call["POD"]:
        pods = [one_of(cluster, kind_of(cluster, "pods"), namespace_of(session, call), call["POD"])]
    seen = [(one, cluster.metrics.of(one)) for one in pods if isinstance(one, Pod)]
    found = [(one, sample) for one, sample in seen if sample]
    if not found:
        raise KubectlError(
            "error: Metrics not available for pod yet"
            if pods
            else f"No resources found in {namespace_of(session, call)} namespace."
        )
    rows = []
    spaces = call["all_namespaces"]
    for one, sample in found:
        parts = sample.items() if call["containers"] else [("", _sum(sample))]
        for name, (cores, memory) in parts:
            row = [one.namespace] if spaces else []
            row += [one.name, *([name] if call["containers"] else [])]
            cells = (*row, f"{round(cores * 1000)}m", f"{round(memory / (1 << 20))}Mi")
            rows.append((cores, memory, cells))
    if call["sort_by"]:
        rows.sort(key=lambda each: each[0 if call["sort_by"] == "cpu" else 1], reverse=True)
    head = [*(["NAMESPACE"] if spaces else []), *(["POD", "NAME"] if call["containers"] else
            ["NAME"]), "CPU(cores)", "MEMORY(bytes)"]  # fmt: skip
    return aligned([tuple(head), *(cells for _, _, cells in rows)])


def _sum(sample: Any) -> tuple[float, float]:
    return sum(one for one, _ in sample.values()), sum(one for _, one in sample.values())


@verb("kubectl top node", "Show what nodes use", aliases=("kubectl top nodes", "kubectl top no",
      "k top node", "k top nodes"),
      arguments=(Argument("NODE", text("node"), "which", optional=True),), flags=COMMON,
      examples=("kubectl top node",))  # fmt: skip
def top_node(session: Session, call: Call) -> Iterable[str]:
    """Cores and memory of each, and shares of what pods may have."""
    from simulator.cluster.kubernetes.objects.node import Node
    from simulator.shell.kubectl.printers import aligned

    cluster = cluster_of(session, call)
    rows: list[tuple[str, ...]] = []
    for one in cluster.store.all(Node):
        sample = cluster.metrics.of_node(one.name)
        if sample is None or (call["NODE"] and one.name != call["NODE"]):
            continue
        cores, memory = sample
        there = one.status.allocatable
        millis, size = round(cores * 1000), round(memory / (1 << 20))
        rows.append((
            one.name, f"{millis}m", f"{millis * 100 // max(1, there.cpu_millis)}%", f"{size}Mi",
            f"{int(memory) * 100 // max(1, there.memory_bytes)}%",
        ))  # fmt: skip
    if not rows:
        raise KubectlError("error: metrics not available yet")
    return aligned([("NAME", "CPU(cores)", "CPU(%)", "MEMORY(bytes)", "MEMORY(%)"), *rows])
