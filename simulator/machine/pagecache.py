"""The page cache of a kernel: pages of image files, in memory once however many use them.

The cgroup that touches a page first is charged for it; the others read it for nothing. When that
container ends, its cgroup goes and the charge is its parent's: pages that stay in memory are not
charged anew to whoever else reads them (Linux ``mm/memcontrol.c``: a page keeps its group, and a
group that is removed counts towards its parent). Pages are given back before anybody is killed, so
they count as available. Each kernel has a cache of its own: guests do not share. How much of an
image is touched: constant ``images.lazy.eager_fraction`` (Slacker, FAST 2016: 6.4 % of the bytes
are read at start). Deviation: the pages of an image go with the last container that uses it.
"""

from __future__ import annotations

from math import inf
from typing import TYPE_CHECKING

from simulator.machine.kernel import HotSet, Kernel

if TYPE_CHECKING:
    from simulator.machine.kernel import Container


def touch(container: Container) -> None:
    """A container's first process runs and reads its image."""
    hot, digest = container.machine.kernel.hot, container.image.digest
    if digest not in hot:
        hot[digest] = HotSet(digest, hot_bytes(container), container.memory)
    hot[digest].using[container] = None


def let_go(container: Container) -> None:
    """All processes of a container are gone, and its cgroup with them."""
    hot, digest = container.machine.kernel.hot, container.image.digest
    found = hot.get(digest)
    if found is None or found.using.pop(container, found) is found:
        return
    above = container.memory.parent
    if not found.using:
        del hot[digest]
    elif found.group is container.memory and above is not None:
        found.group = above


def hot_sets(kernel: Kernel) -> list[HotSet]:
    """The images that are in use on a kernel."""
    return list(kernel.hot.values())


def hot_bytes(container: Container) -> int:
    """Bytes of its image that a container touches."""
    share = container.constants.value("images.lazy.eager_fraction")
    return round(share * container.image.size_bytes)


def cached_bytes(kernel: Kernel) -> int:
    """Physical memory of the page cache: every image once, and only what is free."""
    free = kernel.ram_bytes - kernel.memory.resident
    wanted = sum(each.size_bytes for each in hot_sets(kernel))
    return int(min(wanted, max(0.0, free))) if free < inf else wanted


def charged_bytes(container: Container) -> int:
    """What a container's cgroup is charged for cached pages: those that it touched first.

    A limit pushes pages out before it kills.
    """
    kernel = container.machine.kernel
    own = kernel.hot.get(container.image.digest)
    if own is None or own.group is not container.memory:
        return 0
    wanted = sum(each.size_bytes for each in hot_sets(kernel))
    there = own.size_bytes * cached_bytes(kernel) // wanted if wanted else 0
    limit = container.limits.memory_bytes
    room = inf if limit is None else max(0.0, limit - container.memory.resident)
    return int(min(there, room))
