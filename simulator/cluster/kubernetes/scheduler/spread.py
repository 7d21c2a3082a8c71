"""PodTopologySpread: how unevenly pods may lie over zones, hosts, or any other topology."""

from __future__ import annotations

from collections.abc import Callable
from math import log
from typing import Any

import msgspec
import numpy as np

from simulator.cluster.kubernetes.objects.placing import SpreadConstraint
from simulator.cluster.kubernetes.objects.pod import Pod
from simulator.cluster.kubernetes.objects.selectors import LabelSelector, Requirement
from simulator.cluster.kubernetes.scheduler.by_kind import TaintToleration
from simulator.cluster.kubernetes.scheduler.columns import HOSTNAME, ZONE, Bools, Ints
from simulator.cluster.kubernetes.scheduler.counting import Group, sort_of
from simulator.cluster.kubernetes.scheduler.node_affinity import NodeAffinity
from simulator.cluster.kubernetes.scheduler.plugin import MOST_SCORE, Plugin, Refusal, Verdict

Defaults = Callable[[Pod], LabelSelector | None]
"""The selector of a pod's Services and owners, which default constraints count by."""
REASON = "node(s) didn't match pod topology spread constraints"
MISSING = f"{REASON} (missing required label)"
SYSTEM_DEFAULTS = ((HOSTNAME, 3), (ZONE, 5))
IGNORED = -1


class Constraint(msgspec.Struct):
    """One constraint of a pod, with the pods that it counts."""

    key: str
    skew: int
    group: Group
    matches_itself: bool
    minimum: int
    eligible: Bools | None
    """Nodes whose domains count (None: all), by affinity and taints policies."""


class Prepared(msgspec.Struct):
    """All constraints of a pod."""

    hard: list[Constraint]
    soft: list[Constraint]
    system: bool
    """Whether they are the cluster's own: then a node need not have every label."""


