"""One run of a lesson's experiment as data: what goes to another process, and what comes back."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

import msgspec

from simulator.course.canon import Walk
from simulator.course.model import Lesson, Sweep
from simulator.course.script import sweep_script
from simulator.course.session import SessionFactory, open_session
from simulator.errors import DrydockError, InputError
from simulator.trials.bundle import Files


class LessonTrial(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A lesson's file and what lies beside it, one of its experiments, one value, one seed."""

    lesson: str
    files: dict[str, str]
    sweep: str
    value: float
    seed: int


class LessonOutcome(msgspec.Struct, frozen=True, kw_only=True):
    """The values of the curves, or why there are none."""

    values: dict[str, float] = {}
    error: str | None = None


def measured(
    lesson: Lesson, sweep: Sweep, value: float, seed: int, factory: SessionFactory
) -> dict[str, float]:
    """The values of the curves in a world of its own; InputError where a line is refused."""
    walk = Walk(lesson, seed, factory)
    walk.script(sweep_script(sweep, value, walk.lesson.values))
    sight = walk.sight(**{sweep.parameter: value})
    return {
        name: expression.number(sight.measures, sight.variables)
        for name, expression in sweep.measures.items()
    }


def play(item: bytes, files: Files) -> bytes:
    """A trial as JSON in, its outcome as JSON out: what a runner is given."""
    trial = msgspec.json.decode(item, type=LessonTrial)
    try:
        lesson = _lesson(files.folder(trial.files) / trial.lesson)
        sweep = next(one for one in lesson.all(Sweep) if one.id == trial.sweep)
        values = measured(lesson, sweep, trial.value, trial.seed, open_session)
        return msgspec.json.encode(LessonOutcome(values=values))
    except DrydockError as error:
        text = error.problem if isinstance(error, InputError) else str(error)
        return msgspec.json.encode(LessonOutcome(error=text))


@lru_cache(maxsize=4)
def _lesson(path: Path) -> Lesson:
    from simulator.course.parser import read_lesson

    return read_lesson(path)
