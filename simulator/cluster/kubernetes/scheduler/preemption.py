"""Preemption: room for a pod by ending less important ones (upstream, ``defaultpreemption``)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence

import msgspec

from simulator.cluster.kubernetes.objects.pod import Pod
from simulator.cluster.kubernetes.scheduler.columns import Row
from simulator.cluster.kubernetes.scheduler.cycle import Cycle, Diagnosis, listed

PRIORITY_SHIFT = 2**31
"""Added to each priority in sums, so that fewer victims of negative priority do not seem worse."""
NOT_HELPFUL = "Preemption is not helpful for scheduling"
NO_VICTIMS = "No preemption victims found for incoming pod"
LEAST_CANDIDATES, CANDIDATES_SHARE = 100, 10

Breaks = Callable[[Sequence[Pod]], list[bool]]
"""Which of some pods cannot go without breaking a budget, were they to go in this order."""


class Victims(msgspec.Struct, frozen=True):
    """Who has to go from a node, the most important first, and how many budgets that breaks."""

    node: str
    pods: tuple[Pod, ...]
    violations: int = 0


def importance(pod: Pod) -> tuple[int, float]:
    """More important: a higher priority, then an earlier start."""
    started = pod.status.started_at
    return -pod.priority, pod.meta.created if started is None else started


class Preemption:
    """Finds victims for a pod that fits nowhere."""

    def __init__(self, cycle: Cycle, breaks: Breaks) -> None:
        self.cycle = cycle
        self.breaks = breaks

    def find(self, pod: Pod, diagnosis: Diagnosis) -> Victims | None:
        """The node on which the least is lost, with its victims."""
        order = self.cycle.state.columns.order
        most = max(LEAST_CANDIDATES, len(order) * CANDIDATES_SHARE // 100)
        found: list[Victims] = []
        places = diagnosis.resolvable
        start = self.cycle.cycles % len(places) if places else 0
        for place in (*places[start:], *places[:start]):
            victims = self.victims(pod, place)
            if victims is not None:
                found.append(victims)
                if len(found) >= most:
                    break
        return pick(found) if found else None

    def victims(self, pod: Pod, place: int) -> Victims | None:
        """Who has to go from one node; None where that does not help, or nobody is less important.

        All less important pods are taken off; those that still fit beside the new one are put back,
        those whose end would break a budget first.
        """
        row = self.cycle.state.columns.order[place]
        less = [one for one in row.pods.values() if one.priority < pod.priority]
        if not less:
            return None
        less.sort(key=importance)
        return self._try(pod, place, row, less)

    def _try(self, pod: Pod, place: int, row: Row, less: list[Pod]) -> Victims | None:
        for one in less:
            self._take(one, row)
        gone = list(less)
        try:
            if self.cycle.verdict(pod, place) is not None:
                return None
            broken = self.breaks(less)
            first = [one for one, bad in zip(less, broken, strict=True) if bad]
            then = [one for one, bad in zip(less, broken, strict=True) if not bad]
            violations, victims = 0, []
            for one in (*first, *then):
                self._put(one, row)
                gone.remove(one)
                if self.cycle.verdict(pod, place) is not None:
                    self._take(one, row)
                    gone.append(one)
                    victims.append(one)
                    violations += one in first
            victims.sort(key=importance)
            return Victims(row.node.name, tuple(victims), violations) if victims else None
        finally:
            for one in gone:
                self._put(one, row)

    def _take(self, pod: Pod, row: Row) -> None:
        row.add(pod, -1)
        self.cycle.state.counting.remove(pod)

    def _put(self, pod: Pod, row: Row) -> None:
        row.add(pod, 1)
        self.cycle.state.counting.add(pod, row.node.name)

    def message(self, diagnosis: Diagnosis) -> str:
        """Why preemption does not help, as it is added to the reasons."""
        count: Counter[str] = Counter()
        helpless = diagnosis.nodes - len(diagnosis.resolvable)
        if helpless:
            count[NOT_HELPFUL] = helpless
        if diagnosis.resolvable:
            count[NO_VICTIMS] = len(diagnosis.resolvable)
        reasons = listed(tuple(count.items()))
        return f"preemption: 0/{diagnosis.nodes} nodes are available: {reasons}."


def pick(found: Sequence[Victims]) -> Victims:
    """Fewest broken budgets, then the lowest highest priority, the smallest sum of priorities, the
    fewest victims, and the latest start of the most important one."""
    return min(found, key=_loss)


def _loss(one: Victims) -> tuple[float, ...]:
    highest = max(pod.priority for pod in one.pods)
    earliest = min(importance(pod)[1] for pod in one.pods if pod.priority == highest)
    return (
        one.violations,
        highest,
        sum(pod.priority + PRIORITY_SHIFT for pod in one.pods),
        len(one.pods),
        -earliest,
    )
