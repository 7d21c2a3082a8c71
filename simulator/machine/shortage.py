"""When memory runs out: which group is short, who may be killed, who is.

A group is short when its charge is over its limit: a container's own cgroup, a slice above it, a
guest's memory, or the host's. The kernel that owns the group looks at everything charged below it,
containers and monitors of virtual machines alike, and kills the highest badness (``oom.py``).
"""

from __future__ import annotations

from dataclasses import dataclass
from math import inf
from typing import TYPE_CHECKING

from simulator.machine import oom
from simulator.machine.bombs import spare
from simulator.machine.events import KernelPanicked, OomKilled
from simulator.machine.events_trouble import VmKilled
from simulator.machine.memory import MemoryGroup
from simulator.machine.restart import UNSEEN

if TYPE_CHECKING:
    from simulator.machine.kernel import Container, Machine, VirtualMachine


@dataclass(frozen=True, slots=True)
class _Victim:
    """Somebody whom the killer looks at, by what it would kill."""

    candidate: oom.Candidate
    container: Container | None = None
    vm: VirtualMachine | None = None


def relieve(machine: Machine, group: MemoryGroup) -> None:
    """Kill until ``group``, of ``machine`` or of one beneath it, is within its limit.

    Nobody to kill means a panic: the kernel has nothing left to give.
    """
    owner = _owner(machine, group)
    victims = _victims(owner, group)
    if not victims:
        return
    table = oom.scores([one.candidate for one in victims], _total(group))
    worst = oom.victim([one.candidate for one in victims], _total(group))
    if worst is None:
        panic(owner)
        return
    chosen = next(one for one in victims if one.candidate.name == worst.name)
    lines = tuple(_line(score) for score in table)
    if chosen.container is not None:
        kill(chosen.container, group, lines)
    elif chosen.vm is not None:
        _kill_vm(chosen.vm, group, lines)


def kill(container: Container, group: MemoryGroup, table: tuple[str, ...] = ()) -> None:
    """Kill one container for a shortage of ``group``; the event carries the score table.

    Where a memory bomb went off in it, only that process dies.
    """
    if container.dying or spare(container, group.name):
        return
    if not table:
        candidate = _candidate(container)
        table = tuple(_line(score) for score in oom.scores([candidate], _total(group)))
    container.oom_killed = True
    usage, limit, swapped = _had(group)
    container.sim.emit(OomKilled(container.name, group.name, usage, limit, table, swapped))
    container.crash(137, "OOMKilled")


def panic(machine: Machine) -> None:
    """A kernel that can neither give memory nor kill falls, with everything on it."""
    dying = [one for one in machine.kernel.all_containers() if one.running]
    for container in dying:
        container.crash(UNSEEN, "kernel panic")
    fallen = [vm for kernel in machine.kernel.below() for vm in kernel.vms.values()]
    for vm in fallen:
        vm.switch_off()
    machine.switch_off("panicked")
    machine.parts.sim.emit(KernelPanicked(machine.name, len(dying), len(fallen)))


def fall(vm: VirtualMachine, reason: str) -> int:
    """A virtual machine stops at once, with everything in it; how many containers died."""
    dying = [one for one in vm.kernel.all_containers() if one.running]
    for container in dying:
        container.crash(137, reason)
    for kernel in list(vm.kernel.below()):
        for inner in kernel.vms.values():
            inner.switch_off()
    vm.switch_off()
    return len(dying)


def _kill_vm(vm: VirtualMachine, group: MemoryGroup, table: tuple[str, ...]) -> None:
    usage, limit, swapped = _had(group)
    count = fall(vm, "VM killed: the host is out of memory")
    vm.parts.sim.emit(VmKilled(vm.name, group.name, usage, limit, count, table, swapped))


def _had(group: MemoryGroup) -> tuple[int, int, int]:
    """Bytes of a group in memory, its limit of those (0: none), and bytes of it in swap."""
    paging = group.paging
    if paging is not None:
        limit: float = paging.ram_bytes
    else:
        limit = min(group.limit_bytes, group.bounds.max_bytes)
    swapped = group.swapped
    # The charge that did not fit was not made.
    return int(min(limit, group.usage - swapped)), round(limit) if limit < inf else 0, swapped


def _owner(machine: Machine, group: MemoryGroup) -> Machine:
    """The machine whose memory ``group`` is a part of."""
    top = group
    while top.parent is not None:
        top = top.parent
    found = machine
    while found.kernel.memory is not top:
        beneath = getattr(found, "on", None)
        if beneath is None:
            return found
        found = beneath
    return found


def _victims(owner: Machine, group: MemoryGroup) -> list[_Victim]:
    found = [
        _Victim(_candidate(one), container=one)
        for one in owner.kernel.containers.values()
        if one.running and _within(one.memory, group)
    ]
    guests = [vm for vm in owner.kernel.vms.values() if vm.memory.usage]
    return found + [
        _Victim(oom.Candidate(vm.name, vm.memory.usage), vm=vm)
        for vm in guests
        if _within(vm.memory, group)
    ]


def _candidate(container: Container) -> oom.Candidate:
    adjustment = container.settings.oom_score_adj
    return oom.Candidate(container.name, container.memory.usage, adjustment)


def _within(inner: MemoryGroup, outer: MemoryGroup) -> bool:
    group: MemoryGroup | None = inner
    while group is not None:
        if group is outer:
            return True
        group = group.parent
    return False


def _total(group: MemoryGroup) -> int:
    """The memory that badness is a share of: what ran out."""
    if group.paging is not None and group.root.paging is not None:
        return group.paging.ram_bytes + int(group.root.paging.swap_bytes)
    return round(group.limit_bytes) if 0 < group.limit_bytes < inf else max(1, group.usage)


def _line(score: oom.Score) -> str:
    protected = " (never)" if score.immune else ""
    return (
        f"{score.name}: {score.used_permille:.0f} permille of the memory, "
        f"oom_score_adj {score.oom_score_adj:+d}, badness {score.badness:.0f}{protected}"
    )
