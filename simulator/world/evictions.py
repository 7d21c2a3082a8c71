"""Node-pressure eviction, as a kubelet does it: end a tenant before the kernel has to kill one.

Every ten seconds the kubelet looks at the memory that is left; below the hard threshold it ends
the first of its ranking at once, without grace. Source: Kubernetes, "Node-pressure Eviction".
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from simulator.machine.events import ContainerEvicted
from simulator.machine.eviction import PodUse, rank, why
from simulator.machine.host import Machine

if TYPE_CHECKING:
    from simulator.world.world import World

EVERY_S = 10.0
HARD_THRESHOLD_BYTES = 100 << 20
"""memory.available below which somebody goes."""


def look(world: World) -> None:
    """Look at all machines whose eviction is switched on, if it is time to."""
    if world.now % EVERY_S > 1e-6:
        return
    for machine in world.machines.values():
        if machine.evicting.on and machine.up:
            _relieve(world, machine)


def _relieve(world: World, machine: Machine) -> None:
    memory = machine.kernel.memory
    left = round(memory.limit_bytes) - memory.usage
    if left >= HARD_THRESHOLD_BYTES:
        return
    running = {
        one.name: one
        for one in machine.kernel.containers.values()
        if one.state in ("running", "paused") and not one.dying
    }
    ranked = rank(
        PodUse(
            name,
            request=one.limits.memory_low_bytes or None,
            usage=one.memory.usage,
        )
        for name, one in running.items()
    )
    if not ranked:
        return
    first = running[ranked[0].name]
    world.sim.emit(ContainerEvicted(first.name, machine.name, left, why(ranked[0])))
    first.stop_asked = True
    first.crash(137, "evicted")
