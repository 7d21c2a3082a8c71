"""InterPodAffinity: with which pods, and without which; what placed pods say counts too."""

from __future__ import annotations

import msgspec
import numpy as np

from simulator.cluster.kubernetes.objects.placing import Affinity, PodTerm
from simulator.cluster.kubernetes.objects.pod import Pod
from simulator.cluster.kubernetes.scheduler.columns import Bools, Ints
from simulator.cluster.kubernetes.scheduler.counting import Group, Term, sort_of
from simulator.cluster.kubernetes.scheduler.plugin import MOST_SCORE, Plugin, Refusal, Verdict

NOT_WITH = "node(s) didn't match pod affinity rules"
NOT_WITHOUT = "node(s) didn't match pod anti-affinity rules"
THEY_DO_NOT = "node(s) didn't satisfy existing pods anti-affinity rules"
HARD_WEIGHT = 1
"""What a placed pod's required affinity counts for in scores (``hardPodAffinityWeight``)."""

NO_AFFINITY = Affinity()

Wish = tuple[str, Group, int]
"""A topology, the pods in question, a weight."""


class Prepared(msgspec.Struct):
    """What the pod says of others, and what others say of it."""

    needs: list[Wish]
    avoids: list[Wish]
    likes: list[Wish]
    shunned: list[Term]
    """Terms of placed pods that keep it away."""
    liked: list[Term]
    first: bool
    """Whether it needs pods like itself, of which there are none yet anywhere."""


class InterPodAffinity(Plugin):
    """Required terms filter, preferred ones score, both ways."""

    name = "InterPodAffinity"
    filters = scores = True
    weight = 2

    def prepare(self, pod: Pod) -> Prepared | None:
        """All that concerns it; None where nothing does."""
        counting = self.state.counting
        affinity = pod.spec.affinity
        if not counting.any_terms and affinity == NO_AFFINITY:
            return None
        sort = sort_of(pod)
        about = [one for one in counting.terms_about(sort) if one.group.total]
        with_, without = affinity.pod_affinity, affinity.pod_anti_affinity
        if not about and with_ is None and without is None:
            return None
        needs = self._wishes(pod, () if with_ is None else with_.required)
        likes = [
            (one.pod_affinity_term.topology_key,
             counting.of_term(pod, one.pod_affinity_term), sign * one.weight)
            for each, sign in ((with_, 1), (without, -1))
            if each is not None
            for one in each.preferred
        ]  # fmt: skip
        first = bool(needs) and all(
            not group.total and group.matches(sort) for _, group, _ in needs
        )
        return Prepared(
            needs,
            self._wishes(pod, () if without is None else without.required),
            likes,
            [one for one in about if one.kind == "anti"],
            [one for one in about if one.kind != "anti"],
            first,
        )

    def _wishes(self, pod: Pod, terms: tuple[PodTerm, ...]) -> list[Wish]:
        return [(one.topology_key, self.state.counting.of_term(pod, one), 1) for one in terms]

    # --- the filter -------------------------------------------------------------------------------

    def of_all(self, pod: Pod, ready: Prepared) -> Bools | None:
        """Nodes in whose domains there is who must be there, and nobody who must not."""
        mask: Bools | None = None
        columns = self.state.columns
        for key, group, _ in ready.needs:
            places = columns.domains(key)[0]
            here = self._there(key, group) if not ready.first else places >= 0
            mask = here if mask is None else mask & here
        for key, group, _ in ready.avoids:
            if group.total:
                free = ~self._there(key, group)
                mask = free if mask is None else mask & free
        for one in ready.shunned:
            free = ~self._there(one.key, one.group)
            mask = free if mask is None else mask & free
        return mask

    def _there(self, key: str, group: Group) -> Bools:
        places, names = self.state.columns.domains(key)
        if not names:
            return np.zeros(len(places), dtype=np.bool_)
        found: Bools = (group.counts(self.state.columns, key) > 0)[places] & (places >= 0)
        return found

    def of_node(self, pod: Pod, ready: Prepared, place: int) -> Refusal:
        """The same for one node, counted one by one."""
        labels = self.state.columns.order[place].node.meta.labels
        for key, group, _ in ready.needs:
            if key not in labels or (not ready.first and not self._count(key, group, labels[key])):
                return Verdict((NOT_WITH,), resolvable=False)
        for key, group, _ in ready.avoids:
            if key in labels and self._count(key, group, labels[key]):
                return Verdict((NOT_WITHOUT,))
        for one in ready.shunned:
            if one.key in labels and self._count(one.key, one.group, labels[one.key]):
                return Verdict((THEY_DO_NOT,))
        return None

    def _count(self, key: str, group: Group, value: str) -> int:
        rows = self.state.columns.rows
        return sum(
            count
            for node, count in group.nodes.items()
            if node in rows and rows[node].node.meta.labels.get(key) == value
        )

    # --- the score --------------------------------------------------------------------------------

    def score_all(self, pod: Pod, ready: Prepared, chosen: Ints) -> Ints | None:
        """Weights of all who are liked, or like it, in a node's domains."""
        wishes = self._weighed(ready)
        if not wishes:
            return None
        raw = np.zeros(len(chosen), dtype=np.int64)
        for key, group, weight in wishes:
            places = self.state.columns.domains(key)[0][chosen]
            counts = group.counts(self.state.columns, key)
            if len(counts):
                raw += np.where(places >= 0, counts[places] * weight, 0)
        return raw

    def _weighed(self, ready: Prepared) -> list[Wish]:
        liked = [
            (one.key, one.group, one.weight if one.kind == "likes" else HARD_WEIGHT)
            for one in ready.liked
        ]
        return [*ready.likes, *liked]

    def score_node(self, pod: Pod, ready: Prepared, place: int, chosen: Ints) -> int:
        """The same for one node."""
        labels = self.state.columns.order[place].node.meta.labels
        return sum(
            weight * self._count(key, group, labels[key])
            for key, group, weight in self._weighed(ready)
            if key in labels
        )

    def normalise(self, pod: Pod, ready: Prepared, raw: Ints, chosen: Ints) -> Ints:
        """From the least to the most."""
        least, most = (int(raw.min()), int(raw.max())) if len(raw) else (0, 0)
        if most == least:
            return raw * 0
        # As upstream: a float, then cut.
        found: Ints = (MOST_SCORE * ((raw - least) / (most - least))).astype(np.int64)
        return found
