"""What a lesson needs of the shell beside a prompt, and how the real one is made."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from simulator.ports import Prompt

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

    def begin_here(self) -> None:
        """Take what was typed so far for the start: ``undo`` does not go behind it."""


SessionFactory = Callable[[int, Path | None], Session]
"""Seed and the folder that lines may read -> a session over a new, empty world."""


def open_session(seed: int, folder: Path | None) -> Session:
    """The real session, over a real world; its lines read nothing outside the lesson's folder."""
    from simulator import files
    from simulator.shell.session import Session as Shell
    from simulator.world import World

    return Shell(World(seed=seed), folder=folder or files.folder("lessons"), confined=True)
