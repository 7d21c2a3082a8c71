"""NodeResourcesBalancedAllocation: how evenly the resources of a node are taken."""

from __future__ import annotations

from typing import Any

import numpy as np

from simulator.cluster.columns import Part
from simulator.cluster.kubernetes.objects.pod import Pod
from simulator.cluster.kubernetes.scheduler.asked import Shape
from simulator.cluster.kubernetes.scheduler.columns import Columns, Ints
from simulator.cluster.kubernetes.scheduler.config import MOST_SCORE, Weighted
from simulator.cluster.kubernetes.scheduler.plugin import State
from simulator.cluster.kubernetes.scheduler.plugins.node_resources_fit import counting
from simulator.cluster.kubernetes.scheduler.plugins.remembered import ByShape, Remembered
from simulator.cluster.kubernetes.scheduler.rows import amount_of

DIFFERENCE, DEVIATION, BEFORE_AFTER = "difference", "deviation", "before-after"
"""Up to 1.21; from 1.22; the newest (kubernetes, PR 135573)."""


class Balances(Remembered):
    """The score of a shape on each node, by the profile's formula."""

    def __init__(self, columns: Columns, formula: str, resources: Weighted) -> None:
        super().__init__(columns)
        self._formula = formula
        self._resources = resources
        self._nonzero = formula == DIFFERENCE

    def parts_of(self, key: Shape) -> list[tuple[str, int, int]]:
        """Resources with what the pod adds."""
        return counting(key, self._resources, self._nonzero)

    def of_place(self, key: Shape, place: int) -> Any:
        """From the node's row."""
        row = self._columns.order[place]
        before, after = [], []
        for name, _, more in self.parts(key):
            there, taken = amount_of(row, name, self._nonzero)
            if there:
                before.append(taken / there)
                after.append((taken + more) / there)
        return balanced(self._formula, before, after)

    def of_part(self, key: Shape, part: Any) -> Any:
        """The same arithmetic for two resources in columns; anything else node by node."""
        counted = self.parts(key)
        pairs = [self._columns.amounts(name, self._nonzero) for name, _, _ in counted]
        if len(pairs) != 2 or any((there[part] <= 0).any() for there, _ in pairs):
            every = np.arange(len(self._columns.order))[part]
            return np.array([self.of_place(key, one) for one in every.tolist()], dtype=np.int64)
        before = [taken[part] / there[part] for there, taken in pairs]
        after = [
            (taken[part] + more) / there[part]
            for (there, taken), (_, _, more) in zip(pairs, counted, strict=True)
        ]
        if self._formula == DIFFERENCE:
            raw = ((1 - np.abs(after[0] - after[1])) * MOST_SCORE).astype(np.int64)
            return np.where(np.maximum(after[0], after[1]) >= 1, 0, raw)
        found = _deviations(*after)
        return found if self._formula == DEVIATION else (150 + found - _deviations(*before)) // 2


def _deviations(one: Any, other: Any) -> Ints:
    std = np.abs((np.minimum(one, 1.0) - np.minimum(other, 1.0)) / 2)
    found: Ints = ((1 - std) * MOST_SCORE).astype(np.int64)
    return found


def balanced(formula: str, before: list[float], after: list[float]) -> int:
    """The score of the shares that are taken, without the pod and with it."""
    if formula == DIFFERENCE:
        if len(after) < 2 or max(after) >= 1:
            return 0
        return int((1 - abs(after[0] - after[1])) * MOST_SCORE)
    if formula == DEVIATION:
        return _deviation(after)
    return (150 + _deviation(after) - _deviation(before)) // 2


def _deviation(shares: list[float]) -> int:
    if len(shares) < 2:
        return MOST_SCORE
    if len(shares) == 2:
        one, other = shares
        std = abs((min(1.0, one) - min(1.0, other)) / 2)
    else:
        capped = [min(1.0, one) for one in shares]
        mean = sum(capped) / len(capped)
        std = (sum((one - mean) ** 2 for one in capped) / len(capped)) ** 0.5
    return int((1 - std) * MOST_SCORE)


class NodeResourcesBalancedAllocation(ByShape):
    """A score only."""

    name = "NodeResourcesBalancedAllocation"
    scores = True

    def __init__(self, state: State) -> None:
        super().__init__(state)
        self._asks: dict[Shape, bool] = {}
        resources = state.config.balanced
        self.steady = self._balances = Balances(state.columns, state.profile.balanced, resources)

    def prepare_score(self, pod: Pod) -> Shape | None:
        """What the pod asks for; None where it asks for nothing and the profile skips that."""
        shape = self._asked(pod.template).shape
        if self.state.profile.balanced_skips_best_effort:
            asks = self._asks.get(shape)
            if asks is None:
                asked = counting(shape, self.state.config.balanced, nonzero=False)
                asks = self._asks[shape] = any(amount for _, _, amount in asked)
            if not asks:
                return None
        return shape

    def score_all(self, pod: Pod, ready: Shape, chosen: Part) -> Ints:
        """The score of all chosen nodes."""
        found: Ints = self._balances.column(ready)[chosen]
        return found

    def score_node(self, pod: Pod, seen: Shape, place: int) -> int:
        """The score of one node."""
        return int(self._balances.of_place(seen, place))
