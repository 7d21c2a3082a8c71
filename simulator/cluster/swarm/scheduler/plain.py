"""The plain loop: node by node, task by task, as upstream does it. The columns answer alike.

It is what they are held against, and measured against. It shares with them what a node is by
itself (constraints, platforms, plugins) and the words; it counts nothing ahead.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence

from simulator.cluster.swarm import constraints
from simulator.cluster.swarm.objects import (
    ASSIGNED,
    COMPLETE,
    PENDING,
    RUNNING,
    SHUTDOWN,
    Node,
    Service,
    Task,
)
from simulator.cluster.swarm.scheduler.columns import FAILURES, FAILURES_S, Columns, host_ports
from simulator.cluster.swarm.scheduler.filters import EVERY, runs_any

FailureKey = tuple[str, str, int]
"""Node, service, and version of its specification."""
Outcome = tuple[str, str]
"""The node of a task, or nothing and why."""


class PlainLoop:
    """Decides about all tasks that wait, from the tables of a swarm as they are."""

    def __init__(
        self,
        nodes: Iterable[Node],
        tasks: Iterable[Task],
        services: Mapping[str, Service],
        failures: Mapping[FailureKey, Sequence[float]],
        now: float,
    ) -> None:
        self.nodes = list(nodes)
        self.tasks = [one for one in tasks if PENDING <= one.state <= RUNNING]
        self.services = services
        self.failures = failures
        self.now = now
        self.filters = [kind(Columns()) for kind in EVERY]
        self.on: dict[str, list[Task]] = {node.id: [] for node in self.nodes}
        for task in self.tasks:
            if task.state >= ASSIGNED and task.node in self.on:
                self.on[task.node].append(task)

    def decide(self) -> dict[str, Outcome]:
        """What becomes of each task that waits: first those whose node is given."""
        found: dict[str, Outcome] = {}
        members = {node.id: node for node in self.nodes}
        groups: dict[tuple[str, int], list[Task]] = {}
        for task in self.tasks:
            if task.state != PENDING:
                continue
            if not task.node:
                groups.setdefault((task.service, task.spec_version), []).append(task)
            elif task.node in members:
                refused = self.refusal(task, members[task.node])
                if refused is None:
                    self.on[task.node].append(task)
                found[task.id] = task.node, "" if refused is None else self.filters[refused].says(1)
        for group in groups.values():
            self._decide_group(group, found)
        return found

    def _decide_group(self, group: list[Task], found: dict[str, Outcome]) -> None:
        placed = _Group(self, group).place()
        text = self._why(group[0]) if len(placed) < len(group) else ""
        for number, task in enumerate(group):
            got_one = number < len(placed)
            found[task.id] = (placed[number].id, "") if got_one else ("", self._said(task, text))

    def _said(self, task: Task, text: str) -> str:
        # Of a task of an old version nothing is said any more: the updater sees to it.
        service = self.services.get(task.service)
        if service is None or service.spec_version > task.spec_version:
            return "" if task.desired >= SHUTDOWN else task.error
        return text

    def _why(self, task: Task) -> str:
        counts: dict[int, int] = {}
        for node in self.nodes:
            refused = self.refusal(task, node)
            assert refused is not None
            counts[refused] = counts.get(refused, 0) + 1
        most = sorted(counts.items(), key=lambda one: (-one[1], one[0]))
        told = "; ".join(self.filters[number].says(count) for number, count in most)
        return f"no suitable node ({told})" if told else "no suitable node"

    # --- one node -------------------------------------------------------------------------------

    def refusal(self, task: Task, node: Node) -> int | None:
        """The first filter, by its place in the order, that refuses a node."""
        passes: tuple[Callable[[Task, Node], bool], ...] = (
            lambda _, node: node.takes_tasks,
            self._has_room, _has_plugins, _meets, _runs, self._ports_free, self._below_most,
        )  # fmt: skip
        return next((at for at, one in enumerate(passes) if not one(task, node)), None)

    def _has_room(self, task: Task, node: Node) -> bool:
        wanted, there = task.spec.reservations, node.description.resources
        if not (wanted.nano_cpus or wanted.memory_bytes or wanted.generic):
            return True
        held = [one.spec.reservations for one in self.on[node.id]]
        if there is not None and (
            wanted.nano_cpus > there.nano_cpus - sum(one.nano_cpus for one in held)
            or wanted.memory_bytes > there.memory_bytes - sum(one.memory_bytes for one in held)
        ):
            return False
        stock = _amounts(() if there is None else there.generic)
        taken = _amounts([pair for one in held for pair in one.generic])
        return all(
            amount <= stock.get(name, 0) - taken.get(name, 0) for name, amount in wanted.generic
        )

    def _ports_free(self, task: Task, node: Node) -> bool:
        wanted = host_ports(task.ports)
        used = {key for one in self.on[node.id] for key in host_ports(one.ports)} if wanted else ()
        return not any(key in used for key in wanted)

    def _below_most(self, task: Task, node: Node) -> bool:
        most = task.spec.placement.max_replicas
        return not most or self.of_service(task, node) < most

    def of_service(self, task: Task, node: Node) -> int:
        """Tasks of its service that run there or are to run."""
        here = self.on[node.id]
        return sum(one.service == task.service and one.desired <= COMPLETE for one in here)

    def rank(self, task: Task, node: Node) -> tuple[int, int, int]:
        """The lower, the better."""
        key = node.id, task.service, task.spec_version
        recent = sum(self.now - one <= FAILURES_S for one in self.failures.get(key, ()))
        active = sum(one.desired <= COMPLETE for one in self.on[node.id])
        return recent if recent >= FAILURES else 0, self.of_service(task, node), active


def _amounts(pairs: Iterable[tuple[str, int]]) -> dict[str, int]:
    found: dict[str, int] = {}
    for name, amount in pairs:
        found[name] = found.get(name, 0) + amount
    return found


def _has_plugins(task: Task, node: Node) -> bool:
    there = node.description.plugins
    for kind, name in task.spec.drivers if there is not None else ():
        names = [its_name for its_kind, its_name in there or () if its_kind == kind]
        old_daemon = kind == "Log" and not names
        if not old_daemon and name not in names and f"{name}:latest" not in names:
            return False
    return True


def _meets(task: Task, node: Node) -> bool:
    return constraints.matches(constraints.parse(task.spec.placement.constraints), node)


def _runs(task: Task, node: Node) -> bool:
    platforms = task.spec.placement.platforms
    return not platforms or runs_any(platforms, node)


class _Group:
    """Tasks that are alike, while they are shared out."""

    def __init__(self, loop: PlainLoop, group: list[Task]) -> None:
        self.loop = loop
        self.group = group
        self.task = group[0]
        self.before = {node.id: loop.of_service(self.task, node) for node in loop.nodes}
        self.placed: list[Node] = []

    def place(self) -> list[Node]:
        """The nodes of the first tasks; what is missing at the end found none."""
        known = [
            one for one in self.task.spec.placement.preferences
            if not self.loop.nodes or constraints.label_of(self.loop.nodes[0], one) is not None
        ]  # fmt: skip
        self._among(len(self.group), self.loop.nodes, known)
        return self.placed

    def _tasks(self, nodes: list[Node]) -> int:
        return sum(self.before[node.id] for node in nodes)

    def _among(self, wanted: int, nodes: list[Node], preferences: list[str]) -> int:
        if not preferences or not nodes:
            return self._on(wanted, nodes)
        branches: dict[str | None, list[Node]] = {}
        for node in nodes:
            branches.setdefault(constraints.label_of(node, preferences[0]), []).append(node)
        usable = list(branches.values())
        placed, progress = 0, True
        # A branch with far fewer than its share may get more than was wanted of all: upstream too.
        while placed != wanted and usable and progress:
            share, rest = divmod(sum(map(self._tasks, usable)) + wanted - placed, len(usable))
            progress = False
            for branch in list(usable):
                ask = share - self._tasks(branch) + (rest > 0)
                if ask <= 0:
                    continue
                progress = True
                got = self._among(ask, branch, preferences[1:])
                placed += got
                if got < ask:
                    usable.remove(branch)
                elif rest:
                    rest -= 1
        return placed

    def _takes(self, node: Node) -> bool:
        return self.loop.refusal(self.task, node) is None

    def _on(self, wanted: int, nodes: list[Node]) -> int:
        order = [node for node in nodes if self._takes(node)]
        order.sort(key=lambda node: self.loop.rank(self.task, node))
        order = order[: len(self.group)]
        at, placed = 0, 0
        while order and len(self.placed) < len(self.group):
            here = order[at % len(order)]
            self.loop.on[here.id].append(self.group[len(self.placed)])
            self.placed.append(here)
            placed += 1
            if placed == wanted:
                break
            rank = self.loop.rank
            if at + 1 >= len(order) or rank(self.task, order[at + 1]) < rank(self.task, here):
                at += 1
            # The next in turn that takes one more; nobody is left when all have been asked.
            turns = (at + step for step in range(len(order)))
            following = next((one for one in turns if self._takes(order[one % len(order)])), None)
            if following is None:
                break
            at = following
        return placed
