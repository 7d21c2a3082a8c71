"""Updates: a service's tasks are exchanged for others, a few at a time, with an eye on failures.

An order makes an update; its workers take one slot after the other, each until its new task runs
(or fails), and then wait for the delay. Failures of new tasks count while they are young; too many
of them pause the update or turn it back. After the last slot failures are watched for a while
(swarmkit, ``manager/orchestrator/update``).
"""

from __future__ import annotations

from msgspec.structs import replace

from simulator.cluster.swarm.objects import (
    READY,
    RUNNING,
    SHUTDOWN,
    Service,
    Task,
    UpdateStatus,
)
from simulator.cluster.swarm.orchestrators.restarts import Restarts
from simulator.cluster.swarm.orchestrators.slots import Slot, is_dirty
from simulator.cluster.swarm.specs import UpdateConfig
from simulator.cluster.swarm.state import State
from simulator.engine.calendar import Entry

PAUSED = ("paused", "rollback_paused")
UNDER_WAY = ("updating", "rollback_started")


class Update:
    """One update of one service to one version."""

    __slots__ = (
        "config", "ends", "failed", "free", "late", "left", "made", "paused", "rolls_back",
        "service", "slots", "version", "waits", "young_s",
    )  # fmt: skip

    def __init__(self, service: Service, slots: list[Slot], config: UpdateConfig) -> None:
        self.service = service.id
        self.version = service.spec_version
        self.config = config
        self.slots = len(slots)
        self.left = slots
        """Slots that no worker has taken yet."""
        self.free = config.parallelism or len(slots)
        self.rolls_back = service.status is not None and service.status.state == "rollback_started"
        self.made: dict[str, float | None] = {}
        """New tasks, and since when each runs, or has ended."""
        self.waits: dict[str, Slot] = {}
        """By new task: the slot in which a worker waits for it."""
        self.failed = 0
        self.young_s = config.monitor_s
        """How old a new task may be for its end to count as a failure."""
        self.paused = False
        """No slot is taken any more; workers see to the end of those that they have."""
        self.late: list[Task] = []
        """Ends that came when nobody looked: after the last slot was taken, while workers work."""
        self.ends: Entry | None = None
        """While failures are watched for after all slots are done: when that is over."""


