"""Why a service of Compose is as it is: its containers, what they wait for, and what they lack."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from simulator.cluster.compose.conditions import judge
from simulator.cluster.compose.labels import ONE_OFF, PROJECT, SERVICE
from simulator.cluster.compose.observed import label, number_of, waits_of
from simulator.cluster.compose.project import STARTED
from simulator.machine.container import Container
from simulator.node.node import Node
from simulator.units import counted, format_span

if TYPE_CHECKING:
    from simulator.world.world import World


def of_compose(world: World, name: str) -> list[Container]:
    """The containers of ``SERVICE`` in all projects, or of ``PROJECT/SERVICE``."""
    project, slash, service = name.rpartition("/")
    found = [
        one
        for one in world.containers.values()
        if label(one, SERVICE) == service
        and label(one, PROJECT)
        and (not slash or label(one, PROJECT) == project)
        and label(one, ONE_OFF) != "True"
    ]
    return sorted(found, key=lambda one: (label(one, PROJECT), one.daemon.name, number_of(one)))


def compose_lines(world: World, containers: Sequence[Container]) -> list[str]:
    """What is to be said of a service whose containers these are, project by project."""
    groups: dict[tuple[str, str], list[Container]] = {}
    for one in containers:
        groups.setdefault((one.daemon.name, label(one, PROJECT)), []).append(one)
    return [line for some in groups.values() for line in _service(world, some)]


def _service(world: World, some: Sequence[Container]) -> list[str]:
    first = some[0]
    node = world.fleet.node(first.daemon.name)
    running = sum(one.running for one in some)
    idle = any(one.started_at is None for one in some)
    unmet = _unmet(node, first) if idle else {}
    return [
        f"service {label(first, SERVICE)} of the project {label(first, PROJECT)} on "
        f"{first.daemon.name}: {counted(len(some), 'container')}, {running} running",
        *(f"  waits for {line}" for line in unmet.values()),
        *(f"  {_container(node, one, list(unmet))}" for one in some),
    ]


def _unmet(node: Node, one: Container) -> dict[str, str]:
    """What keeps a service back, by the name of the service that it waits for."""
    waits = waits_of(one)
    others: dict[str, list[Container]] = {}
    for each in node.containers.values() if waits else ():
        if label(each, PROJECT) == label(one, PROJECT) and label(each, ONE_OFF) != "True":
            others.setdefault(label(each, SERVICE), []).append(each)
    found = {}
    for name, wish in waits.items():
        condition = str(wish["condition"])
        why = _wanting(condition, name, others.get(name, []))
        if why:
            found[name] = f"{name} ({condition}): {why}"
    return found


def _wanting(condition: str, name: str, containers: Sequence[Container]) -> str:
    """Why a condition does not hold; nothing where it does."""
    if not containers:
        return "it has no container"
    if condition == STARTED:
        idle = [one.local_name for one in containers if one.started_at is None]
        return f"{', '.join(idle)} has not started" if idle else ""
    verdict = judge(condition, name, containers)
    if verdict.holds:
        return ""
    if verdict.never:
        return verdict.never.removeprefix("dependency failed to start: ")
    return ", ".join(_so_far(one) for one in containers)


def _so_far(one: Container) -> str:
    health = one.health
    state = one.state if health is None else f"{one.state}, health {health.status}"
    return f"{one.local_name} is {state}"


def _container(node: Node, one: Container, unmet: Sequence[str]) -> str:
    """One line for a container: how it is, and why."""
    parts = [f"{one.local_name}: {one.state}"]
    if one.running:
        parts += _of_running(node, one)
    elif one.started_at is None:
        parts.append(_never(one, unmet))
    else:
        reason = f": {one.exit_reason}" if one.exit_reason not in ("", "finished") else ""
        parts.append(f"exit code {one.exit_code or 0}{reason}")
        parts.append(f"restart policy {one.restart_policy}")
    if one.restarts:
        parts.append(counted(one.restarts, "restart"))
    return ", ".join(parts)


def _never(one: Container, unmet: Sequence[str]) -> str:
    if one.start_error:
        return f"could not start: {one.start_error}"
    if unmet:
        return f"never started: it waits for {', '.join(unmet)}"
    return "never started: 'docker compose up -d' or 'start' starts it"


def _of_running(node: Node, one: Container) -> list[str]:
    health = one.health
    parts = []
    if one.started_at is not None:
        parts.append(f"for {format_span(one.sim.now - one.started_at)}")
    if health is not None:
        failed = f" ({counted(health.streak, 'failed test')} in a row)" if health.streak else ""
        parts.append(f"{health.status}{failed}")
    ports = [f"{port.at}->{port.port}/{port.protocol}" for port in node.wired(one).ports]
    return parts + ([f"ports {' '.join(dict.fromkeys(ports))}"] if ports else [])
