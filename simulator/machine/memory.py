"""Memory charged to a tree of cgroups; the root's limit is the machine's own memory."""

from __future__ import annotations

from collections.abc import Callable
from math import inf


class MemoryGroup:
    """One cgroup's memory controller: bytes charged here and below, and a hard limit.

    Invariant: the usage of a group is what is charged to it plus the usage of its children.
    """

    __slots__ = (
        "backing",
        "children",
        "limit_bytes",
        "name",
        "own_bytes",
        "parent",
        "peak_bytes",
        "usage",
    )

    def __init__(
        self, name: str, *, parent: MemoryGroup | None = None, limit_bytes: float = inf
    ) -> None:
        self.name = name
        self.parent = parent
        self.limit_bytes = limit_bytes
        self.own_bytes = 0
        self.usage = 0
        self.peak_bytes = 0
        self.children: list[MemoryGroup] = []
        self.backing: Callable[[int], MemoryGroup | None] | None = None
        """At the root of a guest: told of the usage, it charges the machine beneath; returns the
        group there that is over its limit."""
        if parent is not None:
            parent.children.append(self)

    def set_own(self, size_bytes: int) -> MemoryGroup | None:
        """Charge this many bytes to the group itself; the innermost group now over its limit.

        The charge is made in any case: whoever is told must kill somebody.
        """
        change = size_bytes - self.own_bytes
        self.own_bytes = size_bytes
        over: MemoryGroup | None = None
        last = self
        group: MemoryGroup | None = self
        while group is not None:
            group.usage += change
            group.peak_bytes = max(group.peak_bytes, group.usage)
            if over is None and change > 0 and group.usage > group.limit_bytes:
                over = group
            last, group = group, group.parent
        if change > 0 and last.backing is not None:
            beneath = last.backing(last.usage)
            over = over if over is not None else beneath
        return over

    def room_bytes(self) -> float:
        """What could still be charged before some limit, here or above, is reached."""
        room = inf
        group: MemoryGroup | None = self
        while group is not None:
            room = min(room, group.limit_bytes - group.usage)
            group = group.parent
        return room

    def detach(self) -> None:
        """Uncharge everything and leave the tree."""
        for child in list(self.children):
            child.detach()
        self.set_own(0)
        if self.parent is not None:
            self.parent.children.remove(self)
            self.parent = None
