"""Playing a run block piece by piece, so that a screen can show it at any speed."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING

from simulator.course.model import Run, ScriptLine
from simulator.course.session import Job, Outcome

if TYPE_CHECKING:
    from simulator.course.predicting import Predicting

MAX_WAIT_S = 86_400.0


class Playback:
    """A run block under way: lines are typed when their time has come or the prompt is back.

    A screen calls ``play(until)`` each frame with the simulated time that the frame may reach; it
    gets the lines typed since, with what they printed. ``finish()`` plays the rest at once.
    """

    def __init__(self, run: Predicting, block: Run) -> None:
        self.block = block
        self.done = False
        self.failed: str | None = None
        """The error of the line at which the block stopped."""
        self._run = run
        self._began = run.world.now
        self._left = deque(block.lines)
        self._job: Job | None = None

    @property
    def next_line(self) -> str | None:
        """The line that will be typed next."""
        return self._left[0].text if self._left else None

    @property
    def waiting(self) -> bool:
        """Whether the last line has not yet given the prompt back."""
        return self._job is not None and not self._job.done

    def play(self, until: float) -> list[tuple[str, Outcome]]:
        """Go on until a simulated time at the latest; the lines typed and their outcomes."""
        typed: list[tuple[str, Outcome]] = []
        while not self.done:
            if not self._settled(until):
                break
            if self.failed or not self._left:
                self._end()
                break
            line = self._left[0]
            if not self._due(line, until):
                break
            self._left.popleft()
            outcome = self._run.type_line(line.text, wait=False)
            typed.append((line.text, outcome))
            self._job = outcome.job
            self.failed = outcome.error
        return typed

    def finish(self) -> list[tuple[str, Outcome]]:
        """Play what is left, however long it takes."""
        return self.play(float("inf"))

    def stop(self) -> None:
        """Leave the rest of the block untyped."""
        if not self.done:
            self._left.clear()
            self._end()

    def _settled(self, until: float) -> bool:
        """Let time pass until the prompt is back; False when ``until`` comes first."""
        job = self._job
        if job is None:
            return True
        limit = min(until, self._run.world.now + MAX_WAIT_S)
        if not job.done and self._run.world.now < limit:
            self._run.session.advance(limit, lambda: not job.done)
        if not job.done and limit >= until:
            return False
        self.failed = self.failed or job.error
        self._job = None
        return True

    def _due(self, line: ScriptLine, until: float) -> bool:
        """Let time pass until a timed line is due; False when ``until`` comes first."""
        if line.at is None or self._run.world.now >= self._began + line.at - 1e-9:
            return True
        wanted = self._began + line.at
        self._run.session.advance(min(wanted, until))
        return wanted <= until

    def _end(self) -> None:
        self.done = True
        self._run.end_block(self.block.id)
