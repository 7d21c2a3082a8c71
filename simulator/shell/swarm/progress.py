"""Waiting until a service is what it is wanted to be, as the client shows it.

Source: docker/cli, ``cli/command/service/progress``.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from simulator.cluster.swarm.objects import COMPLETE, FAILED, REJECTED, RUNNING, STATE_WORDS
from simulator.shell.results import OfClient
from simulator.shell.swarm.common import SHORT
from simulator.shell.tables import ellipsis

if TYPE_CHECKING:
    from simulator.cluster.swarm.objects import Service, Task
    from simulator.cluster.swarm.state import State
    from simulator.shell.session import Session

PATIENCE_S = 120.0
"""How long is waited while nothing comes of it, in simulated seconds (the client: for ever)."""
LOOK_S = 0.1
"""How often all tasks are looked at meanwhile: the client polls once a second."""
MOST_LINES = 20
"""Of more tasks than this only the number is shown (``maxProgressBars``)."""


MOST_ERROR = 75
"""Letters of an error that are shown (``truncError``)."""


def _cut(error: str) -> str:
    return ellipsis(error.replace("\n", " "), MOST_ERROR)


class Convergence:
    """A service on its way, as a job of a line."""

    by_client = True
    """The client itself says why it waits no more."""

    def __init__(
        self, session: Session, state: State, service: Service, *, quiet: bool = False
    ) -> None:
        self.session = session
        self.state = state
        self.id = service.id
        self.quiet = quiet
        self.title = f"docker service {service.name}"
        self.began = session.world.now
        self._looked: tuple[float, float | None, float, float] | None = None
        """Until when what was seen holds; when it settles, is over, and patience is."""

    @property
    def until(self) -> float:
        """When it is over, as far as is known now."""
        settled, limit = self._known()
        return limit if settled is None else min(settled, limit)

    def _known(self) -> tuple[float | None, float]:
        """When it settles, and when patience is over: looked at anew ten times a second at most,
        for it is asked at every instant at which anything happens."""
        now = self.state.now
        if self._looked is None or now >= min(self._looked[0], self._looked[2]):
            settled, limit = self.settled_at(), self.limit
            due = limit if settled is None else min(settled, limit)
            self._looked = (now + LOOK_S, settled, max(now, due), limit)
        return self._looked[1], self._looked[3]

    @property
    def service(self) -> Service | None:
        """None where somebody removed it meanwhile."""
        return self.state.services.get(self.id)

    @property
    def limit(self) -> float:
        """When patience is over: so long after the last change, and an update's delay."""
        service = self.service
        if service is None:
            return self.began
        tasks = self.state.tasks_of(service.id)
        failed = {one.place for one in tasks if one.state in (FAILED, REJECTED)
                  and one.spec_version == service.spec_version}  # fmt: skip
        # What is tried again and again changes for ever: that is no progress.
        last = max((one.changed for one in tasks if one.place not in failed), default=self.began)
        return max(last, self.began) + PATIENCE_S + service.spec.update.delay_s

    # --- how far it is --------------------------------------------------------------------------

    def tasks(self, service: Service) -> Iterator[Task]:
        """Those of it as it is wanted now, the newest of each place, in their order."""
        newest: dict[tuple[str, str], Task] = {}
        job = service.spec.mode.is_job
        for task in self.state.tasks_of(service.id):
            current = task.spec is service.spec.task or task.spec == service.spec.task
            if not current or (job and task.iteration != service.iteration):
                continue
            if task.desired <= RUNNING or (job and task.desired <= COMPLETE):
                newest[task.place] = task
        yield from sorted(newest.values(), key=lambda one: (one.slot, one.number))

    def counts(self, service: Service) -> tuple[int, int]:
        """Tasks that are there, of those wanted."""
        tasks, mode = list(self.tasks(service)), service.spec.mode
        there = sum(self._is_there(one, COMPLETE if mode.is_job else RUNNING) for one in tasks)
        return there, len(tasks) if mode.is_global else mode.replicas

    def _is_there(self, task: Task, state: int) -> bool:
        node = self.state.nodes.get(task.node)
        return task.state == state and (state == COMPLETE or (node is not None and node.ready))

    def settled_at(self) -> float | None:
        """When it will have been long enough what it is wanted to be; None: it is not that."""
        service = self.service
        if service is None or self._under_way(service):
            return None
        there, wanted = self.counts(service)
        if there < wanted:
            return None
        since = max((one.changed for one in self.tasks(service)), default=service.updated)
        if service.spec.mode.is_job:
            return since
        return max(since, service.updated) + (service.spec.update.monitor_s or 5.0)

    def _under_way(self, service: Service) -> bool:
        return service.status is not None and service.status.state in (
            "updating", "rollback_started",
        )  # fmt: skip

    # --- as a job -------------------------------------------------------------------------------

    @property
    def done(self) -> bool:
        """Whether nothing more is waited for."""
        gone = self.service is None or self.error is not None
        return gone or self.state.now >= self.until - 1e-9

    @property
    def error(self) -> str | None:
        """Why it will not become what it is wanted to be by itself."""
        service = self.service
        status = None if service is None else service.status
        if status is None or status.state not in ("paused", "rollback_paused"):
            return None
        word = "update" if status.state == "paused" else "rollback"
        return f"service {word} paused: {status.message}"

    @property
    def lines(self) -> tuple[str, ...]:
        """What the client shows at this moment."""
        return () if self.quiet else tuple(self._shown())

    def live(self) -> list[str]:
        """The same, while it lasts."""
        return list(self.lines)

    def _shown(self) -> Iterator[str]:
        service = self.service
        if service is None:
            yield f"service {self.id} was removed"
            return
        there, wanted = self.counts(service)
        job = service.spec.mode.is_job
        state = "" if service.status is None else service.status.state
        word = "job progress" if job else "overall progress"
        back = "rolling back update: " if state.startswith("rollback") else ""
        if state == "rollback_started":
            assert service.status is not None
            yield f"rollback: {service.status.message}"
        yield f"{word}: {back}{there} out of {wanted} {'complete' if job else 'tasks'}"
        if wanted <= MOST_LINES:
            yield from self._places(service, wanted)
        yield from self._end(service)
        if state == "rollback_completed":
            assert service.status is not None
            yield f"rollback: {service.status.message}"

    def _places(self, service: Service, wanted: int) -> Iterator[str]:
        for number, task in enumerate(self.tasks(service), 1):
            where = task.node[:SHORT] if service.spec.mode.is_global else f"{number}/{wanted}"
            yield f"{where}: {_cut(task.error) or STATE_WORDS[task.state]}"

    def _end(self, service: Service) -> Iterator[str]:
        settled = self.settled_at()
        if self.error is not None:
            return
        if settled is not None and self.state.now >= settled - 1e-9:
            yield ("job complete" if service.spec.mode.is_job
                   else f"verify: Service {service.id} converged")  # fmt: skip
        elif self.done:
            yield (f"(no longer waited for; the service goes on: "
                   f"docker service ps {service.name})")  # fmt: skip

    def follow(self) -> None:
        """Wait, where the line does, and print how far it came; OfClient where it stopped."""
        if not self.session.waits:
            self.session.leave(self)
            return
        while not self.done and self.session._going():
            due = self.until
            self.session.advance(due, lambda due=due: self._goes_on(due))  # type: ignore[misc]
        self.session.say(self.lines)
        if self.error is not None:
            raise OfClient(self.error)

    def _goes_on(self, due: float) -> bool:
        """Whether time passes on to the instant that was known last."""
        return self.session._going() and not self.done and self.until == due
