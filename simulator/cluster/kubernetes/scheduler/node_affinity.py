"""NodeAffinity: the nodes that a pod must be on, or would rather."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np

from simulator.cluster.kubernetes.objects.pod import Pod
from simulator.cluster.kubernetes.objects.selectors import (
    NodeSelector,
    NodeSelectorTerm,
    Requirement,
    holds,
)
from simulator.cluster.kubernetes.scheduler.by_kind import ByKind
from simulator.cluster.kubernetes.scheduler.columns import HOSTNAME, Bools, Ints, Kind, Row
from simulator.cluster.kubernetes.scheduler.plugin import Refusal, Verdict

REASON = "node(s) didn't match Pod's node affinity/selector"
_VALUE = re.compile(r"(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?", re.ASCII)


class NodeAffinity(ByKind):
    """``nodeSelector`` and node affinity, required and preferred."""

    name = "NodeAffinity"
    scores = normalised = True
    weight = 2

    def prepare(self, pod: Pod) -> Any:
        """Whether the pod says anything of single nodes, and what it would rather have."""
        affinity = pod.spec.affinity.node_affinity
        preferred = () if affinity is None else affinity.preferred
        return _speaks_of_hosts(pod), preferred

    def of_kind(self, pod: Pod, kind: Kind) -> Refusal:
        """Whether nodes of a kind can be meant."""
        return _verdict(pod, kind.labels, "")

    def of_node(self, pod: Pod, ready: Any, place: int) -> Refusal:
        """Whether a node is meant."""
        row = self.state.columns.order[place]
        return _verdict(pod, row.node.meta.labels, row.node.name)

    def verdicts(
        self, pod: Pod, ready: Any, places: list[int]
    ) -> Iterable[tuple[Verdict, list[int]]]:
        """There is only one reason."""
        return [(Verdict((REASON,), resolvable=False), places)]

    def of_all(self, pod: Pod, ready: Any) -> Bools | None:
        """By kind, or node by node where the pod speaks of nodes by name."""
        if not ready[0]:
            return super().of_all(pod, ready)
        columns = self.state.columns
        named = named_nodes(pod)
        if named is None:
            return np.array([_means(pod, row) for row in columns.order], dtype=np.bool_)
        mask = np.zeros(len(columns.order), dtype=np.bool_)
        for name in named:
            place = columns.places.get(name)
            if place is not None:
                mask[place] = _means(pod, columns.order[place])
        return mask

    def score_node(self, pod: Pod, ready: Any, place: int, chosen: Ints) -> int:
        """The weights of the preferred terms that a node matches."""
        row = self.state.columns.order[place]
        labels, name = row.node.meta.labels, row.node.name
        return sum(one.weight for one in ready[1] if term_matches(one.preference, labels, name))

    def score_all(self, pod: Pod, ready: Any, chosen: Ints) -> Ints | None:
        """The same for all; None where the pod prefers nothing."""
        if not ready[1]:
            return None
        columns = self.state.columns
        if any(_of_host(one.preference) for one in ready[1]):
            each = [self.score_node(pod, ready, int(place), chosen) for place in chosen]
            return np.array(each, dtype=np.int64)
        by_kind = [
            sum(one.weight for one in ready[1] if term_matches(one.preference, kind.labels, ""))
            for kind in columns.kinds
        ]
        found: Ints = np.array(by_kind, dtype=np.int64)[columns.kind[chosen]]
        return found


def _means(pod: Pod, row: Row) -> bool:
    return _verdict(pod, row.node.meta.labels, row.node.name) is None


def _verdict(pod: Pod, labels: Mapping[str, str], name: str) -> Refusal:
    for key, value in pod.spec.node_selector.items():
        if labels.get(key) != value:
            return Verdict((REASON,), resolvable=False)
    affinity = pod.spec.affinity.node_affinity
    if affinity is None or affinity.required is None:
        return None
    if selector_matches(affinity.required, labels, name):
        return None
    return Verdict((REASON,), resolvable=False)


def selector_matches(selector: NodeSelector, labels: Mapping[str, str], name: str) -> bool:
    """Whether one of the terms matches a node; no term matches nothing."""
    return any(term_matches(one, labels, name) for one in selector.node_selector_terms)


def term_matches(term: NodeSelectorTerm, labels: Mapping[str, str], name: str) -> bool:
    """Whether all that a term says holds; a term that says nothing matches nothing."""
    if not term.match_expressions and not term.match_fields:
        return False
    if not all(_valid(one) for one in term.match_expressions):
        return False
    fields = {"metadata.name": name}
    return all(holds(one, labels) for one in term.match_expressions) and all(
        holds(one, fields) for one in term.match_fields
    )


def _valid(one: Requirement) -> bool:
    """An operand that is no value of a label makes its term match nothing."""
    return all(len(value) <= 63 and _VALUE.fullmatch(value) for value in one.values)


def named_nodes(pod: Pod) -> tuple[str, ...] | None:
    """The nodes that a pod names, where every term names some (as those of a DaemonSet do)."""
    affinity = pod.spec.affinity.node_affinity
    if affinity is None or affinity.required is None:
        return None
    names: list[str] = []
    for term in affinity.required.node_selector_terms:
        found = [one for one in term.match_fields if one.operator == "In"]
        if not found:
            return None
        names += found[0].values
    return tuple(names)


def _speaks_of_hosts(pod: Pod) -> bool:
    if HOSTNAME in pod.spec.node_selector:
        return True
    affinity = pod.spec.affinity.node_affinity
    if affinity is None or affinity.required is None:
        return False
    return any(_of_host(term) for term in affinity.required.node_selector_terms)


def _of_host(term: NodeSelectorTerm) -> bool:
    return bool(term.match_fields) or any(one.key == HOSTNAME for one in term.match_expressions)
