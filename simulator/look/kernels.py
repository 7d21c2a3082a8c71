"""Kernels, and the cgroups of one: weights, shares, throttling, memory by kind."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from math import inf, isfinite
from typing import TYPE_CHECKING, NamedTuple

from simulator.errors import unknown
from simulator.look import finding
from simulator.look.kernel_facts import CgroupFacts, KernelFacts
from simulator.look.pages import Listing, Place, keep
from simulator.machine import processes
from simulator.machine.container import Container, containers_on
from simulator.machine.cpu.share import CpuGroup, weighted_shares
from simulator.machine.host import Machine
from simulator.machine.kernel import Kernel, Slice
from simulator.machine.memory import MemoryGroup
from simulator.machine.pagecache import Cache
from simulator.machine.virtual_machine import VirtualMachine, guests_on

if TYPE_CHECKING:
    from simulator.world.world import World

Owner = Kernel | Slice | Container | VirtualMachine | None


class _Spot(NamedTuple):
    """Where a cgroup stands, and whose it is."""

    group: CpuGroup
    owner: Owner
    kind: str
    ends: tuple[bool, ...]


# --- kernels --------------------------------------------------------------------------------------


def kernels(world: World, place: Place) -> Listing:
    """All kernels, each followed by those of the machines that run on it."""
    keys = [f"kernel/{one.name}" for one in finding.machines(world)]
    return Listing(keep(keys, place.filter), partial(_kernel, world))


def _kernel(world: World, key: str) -> KernelFacts | None:
    machine = world.machines.get(key.partition("/")[2])
    if machine is None:
        return None
    kernel, hardware = machine.kernel, machine.hardware
    falls = sum(one.running for one in kernel.all_containers()) if machine.up else 0
    owner = kernel.owner
    return KernelFacts(
        key, machine.name, "vm" if isinstance(machine, VirtualMachine) else "host",
        _depth(machine), kernel.version, kernel.os, kernel.state,
        len(kernel.containers), len(kernel.vms),
        world.sampler.cpu_cores(machine), float(hardware.cores),
        kernel.memory.resident, hardware.memory_bytes,
        processes.on_kernel(kernel), processes.table_size(kernel), falls,
        owner.name if owner is not None else "",
    )  # fmt: skip


def _depth(machine: Machine) -> int:
    depth = 0
    while isinstance(machine, VirtualMachine):
        machine, depth = machine.on, depth + 1
    return depth


def way_to(machine: Machine) -> tuple[str, ...]:
    """The machines down to one, in words."""
    if isinstance(machine, VirtualMachine):
        return (*way_to(machine.on), f"vm {machine.name}")
    return (f"host {machine.name}",)


def machine_of(world: World, name: str) -> Machine:
    """The machine of a name; unknown where there is none."""
    found = world.machines.get(name)
    if found is None:
        raise unknown("machine", name, world.machines)
    return found


# --- the cgroups of one ---------------------------------------------------------------------------


def cgroups(world: World, place: Place) -> Listing:
    """The tree of cgroups of the kernel ``within``: those in which something runs."""
    machine = machine_of(world, place.within)
    tree = _Tree(world, machine)
    keys = keep(list(tree.spots), place.filter, tree.words)
    crumbs = (*way_to(machine), f"kernel {machine.kernel.version}")
    return Listing(keys, tree.row, _kernel(world, f"kernel/{machine.name}"), crumbs)


class _Tree:
    """The cgroups of one kernel as of one instant."""

    def __init__(self, world: World, machine: Machine) -> None:
        self.world, self.machine = world, machine
        self.kernel = machine.kernel
        self.cache = Cache(machine.kernel)
        self.spots: dict[str, _Spot] = {}
        self._shares: dict[CpuGroup, dict[CpuGroup, float]] = {}
        owners: dict[CpuGroup, tuple[str, str, Owner]] = {}
        for one in containers_on(self.kernel):
            if one.state in ("running", "paused"):
                owners[one.cpu] = (f"container/{one.id}", "container", one)
        for vm in guests_on(self.kernel):
            if vm.kernel.state in ("running", "booting"):
                owners[vm.group] = (f"vm/{vm.name}", "vm", vm)
        for part in self.kernel.slices.values():
            owners[part.cpu] = (f"slice/{part.name}", "slice", part)
        self._owners = owners
        self.spots["root/"] = _Spot(self.kernel.cpu, self.kernel, "root", ())
        self._walk(self.kernel.cpu, ())

    def _walk(self, group: CpuGroup, ends: tuple[bool, ...]) -> None:
        below = list(self._children(group))
        for number, child in enumerate(below):
            key, kind, owner = self._owners.get(child, (f"slice/{child.name}", "slice", None))
            spot = _Spot(child, owner, kind, (*ends, number == len(below) - 1))
            self.spots[key] = spot
            self._walk(child, spot.ends)

    def _children(self, group: CpuGroup) -> Iterator[CpuGroup]:
        """Groups below one in which something runs, or could."""
        return (one for one in group.children if one in self._owners or one.children)

    def words(self, key: str) -> str:
        """What a row is found by."""
        spot = self.spots[key]
        return f"{spot.kind} {_name(spot)}"

    # --- one row ----------------------------------------------------------------------------------

    def row(self, key: str) -> CgroupFacts:
        """A cgroup as values."""
        spot = self.spots[key]
        group, owner = spot.group, spot.owner
        head = key, spot.kind, _name(spot), spot.ends
        if isinstance(owner, Container):
            return self._container(head, group, owner)
        used = self._used(spot)
        anon, file, swap, limit, pids = self._charged(spot)
        bound = group.limit if isfinite(group.limit) else None
        state = "running" if self.machine.up else self.kernel.state
        return CgroupFacts(
            *head, state, group.weight, self._share(group), used, bound,
            anon=anon, file=file, swap=swap, memory_limit=limit, pids=pids,
        )  # fmt: skip

    def _container(
        self, head: tuple[str, str, str, tuple[bool, ...]], group: CpuGroup, one: Container
    ) -> CgroupFacts:
        sample, quota, limits = self.world.sampler.containers.get(one), one.throttling(), one.limits
        held, cached = one.memory.resident, self.cache.of(one)
        stacks = min(held, one.bomb_processes * processes.STACK_BYTES)
        shared = min(held - stacks, sum(space.used_bytes for space in one.memory_spaces))
        known = sample is not None and one.running
        return CgroupFacts(
            *head, one.state, group.weight, self._share(group),
            sample.cpu_cores if known and sample else 0.0, limits.cpus,
            quota.nr_periods, quota.nr_throttled, quota.throttled_s,
            sample.throttled if known and sample else 0.0,
            held - stacks - shared, cached, stacks, shared, one.memory.swapped,
            limits.memory_bytes, processes.of_container(one), limits.pids,
        )  # fmt: skip

    def _used(self, spot: _Spot) -> float:
        sampler, owner = self.world.sampler, spot.owner
        if spot.kind == "root":
            return sampler.cpu_cores(self.machine)
        if isinstance(owner, VirtualMachine):
            return sampler.cpu_cores(owner)
        samples = (sampler.containers.get(one) for one in self._inside(spot.group))
        return sum(one.cpu_cores for one in samples if one is not None)

    def _inside(self, group: CpuGroup) -> Iterator[Container]:
        """Containers in and below a group."""
        owner = self._owners.get(group)
        if owner is not None and isinstance(owner[2], Container):
            yield owner[2]
        for child in group.children:
            yield from self._inside(child)

    def _charged(self, spot: _Spot) -> tuple[int, int, int, int | None, int]:
        """Bytes of processes, of files, in swap; the limit; and how many processes."""
        owner = spot.owner
        if isinstance(owner, Kernel):
            memory, limit = owner.memory, self.machine.hardware.memory_bytes
            count = processes.on_kernel(owner)
            return memory.resident, self.cache.size_bytes, memory.swapped, limit, count
        inside = list(self._inside(spot.group))
        pids = sum(processes.of_container(one) for one in inside)
        files = sum(self.cache.of(one) for one in inside)
        if isinstance(owner, VirtualMachine):
            memory = owner.memory
            return memory.resident, 0, memory.swapped, None, 2 + owner.hardware.cores
        if isinstance(owner, Slice):
            memory = owner.memory
            return memory.resident, files, memory.swapped, _limit(memory), pids
        held = sum(one.memory.resident for one in inside)
        return held, files, sum(one.memory.swapped for one in inside), None, pids

    def _share(self, group: CpuGroup) -> float:
        """Cores of its parent's that are its own when all siblings want all they may have."""
        cores = float(self.machine.hardware.cores)
        if group.parent is None or group is self.kernel.cpu:
            return min(cores, group.limit)
        found = self._shares.get(group.parent)
        if found is None:
            found = self._shares[group.parent] = self._divided(group.parent)
        return found.get(group, 0.0)

    def _divided(self, parent: CpuGroup) -> dict[CpuGroup, float]:
        there = self._share(parent)
        siblings = list(self._children(parent))
        wants = [min(there, self._most(one)) for one in siblings]
        shares = weighted_shares(there, wants, [one.weight for one in siblings])
        return dict(zip(siblings, shares, strict=True))

    def _most(self, group: CpuGroup) -> float:
        owner = self._owners.get(group)
        one = owner[2] if owner is not None else None
        quota = one.limits.cpus if isinstance(one, Container) else None
        return min(group.limit, inf if quota is None else quota)


def _limit(memory: MemoryGroup) -> int | None:
    most = memory.bounds.max_bytes
    return int(most) if isfinite(most) else None


def _name(spot: _Spot) -> str:
    owner = spot.owner
    if isinstance(owner, Kernel):
        return "/"
    return spot.group.name if owner is None else owner.name
