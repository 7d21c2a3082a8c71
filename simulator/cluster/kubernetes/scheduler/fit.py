"""NodeResourcesFit and NodeResourcesBalancedAllocation: what is left of each resource.

Both depend on what a pod asks for and on what is taken of a node, so their answers are remembered
by what is asked for, and brought up to date only for nodes that changed since.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np

from simulator.cluster.kubernetes.objects.pod import Pod, Template
from simulator.cluster.kubernetes.scheduler.columns import (
    Bools,
    Columns,
    Ints,
    host_ports,
    nonzero,
    ports_conflict,
)
from simulator.cluster.kubernetes.scheduler.plugin import MOST_SCORE, Plugin, Refusal, Verdict

Shape = tuple[int, int, int, tuple[tuple[str, int], ...], int, int]
MOST_SHAPES = 2000
FEW = 64
"""Changed nodes up to which each is looked at alone."""


def shape_of(template: Template) -> Shape:
    """What a pod asks for, as a key."""
    asked = template.requests
    return (asked.cpu_millis, asked.memory_bytes, asked.ephemeral_bytes, asked.extended,
            *nonzero(template))  # fmt: skip


class Remembered:
    """Fit and scores of one shape on all nodes."""

    __slots__ = ("at", "epoch", "fits", "score")

    def __init__(self, epoch: int, at: int, fits: Bools, score: Ints) -> None:
        self.epoch = epoch
        self.at = at
        self.fits = fits
        self.score = score


class NodeResourcesFit(Plugin):
    """Room for a pod, and a score for how much is left (or how little)."""

    name = "NodeResourcesFit"
    filters = scores = True
    strategy = "LeastAllocated"

    def __init__(self, state: Any) -> None:
        super().__init__(state)
        self._shapes: dict[int, Shape] = {}
        self._known: dict[Shape, Remembered] = {}

    def prepare(self, pod: Pod) -> Shape:
        """What the pod asks for."""
        found = self._shapes.get(pod.template.number)
        if found is None:
            found = self._shapes[pod.template.number] = shape_of(pod.template)
        return found

    def of_node(self, pod: Pod, ready: Shape, place: int) -> Refusal:
        """All that is short on a node, in upstream's order."""
        row = self.state.columns.order[place]
        had = row.node.status.allocatable
        cpu, memory, storage, extended = ready[:4]
        reasons: list[str] = []
        hopeless = False
        if len(row.pods) + 1 > had.pods:
            reasons.append("Too many pods")
        for name, wanted, there, taken in (
            ("cpu", cpu, had.cpu_millis, row.cpu),
            ("memory", memory, had.memory_bytes, row.memory),
            ("ephemeral-storage", storage, had.ephemeral_bytes, row.storage),
            *((each, amount, had.amount(each), row.extended.get(each, 0))
              for each, amount in extended),
        ):  # fmt: skip
            if wanted and wanted > there - taken:
                reasons.append(f"Insufficient {name}")
                hopeless = hopeless or wanted > there
        return Verdict(tuple(reasons), resolvable=not hopeless) if reasons else None

    def verdicts(
        self, pod: Pod, ready: Shape, places: list[int]
    ) -> Iterable[tuple[Verdict, list[int]]]:
        """All that is short on each, worked out for all of them at once."""
        columns, chosen = self.state.columns, np.array(places, dtype=np.int64)
        full: Bools = columns.used_pods[chosen] >= columns.most_pods[chosen]
        short: list[tuple[str, Bools, Bools | None]] = [("Too many pods", full, None)]
        asked = [
            ("cpu", ready[0], columns.cpu, columns.used_cpu),
            ("memory", ready[1], columns.memory, columns.used_memory),
            ("ephemeral-storage", ready[2], columns.storage, columns.used_storage),
            *((name, amount, *columns.extended_of(name)) for name, amount in ready[3]),
        ]
        for name, wanted, there, taken in asked:
            if wanted:
                lacks = wanted > there[chosen] - taken[chosen]
                short.append((f"Insufficient {name}", lacks, wanted > there[chosen]))
        found: dict[Verdict, list[int]] = {}
        for at, place in enumerate(places):
            reasons = tuple(reason for reason, lacks, _ in short if lacks[at])
            hopeless = any(never is not None and never[at] for _, _, never in short)
            found.setdefault(Verdict(reasons, not hopeless), []).append(place)
        return found.items()

    def of_all(self, pod: Pod, ready: Shape) -> Bools:
        """Where there is room."""
        return self.remembered(ready).fits

    def score_node(self, pod: Pod, ready: Shape, place: int, chosen: Ints) -> int:
        """Mean of what is left of CPU and memory, in hundredths."""
        row = self.state.columns.order[place]
        had = row.node.status.allocatable
        parts = [
            self._share(had.cpu_millis, row.nz_cpu + ready[4]),
            self._share(had.memory_bytes, row.nz_memory + ready[5]),
        ]
        counted = [one for one in parts if one is not None]
        return sum(counted) // len(counted) if counted else 0

    def _share(self, there: int, taken: int) -> int | None:
        if not there:
            return None
        if self.strategy == "MostAllocated":
            return min(taken, there) * MOST_SCORE // there
        return (there - taken) * MOST_SCORE // there if taken <= there else 0

    def score_all(self, pod: Pod, ready: Shape, chosen: Ints) -> Ints:
        """The same for all chosen nodes."""
        found: Ints = self.remembered(ready).score[chosen]
        return found

    def remembered(self, shape: Shape) -> Remembered:
        """Fit and score of a shape, as of now."""
        columns = self.state.columns
        known = self._known.get(shape)
        if known is None or known.epoch != columns.epoch:
            if len(self._known) >= MOST_SHAPES:
                self._known.clear()
            every = slice(None)
            known = self._known[shape] = Remembered(
                columns.epoch, len(columns.log),
                self._fits(columns, shape, every), self._scores(columns, shape, every),
            )  # fmt: skip
        elif known.at < len(columns.log):
            places = list(dict.fromkeys(columns.log[known.at :]))
            known.at = len(columns.log)
            if len(places) <= 2:
                for place in places:
                    known.fits[place] = self.of_node_shape(shape, place)
                    known.score[place] = self._score_one(shape, place)
            else:
                chosen = np.array(places, dtype=np.int64)
                known.fits[chosen] = self._fits(columns, shape, chosen)
                known.score[chosen] = self._scores(columns, shape, chosen)
        return known

    def of_node_shape(self, shape: Shape, place: int) -> bool:
        """Whether one node has room, from its row."""
        row = self.state.columns.order[place]
        had = row.node.status.allocatable
        cpu, memory, storage, extended = shape[:4]
        return (
            len(row.pods) < had.pods
            and (not cpu or cpu <= had.cpu_millis - row.cpu)
            and (not memory or memory <= had.memory_bytes - row.memory)
            and (not storage or storage <= had.ephemeral_bytes - row.storage)
            and all(
                amount <= had.amount(name) - row.extended.get(name, 0) for name, amount in extended
            )
        )

    def _score_one(self, shape: Shape, place: int) -> int:
        return self.score_node(None, shape, place, _NONE)  # type: ignore[arg-type]

    def _fits(self, columns: Columns, shape: Shape, part: Any) -> Bools:
        cpu, memory, storage, extended = shape[:4]
        fits: Bools = columns.used_pods[part] < columns.most_pods[part]
        if cpu:
            fits &= cpu <= columns.cpu[part] - columns.used_cpu[part]
        if memory:
            fits &= memory <= columns.memory[part] - columns.used_memory[part]
        if storage:
            fits &= storage <= columns.storage[part] - columns.used_storage[part]
        for name, amount in extended:
            there, taken = columns.extended_of(name)
            fits &= amount <= there[part] - taken[part]
        return fits

    def _scores(self, columns: Columns, shape: Shape, part: Any) -> Ints:
        sums: Any = 0
        counted: Any = 0
        for there, taken, more in (
            (columns.cpu[part], columns.nz_cpu[part], shape[4]),
            (columns.memory[part], columns.nz_memory[part], shape[5]),
        ):
            safe = np.maximum(there, 1)
            if self.strategy == "MostAllocated":
                share = np.minimum(taken + more, there) * MOST_SCORE // safe
            else:
                share = np.maximum(there - taken - more, 0) * MOST_SCORE // safe
            sums = sums + np.where(there > 0, share, 0)
            counted = counted + (there > 0)
        found: Ints = sums // np.maximum(counted, 1)
        return found


