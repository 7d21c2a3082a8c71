"""What lies on the file system of one machine, and the instant at which it is full.

Files that stand still are counted where they are (``take``; images and build cache are asked for).
Files that running programs let grow are integrals: those of steady writers are a sum of rates,
those that a device holds back are asked what they have got. The instant at which the disk is full
is worked out ahead, an entry of the calendar: exact for steady writers; where a device decides, a
bound before which it cannot be, from which what is left is looked at anew. Nothing is looked at
while nobody writes. The number of files is that of ``mkfs.ext4``: one for each
``io.filesystem.bytes_per_inode``; blocks that it keeps for root are left out.
"""

from __future__ import annotations

from collections.abc import Callable
from math import floor, inf
from typing import Protocol

from simulator.engine import Simulation
from simulator.engine.calendar import Entry
from simulator.machine.events_trouble import DiskFull

SOON_S = 1e-6
"""A disk that will be full within this time is full; nobody looks more often."""
_PAGE_BYTES = 4096
_ROUNDING_BYTES = 1e-3
_MOST_LOOKED_S = 1e9


class Growing(Protocol):
    """A file that a running program lets grow."""

    @property
    def steady_per_s(self) -> float:
        """Its bytes in a second, where nothing holds it back; 0: a device decides."""

    @property
    def most_per_s(self) -> float:
        """The most bytes in a second that it can get."""

    def grown(self) -> float:
        """Bytes that it has grown by since it was begun, where a device decides."""

    def refused(self, size_bytes: int) -> None:
        """There is no space left for it: it has ended, and has grown by so many bytes."""

    def resumed(self) -> None:
        """There is space again, for one that goes on trying."""


def nothing() -> tuple[int, int]:
    """No bytes, no files."""
    return 0, 0


