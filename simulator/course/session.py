"""What a lesson needs of the shell beside a prompt, and how the real one is made."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from simulator.ports import Outcome, Prompt

if TYPE_CHECKING:
    from simulator.world import World


@dataclass(frozen=True, slots=True)
class NotTyped:
    """The outcome of a line that was not given to the session at all."""

    error: str
    lines: tuple[str, ...] = ()
    job: None = None


class Session(Prompt, Protocol):
    """A prompt: one world, typed lines in, printed lines out. ``undo`` replaces the world."""

    ended: bool
    """Whether ``exit`` was typed."""

    @property
    def world(self) -> World:
        """The world that the next line acts on."""

    @property
    def waiting(self) -> bool:
        """Whether some line has calls left that wait for a job."""

    def may_edit(self, names: tuple[str, ...]) -> None:
        """Let these files of the lesson's folder be edited."""

    def file_text(self, name: str) -> str:
        """A file that may be edited, as it is now."""

    def lock(self, locked: Collection[str], only: tuple[str, ...] = ()) -> None:
        """What the learner may not touch from now on, and the lines that may change the world."""

    def type_learner(self, line: str, wait: bool = True) -> Outcome:
        """Carry out a line of the learner's, for whom the locks hold."""

    def twin(self) -> Session:
        """A session over a copy of its world."""

    def begin_here(self) -> None:
        """Take what was typed so far for the start: ``undo`` does not go behind it."""


SessionFactory = Callable[[int, Path | None], Session]
"""Seed and the folder that lines may read -> a session over a new, empty world."""


def open_session(seed: int, folder: Path | None) -> Session:
    """The real session, over a real world; its lines read nothing outside the lesson's folder."""
    from simulator import files
    from simulator.course.lesson_session import LessonSession
    from simulator.world import World

    return LessonSession(World(seed=seed), folder=folder or files.folder("lessons"))
