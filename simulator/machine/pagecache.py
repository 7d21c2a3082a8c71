"""The page cache of a kernel: pages of image files, in memory once however many use them.

The cgroup that touches a page first is charged for it; the others read it for nothing. Pages are
given back before anybody is killed, so they count as available. Each kernel has a cache of its own:
guests do not share. How much of an image is touched: constant ``images.lazy.eager_fraction``
(Slacker, FAST 2016: 6.4 % of the bytes are read at start).
"""

from __future__ import annotations

from dataclasses import dataclass
from math import inf
from typing import TYPE_CHECKING

from simulator.machine.kernel import Kernel

if TYPE_CHECKING:
    from simulator.machine.container import Container


@dataclass(frozen=True, slots=True)
class HotSet:
    """The cached pages of one image on one kernel, and who is charged for them."""

    image: str
    size_bytes: int
    owner: str
    users: int


def hot_sets(kernel: Kernel) -> list[HotSet]:
    """The images of the running containers of a kernel, the first to start owning each."""
    users: dict[str, list[Container]] = {}
    for one in kernel.containers.values():
        if one.running and one.started_at is not None:
            users.setdefault(one.image.digest, []).append(one)
    found = []
    for digest, each in users.items():
        first = min(each, key=lambda one: (one.started_at or 0.0, one.name))
        found.append(HotSet(digest, hot_bytes(first), first.name, len(each)))
    return found


def hot_bytes(container: Container) -> int:
    """Bytes of its image that a container touches."""
    share = container.constants.value("images.lazy.eager_fraction")
    return round(share * container.image.size_bytes)


def cached_bytes(kernel: Kernel) -> int:
    """Physical memory of the page cache: every image once, and only what is free."""
    free = kernel.ram_bytes - kernel.memory.usage
    wanted = sum(each.size_bytes for each in hot_sets(kernel))
    return int(min(wanted, max(0.0, free))) if free < inf else wanted


def charged_bytes(container: Container) -> int:
    """What a container's cgroup is charged for cached pages: those that it touched first.

    A limit pushes pages out before it kills.
    """
    own = next(
        (each for each in hot_sets(container.machine.kernel) if each.owner == container.name), None
    )
    if own is None:
        return 0
    limit = container.limits.memory_bytes
    room = inf if limit is None else max(0.0, limit - container.memory.usage)
    return int(min(own.size_bytes, room))
