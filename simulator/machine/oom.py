"""Who is killed when memory runs out: quality of service, oom_score_adj, badness.

The kernel kills the process with the highest badness among those that may be killed: all processes
of the machine when the machine is out of memory, only those of one cgroup when that cgroup is. The
note that is easy to miss: a container over its own limit dies whatever its score, and a process
with a low score is safe only from a shortage of the whole machine.

Sources: Linux mm/oom_kill.c; kubernetes pkg/kubelet/qos and pkg/apis/core/v1/helper/qos.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from simulator.errors import InputError
from simulator.machine.weights import Resources

GUARANTEED = "Guaranteed"
BURSTABLE = "Burstable"
BEST_EFFORT = "BestEffort"

KUBELET_ADJ = -999
GUARANTEED_ADJ = -997
BEST_EFFORT_ADJ = 1000
MIN_ADJ = -1000
MAX_ADJ = 1000


def qos_class(
    containers: Sequence[Resources],
    init_containers: Sequence[Resources] = (),
    pod_level: Resources | None = None,
) -> str:
    """Guaranteed, Burstable or BestEffort.

    Zero counts as not stated. Resources stated for the pod as a whole decide alone.
    """
    everyone = [pod_level] if pod_level is not None else [*containers, *init_containers]
    stated = [amount for each in everyone for amount in _amounts(each) if amount]
    if not stated:
        return BEST_EFFORT
    return GUARANTEED if all(_guaranteed(each) for each in everyone) else BURSTABLE


def _amounts(each: Resources) -> tuple[int | None, ...]:
    return (
        each.request_cpu_millis,
        each.request_memory_bytes,
        each.limit_cpu_millis,
        each.limit_memory_bytes,
    )


def _guaranteed(each: Resources) -> bool:
    return (
        bool(each.limit_cpu_millis)
        and bool(each.limit_memory_bytes)
        and each.request_cpu_millis == each.limit_cpu_millis
        and each.request_memory_bytes == each.limit_memory_bytes
    )


def oom_score_adj(
    qos: str, memory_request_bytes: int | None, node_memory_bytes: int, *, critical: bool = False
) -> int:
    """The adjustment that the kubelet gives a container's processes.

    A Burstable container is protected in proportion to its request: asking for half of the node's
    memory takes 500 off. The result stays between 3 and 999, so that it is killed after BestEffort
    and before Guaranteed ones.
    """
    if critical or qos == GUARANTEED:
        return GUARANTEED_ADJ
    if qos == BEST_EFFORT:
        return BEST_EFFORT_ADJ
    if node_memory_bytes <= 0:
        raise InputError("a node needs memory", found=node_memory_bytes, expected="more than 0")
    adj = 1000 - 1000 * (memory_request_bytes or 0) // node_memory_bytes
    lowest = 1000 + GUARANTEED_ADJ
    return min(BEST_EFFORT_ADJ - 1, max(lowest, adj))


@dataclass(frozen=True, slots=True)
class Candidate:
    """A process, or the processes of a container, that the OOM killer looks at."""

    name: str
    rss_bytes: int
    oom_score_adj: int = 0


@dataclass(frozen=True, slots=True)
class Score:
    """One line of the OOM killer's table: permille of memory used, adjustment, and their sum."""

    name: str
    rss_bytes: int
    used_permille: float
    oom_score_adj: int
    badness: float
    immune: bool


def badness(rss_bytes: int, oom_score_adj: int, total_bytes: int) -> float:
    """``1000 * rss / total + oom_score_adj``, at least 0; total is the memory that ran out.

    An adjustment of -1000 makes a process immune: its badness is 0.
    """
    if oom_score_adj <= MIN_ADJ or total_bytes <= 0:
        return 0.0
    return max(0.0, 1000 * rss_bytes / total_bytes + oom_score_adj)


def scores(candidates: Iterable[Candidate], total_bytes: int) -> list[Score]:
    """The table of all candidates, the victim first. Equal scores keep the given order."""
    lines = [
        Score(
            each.name,
            each.rss_bytes,
            1000 * each.rss_bytes / total_bytes if total_bytes > 0 else 0.0,
            each.oom_score_adj,
            badness(each.rss_bytes, each.oom_score_adj, total_bytes),
            each.oom_score_adj <= MIN_ADJ,
        )
        for each in candidates
    ]
    # With badness at its floor of 0 for several, the one whose raw sum is higher still goes first.
    return sorted(
        lines,
        key=lambda line: (line.immune, -line.badness, -line.used_permille - line.oom_score_adj),
    )


def victim(candidates: Iterable[Candidate], total_bytes: int) -> Score | None:
    """Whom the kernel kills; None when nobody may be killed (then the machine panics)."""
    table = [line for line in scores(candidates, total_bytes) if not line.immune]
    return table[0] if table and table[0].rss_bytes > 0 else None
