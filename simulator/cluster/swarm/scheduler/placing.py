"""Sharing tasks that are alike out among nodes, as swarmkit does.

Preferences make a tree of values of labels; each branch is brought to as many tasks of the service
as the others, and a branch that is full passes its share on. On the nodes of a leaf the best come
first: few recent failures, few tasks of this service, few tasks. (``manager/scheduler``,
``scheduleNTasksOnSubtree`` and ``scheduleNTasksOnNodes``. Where swarmkit leaves the order to a map,
the node that joined first wins.)
"""

from __future__ import annotations

import numpy as np

from simulator.cluster.columns import Ints
from simulator.cluster.swarm.objects import Task
from simulator.cluster.swarm.scheduler.columns import Columns
from simulator.cluster.swarm.scheduler.filters import Pipeline
from simulator.cluster.swarm.scheduler.tree import Shape


class Branch:
    """Nodes with the same values of the labels so far."""

    __slots__ = ("branches", "places", "tasks")

    def __init__(self) -> None:
        self.tasks = 0
        """Tasks of the service on all nodes below, whether they take more or not."""
        self.branches: dict[str, Branch] = {}
        self.places: list[int] = []
        """Of a leaf: its nodes that take the task."""


class Placing:
    """Places one group of tasks; ``placed`` is told each decision when it is made."""

    def __init__(self, columns: Columns, pipeline: Pipeline, group: list[Task], now: float) -> None:
        self.columns = columns
        self.group = group
        self.task = group[0]
        self.trees = pipeline.trees
        self.asked = [one for one in pipeline.asked(self.task) if one.changes]
        self.mine = columns.column(columns.services, self.task.service)
        self.failures = columns.recent(self.task.service, self.task.spec_version, now)
        self.mask = pipeline.mask(self.task)
        self.left = list(reversed(group))
        """Tasks that have no node yet, the next one last."""

    def run(self) -> list[Task]:
        """Give nodes to as many as possible; those that got none."""
        tree = self._tree()
        self._on_branch(len(self.group), tree)
        return self.left[::-1]

    # --- the tree -------------------------------------------------------------------------------

    def _tree(self) -> Branch:
        preferences = self.task.spec.placement.preferences
        if preferences:
            return self._grown(self.trees.of(preferences))
        root = Branch()
        root.places = np.flatnonzero(self.mask).tolist()
        return root

    def _grown(self, shape: Shape) -> Branch:
        branch = Branch()
        branch.tasks = int(self.mine[shape.places].sum())
        branch.branches = {value: self._grown(below) for value, below in shape.branches.items()}
        if not branch.branches:
            branch.places = shape.places[self.mask[shape.places]].tolist()
        return branch

    def _on_branch(self, wanted: int, branch: Branch) -> int:
        """Place so many below a branch; how many found room."""
        if not branch.branches:
            return self._on_nodes(wanted, self._ordered(branch.places))
        placed, usable = 0, branch.tasks
        full: set[str] = set()
        converging = True
        while placed != wanted and len(full) < len(branch.branches) and converging:
            open_ = len(branch.branches) - len(full)
            share, rest = divmod(usable + wanted - placed, open_)
            converging = False
            for value, below in branch.branches.items():
                if value in full:
                    continue
                here = below.tasks
                if here > share or (here == share and not rest):
                    continue
                converging = True
                ask = share - here + (1 if rest else 0)
                got = self._on_branch(ask, below)
                if got < ask:
                    full.add(value)
                    usable -= here
                elif rest:
                    rest -= 1
                placed += got
        return placed

    # --- nodes ----------------------------------------------------------------------------------

    def _fits(self, place: int) -> bool:
        return all(one.of_place(self.task, place) for one in self.asked)

    def _rank(self, place: int) -> tuple[int, int, int]:
        return (
            self.failures.get(place, 0), int(self.mine[place]), int(self.columns.total[place]),
        )  # fmt: skip

    def _ordered(self, places: list[int]) -> list[int]:
        """Those that take a task still, the best first, and not more than there are tasks."""
        places = (
            [one for one in places if self._fits(one)]
            if len(self.left) < len(self.group)
            else places
        )
        if not places:
            return []
        index = np.array(places, dtype=np.int64)
        failures: Ints = np.zeros(len(places), dtype=np.int64)
        if self.failures:
            failures = np.array([self.failures.get(one, 0) for one in places], dtype=np.int64)
        order = np.lexsort((index, self.columns.total[index], self.mine[index], failures))
        found: list[int] = index[order][: len(self.group)].tolist()
        return found

    def _on_nodes(self, wanted: int, nodes: list[int]) -> int:
        """In turn: first until all have as many of this service, then one each round."""
        placed, at, full = 0, 0, set[int]()
        count = len(nodes)
        while self.left and count:
            here = nodes[at % count]
            self._put(self.left.pop(), here)
            placed += 1
            if placed == wanted:
                return placed
            if at + 1 >= count or self._rank(nodes[at + 1]) < self._rank(here):
                at += 1
            begun = at
            while at % count in full or not self._fits(nodes[at % count]):
                full.add(at % count)
                at += 1
                if at - begun == count:
                    return placed
        return placed

    def _put(self, task: Task, place: int) -> None:
        task.node = self.columns.nodes[place].id
        self.columns.add(task)
