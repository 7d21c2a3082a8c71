"""Everything that a swarm's managers keep, and who is told of each change."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, TypeAlias

from simulator.cluster.queue import Key
from simulator.cluster.swarm.naming import Naming
from simulator.cluster.swarm.objects import (
    COMPLETE,
    PENDING,
    RUNNING,
    SHUTDOWN,
    Network,
    Node,
    Secret,
    Service,
    Task,
)
from simulator.cluster.swarm.specs import SwarmSpec
from simulator.engine.calendar import Entry
from simulator.engine.simulation import Simulation

TaskWatcher: TypeAlias = Callable[[Task, int, int], None]
"""Told of a task, with the state and the desired state that it had before (-1: it is new)."""
Place: TypeAlias = tuple[str, str]
GONE = -1


class Count:
    """Tasks of a service: how many run and are to, and how many are to and have not ended."""

    __slots__ = ("running", "wanted")

    def __init__(self) -> None:
        self.running = self.wanted = 0

    def add(self, state: int, desired: int, sign: int) -> None:
        """A task that is so comes (1), or is so no more (-1)."""
        to_go_on = 0 <= desired < SHUTDOWN
        self.running += sign * (to_go_on and state == RUNNING)
        self.wanted += sign * (to_go_on and state < COMPLETE)


class State:
    """Tables of a swarm. While it has no leader, nothing that is kept here changes."""

    def __init__(self, sim: Simulation, seed: int, name: str) -> None:
        self.sim = sim
        self.spec = SwarmSpec()
        self.naming = Naming(seed, name)
        self.id = self.naming.id()
        self.created = sim.now
        self.nodes: dict[str, Node] = {}
        """By identity, in the order in which they joined."""
        self.services: dict[str, Service] = {}
        self.tasks: dict[str, Task] = {}
        self.networks: dict[str, Network] = {}
        self.secrets: dict[str, Secret] = {}
        """Secrets and configs."""
        self.by_service: dict[str, dict[str, Task]] = {}
        self.counts: dict[str, Count] = {}
        """By service, as long as it has tasks."""
        self.task_changes = 0
        """How often a task came, went or changed: as long as it is the same, so are all."""
        self.by_place: dict[Place, dict[str, Task]] = {}
        self.by_node: dict[str, dict[str, Task]] = {}
        self.version = 10
        """Index of the log of changes: each write has its own."""
        self.task_watchers: list[TaskWatcher] = []
        self.gone_watchers: list[Callable[[Task], None]] = []
        self.node_watchers: list[Callable[[Node], None]] = []
        self.service_watchers: list[Callable[[Service, bool], None]] = []
        """Told of a service, and whether it is gone."""
        self.leaderless = False
        self._held: list[tuple[Callable[..., None], tuple[Any, ...]]] = []
        self._made = 0

    # --- time, and who decides ------------------------------------------------------------------

    @property
    def now(self) -> float:
        """Simulated time in seconds."""
        return self.sim.now

    def at(self, time: float, action: Callable[..., None], *arguments: Any) -> Entry:
        """Something that the leader does at a time; without one it waits for the next leader."""
        return self.sim.at(time, self._lead, action, arguments)

    def _lead(self, action: Callable[..., None], arguments: tuple[Any, ...]) -> None:
        if self.leaderless:
            self._held.append((action, arguments))
        else:
            action(*arguments)

    def lead_again(self) -> None:
        """There is a leader: what waited for one is done."""
        self.leaderless = False
        held, self._held = self._held, []
        for action, arguments in held:
            self.sim.at(self.now, self._lead, action, arguments)

    # --- nodes and services ---------------------------------------------------------------------

    def touch(self) -> int:
        """The version of the next write."""
        self.version += 1
        return self.version

    def node_changed(self, node: Node) -> None:
        """A node came, or is another than before."""
        node.version = self.touch()
        node.updated = self.now
        self.nodes[node.id] = node
        for watcher in self.node_watchers:
            watcher(node)

    def drop_node(self, node: Node) -> None:
        """A node is a member no more."""
        self.touch()
        del self.nodes[node.id]
        for watcher in self.node_watchers:
            watcher(node)

    def service_changed(self, service: Service) -> None:
        """A service came, or is another than before."""
        service.version = self.touch()
        self.services[service.id] = service
        for watcher in self.service_watchers:
            watcher(service, False)

    def drop_service(self, service: Service) -> None:
        """A service is gone; its tasks follow."""
        self.touch()
        del self.services[service.id]
        for watcher in self.service_watchers:
            watcher(service, True)

    # --- tasks ----------------------------------------------------------------------------------

    def new_task(self, service: Service, slot: int, node: str = "",
                 desired: int = RUNNING) -> Task:  # fmt: skip
        """One more task of a service: for a slot, or for a node."""
        self._made += 1
        task = Task(self.naming.id(), self._made, service, slot, node, self.now, desired)
        self.tasks[task.id] = task
        self.by_service.setdefault(service.id, {})[task.id] = task
        self.by_place.setdefault(task.place, {})[task.id] = task
        if node:
            self.by_node.setdefault(node, {})[task.id] = task
        self._tell(task, GONE, GONE)
        return task

    def move(self, task: Task, state: int, message: str, error: str = "") -> None:
        """A task is further on: never back."""
        if state <= task.state and state != PENDING:
            return
        was = task.state
        task.state, task.message, task.error, task.changed = state, message, error, self.now
        self._tell(task, was, task.desired)

    def assign(self, task: Task, node: Node, state: int, message: str) -> None:
        """A task has a node from now on."""
        if not task.node:
            task.node = node.id
            self.by_node.setdefault(node.id, {})[task.id] = task
        self.move(task, state, message)

    def want(self, task: Task, desired: int) -> None:
        """From now on a task is to be that."""
        if desired <= task.desired:
            return
        was, task.desired = task.desired, desired
        self._tell(task, task.state, was)

    def _tell(self, task: Task, state: int, desired: int) -> None:
        self.task_changes += 1
        count = self.counts.setdefault(task.service, Count())
        count.add(state, desired, -1)
        count.add(task.state, task.desired, 1)
        for watcher in self.task_watchers:
            watcher(task, state, desired)

    def drop_task(self, task: Task) -> None:
        """Nobody remembers a task any more."""
        if self.tasks.pop(task.id, None) is None:
            return
        self.task_changes += 1
        self.counts[task.service].add(task.state, task.desired, -1)
        for table, key in (
            (self.by_service, task.service), (self.by_node, task.node),
        ):  # fmt: skip
            _leave(table, key, task.id)
        _leave(self.by_place, task.place, task.id)
        if task.service not in self.by_service:
            self.counts.pop(task.service, None)
        for watcher in self.gone_watchers:
            watcher(task)

    def tasks_of(self, service: str) -> list[Task]:
        """All tasks of a service that are remembered, in the order in which they were made."""
        return list(self.by_service.get(service, {}).values())

    def tasks_on(self, node: str) -> list[Task]:
        """All tasks of a node that are remembered."""
        return list(self.by_node.get(node, {}).values())

    def at_place(self, place: Place) -> list[Task]:
        """All tasks of a slot (or node) that are remembered."""
        return list(self.by_place.get(place, {}).values())

    # --- by name --------------------------------------------------------------------------------

    def service_named(self, name: str) -> Service | None:
        """The service of a name."""
        return next((one for one in self.services.values() if one.name == name), None)

    def network_named(self, name: str) -> Network | None:
        """The network of a name."""
        return next((one for one in self.networks.values() if one.name == name), None)

    def secret_named(self, kind: str, name: str) -> Secret | None:
        """The secret or config of a name."""
        every = self.secrets.values()
        return next((one for one in every if (one.kind, one.name) == (kind, name)), None)

    def user_of(self, network: Network) -> str:
        """Who holds a network: ``service ID``, ``task ID``; nothing: nobody."""
        for service in self.services.values():
            if any(one.id == network.id for one in service.spec.task.networks):
                return f"service {service.id}"
        for guest in network.guests.values():
            return f"task {guest.id}"
        for task in self.tasks.values():
            if max(task.desired, task.state) <= RUNNING and network.id in task.addresses:
                return f"task {task.id}"
        return ""

    def drop_network(self, network: Network) -> None:
        """A network is gone."""
        del self.networks[network.id]
        self.touch()

    def users_of(self, secret: Secret) -> Iterator[Service]:
        """The services that see a secret or config."""
        for service in self.services.values():
            task = service.spec.task
            if any(one.id == secret.id for one in (*task.secrets, *task.configs)):
                yield service


def _leave(table: dict[Any, dict[str, Task]], key: Any, task: str) -> None:
    found = table.get(key)
    if found is not None:
        found.pop(task, None)
        if not found:
            del table[key]


class LedQueue:
    """Keys to look at: all that are dirty at an instant, once each, by the leader."""

    def __init__(self, state: State, sync: Callable[[Key], None]) -> None:
        self._state = state
        self._sync = sync
        self._dirty: dict[Key, None] = {}
        self._armed = False

    def add(self, key: Key) -> None:
        """Look at it when what is written now has been written."""
        self._dirty[key] = None
        if not self._armed:
            self._armed = True
            self._state.at(self._state.now, self._work)

    def _work(self) -> None:
        dirty, self._dirty = self._dirty, {}
        self._armed = False
        for key in dirty:
            self._sync(key)
