"""NodeAffinity: the nodes that a pod must be on, or would rather."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec
import numpy as np

from simulator.cluster.columns import Part, ints, places
from simulator.cluster.kubernetes.objects.placing import PreferredNode
from simulator.cluster.kubernetes.objects.pod import Pod, Template
from simulator.cluster.kubernetes.objects.selectors import NodeSelector
from simulator.cluster.kubernetes.scheduler.columns import Bools, Ints, Kind
from simulator.cluster.kubernetes.scheduler.node_affinity import (
    named_nodes,
    of_host,
    selector_matches,
    selects_hosts,
    speaks_of_hosts,
    term_matches,
)
from simulator.cluster.kubernetes.scheduler.plugin import Change, Refusal, Tally, Verdict
from simulator.cluster.kubernetes.scheduler.plugins.by_kind import ByKind

REASON = "node(s) didn't match Pod's node affinity/selector"
ENFORCED = "node(s) didn't match scheduler-enforced node affinity"


class Wanted(msgspec.Struct, frozen=True):
    """What a pod says of nodes; ``hosts``: of single ones, by name."""

    hosts: bool
    named: tuple[str, ...] | None


class NodeAffinity(ByKind):
    """``nodeSelector`` and node affinity, required and preferred."""

    name = "NodeAffinity"
    scores = normalised = True

    def concerns(self, template: Template) -> bool:
        """Whether anything is said of nodes."""
        spec, added = template.spec, self.state.config.added_required
        own = spec.affinity.node_affinity
        stated = bool(spec.node_selector) or (own is not None and own.required is not None)
        return stated or added is not None

    def prepare(self, pod: Pod) -> Wanted | None:
        """What it says of nodes; None where nothing is said."""
        added = self.state.config.added_required
        if not self.concerns(pod.template):
            return None
        hosts = speaks_of_hosts(pod) or (added is not None and selects_hosts(added))
        return Wanted(hosts, named_nodes(pod) if added is None else None)

    def of_kind(self, pod: Pod, kind: Kind) -> Refusal:
        """Whether nodes of a kind can be meant."""
        return self._verdict(pod, kind.labels, "")

    def of_node(self, pod: Pod, seen: Any, place: int) -> Refusal:
        """Whether a node is meant."""
        node = self.state.columns.order[place].node
        return self._verdict(pod, node.meta.labels, node.name)

    def of_all(self, pod: Pod, ready: Wanted) -> Bools | None:
        """By kind, or node by node where the pod speaks of nodes by name."""
        if not ready.hosts:
            return super().of_all(pod, ready)
        columns = self.state.columns
        mask = np.zeros(len(columns.order), dtype=np.bool_)
        names = columns.places if ready.named is None else ready.named
        for name in names:
            place = columns.places.get(name)
            if place is not None:
                mask[place] = self.of_node(pod, ready, place) is None
        return mask

    def tally(self, pod: Pod, ready: Wanted, failing: Ints) -> Tally:
        """There is only one reason, but for what the scheduler's configuration adds."""
        if self.state.config.added_required is not None:
            return super(ByKind, self).tally(pod, ready, failing)
        return [(Verdict((REASON,), resolvable=False, plugin=self.name), failing)]

    def _verdict(self, pod: Pod, labels: Mapping[str, str], name: str) -> Refusal:
        added = self.state.config.added_required
        if added is not None and not selector_matches(added, labels, name):
            return Verdict((ENFORCED,), resolvable=False, changes=_changes(added))
        for key, value in pod.template.spec.node_selector.items():
            if labels.get(key) != value:
                change = Change("label", (key, "In", value))
                return Verdict((REASON,), resolvable=False, changes=(change,))
        affinity = pod.template.spec.affinity.node_affinity
        if affinity is None or affinity.required is None:
            return None
        if selector_matches(affinity.required, labels, name):
            return None
        return Verdict((REASON,), resolvable=False, changes=_changes(affinity.required))

    # --- the score --------------------------------------------------------------------------------

    def prepare_score(self, pod: Pod) -> tuple[PreferredNode, ...] | None:
        """The preferred terms; None where nothing is preferred."""
        affinity = pod.template.spec.affinity.node_affinity
        own = () if affinity is None else affinity.preferred
        return (*own, *self.state.config.added_preferred) or None

    def score_node(self, pod: Pod, seen: Any, place: int) -> int:
        """The weights of the preferred terms that a node matches."""
        node = self.state.columns.order[place].node
        return _liked(seen, node.meta.labels, node.name)

    def score_all(self, pod: Pod, ready: Any, chosen: Part) -> Ints | None:
        """The same for all: by kind, unless nodes are spoken of by name."""
        columns = self.state.columns
        if any(of_host(one.preference) for one in ready):
            return ints([self.score_node(pod, ready, place) for place in places(chosen)])
        by_kind = ints([_liked(ready, kind.labels, "") for kind in columns.kinds])
        found: Ints = by_kind[columns.kind[chosen]]
        return found


def _liked(terms: tuple[PreferredNode, ...], labels: Mapping[str, str], name: str) -> int:
    return sum(one.weight for one in terms if term_matches(one.preference, labels, name))


def _changes(selector: NodeSelector) -> tuple[Change, ...]:
    """What the first term asks for; any one of the terms would do."""
    for term in selector.node_selector_terms:
        parts = (*term.match_expressions, *term.match_fields)
        return tuple(Change("label", (one.key, one.operator, *one.values)) for one in parts)
    return ()
