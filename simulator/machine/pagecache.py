"""The page cache of a kernel: pages of files that containers have read and written.

The cgroup that touches a page first is charged for it. An image's pages are in memory once however
many use it; the others read them for nothing. When the container that is charged ends, its cgroup
goes and the charge is its parent's: pages that stay are not charged anew to whoever else reads them
(Linux ``mm/memcontrol.c``: a group that is removed counts towards its parent). Data that it wrote
stays until the container is removed, and its files with it. Pages are given back before anybody is
killed or swapped out, so they count as available; first data, then the pages of images. Each kernel
has a cache of its own: guests do not share. How much of an image is touched: constant
``images.lazy.eager_fraction`` (Slacker, FAST 2016: 6.4 % of the bytes are read at start).
Deviations: the pages of an image go with the last container that uses it; what the kernel took back
because all together wanted more than there is comes again when there is room.
"""

from __future__ import annotations

from math import inf
from typing import TYPE_CHECKING

from simulator.machine.file_pages import FilePages
from simulator.machine.file_traffic import (
    dirty_bytes,
    fold,
    has_any,
    passed_bytes,
    room_bytes,
)
from simulator.machine.kernel import HotSet, Kernel

if TYPE_CHECKING:
    from simulator.machine.kernel import Container


def touch(container: Container) -> None:
    """A container's first process runs and reads its image."""
    kernel, digest = container.machine.kernel, container.image.digest
    if digest not in kernel.hot:
        kernel.hot[digest] = HotSet(digest, hot_bytes(container), container.memory)
    kernel.hot[digest].using[container] = None
    files(container)


def files(container: Container) -> None:
    """Something in it may read or write files from now on."""
    if has_any(container):
        container.machine.kernel.filing[container] = None
        if container.machine.outermost_guest is not None:
            container.machine.host.housekeeping.wake()


def put(container: Container, size_bytes: int) -> None:
    """A program in it writes so much, beside what its own does."""
    container.files.put_bytes += size_bytes
    container.machine.kernel.filing[container] = None


def let_go(container: Container) -> None:
    """All processes of a container are gone, and its cgroup with them."""
    kernel, digest = container.machine.kernel, container.image.digest
    if kernel.filing.pop(container, container) is None:
        fold(container)
        left = kernel.left.get(container, 0) + int(container.files.kept_bytes)
        kernel.left[container] = left
    container.files = FilePages()
    found = kernel.hot.get(digest)
    if found is None or found.using.pop(container, found) is found:
        return
    above = container.memory.parent
    if not found.using:
        del kernel.hot[digest]
    elif found.group is container.memory and above is not None:
        found.group = above


def removed(container: Container) -> None:
    """A container is removed, and the files that it wrote."""
    container.machine.kernel.left.pop(container, None)


def hot_sets(kernel: Kernel) -> list[HotSet]:
    """The images that are in use on a kernel."""
    return list(kernel.hot.values())


def hot_bytes(container: Container) -> int:
    """Bytes of its image that a container touches."""
    share = container.constants.value("images.lazy.eager_fraction")
    return round(share * container.image.size_bytes)


class Cache:
    """The page cache of one kernel at one instant."""

    def __init__(self, kernel: Kernel) -> None:
        self.kernel = kernel
        first = next(iter(kernel.filing), None)
        known = None if first is None else first.constants
        self._dirty_ratio = 0.0 if known is None else known.value("io.writeback.dirty_ratio")
        owned = {one.group: one.size_bytes for one in kernel.hot.values()}
        self._wanted: dict[Container, int] = {}
        if first is not None:
            stations = (one.station for one in kernel.filing)
            first.fabric.settle([one for one in stations if one is not None])
        for one in [*_owners(kernel), *kernel.filing]:
            if one not in self._wanted:
                self._wanted[one] = _wanted(one, owned.pop(one.memory, 0))
        wanted = sum(self._wanted.values()) + sum(owned.values()) + sum(kernel.left.values())
        free = kernel.ram_bytes - kernel.memory.resident
        self._kept = sum(self._kept_of(one) for one in self._wanted)
        self._loose = wanted - self._kept
        self.size_bytes = int(min(wanted, max(0.0, free))) if free < inf else wanted
        """Physical memory of all of it: only what is free."""

    def of(self, container: Container) -> int:
        """What a container's cgroup is charged for: what it reserved is given back last."""
        wanted, kept = self._wanted.get(container, 0), self._kept_of(container)
        there = min(self._kept, self.size_bytes)
        own = kept * there // self._kept if kept else 0
        if wanted > kept:
            own += (wanted - kept) * (self.size_bytes - there) // self._loose
        return own

    def _kept_of(self, container: Container) -> int:
        """Pages of it that its ``memory.low`` protects beside what its processes hold."""
        memory = container.memory
        room = max(memory.bounds.low_bytes, memory.bounds.min_bytes) - memory.resident
        return int(min(self._wanted.get(container, 0), max(0.0, room)))

    def dirty_of(self, container: Container) -> tuple[int, int]:
        """What of that is not on the disk yet: dirty pages, and those under way to it."""
        if container not in self.kernel.filing:
            return 0, 0
        bounds = container.memory.bounds
        able = min(bounds.max_bytes, self.kernel.ram_bytes) - container.memory.resident
        late = int(min(self.of(container), dirty_bytes(container)))
        return self._split(late, able)

    @property
    def dirty(self) -> tuple[int, int]:
        """What of all is not on the disk yet, in the same two parts."""
        late = sum(sum(self.dirty_of(one)) for one in self.kernel.filing)
        return self._split(late, self.kernel.ram_bytes - self.kernel.memory.resident)

    def _split(self, late: int, able_bytes: float) -> tuple[int, int]:
        """Above ``vm.dirty_ratio`` of the memory that could be file pages, writing is under way."""
        dirty = int(min(late, max(0.0, self._dirty_ratio * able_bytes)))
        return dirty, late - dirty


def _owners(kernel: Kernel) -> list[Container]:
    """The containers that are charged for an image."""
    sets = kernel.hot.values()
    return [one for each in sets for one in each.using if one.memory is each.group]


def _wanted(container: Container, hot: int) -> int:
    """Pages that a container's cgroup has room for: those of its image, then its data."""
    room = room_bytes(container)
    image = min(hot, room)
    if container not in container.machine.kernel.filing:
        return int(image)
    return int(image + container.files.at(passed_bytes(container), room - image)[0])


def cached_bytes(kernel: Kernel) -> int:
    """Physical memory of the page cache."""
    return Cache(kernel).size_bytes


def charged_bytes(container: Container) -> int:
    """What a container's cgroup is charged for cached pages."""
    return Cache(container.machine.kernel).of(container)
