"""Why a node is as it is: who decides, what it has, what it takes, and what it lost."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import TYPE_CHECKING

from simulator.units import counted, format_binary_bytes, format_span

if TYPE_CHECKING:
    from simulator.cluster.swarm.objects import Node
    from simulator.cluster.swarm.swarm import Swarm

_TAKES = {
    "active": "takes new tasks",
    "pause": "takes no new tasks and keeps those that it has (availability pause)",
    "drain": "takes no tasks, and those it had went elsewhere (availability drain)",
}


def lines(swarm: Swarm, node: Node) -> Iterator[str]:
    """All of it."""
    kind = "manager" if node.manager else "worker"
    yield f"node {node.hostname}: {kind}, {'ready' if node.ready else 'down'}"
    if node.ready:
        yield f"  {_TAKES[node.spec.availability]}"
    else:
        yield from _down(swarm, node)
    if node.manager:
        yield from _decides(swarm, node)
    yield from _room(swarm, node)
    yield from _tasks(swarm, node)
    labels = ", ".join(f"{key}={value}" for key, value in node.spec.labels.items())
    if labels:
        yield f"  constraints see its labels {labels}"


def _down(swarm: Swarm, node: Node) -> Iterator[str]:
    period = swarm.state.spec.heartbeat_s
    why = node.down_why or "it left"
    yield (f"  {why}, for {format_span(swarm.state.now - node.updated)}: a node that is not heard "
           f"for three heartbeats (of {period:g}s) is down, and its tasks are made elsewhere "
           "after their restart delay")  # fmt: skip
    yield "  when it is back nothing is moved to it: a healthy task stays where it is"


def _decides(swarm: Swarm, node: Node) -> Iterator[str]:
    managers = swarm.managers
    there, all_ = len(managers.reachable()), len(managers.members())
    leads = "it leads" if managers.leader == node.id else (
        "it is reached" if node.reachable else "it is not reached")  # fmt: skip
    spare = there - managers.quorum
    says = (f"{spare} more may be lost" if spare >= 0
            else "nobody leads and nothing can be changed")  # fmt: skip
    yield (f"  of {counted(all_, 'manager')} {there} are there and {managers.quorum} are needed: "
           f"{leads}, {says}")  # fmt: skip


def _room(swarm: Swarm, node: Node) -> Iterator[str]:
    table, has = swarm.scheduler.columns, node.description.resources
    place = table.places.get(node.id)
    if place is None or has is None:
        return
    cpu, memory = int(table.cpu[place]), int(table.memory[place])
    yield (f"  reserved: {(has.nano_cpus - cpu) / 1e9:g} of {has.nano_cpus / 1e9:g} CPUs, "
           f"{format_binary_bytes(has.memory_bytes - memory)} of "
           f"{format_binary_bytes(has.memory_bytes)}; what is used and not reserved counts for "
           "nothing")  # fmt: skip


def _tasks(swarm: Swarm, node: Node) -> Iterator[str]:
    from simulator.cluster.swarm.objects import RUNNING

    here = [one for one in swarm.state.tasks_on(node.id) if one.state <= RUNNING]
    count = Counter(one.service_name for one in here)
    if count:
        shown = ", ".join(f"{name} ({number})" for name, number in count.most_common(8))
        yield f"  {counted(len(here), 'task')}: {shown}"
    failing = swarm.scheduler.columns.failures
    place = swarm.scheduler.columns.places.get(node.id)
    for (service, _), by_place in failing.items():
        times = by_place.get(-1 if place is None else place, [])
        known = swarm.state.services.get(service)
        if known is not None and len(times) >= 5:
            yield (f"  {known.name} failed here {len(times)} times in five minutes: other nodes "
                   "are taken first")  # fmt: skip
