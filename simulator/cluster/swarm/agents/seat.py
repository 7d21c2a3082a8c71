"""One node as its agent knows it: the daemon below, and the tasks that it was given."""

from __future__ import annotations

from simulator.cluster.supply import Supplied
from simulator.cluster.swarm.agents.work import Work
from simulator.cluster.swarm.objects import Node, Task
from simulator.engine.calendar import Entry
from simulator.machine.container import Container
from simulator.node.node import Node as Daemon


class Run:
    """A task on its node."""

    __slots__ = (
        "container", "found", "over", "problem", "since", "stopping", "task", "timer", "work",
    )  # fmt: skip

    def __init__(self, task: Task) -> None:
        self.task = task
        self.found: Supplied | None = None
        self.work: Work | None = None
        self.container: Container | None = None
        """What of it is on the machine; None: nothing yet, or it is a row only."""
        self.since: float | None = None
        """Since when it has a process."""
        self.timer: Entry | None = None
        self.stopping = False
        self.over = False
        self.problem = ""
        """Why its container was killed, where it was not asked to stop."""


class Seat:
    """A member's tasks."""

    __slots__ = (
        "boots", "daemon", "down", "left", "missed", "node", "pulling", "runs", "starts", "unsent",
    )  # fmt: skip

    def __init__(self, node: Node, daemon: Daemon) -> None:
        self.node = node
        self.daemon = daemon
        self.runs: dict[str, Run] = {}
        """By identity of the task."""
        self.pulling: dict[str, list[Run]] = {}
        """By image: who waits for it."""
        self.starts = 0
        self.boots = 0
        """How often its machine was lost: what was under way before that is void."""
        self.down = False
        """Whether its machine was off when it was last looked at."""
        self.missed = False
        """Whether the other nodes know that its machine is off."""
        self.left = False
        """Whether it left the swarm."""
        self.unsent: list[tuple[Task, int, str, str]] = []
        """What it could not tell the managers yet."""

    @property
    def up(self) -> bool:
        """Whether its machine runs."""
        return self.daemon.machine.up and not self.left
