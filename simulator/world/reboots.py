"""Switching a machine off and on again: it comes back with the kernel that was installed."""

from __future__ import annotations

from simulator.errors import Refused
from simulator.machine.daemon import Stopping, containers_of
from simulator.machine.events import MachineRebooting
from simulator.machine.host import Machine
from simulator.machine.runtimes import runtime
from simulator.machine.virtual_machine import VirtualMachine
from simulator.world.commands import RebootMachine
from simulator.world.endings import end_everything
from simulator.world.faults import take_down, up_again
from simulator.world.fleet import Fleet
from simulator.world.jobs import Job, Jobs, Reply
from simulator.world.machine_facts import Rebooted


def reboot(fleet: Fleet, jobs: Jobs, command: RebootMachine) -> Reply:
    """Its daemon stops what runs on it, all else ends; what comes back by itself runs again."""
    machine = fleet.machine(command.name)
    machine.need_up()
    if isinstance(machine, VirtualMachine) and (machine.owner or machine.kernel.owner is not None):
        raise Refused(f"{machine.name} does not boot by itself: it goes with what it is a part of")
    job = jobs.new(f"reboot {machine.name}")
    alive = sum(one.running for one in containers_of(machine))
    fleet.parts.sim.emit(MachineRebooting(machine.name, alive))
    Stopping(machine, _Reboot(fleet, machine, job).switch_off)
    return Reply((), job)


class _Reboot:
    """One that waits until the daemon has stopped its containers."""

    def __init__(self, fleet: Fleet, machine: Machine, job: Job) -> None:
        self.fleet, self.machine, self.job = fleet, machine, job

    def switch_off(self) -> None:
        """All have ended: it goes off, and boots."""
        _switch_off(self.fleet, self.machine, self.job)


def _switch_off(fleet: Fleet, machine: Machine, job: Job) -> None:
    if not machine.up:
        job.finish(f"{machine.name} went down before it could boot again")
        return
    end_everything(machine, "reboot")
    take_down(machine, "off")
    if isinstance(machine, VirtualMachine):
        fleet.parts.sim.at(fleet.now, _power_on, fleet, machine, job)
    else:
        boot_s = runtime("qemu", fleet.parts.calibration).median_start_s
        fleet.parts.sim.at(fleet.now + boot_s, _host_up, fleet, machine, job)


def _power_on(fleet: Fleet, vm: VirtualMachine, job: Job) -> None:
    if fleet.machines.get(vm.name) is not vm or not vm.on.up:
        job.finish(f"{vm.name} did not come up again")
        return
    vm.power_on()
    vm.settled.when(_vm_up, fleet, vm, job)
    vm.boot()


def _vm_up(fleet: Fleet, vm: VirtualMachine, job: Job) -> None:
    if vm.up:
        _came(fleet, vm, job)
    else:
        job.finish(f"{vm.name} was switched off while it booted")


def _host_up(fleet: Fleet, machine: Machine, job: Job) -> None:
    if fleet.machines.get(machine.name) is not machine:
        job.finish(f"{machine.name} was removed while it booted")
    elif machine.up:
        job.finish()  # somebody switched it on before
    else:
        _came(fleet, machine, job)


def _came(fleet: Fleet, machine: Machine, job: Job) -> None:
    started = up_again(fleet, machine)
    job.lines.append(Rebooted(machine.name, machine.kernel.version, started))
    job.finish()
