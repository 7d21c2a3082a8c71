"""The graph of a build: a lane for each stage, and lines to the stages that it takes from."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from simulator.tui.glyphs import glyphs
from simulator.tui.widgets.ink import Line

if TYPE_CHECKING:
    from simulator.world.build_facts import Planned

LANE = 2
"""Cells of a lane."""
MOST_LANES = 12


class Graph:
    """Where each step of a build stands, and which stages are still needed beside it."""

    def __init__(self, steps: Sequence[Planned]) -> None:
        self.steps = steps
        stages = dict.fromkeys(one.name.stage for one in steps)
        self.lanes = {stage: number for number, stage in enumerate(stages)}
        self._begins: list[int] = [len(steps)] * len(self.lanes)
        self._ends: list[int] = [-1] * len(self.lanes)
        for at, one in enumerate(steps):
            lane = self.lanes[one.name.stage]
            self._begins[lane] = min(self._begins[lane], at)
            self._ends[lane] = max(self._ends[lane], at)
            for other in self.taken(at):
                self._ends[other] = max(self._ends[other], at)

    @property
    def width(self) -> int:
        """Cells that the lanes take."""
        return LANE * min(len(self.lanes), MOST_LANES)

    def taken(self, at: int) -> list[int]:
        """Lanes of the other stages that a step takes something from."""
        own = self.lanes[self.steps[at].name.stage]
        found = {self.lanes[self.steps[one].name.stage] for one in self.steps[at].waits_for}
        return sorted(found - {own})

    def line(self, at: int) -> Line:
        """The lanes beside a step."""
        signs, one = glyphs(), self.steps[at]
        own, taken = self.lanes[one.name.stage], self.taken(at)
        first = min([*taken, own])
        cells = []
        for lane in range(min(len(self.lanes), MOST_LANES)):
            between = first <= lane < own
            cells.append(self._sign(lane, at, own, taken, between=between))
            cells.append((signs.rule if between else " ") * (LANE - 1))
        role = "dim" if one.reason.hit else "accent"
        mark = LANE * own
        text = "".join(cells)
        if own >= MOST_LANES:
            return ((text, "rule"),)
        return ((text[:mark], "rule"), (text[mark], role), (text[mark + 1 :], "rule"))

    def _sign(self, lane: int, at: int, own: int, taken: list[int], *, between: bool) -> str:
        signs, one = glyphs(), self.steps[at]
        if lane == own:
            return signs.idle if one.cached else signs.dot if one.reason.hit else signs.ok
        live = self._begins[lane] <= at < self._ends[lane]
        if lane in taken:
            return signs.branch[0] if live else signs.last[0]
        if between:
            return signs.cross if live else signs.rule
        return signs.pipe[0] if live else " "


def span(one: Planned, total_s: float, width: int) -> Line:
    """When a step ran, of the whole time of the build's steps."""
    if total_s <= 0:
        return ((" " * width, "plain"),)
    signs = glyphs()
    begin = min(width - 1, round(one.start_s / total_s * width))
    cells = max(1, min(width - begin, round(one.duration_s / total_s * width)))
    if one.duration_s <= 0:
        return ((" " * begin, "plain"), (signs.dot, "dim"))
    return ((" " * begin, "plain"), (signs.block * cells, "dim" if one.cached else "accent"))
