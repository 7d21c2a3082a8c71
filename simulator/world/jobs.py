"""Things under way that a person waits for: a pull, a build, a boot, a stop."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from simulator.world.facts import Said


def not_known() -> None:
    """How far a job is of which nobody knows."""


@dataclass(slots=True)
class Job:
    """One command that takes simulated time. ``lines`` grow: the facts that have come about."""

    id: int
    title: str
    lines: list[Said] = field(default_factory=list)
    done: bool = False
    error: str | None = None
    progress: Callable[[], float | None] = not_known
    live: Callable[[], Sequence[Said]] = list
    """Facts that change while it runs: one a layer, as ``docker pull`` redraws its lines."""

    def finish(self, error: str | None = None) -> None:
        """It is over, well or badly."""
        self.done = True
        self.error = error

    @property
    def fraction(self) -> float | None:
        """Share done, 0 to 1, where it is known."""
        return 1.0 if self.done else self.progress()


@dataclass(frozen=True, slots=True)
class Reply:
    """What a command answers at once, and the job it started, if any."""

    lines: tuple[Said, ...] = ()
    job: Job | None = None


KEPT_JOBS = 50


class Jobs:
    """All jobs under way, and the last ones that are over."""

    def __init__(self) -> None:
        self.all: list[Job] = []
        self._count = 0
        self._most = KEPT_JOBS

    def new(self, title: str) -> Job:
        """A job that somebody may wait for."""
        self._count += 1
        job = Job(self._count, title)
        if len(self.all) >= self._most:
            # However many are under way, each is looked at so seldom that it costs nothing.
            self.all = [one for one in self.all if not one.done]
            self._most = max(KEPT_JOBS, 2 * len(self.all))
        self.all.append(job)
        return job
