"""Carrying a sweep out: every combination under the same seeds, more seeds where that is wanted."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

import simulator
from simulator.report.sweep import seeds as more_seeds
from simulator.report.sweep.cells import Cell, percentile_of
from simulator.report.sweep.result import Sweep
from simulator.report.sweep.target import Target
from simulator.trials import model
from simulator.trials.conducting import Conductor
from simulator.trials.source import Source

Tell = Callable[[int, int], object]
"""Told after each trial: how many are done, of how many."""


@dataclass(frozen=True, slots=True)
class Design:
    """One of the things that are tried: its source, its changes, and what it is called."""

    source: Source
    settings: Mapping[str, str]
    changes: tuple[str, ...]


@dataclass(slots=True)
class Plan:
    """What a sweep is to try."""

    designs: Sequence[Design]
    keys: tuple[str, ...]
    seeds: list[int]
    measures: dict[str, str]
    target: Target | None = None
    most_seeds: int = 200
    title: str = ""
    scenario: str = ""
    command: str = ""


@dataclass(slots=True)
class Sweeping:
    """One sweep under way."""

    plan: Plan
    conductor: Conductor
    tell: Tell | None = None
    cells: list[Cell] = field(default_factory=list)
    finished: bool = True
    _done: int = 0
    _total: int = 0
    _began: float = 0.0

    def run(self) -> Sweep:
        """All of it, or as much as there is when it is interrupted."""
        self.start()
        self.cells = [self.cell(design) for design in self.plan.designs]
        wanted = [(at, list(self.plan.seeds)) for at in range(len(self.cells))]
        while wanted:
            if not self.batch(wanted):
                break
            wanted = self._more()
        return self.result()

    def start(self) -> None:
        """From here on time is counted."""
        self._began = time.monotonic()

    def cell(self, design: Design) -> Cell:
        """An empty place for what comes of a design."""
        meant = (percentile_of(text) for text in self.plan.measures.values())
        return Cell(design.settings, frozenset(one[0] for one in meant if one))

    def batch(self, wanted: Sequence[tuple[int, list[int]]]) -> bool:
        """Try designs under seeds, seed by seed; False when it was interrupted."""
        designs = self.plan.designs
        for at, new in wanted:
            self.cells[at].expect(new)
        longest = max((len(new) for _, new in wanted), default=0)
        tasks = [
            (at, new[turn]) for turn in range(longest) for at, new in wanted if turn < len(new)
        ]
        self._total += len(tasks)
        trials = (
            designs[at].source.trial(seed, designs[at].changes, self.plan.measures)
            for at, seed in tasks
        )
        count = 0
        for number, outcome in self.conductor.outcomes(trials):
            at, seed = tasks[number]
            self.cells[at].add(seed, outcome)
            count += 1
            self._done += 1
            if self.tell is not None:
                self.tell(self._done, self._total)
        self.finished = self.finished and count == len(tasks)
        return count == len(tasks)

    def _more(self) -> list[tuple[int, list[int]]]:
        """Designs that need more seeds to be as sure as is wanted."""
        target, wanted = self.plan.target, []
        for at, cell in enumerate(self.cells):
            if target is None or target.met(cell.estimate(target.measure)):
                continue
            room = self.plan.most_seeds - len(cell.seeds)
            if room <= 0 or not cell.values(target.measure):
                note = target.unmet(cell.estimate(target.measure), len(cell.seeds))
                cell.notes += [note] if note not in cell.notes else []
                continue
            count = min(room, target.step(len(cell.seeds)))
            wanted.append((at, more_seeds.more(cell.seeds, count)))
        return wanted

    def result(self, answer: str = "", base: int = 0) -> Sweep:
        """What was found so far, as data."""
        plan, store = self.plan, self.conductor.store
        first = self.cells[base] if len(self.cells) > 1 else None
        notes = [f"results could not be kept: {store.problem}"] if store and store.problem else []
        points = tuple(cell.point(plan.measures, first) for cell in self.cells)
        return Sweep(
            drydock=simulator.__version__,
            model=model.version(),
            title=plan.title,
            scenario=plan.scenario,
            command=plan.command,
            keys=plan.keys,
            measures=plan.measures,
            points=points,
            finished=self.finished,
            notes=tuple(notes),
            answer=answer,
            cpu_s=sum(row.cpu_s for point in points for row in point.rows),
            wall_s=time.monotonic() - self._began,
            workers=self.conductor.runner.workers,
        )
