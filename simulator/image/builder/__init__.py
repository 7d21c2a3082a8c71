"""Building images: graph of stages and steps, cache keys and their reasons, costs, schedule."""

from __future__ import annotations

from simulator.image.builder.cache import BuildCache
from simulator.image.builder.execute import plan, plan_platforms
from simulator.image.builder.model import BuildFailure, BuildPlan, Finding, Rates, Reason, Step

__all__ = [
    "BuildCache",
    "BuildFailure",
    "BuildPlan",
    "Finding",
    "Rates",
    "Reason",
    "Step",
    "plan",
    "plan_platforms",
]
