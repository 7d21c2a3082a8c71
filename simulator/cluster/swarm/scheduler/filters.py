"""Which nodes take a task: seven questions in swarmkit's order, each of all nodes or of one.

Of those that refuse a node the first is counted (``manager/scheduler/filter.go``).
"""

from __future__ import annotations

import numpy as np

from simulator.cluster.columns import Bools
from simulator.cluster.swarm import constraints
from simulator.cluster.swarm.objects import Node, Task
from simulator.cluster.swarm.scheduler.columns import Columns, host_ports
from simulator.cluster.swarm.scheduler.tree import Trees

ARCHES = {"x86_64": "amd64", "aarch64": "arm64"}


class Filter:
    """One question. ``of_all`` answers for all nodes, ``of_place`` for one."""

    one = many = ""
    changes = True
    """Whether a node may give another answer when it has got a task."""

    def __init__(self, columns: Columns) -> None:
        self.columns = columns

    def concerns(self, task: Task) -> bool:
        """Whether it is to be asked at all."""
        return True

    def of_all(self, task: Task) -> Bools:
        """Which nodes pass."""
        return np.array(
            [self.of_place(task, place) for place in range(self.columns.count)], dtype=np.bool_
        )

    def of_place(self, task: Task, place: int) -> bool:
        """Whether one node passes."""
        raise NotImplementedError

    def says(self, nodes: int) -> str:
        """What it means that so many nodes fail."""
        return self.one if nodes == 1 else self.many.format(nodes)


class Ready(Filter):
    """Nodes whose heartbeats arrive, and that take new tasks."""

    one, many = "1 node not available for new tasks", "{} nodes not available for new tasks"
    changes = False

    def of_all(self, task: Task) -> Bools:
        """In a column."""
        return self.columns.ready[: self.columns.count]

    def of_place(self, task: Task, place: int) -> bool:
        """From the column."""
        return bool(self.columns.ready[place])


class Room(Filter):
    """What is reserved is left."""

    one, many = "insufficient resources on 1 node", "insufficient resources on {} nodes"

    def concerns(self, task: Task) -> bool:
        """Where anything is reserved."""
        wanted = task.spec.reservations
        return bool(wanted.nano_cpus or wanted.memory_bytes or wanted.generic)

    def of_all(self, task: Task) -> Bools:
        """In columns."""
        columns, wanted, count = self.columns, task.spec.reservations, self.columns.count
        fits: Bools = columns.cpu[:count] >= wanted.nano_cpus
        fits = fits & (columns.memory[:count] >= wanted.memory_bytes)
        for name, amount in wanted.generic:
            fits = fits & (columns.column(columns.generic, name)[:count] >= amount)
        return fits

    def of_place(self, task: Task, place: int) -> bool:
        """From the columns."""
        columns, wanted = self.columns, task.spec.reservations
        return (
            wanted.nano_cpus <= columns.cpu[place]
            and wanted.memory_bytes <= columns.memory[place]
            and all(amount <= columns.column(columns.generic, name)[place]
                    for name, amount in wanted.generic)
        )  # fmt: skip


class ByNode(Filter):
    """A question whose answer follows from the node alone: asked again when nodes change."""

    changes = False

    def __init__(self, columns: Columns) -> None:
        super().__init__(columns)
        self._known: dict[object, tuple[int, Bools]] = {}

    def key(self, task: Task) -> object:
        """What of a task the answer depends on."""
        raise NotImplementedError

    def of_all(self, task: Task) -> Bools:
        """Remembered."""
        key = self.key(task)
        known = self._known.get(key)
        if known is None or known[0] != self.columns.epoch:
            if len(self._known) > 1000:
                self._known.clear()
            known = self._known[key] = self.columns.epoch, super().of_all(task)
        return known[1]


class Plugins(ByNode):
    """Nodes that have the drivers of volumes, networks and logs."""

    one, many = "missing plugin on 1 node", "missing plugin on {} nodes"

    def key(self, task: Task) -> object:
        """The drivers."""
        return task.spec.drivers

    def concerns(self, task: Task) -> bool:
        """Where any is asked for."""
        return bool(task.spec.drivers)

    def of_place(self, task: Task, place: int) -> bool:
        """Whether it has all of them."""
        plugins = self.columns.nodes[place].description.plugins
        return plugins is None or all(_has(plugins, *one) for one in task.spec.drivers)


def _has(plugins: tuple[tuple[str, str], ...], kind: str, name: str) -> bool:
    names = [one for its, one in plugins if its == kind]
    if name in names or f"{name}:latest" in names:
        return True
    return kind == "Log" and not names  # an old daemon, which does not say what it has


