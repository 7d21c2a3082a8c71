"""Whether what a service waits for has come about: started, healthy, completed, or never will.

Source: docker/compose ``pkg/compose/convergence.go``, which asks every half second.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from simulator.cluster.compose.project import COMPLETED, HEALTHY
from simulator.machine.container import Container

RUNNING_OR_HEALTHY = "running_or_healthy"
"""What ``up --wait`` waits for."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether a condition holds now; ``never``: why it will not."""

    holds: bool = False
    never: str = ""
    told: str = ""
    """What is said of the containers that failed it."""


def judge(condition: str, service: str, containers: Sequence[Container]) -> Verdict:
    """The state of a condition on the containers of a service."""
    if condition == COMPLETED:
        return _completed(service, containers)
    for one in containers:
        found = _one(one, fallback=condition == RUNNING_OR_HEALTHY)
        if found.never and condition == HEALTHY:
            return Verdict(
                never=f"dependency failed to start: {found.never}",
                told=f"dependency {service} failed to start",
            )
        if found.never or not found.holds:
            return found
    return Verdict(holds=True)


def _one(one: Container, *, fallback: bool) -> Verdict:
    if one.state in ("exited", "dead"):
        return Verdict(never=f"container {one.local_name} exited ({one.exit_code or 0})")
    if one.settings.healthcheck is None:
        if fallback:
            return Verdict(holds=one.state == "running")
        return Verdict(never=f"container {one.local_name} has no healthcheck configured")
    status = one.health.status if one.health is not None else "starting"
    if one.state in ("created", "starting", "restarting"):
        return Verdict()
    if status == "unhealthy":
        return Verdict(never=f"container {one.local_name} is unhealthy")
    return Verdict(holds=status == "healthy")


def _completed(service: str, containers: Sequence[Container]) -> Verdict:
    for one in containers:
        if one.state in ("exited", "dead"):
            code = one.exit_code or 0
            if not code:
                return Verdict(holds=True)
            words = f'service "{service}" didn\'t complete successfully: exit {code}'
            return Verdict(never=words, told=words)
    return Verdict()
