"""Nested cgroups between a kernel's root and its containers, and cores that cpusets share.

A slice has a weight, a ceiling in cores, and a memory limit for everything in it. Its ceiling is
what can be used at any instant; a quota by period belongs to a container.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import inf
from typing import TYPE_CHECKING

from simulator.errors import InputError, Refused, unknown
from simulator.machine.cpu.share import CpuGroup
from simulator.machine.kernel import Kernel, Slice
from simulator.machine.memory import MemoryGroup
from simulator.machine.paging import Bounds, Paging

if TYPE_CHECKING:
    from simulator.machine.kernel import Machine

MOST_DEPTH = 16
"""How deep slices may be nested; the kernel's own default is no limit."""


@dataclass(frozen=True, slots=True)
class SliceLimits:
    """What a slice allows; None is no limit."""

    cpu_weight: float = 100.0
    cpus: float | None = None
    memory_bytes: int | None = None

    def check(self, machine: Machine) -> None:
        """Refuse what the kernel would not take."""
        cores = machine.hardware.cores
        if not 1 <= self.cpu_weight <= 10_000:
            raise InputError("CPU weight", found=self.cpu_weight, expected="1 to 10000")
        if self.cpus is not None and not 0.01 <= self.cpus <= cores:
            raise InputError("range of CPUs", found=f"{self.cpus:g}", expected=f"0.01 to {cores}")
        if self.memory_bytes is not None and self.memory_bytes < 1:
            raise InputError("memory limit", found=self.memory_bytes, expected="more than 0")


def create(machine: Machine, name: str, parent: str | None, limits: SliceLimits) -> Slice:
    """A new slice on a machine; Refused for a name in use, a cycle or a parent that is not there.

    The order of creation makes a cycle impossible: a parent must exist before its child.
    """
    kernel = machine.kernel
    limits.check(machine)
    if name == parent:
        raise Refused(f"cgroup {name} cannot be its own parent: that would be a cycle")
    if name in kernel.slices:
        raise Refused(f"there is already a cgroup {name} on {machine.name}")
    above = find(kernel, parent) if parent is not None else None
    if above is not None and _depth(kernel, above) >= MOST_DEPTH:
        raise Refused(f"cgroups may be nested {MOST_DEPTH} deep")
    cpu = CpuGroup(name, parent=above.cpu if above else kernel.cpu)
    memory = MemoryGroup(name, parent=above.memory if above else kernel.memory)
    cpu.weight = float(limits.cpu_weight)
    cpu.allow(inf if limits.cpus is None else limits.cpus)
    _limit(memory, limits.memory_bytes)
    made = kernel.slices[name] = Slice(name, parent, cpu, memory)
    return made


def _limit(memory: MemoryGroup, limit_bytes: int | None) -> None:
    """What is above a limit goes to swap where there is any, and is killed for elsewhere."""
    if limit_bytes is None:
        return
    memory.bounds = Bounds(max_bytes=limit_bytes)
    if memory.root.paging is None:
        memory.limit_bytes = limit_bytes
    else:
        memory.paging = Paging(limit_bytes)


def remove(machine: Machine, name: str) -> None:
    """Take an empty slice away."""
    found = find(machine.kernel, name)
    if found.cpu.children or found.memory.children:
        raise Refused(f"cgroup {name} is not empty")
    found.cpu.detach()
    found.memory.detach()
    del machine.kernel.slices[name]


def find(kernel: Kernel, name: str) -> Slice:
    """The slice of this name."""
    if name not in kernel.slices:
        raise unknown("cgroup", name, kernel.slices)
    return kernel.slices[name]


def _depth(kernel: Kernel, one: Slice) -> int:
    depth, parent = 1, one.parent
    while parent is not None:
        depth, parent = depth + 1, kernel.slices[parent].parent
    return depth


# --- cpusets --------------------------------------------------------------------------------------


def arrange_cpusets(kernel: Kernel) -> None:
    """Let containers whose cpusets overlap share the cores of them all, and no more.

    Each is held to its own set besides. The caller has disturbed the host. Sets inside a slice are
    held to their own size only.
    """
    pinned = [
        one
        for one in kernel.containers.values()
        if one.limits.cpuset and not one.settings.cgroup_parent
    ]
    for one in pinned:
        _move(one.cpu, kernel.cpu)
    for group in [each for each in kernel.cpu.children if each.name.startswith("cpuset ")]:
        group.detach()
    for cores, members in _overlapping([(set(one.limits.cpuset), one.cpu) for one in pinned]):
        if len(members) > 1:
            name = "cpuset " + ",".join(map(str, sorted(cores)))
            weight = sum(each.weight for each in members)
            shared = CpuGroup(name, parent=kernel.cpu, weight=weight, limit=float(len(cores)))
            for each in members:
                _move(each, shared)


def _move(group: CpuGroup, parent: CpuGroup) -> None:
    group.detach()
    group.attach(parent)


def _overlapping(
    sets: list[tuple[set[int], CpuGroup]],
) -> list[tuple[set[int], list[CpuGroup]]]:
    """Sets that have cores in common, directly or through others, put together."""
    found: list[tuple[set[int], list[CpuGroup]]] = []
    for cores, group in sets:
        joined, members = set(cores), [group]
        apart = []
        for other, owners in found:
            if other & joined:
                joined |= other
                members = [*owners, *members]
            else:
                apart.append((other, owners))
        found = [*apart, (joined, members)]
    return found
