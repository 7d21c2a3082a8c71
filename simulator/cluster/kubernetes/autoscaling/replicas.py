"""How many replicas one metric asks for (kubernetes, ``replica_calculator.go``). Pure."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from math import ceil

import msgspec

from simulator.errors import Refused

READY, UNREADY, MISSING = "ready", "unready", "missing"


class Part(msgspec.Struct, frozen=True):
    """One pod: its use of the metric (None: not known), what it asked for, and how it counts."""

    name: str
    usage: float | None
    request: float | None = None
    state: str = READY


class Wish(msgspec.Struct, frozen=True):
    """What a metric asks for, and how that came about."""

    replicas: int
    ratio: float
    utilization: int | None = None
    average: float | None = None
    missing: tuple[str, ...] = ()
    unready: tuple[str, ...] = ()
    recounted: float | None = None
    """The ratio with missing and unready pods filled in, where that was done."""
    held: str = ""
    """Why the number stays: ``tolerance``, ``recount``, ``direction``."""


class Tolerance(msgspec.Struct, frozen=True):
    """How far a ratio may be from 1, each way."""

    up: float = 0.1
    down: float = 0.1
    by_distance: bool = False
    """Up to 1.32 the distance from 1 was compared, with its rounding: 88 of 80 percent is more than
    a tenth, and moves. Since 1.33 (KEP-4951) the ends are: it stays."""

    def holds(self, ratio: float) -> bool:
        """Whether a ratio is near enough to 1."""
        if self.by_distance:
            return abs(1.0 - ratio) <= self.up
        return 1.0 - self.down <= ratio <= 1.0 + self.up


def utilization(
    parts: Sequence[Part], current: int, target: int, tolerance: Tolerance, *, newest: bool
) -> Wish:
    """By the use of a resource in percent of what pods asked for.

    ``newest``: missing pods count at least their target, as in all versions after 1.20.
    """
    counted = [one for one in parts if one.usage is not None and one.state == READY]
    if not counted:
        raise Refused(_nothing_of(parts))
    for one in parts:
        if one.request is None and one.usage is not None:
            raise Refused(f"missing request for {one.name}")
    percent, ratio = _percent(counted, target)
    average = sum(one.usage or 0.0 for one in counted) / len(counted)
    fill = max(100, target) / 100 if newest else 1.0

    def filled(one: Part) -> float:
        return (one.request or 0.0) * fill

    wish = _count(
        parts, counted, current, ratio, tolerance,
        lambda more: _percent(more, target)[1], filled,
    )  # fmt: skip
    return msgspec.structs.replace(wish, utilization=percent, average=average)


def _nothing_of(parts: Sequence[Part]) -> str:
    """Why there is nothing to count."""
    if any(one.usage is not None for one in parts):
        return "did not receive metrics for targeted pods (pods might be unready)"
    return "no metrics returned matched known pods" if parts else "no pods"


def _percent(parts: Sequence[Part], target: int) -> tuple[int, float]:
    asked = sum(one.request or 0.0 for one in parts)
    if not asked:
        raise Refused("no metrics returned matched known pods")
    percent = int(sum(one.usage or 0.0 for one in parts) * 100 / asked)
    return percent, percent / target


def average_value(parts: Sequence[Part], current: int, target: float, tolerance: Tolerance) -> Wish:
    """By the mean of a metric over pods; whether they are ready does not matter."""
    counted = [one for one in parts if one.usage is not None and one.state == READY]
    if not counted:
        raise Refused(_nothing_of(parts))

    def ratio_of(more: Sequence[Part]) -> float:
        return sum(one.usage or 0.0 for one in more) / len(more) / target

    ratio = ratio_of(counted)
    wish = _count(parts, counted, current, ratio, tolerance, ratio_of, lambda _: target)
    average = sum(one.usage or 0.0 for one in counted) / len(counted)
    return msgspec.structs.replace(wish, average=average)


def _count(
    parts: Sequence[Part],
    counted: Sequence[Part],
    current: int,
    ratio: float,
    tolerance: Tolerance,
    ratio_of: Callable[[Sequence[Part]], float],
    filled: Callable[[Part], float],
) -> Wish:
    missing = [one for one in parts if one.state == MISSING or (
        one.state == READY and one.usage is None)]  # fmt: skip
    unready = [one for one in parts if one.state == UNREADY]
    names = tuple(one.name for one in missing), tuple(one.name for one in unready)
    rebalance = bool(unready) and ratio > 1.0
    if not rebalance and not missing:
        if tolerance.holds(ratio):
            return Wish(current, ratio, held="tolerance", missing=names[0], unready=names[1])
        return Wish(ceil(round(ratio * len(counted), 9)), ratio, missing=names[0], unready=names[1])
    more = list(counted)
    if missing and ratio < 1.0:
        more += [msgspec.structs.replace(one, usage=filled(one)) for one in missing]
    elif missing and ratio > 1.0:
        more += [msgspec.structs.replace(one, usage=0.0) for one in missing]
    if rebalance:
        more += [msgspec.structs.replace(one, usage=0.0) for one in unready]
    again = ratio_of(more)

    def held(why: str) -> Wish:
        return Wish(current, ratio, held=why, missing=names[0], unready=names[1], recounted=again)

    if tolerance.holds(again) or (ratio < 1.0) != (again < 1.0):
        return held("recount")
    found = ceil(round(again * len(more), 9))
    if (again < 1.0 and found > current) or (again > 1.0 and found < current):
        return held("direction")
    return Wish(found, ratio, missing=names[0], unready=names[1], recounted=again)


def by_value(value: float, target: float, ready: int, current: int, tolerance: Tolerance) -> Wish:
    """By one value of an object, or of somewhere else: in proportion to the ready pods."""
    ratio = value / target
    if current == 0:
        return Wish(ceil(round(ratio, 9)), ratio, average=value)
    if tolerance.holds(ratio):
        return Wish(current, ratio, average=value, held="tolerance")
    return Wish(ceil(round(ratio * ready, 9)), ratio, average=value)


def by_average(value: float, target: float, current: int, tolerance: Tolerance) -> Wish:
    """By one value that pods share: each is to have so much of it."""
    ratio = value / (target * current) if current else 2.0
    average = ceil(round(value / current, 9)) if current else value
    if current and tolerance.holds(ratio):
        return Wish(current, ratio, average=average, held="tolerance")
    return Wish(ceil(round(value / target, 9)), ratio, average=average)


def state_of(
    *,
    cpu: bool,
    phase: str,
    started_ago: float | None,
    ready: bool | None,
    ready_changed_ago: float | None,
    sampled_ago: float | None,
    window: float,
    initialization: float,
    delay: float,
) -> str:
    """How a pod with a sample counts: ready, or set aside as not ready yet (``groupPods``)."""
    if phase == "Pending":
        return UNREADY
    if not cpu:
        return READY
    if ready is None or started_ago is None:
        return UNREADY
    changed = 0.0 if ready_changed_ago is None else ready_changed_ago
    if started_ago < initialization:
        fresh = sampled_ago is not None and sampled_ago + window < changed
        return READY if ready and fresh else UNREADY
    never = not ready and started_ago - changed < delay
    return UNREADY if never else READY
