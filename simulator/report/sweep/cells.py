"""Collecting what comes of the trials of one point, in whatever order it comes."""

from __future__ import annotations

import ast
from collections import Counter
from collections.abc import Mapping

import msgspec

from simulator.engine import Histogram
from simulator.look.expressions import parse_expression
from simulator.report.sweep.result import Point, Pooled, Row
from simulator.trials.statistics import Estimate, estimate, paired
from simulator.trials.trial import Buckets, Outcome

MOST_NOTES = 6


class Cell:
    """One point: rows by seed, and latencies of all seeds merged in the order of the seeds.

    Sums of floats depend on their order: what comes early waits for those before it, so that a
    merged histogram is the same however the trials were carried out.
    """

    def __init__(self, settings: Mapping[str, str], services: frozenset[str]) -> None:
        self.settings = dict(settings)
        self.seeds: list[int] = []
        self.rows: dict[int, Row] = {}
        self.notes: list[str] = []
        self._services = services
        self._merged: dict[str, Histogram] = {}
        self._waiting: dict[int, dict[str, Buckets]] = {}
        self._next = 0

    def expect(self, seeds: list[int]) -> None:
        """These seeds are being tried, too."""
        self.seeds += seeds

    def add(self, seed: int, outcome: Outcome) -> None:
        """One trial is done."""
        self.rows[seed] = Row(
            seed=seed,
            values=outcome.values,
            missing=outcome.missing,
            digest=outcome.digest,
            cpu_s=outcome.cpu_s,
            warnings=outcome.warnings,
            error=outcome.error,
        )
        kept = {name: one for name, one in outcome.histograms.items() if name in self._services}
        self._waiting[seed] = kept
        while self._next < len(self.seeds) and self.seeds[self._next] in self._waiting:
            self._merge(self._waiting.pop(self.seeds[self._next]))
            self._next += 1

    def _merge(self, histograms: Mapping[str, Buckets]) -> None:
        for name, one in histograms.items():
            data = msgspec.structs.asdict(one)
            self._merged.setdefault(name, Histogram()).merge(Histogram.from_data(data))

    @property
    def complete(self) -> bool:
        """Whether all trials that were begun are done."""
        return len(self.rows) == len(self.seeds)

    def values(self, measure: str) -> dict[int, float]:
        """Values of a measure by seed, where there are some."""
        return {
            seed: self.rows[seed].values[measure]
            for seed in self.seeds
            if seed in self.rows and measure in self.rows[seed].values
        }

    def estimate(self, measure: str) -> Estimate | None:
        """The mean of a measure over the seeds."""
        return estimate(list(self.values(measure).values()))

    def point(self, measures: Mapping[str, str], base: Cell | None) -> Point:
        """All of it as data; ``base``: the point that differences are to."""
        for seed in [one for one in self.seeds if one in self._waiting]:  # it was interrupted
            self._merge(self._waiting.pop(seed))
        found = {name: self.estimate(name) for name in measures}
        others = {
            name: paired(self.values(name), base.values(name))
            for name in measures
            if base is not None and base is not self
        }
        return Point(
            settings=self.settings,
            estimates={name: one for name, one in found.items() if one is not None},
            differences={name: one for name, one in others.items() if one is not None},
            pooled=self._pooled(measures),
            notes=(*self._lacks(measures), *self._failures(), *self.notes),
            rows=tuple(self.rows[seed] for seed in self.seeds if seed in self.rows),
        )

    def _pooled(self, measures: Mapping[str, str]) -> dict[str, Pooled]:
        found = {}
        for name, text in measures.items():
            meant = percentile_of(text)
            merged = self._merged.get(meant[0]) if meant else None
            if meant and merged is not None and merged.count:
                value = merged.percentile(meant[1])[0]
                found[name] = Pooled(value=value, requests=merged.count)
        return found

    def _lacks(self, measures: Mapping[str, str]) -> list[str]:
        """Measures that had no data in some trials, with the reason that most of them give."""
        found = []
        ran = [row for row in self.rows.values() if row.error is None]
        for name in measures:
            reasons = Counter(row.missing[name] for row in ran if name in row.missing)
            if reasons:
                reason, _ = reasons.most_common(1)[0]
                found.append(f"{name}: no value in {reasons.total()} of {len(ran)} seeds: {reason}")
        return found

    def _failures(self) -> list[str]:
        """What failed, each reason once."""
        found = []
        errors = Counter(row.error for row in self.rows.values() if row.error is not None)
        for error, count in errors.most_common(MOST_NOTES):
            found.append(f"{count} of {len(self.rows)} trials failed: {error}")
        refused = Counter(text for row in self.rows.values() for text in row.warnings)
        for text, count in refused.most_common(MOST_NOTES):
            found.append(f"a line of the script was refused in {count} trials: {text}")
        return found


def percentile_of(text: str) -> tuple[str, float] | None:
    """Service and rank of a measure that is nothing but a percentile of all its requests."""
    tree = parse_expression(text).tree
    match tree:
        case ast.Call(
            func=ast.Name(id="percentile"),
            args=[
                ast.Constant(value=str() as service),
                ast.Constant(value=int() | float() as rank),
            ],
            keywords=[],
        ):
            return service, float(rank)
    return None
