"""How an autoscaler came to where it is: its last looks, its bounds, its last decision."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from simulator.cluster.kubernetes.autoscaling.horizontal import Trace, Turn
    from simulator.cluster.kubernetes.cluster import Cluster


@dataclass(frozen=True, slots=True)
class TraceFacts:
    """An autoscaler with its last looks, oldest first, and the last decision step by step."""

    scaler: Any
    turns: tuple[Turn, ...]
    trace: Trace | None


def trace_of(cluster: Cluster, one: Any) -> TraceFacts:
    """The last half hour of an autoscaler."""
    memory = cluster.autoscalers.memories.get(one.key)
    if memory is None:
        return TraceFacts(one, (), None)
    return TraceFacts(one, tuple(memory.turns), memory.trace)
