"""Why a task is as it is: what it waits for, what ended it, and what each node says to it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

from simulator.shell.tables import columns
from simulator.units import counted, format_binary_bytes, format_span

if TYPE_CHECKING:
    from simulator.cluster.swarm.objects import Task
    from simulator.cluster.swarm.specs import TaskSpec
    from simulator.cluster.swarm.swarm import Swarm

MOST_NODES = 12
"""Of more nodes only the first are shown."""


def lines(swarm: Swarm, task: Task) -> Iterator[str]:
    """All of it."""
    from simulator.cluster.swarm.objects import PENDING, RUNNING

    state = swarm.state
    node = state.nodes.get(task.node)
    where = f" on {node.hostname}" if node is not None else ""
    yield (f"task {task.name} ({task.id[:12]}){where}: {word(task)} for "
           f"{format_span(state.now - task.changed)}, wanted {desired(task)}")  # fmt: skip
    if task.error:
        yield f"  error: {task.error}"
    yield from _waits(swarm, task)
    if task.state <= PENDING:
        yield from fits(swarm, task)
    elif task.state <= RUNNING:
        yield from _chosen(swarm, task)
    yield from _before(swarm, task)


def word(task: Task) -> str:
    """What it is."""
    from simulator.cluster.swarm.objects import STATE_WORDS

    code = "" if task.exit_code in (None, 0) else f" (exit code {task.exit_code})"
    return STATE_WORDS[task.state] + code


def desired(task: Task) -> str:
    """What it is to be."""
    from simulator.cluster.swarm.objects import STATE_WORDS

    return STATE_WORDS[task.desired]


def _waits(swarm: Swarm, task: Task) -> Iterator[str]:
    """What stands between a prepared task and its beginning."""
    delay = swarm.restarts.delays.get(task.id)
    if delay is None:
        return
    if delay.timed and delay.entry is not None:
        yield (f"  it may begin in {format_span(max(0.0, delay.entry.time - swarm.state.now))}: "
               f"--restart-delay is {task.spec.restart.delay_s:g}s")  # fmt: skip
    if delay.old:
        yield f"  it waits until the task before it ({delay.old[:12]}) has stopped"


# --- nodes ----------------------------------------------------------------------------------------


def fits(swarm: Swarm, task: Task) -> Iterator[str]:
    """What each node says to a task, and what would have to change."""
    pipeline, table = swarm.scheduler.pipeline, swarm.scheduler.columns
    rows = []
    for id_, place in table.places.items():
        refusal = pipeline.refusal_at(task, place)
        said = "fits" if refusal is None else refusal.says(1).replace("1 node ", "").replace(
            " on 1 node", "")  # fmt: skip
        rows.append((swarm.state.nodes[id_].hostname, said, *_left(swarm, place)))
    if not rows:
        yield "  no node at all"
        return
    yield from (f"  {line}" for line in columns(
        ("NODE", "VERDICT", "CPU LEFT", "MEMORY LEFT", "TASKS"), rows[:MOST_NODES]
    ))  # fmt: skip
    if len(rows) > MOST_NODES:
        yield f"  and {counted(len(rows) - MOST_NODES, 'node')} more"
    if all(row[1] != "fits" for row in rows):
        yield from _remedies(swarm, task)


def _left(swarm: Swarm, place: int) -> tuple[str, str, str]:
    """What is not reserved at a node, and how many tasks it has."""
    table = swarm.scheduler.columns
    return (f"{int(table.cpu[place]) / 1e9:g}", format_binary_bytes(float(table.memory[place])),
            str(int(table.total[place])))  # fmt: skip


def _remedies(swarm: Swarm, task: Task) -> Iterator[str]:
    """For each filter that refuses nodes: what would have it pass."""
    spec = task.spec
    for one, count in swarm.scheduler.pipeline.refusals(task):
        kind = type(one).__name__
        yield f"  {one.says(count)}: {_REMEDY.get(kind, _anything)(swarm, spec)}"


def _anything(swarm: Swarm, spec: TaskSpec) -> str:
    return "another node would have to pass"


def _room(swarm: Swarm, spec: TaskSpec) -> str:
    wanted = spec.reservations
    parts = []
    if wanted.nano_cpus:
        parts.append(f"{wanted.nano_cpus / 1e9:g} CPUs")
    if wanted.memory_bytes:
        parts.append(format_binary_bytes(wanted.memory_bytes))
    parts += [f"{count} {kind}" for kind, count in wanted.generic]
    return (f"each task reserves {', '.join(parts)}; a smaller --reserve-*, fewer tasks or a "
            "bigger node would do")  # fmt: skip


_REMEDY: dict[str, Callable[[Swarm, TaskSpec], str]] = {
    "Ready": lambda swarm, spec: (
        "a node that is drained, paused or down takes no tasks; "
        "'docker node update --availability active NODE'"
    ),
    "Room": _room,
    "Constraints": lambda swarm, spec: (
        f"constraints are {', '.join(spec.placement.constraints)}; "
        "'docker node update --label-add' or --constraint-rm would do"
    ),
    "MaxReplicas": lambda swarm, spec: (
        f"at most {spec.placement.max_replicas} of them on one "
        "node; more nodes, or a bigger --replicas-max-per-node"
    ),
    "HostPorts": lambda swarm, spec: (
        "a port of the node itself (mode=host) is taken; "
        "--update-order stop-first frees it first, mode=ingress needs none"
    ),
    "Platforms": lambda swarm, spec: "the image has no variant for the processor of these nodes",
    "Plugins": lambda swarm, spec: "a driver that it asks for is not there",
}


def _chosen(swarm: Swarm, task: Task) -> Iterator[str]:
    """Why it is where it is."""
    node = swarm.state.nodes.get(task.node)
    if node is None:
        return
    place = swarm.scheduler.columns.places.get(node.id)
    mine = swarm.scheduler.columns.services.get(task.service)
    if place is None or mine is None or not task.slot:
        return
    yield (f"  {node.hostname} has {counted(int(mine[place]), 'task')} of {task.service_name} of "
           f"{int(swarm.scheduler.columns.total[place])} in all: a node that had the fewest of "
           "the service was taken when it was placed, and it stays there")  # fmt: skip


def _before(swarm: Swarm, task: Task) -> Iterator[str]:
    """Those that were at its place before it, newest first."""
    past = [one for one in swarm.state.at_place(task.place) if one.number < task.number]
    if not past:
        return
    yield f"  before it at this place: {counted(len(past), 'task')} that are remembered"
    for one in reversed(past):
        node = swarm.state.nodes.get(one.node)
        where = "" if node is None else f" on {node.hostname}"
        why = f": {one.error}" if one.error else ""
        yield (f"    {one.id[:12]}{where}: {word(one)} "
               f"{format_span(swarm.state.now - one.changed)} ago{why}")  # fmt: skip
