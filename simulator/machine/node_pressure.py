"""Node-pressure eviction, as a kubelet does it: end a tenant before the kernel has to kill one.

Every ten seconds the kubelet looks at the memory that is left; below the hard threshold it ends
the first of its ranking at once, without grace. Source: Kubernetes, "Node-pressure Eviction".
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from simulator.engine import CalendarEntry
from simulator.machine.events import ContainerEvicted
from simulator.machine.eviction import PodUse, rank, why
from simulator.machine.housekeeping import next_on_grid

if TYPE_CHECKING:
    from simulator.machine.kernel import Container, Machine


class NodePressure:
    """What looks after the memory of one machine, while it is switched on."""

    def __init__(self, machine: Machine) -> None:
        self.machine = machine
        self._next: CalendarEntry | None = None

    @property
    def on(self) -> bool:
        """Whether it is switched on."""
        return bool(self._next)

    def set(self, on: bool) -> None:
        """Turn it on or off; on again changes nothing."""
        if on and not self._next:
            self._plan()
        elif not on and self._next:
            self._next.cancel()

    def _plan(self) -> None:
        parts = self.machine.parts
        period_s = parts.calibration.value("control.kubelet.eviction_interval_s")
        self._next = parts.sim.at(next_on_grid(parts.sim.now, period_s), self._look)

    def _look(self) -> None:
        if self.machine.up:
            self.machine.host.housekeeping.charge()
            self._relieve()
        self._plan()

    def _relieve(self) -> None:
        machine = self.machine
        left = int(machine.kernel.ram_bytes) - machine.kernel.memory.resident
        if left >= machine.parts.calibration.value("memory.node.eviction_mib") * (1 << 20):
            return
        running = {one.name: one for one in machine.kernel.containers.values() if _may_end(one)}
        ranked = rank(
            PodUse(name, request=one.limits.memory_low_bytes or None, usage=one.memory.resident)
            for name, one in running.items()
        )
        if not ranked:
            return
        first = running[ranked[0].name]
        reason = why(ranked[0])
        machine.parts.sim.emit(ContainerEvicted(first.name, machine.name, left, reason))
        first.stop_asked = True
        first.crash(137, "evicted")


def _may_end(one: Container) -> bool:
    return one.state in ("running", "paused") and not one.dying
