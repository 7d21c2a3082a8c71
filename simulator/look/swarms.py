"""Looks at swarms for a screen: members, services, tasks; only at those that are seen."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import islice
from typing import TYPE_CHECKING, Any, NamedTuple

from simulator.image.reference import Reference
from simulator.look.cluster_facts import MOST_EACH, View
from simulator.look.cluster_names import Names
from simulator.look.swarm_facts import MemberFacts, SwarmFacts, SwarmServiceFacts, TaskFacts

if TYPE_CHECKING:
    from simulator.cluster.swarm.objects import Node, Service, Task
    from simulator.cluster.swarm.swarm import Swarm

ALSO = {"pods": "tasks", "workloads": "services"}
"""Words of Kubernetes for what a swarm has by another name."""
MOST_SORTED = 2_000
"""Tasks of a service up to which they are shown slot by slot, the newest of each first."""
MOST_READ = 50
"""Newest tasks of a service that are looked at for why some are missing."""


class Index(NamedTuple):
    """Members and services by name, and who is a manager."""

    members: dict[str, Node]
    services: dict[str, Service]
    managers: list[Node]


class Swarms:
    """Looks at swarms. Names are listed again only when something came or went."""

    def __init__(self) -> None:
        self._keys: tuple[object, Sequence[str]] = ("", ())
        self._index: tuple[object, Index] = ("", Index({}, {}, []))

    def facts(self, swarm: Swarm, view: View, first: int, count: int, clusters: int) -> SwarmFacts:
        """What a frame shows: all keys of a view, and some of its rows."""
        view = view._replace(kind=ALSO.get(view.kind, view.kind))
        state, index = swarm.state, self._names(swarm)
        keys = self._keys_of(swarm, view, index)
        leader = state.nodes.get(swarm.managers.leader)
        counts = state.counts.values()
        return SwarmFacts(
            swarm.name, view, len(state.nodes), sum([one.ready for one in state.nodes.values()]),
            len(index.managers), sum([one.id not in swarm.managers.down for one in index.managers]),
            leader.hostname if leader is not None else "", len(state.services),
            sum([one.wanted for one in counts]), sum([one.running for one in counts]), keys, first,
            tuple([_row(swarm, index, key) for key in keys[first : first + count]]), clusters,
        )  # fmt: skip

    def _names(self, swarm: Swarm) -> Index:
        stamp = swarm.name, swarm.state.version
        if self._index[0] != stamp:
            nodes, services = swarm.state.nodes.values(), swarm.state.services.values()
            found = Index(
                {one.hostname: one for one in nodes},
                {one.name: one for one in services},
                [one for one in nodes if one.manager],
            )
            self._index = stamp, found
        return self._index[1]

    def _keys_of(self, swarm: Swarm, view: View, index: Index) -> Sequence[str]:
        state = swarm.state
        tasks = state.task_changes if view.kind == "tasks" else 0
        stamp = swarm.name, view, state.version, tasks
        if self._keys[0] != stamp:
            self._keys = stamp, keys_of(swarm, view, index)
        return self._keys[1]


def keys_of(swarm: Swarm, view: View, index: Index) -> Sequence[str]:
    """A key for each row: ``service/web``, ``member/node-1``, ``task//ID``."""
    wanted, unlike = view.filter.lower().removeprefix("!"), view.filter.startswith("!")
    found = _listed(swarm, view, index)
    if not wanted:
        return found
    tasks = swarm.state.tasks
    return [
        key
        for key in found
        if (wanted in (_words(tasks.get(key[6:])) if key.startswith("task/") else key)) != unlike
    ]


def _words(task: Task | None) -> str:
    from simulator.cluster.swarm.objects import STATE_WORDS

    return "" if task is None else f"{task.name} {STATE_WORDS[task.state]} {task.error}".lower()


def _listed(swarm: Swarm, view: View, index: Index) -> Sequence[str]:
    if view.kind == "tasks":
        return _tasks(swarm, view.within, index)
    services = [f"service/{name}" for name in index.services]
    members = [f"member/{name}" for name in index.members]
    if view.kind == "overview":
        return [*members, *services] if len(members) <= MOST_EACH else services
    return {"services": services, "nodes": members}.get(view.kind, [])


