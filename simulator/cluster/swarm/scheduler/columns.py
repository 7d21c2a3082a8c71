"""What the scheduler goes by, in columns: of all nodes, in the order in which they joined."""

from __future__ import annotations

from typing import Any, TypeAlias, TypeVar

import numpy as np

from simulator.cluster.columns import Bools, Ints, ints
from simulator.cluster.swarm.objects import COMPLETE, Node, Task
from simulator.cluster.swarm.specs import NOTHING, Port, Resources

PLENTY = 1 << 61
"""What a node has that says nothing of its resources."""
EVERYTHING = Resources(nano_cpus=PLENTY, memory_bytes=PLENTY)
FAILURES, FAILURES_S = 5, 300.0
"""swarmkit, ``maxFailures`` and ``monitorFailures``: so many in so long weigh against a node."""

PortKey: TypeAlias = tuple[str, int]
Some = TypeVar("Some")


def host_ports(ports: tuple[Port, ...]) -> list[PortKey]:
    """Ports of the node itself that a task takes."""
    return [(one.protocol, one.published) for one in ports if one.mode == "host" and one.published]


class Columns:
    """Nodes as rows: what is left, how many tasks there are, and of which services."""

    def __init__(self) -> None:
        self.nodes: list[Node] = []
        self.places: dict[str, int] = {}
        self.epoch = 0
        """Raised with each change of a node: what follows from labels is worked out again."""
        self.ready: Bools = np.zeros(0, dtype=np.bool_)
        self.cpu: Ints = ints([])
        self.memory: Ints = ints([])
        self.total: Ints = ints([])
        """Tasks that run or are to run."""
        self.services: dict[str, Ints] = {}
        self.generic: dict[str, Ints] = {}
        self.ports: dict[PortKey, Ints] = {}
        self.failures: dict[tuple[str, int], dict[int, list[float]]] = {}
        self.stocked: list[Resources | None] = []
        """What each node said last that it has."""
        self.held: dict[str, tuple[int, bool, Task]] = {}
        """By task: where it is, and whether it counts as running."""

    # --- nodes ----------------------------------------------------------------------------------

    def put(self, node: Node) -> None:
        """A node came, or is another than before."""
        self.epoch += 1
        place = self.places.get(node.id)
        if place is None:
            place = self.places[node.id] = len(self.nodes)
            self.nodes.append(node)
            self._grow()
            self.stocked.append(None)
        self._stock(place, node.description.resources)
        self.nodes[place] = node
        self.ready[place] = node.takes_tasks

    def _grow(self) -> None:
        # Room for twice as many: a swarm of thousands joins one after the other.
        if len(self.nodes) <= len(self.total):
            return
        more = max(16, len(self.total))
        for name in ("cpu", "memory", "total"):
            setattr(self, name, np.concatenate((getattr(self, name), ints([0] * more))))
        self.ready = np.concatenate((self.ready, np.zeros(more, dtype=np.bool_)))
        tables: tuple[dict[Any, Ints], ...] = (self.services, self.generic, self.ports)
        for table in tables:
            for key, column in table.items():
                table[key] = np.concatenate((column, ints([0] * more)))

    def _stock(self, place: int, resources: Resources | None) -> None:
        """What a node says it has: what it said before is taken off, what is reserved stays."""
        now = EVERYTHING if resources is None else resources
        before = self.stocked[place] or NOTHING
        if now is before or now == before:
            return
        self.stocked[place] = now
        self.cpu[place] += now.nano_cpus - before.nano_cpus
        self.memory[place] += now.memory_bytes - before.memory_bytes
        for sign, one in ((-1, before), (1, now)):
            for name, amount in one.generic:
                self.column(self.generic, name)[place] += sign * amount

    def drop(self, node: Node) -> None:
        """A node is a member no more: its row stays, and takes nothing."""
        place = self.places.pop(node.id, None)
        if place is not None:
            self.epoch += 1
            self.ready[place] = False

    @property
    def count(self) -> int:
        """Rows, those included whose nodes are gone."""
        return len(self.nodes)

    @property
    def members(self) -> Bools:
        """Rows whose nodes are members."""
        found = np.zeros(self.count, dtype=np.bool_)
        found[list(self.places.values())] = True
        return found

    def column(self, table: dict[Some, Ints], key: Some) -> Ints:
        """The column of a key, empty where there was none."""
        found = table.get(key)
        if found is None:
            found = table[key] = np.zeros(len(self.total), dtype=np.int64)
        return found

    # --- tasks ----------------------------------------------------------------------------------

    def add(self, task: Task) -> None:
        """A task is on its node from now on; or it is wanted otherwise than before."""
        active = task.desired <= COMPLETE
        before = self.held.get(task.id)
        place = self.places.get(task.node) if before is None else before[0]
        if place is None:
            return
        if before is None:
            self._take(task, place, 1)
        if active != (before is not None and before[1]):
            self._count(task, place, 1 if active else -1)
        self.held[task.id] = place, active, task

    def remove(self, task: Task) -> bool:
        """A task needs nothing of its node any more; whether it was there."""
        before = self.held.pop(task.id, None)
        if before is None:
            return False
        place, active, _ = before
        self._take(task, place, -1)
        if active:
            self._count(task, place, -1)
        return True

    def _count(self, task: Task, place: int, sign: int) -> None:
        self.total[place] += sign
        self.column(self.services, task.service)[place] += sign

    def _take(self, task: Task, place: int, sign: int) -> None:
        wanted = task.spec.reservations
        if wanted is not NOTHING:
            self.cpu[place] -= sign * wanted.nano_cpus
            self.memory[place] -= sign * wanted.memory_bytes
            for name, amount in wanted.generic:
                self.column(self.generic, name)[place] -= sign * amount
        for key in host_ports(task.ports):
            self.column(self.ports, key)[place] += sign

    # --- failures -------------------------------------------------------------------------------

    def failed(self, task: Task, now: float) -> None:
        """A task failed on its node: for a while that weighs against it."""
        place = self.places.get(task.node)
        if place is None:
            return
        known = self.failures.setdefault((task.service, task.spec_version), {})
        times = [one for one in known.get(place, ()) if now - one < FAILURES_S]
        known[place] = [*times, now]

    def recent(self, service: str, version: int, now: float) -> dict[int, int]:
        """By row: failures that weigh against it; those that are too few are left out."""
        known = self.failures.get((service, version), {})
        found = {
            place: sum(now - one <= FAILURES_S for one in times) for place, times in known.items()
        }
        return {place: count for place, count in found.items() if count >= FAILURES}
