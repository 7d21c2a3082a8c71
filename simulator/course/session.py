"""What a lesson needs of the shell, as protocols, and how the real one is made."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from simulator.world import World


class Job(Protocol):
    """Something under way that keeps the prompt from coming back."""

    @property
    def done(self) -> bool:
        """Whether it is over."""

    @property
    def error(self) -> str | None:
        """Why it failed, if it did."""

    @property
    def lines(self) -> Sequence[str]:
        """What it has printed so far."""


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
        """What is still under way."""


@dataclass(frozen=True, slots=True)
class NotTyped:
    """The outcome of a line that was not given to the session at all."""

    error: str
    lines: tuple[str, ...] = ()
    job: None = None


class Session(Protocol):
    """A prompt: one world, typed lines in, printed lines out. ``undo`` replaces the world."""

    @property
    def world(self) -> World:
        """The world that the next line acts on."""

    @property
    def waiting(self) -> bool:
        """Whether some line has calls left that wait for a job."""

    @property
    def results(self) -> list[Any]:
        """Outcomes of calls that had to wait, for who shows them to take away."""

    def execute(self, line: str, wait: bool = True) -> Outcome:
        """Carry out one typed line; with ``wait``, time passes until the prompt is back."""

    def begin_here(self) -> None:
        """Take what was typed so far for the start: ``undo`` does not go behind it."""

    def advance(self, until: float, keep_going: Callable[[], bool] | None = None) -> bool:
        """Let time pass to an absolute simulated time, or while ``keep_going`` says so."""


SessionFactory = Callable[[int, Path | None], Session]
"""Seed and the folder that lines may read -> a session over a new, empty world."""


def open_session(seed: int, folder: Path | None) -> Session:
    """The real session, over a real world; its lines read nothing outside the lesson's folder."""
    from simulator import files
    from simulator.shell.session import Session as Shell
    from simulator.world import World

    return Shell(World(seed=seed), folder=folder or files.folder("lessons"), confined=True)
