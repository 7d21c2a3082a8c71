"""What plugins see of placed pods, node by node: from counts that are kept, or by walking.

Both answer alike. Walking asks every pod on every node, as upstream does, and is what the columns
are held against; whoever wants to know why asks the counts.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Protocol, TypeAlias

from simulator.cluster.kubernetes.objects.pod import Pod
from simulator.cluster.kubernetes.scheduler.columns import Columns, Ints, Mask, Small
from simulator.cluster.kubernetes.scheduler.counting import Counting, Group, spoken


class Tallied(Protocol):
    """How many (or how much) is in each domain of a topology."""

    def at(self, value: str) -> int:
        """In one domain."""

    def least(self, minimum: int) -> int:
        """In the emptiest of those that count; 0 where these are fewer than ``minimum``."""

    def nothing(self) -> bool:
        """Whether there is nothing in any."""


Said: TypeAlias = list[tuple[str, Tallied, int]]
"""Topologies with what is in their domains, and what each counts for."""


class Eyes(Protocol):
    """Who looks at placed pods."""

    def by_value(self, group: Group, key: str, mask: Mask | None = None) -> Tallied:
        """Pods of a group in each domain that has a node of the mask."""

    def on_node(self, group: Group, place: int) -> int:
        """Pods of a group on one node."""

    def said(self, pod: Pod, kinds: Mapping[str, int | None]) -> Said:
        """What placed pods say of a pod: of some kinds, each with a weight (None: its own)."""


class Column:
    """Counts in columns."""

    __slots__ = ("_counts", "_eligible", "_numbers")

    def __init__(self, numbers: Mapping[str, int], counts: Small, eligible: Ints) -> None:
        self._numbers = numbers
        self._counts = counts
        self._eligible = eligible

    def at(self, value: str) -> int:
        """In one domain."""
        number = self._numbers.get(value)
        return 0 if number is None else int(self._counts[number])

    def least(self, minimum: int) -> int:
        """In the emptiest of those that count; 0 where these are fewer than ``minimum``."""
        counts = self._counts[self._eligible]
        return int(counts.min()) if len(counts) >= max(1, minimum) else 0

    def nothing(self) -> bool:
        """Whether there is nothing in any."""
        return not self._counts.any()


class Counts:
    """From the counts that are kept."""

    def __init__(self, columns: Columns, counting: Counting) -> None:
        self._columns = columns
        self._counting = counting

    def by_value(self, group: Group, key: str, mask: Mask | None = None) -> Tallied:
        """Pods of a group in each domain that has a node of the mask."""
        columns = self._columns
        counts = group.counts(columns, key, mask)
        return Column(columns.topology(key).numbers, counts, columns.eligible(key, mask))

    def on_node(self, group: Group, place: int) -> int:
        """Pods of a group on one node."""
        return group.nodes.get(self._columns.order[place].node.name, 0)

    def said(self, pod: Pod, kinds: Mapping[str, int | None]) -> Said:
        """What placed pods say of a pod."""
        return [
            (term.key, self.by_value(term.carriers, term.key), kinds[term.kind] or term.weight)
            for term in self._counting.about(pod)
            if term.kind in kinds
        ]


class Words:
    """Counts by word."""

    __slots__ = ("_counts",)

    def __init__(self, counts: Mapping[str, int]) -> None:
        self._counts = counts

    def at(self, value: str) -> int:
        """In one domain."""
        return self._counts.get(value, 0)

    def least(self, minimum: int) -> int:
        """In the emptiest of those that count; 0 where these are fewer than ``minimum``."""
        counts = self._counts.values()
        return min(counts) if len(counts) >= max(1, minimum) else 0

    def nothing(self) -> bool:
        """Whether there is nothing in any."""
        return not any(self._counts.values())


class Walking:
    """By asking every pod on every node."""

    def __init__(self, columns: Columns, counting: Counting) -> None:
        self._columns = columns
        self._counting = counting

    def by_value(self, group: Group, key: str, mask: Mask | None = None) -> Tallied:
        """Pods of a group in each domain that has a node of the mask."""
        found: dict[str, int] = {}
        for place, row in enumerate(self._columns.order):
            value = row.node.meta.labels.get(key)
            if value is not None and (mask is None or mask.nodes[place]):
                found[value] = found.get(value, 0) + self.on_node(group, place)
        return Words(found)

    def on_node(self, group: Group, place: int) -> int:
        """Pods of a group on one node."""
        of, means = self._counting.sorts.of, group.meaning.means
        pods = self._columns.order[place].pods.values()
        return sum(means(of(one)) and not (group.live and one.deleting) for one in pods)

    def said(self, pod: Pod, kinds: Mapping[str, int | None]) -> Said:
        """What placed pods say of a pod."""
        found: dict[str, dict[str, int]] = {}
        for row in self._columns.order:
            for placed in row.pods.values():
                self._heard(pod, placed, row.node.meta.labels, kinds, found)
        return [(key, Words(values), 1) for key, values in found.items()]

    def _heard(
        self,
        pod: Pod,
        placed: Pod,
        labels: Mapping[str, str],
        kinds: Mapping[str, int | None],
        found: dict[str, dict[str, int]],
    ) -> None:
        for kind, weight, term in spoken(placed):
            value = labels.get(term.topology_key)
            if value is None or kind not in kinds:
                continue
            if self._counting.meant(placed, term).means(self._counting.sorts.of(pod)):
                values = found.setdefault(term.topology_key, {})
                values[value] = values.get(value, 0) + (kinds[kind] or weight)


def weigh(said: Iterable[tuple[str, Tallied, int]], labels: Mapping[str, str]) -> int:
    """What is said, summed over the domains that a node is in."""
    return sum(weight * each.at(labels[key]) for key, each, weight in said if key in labels)