class Updates:
    """All updates under way, by service."""

    def __init__(self, state: State, restarts: Restarts) -> None:
        self.state = state
        self.restarts = restarts
        self.under_way: dict[str, Update] = {}
        state.task_watchers.append(self._task_changed)
        state.service_watchers.append(self._service_changed)

    def _service_changed(self, service: Service, gone: bool) -> None:
        if gone:
            self._stop(service.id)

    def _stop(self, service: str) -> None:
        update = self.under_way.pop(service, None)
        if update is not None and update.ends is not None:
            update.ends.cancel()

    # --- beginning ------------------------------------------------------------------------------

    def update(self, service: Service, slots: list[Slot]) -> None:
        """See to it that all slots are what the service wants now."""
        known = self.under_way.get(service.id)
        if known is not None:
            if known.version == service.spec_version:
                return
            self._stop(service.id)
        status = service.status
        if status is not None and status.state in PAUSED:
            return
        dirty = [slot for slot in slots if self._is_dirty(service, slot)]
        if not dirty:
            if status is not None and status.state in UNDER_WAY:
                self._complete(service)
            return
        if status is None:
            self._say(service, UpdateStatus(
                state="updating", message="update in progress", started=self.state.now,
            ))  # fmt: skip
        back = status is not None and status.state == "rollback_started"
        config = service.spec.rollback if back else service.spec.update
        update = self.under_way[service.id] = Update(service, dirty, config)
        self._go_on(update)

    def _is_dirty(self, service: Service, slot: Slot) -> bool:
        if len(slot) != 1:
            return len(slot) > 1
        return is_dirty(service, slot[0], self.state.nodes.get(slot[0].node))

    def _say(self, service: Service, status: UpdateStatus | None) -> None:
        service.status = status
        self.state.touch()

    # --- workers --------------------------------------------------------------------------------

    def _current(self, update: Update) -> Service | None:
        """Its service, while the update goes on."""
        if update.paused or self.under_way.get(update.service) is not update:
            return None
        return self.state.services.get(update.service)

    def _go_on(self, update: Update) -> None:
        while update.left and update.free and self._current(update) is not None:
            update.free -= 1
            self._work(update, update.left.pop(0))
        if not update.left and not update.waits and update.free == self._workers(update):
            self._watch_on(update)

    def _workers(self, update: Update) -> int:
        return update.config.parallelism or update.slots

    def _work(self, update: Update, slot: Slot) -> None:
        service = self.state.services[update.service]
        clean = [one for one in slot if not is_dirty(service, one, self.state.nodes.get(one.node))]
        running = next((one for one in clean if one.desired == RUNNING), None)
        existing = running or next((one for one in clean if one.desired < RUNNING), None)
        if existing is not None:
            self._use(update, slot, existing)
            return
        where = slot[0].node if service.spec.mode.is_global else ""
        new = self.state.new_task(service, slot[0].slot, where, READY)
        update.made[new.id] = None
        update.waits[new.id] = slot
        old = "" if update.config.order == "start-first" else self._shut_down(slot)
        self.restarts.begin_after(new.id, 0.0, old)

    def _use(self, update: Update, slot: Slot, existing: Task) -> None:
        """There is a task as it should be: the others go, and it begins."""
        old = self._shut_down([one for one in slot if one is not existing])
        if existing.desired != RUNNING:
            self.restarts.begin_after(existing.id, 0.0, old)
        self._rest(update)

    def _shut_down(self, tasks: Slot) -> str:
        """Let tasks stop; one of those that did not before."""
        found = ""
        for task in tasks:
            if task.desired <= RUNNING and task.id in self.state.tasks:
                self.state.want(task, SHUTDOWN)
                found = task.id
        return found

    def _rest(self, update: Update) -> None:
        """A worker is done with a slot: it waits for the delay."""
        seconds = update.config.delay_s
        if seconds:
            self.state.at(self.state.now + seconds, self._rested, update)
        else:
            self._rested(update)

    def _rested(self, update: Update) -> None:
        update.free += 1
        if self._current(update) is not None:
            self._go_on(update)

    # --- what becomes of the new ones -----------------------------------------------------------

    def _task_changed(self, task: Task, state: int, desired: int) -> None:
        update = self.under_way.get(task.service)
        if update is None or task.state < RUNNING or task.state == state:
            return
        slot = update.waits.pop(task.id, None)
        if slot is not None:
            update.made[task.id] = self.state.now
            if update.config.order == "start-first" and task.state == RUNNING:
                self._shut_down(slot)
        if task.over and state <= RUNNING:
            self._ended(update, task)
        if slot is not None and self._current(update) is not None:
            self._rest(update)

    def _ended(self, update: Update, task: Task) -> None:
        if update.config.failure_action == "continue" or task.id not in update.made:
            return
        if update.paused:
            return
        if not update.left and update.ends is None:
            update.late.append(task)
        else:
            self._failed(update, task)

    def _failed(self, update: Update, task: Task) -> None:
        since = update.made.get(task.id)
        now = self.state.now
        if since is not None and now - since > update.young_s + 1e-9:
            return
        update.failed += 1
        service = self.state.services.get(update.service)
        if service is None or update.failed / update.slots <= update.config.max_failure_ratio:
            return
        why = f"due to failure or early termination of task {task.id}"
        if update.config.failure_action == "pause":
            self._pause(service, f"update paused {why}")
        elif update.rolls_back:
            self._pause(service, f"rollback paused {why}")
        else:
            self._stop(update.service)
            self.roll_back(service, f"update rolled back {why}")
            return
        update.paused, update.left = True, []
        if update.ends is not None:
            update.ends.cancel()

    def _pause(self, service: Service, message: str) -> None:
        before = service.status
        if before is None:
            return
        word = "rollback_paused" if before.state == "rollback_started" else "paused"
        self._say(service, replace(before, state=word, message=message))

    # --- the end --------------------------------------------------------------------------------

    def _watch_on(self, update: Update) -> None:
        if update.ends is not None:
            return
        config = update.config
        seconds = config.delay_s + 1.0 if config.delay_s >= config.monitor_s else config.monitor_s
        update.young_s = seconds
        update.ends = self.state.at(self.state.now + seconds, self._watched, update)
        late, update.late = update.late, []
        for task in late:
            if self._current(update) is not None:
                self._failed(update, task)

    def _watched(self, update: Update) -> None:
        service = self._current(update)
        if service is not None:
            del self.under_way[service.id]
            self._complete(service)

    def _complete(self, service: Service) -> None:
        before = service.status
        if before is None or before.state not in UNDER_WAY:
            return
        back = before.state == "rollback_started"
        word = "rollback" if back else "update"
        self._say(service, replace(
            before, state="rollback_completed" if back else "completed",
            message=f"{word} completed", completed=self.state.now,
        ))  # fmt: skip

    def roll_back(self, service: Service, message: str) -> None:
        """Back to what was wanted before (``rollbackUpdate``)."""
        if service.previous is None:
            self._pause(service, message)
            return
        service.spec, service.previous = service.previous, None
        service.spec_version = service.previous_version
        before = service.status
        started = self.state.now if before is None else before.started
        service.status = UpdateStatus(state="rollback_started", message=message, started=started)
        self.state.service_changed(service)
