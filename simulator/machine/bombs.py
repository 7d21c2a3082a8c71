"""Bombs going off: what a program that takes all it can get does to its container.

A bomb (``charges.py``) is a workload of its own, or a fault: then it goes off inside a container
that was doing something else, within that container's limits.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from simulator.engine.calendar import Entry
from simulator.machine.charges import Bomb
from simulator.machine.cpu.endless import ENDLESS, FOREVER_S
from simulator.machine.events_trouble import ForkRefused, ProcessKilled
from simulator.machine.processes import try_fork
from simulator.machine.throttle import grown

if TYPE_CHECKING:
    from simulator.machine.kernel import Container


TICK_S = 0.25
"""How often a growing bomb is looked at: far below what any measure resolves."""


class Burning:
    """A bomb that burns in a running container until the container ends."""

    def __init__(self, container: Container, charge: Bomb) -> None:
        self.container = container
        self.charge = charge
        self._entry: Entry | None = None

    def begin_soon(self) -> None:
        """Set it off after what else is done at this instant."""
        self._after(0.0, self.begin)

    def begin(self) -> None:
        """Set it off."""
        container, charge = self.container, self.charge
        container.bomb = charge
        container.bomb_since = container.sim.now
        self._occupy()
        container.neighbours.joined(container)
        if charge.kind == "forkbomb":
            container.bomb_processes += container.bomb_threads
            self._fork()
        elif charge.kind == "membomb":
            self._eat()

    def stop(self) -> None:
        """The container has ended."""
        if self._entry is not None:
            self._entry.cancel()

    def _occupy(self) -> None:
        """Its threads take their part of what the container's cgroup gets."""
        container, charge = self.container, self.charge
        station = container.station
        assert station is not None
        container.fabric.resize(station, station.workers + charge.threads)
        for _ in range(charge.threads):
            station.admit(container.sim.now, FOREVER_S, ENDLESS)
        container.bomb_threads += charge.threads
        if charge.kind == "diskbomb":
            workload = container.settings.workload
            ends = workload.kind == charge.kind and workload.ends_when_full
            container.write(charge.rate, "diskbomb.bin", ends=ends, presses=True)
        elif charge.kind == "netbomb":
            share = charge.rate / container.machine.hardware.nic_bytes_s
            container.press(share, network=True)

    def _after(self, seconds: float, action: Callable[..., None], *arguments: float) -> None:
        sim = self.container.sim
        self._entry = sim.at(sim.now + seconds, action, *arguments)

    def _fork(self) -> None:
        """Processes that start processes, until somebody refuses."""
        container, charge = self.container, self.charge
        if container.dying:
            return
        asked = max(1, round(charge.rate * TICK_S))
        state = try_fork(container, asked)
        container.bomb_processes += state.granted
        container.charge_memory()
        container.neighbours.refresh()
        if state.refused_by is not None:
            limit = container.limits.pids if state.refused_by == "cgroup" else None
            container.forks_refused += (asked - state.granted) * (limit is not None)
            container.sim.emit(ForkRefused(container.name, state.refused_by, limit, state.stalled))
            return
        self._after(TICK_S, self._fork)

    def _eat(self) -> None:
        """Memory, touched as fast as it is given: slower where it goes to disk."""
        container, rate = self.container, self.charge.rate
        if container.neighbours.swapping(container):
            rate = min(rate, container.machine.host.hardware.disk_bytes_s)
        room = container.memory.room_bytes()
        wait = min(TICK_S, max(1e-3, (room + 1) / rate)) if room > 0 else 1e-3
        memory = container.memory
        got = grown(memory.stuck_bytes, memory.bounds.high_bytes, rate, wait)
        self._after(wait, self._eaten, 0.0 if container.stands_still else got)

    def _eaten(self, size_bytes: float) -> None:
        container = self.container
        if container.dying:
            return
        container.bomb_bytes += round(size_bytes)
        container.charge_memory()
        if not container.dying:
            self._eat()


def spare(container: Container, group: str) -> bool:
    """The killer strikes a container with a memory bomb: only the eater dies, and begins anew.

    False where there is no such process to kill: then the container itself must go.
    """
    if container.bomb is None or container.bomb.kind != "membomb" or not container.bomb_bytes:
        return False
    container.sim.emit(ProcessKilled(container.name, group, container.bomb_bytes))
    container.bomb_bytes = 0
    container.oom_kills += 1
    container.memory.set_own(container.memory_now())
    container.neighbours.refresh()
    return True
