"""How much of its time each container waits for its disk: sampled of those that use one."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from simulator.engine import Column, Table
from simulator.machine.container import Container
from simulator.machine.devices import Lanes

UNITS = {"waits": ""}


@dataclass(slots=True)
class _Before:
    """What a container had got of its disk when it was sampled last."""

    lanes: Lanes
    time: float
    at_disk_s: float
    written_bytes: int
    column: Column


class DiskWaits:
    """The shares of time in which at least one thread of a container waited for its disk."""

    def __init__(self) -> None:
        self.table = Table(UNITS)
        self._before: dict[Container, _Before] = {}

    def sample(self, containers: Iterable[Container], now: float) -> None:
        """Measure those of these that use a disk, or have just ceased to."""
        for container in containers:
            lanes, before = container.lanes, self._before.get(container)
            if lanes is None:
                if before is not None:
                    before.column.set(0.0)
                    del self._before[container]
                continue
            if before is None or before.lanes is not lanes:
                column = self.table.column(container.name)
                column.set(0.0)
                self._before[container] = _measured(container, lanes, now, column)
            elif now > before.time:
                after = self._before[container] = _measured(container, lanes, now, before.column)
                before.column.set(_share(container, before, after))

    def renamed(self, container: Container, before: str) -> None:
        """A container has another name."""
        self.table.rename(before, container.name)

    def gone(self, container: Container) -> None:
        """A container is gone."""
        self._before.pop(container, None)
        self.table.drop(container.name)


def _measured(container: Container, lanes: Lanes, now: float, column: Column) -> _Before:
    written = sum(one.moved_bytes for one in container.writings if not one.in_memory)
    return _Before(lanes, now, lanes.disk.ran_s + lanes.wait.ran_s, written, column)


def _share(container: Container, before: _Before, after: _Before) -> float:
    """At the disk, or kept from writing as fast as it would; one beside the other, at most 1."""
    passed = after.time - before.time
    at_disk = (after.at_disk_s - before.at_disk_s) / passed
    wanted = sum(one.rate for one in container.writings if one.on and not one.in_memory)
    got = (after.written_bytes - before.written_bytes) / passed
    kept_off = max(0.0, 1.0 - got / wanted) if wanted else 0.0
    return min(1.0, max(0.0, at_disk) + kept_off)
