"""Playing a script into a session, piece by piece or at once.

A line without a time is typed when the prompt is back: when what the line before it started is
done. A line with a time is typed at that time, whatever is still under way.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable

from simulator.course.model import ScriptLine
from simulator.course.session import Session
from simulator.errors import Place
from simulator.ports import Job, Outcome

MAX_WAIT_S = 86_400.0

Typed = tuple[str, Outcome]


class Player:
    """A script under way. ``session`` is looked up anew at every step: ``undo`` replaces it."""

    def __init__(
        self,
        lines: Iterable[ScriptLine],
        session: Callable[[], Session],
        type_line: Callable[[str], Outcome],
    ) -> None:
        self.done = False
        self.failed: str | None = None
        """The error of the line at which the script stopped."""
        self.failed_at: Place | None = None
        self._left = deque(lines)
        self._session = session
        self._type = type_line
        self._began = session().world.now
        self._jobs: list[tuple[Job, Place | None]] = []

    @property
    def next_line(self) -> str | None:
        """The line that will be typed next."""
        return self._left[0].text if self._left else None

    @property
    def waiting(self) -> bool:
        """Whether something that a line started is still under way."""
        return self._under_way() or self._session().waiting

    def play(self, until: float) -> list[Typed]:
        """Go on until a simulated time at the latest; the lines typed and their outcomes.

        Calls of a line that had to wait for its first ones come with an empty line.
        """
        typed: list[Typed] = []
        while not self.done and self._ready(until):
            typed += self._settle()
            if self.failed is None and self._blocked():
                continue
            if self.failed is not None or not self._left:
                self.done = True
                break
            line = self._left.popleft()
            outcome = self._type(line.text)
            typed.append((line.text, outcome))
            if outcome.error is not None:
                self.failed, self.failed_at = outcome.error, line.place
            elif outcome.job is not None:
                self._jobs.append((outcome.job, line.place))
        return typed

    def finish(self) -> list[Typed]:
        """Play what is left, however long it takes."""
        return self.play(float("inf"))

    def stop(self) -> None:
        """Leave the rest untyped."""
        self._left.clear()
        self.done = True

    def _under_way(self) -> bool:
        return any(not job.done for job, _ in self._jobs)

    def _blocked(self) -> bool:
        """Whether the next line has to wait for the one before it."""
        timed = bool(self._left) and self._left[0].at is not None
        return self.waiting and not timed

    def _ready(self, until: float) -> bool:
        """Let time pass until the next line may be typed; False when ``until`` comes first."""
        session, at = self._session(), self._left[0].at if self._left else None
        if at is not None:
            if session.world.now < min(self._began + at, until):
                session.advance(min(self._began + at, until))
            return self._began + at <= until
        if not self._blocked():
            return True
        # Asked of the jobs themselves, time stops at the very instant at which they are done.
        going = self._under_way if self._under_way() else (lambda: self.waiting)
        limit = min(until, session.world.now + MAX_WAIT_S)
        if session.world.now < limit:
            session.advance(limit, going)
        return not self._under_way() or limit < until

    def _settle(self) -> list[Typed]:
        """Note the first job that ended badly; what lines that went on by themselves printed."""
        for job, place in self._jobs:
            if job.done and job.error and self.failed is None:
                self.failed, self.failed_at = job.error, place
        self._jobs = [(job, place) for job, place in self._jobs if not job.done]
        results = self._session().results
        went_on: list[Typed] = [("", outcome) for outcome in results]
        results.clear()
        for _, outcome in went_on:
            self.failed = self.failed or outcome.error
            if outcome.job is not None:
                self._jobs.append((outcome.job, None))
        return went_on
