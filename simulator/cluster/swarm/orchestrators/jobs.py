"""Jobs: tasks that are to end, so many in all and so many at once, or one on each node.

As with swarmkit, nothing but services and tasks that end is looked at: a node that is drained keeps
its tasks of jobs, one that is lost is waited for until they are given up, and one that joins gets
its task of a global job when something else happens to that job.
"""

from __future__ import annotations

from simulator.cluster.queue import Key
from simulator.cluster.swarm import constraints
from simulator.cluster.swarm.objects import COMPLETE, REMOVE, RUNNING, SHUTDOWN, Service, Task
from simulator.cluster.swarm.orchestrators.restarts import Restarts
from simulator.cluster.swarm.state import LedQueue, State


class Jobs:
    """The orchestrator of both kinds (``manager/orchestrator/jobs``)."""

    def __init__(self, state: State, restarts: Restarts) -> None:
        self.state = state
        self.restarts = restarts
        self._services = LedQueue(state, self._reconcile)
        state.service_watchers.append(self._service_changed)
        state.task_watchers.append(self._task_changed)

    def _service_changed(self, service: Service, gone: bool) -> None:
        if service.spec.mode.is_job and not gone:
            self._services.add(("", service.id))

    def _task_changed(self, task: Task, state: int, desired: int) -> None:
        if task.over and state <= RUNNING and task.desired <= COMPLETE:
            service = self.state.services.get(task.service)
            if service is not None and service.spec.mode.is_job:
                self._services.add(("", task.service))

    def _reconcile(self, key: Key) -> None:
        service = self.state.services.get(key[1])
        if service is None or not service.spec.mode.is_job:
            return
        everywhere = service.spec.mode.kind == "global-job"
        current: list[Task] = []
        for task in self.state.tasks_of(service.id):
            if task.iteration == service.iteration:
                current.append(task)
            elif everywhere or not task.over:
                self.state.want(task, REMOVE)
        wanted = [task for task in current if task.desired <= COMPLETE]
        if everywhere:
            self._on_nodes(service, wanted)
        else:
            self._replicate(service, current, wanted)
        # Those that failed still count among the wanted above: another one follows them.
        for task in wanted:
            if task.state > COMPLETE and task.desired <= COMPLETE:
                self.restarts.restart(task, service)

    def _on_nodes(self, service: Service, wanted: list[Task]) -> None:
        have = {task.node: task for task in wanted}
        parsed = constraints.parse(service.spec.task.placement.constraints)
        for node in self.state.nodes.values():
            if not constraints.matches(parsed, node):
                continue
            task = have.get(node.id)
            if node.lost and task is not None and not task.over:
                self.state.want(task, SHUTDOWN)
            elif node.takes_tasks and task is None:
                self.state.new_task(service, 0, node.id, COMPLETE)

    def _replicate(self, service: Service, current: list[Task], wanted: list[Task]) -> None:
        mode = service.spec.mode
        done = {task.slot for task in current if task.state == COMPLETE}
        live = [task.slot for task in wanted if task.state != COMPLETE]
        count = min(mode.max_concurrent, mode.replicas - len(done)) - len(live)
        taken = done.union(live)
        free = (slot for slot in range(1, mode.replicas + 1) if slot not in taken)
        for slot, _ in zip(free, range(count), strict=False):
            self.state.new_task(service, slot, "", COMPLETE)