def _tasks(swarm: Swarm, within: str, index: Index) -> Sequence[str]:
    state = swarm.state
    kind, _, name = within.partition("/")
    if kind == "member":
        node = index.members.get(name)
        table = state.by_node.get(node.id, {}) if node is not None else {}
        return Names("task", [("", table)])
    if kind != "service":
        return Names("task", [("", state.tasks)])
    service = index.services.get(name)
    table = state.by_service.get(service.id, {}) if service is not None else {}
    if len(table) > MOST_SORTED:
        return Names("task", [("", table)])
    ranked = sorted(table.values(), key=lambda one: (one.slot, one.node, -one.number))
    return [f"task//{one.id}" for one in ranked]


# --- rows -----------------------------------------------------------------------------------------


def _row(swarm: Swarm, index: Index, key: str) -> Any:
    kind, _, name = key.partition("/")
    if kind == "task":
        task = swarm.state.tasks.get(name[1:])
        return None if task is None else _task(swarm, task)
    if kind == "service":
        service = index.services.get(name)
        return None if service is None else _service(swarm, service)
    node = index.members.get(name)
    return None if node is None else _facts_of(swarm, node)


def _facts_of(swarm: Swarm, node: Node) -> MemberFacts:
    from simulator.cluster.swarm.objects import RUNNING
    from simulator.cluster.swarm.specs import NOTHING

    there = node.description.resources or NOTHING
    tasks = swarm.state.by_node.get(node.id, {}).values()
    held = [one.spec.reservations for one in tasks if max(one.state, one.desired) <= RUNNING]
    manager = ""
    if node.manager:
        manager = "Reachable" if node.reachable else "Unreachable"
        manager = "Leader" if swarm.managers.leader == node.id else manager
    return MemberFacts(
        node.id, node.hostname, node.hostname, node.ready, node.down_why, node.spec.availability,
        manager, len(held), sum([one.nano_cpus for one in held]), there.nano_cpus,
        sum([one.memory_bytes for one in held]), there.memory_bytes,
    )  # fmt: skip


def _service(swarm: Swarm, one: Service) -> SwarmServiceFacts:
    from simulator.cluster.swarm.objects import COMPLETE

    state, mode = swarm.state, one.spec.mode
    count = state.counts.get(one.id)
    running, wanted = (count.running, count.wanted) if count is not None else (0, 0)
    desired = mode.replicas if mode.kind == "replicated" else wanted
    done, total = None, mode.replicas
    tasks = state.by_service.get(one.id, {})
    if mode.is_job:
        mine = [each for each in tasks.values() if each.iteration == one.iteration]
        done = sum([each.state == COMPLETE for each in mine])
        desired = (
            min(mode.max_concurrent, total - done) if mode.kind == "replicated-job" else wanted
        )
    error = ""
    if running < desired:
        last = islice(reversed(tasks.values()), MOST_READ)
        error = next((each.error for each in last if each.error), "")
    ports = tuple(
        f"*:{each.published or one.ports.get(each, '?')}->{each.target}/{each.protocol}"
        for each in one.spec.endpoint.ports
    )
    update = one.status
    return SwarmServiceFacts(
        one.id, one.name, mode.kind.replace("-", " "), running, desired, done, total,
        Reference.parse(one.spec.task.container.image).listed(), ports,
        update.state if update is not None else "",
        update.message if update is not None else "", error,
    )  # fmt: skip


def _task(swarm: Swarm, one: Task) -> TaskFacts:
    from simulator.cluster.swarm.objects import RUNNING, STATE_WORDS

    node = swarm.state.nodes.get(one.node)
    return TaskFacts(
        one.id, one.name if one.slot or node is None else f"{one.service_name}.{node.hostname}",
        one.full_name if one.container else "",
        Reference.parse(one.spec.container.image).listed(),
        node.hostname if node is not None else "", STATE_WORDS[one.desired],
        STATE_WORDS[one.state], one.changed, one.message, one.error, one.state == RUNNING, one.over,
    )  # fmt: skip
