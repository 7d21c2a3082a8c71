"""Memory tricks for virtual machines: the balloon, and merging of equal pages.

Both give the host memory back that guests hold and do not need. Sources: Waldspurger, OSDI 2002
(ballooning, sharing); Arcangeli, Eidus & Wright, OLS 2009 (KSM). What ksmd costs in CPU and what
a guest pays when it needs a page back are not modelled.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from simulator.machine.interference import balloon_bytes, ksm_saved_at
from simulator.machine.memory import MemoryGroup
from simulator.machine.pagecache import cached_bytes
from simulator.machine.runtimes import MIB

if TYPE_CHECKING:
    from simulator.machine.kernel import Machine, VirtualMachine


class Switch:
    """Something that is off, or on since a time."""

    __slots__ = ("since",)

    def __init__(self) -> None:
        self.since: float | None = None

    @property
    def on(self) -> bool:
        """Whether it is on."""
        return self.since is not None

    def set(self, on: bool, now: float) -> None:
        """Turn it on or off; on again changes nothing."""
        if not on:
            self.since = None
        elif self.since is None:
            self.since = now


def concern(machine: Machine) -> bool:
    """Whether a trick is on, or was and has to be taken back."""
    merged = machine.merged is not None and machine.merged.own_bytes != 0
    balloons = (vm.ballooning.on or vm.deflated for vm in machine.kernel.vms.values())
    return machine.merging.on or merged or any(balloons)


def settle(machine: Machine) -> None:
    """Bring what the tricks have given back up to now."""
    if machine.merging.since is not None or machine.merged is not None:
        merge(machine)
    for vm in machine.kernel.vms.values():
        if vm.ballooning.since is not None or vm.deflated:
            deflate(vm)


def deflate(vm: VirtualMachine) -> None:
    """Charge the host for what a guest with a balloon still holds."""
    since = vm.ballooning.since
    if vm.kernel.state != "running":
        return
    given = vm.hardware.memory_bytes
    held = vm.touched_bytes if vm.grows else given
    if since is not None:
        calibration, now = vm.parts.calibration, vm.parts.sim.now
        free = max(0, held - vm.kernel.memory.usage - cached_bytes(vm.kernel))
        rate = calibration.value("memory.balloon.rate_mib_per_s") * MIB
        held -= round(balloon_bytes(free, free, now - since, rate))
    vm.deflated = since is not None
    vm.memory.set_own(held + vm.overhead_bytes)


def merge(machine: Machine) -> None:
    """Uncharge a machine of the equal pages of the guests on it."""
    since, kernel = machine.merging.since, machine.kernel
    if since is None:
        if machine.merged is not None:
            machine.merged.set_own(0)
        return
    guests = [vm for vm in kernel.vms.values() if vm.kernel.state == "running"]
    saved = 0.0
    if guests:
        mean = sum(vm.kernel.memory.usage for vm in guests) / len(guests)
        calibration = machine.parts.calibration
        share = calibration.value("memory.ksm.shareable")
        elapsed = machine.parts.sim.now - since
        saved = ksm_saved_at(elapsed, share, mean, len(guests), calibration)
    if machine.merged is None:
        machine.merged = MemoryGroup("merged pages", parent=kernel.memory)
    machine.merged.set_own(-round(saved))
