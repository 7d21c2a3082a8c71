"""Opening an entry of the library: this is where the model is loaded."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from simulator.errors import unknown
from simulator.tui.lesson_mode import Tutor
from simulator.tui.ports import DeskPort, Sandbox


@dataclass(frozen=True, slots=True)
class Opened:
    """A desk to sit down at, and the lesson if there is one."""

    desk: DeskPort
    title: str
    tutor: Tutor | None = None


def open_entry(key: str, seed: int | None = None) -> Opened:
    """Open what a key of the library names. Raises ``DrydockError`` with one line."""
    kind, _, name = key.partition("/")
    if kind == "sandbox":
        return _sandbox(seed)
    raise unknown("entry", key, ["sandbox"])


def _sandbox(seed: int | None) -> Opened:
    from simulator.shell import Session
    from simulator.world import World

    session = Session(World(seed=1 if seed is None else seed), folder=Path.cwd())
    return Opened(Sandbox(session), "sandbox")
