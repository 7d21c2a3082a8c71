"""Pages of files that a container reads and writes, and what its cgroup keeps of them.

What has gone through the page cache since the container began is an integral, so nobody has to look
for it to be right; what of it is kept follows from what its cgroup has room for. Each time that
something else is charged, what did not fit is given up for good: ``fold``.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from simulator.machine.growth import Charges
from simulator.machine.pace import worked_bytes

if TYPE_CHECKING:
    from simulator.machine.kernel import Container


def has_any(container: Container) -> bool:
    """Whether anything in a container reads or writes files through the page cache."""
    workload = container.settings.workload
    return bool((workload.buffered and workload.io_bytes) or container.writings)


def passed_bytes(container: Container) -> int:
    """What has gone through the page cache for a container since it began, as of its settling.

    Whole bytes: sums of floats would tell when somebody looked.
    """
    written = (
        sum(one.moved_bytes for one in container.writings if not one.in_memory)
        + container.files.put_bytes
    )
    buffered = container.settings.workload.buffered
    read = buffered * worked_bytes(container) if buffered else 0.0
    return written + round(read + dirty_bytes(container))


def dirty_bytes(container: Container) -> float:
    """Dirty pages of a disk bomb: what it writes faster than the disk takes, within limits."""
    bomb = container.bomb
    lanes = container.lanes
    if bomb is None or bomb.kind != "diskbomb" or lanes is None or not lanes.pressed[lanes.bomb]:
        return 0.0
    written = bomb.rate * (container.sim.now - container.bomb_since)
    drained = lanes.bomb.used * container.machine.host.hardware.disk_bytes_s
    limit = container.limits.memory_bytes
    most = container.machine.kernel.fate.ram_bytes if limit is None else limit
    return min(most, max(0.0, written - drained))


def room_bytes(container: Container) -> float:
    """What a container's cgroup has room for beside what its processes hold.

    Deviation: in an inner cgroup with a limit, file pages of siblings are not counted.
    """
    memory, bounds = container.memory, container.memory.bounds
    room = min(bounds.max_bytes, bounds.high_bytes) - memory.resident
    above = memory.parent
    while above is not None and above.parent is not None:
        room = min(room, above.bounds.max_bytes - above.resident)
        above = above.parent
    return max(0.0, room)


def met_until_now(container: Container) -> Charges:
    """How often its cgroup has met its limits, what has passed since its last charge included."""
    met = replace(container.charges)
    gone = container.files.at(passed_bytes(container), room_bytes(container))[1]
    met.gave_back(gone, container.memory.bounds)
    return met


def fold(container: Container) -> None:
    """Bring it up to now: what did not fit is gone, and its cgroup met its limit for it."""
    if container.station is not None:
        # What has passed must not depend on when somebody looked last.
        container.fabric.settle((container.station,))
    pages, passed = container.files, passed_bytes(container)
    kept, gone = pages.at(passed, room_bytes(container))
    pages.seen_bytes, pages.kept_bytes = max(passed, pages.seen_bytes), kept
    held = container.memory.resident + kept
    pages.peak_bytes = max(pages.peak_bytes, int(min(held, container.memory.bounds.max_bytes)))
    if gone:
        container.charges.gave_back(gone, container.memory.bounds)
