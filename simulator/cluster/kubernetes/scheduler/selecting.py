"""Who is meant by a selector: pods as sorts (namespace and labels), and an index of selectors.

A selector that asks for a label of a certain value is looked for under that label, so that a
thousand selectors of a thousand workloads do not have to be compared with every pod.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Generic, TypeAlias, TypeVar

from simulator.cluster.kubernetes.objects.placing import PodTerm
from simulator.cluster.kubernetes.objects.pod import Pod
from simulator.cluster.kubernetes.objects.selectors import LabelSelector, Requirement

Sort: TypeAlias = tuple[str, tuple[tuple[str, str], ...]]
"""What of a pod selectors go by: its namespace and labels."""
Pair: TypeAlias = tuple[str, str]
NamespaceLabels: TypeAlias = Callable[[str], Mapping[str, str]]
Thing = TypeVar("Thing")


def as_template(pod: Pod) -> bool:
    """Whether a pod's labels are its template's: then what is known of one holds for the other."""
    mine, its = pod.meta.labels, pod.template.labels
    return mine is its or mine == its


class Sorts:
    """``sort_of``, remembered by template."""

    def __init__(self) -> None:
        self._known: dict[tuple[int, str], Sort] = {}

    def of(self, pod: Pod) -> Sort:
        """Namespace and labels, as a key."""
        if not as_template(pod):
            return sort_of(pod)
        key = pod.template.number, pod.meta.namespace
        found = self._known.get(key)
        if found is None:
            found = self._known[key] = sort_of(pod)
        return found


def sort_of(pod: Pod) -> Sort:
    """Namespace and labels, as a key."""
    return pod.meta.namespace, tuple(sorted(pod.meta.labels.items()))


class Selected:
    """The pods that one selector means, in some namespaces; ``key`` says the same as data."""

    __slots__ = ("_labels", "_names", "_outer", "_selector", "key")

    def __init__(
        self,
        names: tuple[str, ...],
        selector: LabelSelector | None,
        outer: LabelSelector | None,
        labels: NamespaceLabels,
    ) -> None:
        self._names = names
        self._selector = selector
        self._outer = outer
        self._labels = labels
        self.key: tuple[object, ...] = (names, _as_key(selector), _as_key(outer))

    def means(self, sort: Sort) -> bool:
        """Whether pods of a sort are meant."""
        namespace, labels = sort
        if self._selector is None:
            return False
        if namespace not in self._names and not (
            self._outer is not None and self._outer.matches(self._labels(namespace))
        ):
            return False
        return self._selector.matches(dict(labels))

    @property
    def by_namespace(self) -> bool:
        """Whether labels of namespaces matter."""
        return self._outer is not None

    @property
    def pair(self) -> Pair | None:
        """A label that all whom it means have; None where it asks for none."""
        selector = self._selector
        if selector is None:
            return None
        for pair in selector.match_labels.items():
            return pair
        for one in selector.match_expressions:
            if one.operator == "In" and len(one.values) == 1:
                return one.key, one.values[0]
        return None


class Together:
    """The pods that all of some selectors mean."""

    __slots__ = ("_parts", "key")

    def __init__(self, parts: tuple[Selected, ...]) -> None:
        self._parts = parts
        self.key: tuple[object, ...] = ("together", *(one.key for one in parts))

    def means(self, sort: Sort) -> bool:
        """Whether pods of a sort are meant by all."""
        return all(one.means(sort) for one in self._parts)

    @property
    def by_namespace(self) -> bool:
        """Whether labels of namespaces matter."""
        return any(one.by_namespace for one in self._parts)

    @property
    def pair(self) -> Pair | None:
        """A label that all whom they mean have."""
        return next((one.pair for one in self._parts if one.pair is not None), None)


Meaning: TypeAlias = Selected | Together


def _as_key(selector: LabelSelector | None) -> object:
    if selector is None:
        return None
    return tuple(sorted(selector.match_labels.items())), selector.match_expressions


class Index(Generic[Thing]):
    """Things by the selector that each has; answers which concern pods of a sort."""

    def __init__(self) -> None:
        self._by_pair: dict[Pair, list[tuple[Meaning, Thing]]] = {}
        self._others: list[tuple[Meaning, Thing]] = []
        self._of_sort: dict[Sort, list[Thing]] = {}
        self._sorts: dict[Pair, list[Sort]] = {}

    def add(self, meaning: Meaning, thing: Thing) -> None:
        """One more; sorts that were asked for are brought up to date."""
        pair = meaning.pair
        if pair is None:
            self._others.append((meaning, thing))
            concerned = list(self._of_sort)
        else:
            self._by_pair.setdefault(pair, []).append((meaning, thing))
            concerned = self._sorts.get(pair, [])
        for sort in concerned:
            if meaning.means(sort):
                self._of_sort[sort].append(thing)

    def about(self, sort: Sort) -> list[Thing]:
        """All whose selector means pods of a sort; whoever changes it takes a copy."""
        found = self._of_sort.get(sort)
        if found is None:
            found = [thing for meaning, thing in self._candidates(sort) if meaning.means(sort)]
            self._of_sort[sort] = found
            for pair in sort[1]:
                self._sorts.setdefault(pair, []).append(sort)
        return found

    def _candidates(self, sort: Sort) -> Iterator[tuple[Meaning, Thing]]:
        for pair in sort[1]:
            yield from self._by_pair.get(pair, ())
        yield from self._others


def namespaces_of(term: PodTerm, own: str) -> tuple[str, ...]:
    """The namespaces that a term names; that of its pod where it says nothing of namespaces."""
    if not term.namespaces and term.namespace_selector is None:
        return (own,)
    return term.namespaces


def selector_of(term: PodTerm, labels: Mapping[str, str]) -> LabelSelector | None:
    """A term's selector, narrowed by the pod's own values of some labels (KEP-3633)."""
    more = _narrowed(term.match_label_keys, labels, "In")
    more += _narrowed(term.mismatch_label_keys, labels, "NotIn")
    return narrowed(term.label_selector, more)


def narrowed(selector: LabelSelector | None, more: tuple[Requirement, ...]) -> LabelSelector | None:
    """A selector with more requirements."""
    if selector is None or not more:
        return selector
    return LabelSelector(selector.match_labels, (*selector.match_expressions, *more))


def _narrowed(
    keys: tuple[str, ...], labels: Mapping[str, str], operator: str
) -> tuple[Requirement, ...]:
    return tuple(Requirement(key, operator, (labels[key],)) for key in keys if key in labels)
