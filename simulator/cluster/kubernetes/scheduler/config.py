"""How a scheduler is configured (``KubeSchedulerConfiguration``), as one frozen value."""

from __future__ import annotations

from typing import TypeAlias

import msgspec

from simulator.cluster.kubernetes.objects.placing import PreferredNode, SpreadConstraint
from simulator.cluster.kubernetes.objects.selectors import NodeSelector
from simulator.errors import InputError

MOST_SCORE = 100
Weighted: TypeAlias = tuple[tuple[str, int], ...]
"""Resources with what each counts for in a score."""
CPU_AND_MEMORY: Weighted = (("cpu", 1), ("memory", 1))
HOSTNAME = "kubernetes.io/hostname"
ZONE = "topology.kubernetes.io/zone"
SYSTEM_DEFAULTS = (
    SpreadConstraint(3, HOSTNAME, "ScheduleAnyway"),
    SpreadConstraint(5, ZONE, "ScheduleAnyway"),
)
STRATEGIES = ("LeastAllocated", "MostAllocated", "RequestedToCapacityRatio")


class Scoring(msgspec.Struct, frozen=True):
    """``scoringStrategy`` of NodeResourcesFit. ``line``: use in percent and score from 0 to 10."""

    strategy: str = "LeastAllocated"
    resources: Weighted = CPU_AND_MEMORY
    line: tuple[tuple[int, int], ...] = ()

    def check(self) -> None:
        """InputError that names the field which upstream refuses."""
        if self.strategy not in STRATEGIES:
            expected = f"one of: {', '.join(STRATEGIES)}"
            raise InputError("scoringStrategy.type", found=self.strategy, expected=expected)
        for number, (_, weight) in enumerate(self.resources):
            if not 1 <= weight <= MOST_SCORE:
                field = f"resources[{number}].weight"
                raise InputError(field, found=str(weight), expected="a number from 1 to 100")


class Config(msgspec.Struct, frozen=True, kw_only=True):
    """All that can be set; the defaults are kube-scheduler's."""

    percentage: int = 0
    """``percentageOfNodesToScore``; 0: by the number of nodes."""
    scoring: Scoring = Scoring()
    balanced: Weighted = CPU_AND_MEMORY
    ignored_resources: tuple[str, ...] = ()
    ignored_groups: tuple[str, ...] = ()
    """Domains of extended resources that the filter leaves to others."""
    added_required: NodeSelector | None = None
    added_preferred: tuple[PreferredNode, ...] = ()
    """``addedAffinity`` of NodeAffinity, for every pod."""
    default_constraints: tuple[SpreadConstraint, ...] = SYSTEM_DEFAULTS
    hard_pod_affinity_weight: int = 1
    weights: tuple[tuple[str, int], ...] = (
        ("TaintToleration", 3),
        ("NodeAffinity", 2),
        ("PodTopologySpread", 2),
        ("InterPodAffinity", 2),
        ("NodeResourcesFit", 1),
        ("NodeResourcesBalancedAllocation", 1),
        ("ImageLocality", 1),
    )
    """What each score counts for; those that are not named do not score."""
    min_candidates_percentage: int = 10
    min_candidates_absolute: int = 100
    """Nodes that preemption looks at, at least."""


DEFAULT = Config()
