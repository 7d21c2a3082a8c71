"""What follows a task that has ended, or has lost its node: by policy, and after its delay.

The new task is placed and prepared at once, and begins when the delay is over and the one before
it has stopped (swarmkit, ``manager/orchestrator/restart``).
"""

from __future__ import annotations

from collections.abc import Callable

from simulator.cluster.swarm.objects import COMPLETE, READY, RUNNING, SHUTDOWN, Node, Service, Task
from simulator.cluster.swarm.specs import RestartPolicy
from simulator.cluster.swarm.state import Place, State
from simulator.engine.calendar import Entry

STOP_TIMEOUT_S = 60.0
"""swarmkit, ``defaultOldTaskTimeout``: for so long the end of the one before is waited for."""


class Delay:
    """A task that waits for its beginning."""

    __slots__ = ("entry", "new", "old", "then", "timed", "timeout", "waiter")

    def __init__(self, new: str, old: str, timed: bool) -> None:
        self.new = new
        self.old = old
        """The task whose end it waits for; nothing: none."""
        self.timed = timed
        """Whether the delay is not over yet."""
        self.waiter = False
        """Whether the new task is to be started anew itself when it may begin."""
        self.then: Callable[[str], None] | None = None
        self.entry: Entry | None = None
        self.timeout: Entry | None = None


class History:
    """Restarts at one place, of tasks of one version."""

    __slots__ = ("times", "total", "version")

    def __init__(self, version: int) -> None:
        self.version = version
        self.total = 0
        self.times: list[float] = []


class Restarts:
    """Makes the next task of a place."""

    def __init__(self, state: State) -> None:
        self.state = state
        self.delays: dict[str, Delay] = {}
        """By the task that is to begin."""
        self._awaited: dict[str, dict[str, None]] = {}
        """By the task whose end is waited for."""
        self._history: dict[Place, History] = {}
        state.task_watchers.append(self._task_changed)
        state.gone_watchers.append(self._task_gone)
        state.node_watchers.append(self._node_changed)

    # --- the next one ---------------------------------------------------------------------------

    def restart(self, task: Task, service: Service) -> None:
        """Let another task follow this one, where its policy says so."""
        delay = self.delays.get(task.id)
        if delay is not None:
            # It ended before it was to begin: not to try again and again at once, wait for that.
            delay.waiter = True
            return
        if task.desired > COMPLETE:
            return
        self.state.want(task, SHUTDOWN)
        if not self.should(task, service):
            return
        where = task.node if service.spec.mode.is_global else ""
        new = self.state.new_task(service, task.slot, where, READY)
        self._record(new)
        node = self.state.nodes.get(task.node)
        drained = node is not None and node.spec.availability == "drain"
        seconds = 0.0 if drained else task.spec.restart.delay_s
        down = node is not None and not node.ready
        self.begin_after(new.id, seconds, "" if down or task.over else task.id)

    def should(self, task: Task, service: Service) -> bool:
        """Whether another one follows, by condition and number of attempts."""
        policy = task.spec.restart
        if policy.condition == "none":
            return False
        asks_failure = policy.condition == "on-failure" or service.spec.mode.is_job
        if asks_failure and task.state == COMPLETE:
            return False
        known = self._history.get(task.place)
        if not policy.max_attempts or known is None or known.version != task.spec_version:
            return True
        return self._recent(known, policy, task) < policy.max_attempts

    @staticmethod
    def _recent(known: History, policy: RestartPolicy, task: Task) -> int:
        if not policy.window_s:
            return known.total
        since = task.changed - policy.window_s
        return sum(since < time < task.changed for time in known.times)

    def _record(self, task: Task) -> None:
        policy = task.spec.restart
        if not policy.max_attempts:
            return
        known = self._history.get(task.place)
        if known is None or known.version != task.spec_version:
            known = self._history[task.place] = History(task.spec_version)
        known.total += 1
        if policy.window_s:
            known.times.append(self.state.now)

    def forget(self, service: str) -> None:
        """A service is gone."""
        for place in [one for one in self._history if one[0] == service]:
            del self._history[place]

    # --- beginning later ------------------------------------------------------------------------

    def begin_after(
        self, new: str, seconds: float, old: str = "", then: Callable[[str], None] | None = None
    ) -> None:
        """A prepared task begins when a delay is over and another task (``old``) has ended."""
        self.cancel(new)
        waits = self.state.tasks.get(old)
        old = old if waits is not None and not waits.over else ""
        delay = self.delays[new] = Delay(new, old, seconds > 0)
        delay.then = then
        now = self.state.now
        if old:
            self._awaited.setdefault(old, {})[new] = None
            delay.timeout = self.state.at(now + STOP_TIMEOUT_S, self._stop_timed_out, new)
        if seconds > 0:
            delay.entry = self.state.at(now + seconds, self._delay_over, new)
        if not old and seconds <= 0:
            delay.entry = self.state.at(now, self._look, new)

    def _delay_over(self, new: str) -> None:
        delay = self.delays.get(new)
        if delay is not None:
            delay.timed = False
            self._look(new)

    def _stop_timed_out(self, new: str) -> None:
        delay = self.delays.get(new)
        if delay is not None:
            self._let_go(delay)
            self._look(new)

    def _let_go(self, delay: Delay) -> None:
        waiting = self._awaited.get(delay.old)
        if waiting is not None:
            waiting.pop(delay.new, None)
            if not waiting:
                del self._awaited[delay.old]
        delay.old = ""
        if delay.timeout is not None:
            delay.timeout.cancel()

    def _look(self, new: str) -> None:
        delay = self.delays.get(new)
        if delay is None or delay.timed or delay.old:
            return
        del self.delays[new]
        task = self.state.tasks.get(new)
        if task is not None and task.desired < RUNNING:
            service = self.state.services.get(task.service)
            job = service is not None and service.spec.mode.is_job
            self.state.want(task, COMPLETE if job else RUNNING)
        if delay.then is not None:
            delay.then(new)
        if delay.waiter and task is not None:
            service = self.state.services.get(task.service)
            if service is not None and task.desired <= COMPLETE:
                self.restart(task, service)

    def cancel(self, new: str) -> None:
        """It is not to begin after all."""
        delay = self.delays.pop(new, None)
        if delay is None:
            return
        self._let_go(delay)
        if delay.entry is not None:
            delay.entry.cancel()

    # --- what is waited for ---------------------------------------------------------------------

    def _task_changed(self, task: Task, state: int, desired: int) -> None:
        if task.over and state <= RUNNING:
            self._ended(task.id)

    def _ended(self, old: str) -> None:
        for new in list(self._awaited.get(old, ())):
            delay = self.delays[new]
            self._let_go(delay)
            self._look(new)

    def _task_gone(self, task: Task) -> None:
        self.cancel(task.id)
        self._ended(task.id)

    def _node_changed(self, node: Node) -> None:
        if node.id in self.state.nodes and node.ready:
            return
        for task in self.state.tasks_on(node.id):
            self._ended(task.id)
