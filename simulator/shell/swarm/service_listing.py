"""``docker service ls`` and ``ps``.

Source: docker/cli, ``cli/command/service`` (``list.go``, ``ps.go``, ``formatter.go``).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING, Any

from simulator.errors import Refused
from simulator.shell import kinds, lookup
from simulator.shell.docker.listing import FORMAT, QUIET
from simulator.shell.formats import listing
from simulator.shell.grammar import Argument, Call, Kind
from simulator.shell.registry import verb
from simulator.shell.results import OfClient
from simulator.shell.swarm import tasks
from simulator.shell.swarm.common import (
    SHORT,
    chosen_by,
    filter_flag,
    labelled,
    service_of,
    swarm_of,
)
from simulator.shell.swarm.handed import natural

if TYPE_CHECKING:
    from simulator.cluster.swarm.objects import Service
    from simulator.cluster.swarm.state import State
    from simulator.cluster.swarm.swarm import Swarm
    from simulator.shell.session import Session

SERVICE = Kind("service", kinds.TEXT.parse, "swarm service")
COLUMNS = {
    "ID": "ID", "Name": "NAME", "Mode": "MODE", "Replicas": "REPLICAS", "Image": "IMAGE",
    "Ports": "PORTS",
}  # fmt: skip
MODES = {
    "replicated": "replicated", "global": "global", "replicated-job": "replicated job",
    "global-job": "global job",
}  # fmt: skip
TESTS: dict[str, Callable[[Service, str], bool]] = {
    "id": lambda one, value: one.id.startswith(value),
    "label": lambda one, value: labelled(one.spec.labels, value),
    "mode": lambda one, value: one.spec.mode.kind == value,
    "name": lambda one, value: one.name.startswith(value),
}
LISTED = (QUIET, filter_flag("name=web", TESTS), FORMAT)


@verb(
    "docker service ls",
    "List the services of the swarm",
    flags=LISTED,
    aliases=("docker service list",),
    examples=("docker service ls", "docker service ls --filter mode=global"),
)
def ls(session: Session, call: Call) -> Iterable[str]:
    """By name, with how many tasks run of how many."""
    swarm = swarm_of(session, call)
    return service_rows(swarm, swarm.state.services.values(), call)


def service_rows(swarm: Swarm, services: Iterable[Service], call: Call) -> list[str]:
    """Those that pass the filters, as a table or as ``--format`` says."""
    passes = chosen_by(call["filter"], TESTS)
    found = sorted((one for one in services if passes(one)), key=lambda one: natural(one.name))
    if call["quiet"] and not call["format"]:
        return [one.id[:SHORT] for one in found]
    rows = [row(swarm.state, one) for one in found]
    return listing(rows, COLUMNS, call["format"], COLUMNS)


def row(state: State, service: Service) -> dict[str, Any]:
    """A service as a listing shows it."""
    return {
        "ID": service.id[:SHORT],
        "Name": service.name,
        "Mode": MODES[service.spec.mode.kind],
        "Replicas": replicas(state, service),
        "Image": lookup.familiar(service.spec.task.container.image),
        "Ports": ", ".join(ports(service)),
    }


def replicas(state: State, service: Service) -> str:
    """``2/3``, with the limit of a node or what a job has done behind it."""
    running, desired, completed = counts(state, service)
    mode, most = service.spec.mode, service.spec.task.placement.max_replicas
    text = f"{running}/{desired}"
    if mode.kind == "replicated-job":
        return f"{text} ({completed}/{mode.replicas} completed)"
    if mode.kind == "global-job":
        return f"{text} ({completed}/{completed + desired} completed)"
    if mode.kind == "replicated" and most:
        text += f" (max {most} per node)"
    return text


def counts(state: State, service: Service) -> tuple[int, int, int]:
    """Tasks that run, that should, and that are complete (swarmkit, ``ListServiceStatuses``)."""
    from simulator.cluster.swarm.objects import COMPLETE, RUNNING

    mode = service.spec.mode
    running = wanted = complete = 0
    for task in state.by_service.get(service.id, {}).values():
        node = state.nodes.get(task.node)
        if mode.is_job and task.iteration != service.iteration:
            continue
        to_run = task.desired <= RUNNING or (mode.is_job and task.desired == COMPLETE)
        running += task.state == RUNNING and to_run and (node is None or node.ready)
        complete += task.state == COMPLETE
        wanted += to_run and task.state < COMPLETE
    if mode.kind == "replicated":
        wanted = mode.replicas
    elif mode.kind == "replicated-job":
        wanted = min(mode.max_concurrent, max(0, mode.replicas - complete))
    return running, wanted, complete


def ports(service: Service) -> list[str]:
    """``*:8080->80/tcp``: those of the mesh, with the ports that the swarm chose."""
    runs: list[tuple[str, list[tuple[int, int]]]] = []
    for protocol, at, target in sorted(_published(service)):
        last = runs[-1] if runs else None
        if last is not None and last[0] == protocol and _goes_on(last[1], at, target):
            last[1].append((at, target))
        else:
            runs.append((protocol, [(at, target)]))
    return [
        f"*:{_span(run[0][0], run[-1][0])}->{_span(run[0][1], run[-1][1])}/{protocol}"
        for protocol, run in runs
    ]


def _published(service: Service) -> Iterator[tuple[str, int, int]]:
    for one in service.spec.endpoint.ports:
        at = one.published or service.ports.get(one, 0)
        if at and one.mode == "ingress":
            yield one.protocol, at, one.target


def _goes_on(run: list[tuple[int, int]], at: int, target: int) -> bool:
    """Whether a port belongs to a run of ports (docker/cli, ``service/formatter.go``)."""
    (_, first), (before, last) = run[0], run[-1]
    return at - before <= 1 and target - last in (0, 1) and not (first != last and target == last)


def _span(first: int, last: int) -> str:
    return str(first) if first == last else f"{first}-{last}"


@verb(
    "docker service ps",
    "List the tasks of services: those that run, and those before them",
    arguments=(Argument("SERVICE", SERVICE, "name or id", repeat=True),),
    flags=tasks.FLAGS,
    examples=("docker service ps web", "docker service ps --no-trunc web"),
)
def ps(session: Session, call: Call) -> Iterable[str]:
    """The newest of each slot first."""
    swarm = swarm_of(session, call)
    found, errors = [], []
    for word in call["SERVICE"]:
        try:
            found.append(service_of(swarm, word))
        except Refused:
            errors.append(f"no such service: {word}")
    every = [one for service in found for one in swarm.state.tasks_of(service.id)]
    if found:
        session.say(tasks.task_table(swarm.state, every, call, session.world.now))
    for text in errors:
        session.fail(call, OfClient(text))
    return []
