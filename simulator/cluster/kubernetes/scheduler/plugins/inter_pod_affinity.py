"""InterPodAffinity: with which pods, and without which; what placed pods say counts too."""

from __future__ import annotations

from typing import TypeAlias

import msgspec
import numpy as np

from simulator.cluster.columns import Part, size
from simulator.cluster.kubernetes.objects.placing import PodAffinity
from simulator.cluster.kubernetes.objects.pod import Pod
from simulator.cluster.kubernetes.scheduler.columns import Bools, Ints
from simulator.cluster.kubernetes.scheduler.config import MOST_SCORE
from simulator.cluster.kubernetes.scheduler.counting import Group, Term
from simulator.cluster.kubernetes.scheduler.eyes import Eyes, Said, weigh
from simulator.cluster.kubernetes.scheduler.plugin import (
    Change,
    Plugin,
    Refusal,
    State,
    Tally,
    Verdict,
)
from simulator.cluster.kubernetes.scheduler.selecting import as_template

NOT_WITH = "node(s) didn't match pod affinity rules"
NOT_WITHOUT = "node(s) didn't match pod anti-affinity rules"
THEY_DO_NOT = "node(s) didn't satisfy existing pods anti-affinity rules"
MOST_KEPT = 5000

Wish: TypeAlias = tuple[str, Group, int]
"""A topology, the pods in question, a weight."""


class Own(msgspec.Struct):
    """What a pod itself says of others."""

    keys: tuple[str, ...]
    """Topologies in which it must be with ``group``: the pods that all its terms mean."""
    group: Group | None
    itself: bool
    """Whether it is one of them: then it may be the first."""
    avoids: list[Wish]
    likes: list[Wish]


class Ready(msgspec.Struct):
    """The same with what placed pods say of it."""

    own: Own
    shunned: list[Term]
    liked: list[Term]


class Seen(msgspec.Struct):
    """What is in each domain that matters."""

    there: Said
    first: bool
    avoided: Said
    against: Said


