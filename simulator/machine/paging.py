"""Which pages of a kernel's cgroups are in its memory and which in its swap.

Pages leave memory for three reasons, in this order:

hard    a cgroup is above its ``memory.max``: what is above must go
soft    it is above its ``memory.high``: the kernel takes what is above, where swap has room
short   all together want more than there is: everybody gives in proportion to what it has, first
        what nobody reserved (``memory.low``), then the rest; ``memory.min`` never

An inner group with a limit is short by itself: what it must give then is ``hard`` for who is above.
Sums are kept at the root and at such groups as charges come, so a look at one group costs the same
however many there are. Source: kernel documentation, cgroup-v2.rst, "Memory". Deviation: pages come
back from swap at once when there is room again; in Linux they do when they are touched.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import inf


@dataclass(frozen=True, slots=True)
class Bounds:
    """What a cgroup's files say of its pages, in bytes."""

    max_bytes: float = inf
    """``memory.max``."""
    high_bytes: float = inf
    """``memory.high``."""
    swap_bytes: float = inf
    """``memory.swap.max``."""
    low_bytes: float = 0.0
    """``memory.low``."""
    min_bytes: float = 0.0
    """``memory.min``."""


FREE = Bounds()


@dataclass(frozen=True, slots=True)
class Pages:
    """Of one cgroup's bytes: what must go, what should, what may, and what may at last."""

    hard: int = 0
    soft: int = 0
    loose: int = 0
    kept: int = 0

    @classmethod
    def of(cls, own_bytes: int, bounds: Bounds) -> Pages:
        """Those of a group that is charged for so much."""
        most = min(bounds.swap_bytes, max(0, own_bytes))
        hard = _whole(min(most, own_bytes - bounds.max_bytes))
        soft = _whole(min(most, own_bytes - min(bounds.max_bytes, bounds.high_bytes)) - hard)
        left = own_bytes - hard - soft
        may = _whole(min(most - hard - soft, left - bounds.min_bytes))
        loose = _whole(min(may, left - bounds.low_bytes))
        return cls(hard, soft, loose, may - loose)


NONE = Pages()


@dataclass(frozen=True, slots=True)
class Gone:
    """Bytes of all groups that are in swap, by why they went."""

    hard: int
    soft: int
    loose: int
    kept: int

    @property
    def total(self) -> int:
        """All that is in swap."""
        return self.hard + self.soft + self.loose + self.kept


class Paging:
    """The swap of one kernel: how large it is, and what its groups have for it.

    At an inner group with a limit: the same for what is in it, with all the swap there is.
    """

    __slots__ = ("hard", "kept", "loose", "ram_bytes", "soft", "swap_bytes", "told")

    def __init__(self, ram_bytes: int, swap_bytes: float = inf) -> None:
        self.ram_bytes = ram_bytes
        self.swap_bytes = swap_bytes
        self.told = NONE
        """An inner group's pages as those above know them."""
        self.hard = self.soft = self.loose = self.kept = 0

    def replace(self, old: Pages, new: Pages) -> None:
        """A group's pages changed."""
        self.hard += new.hard - old.hard
        self.soft += new.soft - old.soft
        self.loose += new.loose - old.loose
        self.kept += new.kept - old.kept

    def gone(self, usage_bytes: int) -> Gone:
        """What is in swap when all groups together are charged for so much."""
        hard = int(min(self.hard, self.swap_bytes))
        room = self.swap_bytes - hard
        if room == inf:
            # Whether there is swap for what should go, those above know: here it goes if it must.
            room = max(0, usage_bytes - hard - self.ram_bytes)
        soft = int(min(self.soft, room))
        room -= soft
        short = int(min(room, max(0, usage_bytes - hard - soft - self.ram_bytes)))
        loose = min(self.loose, short)
        return Gone(hard, soft, loose, min(self.kept, short - loose))

    @property
    def able_bytes(self) -> int:
        """What could go at most, were there swap for it."""
        return self.hard + self.soft + self.loose + self.kept

    def tell(self, usage_bytes: int) -> tuple[Pages, Pages]:
        """An inner group's pages as those above knew them, and as they know them from now on."""
        gone, before = self.gone(usage_bytes), self.told
        self.told = Pages(
            gone.total, self.soft - gone.soft, self.loose - gone.loose, self.kept - gone.kept
        )
        return before, self.told

    def above(self, pages: Pages, usage_bytes: int) -> Pages:
        """A member's pages as those above an inner group know them."""
        gone = self.gone(usage_bytes)
        soft = _part(pages.soft, gone.soft, self.soft)
        loose = _part(pages.loose, gone.loose, self.loose)
        kept = _part(pages.kept, gone.kept, self.kept)
        hard = pages.hard + soft + loose + kept
        return Pages(hard, pages.soft - soft, pages.loose - loose, pages.kept - kept)

    def driven_out(self, pages: Pages, usage_bytes: int) -> int:
        """Bytes of one group that limits have sent to swap, not the shortage of all."""
        gone = self.gone(usage_bytes)
        hard = _part(pages.hard, gone.hard, self.hard)
        return hard + _part(pages.soft, gone.soft, self.soft)

    def is_idle(self, usage_bytes: int) -> bool:
        """Whether nothing is in swap: no limit has sent anything there, and all fits."""
        return usage_bytes <= self.ram_bytes and not self.hard and not self.soft

    def wanted(self, usage_bytes: int) -> int:
        """What would be in memory if it were large enough: all but what limits have sent away."""
        gone = self.gone(usage_bytes)
        return usage_bytes - gone.hard - gone.soft

    def is_full(self) -> bool:
        """Whether there is no room for what must go."""
        return self.hard > self.swap_bytes

    def is_short(self, usage_bytes: int) -> bool:
        """Whether more is charged than memory holds and swap may take."""
        return usage_bytes - self.gone(usage_bytes).total > self.ram_bytes

    def of(self, pages: Pages, usage_bytes: int) -> int:
        """Bytes of one group that are in swap."""
        gone = self.gone(usage_bytes)
        return (
            _part(pages.hard, gone.hard, self.hard)
            + _part(pages.soft, gone.soft, self.soft)
            + _part(pages.loose, gone.loose, self.loose)
            + _part(pages.kept, gone.kept, self.kept)
        )


def _part(own: int, gone: int, all_of_it: int) -> int:
    return own * gone // all_of_it if own else 0


def _whole(size_bytes: float) -> int:
    return int(max(0, size_bytes))
