"""Sweeps: one script, many values of a parameter, several seeds; a curve with its spread."""

from __future__ import annotations

import statistics
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import msgspec

from simulator.course.lesson_run import LessonRun
from simulator.course.model import Sweep
from simulator.course.session import open_session
from simulator.course.sweep_trials import LessonOutcome, LessonTrial, measured, play
from simulator.errors import InputError, Refused
from simulator.files import is_file
from simulator.trials import runners
from simulator.trials.bundle import gather

WORTH_IT = 8
"""Fewer runs than these are done before other processes have begun."""


@dataclass(frozen=True, slots=True)
class SweepPoint:
    """Values of one curve at one value of the parameter, one for each seed."""

    x: float
    curve: str
    values: tuple[float, ...]

    @property
    def middle(self) -> float:
        """Median over the seeds."""
        return statistics.median(self.values) if self.values else float("nan")


@dataclass(frozen=True, slots=True)
class SweepResult:
    """All points of a sweep, by value and curve."""

    sweep: Sweep
    points: tuple[SweepPoint, ...]

    def curve(self, name: str) -> list[tuple[float, float]]:
        """(x, median) of one curve."""
        return [(point.x, point.middle) for point in self.points if point.curve == name]


def run_sweep(run: LessonRun, sweep: Sweep, on: str = "processes") -> SweepResult:
    """All runs of a sweep, in worlds of their own, by default on all cores."""
    return SweepResult(sweep, tuple(sweep_points(run, sweep, on)))


def sweep_points(run: LessonRun, sweep: Sweep, on: str = "processes") -> Iterator[SweepPoint]:
    """The points of a sweep as they are computed, so that a chart can grow.

    ``on``: who carries the runs out (:func:`simulator.trials.runners.on`). A few runs are done
    here, as are those of a lesson that lies in no file.
    """
    tasks = [(value, run.seed + offset) for value in sweep.values for offset in range(sweep.seeds)]
    found: dict[float, dict[int, dict[str, float]]] = {value: {} for value in sweep.values}
    given = iter(sweep.values)
    value = next(given)
    for number, values in _outcomes(run, sweep, tasks, on):
        at, seed = tasks[number]
        found[at][seed] = values
        while len(found[value]) == sweep.seeds:
            rows = [found[value][seed] for seed in sorted(found[value])]
            for name in sweep.measures:
                yield SweepPoint(value, name, tuple(row[name] for row in rows))
            following = next(given, None)
            if following is None:
                return
            value = following


Outcomes = Iterator[tuple[int, dict[str, float]]]


def _outcomes(run: LessonRun, sweep: Sweep, tasks: list[tuple[float, int]], on: str) -> Outcomes:
    """The values of each task, with its number, in whatever order."""
    lesson = run.lesson.base or run.lesson
    path = Path(lesson.place.file)
    if len(tasks) < WORTH_IT or run.factory is not open_session or not is_file(path):
        for number, (value, seed) in enumerate(tasks):
            yield number, measured(lesson, sweep, value, seed, run.factory)
        return
    bundle = gather(path.parent, path.name)
    items = (
        msgspec.json.encode(
            LessonTrial(
                lesson=path.name, files=bundle.paths, sweep=sweep.id, value=value, seed=seed
            )
        )
        for value, seed in tasks
    )
    with runners.on(on, most=len(tasks)) as runner:
        for done in runner.each(play, items, bundle.contents):
            if done.problem:
                raise Refused(done.problem)
            outcome = msgspec.json.decode(done.result, type=LessonOutcome)
            if outcome.error is not None:
                raise InputError(outcome.error, place=sweep.place)
            yield done.number, outcome.values


def sweep_lines(result: SweepResult) -> list[str]:
    """A sweep as a table of plain text; the spread over the seeds in brackets."""
    names = list(result.sweep.measures)
    rows = [[result.sweep.parameter, *names]]
    for value in result.sweep.values:
        cells = [f"{value:g}"]
        for name in names:
            point = next(p for p in result.points if p.x == value and p.curve == name)
            cells.append(_cell(point))
        rows.append(cells)
    widths = [max(len(row[i]) for row in rows) for i in range(len(rows[0]))]
    return ["  ".join(cell.rjust(width) for cell, width in zip(row, widths, strict=True))
            for row in rows]  # fmt: skip


def _cell(point: SweepPoint) -> str:
    spread = ""
    if len(set(point.values)) > 1:
        spread = f" ({min(point.values):.4g}-{max(point.values):.4g})"
    return f"{point.middle:.4g}{spread}"