class InterPodAffinity(Plugin):
    """Required terms filter, preferred ones score, both ways."""

    name = "InterPodAffinity"
    filters = scores = True

    def __init__(self, state: State) -> None:
        super().__init__(state)
        self._kept: dict[tuple[int, str], Own] = {}
        self._generation = -1

    def _own(self, pod: Pod) -> Own:
        generation = self.state.counting.generation
        if generation != self._generation or len(self._kept) > MOST_KEPT:
            self._generation, self._kept = generation, {}
        if not as_template(pod):
            return self._read(pod)
        key = pod.template.number, pod.meta.namespace
        found = self._kept.get(key)
        if found is None:
            found = self._kept[key] = self._read(pod)
        return found

    def _read(self, pod: Pod) -> Own:
        counting, affinity = self.state.counting, pod.template.spec.affinity
        with_ = affinity.pod_affinity or PodAffinity()
        without = affinity.pod_anti_affinity or PodAffinity()
        group = counting.together(pod, with_.required) if with_.required else None
        likes = [
            (one.pod_affinity_term.topology_key,
             counting.group(counting.meant(pod, one.pod_affinity_term)), sign * one.weight)
            for each, sign in ((with_, 1), (without, -1))
            for one in each.preferred
        ]  # fmt: skip
        avoids = [
            (one.topology_key, counting.group(counting.meant(pod, one)), 1)
            for one in without.required
        ]
        itself = group is not None and group.meaning.means(counting.sorts.of(pod))
        keys = tuple(one.topology_key for one in with_.required)
        return Own(keys, group, itself, avoids, likes)

    def _ready(self, pod: Pod) -> Ready | None:
        counting, affinity = self.state.counting, pod.template.spec.affinity
        silent = affinity.pod_affinity is None and affinity.pod_anti_affinity is None
        if silent and not counting.any_terms:
            return None
        about = counting.about(pod)
        if silent and not about:
            return None
        return Ready(
            self._own(pod),
            [one for one in about if one.kind == "anti"],
            [one for one in about if one.kind != "anti"],
        )

    # --- the filter -------------------------------------------------------------------------------

    def prepare(self, pod: Pod) -> Ready | None:
        """All that concerns it; None where nothing does."""
        return self._ready(pod)

    def of_all(self, pod: Pod, ready: Ready) -> Bools | None:
        """Nodes in whose domains there is who must be there, and nobody who must not."""
        columns, mask = self.state.columns, self._with(ready.own)
        for key, group, _ in ready.own.avoids:
            if group.total:
                mask = _without(mask, group.there(columns, key))
        for one in ready.shunned:
            mask = _without(mask, one.carriers.there(columns, one.key))
        return mask

    def _with(self, own: Own) -> Bools | None:
        if own.group is None:
            return None
        columns = self.state.columns
        first = own.itself and not any(own.group.counts(columns, key).any() for key in own.keys)
        mask: Bools | None = None
        for key in own.keys:
            here = columns.domains(key)[0] >= 0 if first else own.group.there(columns, key)
            mask = _both(mask, here)
        return mask

    def see(self, pod: Pod, ready: Ready, eyes: Eyes) -> Seen:
        """What is in each domain that matters."""
        own = ready.own
        wishes = [] if own.group is None else [(key, own.group, 1) for key in own.keys]
        there = _looked(wishes, eyes)
        first = own.itself and all(each.nothing() for _, each, _ in there)
        return Seen(there, first, _looked(own.avoids, eyes), eyes.said(pod, {"anti": 1}))

    def of_node(self, pod: Pod, seen: Seen, place: int) -> Refusal:
        """The same for one node, in upstream's order."""
        labels = self.state.columns.order[place].node.meta.labels
        for key, each, _ in seen.there:
            if key not in labels or (not seen.first and not each.at(labels[key])):
                change = Change("with", (key, labels.get(key, "")))
                return Verdict((NOT_WITH,), resolvable=False, changes=(change,))
        for said, reason in ((seen.avoided, NOT_WITHOUT), (seen.against, THEY_DO_NOT)):
            for key, each, _ in said:
                count = each.at(labels[key]) if key in labels else 0
                if count:
                    change = Change("without", (key, labels[key], count))
                    return Verdict((reason,), changes=(change,))
        return None

    def tally(self, pod: Pod, ready: Ready, failing: Ints) -> Tally:
        """The first of the three that a node fails says why."""
        left = np.ones(len(failing), dtype=np.bool_)
        for reason, resolvable, mask in (
            (NOT_WITH, False, self._with(ready.own)),
            (NOT_WITHOUT, True, self.of_all(pod, Ready(_avoiding(ready.own), [], []))),
            (THEY_DO_NOT, True, self.of_all(pod, Ready(_NOTHING, ready.shunned, []))),
        ):
            if mask is None:
                continue
            failed = left & ~mask[failing]
            left &= ~failed
            if failed.any():
                yield Verdict((reason,), resolvable, self.name), failing[failed]

    # --- the score --------------------------------------------------------------------------------

    def prepare_score(self, pod: Pod) -> Ready | None:
        """All that concerns it; None where nothing is preferred."""
        ready = self._ready(pod)
        return ready if ready is not None and (ready.own.likes or ready.liked) else None

    def score_all(self, pod: Pod, ready: Ready, chosen: Part) -> Ints | None:
        """Weights of all who are liked, or like it, in a node's domains."""
        hard = self.state.config.hard_pod_affinity_weight
        liked = [
            (one.key, one.carriers, one.weight if one.kind == "likes" else hard)
            for one in ready.liked
        ]
        columns, raw = self.state.columns, np.zeros(size(chosen), dtype=np.int64)
        for key, group, weight in (*ready.own.likes, *liked):
            if group.total and weight:
                places = columns.domains(key)[0][chosen]
                counts = group.counts(columns, key)
                if columns.topology(key).complete:
                    raw += counts[places] if weight == 1 else counts[places] * weight
                elif len(counts):
                    raw += np.where(places >= 0, counts[places] * weight, 0)
        return raw

    def see_scores(self, pod: Pod, ready: Ready, chosen: Ints, eyes: Eyes) -> Said:
        """What is liked in each domain."""
        hard = self.state.config.hard_pod_affinity_weight
        kinds = {"likes": None, "needs": hard} if hard else {"likes": None}
        return [*_looked(ready.own.likes, eyes), *eyes.said(pod, kinds)]

    def score_node(self, pod: Pod, seen: Said, place: int) -> int:
        """The same for one node."""
        return weigh(seen, self.state.columns.order[place].node.meta.labels)

    def normalise(self, raw: Ints) -> Ints:
        """From the least to the most."""
        if not len(raw):
            return raw
        least, most = int(np.minimum.reduce(raw)), int(np.maximum.reduce(raw))
        if most == least:
            return raw * 0
        # As upstream: a float, then cut.
        found: Ints = (MOST_SCORE * ((raw - least) / (most - least))).astype(np.int64)
        return found


_NOTHING = Own((), None, False, [], [])


def _avoiding(own: Own) -> Own:
    return Own((), None, False, own.avoids, [])


def _both(mask: Bools | None, other: Bools) -> Bools:
    return other if mask is None else mask & other


def _without(mask: Bools | None, there: Bools) -> Bools:
    """``mask & ~there``, in one step."""
    return ~there if mask is None else mask > there


def _looked(wishes: list[Wish], eyes: Eyes) -> Said:
    return [(key, eyes.by_value(group, key), weight) for key, group, weight in wishes]
