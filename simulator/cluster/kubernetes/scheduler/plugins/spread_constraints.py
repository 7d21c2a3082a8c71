"""The spread constraints of a pod, with the pods and the nodes that each counts."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeAlias

import msgspec
import numpy as np

from simulator.cluster.kubernetes.objects.placing import SpreadConstraint
from simulator.cluster.kubernetes.objects.pod import Pod, Template
from simulator.cluster.kubernetes.objects.selectors import LabelSelector, Requirement
from simulator.cluster.kubernetes.scheduler.columns import Bools, Ints, Mask, Small
from simulator.cluster.kubernetes.scheduler.counting import Group
from simulator.cluster.kubernetes.scheduler.plugin import State
from simulator.cluster.kubernetes.scheduler.plugins.node_affinity import NodeAffinity
from simulator.cluster.kubernetes.scheduler.plugins.taint_toleration import kept_away
from simulator.cluster.kubernetes.scheduler.selecting import as_template, narrowed

Defaults: TypeAlias = Callable[[Pod], LabelSelector | None]
"""The selector of a pod's Services and owners, which default constraints count by."""
HARD = "DoNotSchedule"
MOST_KEPT = 5000


class Constraint(msgspec.Struct):
    """One constraint of a pod."""

    key: str
    skew: int
    group: Group
    itself: int
    """1 where the pod is one of those that it counts."""
    minimum: int
    """``minDomains``, or 1."""
    mask: Mask | None
    """Nodes whose pods and domains count (None: all)."""
    eligible: Ints
    """Domains that have such a node."""

    def least(self, counts: Small) -> int:
        """Pods in the emptiest domain that counts; 0 where there are too few domains."""
        if len(self.eligible) < self.minimum:
            return 0
        return int(counts[self.eligible].min()) if len(self.eligible) else 0


class Constraints(msgspec.Struct):
    """All of a pod."""

    hard: list[Constraint]
    soft: list[Constraint]
    every_key: bool
    """Whether a node without one of the labels is left out of scores."""


class Reader:
    """Reads the constraints of pods, and remembers them by template."""

    def __init__(self, state: State, defaults: Defaults) -> None:
        self._state = state
        self._defaults = defaults
        self._affinity = NodeAffinity(state)
        self._kept: dict[tuple[object, ...], Constraints | None] = {}
        self._at = (-1, -1, -1)

    def forget(self) -> None:
        """Services or owners changed: default selectors may be others."""
        self._kept.clear()

    def may_be_hard(self, template: Template) -> bool:
        """Whether any constraint of a template, or of all pods, is hard."""
        stated = template.spec.topology_spread_constraints
        return any(
            one.when_unsatisfiable == HARD
            for one in stated or self._state.config.default_constraints
        )

    def read(self, pod: Pod) -> Constraints | None:
        """The constraints of a pod; None where it has none, of its own or by default."""
        columns, counting = self._state.columns, self._state.counting
        now = columns.epoch, columns.kinds_epoch, counting.generation
        if self._at != now or len(self._kept) > MOST_KEPT:
            self._at, self._kept = now, {}
        if not as_template(pod):
            return self._read(pod)
        owner = pod.meta.owners[0].uid if pod.meta.owners else ""
        key = pod.template.number, pod.meta.namespace, owner
        if key not in self._kept:
            self._kept[key] = self._read(pod)
        return self._kept[key]

    def _read(self, pod: Pod) -> Constraints | None:
        stated = pod.template.spec.topology_spread_constraints
        if stated:
            return self._made(pod, stated, own=True)
        usual = self._state.config.default_constraints
        selector = self._defaults(pod) if usual else None
        if selector is None:
            return None
        filled = [msgspec.structs.replace(one, label_selector=selector) for one in usual]
        return self._made(pod, filled, own=False)

    def _made(self, pod: Pod, stated: Sequence[SpreadConstraint], own: bool) -> Constraints:
        hard = [one for one in stated if one.when_unsatisfiable == HARD]
        soft = [one for one in stated if one.when_unsatisfiable != HARD]
        return Constraints(self._each(pod, hard, True), self._each(pod, soft, own), every_key=own)

    def _each(
        self, pod: Pod, stated: Sequence[SpreadConstraint], every_key: bool
    ) -> list[Constraint]:
        keys = [one.topology_key for one in stated] if every_key else []
        return [self._constraint(pod, one, keys) for one in stated]

    def _constraint(self, pod: Pod, one: SpreadConstraint, keys: list[str]) -> Constraint:
        columns, counting, labels = self._state.columns, self._state.counting, pod.meta.labels
        more = tuple(
            Requirement(key, "In", (labels[key],)) for key in one.match_label_keys if key in labels
        )
        group = counting.selected(pod.meta.namespace, narrowed(one.label_selector, more))
        mask = self._mask(pod, one, keys)
        return Constraint(
            one.topology_key, one.max_skew, group,
            int(group.meaning.means(counting.sorts.of(pod))), one.min_domains or 1, mask,
            columns.eligible(one.topology_key, mask),
        )  # fmt: skip

    def _mask(self, pod: Pod, one: SpreadConstraint, keys: list[str]) -> Mask | None:
        columns = self._state.columns
        found: list[Bools] = [columns.domains(key)[0] >= 0 for key in keys]
        if one.node_affinity_policy == "Honor":
            ready = self._affinity.prepare(pod)
            affine = None if ready is None else self._affinity.of_all(pod, ready)
            found += [] if affine is None else [affine]
        if one.node_taints_policy == "Honor":
            free = np.array([not kept_away(pod, kind) for kind in columns.kinds], dtype=np.bool_)
            found.append(free[columns.kind])
        return columns.mask(np.logical_and.reduce(found)) if found else None
