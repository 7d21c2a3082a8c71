"""How far a Deployment is: its status, its conditions, its deadline."""

from __future__ import annotations

from collections.abc import Sequence

from msgspec.structs import replace

from simulator.cluster.kubernetes.controllers.conditions import condition, set_condition, without
from simulator.cluster.kubernetes.objects.meta import Condition
from simulator.cluster.kubernetes.objects.workloads import (
    Deployment,
    DeploymentStatus,
    ReplicaSet,
)
from simulator.cluster.kubernetes.server.server import Server

TIMED_OUT = "ProgressDeadlineExceeded"
DONE = "NewReplicaSetAvailable"
PAUSED = ("Unknown", "DeploymentPaused", "Deployment is paused")
NEVER = 2_147_483_647
"""A deadline that is none."""


def created(server: Server, one: Deployment, new: ReplicaSet) -> None:
    """There is a new ReplicaSet: the deadline counts from now."""
    now = server.store.get(Deployment, *one.key)
    if now is None:
        return
    conditions = set_condition(
        now.status.conditions, "Progressing", "True", "NewReplicaSetCreated",
        f'Created new replica set "{new.name}"', server.sim.now,
    )  # fmt: skip
    server.update_status(now, replace(now.status, conditions=conditions))


def complete(desired: int, replicas: int, updated: int, available: int) -> bool:
    """Whether all pods are new and available, and there are no others."""
    return updated == desired and replicas == desired and available == desired


def progressing(before: DeploymentStatus, after: DeploymentStatus) -> bool:
    """Whether anything went forward: more new, fewer old, more ready or more available pods."""
    return (
        after.updated_replicas > before.updated_replicas
        or after.replicas - after.updated_replicas < before.replicas - before.updated_replicas
        or after.ready_replicas > before.ready_replicas
        or after.available_replicas > before.available_replicas
    )


def status(
    one: Deployment,
    new: ReplicaSet | None,
    sets: Sequence[ReplicaSet],
    unavailable: int,
    now: float,
) -> DeploymentStatus:
    """What there is now."""
    replicas = sum(each.status.replicas for each in sets)
    available = sum(each.status.available_replicas for each in sets)
    counted = DeploymentStatus(
        replicas,
        0 if new is None else new.status.replicas,
        sum(each.status.ready_replicas for each in sets),
        available,
        max(0, sum(each.spec.replicas for each in sets) - available),
        one.meta.generation,
        one.status.conditions,
    )
    conditions = _available(one, counted, unavailable, now)
    conditions = _failure(conditions, new, now)
    return replace(counted, conditions=_progress(one, counted, conditions, new, now))


def _available(
    one: Deployment, counted: DeploymentStatus, unavailable: int, now: float
) -> tuple[Condition, ...]:
    enough = counted.available_replicas >= one.spec.replicas - unavailable
    return set_condition(
        counted.conditions,
        "Available",
        "True" if enough else "False",
        "MinimumReplicasAvailable" if enough else "MinimumReplicasUnavailable",
        f"Deployment {'has' if enough else 'does not have'} minimum availability.",
        now,
    )


def _failure(
    conditions: tuple[Condition, ...], new: ReplicaSet | None, now: float
) -> tuple[Condition, ...]:
    failed = None if new is None else condition(new.status.conditions, "ReplicaFailure")
    if failed is None:
        return without(conditions, "ReplicaFailure")
    return set_condition(
        conditions, "ReplicaFailure", failed.status, failed.reason, failed.message, now
    )


def _progress(
    one: Deployment,
    counted: DeploymentStatus,
    conditions: tuple[Condition, ...],
    new: ReplicaSet | None,
    now: float,
) -> tuple[Condition, ...]:
    known = condition(conditions, "Progressing")
    if one.spec.paused:
        return set_condition(conditions, "Progressing", *PAUSED, now)
    if known is not None and known.reason == PAUSED[1]:
        return set_condition(
            conditions, "Progressing", "Unknown", "DeploymentResumed", "Deployment is resumed", now
        )
    if one.spec.progress_deadline_seconds >= NEVER:
        return without(conditions, "Progressing")
    about = f'ReplicaSet "{new.name}"' if new is not None else f'Deployment "{one.name}"'
    if known is not None and known.reason == DONE and counted.replicas == counted.updated_replicas:
        return conditions
    if complete(
        one.spec.replicas, counted.replicas, counted.updated_replicas, counted.available_replicas
    ):
        text = f"{about} has successfully progressed."
        return set_condition(conditions, "Progressing", "True", DONE, text, now)
    if progressing(one.status, counted) or known is None:
        text = f"{about} is progressing."
        rest = (
            without(conditions, "Progressing") if known and known.status == "True" else conditions
        )
        fresh = set_condition(rest, "Progressing", "True", "ReplicaSetUpdated", text, now)
        return _since(fresh, known)
    if timed_out(one, known, now):
        text = f"{about} has timed out progressing."
        return set_condition(conditions, "Progressing", "False", TIMED_OUT, text, now)
    return conditions


def _since(conditions: tuple[Condition, ...], known: Condition | None) -> tuple[Condition, ...]:
    """Progress renews the time of the update, not that of the status."""
    if known is None or known.status != "True":
        return conditions
    return tuple(
        replace(one, since=known.since) if one.type == "Progressing" else one for one in conditions
    )


def timed_out(one: Deployment, known: Condition, now: float) -> bool:
    """Whether nothing went forward for longer than the deadline."""
    if known.reason in (DONE, TIMED_OUT):
        return False
    return now - known.updated > one.spec.progress_deadline_seconds - 1e-9


def deadline_in(one: Deployment, status: DeploymentStatus, now: float) -> float | None:
    """Seconds until its deadline could have passed; None where it need not be looked at."""
    known = condition(status.conditions, "Progressing")
    if known is None or known.reason in (DONE, TIMED_OUT, PAUSED[1]):
        return None
    if one.spec.progress_deadline_seconds >= NEVER:
        return None
    return max(0.0, known.updated + one.spec.progress_deadline_seconds - now)
