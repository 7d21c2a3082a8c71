"""What lines bring about: output, errors in the words of their tools, and what they wait for."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import NamedTuple, Protocol, runtime_checkable

from simulator.errors import DrydockError, InputError, Refused, harmless
from simulator.ports import Job
from simulator.shell.grammar import Call
from simulator.shell.parts import LINE


class Waits(Job, Protocol):
    """A job of the world, or time that must pass."""

    @property
    def title(self) -> str:
        """What it is, for a progress line."""


class Typed(NamedTuple):
    """One line of a transcript and the simulated time in seconds at which it was typed."""

    time: float
    line: str


@dataclass(frozen=True, slots=True)
class Result:
    """What one line brought about. ``error`` may hold a line for each of several targets."""

    lines: tuple[str, ...] = ()
    error: str | None = None
    job: Waits | None = None
    """The last thing still under way; None where everything is done."""
    column: int | None = None
    """Where in the line the error is, from 1."""
    line: str = ""
    """What was typed."""
    time: float = 0.0
    """Simulated time in seconds at which this was brought about."""
    later: bool = False
    """Whether it comes after an earlier result of the same line, which had to wait."""

    @property
    def text(self) -> str:
        """The lines as one text."""
        return "\n".join(self.lines)


@dataclass(slots=True)
class Output:
    """What the calls of one line have produced so far."""

    line: str = ""
    lines: list[str] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)
    jobs: list[tuple[Call, Waits]] = field(default_factory=list)
    column: int | None = None
    later: bool = False

    def under_way(self) -> list[tuple[Call, Waits]]:
        """Jobs that are not done, and the calls that started them."""
        return [(call, job) for call, job in self.jobs if not job.done]

    def result(self, time: float) -> Result:
        """The frozen result at a simulated time."""
        waiting = self.under_way()
        error = harmless("\n".join(self.errors)) if self.errors else None
        job = waiting[-1][1] if waiting else None
        column = self.column if error else None
        lines = tuple(map(harmless, self.lines))
        return Result(lines, error, job, column, self.line, time, self.later)


@runtime_checkable
class Timed(Protocol):
    """A job that is over at a known time, if not before."""

    @property
    def until(self) -> float:
        """The simulated time."""


@dataclass(frozen=True, slots=True)
class UntilTime:
    """Waiting for a simulated time, as a job."""

    clock: Callable[[], float]
    until: float
    title: str = "advance"
    error: str | None = None
    lines: tuple[str, ...] = ()

    @property
    def done(self) -> bool:
        """Whether the time has come."""
        return self.clock() >= self.until - 1e-9


def without_place(error: InputError) -> str:
    """The text of an error without ``<line>:1:5``, which a typed line does not need."""
    if error.place is None or error.place.file != LINE:
        return str(error)
    return str(
        InputError(
            error.problem,
            found=error.found,
            expected=error.expected,
            nearest=error.nearest,
        )
    )


class OfClient(Refused):
    """What a tool says by itself, and not what a daemon has answered."""


@runtime_checkable
class ByClient(Protocol):
    """A job that a tool watches by itself: no daemon says why it failed."""

    by_client: bool


def refusal_of(job: Waits, error: str) -> Refused:
    """Why a job failed, as said by who watches it."""
    return OfClient(error) if isinstance(job, ByClient) else Refused(error)


_EXIT_CODE = re.compile(r"\(exit code \d+\)$")
"""How an error ends that a program in a container has told, and no daemon."""
_DAEMON_SAYS = ("Error", "ERROR", "Cannot connect", "docker:")


def in_words(call: Call, error: DrydockError) -> str:
    """An error of a call as its tool says it: refusals of docker come from its daemon."""
    text = without_place(error) if isinstance(error, InputError) else str(error)
    speaks = call.verb.tool == "docker" and call.verb.path[:2] != ("docker", "compose")
    told = isinstance(error, Refused) and not isinstance(error, OfClient)
    from_daemon = told and speaks  # compose says by itself what it got
    of_program = _EXIT_CODE.search(text) is not None
    if from_daemon and not of_program and not text.startswith(_DAEMON_SAYS):
        text = f"Error response from daemon: {text}"
    if from_daemon and not of_program and call.verb.path == ("docker", "run"):
        return f"{text} (exit code {_client_code(text)})"
    return text


def _client_code(text: str) -> int:
    """With what ``docker run`` ends where nothing of a container ran (docker.com, exit status)."""
    if "executable file not found" in text or "no such file or directory" in text:
        return 127
    return 126 if "permission denied" in text or "is a directory" in text else 125
