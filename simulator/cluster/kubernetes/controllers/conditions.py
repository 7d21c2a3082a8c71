"""Conditions of a status, of which each type stands once."""

from __future__ import annotations

from simulator.cluster.kubernetes.objects.meta import Condition


def condition(conditions: tuple[Condition, ...], type_: str) -> Condition | None:
    """The condition of a type."""
    return next((one for one in conditions if one.type == type_), None)


def set_condition(
    conditions: tuple[Condition, ...],
    type_: str,
    status: str,
    reason: str,
    message: str,
    now: float,
) -> tuple[Condition, ...]:
    """The conditions with one of them so from now on; its time stays where its status does."""
    before = condition(conditions, type_)
    if before is not None and (before.status, before.reason, before.message) == (
        status, reason, message,
    ):  # fmt: skip
        return conditions
    since = before.since if before is not None and before.status == status else now
    fresh = Condition(type_, status, reason, message, since, now)
    return (*(one for one in conditions if one.type != type_), fresh)


def without(conditions: tuple[Condition, ...], type_: str) -> tuple[Condition, ...]:
    """The conditions but for one type."""
    return tuple(one for one in conditions if one.type != type_)
