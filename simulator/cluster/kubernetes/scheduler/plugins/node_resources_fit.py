"""NodeResourcesFit: room for a pod, and a score for how much is left of it, or how little."""

from __future__ import annotations

from typing import Any

import numpy as np

from simulator.cluster.columns import Part, ints
from simulator.cluster.kubernetes.objects.pod import Pod
from simulator.cluster.kubernetes.scheduler.asked import Shape
from simulator.cluster.kubernetes.scheduler.columns import Bools, Columns, Ints
from simulator.cluster.kubernetes.scheduler.config import MOST_SCORE, Config, Scoring, Weighted
from simulator.cluster.kubernetes.scheduler.plugin import Change, Refusal, State, Tally, Verdict
from simulator.cluster.kubernetes.scheduler.plugins.by_kind import by_number
from simulator.cluster.kubernetes.scheduler.plugins.remembered import ByShape, Remembered
from simulator.cluster.kubernetes.scheduler.rows import amount_of

LINE_SCALE = 10
"""Scores of a line go from 0 to 10."""
TOO_MANY = "Too many pods"
NEVER_SINCE = 34
"""1.MINOR from which a node that is too small even when empty counts as hopeless (PR 131345)."""


class Fits(Remembered):
    """Where there is room for a shape."""

    kind = np.bool_

    def __init__(self, columns: Columns, config: Config) -> None:
        super().__init__(columns)
        self._config = config

    def parts_of(self, key: Shape) -> list[tuple[str, int]]:
        """What is needed of which resource."""
        return needs(key, self._config)

    def of_part(self, key: Shape, part: Any) -> Any:
        """In columns."""
        columns = self._columns
        fits: Bools = columns.used_pods[part] < columns.most_pods[part]
        for name, wanted in self.parts(key):
            there, taken = columns.amounts(name, nonzero=False)
            fits = fits & (wanted <= there[part] - taken[part])
        return fits

    def of_place(self, key: Shape, place: int) -> Any:
        """From the node's row."""
        row = self._columns.order[place]
        if len(row.pods) >= row.node.status.allocatable.pods:
            return False
        for name, wanted in self.parts(key):
            there, taken = amount_of(row, name, nonzero=False)
            if wanted > there - taken:
                return False
        return True


def needs(shape: Shape, config: Config) -> list[tuple[str, int]]:
    """Resources that a pod of a shape asks for, in upstream's order, but for those ignored."""
    found = [
        (name, amount)
        for name, amount in zip(("cpu", "memory", "ephemeral-storage"), shape[:3], strict=True)
        if amount
    ]
    found += [(name, amount) for name, amount in shape[3] if not _ignored(name, config)]
    return found


def _ignored(name: str, config: Config) -> bool:
    if name in config.ignored_resources:
        return True
    return "/" in name and name.partition("/")[0] in config.ignored_groups


