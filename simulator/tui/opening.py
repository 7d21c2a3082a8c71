"""Opening an entry of the library: this is where the model is loaded."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from simulator.errors import unknown
from simulator.files import here
from simulator.tui import collector
from simulator.tui.lesson_mode import Tutor
from simulator.tui.ports import DeskPort
from simulator.tui.sandbox import Sandbox

if TYPE_CHECKING:
    from simulator.course.lesson_run import LessonRun
    from simulator.course.progress import Keeper

FIRST_HOST = "host add alpha"
"""What the sandbox types for a person who has typed nothing yet."""


@dataclass(frozen=True, slots=True)
class Opened:
    """A desk to sit down at, and the lesson if there is one.

    ``script`` is typed when its simulated time comes. ``first`` is typed at once, ``hints`` are
    shown in the output pane. ``runs`` tells whether time passes from the start.
    """

    desk: DeskPort
    title: str
    tutor: Tutor | None = None
    script: Sequence[tuple[float, str]] = ()
    first: Sequence[str] = ()
    hints: Sequence[str] = ()
    runs: bool = False


Opener = Callable[[str, "int | None"], Opened]
"""Key of an entry and a seed -> what is to be worked at."""


def open_entry(key: str, seed: int | None = None) -> Opened:
    """Open what a key of the library names. Raises ``DrydockError`` with one line."""
    kind, _, name = key.partition("/")
    if kind == "sandbox":
        return _sandbox(1 if seed is None else seed)
    if kind == "lesson":
        return open_lesson(name, seed)
    if kind == "scenario":
        return _scenario(Path(name), seed)
    raise unknown("entry", key, ["sandbox", "lesson", "scenario"])


def _sandbox(seed: int) -> Opened:
    from simulator.shell import Session
    from simulator.world import World

    session = Session(World(seed=seed), folder=here())
    return Opened(
        Sandbox(session),
        "sandbox",
        first=(FIRST_HOST,),
        hints=(
            "Press : and type what you would type at a real prompt, for example:",
            "  docker network create shop",
            "  docker run -d --name web --network shop --network-alias web nginx",
            "  traffic web 50/s",
            "Tab completes, 'help' lists all commands, ? shows the keys.",
        ),
        runs=True,
    )


def first(key: str, opened: Callable[[int | None], Opened]) -> Opener:
    """An opener to which one entry, when it is opened first, is something special.

    Whoever comes back to the home screen and chooses it, or another, finds it as everybody does.
    """
    left = [opened]

    def open_(chosen: str, seed: int | None) -> Opened:
        return left.pop()(seed) if chosen == key and left else open_entry(chosen, seed)

    return open_


def open_lesson(name: str, seed: int | None, *, again: bool = False) -> Opened:
    """A lesson for practice, taken up where it was left, or begun anew (``again``)."""
    from simulator.course.library import load
    from simulator.course.progress import Keeper

    keeper = Keeper()
    return sit_down(keeper.open(load(name), seed, again=again), keeper)


def sit_down(run: LessonRun, keeper: Keeper) -> Opened:
    """A lesson that somebody has opened already."""
    from simulator.tui.course_tutor import CourseTutor

    tutor = CourseTutor(run, keeper)
    hints = (keeper.warning,) if keeper.warning else ()
    return Opened(tutor, run.lesson.title, tutor=tutor, hints=hints)


def _scenario(path: Path, seed: int | None) -> Opened:
    from simulator.scenario import build, load
    from simulator.shell import LineReader, Session

    scenario = load(path, seed=seed, check=LineReader())
    built = build(scenario)
    session = Session(built.world, folder=path.parent, confined=True)
    script = [(one.at_s, one.line) for one in built.script]
    collector.keep()
    return Opened(Sandbox(session), path.stem, script=script, runs=True)
