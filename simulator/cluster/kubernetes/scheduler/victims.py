"""Who would have to go from a node for a pod to fit there."""

from __future__ import annotations

from typing import NamedTuple, TypeAlias

import msgspec
import numpy as np

from simulator.cluster.kubernetes.objects.pod import Pod
from simulator.cluster.kubernetes.scheduler.budgets import Budgets
from simulator.cluster.kubernetes.scheduler.columns import Ints, Row
from simulator.cluster.kubernetes.scheduler.cycle import Cycle
from simulator.cluster.kubernetes.scheduler.judge import Prepared, first_refusal
from simulator.cluster.kubernetes.scheduler.selecting import as_template

PRIORITY_SHIFT = 2**31
"""Added to each priority in sums, so that fewer victims of negative priority do not seem worse."""
NO_VICTIMS = ("No preemption victims found for incoming pod",)
LOCAL = ("NodeResourcesFit", "NodePorts")
"""Filters whose answer changes with the pods of the node, and with nothing else."""
GLOBAL = ("PodTopologySpread", "InterPodAffinity")
"""Filters whose answer changes with pods elsewhere too."""


class Loss(NamedTuple):
    """By what nodes are compared, the smallest first (``pickOneNodeForPreemption``)."""

    violations: int = 0
    highest_priority: int = 0
    priorities: int = 0
    """The sum, each shifted so that it is not negative."""
    pods: int = 0
    earliness: float = 0.0
    """How early the most important one started: minus its time."""


class Victims(msgspec.Struct, frozen=True):
    """Who has to go from a node, the most important first, and how many budgets that breaks."""

    node: str
    pods: tuple[Pod, ...]
    violations: int = 0
    loss: Loss = Loss()


Outcome: TypeAlias = Victims | tuple[str, ...]
"""Victims, or why there are none that help."""


def importance(pod: Pod) -> tuple[int, float]:
    """More important: a higher priority, then an earlier start."""
    started = pod.status.started_at
    return -pod.priority, pod.meta.created if started is None else started


def loss_of(pods: tuple[Pod, ...], violations: int) -> Loss:
    """What is lost with some pods."""
    highest = max(pod.priority for pod in pods)
    earliest = min(importance(pod)[1] for pod in pods if pod.priority == highest)
    total = sum(pod.priority + PRIORITY_SHIFT for pod in pods)
    return Loss(violations, highest, total, len(pods), -earliest)


LOSSES = len(Loss._fields)
MOST_KEPT = 500
UNKNOWN, NONE, HARMLESS, HARMFUL = range(4)
"""What is known of a node: nothing; no victims that help; some; some that break a budget."""


class Tried:
    """What came of trying nodes, for pods that are alike: in columns, to compare many at once."""

    def __init__(self, nodes: int) -> None:
        self.status = np.zeros(nodes, dtype=np.int8)
        self.reason = np.zeros(nodes, dtype=np.int64)
        self.losses = np.zeros((nodes, LOSSES))
        self.victims: dict[int, Victims] = {}
        self.reasons: list[tuple[str, ...]] = []
        self._numbers: dict[tuple[str, ...], int] = {}

    def put(self, place: int, outcome: Outcome) -> None:
        """It is known from now on."""
        if isinstance(outcome, Victims):
            self.status[place] = HARMFUL if outcome.violations else HARMLESS
            self.losses[place] = outcome.loss
            self.victims[place] = outcome
            return
        number = self._numbers.setdefault(outcome, len(self.reasons))
        if number == len(self.reasons):
            self.reasons.append(outcome)
        self.status[place], self.reason[place] = NONE, number

    def why(self, places: Ints) -> dict[str, int]:
        """Why there are no victims on some nodes: each reason with how often."""
        found: dict[str, int] = {}
        without = places[self.status[places] == NONE]
        for number, count in enumerate(np.bincount(self.reason[without]).tolist()):
            for reason in self.reasons[number] if count else ():
                found[reason] = found.get(reason, 0) + count
        return found

    def best(self, places: Ints) -> Victims:
        """The victims on the node on which the least is lost; the first of several."""
        for column in range(LOSSES):
            if len(places) == 1:
                break
            losses = self.losses[places, column]
            places = places[losses == losses.min()]
        return self.victims[int(places[0])]


