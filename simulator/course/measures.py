"""What the expressions of a lesson can measure in a world: its curves, its objects, its history.

What is of the world is measured by :class:`simulator.look.Measures`; here stand numbers, queueing
theory, and the lesson's own run blocks.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import TYPE_CHECKING

from simulator.course.expression import Measure, Value
from simulator.course.theory import mmc_mean, mmc_percentile, mmc_safe_load, mmc_safe_mean
from simulator.course.vocabulary import MEASURES
from simulator.errors import InputError
from simulator.look.curves import number
from simulator.look.measures import Measures

if TYPE_CHECKING:
    from simulator.world import World

Marks = Mapping[str, tuple[float, float | None]]
"""Run blocks that were run: id -> (began, ended or None while it runs)."""


def measures(world: World, marks: Marks | None = None) -> dict[str, Measure]:
    """All measures over one world, by name; ``marks`` are the run blocks already run."""
    table: dict[str, Measure] = {
        "abs": lambda value: abs(number(value)),
        "least": lambda a, b: min(number(a), number(b)),
        "most": lambda a, b: max(number(a), number(b)),
        "round": _round,
        "exp": lambda value: math.exp(number(value)),
        "log": lambda value: math.log(number(value)),
        "mmc_mean": mmc_mean,
        "mmc_percentile": mmc_percentile,
        "mmc_safe_load": mmc_safe_load,
        "mmc_safe_mean": mmc_safe_mean,
    }
    of_world, of_lesson = Measures(world), _Marks(marks or {})
    for name in MEASURES:
        if name not in table:
            table[name] = getattr(of_lesson if hasattr(of_lesson, name) else of_world, name)
    return table


class _Marks:
    """When the lesson's own run blocks began and ended."""

    def __init__(self, marks: Marks) -> None:
        self._marks = marks

    def ran(self, run: str) -> bool:
        return run in self._marks and self._marks[run][1] is not None

    def started(self, run: str) -> float:
        return self._mark(run)[0]

    def ended(self, run: str) -> float:
        end = self._mark(run)[1]
        if end is None:
            raise InputError("this run block is not done yet", found=run)
        return end

    def _mark(self, run: str) -> tuple[float, float | None]:
        mark = self._marks.get(run)
        if mark is None:
            raise InputError("this run block has not been run yet", found=run)
        return mark


def _round(value: Value, digits: Value = 0) -> float:
    places = number(digits)
    if not -15 <= places <= 15:
        raise InputError("bad number of digits", found=places, expected="-15 to 15")
    return round(number(value), int(places))
