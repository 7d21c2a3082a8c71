"""Bombs going off: what a program that takes all it can get does to its container.

A bomb (``charges.py``) is a workload of its own, or a fault: then it goes off inside a container
that was doing something else, within that container's limits.
"""

from __future__ import annotations

from math import inf
from typing import TYPE_CHECKING

from simulator.engine import Process
from simulator.machine.charges import Bomb
from simulator.machine.cpu.station import Station
from simulator.machine.events_trouble import ForkRefused, ProcessKilled
from simulator.machine.processes import try_fork

if TYPE_CHECKING:
    import simpy

    from simulator.machine.container import Container


class Endless:
    """The work of bombs and hogs: no request of anybody, so nobody is told of its end."""

    def finished(self, station: Station, time: float) -> bool:
        """Never happens."""
        return False

    def lost(self, station: Station, time: float) -> None:
        """The container died."""


ENDLESS = Endless()
FOREVER_S = 1e18
"""CPU-seconds that no run can use up."""
TICK_S = 0.25
"""How often a growing bomb is looked at: far below what any measure resolves."""


def burn(container: Container, charge: Bomb, death: simpy.Event) -> Process:
    """Let a bomb burn in a running container until the container ends."""
    container.bomb = charge
    container.bomb_since = container.sim.now
    _occupy(container, charge)
    container.neighbours.joined(container)
    if charge.kind == "forkbomb":
        yield from _fork(container, charge, death)
    elif charge.kind == "membomb":
        yield from _eat(container, charge, death)
    elif charge.kind == "netbomb":
        yield from _send(container, charge, death)


def _occupy(container: Container, charge: Bomb) -> None:
    """Its threads take their part of what the container's cgroup gets."""
    station = container.station
    assert station is not None
    container.fabric.disturb(station)
    station.workers += charge.threads
    for _ in range(charge.threads):
        station.admit(container.sim.now, FOREVER_S, ENDLESS)
    container.bomb_threads += charge.threads


def _fork(container: Container, charge: Bomb, death: simpy.Event) -> Process:
    """Processes that start processes, until somebody refuses."""
    env, count = container.sim.env, container.bomb_threads
    container.bomb_processes += count
    while not death.triggered:
        asked = max(1, round(charge.rate * TICK_S))
        state = try_fork(container, asked)
        container.bomb_processes += state.granted
        container.charge_memory()
        container.neighbours.refresh()
        if state.refused_by is not None:
            limit = container.limits.pids if state.refused_by == "cgroup" else None
            container.sim.emit(ForkRefused(container.name, state.refused_by, limit, state.stalled))
            return
        yield env.timeout(TICK_S) | death


def _eat(container: Container, charge: Bomb, death: simpy.Event) -> Process:
    """Memory, touched as fast as it is given: slower where it goes to disk."""
    env = container.sim.env
    while not death.triggered:
        host = container.machine.host
        rate = charge.rate
        if container.neighbours.swapping(container):
            rate = min(rate, host.hardware.disk_bytes_s)
        room = container.memory.room_bytes()
        wait = min(TICK_S, max(1e-3, (room + 1) / rate)) if room > 0 else 1e-3
        yield env.timeout(wait) | death
        if death.triggered:
            return
        container.bomb_bytes += max(1, round(rate * wait))
        container.charge_memory()


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


def _send(container: Container, charge: Bomb, death: simpy.Event) -> Process:
    """A flow over the host's network card that never ends; it shares the line max-min."""
    machine = container.machine
    cap = min(charge.rate, container.runtime.costs.net_bytes_per_s or inf)
    cap = min(cap, machine.costs.net_bytes_per_s or inf)
    flow = machine.parts.network.start([machine.nic], 1e18, cap=None if cap == inf else cap)
    container.neighbours.refresh()
    yield death
    flow.cancel()
