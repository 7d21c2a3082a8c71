"""How many pods of which sort are in which domain: kept at every arrival and departure.

A ``Group`` counts the pods that a selector means; a ``Term`` the pods that say something about
others (their affinity terms). Both are made when somebody first asks, and are up to date since.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import numpy as np

from simulator.cluster.kubernetes.objects.placing import PodTerm
from simulator.cluster.kubernetes.objects.pod import Pod
from simulator.cluster.kubernetes.objects.selectors import LabelSelector
from simulator.cluster.kubernetes.scheduler.columns import Bools, Columns, Ints, Mask, Small
from simulator.cluster.kubernetes.scheduler.selecting import (
    Index,
    Meaning,
    NamespaceLabels,
    Selected,
    Sort,
    Sorts,
    Together,
    as_template,
    namespaces_of,
    selector_of,
)

MOST_COUNTS = 64
"""Countings by topology and nodes that one group keeps up to date."""
LEAST_GROUPS, GROUPS_PER_SORT = 4096, 4
"""Groups that are kept at least, and for each sort of placed pods: beyond, all are made anew when
they are asked for, so that those of workloads that are gone are forgotten."""


class Group:
    """Pods of some namespaces that a selector means, by node."""

    __slots__ = ("_counts", "_epoch", "_there", "live", "meaning", "nodes", "total")

    def __init__(self, meaning: Meaning, live: bool) -> None:
        self.meaning = meaning
        self.live = live
        """Whether pods that are leaving do not count (as for spreading)."""
        self.nodes: dict[str, int] = {}
        self.total = 0
        self._epoch = -1, -1
        self._counts: dict[tuple[str, int], tuple[Ints, Small, Mask | None]] = {}
        self._there: dict[str, Bools] = {}

    def change(self, columns: Columns, node: str, by: int) -> None:
        """So many more on a node."""
        left = self.nodes.get(node, 0) + by
        self.total += by
        if left:
            self.nodes[node] = left
        else:
            del self.nodes[node]
            if not self.nodes:
                self._counts, self._there = {}, {}
        if not self._counts or self._epoch != (columns.epoch, columns.kinds_epoch):
            return
        place = columns.places.get(node)
        if place is None:
            return
        for (key, _), (places, counts, mask) in self._counts.items():
            domain = places[place]
            if domain >= 0 and (mask is None or mask.nodes[place]):
                counts[domain] += by
                if mask is None and key in self._there and counts[domain] == max(0, by):
                    self._crossed(columns, key, place, by > 0)

    def _crossed(self, columns: Columns, key: str, place: int, there: bool) -> None:
        """The first has come into a domain, or the last has gone: only its nodes are others."""
        known = self._there[key]
        if columns.topology(key).alone:
            known[place] = there
        else:
            places = columns.domains(key)[0]
            known[places == places[place]] = there

    def counts(self, columns: Columns, key: str, mask: Mask | None = None) -> Small:
        """How many are in each domain of a topology, on nodes of a mask."""
        now = columns.epoch, columns.kinds_epoch
        if self._epoch != now or len(self._counts) > MOST_COUNTS:
            self._epoch, self._counts, self._there = now, {}, {}
        at = key, 0 if mask is None else mask.number
        found = self._counts.get(at)
        if found is None:
            places, names = columns.domains(key)
            counts = np.zeros(len(names), dtype=np.int32)
            for node, count in self.nodes.items():
                place = columns.places.get(node)
                if place is not None and places[place] >= 0:
                    counts[places[place]] += count if mask is None or mask.nodes[place] else 0
            found = self._counts[at] = places, counts, mask
        return found[1]

    def there(self, columns: Columns, key: str) -> Bools:
        """Nodes in whose domain there is one. Not to be changed: it is kept up to date."""
        counts = self.counts(columns, key)
        found = self._there.get(key)
        if found is None:
            places, names = columns.domains(key)
            found = (counts > 0)[places] & (places >= 0) if names else places >= 0
            self._there[key] = found
        return found


class Term:
    """What placed pods say of others: whom, in which topology, and how much it weighs."""

    __slots__ = ("carriers", "key", "kind", "weight")

    def __init__(self, kind: str, key: str, weight: int, meaning: Meaning) -> None:
        self.kind = kind
        """``anti`` (must not), ``likes`` (preferred, with its sign), ``needs``."""
        self.key = key
        self.weight = weight
        self.carriers = Group(meaning, live=False)
        """The pods that say it; it speaks of whom ``carriers.meaning`` means."""


class Counting:
    """All groups and carried terms of a cluster."""

    def __init__(self, columns: Columns, namespace_labels: NamespaceLabels) -> None:
        self.columns = columns
        self.namespace_labels = namespace_labels
        self.sorts = Sorts()
        self._nodes: dict[tuple[Sort, bool], dict[str, int]] = {}
        """How many of each sort, staying or leaving, are on each node."""
        self._by_pair: dict[tuple[str, str], dict[tuple[Sort, bool], None]] = {}
        """Those sorts by each of their labels."""
        self.changes = 0
        """How often anything changed."""
        self.generation = 0
        """How often groups and terms were made anew: older ones count no more."""
        self._forget()

    def _forget_groups(self) -> None:
        self.generation += 1
        self._groups: dict[tuple[object, ...], Group] = {}
        self._index: Index[Group] = Index()

    def _forget(self) -> None:
        self._forget_groups()
        self._terms: dict[tuple[object, ...], Term] = {}
        self._about: Index[Term] = Index()
        self._carried: dict[tuple[int, str], list[Term]] = {}

    def again(self) -> None:
        """Labels of namespaces changed: whom selectors mean may be others."""
        self._forget()
        self._nodes, self._by_pair = {}, {}
        for pod, node in self.columns.pods():
            self.add(pod, node)

    # --- pods that come and go --------------------------------------------------------------------

    def add(self, pod: Pod, node: str) -> None:
        """A pod is on a node; one that is leaving counts for affinity and not for spreading."""
        self._change(pod, node, 1)

    def remove(self, pod: Pod, node: str) -> None:
        """A pod, as it came, is on it no more."""
        self._change(pod, node, -1)

    def _change(self, pod: Pod, node: str, by: int) -> None:
        self.changes += 1
        leaving = pod.meta.deleting_since is not None
        sort = self.sorts.of(pod)
        nodes = self._nodes.get((sort, leaving))
        if nodes is None:
            nodes = self._nodes[sort, leaving] = {}
            for pair in sort[1]:
                self._by_pair.setdefault(pair, {})[sort, leaving] = None
        nodes[node] = nodes.get(node, 0) + by
        if not nodes[node]:
            del nodes[node]
            if not nodes:
                self._none_left(sort, leaving)
        for group in self._index.about(sort):
            if not (leaving and group.live):
                group.change(self.columns, node, by)
        for term in self.carried_by(pod):
            term.carriers.change(self.columns, node, by)

    def _none_left(self, sort: Sort, leaving: bool) -> None:
        del self._nodes[sort, leaving]
        for pair in sort[1]:
            sorts = self._by_pair[pair]
            del sorts[sort, leaving]
            if not sorts:
                del self._by_pair[pair]

    @property
    def by_namespace(self) -> bool:
        """Whether any selector goes by labels of namespaces."""
        return any(one.meaning.by_namespace for one in self._groups.values()) or any(
            one.carriers.meaning.by_namespace for one in self._terms.values()
        )

    @property
    def any_terms(self) -> bool:
        """Whether any pod ever said anything of others."""
        return bool(self._terms)

    # --- groups -----------------------------------------------------------------------------------

    def group(self, meaning: Meaning, live: bool = False) -> Group:
        """The pods that are meant."""
        key = (live, meaning.key)
        group = self._groups.get(key)
        if group is None:
            if len(self._groups) >= max(LEAST_GROUPS, GROUPS_PER_SORT * len(self._nodes)):
                self._forget_groups()
            group = self._groups[key] = Group(meaning, live)
            for sort, leaving in self._sorts(meaning):
                if not (live and leaving) and meaning.means(sort):
                    for node, count in self._nodes[sort, leaving].items():
                        group.change(self.columns, node, count)
            self._index.add(meaning, group)
        return group

    def _sorts(self, meaning: Meaning) -> Iterable[tuple[Sort, bool]]:
        """The sorts of placed pods that may be meant."""
        pair = meaning.pair
        return self._nodes if pair is None else self._by_pair.get(pair, {})

    def selected(self, namespace: str, selector: LabelSelector | None) -> Group:
        """The pods of one namespace that a selector means, those that are leaving not counted."""
        return self.group(Selected((namespace,), selector, None, self.namespace_labels), live=True)

    def meant(self, pod: Pod, term: PodTerm) -> Selected:
        """The pods that a term of a pod means."""
        return Selected(
            namespaces_of(term, pod.meta.namespace),
            selector_of(term, pod.meta.labels),
            term.namespace_selector,
            self.namespace_labels,
        )

    def together(self, pod: Pod, terms: Iterable[PodTerm]) -> Group:
        """The pods that all of a pod's terms mean."""
        parts = tuple(self.meant(pod, one) for one in terms)
        return self.group(parts[0] if len(parts) == 1 else Together(parts))

    # --- what placed pods say ---------------------------------------------------------------------

    def carried_by(self, pod: Pod) -> list[Term]:
        """The terms of a pod that others have to mind."""
        affinity = pod.template.spec.affinity
        if affinity.pod_affinity is None and affinity.pod_anti_affinity is None:
            return []
        if not as_template(pod):
            return list(self._made(pod))
        key = pod.template.number, pod.meta.namespace
        found = self._carried.get(key)
        if found is None:
            found = self._carried[key] = list(self._made(pod))
        return found

    def _made(self, pod: Pod) -> Iterator[Term]:
        for kind, weight, term in spoken(pod):
            meaning = self.meant(pod, term)
            key = (kind, weight, term.topology_key, meaning.key)
            found = self._terms.get(key)
            if found is None:
                found = self._terms[key] = Term(kind, term.topology_key, weight, meaning)
                self._about.add(meaning, found)
            yield found

    def about(self, pod: Pod) -> list[Term]:
        """The terms of placed pods that speak of a pod."""
        return [one for one in self._about.about(self.sorts.of(pod)) if one.carriers.total]


def spoken(pod: Pod) -> Iterator[tuple[str, int, PodTerm]]:
    """What a pod says of others: kind, weight with its sign, term."""
    affinity = pod.template.spec.affinity
    for each, sign in ((affinity.pod_affinity, 1), (affinity.pod_anti_affinity, -1)):
        if each is None:
            continue
        for term in each.required:
            yield ("needs" if sign > 0 else "anti"), 1, term
        for weighted in each.preferred:
            yield "likes", sign * weighted.weight, weighted.pod_affinity_term
