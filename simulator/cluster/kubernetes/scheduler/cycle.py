"""One decision: filter, score, choose, in columns."""

from __future__ import annotations

import msgspec
import numpy as np

from simulator.cluster.columns import Part, drawn, ints, size
from simulator.cluster.kubernetes.objects.pod import Pod
from simulator.cluster.kubernetes.scheduler.columns import Bools, Ints
from simulator.cluster.kubernetes.scheduler.diagnosis import NOWHERE, Diagnosis
from simulator.cluster.kubernetes.scheduler.judge import Judge, Prepared
from simulator.cluster.kubernetes.scheduler.plugin import State, Verdict
from simulator.cluster.kubernetes.scheduler.plugins.balanced_allocation import (
    NodeResourcesBalancedAllocation,
)
from simulator.cluster.kubernetes.scheduler.plugins.image_locality import ImageLocality
from simulator.cluster.kubernetes.scheduler.plugins.remembered import Sums
from simulator.cluster.kubernetes.scheduler.plugins.spread_constraints import Defaults

ENOUGH = 100
"""Feasible nodes that are looked for at least."""
LEAST_SHARE, SHARE, NODES_PER_SHARE = 5, 50, 125
ELSEWHERE = "node(s) didn't satisfy plugin(s) [NodeAffinity]"
ELSEWHERE_OLD = "node is filtered out by the prefilter result"
"""Of nodes other than those that a pod names: from 1.30, and from 1.27; before, nothing."""
MOST_FAILURES = 1000
FEW_NAMED = 8
"""Nodes that a pod may name so that only these are asked, one by one."""


class Decision(msgspec.Struct, frozen=True):
    """A node for a pod, or why there is none."""

    node: str = ""
    diagnosis: Diagnosis | None = None


