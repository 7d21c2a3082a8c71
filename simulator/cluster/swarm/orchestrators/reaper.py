"""Forgetting tasks: those that are to be removed, and the oldest of each place."""

from __future__ import annotations

from simulator.cluster.queue import Key
from simulator.cluster.swarm.objects import ASSIGNED, COMPLETE, REMOVE, RUNNING, Service, Task
from simulator.cluster.swarm.state import LedQueue, State


class Reaper:
    """Keeps a few ended tasks of each slot (``manager/orchestrator/taskreaper``)."""

    def __init__(self, state: State) -> None:
        self.state = state
        self._places = LedQueue(state, self._look)
        self._removed = LedQueue(state, self._remove)
        state.task_watchers.append(self._task_changed)
        state.service_watchers.append(self._service_changed)

    def _task_changed(self, task: Task, state: int, desired: int) -> None:
        if state < 0 or task.over:
            self._places.add(task.place)
        if task.desired == REMOVE and (task.state < ASSIGNED or task.state >= COMPLETE):
            self._removed.add(("", task.id))

    def _service_changed(self, service: Service, gone: bool) -> None:
        if gone:
            for task in self.state.tasks_of(service.id):
                self.state.want(task, REMOVE)
                if task.over:
                    self._removed.add(("", task.id))

    def _remove(self, key: Key) -> None:
        task = self.state.tasks.get(key[1])
        if task is not None:
            self.state.drop_task(task)

    def _look(self, place: Key) -> None:
        service = self.state.services.get(place[0])
        if service is None or service.spec.mode.is_job:
            return
        policy = service.spec.task.restart
        most = policy.max_attempts + 1 if policy.max_attempts else self.state.spec.task_history
        tasks = self.state.at_place(place)
        if most < 0 or len(tasks) <= most:
            return
        excess = len(tasks) - most
        for task in sorted(tasks, key=lambda one: (one.changed, one.number)):
            never = task.state < ASSIGNED and task.desired > RUNNING
            if excess and (task.over or never):
                excess -= 1
                self.state.drop_task(task)
