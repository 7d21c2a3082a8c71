"""What a typed line leads to, for all who type and wait: prompts, outcomes, jobs.

The shell's session is such a prompt, its results are such outcomes, and the jobs of a world, or
time that must pass, are such jobs. A lesson, a front end and a test ask for no more than what is
here and what they add to it, and bring others where they like.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Protocol


class Job(Protocol):
    """Something under way in simulated time that keeps the prompt from coming back."""

    @property
    def done(self) -> bool:
        """Whether it is over."""

    @property
    def error(self) -> str | None:
        """Why it failed, if it did."""

    @property
    def lines(self) -> Sequence[Any]:
        """What came of it so far, facts and texts; grows. The shell has the words for it."""


class Outcome(Protocol):
    """What a typed line led to."""

    @property
    def lines(self) -> Sequence[str]:
        """What it printed."""

    @property
    def error(self) -> str | None:
        """Why it was refused, if it was; the world is then unchanged."""

    @property
    def job(self) -> Job | None:
        """What is still under way, and must be waited for until the prompt comes back."""


class Prompt(Protocol):
    """Typed lines in, printed lines out."""

    @property
    def results(self) -> list[Any]:
        """Outcomes of calls that had to wait, for who shows them to take away."""

    def execute(self, line: str, wait: bool = True) -> Outcome:
        """Carry out one typed line; with ``wait``, time passes until the prompt is back."""

    def advance(self, until: float, keep_going: Callable[[], bool] | None = None) -> bool:
        """Let simulated time pass to ``until``, or while ``keep_going`` says so."""