class DryRuns:
    """Tries nodes, and remembers what came of it as long as a node stays as it was."""

    def __init__(self, cycle: Cycle, budgets: Budgets) -> None:
        self._cycle = cycle
        self.budgets = budgets
        self._kept: dict[tuple[int, str, int], Tried] = {}
        self._at: tuple[object, ...] = ()
        self._read = 0
        self._fast = False
        self._seen: Prepared = ()

    def budgets_changed(self) -> None:
        """What is known may be so no more."""
        self._kept = {}

    def begin(self, pod: Pod, ready: Prepared) -> Tried:
        """Tries for a pod begin: what is known of pods like it and is still so."""
        columns = self._cycle.state.columns
        now = columns.epoch, columns.kinds_epoch
        if now != self._at or len(self._kept) > MOST_KEPT:
            self._at, self._kept = now, {}
        else:
            changed = columns.log.since(self._read)
            for tried in self._kept.values() if changed else ():
                tried.status[changed] = UNKNOWN
        self._read = len(columns.log)
        self._fast = not any(plugin.name in GLOBAL for plugin, _ in ready)
        self._seen = self._cycle.seen(pod, self._cycle.state.counts)
        if not self._fast or not as_template(pod):
            return Tried(len(columns.order))
        key = pod.template.number, pod.meta.namespace, pod.priority
        found = self._kept.get(key)
        if found is None:
            found = self._kept[key] = Tried(len(columns.order))
        return found

    def run(self, pod: Pod, place: int) -> Outcome:
        """Try one node."""
        row = self._cycle.state.columns.order[place]
        less = [one for one in row.pods.values() if one.priority < pod.priority]
        if not less:
            return NO_VICTIMS
        less.sort(key=importance)
        before = dict(row.pods)
        fast = self._fast and not self._cycle.nominations.beside(pod, row.node.name)
        attempt = Attempt(self._cycle, pod, place, row, self._seen if fast else None)
        try:
            return attempt.run(less, self.budgets.broken_by(less))
        finally:
            attempt.undo()
            row.pods = before


class Attempt:
    """One pod tried on one node without those that are less important."""

    def __init__(self, cycle: Cycle, pod: Pod, place: int, row: Row, seen: Prepared | None) -> None:
        self._cycle = cycle
        self._pod = pod
        self._place = place
        self._row = row
        self._seen = seen
        """What all filters see, where that does not change with who is on the node."""
        self._gone: dict[str, Pod] = {}

    def run(self, less: list[Pod], broken: list[bool]) -> Outcome:
        """All less important pods are taken off; those that still fit beside the new one are put
        back, those whose end would break a budget first (``SelectVictimsOnNode``)."""
        for one in less:
            self._take(one)
        refused = self._refusal(everything=True)
        if refused is not None:
            return refused
        first = [one for one, bad in zip(less, broken, strict=True) if bad]
        then = [one for one, bad in zip(less, broken, strict=True) if not bad]
        violations = sum(not self._reprieve(one) for one in first)
        for one in then:
            self._reprieve(one)
        victims = tuple(sorted(self._gone.values(), key=importance))
        if not victims:
            return ()
        return Victims(self._row.node.name, victims, violations, loss_of(victims, violations))

    def _reprieve(self, pod: Pod) -> bool:
        self._put(pod)
        if self._refusal(everything=False) is None:
            return True
        self._take(pod)
        return False

    def _refusal(self, everything: bool) -> tuple[str, ...] | None:
        if self._seen is None:
            verdict = self._cycle.verdict(self._pod, self._place)
        else:
            seen = self._seen
            if not everything:
                seen = [one for one in seen if one[0].name in LOCAL]
            verdict = first_refusal(self._pod, self._place, seen)
        return None if verdict is None else verdict.reasons

    def _take(self, pod: Pod) -> None:
        self._gone[pod.meta.uid] = pod
        self._move(pod, -1)

    def _put(self, pod: Pod) -> None:
        del self._gone[pod.meta.uid]
        self._move(pod, 1)

    def _move(self, pod: Pod, sign: int) -> None:
        if self._seen is None:
            self._cycle.put(pod, self._place, self._row.node.name, sign)
        else:
            self._row.add(pod, self._cycle.state.columns.asked, sign)

    def undo(self) -> None:
        """Everybody is back."""
        for one in list(self._gone.values()):
            self._put(one)
