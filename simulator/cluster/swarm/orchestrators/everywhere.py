"""Global services: one task on each node that meets the constraints."""

from __future__ import annotations

from simulator.cluster.queue import Key
from simulator.cluster.swarm import constraints
from simulator.cluster.swarm.objects import RUNNING, SHUTDOWN, Node, Service, Task
from simulator.cluster.swarm.orchestrators.restarts import Restarts
from simulator.cluster.swarm.orchestrators.slots import Slot, updatable
from simulator.cluster.swarm.orchestrators.updates import Updates
from simulator.cluster.swarm.state import LedQueue, State

KIND = "global"


class Everywhere:
    """Sees to it that each node has its task (``manager/orchestrator/global``)."""

    def __init__(self, state: State, restarts: Restarts, updates: Updates) -> None:
        self.state = state
        self.restarts = restarts
        self.updates = updates
        self._services = LedQueue(state, self._reconcile)
        self._ended = LedQueue(state, self._restart)
        state.service_watchers.append(self._service_changed)
        state.task_watchers.append(self._task_changed)
        state.gone_watchers.append(self._task_gone)
        state.node_watchers.append(self._node_changed)

    def _mine(self, task: Task) -> Service | None:
        service = self.state.services.get(task.service)
        return service if service is not None and service.spec.mode.kind == KIND else None

    def _service_changed(self, service: Service, gone: bool) -> None:
        if service.spec.mode.kind == KIND and not gone:
            self._services.add(("", service.id))

    def _node_changed(self, node: Node) -> None:
        for service in self.state.services.values():
            if service.spec.mode.kind == KIND:
                self._services.add(("", service.id))

    def _task_changed(self, task: Task, state: int, desired: int) -> None:
        if task.over and task.desired <= RUNNING and self._mine(task) is not None:
            self._ended.add(("", task.id))

    def _task_gone(self, task: Task) -> None:
        if task.desired <= RUNNING and self._mine(task) is not None:
            self._services.add(("", task.service))

    def _restart(self, key: Key) -> None:
        task = self.state.tasks.get(key[1])
        service = None if task is None else self._mine(task)
        if task is None or service is None or task.desired > RUNNING:
            return
        node = self.state.nodes.get(task.node)
        paused = node is not None and node.spec.availability == "pause"
        if node is None or node.lost or paused or not self._meets(service, node):
            self.state.want(task, SHUTDOWN)
        else:
            self.restarts.restart(task, service)

    def _meets(self, service: Service, node: Node) -> bool:
        parsed = constraints.parse(service.spec.task.placement.constraints)
        return constraints.matches(parsed, node)

    def _reconcile(self, key: Key) -> None:
        service = self.state.services.get(key[1])
        if service is None or service.spec.mode.kind != KIND:
            return
        slots: dict[str, Slot] = {}
        for task in self.state.tasks_of(service.id):
            slots.setdefault(task.node, []).append(task)
        due: list[Slot] = []
        parsed = constraints.parse(service.spec.task.placement.constraints)
        for node in self.state.nodes.values():
            slot = slots.pop(node.id, [])
            if node.lost or not constraints.matches(parsed, node):
                self._shut_down(slot)
            elif node.spec.availability != "pause":
                live = updatable(slot, service, self.restarts)
                if live:
                    due.append(live)
                else:
                    self.state.new_task(service, 0, node.id)
        for slot in slots.values():
            self._shut_down(slot)
        self.updates.update(service, due)

    def _shut_down(self, slot: Slot) -> None:
        for task in slot:
            if task.desired <= RUNNING:
                self.state.want(task, SHUTDOWN)
