"""How fast an autoscaler may go (kubernetes, ``horizontal.go``; KEP-853). Pure."""

from __future__ import annotations

from collections.abc import Sequence
from math import ceil, floor

import msgspec

from simulator.cluster.kubernetes.objects.autoscaling import Policy, Rules

UP = Rules(0, "Max", (Policy("Pods", 4, 15), Policy("Percent", 100, 15)))
DOWN = Rules(300, "Max", (Policy("Percent", 100, 15),))
PLAIN_FACTOR, PLAIN_LEAST = 2, 4
"""Without ``behavior``: at most max(2 * current, 4)."""


class Change(msgspec.Struct, frozen=True):
    """A change of scale: by how many, when."""

    by: int
    time: float


class Limited(msgspec.Struct, frozen=True):
    """A number of replicas, and which limit held it."""

    replicas: int
    condition: str


def plain(current: int, desired: int, least: int, most: int) -> Limited:
    """Without ``behavior``."""
    fast = max(PLAIN_FACTOR * current, PLAIN_LEAST)
    if desired < least:
        return Limited(least, "TooFewReplicas")
    if desired > min(most, fast):
        if most > fast:
            return Limited(fast, "ScaleUpLimit")
        return Limited(most, "TooManyReplicas")
    return Limited(desired, "DesiredWithinRange")


def recent(changes: Sequence[Change], now: float, period: float) -> int:
    """Sum of the changes that are younger than a period."""
    return sum(one.by for one in changes if one.time > now - period + 1e-9)


def limited(
    current: int,
    desired: int,
    least: int,
    most: int,
    rules: tuple[Rules, Rules],
    ups: Sequence[Change],
    downs: Sequence[Change],
    now: float,
) -> Limited:
    """By the policies of ``behavior``, then by the bounds."""
    up, down = rules
    if desired > current:
        fast = up_limit(current, up, ups, downs, now)
        fast = max(fast, current)
        if desired > min(fast, most):
            if fast < most:
                return Limited(fast, "ScaleUpLimit")
            return Limited(most, "TooManyReplicas")
    elif desired < current:
        slow = min(down_limit(current, down, ups, downs, now), current)
        if desired < max(slow, least):
            if slow > least:
                return Limited(slow, "ScaleDownLimit")
            return Limited(least, "TooFewReplicas")
    if desired < least:
        return Limited(least, "TooFewReplicas")
    if desired > most:
        return Limited(most, "TooManyReplicas")
    return Limited(desired, "DesiredWithinRange")


def up_limit(
    current: int, rules: Rules, ups: Sequence[Change], downs: Sequence[Change], now: float
) -> int:
    """The most that the policies allow."""
    if rules.select_policy == "Disabled":
        return current
    found = []
    for one in rules.policies:
        start = current - recent(ups, now, one.period_seconds)
        start += recent(downs, now, one.period_seconds)
        if one.type == "Pods":
            found.append(start + one.value)
        else:
            found.append(ceil(round(start * (1 + one.value / 100), 9)))
    return (min if rules.select_policy == "Min" else max)(found, default=current)


def down_limit(
    current: int, rules: Rules, ups: Sequence[Change], downs: Sequence[Change], now: float
) -> int:
    """The fewest that the policies allow."""
    if rules.select_policy == "Disabled":
        return current
    found = []
    for one in rules.policies:
        start = current - recent(ups, now, one.period_seconds)
        start += recent(downs, now, one.period_seconds)
        if one.type == "Pods":
            found.append(start - one.value)
        else:
            found.append(floor(round(start * (1 - one.value / 100), 9)))
    return (max if rules.select_policy == "Min" else min)(found, default=current)


def stabilized(
    current: int,
    desired: int,
    wishes: Sequence[tuple[float, int]],
    windows: tuple[float, float],
    now: float,
) -> int:
    """Not above the smallest wish of the window up, not below the largest of the window down.

    ``wishes``: earlier ones, (time, replicas); the new one counts, too.
    """
    up, down = windows
    least, most = desired, desired
    for time, wish in wishes:
        if time > now - up + 1e-9:
            least = min(least, wish)
        if time > now - down + 1e-9:
            most = max(most, wish)
    result = max(current, least)
    return min(result, most)


def age_limit(rules: tuple[Rules, Rules]) -> float:
    """How old a change or a wish may be and still count."""
    periods = [one.period_seconds for each in rules for one in each.policies]
    windows = [one.stabilization_window_seconds or 0 for one in rules]
    return float(max([*periods, *windows, 300], default=300))
