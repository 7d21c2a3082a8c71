"""What the expressions of a lesson can measure: a world, and the lesson's own run blocks."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from simulator.errors import InputError
from simulator.look import expressions
from simulator.look.expressions import Measure

if TYPE_CHECKING:
    from simulator.world import World

Marks = Mapping[str, tuple[float, float | None]]
"""Run blocks that were run: id -> (began, ended or None while it runs)."""


def measures(world: World, marks: Marks | None = None) -> dict[str, Measure]:
    """All measures over one world, by name; ``marks`` are the run blocks already run."""
    own = _Marks(marks or {})
    return expressions.measures(world) | {
        "started": own.started,
        "ended": own.ended,
        "ran": own.ran,
    }


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
