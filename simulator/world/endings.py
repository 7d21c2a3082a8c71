"""What ends with a machine: its containers, its virtual machines, its transfers."""

from __future__ import annotations

from simulator.machine.host import Machine


def end_everything(machine: Machine, reason: str) -> int:
    """All containers on a machine and on the VMs in it die at once; VMs go off. Counts them."""
    dying = [one for one in machine.kernel.all_containers() if one.running]
    for container in machine.kernel.all_containers():
        container.crash(137, reason)
    for vm in [vm for kernel in machine.kernel.below() for vm in kernel.vms.values()]:
        vm.switch_off()
    return len(dying)


def break_off(machine: Machine) -> None:
    """Whatever a machine and the machines inside it fetch or send ends with them."""
    inside = [vm for kernel in machine.kernel.below() for vm in kernel.vms.values()]
    for one in (machine, *inside):
        one.images.stop(f"{one.name} went down")
