"""Who takes what somebody else wants now: cores, a device, memory, caches. Values, no words.

All of it is of the last sample interval, as CPU use is; what happened before is in the journal.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from simulator.machine.container import Container, containers_below, containers_on
from simulator.machine.effects import NOBODY, pressure_of
from simulator.machine.host import Host, Machine
from simulator.machine.virtual_machine import VirtualMachine, guests_on

if TYPE_CHECKING:
    from simulator.world.world import World

MOST_NAMED = 3
NOTICED_CORES = 0.05
"""Below this nobody misses cores, or takes them from anybody."""
NOTICED_SHARE = 0.005
"""Below this share of its time nobody is said to use a disk."""
FULL = 0.98
"""A machine of which this share is used has none to spare."""


@dataclass(frozen=True, slots=True)
class Shortage:
    """Somebody who wants more of something than it gets, and who else has it, the largest first."""

    name: str
    where: str
    wanted: float
    got: float
    rivals: tuple[tuple[str, float], ...]


def of_cores(world: World, thing: Container | Machine) -> list[Shortage]:
    """Where a container, or a machine, does not get the cores that it wants now, inside out."""
    found = [_container_cores(world, thing)] if isinstance(thing, Container) else []
    machine: Machine | None = thing.machine if isinstance(thing, Container) else thing
    while isinstance(machine, VirtualMachine):
        found.append(_guest_cores(world, machine))
        machine = machine.on
    return [one for one in found if one is not None]


def _container_cores(world: World, one: Container) -> Shortage | None:
    """Threads that would compute, against cores; only where all cores of its machine are taken."""
    sample, machine = world.sampler.containers.get(one), one.machine
    if sample is None or one.lanes is not None or not one.running:
        return None
    ready = float(sample.in_flight - sample.queued)
    limit = min(one.limits.cpus or ready, float(len(one.limits.cpuset) or ready), ready)
    wanted, got = min(limit, float(machine.hardware.cores)), sample.cpu_cores
    lacks = wanted - got > NOTICED_CORES and sample.throttled < NOTICED_CORES
    if not lacks or not _is_full(world, machine):
        return None
    return Shortage(one.name, machine.name, wanted, got, _users_of_cores(world, machine, one))


def _is_full(world: World, machine: Machine) -> bool:
    """Whether all its cores are used, or all that it is given."""
    missed = missed_cores(world, machine) if isinstance(machine, VirtualMachine) else 0.0
    return world.sampler.cpu_cores(machine) + missed >= FULL * machine.hardware.cores


def _guest_cores(world: World, vm: VirtualMachine) -> Shortage | None:
    missed, got = missed_cores(world, vm), world.sampler.cpu_cores(vm)
    if missed <= NOTICED_CORES:
        return None
    return Shortage(vm.name, vm.on.name, got + missed, got, _users_of_cores(world, vm.on, vm))


def missed_cores(world: World, vm: VirtualMachine) -> float:
    """Cores that a guest wanted and did not get in the last sample interval."""
    return world.sampler.steal(vm) * vm.hardware.cores


def _users_of_cores(
    world: World, machine: Machine, but: Container | Machine
) -> tuple[tuple[str, float], ...]:
    samples = world.sampler.containers
    used = [
        (one.name, samples[one].cpu_cores)
        for one in containers_on(machine.kernel)
        if one is not but and one in samples and one.running
    ]
    used += [
        (vm.name, world.sampler.cpu_cores(vm)) for vm in guests_on(machine.kernel) if vm is not but
    ]
    return _largest((name, cores) for name, cores in used if cores > NOTICED_CORES)


def on_device(one: Container, *, network: bool) -> tuple[str, ...]:
    """Other tenants of a container's hardware that use its disk, or its card, now."""
    others = containers_below(one.machine.host.kernel)
    using = [each.name for each in others if each is not one and _uses(each, network)]
    return tuple(using[:MOST_NAMED])


def _uses(other: Container, network: bool) -> bool:
    """At this instant, or (its disk) in the last sample interval."""
    lanes = other.lanes
    if lanes is None or not other.running:
        return False
    places = (lanes.network, lanes.flood) if network else (lanes.disk, lanes.bomb)
    return any(place.busy for place in places) or (not network and _waited(other))


def _waited(other: Container) -> bool:
    """Whether it was at its disk in the last sample interval."""
    recorder, name = other.sim.recorder, f"disk/{other.name}/waits"
    return recorder.has(name) and recorder.samples(name).last > NOTICED_SHARE


def of_caches(one: Container) -> tuple[str, ...]:
    """Other tenants of its host that press caches and memory bandwidth, the hardest first."""
    others = [
        (each.name, pressure.cache + pressure.bandwidth)
        for each in one.machine.host.kernel.all_containers()
        if each is not one and each.running and each.station is not None
        for pressure in (pressure_of(each),)
        if pressure is not NOBODY
    ]
    return tuple(name for name, _ in _largest(others))


def of_memory(host: Host) -> Shortage | None:
    """What all on a host want of its memory beside what limits have sent to swap, if too much."""
    memory = host.kernel.memory
    if memory.paging is None:
        return None
    wanted, have = memory.paging.wanted(memory.usage), host.hardware.memory_bytes
    if wanted <= have:
        return None
    held = [(one.name, float(one.memory.usage)) for one in containers_on(host.kernel)]
    held += [(vm.name, float(vm.memory.usage)) for vm in guests_on(host.kernel)]
    return Shortage(host.name, host.name, float(wanted), float(have), _largest(held))


def _largest(parts: Iterable[tuple[str, float]]) -> tuple[tuple[str, float], ...]:
    ranked = sorted(((name, size) for name, size in parts if size), key=lambda each: -each[1])
    return tuple(ranked[:MOST_NAMED])
