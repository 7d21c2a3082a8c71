"""Why no node takes a pod: how many for which reason, and for how many less would help."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import msgspec
import numpy as np

from simulator.cluster.columns import Ints
from simulator.cluster.kubernetes.scheduler.plugin import Verdict

NOWHERE: Ints = np.zeros(0, dtype=np.int64)


class Diagnosis(msgspec.Struct, frozen=True, eq=False):
    """All nodes that failed, by the verdict of the first filter that each failed."""

    nodes: int
    """How many nodes there are."""
    verdicts: tuple[tuple[Verdict, int], ...] = ()
    """Verdicts with how many nodes each is about."""
    resolvable: Ints = NOWHERE
    """Places of nodes on which less might help."""
    problem: str = ""
    """Why the pod fits nowhere, whatever the nodes."""
    plugins: tuple[str, ...] = ()
    """Which filters refused it somewhere."""

    @property
    def reasons(self) -> Mapping[str, int]:
        """Each reason, with how many nodes it is given for."""
        found: dict[str, int] = {}
        for verdict, count in self.verdicts:
            for reason in verdict.reasons:
                found[reason] = found.get(reason, 0) + count
        return found

    @property
    def message(self) -> str:
        """As the scheduler says it (``FitError``)."""
        if not self.nodes:
            return "no nodes available to schedule pods"
        why = self.problem or listed(self.reasons.items())
        return f"0/{self.nodes} nodes are available: {why}."


def listed(reasons: Iterable[tuple[str, int]]) -> str:
    """``1 Insufficient cpu, 2 node(s) were unschedulable``, sorted as text."""
    return ", ".join(sorted(f"{count} {reason}" for reason, count in reasons))
