"""Memory charged to a tree of cgroups; the root's limit is the machine's own memory and swap."""

from __future__ import annotations

from collections.abc import Callable, Iterator
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
        """At a root: the machine's swap, if it has any; at an inner group: its limit there."""
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
            self._sort_pages()
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
        if self.root.paging is not None:
            self._sort_pages()

    def _sort_pages(self) -> None:
        """Its charge or its bounds changed: tell those above what of it could go."""
        old, new = self.pages, Pages.of(self.own_bytes, self.bounds)
        self.pages = new
        group = self.parent
        while group is not None:
            if group.paging is not None:
                group.paging.replace(old, new)
                if group.parent is not None:
                    old, new = group.paging.tell(group.usage)
            group = group.parent

    def _without_swap(self, root: MemoryGroup, paging: Paging) -> MemoryGroup | None:
        """Who is short because swap is full, or because its neighbours may not use it."""
        full = paging.is_full()
        if full and self.pages.hard:
            return self
        for group, inner in self._inner():
            gone = inner.gone(group.usage)
            if inner.is_short(group.usage) or (full and gone.total > gone.hard):
                return group
        return root if paging.is_short(root.usage) else None

    def _inner(self) -> Iterator[tuple[MemoryGroup, Paging]]:
        """The groups between it and the root that have a limit, and swap beyond it."""
        group = self.parent
        while group is not None and group.parent is not None:
            if group.paging is not None:
                yield group, group.paging
            group = group.parent

    def _pages_above(self) -> Pages:
        """Its pages as the root knows them."""
        pages = self.pages
        for group, inner in self._inner():
            pages = inner.above(pages, group.usage)
        return pages

    def _note_peaks(self) -> None:
        group: MemoryGroup | None = self
        while group is not None:
            if group.usage > group.peak_bytes:
                # A charge above its limit is refused.
                most = int(min(group.resident, group.bounds.max_bytes))
                group.peak_bytes = max(group.peak_bytes, most)
            group = group.parent

    @property
    def swapped(self) -> int:
        """Bytes of it that are in swap (``memory.swap.current``)."""
        root = self.root
        paging = root.paging
        if paging is None or paging.is_idle(root.usage):
            return 0
        if self is root:
            return paging.gone(root.usage).total
        own = paging.of(self._pages_above(), root.usage)
        return own + sum(one.swapped for one in self.children) if self.children else own

    @property
    def driven_out(self) -> int:
        """Bytes of it that its own limits, and those of groups above, have sent to swap."""
        root, paging = self.root, self.root.paging
        if paging is None or paging.is_idle(root.usage):
            return 0
        return paging.driven_out(self._pages_above(), root.usage)

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
        able = min(paging.swap_bytes, paging.able_bytes)
        inner = [one.ram_bytes + one.able_bytes - group.usage for group, one in self._inner()]
        return min(own, paging.ram_bytes + able - root.usage, *inner)

    def detach(self) -> None:
        """Uncharge everything and leave the tree."""
        for child in list(self.children):
            child.detach()
        self.set_own(0)
        if self.parent is not None:
            self.parent.children.remove(self)
            self.parent, self.root = None, self
