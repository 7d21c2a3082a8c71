"""Filters that look at what many nodes have in common: each kind of node is asked once."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np

from simulator.cluster.kubernetes.objects.placing import Taint, Toleration
from simulator.cluster.kubernetes.objects.pod import Pod
from simulator.cluster.kubernetes.scheduler.columns import Bools, Ints, Kind
from simulator.cluster.kubernetes.scheduler.plugin import Plugin, Refusal, Verdict

CORDONED = Taint("node.kubernetes.io/unschedulable", "NoSchedule")
HARD = ("NoSchedule", "NoExecute")


class ByKind(Plugin):
    """A filter whose answer is the same for all nodes of a kind, remembered by template."""

    filters = True

    def __init__(self, state: Any) -> None:
        super().__init__(state)
        self._masks: dict[int, tuple[int, Bools | None]] = {}

    def of_kind(self, pod: Pod, kind: Kind) -> Refusal:
        """Whether nodes of a kind take the pod."""
        raise NotImplementedError

    def of_node(self, pod: Pod, ready: Any, place: int) -> Refusal:
        """The answer for the node's kind."""
        return self.of_kind(pod, self.state.columns.order[place].kind)

    def verdicts(
        self, pod: Pod, ready: Any, places: list[int]
    ) -> Iterable[tuple[Verdict, list[int]]]:
        """One look at each kind."""
        by_kind: dict[int, list[int]] = {}
        kinds = self.state.columns.kind.tolist()
        for place in places:
            by_kind.setdefault(kinds[place], []).append(place)
        for same in by_kind.values():
            refused = self.of_node(pod, ready, same[0])
            if refused is not None:
                yield refused, same

    def of_all(self, pod: Pod, ready: Any) -> Bools | None:
        """One look at each kind; None where all take it."""
        columns = self.state.columns
        number = pod.template.number
        epoch, mask = self._masks.get(number, (-1, None))
        if epoch != columns.epoch:
            answers = np.array([self.of_kind(pod, kind) is None for kind in columns.kinds])
            mask = answers[columns.kind]
            mask = None if mask.all() else mask
            self._masks[number] = columns.epoch, mask
        return mask


class NodeUnschedulable(ByKind):
    """No pods on cordoned nodes, unless they tolerate that."""

    name = "NodeUnschedulable"

    def of_kind(self, pod: Pod, kind: Kind) -> Refusal:
        """Whether nodes of a kind take the pod."""
        if not kind.unschedulable or _tolerated(CORDONED, pod.spec.tolerations):
            return None
        return Verdict(("node(s) were unschedulable",), resolvable=False)


class TaintToleration(ByKind):
    """No pods on nodes whose taints they do not tolerate; soft taints count against a node."""

    name = "TaintToleration"
    scores = normalised = reverse = True
    weight = 3

    def of_kind(self, pod: Pod, kind: Kind) -> Refusal:
        """The first taint that is not tolerated keeps the pod away."""
        taint = self.untolerated(pod, kind)
        return None if taint is None else Verdict((self.says(taint),), resolvable=False)

    def untolerated(self, pod: Pod, kind: Kind) -> Taint | None:
        """The first taint that keeps a pod away."""
        for taint in kind.taints:
            if taint.effect in HARD and not _tolerated(taint, pod.spec.tolerations):
                return taint
        return None

    def says(self, taint: Taint) -> str:
        """The reason in upstream's words, which changed with 1.24."""
        if self.state.profile.taint_text_new:
            return f"node(s) had untolerated taint {{{taint.key}: {taint.value}}}"
        return f"node(s) had taint {{{taint.key}: {taint.value}}}, that the pod didn't tolerate"

    def prepare(self, pod: Pod) -> Any:
        """Scores matter only where a node has a taint that would rather keep pods away."""
        kinds = self.state.columns.kinds
        return any(one.effect == "PreferNoSchedule" for kind in kinds for one in kind.taints)

    def count(self, pod: Pod, kind: Kind) -> int:
        """Taints that would rather keep the pod away, and are not tolerated."""
        soft = [one for one in pod.spec.tolerations if one.effect in ("", "PreferNoSchedule")]
        return sum(
            one.effect == "PreferNoSchedule" and not _tolerated(one, tuple(soft))
            for one in kind.taints
        )

    def score_node(self, pod: Pod, ready: Any, place: int, chosen: Ints) -> int:
        """Taints that count against a node."""
        return self.count(pod, self.state.columns.order[place].kind)

    def score_all(self, pod: Pod, ready: Any, chosen: Ints) -> Ints | None:
        """The same for all; None where no node has such a taint."""
        if not ready:
            return None
        columns = self.state.columns
        counts = np.array([self.count(pod, kind) for kind in columns.kinds], dtype=np.int64)
        found: Ints = counts[columns.kind[chosen]]
        return found


def _tolerated(taint: Taint, tolerations: tuple[Toleration, ...]) -> bool:
    return any(one.tolerates(taint) for one in tolerations)
