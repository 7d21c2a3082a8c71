"""How many pods of which sort are in which domain: kept at every arrival and departure.

A ``Group`` counts pods that a selector selects; a ``Carried`` sums what placed pods say about
others (their affinity terms). Both are made when somebody first asks, and are up to date since.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

import numpy as np

from simulator.cluster.kubernetes.objects.placing import PodTerm
from simulator.cluster.kubernetes.objects.pod import Pod
from simulator.cluster.kubernetes.objects.selectors import LabelSelector, Requirement
from simulator.cluster.kubernetes.scheduler.columns import Columns, Ints

Sort = tuple[str, tuple[tuple[str, str], ...]]
"""What of a pod groups go by: its namespace and labels."""
Selected = tuple[tuple[tuple[str, str], ...], tuple[Requirement, ...]]
NamespaceLabels = Callable[[str], Mapping[str, str]]


def sort_of(pod: Pod) -> Sort:
    """Namespace and labels, as a key."""
    return pod.meta.namespace, tuple(sorted(pod.meta.labels.items()))


def selected(selector: LabelSelector | None) -> Selected | None:
    """A selector as a key; None selects nothing."""
    if selector is None:
        return None
    return tuple(sorted(selector.match_labels.items())), selector.match_expressions


class Group:
    """Pods of some namespaces that a selector selects, by node."""

    __slots__ = ("_domains", "_epoch", "everywhere", "matches", "nodes", "total")

    def __init__(self, matches: Callable[[Sort], bool]) -> None:
        self.matches = matches
        self.nodes: dict[str, int] = {}
        self.total = 0
        self._epoch = -1
        self._domains: dict[str, Ints] = {}

    def change(self, columns: Columns, node: str, by: int) -> None:
        """So many more on a node."""
        left = self.nodes.get(node, 0) + by
        self.total += by
        if left:
            self.nodes[node] = left
        else:
            self.nodes.pop(node, None)
        if self._epoch != columns.epoch or not self._domains:
            return
        place = columns.places.get(node)
        for key, counts in self._domains.items() if place is not None else ():
            domain = columns.domains(key)[0][place]
            if domain >= 0:
                counts[domain] += by

    def counts(self, columns: Columns, key: str) -> Ints:
        """How many are in each domain of a topology."""
        if self._epoch != columns.epoch:
            self._epoch, self._domains = columns.epoch, {}
        found = self._domains.get(key)
        if found is None:
            places, names = columns.domains(key)
            found = np.zeros(len(names), dtype=np.int64)
            for node, count in self.nodes.items():
                place = columns.places.get(node)
                if place is not None and places[place] >= 0:
                    found[places[place]] += count
            self._domains[key] = found
        return found


class Term:
    """What a placed pod says of others: whom, in which topology, and how much it weighs."""

    __slots__ = ("group", "key", "kind", "weight")

    def __init__(self, kind: str, key: str, weight: int, group: Group) -> None:
        self.kind = kind
        """``anti`` (must not), ``likes`` (preferred, with its sign), ``needs``."""
        self.key = key
        self.weight = weight
        self.group = group
        """The pods that carry it; it *selects* others by ``group.matches``."""


class Counting:
    """All groups and carried terms of a cluster."""

    def __init__(self, columns: Columns, namespace_labels: NamespaceLabels) -> None:
        self.columns = columns
        self._namespace_labels = namespace_labels
        self._groups: dict[tuple[object, ...], Group] = {}
        self._listed: list[Group] = []
        self._of_sort: dict[Sort, tuple[int, list[Group]]] = {}
        self._placed: dict[Sort, dict[str, int]] = {}
        """Pods of each sort by node, those that are leaving not counted."""
        self._leaving: dict[Sort, dict[str, int]] = {}
        self._terms: dict[tuple[object, ...], Term] = {}
        self._term_list: list[Term] = []
        self._matching: dict[Sort, tuple[int, list[Term]]] = {}
        self._carried: dict[tuple[int, str], list[Term]] = {}
        self._uids: dict[str, tuple[Sort, str, bool]] = {}
        self.changes = 0
        """How often anything changed."""

    # --- pods that come and go --------------------------------------------------------------------

    def add(self, pod: Pod, node: str) -> None:
        """A pod is on a node; one that is leaving counts for affinity and not for spread."""
        if pod.meta.uid in self._uids:
            self.remove(pod)
        sort = sort_of(pod)
        self._uids[pod.meta.uid] = sort, node, pod.deleting
        self._change(pod, sort, node, pod.deleting, 1)

    def remove(self, pod: Pod) -> None:
        """A pod is on no node any more."""
        known = self._uids.pop(pod.meta.uid, None)
        if known is not None:
            self._change(pod, *known, -1)

    def _change(self, pod: Pod, sort: Sort, node: str, leaving: bool, by: int) -> None:
        self.changes += 1
        placed = self._leaving if leaving else self._placed
        nodes = placed.setdefault(sort, {})
        nodes[node] = nodes.get(node, 0) + by
        if not nodes[node]:
            del nodes[node]
            if not nodes:
                del placed[sort]
        for group in self.groups_of(sort):
            group.change(self.columns, node, by)
        for term in self.carried_by(pod):
            term.group.change(self.columns, node, by)

    @property
    def any_terms(self) -> bool:
        """Whether any placed pod ever said anything of others."""
        return bool(self._term_list)

    # --- groups -----------------------------------------------------------------------------------

    def group(
        self,
        namespaces: tuple[str, ...],
        selector: LabelSelector | None,
        namespace_selector: LabelSelector | None = None,
    ) -> Group:
        """The pods of these namespaces that a selector selects."""
        key = (namespaces, selected(selector), selected(namespace_selector))
        group = self._groups.get(key)
        if group is None:
            group = Group(
                _Matches(namespaces, selector, namespace_selector, self._namespace_labels)
            )
            for sort, nodes in (*self._placed.items(), *self._leaving.items()):
                if group.matches(sort):
                    for node, count in nodes.items():
                        group.change(self.columns, node, count)
            self._groups[key] = group
            self._listed.append(group)
        return group

    def groups_of(self, sort: Sort) -> list[Group]:
        """The groups that pods of a sort belong to; each pair is looked at once."""
        seen, found = self._of_sort.get(sort, (0, []))
        if seen < len(self._listed):
            found += [one for one in self._listed[seen:] if one.matches(sort)]
            self._of_sort[sort] = len(self._listed), found
        return found

    def of_term(self, pod: Pod, term: PodTerm) -> Group:
        """The pods that a term of a pod means."""
        selector = with_label_keys(term, pod.meta.labels)
        namespaces = term.namespaces
        if not namespaces and term.namespace_selector is None:
            namespaces = (pod.namespace,)
        return self.group(namespaces, selector, term.namespace_selector)

    # --- what placed pods say ---------------------------------------------------------------------

    def carried_by(self, pod: Pod) -> list[Term]:
        """The terms of a pod that others have to mind."""
        key = pod.template.number, pod.namespace
        found = self._carried.get(key)
        if found is None:
            found = self._carried[key] = list(self._make_terms(pod))
        return found

    def _make_terms(self, pod: Pod) -> Iterable[Term]:
        affinity = pod.spec.affinity
        for each, sign in ((affinity.pod_affinity, 1), (affinity.pod_anti_affinity, -1)):
            if each is None:
                continue
            for term in each.required:
                yield self._term("needs" if sign > 0 else "anti", pod, term, 1)
            for weighted in each.preferred:
                yield self._term("likes", pod, weighted.pod_affinity_term, sign * weighted.weight)

    def _term(self, kind: str, pod: Pod, term: PodTerm, weight: int) -> Term:
        selector = with_label_keys(term, pod.meta.labels)
        namespaces = term.namespaces
        if not namespaces and term.namespace_selector is None:
            namespaces = (pod.namespace,)
        outer = term.namespace_selector
        key = (kind, weight, term.topology_key, namespaces, selected(selector), selected(outer))
        found = self._terms.get(key)
        if found is None:
            group = Group(_Matches(namespaces, selector, outer, self._namespace_labels))
            found = self._terms[key] = Term(kind, term.topology_key, weight, group)
            self._term_list.append(found)
        return found

    def terms_about(self, sort: Sort) -> list[Term]:
        """The terms of placed pods that speak of pods of a sort."""
        seen, found = self._matching.get(sort, (0, []))
        if seen < len(self._term_list):
            found += [one for one in self._term_list[seen:] if one.group.matches(sort)]
            self._matching[sort] = len(self._term_list), found
        return found


class _Matches:
    """Whether pods of a sort are meant; an object, so that it can be copied."""

    __slots__ = ("_labels", "_names", "_outer", "_selector")

    def __init__(
        self,
        namespaces: tuple[str, ...],
        selector: LabelSelector | None,
        outer: LabelSelector | None,
        labels: NamespaceLabels,
    ) -> None:
        self._names = namespaces
        self._selector = selector
        self._outer = outer
        self._labels = labels

    def __call__(self, sort: Sort) -> bool:
        namespace, labels = sort
        inside = namespace in self._names or (
            self._outer is not None and self._outer.matches(self._labels(namespace))
        )
        return inside and self._selector is not None and self._selector.matches(dict(labels))


def with_label_keys(term: PodTerm, labels: Mapping[str, str]) -> LabelSelector | None:
    """A term's selector, narrowed by the pod's own values of some labels (KEP-3633)."""
    selector = term.label_selector
    if selector is None or not (term.match_label_keys or term.mismatch_label_keys):
        return selector
    more = [
        Requirement(key, "In", (labels[key],)) for key in term.match_label_keys if key in labels
    ] + [
        Requirement(key, "NotIn", (labels[key],))
        for key in term.mismatch_label_keys
        if key in labels
    ]
    return LabelSelector(selector.match_labels, (*selector.match_expressions, *more))
