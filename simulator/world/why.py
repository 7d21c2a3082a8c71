"""Why a tenant is slow or dead: what its neighbours do to it, and the killer's table."""

from __future__ import annotations

from typing import TYPE_CHECKING

from simulator.machine import processes
from simulator.machine.container import Container
from simulator.machine.events import OomKilled
from simulator.machine.events_trouble import VmKilled
from simulator.units import format_binary_bytes, format_span
from simulator.world.security import tenant_of

if TYPE_CHECKING:
    from simulator.world.world import World


def about(world: World, one: Container) -> list[str]:
    """Lines for a container: walls, processes, pace, the newest OOM table."""
    lines = [
        f"walls: {' > '.join(str(wall) for wall in tenant_of(one).chain)}",
        f"processes: {processes.of_container(one)} of "
        f"{'no limit' if one.limits.pids is None else one.limits.pids}; on its kernel "
        f"{processes.on_kernel(one.machine.kernel):,} of "
        f"{processes.table_size(one.machine.kernel):,}",
    ]
    return [*lines, *pace_lines(one), *oom_lines(world, one.name)]


def pace_lines(one: Container) -> list[str]:
    """What devices and neighbours make of its work; nothing when they change nothing."""
    pace = one.pacing.pace
    lines = []
    if pace.cpu > 1.0:
        lines.append(f"caches and memory bandwidth: it computes {pace.cpu:.2f} times slower")
    if pace.wait_s > 0.0:
        lines.append(f"devices: each piece of work waits {format_span(pace.wait_s)} for them")
    if pace.device_s > pace.total_s(0.0) and pace.device_s > one.work_seconds():
        lines.append(f"a busy device: each takes {format_span(pace.device_s)} at least")
    if one.neighbours.is_stalled(one.machine.kernel):
        lines.append("the process table of its kernel is full: nothing on that kernel ends")
    elif pace.lost > 1.0:
        lines.append(
            f"its kernel: everything takes {pace.lost:.2f} times as long "
            "(swapping, writeback, memory.high or packets)"
        )
    return lines


def oom_lines(world: World, name: str) -> list[str]:
    """The table of the newest OOM kill of a container or VM."""
    found: OomKilled | VmKilled | None = None
    for entry in world.journal:
        event = entry.event
        if isinstance(event, OomKilled | VmKilled) and event.subject == name:
            found = event
    if found is None:
        return []
    limit = format_binary_bytes(found.limit_bytes)
    head = f"OOM: {found.group} was at {format_binary_bytes(found.usage_bytes)} of {limit}; scores:"
    return [head, *(f"  {line}" for line in found.scores)]
