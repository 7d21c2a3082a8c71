"""Would it fit? Nodes and pods as if they were there, for an autoscaler that considers more nodes.

Everything that holds in the cluster holds beside them: domains to spread over, pods to be with.
"""

from __future__ import annotations

from simulator.cluster.kubernetes.objects.node import Node
from simulator.cluster.kubernetes.objects.pod import Pod
from simulator.cluster.kubernetes.scheduler.cycle import Cycle
from simulator.cluster.kubernetes.scheduler.plugin import Verdict


class Trial:
    """Nodes that are imagined; ``close`` takes them away again, with all that was put on any."""

    def __init__(self, cycle: Cycle) -> None:
        self._cycle = cycle
        self._nodes: list[str] = []
        self._placed: list[tuple[Pod, str]] = []

    def __enter__(self) -> Trial:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def add_node(self, node: Node) -> None:
        """As if there were one more node; its name is not taken yet."""
        columns = self._cycle.state.columns
        assert node.name not in columns.rows
        columns.put(node)
        columns.refresh()
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
        self._cycle.state.add(pod, node)
        self._placed.append((pod, node))

    def close(self) -> None:
        """Everything is as it was."""
        for pod, node in reversed(self._placed):
            self._cycle.state.remove(pod, node)
        for node in self._nodes:
            self._cycle.state.columns.drop(node)
        self._placed, self._nodes = [], []


def would_fit(cycle: Cycle, pod: Pod, node: Node) -> Verdict | None:
    """Why a new node of this shape would not take a pod; None: it would."""
    with Trial(cycle) as trial:
        trial.add_node(node)
        return trial.refusal(pod, node.name)
