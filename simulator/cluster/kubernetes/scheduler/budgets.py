"""Disruption budgets as preemption minds them: it rather breaks none, but it may."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

import msgspec

from simulator.cluster.kubernetes.objects.pod import Pod
from simulator.cluster.kubernetes.objects.selectors import LabelSelector


class Budget(msgspec.Struct, frozen=True):
    """What a PodDisruptionBudget says of the pods that it selects."""

    namespace: str
    selector: LabelSelector
    allowed: int
    """``status.disruptionsAllowed``."""
    disrupted: frozenset[str] = frozenset()
    """Names of pods whose end is counted already (``status.disruptedPods``)."""

    def means(self, pod: Pod) -> bool:
        """Whether it is about a pod; one without a selector, or a pod without labels, is not."""
        empty = not self.selector.match_labels and not self.selector.match_expressions
        if empty or not pod.meta.labels or pod.meta.namespace != self.namespace:
            return False
        return self.selector.matches(pod.meta.labels)


class Budgets(Protocol):
    """Who knows the budgets of a cluster."""

    def broken_by(self, pods: Sequence[Pod]) -> list[bool]:
        """Which of some pods cannot go, in this order, without breaking a budget."""


class Stated:
    """Budgets that are stated, none by default (``filterPodsWithPDBViolation``)."""

    def __init__(self, *budgets: Budget) -> None:
        self._budgets = budgets

    def broken_by(self, pods: Sequence[Pod]) -> list[bool]:
        """Which of some pods cannot go, in this order, without breaking a budget."""
        left = [one.allowed for one in self._budgets]
        return [_breaks(pod, self._budgets, left) for pod in pods]


def _breaks(pod: Pod, budgets: Sequence[Budget], left: list[int]) -> bool:
    broken = False
    for number, budget in enumerate(budgets):
        if budget.means(pod) and pod.meta.name not in budget.disrupted:
            left[number] -= 1
            broken = broken or left[number] < 0
    return broken
