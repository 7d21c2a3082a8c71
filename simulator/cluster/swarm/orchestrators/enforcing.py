"""Tasks on nodes that do not meet their constraints any more, or have no room for them."""

from __future__ import annotations

from simulator.cluster.queue import Key
from simulator.cluster.swarm import constraints
from simulator.cluster.swarm.objects import ASSIGNED, COMPLETE, REJECTED, RUNNING, Node
from simulator.cluster.swarm.state import LedQueue, State

MESSAGE = "task rejected by constraint enforcer"
ERROR = "assigned node no longer meets constraints"


class Enforcing:
    """Looks at the tasks of a node whose labels or role changed (``constraintenforcer``)."""

    def __init__(self, state: State) -> None:
        self.state = state
        self._nodes = LedQueue(state, self._look)
        state.node_watchers.append(self._changed)

    def _changed(self, node: Node) -> None:
        self._nodes.add(("", node.id))

    def _look(self, key: Key) -> None:
        node = self.state.nodes.get(key[1])
        if node is None or node.spec.availability != "active":
            return
        for task in self.state.tasks_on(node.id):
            if not ASSIGNED <= task.state <= RUNNING or task.desired > COMPLETE:
                continue
            # What the service asks for now: a task whose constraints alone are old is left alone.
            service = self.state.services.get(task.service)
            wanted = (task.spec if service is None else service.spec.task).placement.constraints
            if wanted and not constraints.matches(constraints.parse(wanted), node):
                self.state.move(task, REJECTED, MESSAGE, ERROR)