def nodes_to_find(nodes: int, percentage: int = 0) -> int:
    """How many feasible nodes are enough (``numFeasibleNodesToFind``)."""
    if nodes < ENOUGH or percentage >= 100:
        return nodes
    share = percentage or max(LEAST_SHARE, SHARE - nodes // NODES_PER_SHARE)
    return max(ENOUGH, nodes * share // 100)


class Cycle(Judge):
    """Decides for one pod after the other."""

    def __init__(self, state: State, seed: int, defaults: Defaults) -> None:
        super().__init__(state, defaults)
        self.seed = seed
        both = [one for one in self.filters if one.scores]
        every = [*both, NodeResourcesBalancedAllocation(state), ImageLocality(state)]
        self.scores = [one for one in every if one.weight]
        self._steady = [one for one in self.scores if one.steady is not None]
        self._lively = [one for one in self.scores if one.steady is None]
        steady = [(one.steady, one.weight) for one in self._steady if one.steady is not None]
        self._sums = Sums(state.columns, steady)
        self._percentage = state.config.percentage
        self.cycles = 0
        self.start = 0
        """Where the next search begins (``nextStartNodeIndex``)."""
        self._failed: dict[tuple[int, str], tuple[object, Decision]] = {}

    # --- deciding ---------------------------------------------------------------------------------

    def schedule(self, pod: Pod, nominated: str = "") -> Decision:
        """The node for a pod; ``nominated``: one that is tried first."""
        self.state.columns.refresh()
        self.cycles += 1
        known = self._known_failure(pod)
        if known is not None:
            self._step(self._named_count(pod))
            return known
        problem, plugin = self.problem(pod)
        if problem:
            count = len(self.state.columns)
            return self._refused(pod, Diagnosis(count, problem=problem, plugins=(plugin,)))
        if nominated and self._still_fits(pod, nominated):
            return Decision(nominated)
        named = self.named(pod)
        if named is not None and len(named) <= FEW_NAMED:
            return self._among(pod, named)
        ready = self.prepared(pod)
        chosen = self._chosen(pod, self._mask(pod, ready))
        if not size(chosen):
            return self._refused(pod, self._diagnosed(pod, ready))
        return self._best(pod, chosen)

    def _best(self, pod: Pod, chosen: Part) -> Decision:
        if size(chosen) > 1:
            place = self.best(chosen, self.totals(pod, chosen))
        else:
            place = chosen.start if isinstance(chosen, slice) else int(chosen[0])
        return Decision(self.state.columns.order[place].node.name)

    def _among(self, pod: Pod, named: tuple[str, ...]) -> Decision:
        """The node of a pod that names a few: only these are asked."""
        known, count = self.state.columns.places, max(1, len(self.state.columns))
        there = [known[one] for one in named if one in known]
        places = sorted(there, key=lambda place: (place - self.start) % count)
        each = [(place, self.verdict(pod, place)) for place in places]
        self._step(len(places))
        fitting = [place for place, refused in each if refused is None]
        if fitting:
            return self._best(pod, ints(fitting))
        _, elsewhere = self._looked_at(pod, len(self.state.columns.order))
        tally = [
            (Verdict(one.reasons, one.resolvable, one.plugin), ints([place]))
            for place, one in each
            if one is not None
        ]
        return self._refused(pod, _summed(len(self.state.columns.order), elsewhere, tally))

    def feasible(self, pod: Pod) -> Bools:
        """Which nodes take a pod. Not to be changed: others may hold it."""
        return self._mask(pod, self.prepared(pod))

    def _still_fits(self, pod: Pod, node: str) -> bool:
        place = self.state.columns.places.get(node)
        return place is not None and self.verdict(pod, place) is None

    def _mask(self, pod: Pod, ready: Prepared) -> Bools:
        mask: Bools | None = None
        for plugin, prepared in ready:
            one = plugin.of_all(pod, prepared)
            if one is not None:
                mask = one if mask is None else mask & one
        assert mask is not None
        return self._without_nominees(pod, mask)

    def _without_nominees(self, pod: Pod, mask: Bools) -> Bools:
        """Nodes do not take a pod that would take the place of more important ones to come."""
        copied = False
        for node in self.nominations.nodes_for(pod):
            place = self.state.columns.places.get(node)
            if place is not None and mask[place] and self.verdict(pod, place) is not None:
                mask = mask if copied else mask.copy()
                copied = True
                mask[place] = False
        return mask

    def _chosen(self, pod: Pod, mask: Bools) -> Part:
        """The feasible nodes that are looked at: enough of them, from where the last one ended."""
        named = self._named_count(pod)
        wanted = nodes_to_find(len(mask) if named is None else named, self._percentage)
        found = self._first(mask, wanted)
        if named is None and size(found) >= wanted and len(mask):
            last = found.stop - 1 if isinstance(found, slice) else int(found[-1])
            self.start = (last + 1) % len(mask)
        else:
            self._step(named)
        return found

    def _named_count(self, pod: Pod) -> int | None:
        """How many nodes there are of those that a pod names; None where it names none."""
        named = self.named(pod)
        return None if named is None else sum(one in self.state.columns.places for one in named)

    def _step(self, nodes: int | None) -> None:
        """The next search begins that much later."""
        self.start = (self.start + (nodes or 0)) % max(1, len(self.state.columns))

    def _first(self, mask: Bools, wanted: int) -> Part:
        """The first that many from the start on, and round."""
        start = self.start % max(1, len(mask))
        if start + wanted <= len(mask) and np.logical_and.reduce(mask[start : start + wanted]):
            return slice(start, start + wanted)
        near = mask[start : start + 2 * wanted].nonzero()[0]
        if len(near) < wanted:
            near = mask[start:].nonzero()[0]
        found: Ints = near[:wanted] + start
        if len(found) < wanted:
            found = np.concatenate((found, mask[:start].nonzero()[0]))[:wanted]
        return found

    def totals(self, pod: Pod, chosen: Part) -> Ints:
        """Weighed sums of all scores; what is the same for all is left out."""
        steady = tuple([one.prepare_score(pod) for one in self._steady])
        total: Ints = self._sums.column(steady)[chosen]
        for plugin in self._lively:
            prepared = plugin.prepare_score(pod)
            if prepared is None:
                continue
            raw = plugin.score_all(pod, prepared, chosen)
            if raw is not None:
                score = plugin.normalise(raw)
                weighed = plugin.weight * score.astype(np.int64, copy=False)
                total = total + weighed
        return total

    def best(self, chosen: Part, total: Ints) -> int:
        """The place of one of the highest, drawn by seed and number of the decision."""
        ties = (total == np.maximum.reduce(total)).nonzero()[0]
        count = len(ties)
        one = int(ties[0 if count == 1 else drawn(self.seed, self.cycles, count)])
        return int(chosen.start + one) if isinstance(chosen, slice) else int(chosen[one])

    # --- why not ----------------------------------------------------------------------------------

    def _known_failure(self, pod: Pod) -> Decision | None:
        """The same question twice, with nothing changed between, is answered once."""
        known = self._failed.get((pod.template.number, pod.meta.namespace))
        if known is None or known[0] != self._version(pod):
            return None
        return known[1]

    def _version(self, pod: Pod) -> object:
        return self.state.version, self.nominations.changes, pod.priority, pod.meta.labels

    def _refused(self, pod: Pod, diagnosis: Diagnosis) -> Decision:
        decision = Decision(diagnosis=diagnosis)
        if pod.template.spec.volumes:
            return decision  # claims change without the nodes
        if len(self._failed) > MOST_FAILURES:
            self._failed.clear()
        self._failed[pod.template.number, pod.meta.namespace] = self._version(pod), decision
        return decision

    def _diagnosed(self, pod: Pod, ready: Prepared) -> Diagnosis:
        count = len(self.state.columns.order)
        left, elsewhere = self._looked_at(pod, count)
        tally: list[tuple[Verdict, Ints]] = self._beside_nominees(pod, left)
        for plugin, prepared in ready:
            mask = plugin.of_all(pod, prepared)
            if mask is None:
                continue
            failing = np.flatnonzero(left & ~mask)
            if len(failing):
                left &= mask
                tally += plugin.tally(pod, prepared, failing)
        return _summed(count, elsewhere, tally)

    def _beside_nominees(self, pod: Pod, left: Bools) -> list[tuple[Verdict, Ints]]:
        """What is said of nodes to which others are to come; they are left out of the rest."""
        found = []
        for node in self.nominations.nodes_for(pod):
            place = self.state.columns.places.get(node)
            if place is None or not left[place]:
                continue
            left[place] = False
            refused = self.verdict(pod, place)
            if refused is not None:
                plain = Verdict(refused.reasons, refused.resolvable, refused.plugin)
                found.append((plain, np.array([place], dtype=np.int64)))
        return found

    def _looked_at(self, pod: Pod, count: int) -> tuple[Bools, dict[Verdict, int]]:
        """Nodes that are looked at at all; what is said of the others, where a pod names some."""
        named = self.named(pod)
        if named is None:
            return np.ones(count, dtype=np.bool_), {}
        left = np.zeros(count, dtype=np.bool_)
        for name in named:
            place = self.state.columns.places.get(name)
            if place is not None:
                left[place] = True
        others, minor = count - int(left.sum()), self.state.profile.minor
        if not others:
            return left, {}
        words = () if minor < 27 else (ELSEWHERE_OLD if minor < 30 else ELSEWHERE,)
        return left, {Verdict(words, resolvable=False, plugin="NodeAffinity"): others}


def _summed(
    count: int, elsewhere: dict[Verdict, int], tally: list[tuple[Verdict, Ints]]
) -> Diagnosis:
    found = dict(elsewhere)
    for verdict, places in tally:
        found[verdict] = found.get(verdict, 0) + len(places)
    helpful = [places for verdict, places in tally if verdict.resolvable]
    return Diagnosis(
        count,
        tuple(found.items()),
        np.sort(np.concatenate(helpful)) if helpful else NOWHERE,
        "",
        tuple(dict.fromkeys(one.plugin for one in found)),
    )
