"""Sweeps: one script, many values of a parameter, several seeds; a curve with its spread."""

from __future__ import annotations

import statistics
from collections.abc import Iterator
from dataclasses import dataclass

from simulator.course.canon import Walk
from simulator.course.lesson_run import LessonRun
from simulator.course.model import Sweep
from simulator.course.script import sweep_script


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


def run_sweep(run: LessonRun, sweep: Sweep) -> SweepResult:
    """All runs of a sweep, in worlds of their own."""
    return SweepResult(sweep, tuple(sweep_points(run, sweep)))


def sweep_points(run: LessonRun, sweep: Sweep) -> Iterator[SweepPoint]:
    """The points of a sweep as they are computed, so that a chart can grow."""
    for value in sweep.values:
        found: dict[str, list[float]] = {name: [] for name in sweep.measures}
        for offset in range(sweep.seeds):
            walk = Walk(run.lesson, run.seed + offset, run.factory)
            walk.script(sweep_script(sweep, value, walk.lesson.values))
            sight = walk.sight(**{sweep.parameter: value})
            for name, expression in sweep.measures.items():
                found[name].append(expression.number(sight.measures, sight.variables))
        for name, values in found.items():
            yield SweepPoint(value, name, tuple(values))


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
