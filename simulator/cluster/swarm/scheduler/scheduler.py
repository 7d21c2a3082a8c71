"""The scheduler: tasks that wait get nodes, those that are alike together."""

from __future__ import annotations

from simulator.cluster.swarm.objects import (
    ASSIGNED,
    FAILED,
    PENDING,
    REJECTED,
    RUNNING,
    SHUTDOWN,
    Node,
    Service,
    Task,
)
from simulator.cluster.swarm.scheduler.columns import Columns
from simulator.cluster.swarm.scheduler.filters import Pipeline
from simulator.cluster.swarm.scheduler.placing import Placing
from simulator.cluster.swarm.state import State

CONFIRMED = "scheduler confirmed task can run on preassigned node"
ASSIGNED_TO = "scheduler assigned task to node"


class Scheduler:
    """Watches nodes and tasks; decides when this instant's writes are made."""

    def __init__(self, state: State) -> None:
        self.state = state
        self.columns = Columns()
        self.pipeline = Pipeline(self.columns)
        self._waiting: dict[str, Task] = {}
        self._fixed: dict[str, Task] = {}
        """Tasks whose node is given: those of global services."""
        self._given: dict[str, None] = {}
        """Tasks that had a node from the start: their failures weigh against none."""
        self._armed = False
        state.task_watchers.append(self._task_changed)
        state.gone_watchers.append(self._task_gone)
        state.node_watchers.append(self._node_changed)

    # --- what changes ---------------------------------------------------------------------------

    def _arm(self) -> None:
        if not self._armed:
            self._armed = True
            self.state.at(self.state.now, self._tick)

    def _node_changed(self, node: Node) -> None:
        if node.id in self.state.nodes:
            self.columns.put(node)
            self._arm()
        else:
            self.columns.drop(node)

    def _task_changed(self, task: Task, state: int, desired: int) -> None:
        if task.state > RUNNING:
            if state <= RUNNING:
                self._ended(task)
        elif task.state == PENDING:
            if state < PENDING:
                self._waits(task)
        elif task.state == ASSIGNED or desired != task.desired:
            self.columns.add(task)

    def _waits(self, task: Task) -> None:
        if task.node:
            self._fixed[task.id] = task
            self._given[task.id] = None
        else:
            self._waiting[task.id] = task
        self._arm()

    def _ended(self, task: Task) -> None:
        if task.state in (FAILED, REJECTED) and task.id not in self._given:
            self.columns.failed(task, self.state.now)
        self._task_gone(task)

    def _task_gone(self, task: Task) -> None:
        self._waiting.pop(task.id, None)
        self._fixed.pop(task.id, None)
        self._given.pop(task.id, None)
        if self.columns.remove(task) and (self._waiting or self._fixed):
            self._arm()

    # --- deciding -------------------------------------------------------------------------------

    def _tick(self) -> None:
        self._armed = False
        for task in list(self._fixed.values()):
            self._confirm(task)
        groups: dict[tuple[str, int | str], list[Task]] = {}
        for task in self._waiting.values():
            # What has no version is like no other.
            groups.setdefault((task.service, task.spec_version or task.id), []).append(task)
        for group in groups.values():
            self._place(group)

    def _confirm(self, task: Task) -> None:
        place = self.columns.places.get(task.node)
        if place is None:
            return
        refused = self.pipeline.refusal_at(task, place)
        if refused is not None:
            self._cannot(task, refused.says(1))
            return
        del self._fixed[task.id]
        self.state.assign(task, self.columns.nodes[place], ASSIGNED, CONFIRMED)

    def _place(self, group: list[Task]) -> None:
        left = Placing(self.columns, self.pipeline, group, self.state.now).run()
        waits = {task.id for task in left}
        for task in group:
            if task.id not in waits:
                del self._waiting[task.id]
                node = self.columns.nodes[self.columns.places[task.node]]
                task.node = ""
                self.state.assign(task, node, ASSIGNED, ASSIGNED_TO)
        if left:
            self._no_node(left)

    def _no_node(self, left: list[Task]) -> None:
        why = self.pipeline.explain(left[0])
        text = f"no suitable node ({why})" if why else "no suitable node"
        for task in left:
            service: Service | None = self.state.services.get(task.service)
            if service is not None and service.spec_version > task.spec_version:
                if task.desired >= SHUTDOWN:
                    self.state.move(task, SHUTDOWN, task.message)
                continue
            self._cannot(task, text)

    def _cannot(self, task: Task, text: str) -> None:
        if task.error != text:
            task.error, task.changed = text, self.state.now
