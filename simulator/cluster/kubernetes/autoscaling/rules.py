"""What an autoscaler says of how fast, and what holds where it says nothing."""

from __future__ import annotations

from typing import Any

from msgspec.structs import replace

from simulator.cluster.kubernetes.autoscaling import behavior
from simulator.cluster.kubernetes.autoscaling.replicas import Tolerance
from simulator.cluster.kubernetes.objects.autoscaling import HorizontalPodAutoscaler, Rules

WINDOW_S = 300.0
"""kube-controller-manager: the window before scaling down."""
DEFAULT_TOLERANCE = 0.1


def rules_of(one: HorizontalPodAutoscaler) -> tuple[Rules, Rules]:
    """How fast up and down; what is not stated is the default."""
    said = one.spec.behavior
    up = said.scale_up if said is not None and said.scale_up is not None else behavior.UP
    down = said.scale_down if said is not None and said.scale_down is not None else behavior.DOWN
    if not up.policies:
        up = replace(up, policies=behavior.UP.policies)
    if not down.policies:
        down = replace(down, policies=behavior.DOWN.policies)
    return up, down


def windows(rules: tuple[Rules, Rules]) -> tuple[float, float]:
    """Seconds for which recommendations are held against each other, up and down."""
    up, down = (one.stabilization_window_seconds for one in rules)
    return float(up or 0), WINDOW_S if down is None else float(down)


def tolerance_of(one: HorizontalPodAutoscaler, *, by_distance: bool = False) -> Tolerance:
    """How far from its target a metric may be (per autoscaler since 1.33, KEP-4951)."""
    up, down = (
        DEFAULT_TOLERANCE if each.tolerance is None else _fraction(each.tolerance)
        for each in rules_of(one)
    )
    if by_distance:
        return Tolerance(DEFAULT_TOLERANCE, DEFAULT_TOLERANCE, by_distance)
    return Tolerance(up, down)


def _fraction(value: Any) -> float:
    text = str(value)
    return float(text[:-1]) / 1000 if text.endswith("m") else float(text)
