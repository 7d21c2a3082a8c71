"""``kubectl top``: what pods and nodes use."""

from __future__ import annotations

from collections.abc import Iterable
from math import ceil
from typing import TYPE_CHECKING, Any

from simulator.shell.grammar import Argument, Call, Flag
from simulator.shell.kinds import text
from simulator.shell.kubectl.target import (
    COMMON,
    EVERYWHERE,
    FIELDS,
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


_SORT = Flag(("--sort-by",), "cpu or memory", text("what"))
_BARE = Flag(("--no-headers",), "without the headings")
_NODE_HEAD = ("NAME", "CPU(cores)", "CPU(%)", "MEMORY(bytes)", "MEMORY(%)")


@verb("kubectl top pod", "Show what pods use", aliases=("kubectl top pods", "kubectl top po",
      "k top pod", "k top pods"),
      arguments=(Argument("POD", text("pod"), "which", optional=True),),
      flags=(*COMMON, EVERYWHERE, SELECTOR, Flag(("--containers",), "each container by itself"),
             _SORT, _BARE, FIELDS, Flag(("--sum",), "the sum of all below")),
      examples=("kubectl top pod --sort-by=cpu", "kubectl top pods -A --containers"))  # fmt: skip
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
    head = [*(["NAMESPACE"] if call["all_namespaces"] else []),
            *(["POD", "NAME"] if call["containers"] else ["NAME"]), "CPU(cores)",
            "MEMORY(bytes)"]  # fmt: skip
    by = _order(call)
    if by is not None:
        found.sort(key=lambda each: (-_sum(each[1])[by], each[0].key))
    rows = [row for one, sample in found for row in _pod_rows(call, one, sample, by)]
    if call["sum"]:
        uses = [_sum(sample) for _, sample in found]
        gap = [""] * (len(head) - 2)
        total = (*gap, *_amounts(sum(one for one, _ in uses), sum(one for _, one in uses)))
        line = (*gap, "________", "________")
        rows += [line, total]
    return aligned([*([] if call["no_headers"] else [tuple(head)]), *rows])


def _order(call: Call) -> int | None:
    """Which of cores and bytes sorts, if any does."""
    word = call["sort_by"]
    if not word:
        return None
    if word not in ("cpu", "memory"):
        raise KubectlError("error: --sort-by accepts only cpu or memory")
    return 0 if word == "cpu" else 1


def _pod_rows(call: Call, one: Any, sample: Any, by: int | None) -> list[tuple[str, ...]]:
    start = [one.namespace] if call["all_namespaces"] else []
    if not call["containers"]:
        return [(*start, one.name, *_amounts(*_sum(sample)))]
    parts = list(sample.items())
    if by is not None:
        parts.sort(key=lambda each: -each[1][by])
    return [(*start, one.name, name, *_amounts(*use)) for name, use in parts]


def _amounts(cores: float, memory: float) -> tuple[str, str]:
    """Thousandths of a core, rounded up as quantities are; whole MiB."""
    return f"{ceil(cores * 1000 - 1e-9)}m", f"{int(memory) >> 20}Mi"


def _sum(sample: Any) -> tuple[float, float]:
    return sum(one for one, _ in sample.values()), sum(one for _, one in sample.values())


@verb("kubectl top node", "Show what nodes use", aliases=("kubectl top nodes", "kubectl top no",
      "k top node", "k top nodes"),
      arguments=(Argument("NODE", text("node"), "which", optional=True),),
      flags=(*COMMON, SELECTOR, _SORT, _BARE),
      examples=("kubectl top node", "kubectl top nodes --sort-by=memory"),
      known="--show-capacity --use-protocol-buffers")  # fmt: skip
def top_node(session: Session, call: Call) -> Iterable[str]:
    """Cores and memory of each, and shares of what pods may have."""
    from simulator.shell.kubectl.printers import aligned
    from simulator.shell.kubectl.selecting import chosen

    cluster, by = cluster_of(session, call), _order(call)
    kind = kind_of(cluster, "nodes")
    nodes: list[Any] = list(chosen(session, call, cluster, kind))
    if call["NODE"]:
        nodes = [one_of(cluster, kind, "", call["NODE"])]
    seen = [(one, cluster.metrics.of_node(one.name)) for one in nodes]
    found = [(one, sample) for one, sample in seen if sample is not None]
    if not found:
        raise KubectlError("error: metrics not available yet")
    if by is not None:
        found.sort(key=lambda each: (-each[1][by], each[0].name))
    rows = [() if call["no_headers"] else _NODE_HEAD]
    for one, (cores, memory) in found:
        there, (millis, size) = one.status.allocatable, _amounts(cores, memory)
        rows.append((
            one.name, millis, f"{int(cores * 100_000) // max(1, there.cpu_millis)}%", size,
            f"{int(memory) * 100 // max(1, there.memory_bytes)}%",
        ))  # fmt: skip
    return aligned([row for row in rows if row])
