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


def look(world: World) -> None:
    """Look at all machines whose eviction is switched on, if it is time to."""
    switched_on = [one for one in world.machines.values() if one.evicting.on and one.up]
    if not switched_on:
        return
    value = world.parts.calibration.value
    if world.now % value("control.kubelet.eviction_interval_s") > 1e-6:
        return
    threshold_bytes = value("memory.node.eviction_mib") * (1 << 20)
    for machine in switched_on:
        _relieve(world, machine, threshold_bytes)


def _relieve(world: World, machine: Machine, threshold_bytes: float) -> None:
    memory = machine.kernel.memory
    left = round(memory.limit_bytes) - memory.usage
    if left >= threshold_bytes:
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
