"""The conditions of an autoscaler, in the controller's words."""

from __future__ import annotations

from typing import Any

from simulator.cluster.kubernetes.controllers.conditions import set_condition
from simulator.cluster.kubernetes.objects.meta import Condition


def rescaled(conditions: tuple[Condition, ...], wanted: int, now: float) -> tuple[Condition, ...]:
    """The target has another size."""
    text = f"the HPA controller was able to update the target scale to {wanted}"
    return set_condition(conditions, "AbleToScale", "True", "SucceededRescale", text, now)


_LIMITS = {
    "ScaleUpLimit": "the desired replica count is increasing faster than the maximum scale rate",
    "ScaleDownLimit": "the desired replica count is decreasing faster than the maximum scale rate",
    "TooManyReplicas": "the desired replica count is more than the maximum replica count",
    "TooFewReplicas": "the desired replica count is less than the minimum replica count",
    "DesiredWithinRange": "the desired count is within the acceptable range",
}


def decided(
    conditions: tuple[Condition, ...], stable: int, desired: int, got: Any, now: float
) -> tuple[Condition, ...]:
    """What became of the size that was desired: held by recent ones, or by a limit."""
    if stable > desired:
        text = "recent recommendations were higher than current one, applying the highest recent "
        conditions = set_condition(
            conditions, "AbleToScale", "True", "ScaleDownStabilized", f"{text}recommendation", now
        )
    elif stable < desired:
        text = "recent recommendations were lower than current one, applying the lowest recent "
        conditions = set_condition(
            conditions, "AbleToScale", "True", "ScaleUpStabilized", f"{text}recommendation", now
        )
    else:
        text = "recommended size matches current size"
        conditions = set_condition(conditions, "AbleToScale", "True", "ReadyForNewScale", text, now)
    status = "False" if got.condition == "DesiredWithinRange" else "True"
    return set_condition(
        conditions, "ScalingLimited", status, got.condition, _LIMITS[got.condition], now
    )