_NONE: Ints = np.empty(0, dtype=np.int64)


class NodeResourcesBalancedAllocation(NodeResourcesFit):
    """How evenly CPU and memory of a node are taken."""

    name = "NodeResourcesBalancedAllocation"
    filters = False

    def prepare(self, pod: Pod) -> Any:
        """What the pod asks for; None where it asks for nothing and the profile skips it."""
        shape = super().prepare(pod)
        if self.state.profile.balanced_skips_best_effort and not (shape[0] or shape[1] or shape[3]):
            return None
        return shape

    def of_all(self, pod: Pod, ready: Shape) -> Bools:
        """It filters nothing."""
        raise AssertionError("scores only")

    def score_node(self, pod: Pod, ready: Shape, place: int, chosen: Ints) -> int:
        """By the profile's formula."""
        row = self.state.columns.order[place]
        had = row.node.status.allocatable
        old = self.state.profile.balanced == "difference"
        cpu, memory = (ready[4], ready[5]) if old else (ready[0], ready[1])
        taken = (row.nz_cpu, row.nz_memory) if old else (row.cpu, row.memory)
        before = _shares((had.cpu_millis, taken[0]), (had.memory_bytes, taken[1]))
        after = _shares((had.cpu_millis, taken[0] + cpu), (had.memory_bytes, taken[1] + memory))
        return balanced(self.state.profile.balanced, before, after)

    def _fits(self, columns: Columns, shape: Shape, part: Any) -> Bools:
        found: Bools = columns.used_pods[part] >= 0
        return found

    def of_node_shape(self, shape: Shape, place: int) -> bool:
        """It filters nothing."""
        return True

    def _scores(self, columns: Columns, shape: Shape, part: Any) -> Ints:
        """The same arithmetic as ``balanced``, for many nodes at once."""
        formula = self.state.profile.balanced
        old = formula == "difference"
        pairs = (
            (columns.cpu[part], (columns.nz_cpu if old else columns.used_cpu)[part]),
            (columns.memory[part], (columns.nz_memory if old else columns.used_memory)[part]),
        )
        asked = (shape[4], shape[5]) if old else (shape[0], shape[1])
        if any((there <= 0).any() for there, _ in pairs):
            every = np.arange(len(columns.order))[part]
            return np.array([self._score_one(shape, int(one)) for one in every], dtype=np.int64)
        before = [taken / there for there, taken in pairs]
        after = [(taken + more) / there for (there, taken), more in zip(pairs, asked, strict=True)]
        if formula == "difference":
            raw = ((1 - np.abs(after[0] - after[1])) * MOST_SCORE).astype(np.int64)
            capped: Ints = np.where(np.maximum(after[0], after[1]) >= 1, 0, raw)
            return capped
        found = _deviations(*after)
        return found if formula == "deviation" else (150 + found - _deviations(*before)) // 2