class Constraints(ByNode):
    """Nodes that meet all constraints."""

    one = "scheduling constraints not satisfied on 1 node"
    many = "scheduling constraints not satisfied on {} nodes"

    def key(self, task: Task) -> object:
        """The constraints as they are written."""
        return task.spec.placement.constraints

    def concerns(self, task: Task) -> bool:
        """Where there are any."""
        return bool(task.spec.placement.constraints)

    def of_place(self, task: Task, place: int) -> bool:
        """Whether it meets all of them."""
        parsed = constraints.parse(task.spec.placement.constraints)
        return constraints.matches(parsed, self.columns.nodes[place])


class Platforms(ByNode):
    """Nodes that can run the image."""

    one, many = "unsupported platform on 1 node", "unsupported platform on {} nodes"

    def key(self, task: Task) -> object:
        """The platforms of the image."""
        return task.spec.placement.platforms

    def concerns(self, task: Task) -> bool:
        """Where they are known."""
        return bool(task.spec.placement.platforms)

    def of_place(self, task: Task, place: int) -> bool:
        """Whether one of them is the node's."""
        return runs_any(task.spec.placement.platforms, self.columns.nodes[place])


def runs_any(platforms: tuple[tuple[str, str], ...], node: Node) -> bool:
    """Whether a node runs one of some platforms; nothing stands for any."""
    what = node.description
    own = ARCHES.get(what.arch, what.arch)
    return what.platform and any(
        ARCHES.get(arch, arch) in ("", own) and os in ("", what.os) for arch, os in platforms
    )


class HostPorts(Filter):
    """Nodes on which the ports are free."""

    one, many = (
        "host-mode port already in use on 1 node",
        "host-mode port already in use on {} nodes",
    )

    def concerns(self, task: Task) -> bool:
        """Where any port of the node itself is published."""
        return bool(host_ports(task.ports))

    def of_all(self, task: Task) -> Bools:
        """In columns."""
        columns = self.columns
        free = np.ones(columns.count, dtype=np.bool_)
        for key in host_ports(task.ports):
            free &= columns.column(columns.ports, key)[: columns.count] == 0
        return free

    def of_place(self, task: Task, place: int) -> bool:
        """From the columns."""
        columns = self.columns
        return all(not columns.column(columns.ports, key)[place] for key in host_ports(task.ports))


class MaxReplicas(Filter):
    """Nodes that do not have enough tasks of the service already."""

    one = many = "max replicas per node limit exceed"

    def concerns(self, task: Task) -> bool:
        """Where there is such a number."""
        return task.spec.placement.max_replicas > 0

    def of_all(self, task: Task) -> Bools:
        """In a column."""
        columns = self.columns
        here = columns.column(columns.services, task.service)[: columns.count]
        found: Bools = here < task.spec.placement.max_replicas
        return found

    def of_place(self, task: Task, place: int) -> bool:
        """From the column."""
        columns = self.columns
        here = columns.column(columns.services, task.service)[place]
        return bool(here < task.spec.placement.max_replicas)


EVERY = (Ready, Room, Plugins, Constraints, Platforms, HostPorts, MaxReplicas)


class Pipeline:
    """All questions."""

    def __init__(self, columns: Columns) -> None:
        self.columns = columns
        self.filters: list[Filter] = [kind(columns) for kind in EVERY]
        self.trees = Trees(columns)

    def mask(self, task: Task) -> Bools:
        """Which nodes take a task."""
        found = self.columns.ready[: self.columns.count].copy()
        for one in self.filters[1:]:
            if one.concerns(task):
                found &= one.of_all(task)
        return found

    def asked(self, task: Task) -> list[Filter]:
        """The filters that concern a task."""
        return [one for one in self.filters if one.concerns(task)]

    def refusals(self, task: Task) -> list[tuple[Filter, int]]:
        """Who refuses how many nodes first, the most first."""
        left, found = self.columns.members, []
        for one in self.asked(task):
            failing = left & ~one.of_all(task)
            count = int(np.count_nonzero(failing))
            if count:
                found.append((one, count))
                left &= ~failing
        return sorted(found, key=lambda each: -each[1])

    def explain(self, task: Task) -> str:
        """``insufficient resources on 2 nodes; ...``; nothing where there is no node at all."""
        return "; ".join(one.says(count) for one, count in self.refusals(task))

    def refusal_at(self, task: Task, place: int) -> Filter | None:
        """Who refuses one node first; None: nobody."""
        return next((one for one in self.asked(task) if not one.of_place(task, place)), None)