class PodTopologySpread(Plugin):
    """Hard constraints filter, soft ones score."""

    name = "PodTopologySpread"
    filters = scores = True
    weight = 2

    def __init__(self, state: Any, defaults: Defaults) -> None:
        super().__init__(state)
        self._defaults = defaults
        self._affinity = NodeAffinity(state)
        self._taints = TaintToleration(state)
        self._kept: dict[tuple[int, str, bool], tuple[int, Prepared | None]] = {}
        self._selectors: dict[tuple[int, str], LabelSelector | None] = {}

    def defaults_changed(self) -> None:
        """Services or owners changed: look at the default selectors again."""
        self._selectors.clear()
        self._kept.clear()

    def prepare(self, pod: Pod) -> Prepared | None:
        """Its constraints; None where it has none, of its own or by default."""
        if pod.meta.labels is not pod.template.labels:
            return self._prepared(pod)
        key = pod.template.number, pod.namespace, True
        epoch, found = self._kept.get(key, (-1, None))
        if epoch != self.state.columns.epoch:
            found = self._prepared(pod)
            self._kept[key] = self.state.columns.epoch, found
        return found

    def _prepared(self, pod: Pod) -> Prepared | None:
        stated = pod.spec.topology_spread_constraints
        if not stated:
            return self._system(pod)
        hard = [one for one in stated if one.when_unsatisfiable == "DoNotSchedule"]
        soft = [one for one in stated if one.when_unsatisfiable != "DoNotSchedule"]
        return Prepared(
            [self._constraint(pod, one) for one in hard],
            [self._constraint(pod, one) for one in soft],
            system=False,
        )

    def _system(self, pod: Pod) -> Prepared | None:
        selector = self._defaults(pod)
        if selector is None:
            return None
        soft = [
            self._constraint(pod, SpreadConstraint(skew, key, "ScheduleAnyway", selector))
            for key, skew in SYSTEM_DEFAULTS
        ]
        return Prepared([], soft, system=True)

    def _constraint(self, pod: Pod, one: SpreadConstraint) -> Constraint:
        selector = one.label_selector
        more = tuple(
            Requirement(key, "In", (pod.meta.labels[key],))
            for key in one.match_label_keys
            if key in pod.meta.labels
        )
        if selector is not None and more:
            selector = LabelSelector(selector.match_labels, (*selector.match_expressions, *more))
        group = self.state.counting.group((pod.namespace,), selector)
        itself = group.matches(sort_of(pod))
        return Constraint(
            one.topology_key, one.max_skew, group, itself, one.min_domains or 1,
            self._eligible(pod, one),
        )  # fmt: skip

    def _eligible(self, pod: Pod, one: SpreadConstraint) -> Bools | None:
        masks = []
        if one.node_affinity_policy == "Honor":
            masks.append(self._affinity.of_all(pod, self._affinity.prepare(pod)))
        if one.node_taints_policy == "Honor":
            masks.append(self._taints.of_all(pod, True))
        found = [mask for mask in masks if mask is not None]
        return np.logical_and.reduce(found) if found else None

    # --- the filter -------------------------------------------------------------------------------

    def of_all(self, pod: Pod, ready: Prepared) -> Bools | None:
        """Nodes that have every label, and whose domains would not be too full."""
        mask: Bools | None = None
        for one in ready.hard:
            ok = self._allowed(one)
            mask = ok if mask is None else mask & ok
        return mask

    def _allowed(self, one: Constraint) -> Bools:
        places, _ = self.state.columns.domains(one.key)
        counts = one.group.counts(self.state.columns, one.key)
        least = self._least(one, places, counts)
        if not len(counts):
            return np.zeros(len(places), dtype=np.bool_)
        fits = counts + one.matches_itself - least <= one.skew
        found: Bools = fits[places] & (places >= 0)
        return found

    def _least(self, one: Constraint, places: Ints, counts: Ints) -> int:
        """Pods in the emptiest domain that counts; 0 where there are too few domains."""
        hard_keys_known = places >= 0
        if one.eligible is None:
            domains = len(counts)
            least = int(counts.min()) if domains else 0
        else:
            known = np.unique(places[hard_keys_known & one.eligible])
            domains = len(known)
            least = int(counts[known].min()) if domains else 0
        return least if domains >= one.minimum else 0

    def of_node(self, pod: Pod, ready: Prepared, place: int) -> Refusal:
        """The same for one node; what lacks a label cannot be helped."""
        columns = self.state.columns
        labels = columns.order[place].node.meta.labels
        for one in ready.hard:
            if one.key not in labels:
                return Verdict((MISSING,), resolvable=False)
            by_domain = self._by_domain(one)
            least = 0
            if len(by_domain) >= one.minimum:
                least = min(by_domain.values(), default=0)
            here = self._in_domain(one, labels[one.key])
            if here + one.matches_itself - least > one.skew:
                return Verdict((REASON,))
        return None

    def _by_domain(self, one: Constraint) -> dict[str, int]:
        """Pods in each domain that counts, counted one by one."""
        found: dict[str, int] = {}
        for place, row in enumerate(self.state.columns.order):
            value = row.node.meta.labels.get(one.key)
            if value is not None and (one.eligible is None or one.eligible[place]):
                found.setdefault(value, self._in_domain(one, value))
        return found

    def _in_domain(self, one: Constraint, value: str) -> int:
        columns = self.state.columns
        return sum(
            count
            for node, count in one.group.nodes.items()
            if node in columns.rows and columns.rows[node].node.meta.labels.get(one.key) == value
        )

    # --- the score --------------------------------------------------------------------------------

    def score_all(self, pod: Pod, ready: Prepared, chosen: Ints) -> Ints | None:
        """Matching pods in a node's domains, weighed by how many domains there are."""
        if not ready.soft:
            return None
        raw = np.zeros(len(chosen))
        ignored = np.zeros(len(chosen), dtype=np.bool_)
        places = [self.state.columns.domains(one.key)[0][chosen] for one in ready.soft]
        if not ready.system:
            for mine in places:
                ignored |= mine < 0
        for one, mine in zip(ready.soft, places, strict=True):
            known = (mine >= 0) & ~ignored
            if one.key == HOSTNAME:
                size = len(chosen) - int(ignored.sum())
            else:
                size = len(np.unique(mine[known]))
            counts = one.group.counts(self.state.columns, one.key)
            add = counts[mine] * log(size + 2) + (one.skew - 1) if len(counts) else 0.0
            raw = np.where(known, raw + add, raw)
        whole = np.floor(raw + 0.5) if self.state.profile.spread_rounds else np.floor(raw)
        found: Ints = np.where(ignored, IGNORED, whole).astype(np.int64)
        return found

    def score_node(self, pod: Pod, ready: Prepared, place: int, chosen: Ints) -> int:
        """The same for one node, counted one by one."""
        rows = self.state.columns.order
        labels = rows[place].node.meta.labels
        if not ready.system and any(one.key not in labels for one in ready.soft):
            return IGNORED
        raw = 0.0
        counted = [
            rows[int(one)]
            for one in chosen
            if ready.system
            or all(each.key in rows[int(one)].node.meta.labels for each in ready.soft)
        ]
        for one in ready.soft:
            if one.key not in labels:
                continue
            values = {
                row.node.meta.labels[one.key]: None
                for row in counted
                if one.key in row.node.meta.labels
            }
            size = len(counted) if one.key == HOSTNAME else len(values)
            raw += self._in_domain(one, labels[one.key]) * log(size + 2) + (one.skew - 1)
        return int(raw + 0.5) if self.state.profile.spread_rounds else int(raw)

    def normalise(self, pod: Pod, ready: Prepared, raw: Ints, chosen: Ints) -> Ints:
        """``100 * (max + min - raw) / max``; nothing where a label is missing."""
        known = raw != IGNORED
        if not known.any():
            return np.zeros(len(raw), dtype=np.int64)
        most, least = int(raw[known].max()), int(raw[known].min())
        if most == 0:
            scaled = np.full(len(raw), MOST_SCORE, dtype=np.int64)
        else:
            scaled = MOST_SCORE * (most + least - raw) // most
        found: Ints = np.where(known, scaled, 0)
        return found