class Scores(Remembered):
    """What the strategy says of a shape on each node."""

    def __init__(self, columns: Columns, scoring: Scoring) -> None:
        super().__init__(columns)
        self._scoring = scoring

    def parts_of(self, key: Shape) -> list[tuple[str, int, int]]:
        """Resources with their weights and what the pod adds."""
        return counting(key, self._scoring.resources, nonzero=True)

    def of_part(self, key: Shape, part: Any) -> Any:
        """In columns."""
        sums: Any = np.zeros(len(self._columns.cpu[part]), dtype=np.int64)
        counted = sums.copy()
        for name, weight, more in self.parts(key):
            there, taken = self._columns.amounts(name, nonzero=True)
            score, counts = self._shares(there[part], taken[part] + more)
            sums += np.where(counts, score * weight, 0)
            counted += np.where(counts, weight, 0)
        if self._scoring.strategy == "RequestedToCapacityRatio":
            mean = np.floor(sums / np.maximum(counted, 1) + 0.5)
            return mean.astype(np.int64)
        return sums // np.maximum(counted, 1)

    def _shares(self, there: Ints, taken: Ints) -> tuple[Ints, Bools]:
        """The score of one resource, and whether it counts at all."""
        safe = np.maximum(there, 1)
        if self._scoring.strategy == "MostAllocated":
            return np.minimum(taken, there) * MOST_SCORE // safe, there > 0
        if self._scoring.strategy == "LeastAllocated":
            return np.maximum(there - taken, 0) * MOST_SCORE // safe, there > 0
        use = np.where(taken > there, 100, taken * 100 // safe)
        score = ints([on_line(self._scoring.line, one) for one in use.tolist()])
        return score, (there > 0) & (score > 0)

    def of_place(self, key: Shape, place: int) -> Any:
        """From the node's row."""
        row = self._columns.order[place]
        sums = counted = 0
        for name, weight, more in self.parts(key):
            there, taken = amount_of(row, name, nonzero=True)
            score = self._share(there, taken + more) if there else None
            if score is not None:
                sums += score * weight
                counted += weight
        if not counted:
            return 0
        if self._scoring.strategy == "RequestedToCapacityRatio":
            return int(sums / counted + 0.5)
        return sums // counted

    def _share(self, there: int, taken: int) -> int | None:
        if self._scoring.strategy == "MostAllocated":
            return min(taken, there) * MOST_SCORE // there
        if self._scoring.strategy == "LeastAllocated":
            return (there - taken) * MOST_SCORE // there if taken <= there else 0
        score = on_line(self._scoring.line, 100 if taken > there else taken * 100 // there)
        return score if score > 0 else None


def counting(shape: Shape, resources: Weighted, nonzero: bool) -> list[tuple[str, int, int]]:
    """Resources that count in a score, with their weights and what the pod adds: extended ones
    only where it asks for them."""
    extended = dict(shape[3])
    found = []
    for name, weight in resources:
        if name == "cpu":
            found.append((name, weight, shape[4] if nonzero else shape[0]))
        elif name == "memory":
            found.append((name, weight, shape[5] if nonzero else shape[1]))
        elif name == "ephemeral-storage":
            found.append((name, weight, shape[2]))
        elif name in extended:
            found.append((name, weight, extended[name]))
    return found


def on_line(line: tuple[tuple[int, int], ...], use: int) -> int:
    """The score of a use in percent on a broken line (``BuildBrokenLinearFunction``)."""
    for number, (at, score) in enumerate(line):
        if use <= at:
            if not number:
                return score * LINE_SCALE
            before, from_ = line[number - 1][0], line[number - 1][1] * LINE_SCALE
            rise = (score * LINE_SCALE - from_) * (use - before)
            # As Go divides: towards nought.
            step = abs(rise) // (at - before)
            return from_ + (step if rise >= 0 else -step)
    return line[-1][1] * LINE_SCALE if line else 0


class NodeResourcesFit(ByShape):
    """The filter and the score."""

    name = "NodeResourcesFit"
    filters = scores = True

    def __init__(self, state: State) -> None:
        super().__init__(state)
        state.config.scoring.check()
        self._knows_never = state.profile.minor >= NEVER_SINCE
        self.fits = Fits(state.columns, state.config)
        self.steady = self.scored = Scores(state.columns, state.config.scoring)

    def of_all(self, pod: Pod, ready: Shape) -> Bools:
        """Where there is room."""
        found: Bools = self.fits.column(ready)
        return found

    def of_node(self, pod: Pod, seen: Shape, place: int) -> Refusal:
        """All that is short on a node, in upstream's order."""
        row = self.state.columns.order[place]
        short: list[str] = []
        changes: list[Change] = []
        never = False
        most = row.node.status.allocatable.pods
        if len(row.pods) + 1 > most:
            short.append(TOO_MANY)
            changes.append(Change("free", ("pods", 1, most)))
        for name, wanted in needs(seen, self.state.config):
            there, taken = amount_of(row, name, nonzero=False)
            if wanted > there - taken:
                short.append(f"Insufficient {name}")
                changes.append(Change("free", (name, wanted - (there - taken), there)))
                never = never or (self._knows_never and wanted > there)
        if not short:
            return None
        return Verdict(tuple(short), resolvable=not never, changes=tuple(changes))

    def tally(self, pod: Pod, ready: Shape, failing: Ints) -> Tally:
        """All that is short on each, worked out for all of them at once."""
        columns = self.state.columns
        words = [TOO_MANY]
        code = (columns.used_pods[failing] >= columns.most_pods[failing]).astype(np.int64)
        never = np.zeros(len(failing), dtype=np.bool_)
        for number, (name, wanted) in enumerate(needs(ready, self.state.config), 1):
            there, taken = columns.amounts(name, nonzero=False)
            words.append(f"Insufficient {name}")
            code += (wanted > there[failing] - taken[failing]).astype(np.int64) << number
            if self._knows_never:
                never |= wanted > there[failing]
        code = code * 2 + never
        at = np.arange(len(failing))
        for one, places in by_number(code, at):
            reasons = tuple(word for bit, word in enumerate(words) if one >> (bit + 1) & 1)
            yield Verdict(reasons, not one & 1, self.name), failing[places]

    def prepare_score(self, pod: Pod) -> Shape:
        """What the pod asks for."""
        return self._asked(pod.template).shape

    def score_all(self, pod: Pod, ready: Shape, chosen: Part) -> Ints:
        """What the strategy says of all chosen nodes."""
        found: Ints = self.scored.column(ready)[chosen]
        return found

    def score_node(self, pod: Pod, seen: Shape, place: int) -> int:
        """The same of one node."""
        return int(self.scored.of_place(seen, place))
