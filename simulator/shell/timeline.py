"""Going back and forth: what a session remembers of its lines, so that each can be taken back.

A typed line is taken back as if it had never been typed: the world, and what earlier lines were
still waiting for, are as they were when it was.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from operator import attrgetter

from simulator.engine import CommandLog
from simulator.shell.grammar import Call
from simulator.shell.results import Waits
from simulator.world import World
from simulator.world.commands import Command
from simulator.world.history import History
from simulator.world.jobs import Job


@dataclass(slots=True)
class Queued:
    """Jobs of a line that are under way, and its calls that wait for them."""

    line: str
    jobs: list[tuple[Call, Waits]]
    calls: list[Call]
    mark: Mark | None = None

    @property
    def done(self) -> bool:
        """Whether the line can go on."""
        return all(job.done for _, job in self.jobs)


@dataclass(frozen=True, slots=True)
class Waiting:
    """A queued line without the jobs of one world: those are named by their numbers."""

    line: str
    jobs: tuple[tuple[Call, int | Waits], ...]
    calls: tuple[Call, ...]
    mark: Mark | None

    @classmethod
    def of(cls, queued: Queued) -> Waiting:
        """What a queued line waits for."""
        jobs = tuple((call, job.id if isinstance(job, Job) else job) for call, job in queued.jobs)
        return cls(queued.line, jobs, tuple(queued.calls), queued.mark)

    def revived(self, world: World) -> Queued:
        """The line, waiting for the same jobs of another world."""
        under_way = {job.id: job for job in getattr(world, "jobs", ())}
        jobs: list[tuple[Call, Waits]] = []
        for call, job in self.jobs:
            if isinstance(job, int):
                jobs.append((call, under_way.get(job) or Job(job, "", done=True)))
            else:
                jobs.append((call, job))
        return Queued(self.line, jobs, list(self.calls), self.mark)


@dataclass(frozen=True, slots=True, eq=False)
class Mark:
    """Where a line was typed: it is one of those that changed the world, or may come to."""

    number: int
    """Of the typed lines, in their order."""
    line: str
    time: float
    commands: int
    """Commands that were carried out before it was typed."""
    waiting: tuple[Waiting, ...]
    """What earlier lines were waiting for."""


@dataclass(frozen=True, slots=True)
class Future:
    """What was left by going back, to be had again."""

    line: str
    """What was taken back; empty for a rewind."""
    log: CommandLog[Command]
    time: float
    history: History[World]
    marks: tuple[Mark, ...]
    waited: tuple[tuple[float, tuple[Waiting, ...]], ...]
    commands: int
    """How many commands were taken back."""


@dataclass(slots=True)
class Timeline:
    """The lines that changed a world, what lines waited for and when, and what was left."""

    marks: list[Mark] = field(default_factory=list)
    futures: list[Future] = field(default_factory=list)
    waited: list[tuple[float, tuple[Waiting, ...]]] = field(default_factory=list)
    """What lines wait for, from each time on."""
    _lines: int = 0

    def wait(self, time: float, queue: Iterable[Queued]) -> None:
        """From now on these lines wait."""
        self.waited.append((time, tuple(map(Waiting.of, queue))))

    def changed(self, mark: Mark) -> None:
        """A line has changed the world, now or some time after it was typed."""
        if mark not in self.marks:
            self.marks.append(mark)
            self.marks.sort(key=attrgetter("number"))

    def mark(self, line: str, time: float, commands: int, queue: Iterable[Queued]) -> Mark:
        """Where a line is typed."""
        self._lines += 1
        return Mark(self._lines, line, time, commands, tuple(map(Waiting.of, queue)))

    def leave(self, world: World, line: str, kept: int) -> None:
        """The world is about to be left for an earlier one that keeps so many commands."""
        future = Future(
            line, world.log, world.now, world.history, tuple(self.marks), tuple(self.waited),
            len(world.log) - kept,
        )  # fmt: skip
        self.futures.append(future)

    def go_back(self, time: float) -> tuple[Waiting, ...]:
        """Forget what comes after a time; what lines were waiting for then."""
        while self.waited and self.waited[-1][0] > time:
            self.waited.pop()
        return self.waited[-1][1] if self.waited else ()

    def go_on(self, future: Future) -> tuple[Waiting, ...]:
        """Take up again what was left; what lines were waiting for then."""
        self.marks, self.waited = list(future.marks), list(future.waited)
        return self.waited[-1][1] if self.waited else ()
