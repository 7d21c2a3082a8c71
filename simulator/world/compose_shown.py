"""``up`` without ``-d``: what the containers of a project print, each line with its name in front.

It is over when all have ended, or one where that ends all. What waits is entries of the calendar.
"""

from __future__ import annotations

from simulator.cluster.compose.bringing import Bringing
from simulator.cluster.compose.observed import containers_of, service_of
from simulator.engine import Process
from simulator.machine.container import Container
from simulator.world.compose_commands import ComposeUp
from simulator.world.compose_output import rows
from simulator.world.facts import Said
from simulator.world.jobs import Job


class Shown:
    """The output of some containers of a project, for one job."""

    def __init__(self, up: Bringing, command: ComposeUp, job: Job) -> None:
        self.up, self.command, self.job = up, command, job
        self.begun: dict[str, int] = {}
        """By identity: lines that were there before."""
        self.containers: list[Container] = []
        self.said: list[tuple[float, str]] = []
        self.head: list[Said] = []
        """What stands before the output of containers."""
        self.code = 0
        self._left = 0
        self._ending = False

    def expect(self) -> None:
        """Before they start: what they print from now on is shown."""
        for one in containers_of(self.up.node, self.up.project.name, self.up.project.services):
            self.containers.append(one)
            self.begun[one.id] = len(one.log)

    def begin(self, head: list[Said]) -> None:
        """They have started: wait for their ends."""
        shown = [one for one in self.containers if service_of(one) in self.command.attach]
        names = ", ".join(self._short(one) for one in shown)
        self.head = [*head, f"Attaching to {names}" if shown else ""]
        self.job.live = self.lines
        self._left = len(self.containers)
        for one in self.containers:
            one.when_over(self._over, one)
        if not self.containers:
            self._finish()

    def _short(self, one: Container) -> str:
        return one.local_name.removeprefix(f"{self.up.project.name}-")

    def lines(self) -> list[Said]:
        """All that was printed so far, in the order of time."""
        shown = [one for one in self.containers if service_of(one) in self.command.attach]
        width = max((len(self._short(one)) for one in shown), default=0) + 1
        found = list(self.said)
        for one in shown:
            prefix = f"{self._short(one):<{width}} | " if self.command.prefix else ""
            for time, text in list(one.log)[self.begun[one.id] :]:
                stamp = f"{_stamp(time)} " if self.command.timestamps else ""
                found.append((time, f"{prefix}{stamp}{text}"))
        found.sort(key=lambda part: part[0])
        return [*self.head, *(text for _, text in found)]

    def _over(self, one: Container) -> None:
        """One has ended for good."""
        self._left -= 1
        code, now = one.exit_code or 0, one.sim.now
        if service_of(one) in self.command.attach:
            self.said.append((now, f"{self._short(one)} exited with code {code}"))
        if service_of(one) == self.command.exit_code_from and not self.code:
            self.code = code
        ends_all = self.command.abort == "exit" or (self.command.abort == "failure" and code)
        if ends_all and not self._ending:
            self._ending = True
            if not self.command.exit_code_from:
                self.code = code
            self.said.append((now, "Aborting on container exit..."))
            self.up.sim.start(self._end_all())
        elif not self._left and not self._ending:
            self._finish()

    def _end_all(self) -> Process:
        self.up.progress.rows.clear()
        yield from self.up.side_by_side(
            self.up.stop(one, self.up.wishes.timeout_s) for one in self.containers if one.lives
        )
        said = len(self.up.progress.notes) + len(self.up.progress.warnings)
        self._finish(rows(self.up.progress, self.command.style)[said:])

    def _finish(self, tail: list[str] | None = None) -> None:
        self.job.lines = [*self.lines(), *(tail or [])]
        self.job.live = list
        self.job.finish(f"(exit code {self.code})" if self.code else None)


def _stamp(time: float) -> str:
    """A time of the log, in seconds of the simulation."""
    return f"{time:.3f}s"
