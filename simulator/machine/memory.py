"""Memory charged to a tree of cgroups; the root's limit is the machine's own memory and swap."""

from __future__ import annotations

from collections.abc import Callable
from math import inf

from simulator.machine.paging import FREE, NONE, Bounds, Pages, Paging


class MemoryGroup:
    """One cgroup's memory controller: bytes charged here and below, and a hard limit.

    Charged is what processes hold, in memory or in swap. Invariants: the usage of a group is what
    is charged to it plus the usage of its children; and it is what is resident plus what is
    swapped.
    """

    __slots__ = (
        "backing",
        "bounds",
        "children",
        "limit_bytes",
        "name",
        "own_bytes",
        "pages",
        "paging",
        "parent",
        "peak_bytes",
        "root",
        "usage",
    )

    def __init__(
        self, name: str, *, parent: MemoryGroup | None = None, limit_bytes: float = inf
    ) -> None:
        self.name = name
        self.parent = parent
        self.root: MemoryGroup = self if parent is None else parent.root
        """The group of its kernel."""
        self.limit_bytes = limit_bytes
        """Memory and swap together: who is over it is killed."""
        self.bounds: Bounds = FREE
        self.own_bytes = 0
        self.usage = 0
        self.peak_bytes = 0
        """The most that was resident (``memory.peak``, without file pages)."""
        self.children: list[MemoryGroup] = []
        self.pages: Pages = NONE
        self.paging: Paging | None = None
        """At a root: the machine's swap, if it has any."""
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
            if over is None and change > 0 and group.usage > group.limit_bytes:
                over = group
            last, group = group, group.parent
        if last.paging is not None:
            self._sort_pages(last.paging)
            if over is None and change > 0:
                over = self._without_swap(last, last.paging)
        if change > 0:
            self._note_peaks()
            if last.backing is not None and over is None:
                # What a limit refuses is not touched.
                over = last.backing(last.usage)
        return over

    def bind(self, bounds: Bounds, limit_bytes: float) -> None:
        """Change what its files allow, and the limit of memory and swap together."""
        self.bounds, self.limit_bytes = bounds, limit_bytes
        paging = self.root.paging
        if paging is not None:
            self._sort_pages(paging)

    def _sort_pages(self, paging: Paging) -> None:
        pages = Pages.of(self.own_bytes, self.bounds)
        paging.replace(self.pages, pages)
        self.pages = pages

    def _without_swap(self, root: MemoryGroup, paging: Paging) -> MemoryGroup | None:
        """Who is short because swap is full, or because its neighbours may not use it."""
        if self.pages.hard and paging.is_full():
            return self
        return root if paging.is_short(root.usage) else None

    def _note_peaks(self) -> None:
        group: MemoryGroup | None = self
        while group is not None:
            if group.usage > group.peak_bytes:
                group.peak_bytes = max(group.peak_bytes, group.resident)
            group = group.parent

    @property
    def swapped(self) -> int:
        """Bytes of it that are in swap (``memory.swap.current``)."""
        root = self.root
        paging = root.paging
        if paging is None:
            return 0
        if self is root:
            return paging.gone(root.usage).total
        if not self.children:
            return paging.of(self.pages, root.usage)
        return paging.of(self.pages, root.usage) + sum(one.swapped for one in self.children)

    @property
    def resident(self) -> int:
        """Bytes of it that are in memory."""
        return self.usage if self.root.paging is None else self.usage - self.swapped

    @property
    def stuck_bytes(self) -> float:
        """What of its charge is in memory and would stay there: swap has no room for it."""
        root = self.root
        paging = root.paging
        if paging is None:
            return self.usage
        room = paging.swap_bytes - paging.gone(root.usage).total
        return self.usage - min(self.bounds.swap_bytes, self.swapped + room)

    def room_bytes(self) -> float:
        """What could still be charged before some limit, here or above, is reached."""
        room = inf
        last = self
        group: MemoryGroup | None = self
        while group is not None:
            room = min(room, group.limit_bytes - group.usage)
            last, group = group, group.parent
        return room if last.paging is None else min(room, self._swap_room(last, last.paging))

    def _swap_room(self, root: MemoryGroup, paging: Paging) -> float:
        """What memory and swap have room for, of pages that may, or may not, go to swap."""
        free = paging.swap_bytes - paging.hard
        own = max(0.0, self.bounds.max_bytes - self.own_bytes) + max(0, free)
        if self.bounds.swap_bytes:
            return own
        able = min(paging.swap_bytes, paging.hard + paging.soft + paging.loose + paging.kept)
        return min(own, paging.ram_bytes + able - root.usage)

    def detach(self) -> None:
        """Uncharge everything and leave the tree."""
        for child in list(self.children):
            child.detach()
        self.set_own(0)
        if self.parent is not None:
            self.parent.children.remove(self)
            self.parent, self.root = None, self