class DiskSpace:
    """Bytes and files of one file system: how many there are, are taken, and are being written."""

    def __init__(
        self,
        sim: Simulation,
        size_bytes: int,
        bytes_s: float,
        bytes_per_inode: float,
        name: str = "",
    ) -> None:
        """``bytes_s``: the most that the device beneath takes. ``name``: of the machine whose disk
        it is; nothing where nobody wants to know."""
        self._sim = sim
        self.name = name
        self.size_bytes = size_bytes
        self.inodes = int(size_bytes // bytes_per_inode)
        self.others: Callable[[], tuple[int, int]] = nothing
        """Bytes and files that are kept account of elsewhere: images, build cache, archives."""
        self._bytes_s = bytes_s
        self._taken_bytes = 0
        self._taken_files = 0
        self._growing: dict[Growing, float] = {}
        """By the time, as steady writers count it, at which each began."""
        self._pressed: dict[Growing, None] = {}
        """Those of them that a device decides on."""
        self._rate = self._rate_since = 0.0
        """Sums over steady writers: of rates, and of rates times the time of their beginning."""
        self._spent_s = self._spent_at = 0.0
        """Time as steady writers count it, which goes slower while they want more than the disk
        takes; and when it was last brought up to date."""
        self._waiting: dict[Growing, None] = {}
        """Those that go on trying on a full disk."""
        self._next: Entry | None = None

    # --- how much -------------------------------------------------------------------------------

    @property
    def used_bytes(self) -> int:
        """Bytes on it now."""
        return min(self.size_bytes, floor(self._taken_bytes + self.others()[0] + self._grown()))

    @property
    def used_inodes(self) -> int:
        """Files, folders and links on it now."""
        return self._taken_files + self.others()[1]

    def free_inodes(self) -> int:
        """Files, folders and links that there is still room for."""
        return max(0, self.inodes - self.used_inodes)

    @property
    def own_bytes(self) -> int:
        """Bytes of what containers and volumes have written, without what is kept elsewhere."""
        return floor(self._taken_bytes + self._grown())

    @property
    def free_bytes(self) -> float:
        """Bytes that can still be written now; never below 0."""
        return max(0.0, self._room())

    def _room(self) -> float:
        return self.size_bytes - self._taken_bytes - self.others()[0] - self._grown()

    def _grown(self) -> float:
        if not self._growing:
            return 0.0
        steady = self._rate * self._time_s() - self._rate_since
        return max(0.0, steady) + sum(one.grown() for one in self._pressed)

    @property
    def _pace(self) -> float:
        """The part of what steady writers want together that the disk takes."""
        return min(1.0, self._bytes_s / self._rate) if self._rate else 1.0

    def _time_s(self) -> float:
        return self._spent_s + (self._sim.now - self._spent_at) * self._pace

    def _change_rate(self, by: float) -> None:
        self._spent_s, self._spent_at = self._time_s(), self._sim.now
        self._rate += by

    # --- files that stand still -----------------------------------------------------------------

    def take(self, size_bytes: int, files: int) -> bool:
        """Have so much more of it, or less (below 0); False, and nothing, when it is full."""
        if size_bytes > 0 and size_bytes > self._room():
            return False
        if files > 0 and files > self.inodes - self.used_inodes:
            return False
        self._taken_bytes += size_bytes
        self._taken_files += files
        if size_bytes:
            self.changed()
        return True

    def changed(self) -> None:
        """Something was written or removed: when it will be full is worked out anew."""
        if (self._growing or self._waiting) and (not self._next or self._next.time > self._sim.now):
            if self._next:
                self._next.cancel()
            self._next = self._sim.at(self._sim.now, self._look)

    # --- files that grow ------------------------------------------------------------------------

    def begin(self, one: Growing) -> None:
        """A file begins to grow."""
        self._waiting.pop(one, None)
        rate = one.steady_per_s
        if rate:
            self._change_rate(rate)
        self._growing[one] = now = self._time_s()
        if rate:
            self._rate_since += rate * now
        else:
            self._pressed[one] = None
        self.changed()

    def end(self, one: Growing) -> int:
        """It grows no more, and nobody tries any more; the bytes that it has grown by stay."""
        self._waiting.pop(one, None)
        since = self._growing.pop(one, None)
        if since is None:
            return 0
        rate = one.steady_per_s
        if rate:
            grown = rate * (self._time_s() - since)
            self._change_rate(-rate)
            self._rate_since -= rate * since
        else:
            del self._pressed[one]
            grown = one.grown()
        if not self._growing:
            self._rate = self._rate_since = 0.0
        size = floor(grown + _ROUNDING_BYTES)
        self._taken_bytes += size
        self.changed()
        return size

    def grown_by(self, one: Growing) -> int:
        """Bytes that a file has grown by until now."""
        since = self._growing.get(one)
        if since is None:
            return 0
        rate = one.steady_per_s
        return floor(rate * (self._time_s() - since) if rate else one.grown())

    def try_on(self, one: Growing) -> None:
        """A program that goes on trying to write is to be told when there is space again."""
        self._waiting[one] = None

    # --- full -----------------------------------------------------------------------------------

    def _look(self) -> None:
        self._next = None
        room = self._room()
        if self._growing and room < max(1.0, self._pressed_rate() * SOON_S):
            self._refuse()
        elif self._waiting and room >= _PAGE_BYTES:
            waiting, self._waiting = self._waiting, {}
            for one in waiting:
                one.resumed()
        if self._growing and not self._next:
            self._plan()

    def _pressed_rate(self) -> float:
        return min(self._bytes_s, sum(one.most_per_s for one in self._pressed))

    def _plan(self) -> None:
        rate = self._rate * self._pace + self._pressed_rate()
        wait = self._room() / rate if rate > 0.0 else inf
        if wait < _MOST_LOOKED_S:
            time = self._sim.now + max(wait, SOON_S if self._pressed else 0.0)
            self._next = self._sim.at(time, self._look)

    def _refuse(self) -> None:
        """All that grows meets the end of the disk."""
        if self.name:
            self._sim.emit(DiskFull(self.name, self.size_bytes, len(self._growing)))
        for one in list(self._growing):
            if one in self._growing:
                one.refused(self.end(one))
