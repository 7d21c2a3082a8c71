"""Jobs: tasks that are to end, so many in all and so many at once, or one on each node."""

from __future__ import annotations

from simulator.cluster.queue import Key
from simulator.cluster.swarm import constraints
from simulator.cluster.swarm.objects import COMPLETE, REMOVE, RUNNING, Node, Service, Task
from simulator.cluster.swarm.orchestrators.restarts import Restarts
from simulator.cluster.swarm.state import LedQueue, State


class Jobs:
    """The orchestrator of both kinds (``manager/orchestrator/jobs``)."""

    def __init__(self, state: State, restarts: Restarts) -> None:
        self.state = state
        self.restarts = restarts
        self._services = LedQueue(state, self._reconcile)
        self._ended = LedQueue(state, self._restart)
        state.service_watchers.append(self._service_changed)
        state.task_watchers.append(self._task_changed)
        state.gone_watchers.append(self._task_gone)
        state.node_watchers.append(self._node_changed)

    def _mine(self, task: Task) -> Service | None:
        service = self.state.services.get(task.service)
        return service if service is not None and service.spec.mode.is_job else None

    def _service_changed(self, service: Service, gone: bool) -> None:
        if service.spec.mode.is_job and not gone:
            self._services.add(("", service.id))

    def _node_changed(self, node: Node) -> None:
        for service in self.state.services.values():
            if service.spec.mode.kind == "global-job":
                self._services.add(("", service.id))
        if node.id not in self.state.nodes or node.lost:
            for task in self.state.tasks_on(node.id):
                if not task.over and self._mine(task) is not None:
                    self._ended.add(("", task.id))

    def _task_changed(self, task: Task, state: int, desired: int) -> None:
        if task.over and state <= RUNNING and self._mine(task) is not None:
            self._ended.add(("", task.id))
            self._services.add(("", task.service))

    def _task_gone(self, task: Task) -> None:
        if self._mine(task) is not None:
            self._services.add(("", task.service))

    def _restart(self, key: Key) -> None:
        task = self.state.tasks.get(key[1])
        service = None if task is None else self._mine(task)
        if task is None or service is None or task.desired > COMPLETE:
            return
        if task.state != COMPLETE and task.iteration == service.iteration:
            self.restarts.restart(task, service)

    # --- so many --------------------------------------------------------------------------------

    def _reconcile(self, key: Key) -> None:
        service = self.state.services.get(key[1])
        if service is None or not service.spec.mode.is_job:
            return
        current = []
        for task in self.state.tasks_of(service.id):
            if task.iteration == service.iteration:
                current.append(task)
            else:
                self.state.want(task, REMOVE)
        if service.spec.mode.kind == "global-job":
            self._on_nodes(service, current)
        else:
            self._replicate(service, current)

    def _on_nodes(self, service: Service, current: list[Task]) -> None:
        have = {task.node for task in current}
        parsed = constraints.parse(service.spec.task.placement.constraints)
        for node in self.state.nodes.values():
            if node.id not in have and node.takes_tasks and constraints.matches(parsed, node):
                self.state.new_task(service, 0, node.id, COMPLETE)

    def _replicate(self, service: Service, current: list[Task]) -> None:
        mode = service.spec.mode
        done = {task.slot for task in current if task.state == COMPLETE}
        live = {task.slot for task in current if task.desired <= COMPLETE and not task.over}
        live |= {task.slot for task in current if task.over and task.desired <= COMPLETE
                 and task.state != COMPLETE}  # fmt: skip
        count = min(mode.max_concurrent - len(live), mode.replicas - len(done) - len(live - done))
        slot = -1
        for _ in range(max(0, count)):
            slot += 1
            while slot + 1 in done or slot + 1 in live:
                slot += 1
            self.state.new_task(service, slot + 1, "", COMPLETE)
