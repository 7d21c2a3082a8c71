"""PodDisruptionBudgets: how many pods may be taken away on purpose."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

import msgspec

from simulator.cluster.kubernetes.objects.meta import Condition, Object
from simulator.cluster.kubernetes.objects.selectors import LabelSelector


class BudgetSpec(msgspec.Struct, frozen=True, gc=False, rename="camel"):
    """So many of these pods stay, or at most so many are missing."""

    min_available: int | str | None = None
    max_unavailable: int | str | None = None
    selector: LabelSelector | None = None
    unhealthy_pod_eviction_policy: str = "IfHealthyBudget"


class BudgetStatus(msgspec.Struct, frozen=True, gc=False, rename="camel"):
    """How many there are, and how many may go now."""

    observed_generation: int = 0
    disruptions_allowed: int = 0
    current_healthy: int = 0
    desired_healthy: int = 0
    expected_pods: int = 0
    conditions: tuple[Condition, ...] = ()
    disrupted_pods: Mapping[str, float] = {}


class PodDisruptionBudget(Object, frozen=True, kw_only=True, gc=False):
    """Keeps evictions from taking too many pods at once."""

    KIND: ClassVar[str] = "PodDisruptionBudget"

    spec: BudgetSpec = BudgetSpec()
    status: BudgetStatus = BudgetStatus()