def _deviations(one: Any, other: Any) -> Ints:
    std = np.abs((np.minimum(one, 1.0) - np.minimum(other, 1.0)) / 2)
    found: Ints = ((1 - std) * MOST_SCORE).astype(np.int64)
    return found


def _shares(*parts: tuple[int, int]) -> list[float]:
    return [taken / there for there, taken in parts if there]


def balanced(formula: str, before: list[float], after: list[float]) -> int:
    """The score of shares that are taken, without the pod and with it.

    ``difference`` up to 1.21, ``deviation`` from 1.22, ``before-after`` the newest (PR 135573).
    """
    if formula == "difference":
        if len(after) < 2 or max(after) >= 1:
            return 0
        return int((1 - abs(after[0] - after[1])) * MOST_SCORE)
    if formula == "deviation":
        return _deviation(after)
    return (150 + _deviation(after) - _deviation(before)) // 2


def _deviation(shares: list[float]) -> int:
    capped = [min(1.0, one) for one in shares]
    if len(capped) < 2:
        return MOST_SCORE
    if len(capped) == 2:
        std = abs((capped[0] - capped[1]) / 2)
    else:
        mean = sum(capped) / len(capped)
        std = (sum((one - mean) ** 2 for one in capped) / len(capped)) ** 0.5
    return int((1 - std) * MOST_SCORE)


class NodePorts(Plugin):
    """No two pods at the same port of a node."""

    name = "NodePorts"
    filters = True

    def prepare(self, pod: Pod) -> Any:
        """The ports that it wants; None where it wants none."""
        return host_ports(pod.template) or None

    def of_node(self, pod: Pod, ready: Any, place: int) -> Refusal:
        """Whether they are free."""
        if ready and ports_conflict(ready, self.state.columns.order[place].ports):
            return Verdict(("node(s) didn't have free ports for the requested pod ports",))
        return None

    def of_all(self, pod: Pod, ready: Any) -> Bools | None:
        """The same for all."""
        rows = self.state.columns.order
        return np.array([not ports_conflict(ready, row.ports) for row in rows], dtype=np.bool_)


class NodeName(Plugin):
    """A pod that names its node goes there and nowhere else."""

    name = "NodeName"
    filters = True

    def prepare(self, pod: Pod) -> Any:
        """The node that it names; None where it names none."""
        return pod.spec.node_name or None

    def of_node(self, pod: Pod, ready: Any, place: int) -> Refusal:
        """Whether it is this one."""
        if ready and self.state.columns.order[place].node.name != ready:
            return Verdict(("node(s) didn't match the requested node name",), resolvable=False)
        return None

    def of_all(self, pod: Pod, ready: Any) -> Bools | None:
        """The same for all."""
        mask = np.zeros(len(self.state.columns.order), dtype=np.bool_)
        place = self.state.columns.places.get(ready)
        if place is not None:
            mask[place] = True
        return mask
