"""Replicated services: so many tasks, each in a slot of its own."""

from __future__ import annotations

from simulator.cluster.queue import Key
from simulator.cluster.swarm.objects import REMOVE, RUNNING, Node, Service, Task
from simulator.cluster.swarm.orchestrators.restarts import Restarts
from simulator.cluster.swarm.orchestrators.slots import Slot, updatable
from simulator.cluster.swarm.orchestrators.updates import Updates
from simulator.cluster.swarm.state import LedQueue, State

KIND = "replicated"


class Replicated:
    """Makes and takes slots, and lets tasks follow those that ended."""

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

    # --- what changes ---------------------------------------------------------------------------

    def _mine(self, task: Task) -> Service | None:
        service = self.state.services.get(task.service)
        return service if service is not None and service.spec.mode.kind == KIND else None

    def _service_changed(self, service: Service, gone: bool) -> None:
        if service.spec.mode.kind == KIND and not gone:
            self._services.add(("", service.id))

    def _task_changed(self, task: Task, state: int, desired: int) -> None:
        if task.desired > RUNNING or self._mine(task) is None:
            return
        node = self.state.nodes.get(task.node)
        if task.over or (task.node and (node is None or node.lost)):
            self._ended.add(("", task.id))

    def _task_gone(self, task: Task) -> None:
        if task.desired <= RUNNING and self._mine(task) is not None:
            self._services.add(("", task.service))

    def _node_changed(self, node: Node) -> None:
        if node.id in self.state.nodes and not node.lost:
            return
        for task in self.state.tasks_on(node.id):
            if task.desired <= RUNNING and self._mine(task) is not None:
                self._ended.add(("", task.id))

    def _restart(self, key: Key) -> None:
        task = self.state.tasks.get(key[1])
        service = None if task is None else self._mine(task)
        if task is not None and service is not None and task.desired <= RUNNING:
            self.restarts.restart(task, service)

    # --- so many --------------------------------------------------------------------------------

    def _reconcile(self, key: Key) -> None:
        service = self.state.services.get(key[1])
        if service is None or service.spec.mode.kind != KIND:
            return
        slots: dict[int, Slot] = {}
        for task in self.state.tasks_of(service.id):
            slots.setdefault(task.slot, []).append(task)
        live = {slot: updatable(each, service, self.restarts) for slot, each in slots.items()}
        live = {slot: each for slot, each in live.items() if each}
        dead = {slot: each for slot, each in slots.items() if slot not in live}
        wanted = service.spec.mode.replicas
        if wanted > len(live):
            self.updates.update(service, list(live.values()))
            self._add(service, live, dead, wanted - len(live))
        elif wanted < len(live):
            kept, rest = self._choose(live, wanted)
            self.updates.update(service, kept)
            for slot in rest:
                for task in slot:
                    self.state.want(task, REMOVE)
        else:
            self.updates.update(service, list(live.values()))
        for each in dead.values():
            for task in each:
                self.state.drop_task(task)

    def _add(
        self, service: Service, live: dict[int, Slot], dead: dict[int, Slot], count: int
    ) -> None:
        slot = 0
        for _ in range(count):
            slot += 1
            while slot in live:
                slot += 1
            dead.pop(slot, None)
            self.state.new_task(service, slot)

    def _choose(self, live: dict[int, Slot], wanted: int) -> tuple[list[Slot], list[Slot]]:
        """Which slots stay: those that run, and of each node not more than of the others."""
        ordered = sorted(
            live.items(),
            key=lambda one: (not any(task.state == RUNNING for task in one[1]), one[0]),
        )
        on_node: dict[str, int] = {}
        ranked: list[tuple[float, int, Slot]] = []
        for number, (_, slot) in enumerate(ordered):
            rank = float("inf")
            if len(slot) == 1 and slot[0].node:
                rank = on_node[slot[0].node] = on_node.get(slot[0].node, 0) + 1
            ranked.append((rank, number, slot))
        ranked.sort(key=lambda one: one[:2])
        every = [slot for _, _, slot in ranked]
        return every[:wanted], every[wanted:]
