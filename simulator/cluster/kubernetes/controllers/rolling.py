"""The arithmetic of a rolling update (kubernetes, ``deployment/util`` and ``rolling.go``)."""

from __future__ import annotations

from collections.abc import Sequence
from math import ceil, floor
from typing import TypeVar

import msgspec


def scaled(value: int | str | None, total: int, *, up: bool) -> int:
    """A number, or a percentage of ``total``, rounded up or down; None is 0."""
    if value is None:
        return 0
    if isinstance(value, int):
        return value
    share = int(value.rstrip("%")) * total / 100
    return ceil(share) if up else floor(share)


def fenceposts(
    surge: int | str | None, unavailable: int | str | None, desired: int
) -> tuple[int, int]:
    """How many more and how many fewer than desired: surge up, unavailable down, not both 0."""
    more = scaled(surge, desired, up=True)
    fewer = scaled(unavailable, desired, up=False)
    if more == 0 and fewer == 0:
        fewer = 1
    return more, fewer


def new_replicas(kind: str, desired: int, surge: int, everything: int, new: int) -> int:
    """How far the new set may grow now."""
    if kind == "Recreate":
        return desired
    most = desired + surge
    if everything >= most:
        return new
    return new + min(most - everything, desired - new)


class Old(msgspec.Struct):
    """One old set: pods that it wants, and those of them that are available."""

    replicas: int
    available: int


def reconcile_old(
    old: Sequence[Old], desired: int, unavailable: int, new: int, new_available: int
) -> list[int]:
    """What the old sets are to want, oldest first: the unhealthy go first, then as many as may."""
    everything = sum(one.replicas for one in old) + new
    most = everything - (desired - unavailable) - (new - new_available)
    if most <= 0:
        return [one.replicas for one in old]
    cleaned = cleanup_unhealthy(old, most)
    return scale_down_old(
        [Old(left, one.available) for left, one in zip(cleaned, old, strict=True)],
        desired, unavailable, new_available,
    )  # fmt: skip


def cleanup_unhealthy(old: Sequence[Old], most: int) -> list[int]:
    """Take up to ``most`` unhealthy pods off the old sets."""
    left, result = most, []
    for one in old:
        taken = min(left, max(0, one.replicas - one.available)) if one.replicas else 0
        left -= taken
        result.append(one.replicas - taken)
    return result


def scale_down_old(
    old: Sequence[Old], desired: int, unavailable: int, new_available: int
) -> list[int]:
    """Take available pods off the old sets, as long as enough are left."""
    available = sum(min(one.available, one.replicas) for one in old) + new_available
    left = max(0, available - (desired - unavailable))
    result = []
    for one in old:
        taken = min(left, one.replicas)
        left -= taken
        result.append(one.replicas - taken)
    return result


def proportion(size: int, most: int | None, desired: int, surge: int) -> int:
    """By how much one set changes when the wish does: its share, halves away from zero.

    ``most``: desired and surge when it was last resized.
    """
    if desired == 0:
        return -size
    before = most if most else desired + surge
    return floor(size * (desired + surge) / before + 0.5) - size


Sized = TypeVar("Sized")


def proportional(
    sets: Sequence[tuple[Sized, int, int | None]], desired: int, surge: int
) -> list[tuple[Sized, int]]:
    """Sizes of the sets for another wish: shared out, the largest first, the rest to that one."""
    allowed = desired + surge if desired else 0
    to_add = allowed - sum(size for _, size, _ in sets)
    order = sorted(sets, key=lambda one: -one[1])
    added, result = 0, []
    for one, size, most in order:
        share = proportion(size, most, desired, surge) if to_add else 0
        left = to_add - added
        share = min(share, left) if to_add > 0 else max(share, left)
        added += share
        result.append((one, size + share))
    if result:
        first, size = result[0]
        result[0] = first, max(0, size + to_add - added)
    return result
