"""What ends with a machine: its containers, its virtual machines, its transfers."""

from __future__ import annotations

from simulator.machine.container import containers_below
from simulator.machine.host import Machine
from simulator.machine.virtual_machine import guests_below


def end_everything(machine: Machine, reason: str, code: int = 137) -> int:
    """All containers on a machine and on the VMs in it die at once; VMs go off.

    Counts those of which nobody else keeps account.
    """
    dying = [one for one in containers_below(machine.kernel) if one.running and not one.quiet]
    for container in containers_below(machine.kernel):
        container.crash(code, reason)
    for vm in guests_below(machine.kernel):
        vm.switch_off()
    return len(dying)


def break_off(machine: Machine) -> None:
    """Whatever a machine and the machines inside it fetch or send ends with them."""
    inside = guests_below(machine.kernel)
    for one in (machine, *inside):
        one.images.stop(f"{one.name} went down")
