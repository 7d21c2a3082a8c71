"""Would it fit? Nodes and pods as if they were there, for an autoscaler that considers more nodes.

Everything that holds in the cluster holds beside them: domains to spread over, pods to be with.
"""

from __future__ import annotations

from collections.abc import Collection

import numpy as np

from simulator.cluster.kubernetes.objects.node import Node
from simulator.cluster.kubernetes.objects.pod import Pod
from simulator.cluster.kubernetes.scheduler.cycle import Cycle
from simulator.cluster.kubernetes.scheduler.plugin import Verdict


class Trial:
    """Nodes that are imagined; ``close`` takes them away again, with all that was put on any."""

    def __init__(self, cycle: Cycle) -> None:
        self._cycle = cycle
        self._nodes: list[str] = []
        self._moved: list[tuple[Pod, str, bool]] = []
        """Pods that came to a node (True) or left it, in order."""

    def __enter__(self) -> Trial:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def add_node(self, node: Node) -> None:
        """As if there were one more node; its name is not taken yet."""
        columns = self._cycle.state.columns
        assert node.name not in columns.rows
        columns.put(node)
        self._nodes.append(node.name)

    def refusal(self, pod: Pod, node: str) -> Verdict | None:
        """Why a node does not take a pod; None: it does."""
        columns = self._cycle.state.columns
        columns.refresh()
        problem, plugin = self._cycle.problem(pod)
        if problem:
            return Verdict((problem,), resolvable=False, plugin=plugin)
        return self._cycle.verdict(pod, columns.places[node])

    def place(self, pod: Pod, node: str) -> None:
        """As if a pod were on a node."""
        self._cycle.state.columns.refresh()
        self._cycle.state.add(pod, node)
        self._moved.append((pod, node, True))

    def lift(self, pod: Pod, node: str) -> None:
        """As if a pod were not on its node."""
        self._cycle.state.remove(pod, node)
        self._moved.append((pod, node, False))

    def fitting(self, pod: Pod, without: Collection[str] = ()) -> str:
        """A node that takes a pod, the first in the order of visits; nothing: none does."""
        columns = self._cycle.state.columns
        columns.refresh()
        if self._cycle.problem(pod)[0]:
            return ""
        for place in np.flatnonzero(self._cycle.feasible(pod)):
            name = columns.order[place].node.name
            if name not in without:
                return name
        return ""

    def mark(self) -> int:
        """Now, as a place to which ``undo`` goes back."""
        return len(self._moved)

    def undo(self, mark: int) -> None:
        """No pod has come or gone since then."""
        while len(self._moved) > mark:
            pod, node, came = self._moved.pop()
            (self._cycle.state.remove if came else self._cycle.state.add)(pod, node)

    def close(self) -> None:
        """Everything is as it was."""
        self.undo(0)
        for node in self._nodes:
            self._cycle.state.columns.drop(node)
        self._nodes = []


def would_fit(cycle: Cycle, pod: Pod, node: Node) -> Verdict | None:
    """Why a new node of this shape would not take a pod; None: it would."""
    with Trial(cycle) as trial:
        trial.add_node(node)
        return trial.refusal(pod, node.name)
