"""Slots of a service: the tasks at one place, and which of them count."""

from __future__ import annotations

from msgspec.structs import replace

from simulator.cluster.swarm import constraints
from simulator.cluster.swarm.objects import READY, RUNNING, Node, Service, Task
from simulator.cluster.swarm.orchestrators.restarts import Restarts

Slot = list[Task]


def updatable(slot: Slot, service: Service, restarts: Restarts) -> Slot:
    """The tasks of a slot that an update has to look at (``UpdatableTasksInSlot``).

    Those that run or are to; where none is, the last one, if none follows it.
    """
    wanted = [task for task in slot if task.desired <= RUNNING]
    if wanted or not slot:
        return wanted
    status = service.status
    if status is not None and status.state == "rollback_started":
        return []
    last = max(slot, key=lambda task: (task.changed, task.number))
    return [] if restarts.should(last, service) else [last]


def is_dirty(service: Service, task: Task, node: Node | None) -> bool:
    """Whether a task is not what its service wants now (``IsTaskDirty``)."""
    if task.spec_version == service.spec_version:
        return False
    wanted, has = service.spec.task, task.spec
    if wanted.placement != has.placement and replace(wanted, placement=has.placement) == has:
        # Only the constraints are others, and its node meets them.
        parsed = constraints.parse(wanted.placement.constraints)
        if node is not None and constraints.matches(parsed, node):
            return False
    return wanted != has or service.spec.endpoint != task.endpoint


def runs(task: Task) -> bool:
    """Whether it is prepared or runs."""
    return READY <= task.state <= RUNNING
