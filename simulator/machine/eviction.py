"""The order in which the kubelet evicts pods from a node under pressure.

Eviction comes before the kernel's OOM killer: the kubelet looks every 10 s whether a signal is past
its threshold and stops one pod at a time. Pods that use more than they asked for go first, then
those of lower priority, then those furthest above their request. Source: kubernetes
pkg/kubelet/eviction.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from simulator.errors import unknown

CRITERIA: Mapping[str, tuple[str, ...]] = {
    "memory": ("exceeds_request", "priority", "usage_above_request"),
    "disk": ("exceeds_request", "priority", "usage_above_request"),
    "inodes": ("priority", "usage_above_request"),
    "pids": ("priority", "usage_above_request"),
}
"""Criteria in turn for each resource under pressure."""

_SIGNALS = ("memory", "allocatableMemory", "nodefs", "imagefs", "containerfs", "pid")


@dataclass(frozen=True, slots=True)
class PodUse:
    """What the ranking knows of a pod. Disk usage is root, logs and local volumes together."""

    name: str
    priority: int = 0
    request: int | None = None
    usage: int = 0

    @property
    def above_request(self) -> int:
        """Usage minus request; no request counts as 0."""
        return self.usage - (self.request or 0)


_KEYS: Mapping[str, Callable[[PodUse], int]] = {
    "exceeds_request": lambda pod: 0 if pod.above_request > 0 else 1,
    "priority": lambda pod: pod.priority,
    "usage_above_request": lambda pod: -pod.above_request,
}


def rank(
    pods: Iterable[PodUse], resource: str = "memory", order_by: Sequence[str] | None = None
) -> list[PodUse]:
    """The pods, the first to be evicted first; equal ones keep the given order."""
    if resource not in CRITERIA:
        raise unknown("resource", resource, CRITERIA)
    wanted = CRITERIA[resource] if order_by is None else order_by
    for criterion in wanted:
        if criterion not in _KEYS:
            raise unknown("eviction criterion", criterion, _KEYS)
    return sorted(pods, key=lambda pod: tuple(_KEYS[criterion](pod) for criterion in wanted))


def why(pod: PodUse, resource: str = "memory") -> str:
    """The pod's place in the ranking in words."""
    reasons = []
    for criterion in CRITERIA[resource]:
        if criterion == "exceeds_request":
            word = "above" if pod.above_request > 0 else "within"
            reasons.append(f"{word} its request")
        elif criterion == "priority":
            reasons.append(f"priority {pod.priority}")
        else:
            reasons.append(f"usage minus request {pod.above_request:+d}")
    return ", ".join(reasons)


def signal_order(signals: Iterable[str]) -> list[str]:
    """Signals under pressure in the order in which they are handled: memory first, pids last."""
    return sorted(signals, key=_urgency)


def _urgency(signal: str) -> int:
    head = signal.partition(".")[0]
    if head not in _SIGNALS:
        raise unknown("eviction signal", signal, [f"{name}.available" for name in _SIGNALS])
    if head == "pid":
        return 2
    return 0 if head in ("memory", "allocatableMemory") else 1
