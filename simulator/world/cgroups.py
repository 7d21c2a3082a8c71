"""Commands on inner cgroups and on a machine's memory tricks."""

from __future__ import annotations

from simulator.errors import InputError, Refused
from simulator.machine import slices
from simulator.machine.software import check_kernel, read
from simulator.machine.virtual_machine import VirtualMachine
from simulator.machine.weights import weight_from_nice
from simulator.node.kernel_settings import MOST_CONNECTIONS
from simulator.node.names import check_name
from simulator.world.commands import CreateCgroup, RemoveCgroup, TuneMachine
from simulator.world.connections import Watch
from simulator.world.facts import Fact
from simulator.world.fleet import Fleet
from simulator.world.jobs import Reply
from simulator.world.machine_facts import (
    ConnectionsBounded,
    Counted,
    KernelInstalled,
    SoftwareInstalled,
    Switched,
)


def create(fleet: Fleet, command: CreateCgroup) -> Reply:
    """An inner cgroup on a machine."""
    machine = fleet.machine(command.machine)
    machine.need_up()
    check_name("cgroup", command.name)
    weight = float(command.cpu_weight)
    if command.nice is not None:
        weight = weight_from_nice(command.nice)
    limits = slices.SliceLimits(weight, command.cpus, command.memory_bytes)
    fleet.parts.fabric.disturb_host(machine.kernel.cpu.root)
    slices.create(machine, command.name, command.parent, limits)
    return Reply((command.name,))


def remove(fleet: Fleet, command: RemoveCgroup) -> Reply:
    """An empty one goes."""
    machine = fleet.machine(command.machine)
    fleet.parts.fabric.disturb_host(machine.kernel.cpu.root)
    slices.remove(machine, command.name)
    return Reply((command.name,))


def tune(fleet: Fleet, watch: Watch, command: TuneMachine) -> Reply:
    """Balloon, same-page merging, eviction, the metrics pipeline; another kernel, software."""
    machine = fleet.machine(command.name)
    software = read(command.software)
    if command.kernel_version is not None:
        check_kernel(command.kernel_version)
    told: list[Fact] = []
    most = command.connections
    if most is not None and not 1 <= most <= MOST_CONNECTIONS:
        raise InputError("connections", found=most, expected=f"1 to {MOST_CONNECTIONS:,}")
    if command.balloon is not None:
        if not isinstance(machine, VirtualMachine):
            raise Refused(f"{machine.name} is a host: only a VM has a balloon")
        machine.ballooning.set(command.balloon, fleet.now)
        told.append(Switched("balloon", machine.name, command.balloon))
    if command.ksm is not None:
        machine.merging.set(command.ksm, fleet.now)
        told.append(Switched("ksm", machine.name, command.ksm))
    machine.host.housekeeping.wake()
    if command.evict is not None:
        machine.evicting.set(command.evict)
        told.append(Switched("evict", machine.name, command.evict))
    if command.metrics is not None:
        pipeline = fleet.nodes[machine.name].metrics
        (pipeline.subscribe if command.metrics else pipeline.unsubscribe)("tune")
        told.append(Switched("metrics", machine.name, command.metrics))
    if command.kernel_version is not None:
        machine.next_kernel = command.kernel_version
        told.append(KernelInstalled(command.kernel_version, machine.name, machine.kernel.version))
    if command.software:
        machine.software |= software
        told += [SoftwareInstalled(name, machine.name, one) for name, one in software.items()]
    if command.userns_remap is not None:
        machine.userns_remap = command.userns_remap
        told.append(Switched("userns", machine.name, command.userns_remap))
    if command.counted:
        machine.counted |= dict(command.counted)
        fleet.described(machine)
        told.append(Counted(machine.name, tuple(machine.counted.items())))
    if command.connections is not None:
        machine.connections.most = float(command.connections)
        watch.review()
        told.append(ConnectionsBounded(command.connections))
    return Reply(tuple(told) or (machine.name,))
