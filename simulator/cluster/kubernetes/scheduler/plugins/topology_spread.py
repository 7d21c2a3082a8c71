"""PodTopologySpread: how unevenly pods may lie over zones, hosts, or any other topology."""

from __future__ import annotations

from math import log
from typing import Any

import msgspec
import numpy as np

from simulator.cluster.columns import Part, ints, size
from simulator.cluster.kubernetes.objects.pod import Pod, Template
from simulator.cluster.kubernetes.scheduler.columns import HOSTNAME, Bools, Ints
from simulator.cluster.kubernetes.scheduler.config import MOST_SCORE
from simulator.cluster.kubernetes.scheduler.eyes import Eyes, Tallied
from simulator.cluster.kubernetes.scheduler.plugin import (
    Change,
    Plugin,
    Refusal,
    State,
    Tally,
    Verdict,
)
from simulator.cluster.kubernetes.scheduler.plugins.spread_constraints import (
    Constraint,
    Constraints,
    Defaults,
    Reader,
)
from simulator.cluster.kubernetes.scheduler.topology import Topology, different

REASON = "node(s) didn't match pod topology spread constraints"
MISSING = f"{REASON} (missing required label)"
IGNORED = -1


class Seen(msgspec.Struct):
    """A hard constraint with what is in each domain, and the least of it."""

    one: Constraint
    counts: Tallied
    least: int


class Weighed(msgspec.Struct):
    """A soft constraint with what is in each domain, and what a pod there weighs."""

    one: Constraint
    counts: Tallied | None
    """None: those on the node itself."""
    weight: float


class SeenScores(msgspec.Struct):
    """All soft constraints, and whose eyes look at single nodes."""

    weighed: list[Weighed]
    keys: list[str]
    """Labels without which a node is left out."""
    eyes: Eyes


