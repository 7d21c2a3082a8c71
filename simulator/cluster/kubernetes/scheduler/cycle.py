"""One decision: filter, score, choose; in columns, or node by node for those who want to see."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Callable, Sequence
from typing import Any

import msgspec
import numpy as np

from simulator.cluster.kubernetes.objects.pod import Pod
from simulator.cluster.kubernetes.objects.selectors import LabelSelector
from simulator.cluster.kubernetes.scheduler.by_kind import NodeUnschedulable, TaintToleration
from simulator.cluster.kubernetes.scheduler.columns import Bools, Ints
from simulator.cluster.kubernetes.scheduler.fit import (
    NodeName,
    NodePorts,
    NodeResourcesBalancedAllocation,
    NodeResourcesFit,
)
from simulator.cluster.kubernetes.scheduler.image_locality import ImageLocality
from simulator.cluster.kubernetes.scheduler.interpod import InterPodAffinity
from simulator.cluster.kubernetes.scheduler.node_affinity import NodeAffinity
from simulator.cluster.kubernetes.scheduler.plugin import Plugin, State, Verdict
from simulator.cluster.kubernetes.scheduler.spread import PodTopologySpread

ENOUGH = 100
"""Feasible nodes that are looked for at least."""


class Diagnosis(msgspec.Struct, frozen=True):
    """Why no node takes a pod: how many for which reason, and for how many less would help."""

    nodes: int
    reasons: tuple[tuple[str, int], ...]
    plugins: tuple[str, ...]
    resolvable: tuple[int, ...]
    """Places of nodes on which less might help."""

    @property
    def message(self) -> str:
        """As the scheduler says it."""
        if not self.nodes:
            return "no nodes available to schedule pods"
        return f"0/{self.nodes} nodes are available: {listed(self.reasons)}."


def listed(reasons: Sequence[tuple[str, int]]) -> str:
    """``2 Insufficient cpu, 1 node(s) were unschedulable``, sorted as text."""
    return ", ".join(sorted(f"{count} {reason}" for reason, count in reasons))


class Decision(msgspec.Struct, frozen=True):
    """A node for a pod, or why there is none."""

    node: str = ""
    diagnosis: Diagnosis | None = None


class PluginScore(msgspec.Struct, frozen=True):
    """One plugin's score of one node: raw, normalised, and what it counts for."""

    plugin: str
    raw: int
    score: int
    weight: int


class NodeView(msgspec.Struct, frozen=True):
    """What the scheduler thinks of one node for a pod."""

    node: str
    verdict: Verdict | None
    scores: tuple[PluginScore, ...] = ()

    @property
    def total(self) -> int:
        """The sum by which nodes are compared."""
        return sum(one.score * one.weight for one in self.scores)


