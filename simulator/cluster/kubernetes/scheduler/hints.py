"""Whether a pod that came or went can matter to one that waits, by what either says of others."""

from __future__ import annotations

from simulator.cluster.kubernetes.objects.pod import Pod
from simulator.cluster.kubernetes.scheduler.counting import Counting, spoken
from simulator.cluster.kubernetes.scheduler.plugins.spread_constraints import Reader


class Hints:
    """Asked for pods that spreading or affinity refused."""

    def __init__(self, counting: Counting, reader: Reader) -> None:
        self._counting = counting
        self._reader = reader

    def matters(self, waiting: Pod, other: Pod) -> bool:
        """Whether one of them speaks of the other."""
        return (
            self._counted(waiting, other)
            or self._speaks_of(waiting, other)
            or self._speaks_of(other, waiting)
        )

    def _counted(self, waiting: Pod, other: Pod) -> bool:
        constraints = self._reader.read(waiting)
        sort = self._counting.sorts.of(other)
        return constraints is not None and any(
            one.group.meaning.means(sort) for one in constraints.hard
        )

    def _speaks_of(self, one: Pod, other: Pod) -> bool:
        sort = self._counting.sorts.of(other)
        return any(
            kind != "likes" and self._counting.meant(one, term).means(sort)
            for kind, _, term in spoken(one)
        )