class PodTopologySpread(Plugin):
    """Hard constraints filter, soft ones score."""

    name = "PodTopologySpread"
    filters = scores = True

    def __init__(self, state: State, defaults: Defaults) -> None:
        super().__init__(state)
        self.reader = Reader(state, defaults)

    # --- the filter -------------------------------------------------------------------------------

    def concerns(self, template: Template) -> bool:
        """Whether a constraint of its own, or of all pods, is hard."""
        return self.reader.may_be_hard(template)

    def prepare(self, pod: Pod) -> Constraints | None:
        """Its constraints; None where none is hard."""
        if not self.concerns(pod.template):
            return None
        found = self.reader.read(pod)
        return found if found is not None and found.hard else None

    def of_all(self, pod: Pod, ready: Constraints) -> Bools | None:
        """Nodes that have every label, and whose domains would not be too full."""
        mask: Bools | None = None
        for one in ready.hard:
            allowed = self._allowed(one)
            mask = allowed if mask is None else mask & allowed
        return mask

    def _allowed(self, one: Constraint) -> Bools:
        columns = self.state.columns
        places, names = columns.domains(one.key)
        if not names:
            return np.zeros(len(places), dtype=np.bool_)
        counts = one.group.counts(columns, one.key, one.mask)
        fits = counts + one.itself - one.least(counts) <= one.skew
        found: Bools = fits[places] & (places >= 0)
        return found

    def see(self, pod: Pod, ready: Constraints, eyes: Eyes) -> list[Seen]:
        """What is in each domain."""
        found = []
        for one in ready.hard:
            counts = eyes.by_value(one.group, one.key, one.mask)
            found.append(Seen(one, counts, counts.least(one.minimum)))
        return found

    def of_node(self, pod: Pod, seen: list[Seen], place: int) -> Refusal:
        """Whether one node fits; what lacks a label cannot be helped."""
        labels = self.state.columns.order[place].node.meta.labels
        for each in seen:
            one, value = each.one, labels.get(each.one.key)
            if value is None:
                change = Change("label", (one.key, "Exists"))
                return Verdict((MISSING,), resolvable=False, changes=(change,))
            here = each.counts.at(value)
            if here + one.itself - each.least > one.skew:
                change = Change("spread", (one.key, value, here, each.least, one.skew))
                return Verdict((REASON,), changes=(change,))
        return None

    def tally(self, pod: Pod, ready: Constraints, failing: Ints) -> Tally:
        """The first constraint that a node fails says why."""
        left = np.ones(len(failing), dtype=np.bool_)
        missing = np.zeros(len(failing), dtype=np.bool_)
        for one in ready.hard:
            lacks = self.state.columns.domains(one.key)[0][failing] < 0
            missing |= left & lacks
            left &= self._allowed(one)[failing]
        for reason, resolvable, places in (
            (MISSING, False, failing[missing]),
            (REASON, True, failing[~missing]),
        ):
            if len(places):
                yield Verdict((reason,), resolvable, self.name), places

    # --- the score --------------------------------------------------------------------------------

    def prepare_score(self, pod: Pod) -> Constraints | None:
        """Its constraints; None where none is soft."""
        found = self.reader.read(pod)
        return found if found is not None and found.soft else None

    def score_all(self, pod: Pod, ready: Constraints, chosen: Part) -> Ints | None:
        """Matching pods in a node's domains, weighed by how many domains there are."""
        ignored = self._ignored(ready, chosen) if ready.every_key else None
        raw: Any = 0.0
        for one in ready.soft:
            raw = raw + self._raw(one, chosen, ignored)
        rounded = self.state.profile.spread_rounds
        whole: Ints = (raw + 0.5 if rounded else raw).astype(np.int64)  # never below nought
        if ignored is not None:
            whole[ignored] = IGNORED
        return whole

    def _ignored(self, ready: Constraints, chosen: Part) -> Bools | None:
        """Nodes that lack one of the labels."""
        columns = self.state.columns
        lacking = [
            columns.topology(one.key).places[chosen] < 0
            for one in ready.soft
            if not columns.topology(one.key).complete
        ]
        return np.logical_or.reduce(lacking) if lacking else None

    def _raw(self, one: Constraint, chosen: Part, ignored: Bools | None) -> Any:
        columns, host = self.state.columns, one.key == HOSTNAME
        counts = one.group.counts(columns, one.key, None if host else one.mask)
        if not len(counts):
            return np.zeros(size(chosen))
        topology = columns.topology(one.key)
        weight, more = log(_size(topology, host, chosen, ignored) + 2), one.skew - 1
        if topology.straight:
            return counts[chosen] * weight + more
        mine = topology.places[chosen]
        found = (
            (counts * weight + more)[mine]
            if len(counts) < len(mine)
            else counts[mine] * weight + more
        )
        return found if topology.complete else np.where(mine >= 0, found, 0.0)

    def see_scores(self, pod: Pod, ready: Constraints, chosen: Ints, eyes: Eyes) -> SeenScores:
        """What is in each domain, and what a pod there weighs."""
        rows = self.state.columns.order
        keys = [one.key for one in ready.soft] if ready.every_key else []
        labels = [rows[place].node.meta.labels for place in chosen.tolist()]
        scored = [one for one in labels if all(key in one for key in keys)]
        weighed = []
        for one in ready.soft:
            host = one.key == HOSTNAME
            size = len(scored) if host else len({each.get(one.key) for each in scored})
            counts = None if host else eyes.by_value(one.group, one.key, one.mask)
            weighed.append(Weighed(one, counts, log(size + 2)))
        return SeenScores(weighed, keys, eyes)

    def score_node(self, pod: Pod, seen: SeenScores, place: int) -> int:
        """The same for one node."""
        labels = self.state.columns.order[place].node.meta.labels
        if any(key not in labels for key in seen.keys):
            return IGNORED
        raw = 0.0
        for each in seen.weighed:
            value = labels.get(each.one.key)
            if value is None:
                continue
            if each.counts is None:
                count = seen.eyes.on_node(each.one.group, place)
            else:
                count = each.counts.at(value)
            raw += count * each.weight + (each.one.skew - 1)
        return int(raw + 0.5) if self.state.profile.spread_rounds else int(raw)

    def normalise(self, raw: Ints) -> Ints:
        """``100 * (max + min - raw) / max``; nothing where a label is missing."""
        if not len(raw):
            return raw
        most, least = int(np.maximum.reduce(raw)), int(np.minimum.reduce(raw))
        if least != IGNORED:
            return _shares(raw, most, least)
        known = raw != IGNORED
        if not known.any():
            return ints([0] * len(raw))
        found: Ints = np.where(known, _shares(raw, most, int(raw[known].min())), 0)
        return found


def _size(topology: Topology, host: bool, chosen: Part, ignored: Bools | None) -> int:
    """How many domains the chosen nodes are in, those not counted that are left out.

    A node without the label counts as one more domain, as an empty value does upstream.
    """
    if ignored is None:
        return size(chosen) if host else topology.different(chosen)
    scored = topology.places[chosen][~ignored]
    return len(scored) if host else different(scored)


def _shares(raw: Ints, most: int, least: int) -> Ints:
    if most <= 0:
        return raw * 0 + MOST_SCORE
    found: Ints = MOST_SCORE * (most + least - raw) // most
    return found