def nodes_to_find(nodes: int, percentage: int = 0) -> int:
    """How many feasible nodes are enough (``numFeasibleNodesToFind``)."""
    if nodes < ENOUGH or percentage >= 100:
        return nodes
    share = percentage or max(5, 50 - nodes // 125)
    return max(ENOUGH, nodes * share // 100)


class Cycle:
    """Decides for one pod after the other."""

    def __init__(
        self, state: State, seed: int, defaults: Callable[[Pod], LabelSelector | None]
    ) -> None:
        self.state = state
        self.seed = seed
        self.percentage = 0
        self.spread = PodTopologySpread(state, defaults)
        self.fit = NodeResourcesFit(state)
        affinity, taints = NodeAffinity(state), TaintToleration(state)
        interpod = InterPodAffinity(state)
        self.filters: list[Plugin] = [
            NodeUnschedulable(state), NodeName(state), taints, affinity, NodePorts(state),
            self.fit, self.spread, interpod,
        ]  # fmt: skip
        self.scores: list[Plugin] = [
            taints, affinity, self.spread, interpod, self.fit,
            NodeResourcesBalancedAllocation(state), ImageLocality(state),
        ]  # fmt: skip
        self.cycles = 0
        self._start = 0
        self._failed: dict[int, tuple[tuple[int, int, int], Diagnosis]] = {}

    # --- deciding ---------------------------------------------------------------------------------

    def schedule(self, pod: Pod) -> Decision:
        """The node for a pod, as columns say."""
        columns = self.state.columns
        columns.refresh()
        self.cycles += 1
        ready = [(one, one.prepare(pod)) for one in self.filters]
        mask = self._mask(pod, ready)
        chosen = self._chosen(mask)
        if not len(chosen):
            return Decision(diagnosis=self.diagnose(pod, ready))
        if len(chosen) == 1:
            return Decision(columns.order[int(chosen[0])].node.name)
        total = self.totals(pod, chosen)
        return Decision(columns.order[self._best(chosen, total)].node.name)

    def _mask(self, pod: Pod, ready: Sequence[tuple[Plugin, Any]]) -> Bools:
        mask: Bools | None = None
        for plugin, prepared in ready:
            if prepared is None:
                continue
            one = plugin.of_all(pod, prepared)
            if one is not None:
                mask = one if mask is None else mask & one
        assert mask is not None
        return mask

    def _chosen(self, mask: Bools) -> Ints:
        """The feasible nodes that are looked at: enough of them, from where the last one ended."""
        found = np.flatnonzero(mask)
        count = len(self.state.columns.order)
        wanted = nodes_to_find(count, self.percentage)
        if not len(found):
            return found
        if self._start:
            first = int(np.searchsorted(found, self._start))
            found = np.concatenate((found[first:], found[:first]))
        if len(found) >= wanted:
            found = found[:wanted]
            looked = (int(found[-1]) - self._start) % count + 1
            self._start = (self._start + looked) % count
        return found

    def totals(self, pod: Pod, chosen: Ints) -> Ints:
        """Weighed sums of all scores; what is the same for all is left out."""
        total = np.zeros(len(chosen), dtype=np.int64)
        for plugin in self.scores:
            prepared = plugin.prepare(pod)
            if prepared is None:
                continue
            raw = plugin.score_all(pod, prepared, chosen)
            if raw is not None:
                total += plugin.weight * plugin.normalise(pod, prepared, raw, chosen)
        return total

    def _best(self, chosen: Ints, total: Ints) -> int:
        """One of the highest, drawn by seed and number of the decision."""
        ties = chosen[total == total.max()]
        if len(ties) == 1:
            return int(ties[0])
        word = f"{self.seed}/{self.cycles}".encode()
        drawn = int.from_bytes(hashlib.blake2b(word, digest_size=8).digest(), "little")
        return int(np.sort(ties)[drawn % len(ties)])

    # --- why not ----------------------------------------------------------------------------------

    def diagnose(self, pod: Pod, ready: Sequence[tuple[Plugin, Any]]) -> Diagnosis:
        """The first filter that each node fails; the same question twice is answered once."""
        columns = self.state.columns
        at = columns.epoch, len(columns.log), self.state.counting.changes
        known = self._failed.get(pod.template.number)
        if known is not None and known[0] == at and pod.meta.labels is pod.template.labels:
            return known[1]
        found = self._diagnosed(pod, ready)
        if len(self._failed) > 1000:
            self._failed.clear()
        self._failed[pod.template.number] = at, found
        return found

    def _diagnosed(self, pod: Pod, ready: Sequence[tuple[Plugin, Any]]) -> Diagnosis:
        columns = self.state.columns
        left = np.ones(len(columns.order), dtype=np.bool_)
        reasons: Counter[str] = Counter()
        plugins: list[str] = []
        resolvable: list[int] = []
        for plugin, prepared in ready:
            mask = None if prepared is None else plugin.of_all(pod, prepared)
            if mask is None:
                continue
            failing = np.flatnonzero(left & ~mask).tolist()
            if not failing:
                continue
            left &= mask
            plugins.append(plugin.name)
            for verdict, places in plugin.verdicts(pod, prepared, failing):
                for reason in verdict.reasons:
                    reasons[reason] += len(places)
                if verdict.resolvable:
                    resolvable += places
        return Diagnosis(
            len(columns.order), tuple(reasons.items()), tuple(plugins), tuple(sorted(resolvable))
        )

    # --- node by node -----------------------------------------------------------------------------

    def explain(self, pod: Pod) -> list[NodeView]:
        """What each filter and each score says of every node, asked one by one."""
        columns = self.state.columns
        columns.refresh()
        verdicts = [self.verdict(pod, place) for place in range(len(columns.order))]
        chosen = np.array(
            [place for place, one in enumerate(verdicts) if one is None], dtype=np.int64
        )
        scores = self._explained(pod, chosen)
        return [
            NodeView(row.node.name, verdict, scores.get(place, ()))
            for place, (row, verdict) in enumerate(zip(columns.order, verdicts, strict=True))
        ]

    def verdict(self, pod: Pod, place: int) -> Verdict | None:
        """The first filter that a node fails."""
        for plugin in self.filters:
            prepared = plugin.prepare(pod)
            refused = None if prepared is None else plugin.of_node(pod, prepared, place)
            if refused is not None:
                return Verdict(refused.reasons, refused.resolvable, plugin.name)
        return None

    def _explained(self, pod: Pod, chosen: Ints) -> dict[int, tuple[PluginScore, ...]]:
        found: dict[int, list[PluginScore]] = {int(place): [] for place in chosen}
        for plugin in self.scores if len(chosen) else ():
            prepared = plugin.prepare(pod)
            if prepared is None or (prepared is False):
                continue
            raw = np.array(
                [plugin.score_node(pod, prepared, int(place), chosen) for place in chosen],
                dtype=np.int64,
            )
            normal = plugin.normalise(pod, prepared, raw, chosen)
            for place, one, score in zip(chosen.tolist(), raw, normal, strict=True):
                found[place].append(PluginScore(plugin.name, int(one), int(score), plugin.weight))
        return {place: tuple(scores) for place, scores in found.items()}
