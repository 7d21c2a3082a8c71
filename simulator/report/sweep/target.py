"""How sure a sweep is to be: ``ci(p99) < 5%``, ``ci(p99) < 10ms``."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable
from dataclasses import dataclass

from simulator.errors import InputError, Place, unknown
from simulator.look.expressions import parse_expression
from simulator.trials.statistics import Estimate

FLAG = "--target"
_TARGET = re.compile(r"ci\(\s*(.+?)\s*\)\s*<=?\s*(.+)")


@dataclass(frozen=True, slots=True)
class Target:
    """Half the width of a measure's interval is to be below this, or below this share of it."""

    measure: str
    limit: float
    share: bool
    text: str

    def width(self, found: Estimate | None) -> float:
        """What is held against the limit; infinite where nothing can be said."""
        if found is None:
            return math.inf
        if not self.share or not found.half:
            return found.half
        return found.half / abs(found.mean) if found.mean else math.inf

    def met(self, found: Estimate | None) -> bool:
        """Whether an estimate is sure enough."""
        return self.width(found) < self.limit

    def step(self, seeds: int) -> int:
        """How many seeds more are tried before it is asked again."""
        return max(2, seeds // 2)

    def unmet(self, found: Estimate | None, seeds: int) -> str:
        """A note on a point that is not sure enough with all seeds that it may have."""
        width = self.width(found)
        shown = f"{width * 100:.2g}%" if self.share else f"{width:.3g}"
        shown = "no interval" if math.isinf(width) else shown
        return f"{self.text} does not hold with {seeds} seeds: {shown}"


def read_target(text: str, measures: Iterable[str]) -> Target:
    """The target that is typed; InputError for an unknown measure or a bad limit."""
    place = Place(f"{FLAG} {text}")
    found = _TARGET.fullmatch(text.strip())
    if found is None:
        raise InputError("bad target", place=place, found=text, expected="as 'ci(p99) < 5%'")
    name = found[1].strip("'\"")
    names = list(measures)
    if name not in names:
        raise unknown("measure", name, names, place)
    limit = parse_expression(found[2], place).number({})
    if not 0 < limit < math.inf:
        raise InputError("bad target", place=place, found=found[2], expected="more than 0")
    return Target(name, limit, found[2].rstrip().endswith("%"), text.strip())
