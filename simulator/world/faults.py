"""Making things break: what falls is everything below what broke."""

from __future__ import annotations

from collections.abc import Callable

from simulator.errors import InputError, Refused, unknown
from simulator.machine.charges import BOMBS, DEFAULT_RATES, bomb
from simulator.machine.daemon import come_back
from simulator.machine.events import HostLostPower, KernelPanicked
from simulator.machine.host import Host, Machine
from simulator.machine.restart import UNSEEN
from simulator.machine.virtual_machine import VirtualMachine, guests_below
from simulator.world.commands import InjectFault
from simulator.world.endings import end_everything
from simulator.world.events import FaultInjected
from simulator.world.fleet import Fleet
from simulator.world.jobs import Reply
from simulator.world.machine_facts import Broken

HOT = 2.0
"""How many times slower a processor runs that is too hot, when nothing is said."""
HOTTEST = 100.0
WITH_AMOUNT = ("hang", "throttle", *DEFAULT_RATES)
"""Faults of which there can be more or less."""


def inject(fleet: Fleet, command: InjectFault) -> Reply:
    """Break something by name."""
    action = KINDS.get(command.kind)
    if action is None:
        raise unknown("fault", command.kind, KINDS)
    if command.amount is not None and command.kind not in WITH_AMOUNT:
        raise InputError(
            f"fault {command.kind} has no amount",
            found=f"{command.amount:g}",
            expected=f"one of those that have: {', '.join(WITH_AMOUNT)}",
        )
    return Reply((action(fleet, command),))


def _crash(fleet: Fleet, command: InjectFault) -> Broken:
    container = fleet.container(command.target)
    if not container.running:
        raise Refused(f"container {container.name} is not running")
    fleet.parts.sim.emit(FaultInjected(container.name, "crash"))
    container.crash(1)
    return Broken("crash", container.name)


def _oom(fleet: Fleet, command: InjectFault) -> Broken:
    container = fleet.container(command.target)
    if not container.running:
        raise Refused(f"container {container.name} is not running")
    fleet.parts.sim.emit(FaultInjected(container.name, "oom"))
    container.out_of_memory(container.memory)
    return Broken("oom", container.name)


def _hang(fleet: Fleet, command: InjectFault) -> Broken:
    container = fleet.container(command.target)
    if container.state != "running":
        raise Refused(f"container {container.name} is not running")
    if command.amount not in (None, 0):
        raise InputError(
            "amount of fault hang", found=f"{command.amount:g}", expected="0: it goes on"
        )
    hangs = command.amount != 0
    if hangs == container.hung:
        state = "hangs already" if hangs else "does not hang"
        raise Refused(f"the program in container {container.name} {state}")
    container.stand_still(hangs)
    fleet.parts.sim.emit(FaultInjected(container.name, "hang" if hangs else "goes on"))
    return Broken("hang", container.name, command.amount)


def _machine(fleet: Fleet, command: InjectFault) -> Machine:
    name = command.target
    if name not in fleet.machines and name in fleet.containers:
        kernel = fleet.containers[name].machine
        raise Refused(
            f"{name} is a container and has no kernel of its own: it runs on that of {kernel.name}"
        )
    return fleet.machine(name)


def _panic(fleet: Fleet, command: InjectFault) -> Broken:
    machine = _machine(fleet, command)
    machine.need_up()
    while machine.kernel.owner is not None and isinstance(machine, VirtualMachine):
        # It only shares the kernel of the guest that it lies in: that one falls.
        machine = machine.on
    vms = sum(vm.kernel.state in ("running", "booting") for vm in guests_below(machine.kernel))
    fleet.parts.sim.emit(FaultInjected(machine.name, "panic"))
    count = end_everything(machine, "kernel panic", UNSEEN)
    take_down(machine, "panicked")
    fleet.parts.sim.emit(KernelPanicked(machine.name, count, vms))
    return Broken("panic", machine.name, containers=count, vms=vms)


def _power(fleet: Fleet, command: InjectFault) -> Broken:
    machine = _machine(fleet, command)
    if not isinstance(machine, Host):
        raise Refused(f"{machine.name} is a VM; only a host can lose power (try: fault panic)")
    machine.need_up()
    fleet.parts.sim.emit(FaultInjected(machine.name, "power"))
    count = end_everything(machine, "power lost", UNSEEN)
    take_down(machine, "off")
    fleet.parts.sim.emit(HostLostPower(machine.name, count))
    return Broken("power", machine.name, containers=count)


def _throttle(fleet: Fleet, command: InjectFault) -> Broken:
    machine = _machine(fleet, command)
    if not isinstance(machine, Host):
        raise Refused(f"{machine.name} is a VM; only a host has processors that grow hot")
    machine.need_up()
    heat = HOT if command.amount is None else command.amount
    if not 1.0 <= heat <= HOTTEST:
        raise InputError("amount", found=heat, expected=f"1 (cool again) to {HOTTEST:g} times")
    fleet.parts.sim.emit(FaultInjected(machine.name, "throttle"))
    machine.tenancy.warm(heat)
    return Broken("throttle", machine.name, heat)


def _recover(fleet: Fleet, command: InjectFault) -> Broken:
    machine = _machine(fleet, command)
    if not isinstance(machine, Host):
        raise Refused(f"{machine.name} is a VM; create it again with: vm create")
    if machine.up:
        raise Refused(f"{machine.name} is running")
    return Broken("recover", machine.name, containers=up_again(fleet, machine))


def up_again(fleet: Fleet, machine: Machine) -> int:
    """It runs the kernel that was installed; how many containers its daemon starts by itself."""
    machine.kernel.began(machine.parts.sim.now)
    machine.kernel.version = machine.next_kernel
    back = come_back(machine)
    fleet.machine_up(machine)
    return len(back)


def _bomb(fleet: Fleet, command: InjectFault) -> Broken:
    """A bomb goes off in a container, within the container's limits."""
    container = fleet.container(command.target)
    charge = bomb(command.kind, command.amount)
    container.detonate(charge)
    fleet.parts.sim.emit(FaultInjected(container.name, command.kind))
    return Broken(command.kind, container.name, command.amount)


def take_down(machine: Machine, state: str) -> None:
    """It stops, once its containers have died."""
    # Whatever it and the machines inside it fetch or send breaks off with them.
    fallen = [machine, *guests_below(machine.kernel)]
    for one in fallen:
        one.images.stop(f"{one.name} went down")
    machine.switch_off(state)


KINDS: dict[str, Callable[[Fleet, InjectFault], Broken]] = {
    "crash": _crash,
    "oom": _oom,
    "hang": _hang,
    "panic": _panic,
    "power": _power,
    "throttle": _throttle,
    "recover": _recover,
    **dict.fromkeys(BOMBS, _bomb),
}
