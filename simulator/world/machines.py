"""Commands on hosts and virtual machines."""

from __future__ import annotations

from simulator.errors import InputError, Refused, unknown
from simulator.image.model import Platform
from simulator.machine.container import containers_below
from simulator.machine.events import HostCreated, HostRemoved
from simulator.machine.host import Hardware, Host, Machine
from simulator.machine.runtimes import full_name, hypervisors, runtime
from simulator.machine.shortage import relieve
from simulator.machine.software import read as read_software
from simulator.machine.virtual_machine import VirtualMachine, guests_on
from simulator.machine.weights import MAPPINGS, io_weight_from_blkio, weight_from_shares
from simulator.node.names import check_name
from simulator.units import format_binary_bytes
from simulator.world import chance
from simulator.world.commands import CreateHost, CreateVm, RemoveHost, RemoveVm, UseMachine
from simulator.world.endings import break_off, end_everything
from simulator.world.fleet import Fleet
from simulator.world.jobs import Job, Jobs, Reply
from simulator.world.machine_facts import MachineUsed

MAX_CORES = 4096
MAX_MEMORY_BYTES = 64 << 40


def _within(what: str, value: float, low: float, high: float) -> None:
    if not low <= value <= high:
        raise InputError(f"{what} out of range", found=value, expected=f"{low:g} to {high:g}")


def _room(what: str, size_bytes: int, low: int, high: int) -> None:
    if not low <= size_bytes <= high:
        wanted = f"{format_binary_bytes(low)} to {format_binary_bytes(high)}"
        raise InputError(
            f"{what} out of range", found=format_binary_bytes(size_bytes), expected=wanted
        )


def _new_name(fleet: Fleet, what: str, name: str) -> None:
    check_name(what, name)
    if name in fleet.machines:
        raise Refused(f"there is already a machine named {name}")


def create_host(fleet: Fleet, command: CreateHost, *, kvm: bool = True) -> Reply:
    """A host joins; the first one becomes the current machine. ``kvm``: it has ``/dev/kvm``."""
    _new_name(fleet, "host", command.name)
    _within("cores", command.cores, 1, MAX_CORES)
    _room("memory", command.memory_bytes, 64 << 20, MAX_MEMORY_BYTES)
    _room("disk", command.disk_bytes, 1 << 20, 1 << 60)
    _within("disk rate", command.disk_bytes_s, 1.0, 1e12)
    _within("network rate", command.nic_bytes_s, 1.0, 1e12)
    _within("processors", command.sockets, 1, min(16, command.cores))
    iops = command.disk_iops
    if iops is None:
        iops = fleet.parts.calibration.value("io.native.felter_iops")
    _within("disk operations per second", iops, 1.0, 1e9)
    _room("swap", command.swap_bytes, 0, MAX_MEMORY_BYTES)
    chance.check_times(command.mtbf_s, command.mttr_s)
    if command.weight_mapping not in ("", *MAPPINGS):
        raise unknown("weight mapping", command.weight_mapping, MAPPINGS)
    _within("price", command.price_per_hour, 0.0, 1e6)
    software = read_software(command.software)
    platform = Platform.parse(f"{command.os}/{command.architecture}")
    hardware = Hardware(
        command.cores,
        command.memory_bytes,
        command.disk_bytes,
        command.disk_bytes_s,
        command.nic_bytes_s,
        platform.architecture,
        platform.os,
        iops,
        command.sockets,
        command.swap_bytes,
        command.weight_mapping,
        kvm,
    )
    host = Host(
        command.name,
        fleet.parts,
        hardware,
        kernel_version=command.kernel_version,
        region=command.region,
        price_per_hour=command.price_per_hour,
    )
    host.software = software
    host.speed = chance.draw_speed(fleet.parts, command.name, command.speed_spread)
    fleet.add(host)
    chance.fail_by_rate(fleet, host, command.mtbf_s, command.mttr_s)
    fleet.parts.sim.emit(HostCreated(command.name, command.cores, command.memory_bytes))
    return Reply((command.name,))


def _delete(fleet: Fleet, machine: Machine) -> None:
    """Forget a machine and what is on it, once its containers have ended."""
    for container in containers_below(machine.kernel):
        if container.running or container.state == "restarting":
            container.when_over(_delete, fleet, machine)
            return
    for container in containers_below(machine.kernel):
        fleet.node_of(container).forget(container)
    for kernel in list(machine.kernel.below())[::-1]:
        for vm in guests_on(kernel):
            vm.remove()
            fleet.drop(vm)
    if isinstance(machine, VirtualMachine):
        machine.remove()
    fleet.drop(machine)


def remove_host(fleet: Fleet, command: RemoveHost) -> Reply:
    """A host leaves with everything on it."""
    machine = fleet.machine(command.name)
    if not isinstance(machine, Host):
        raise Refused(f"{command.name} is a VM; remove it with: vm rm {command.name}")
    break_off(machine)
    end_everything(machine, "host removed")
    fleet.gone_cost += (fleet.now - machine.created_at) / 3600.0 * machine.price_per_hour
    machine.evicting.set(False)
    machine.switch_off()
    fleet.parts.sim.at(fleet.now, _delete, fleet, machine)
    fleet.parts.sim.emit(HostRemoved(command.name))
    return Reply((command.name,))


def create_vm(fleet: Fleet, jobs: Jobs, command: CreateVm) -> Reply:
    """A VM boots on a machine; the job ends when its own kernel runs."""
    _new_name(fleet, "VM", command.name)
    on = fleet.machine(command.machine)
    on.need_up()
    _within("vCPUs", command.vcpus, 1, MAX_CORES)
    _room("memory", command.memory_bytes, 64 << 20, MAX_MEMORY_BYTES)
    if command.os not in ("linux", "windows"):
        raise unknown("operating system", command.os, ("linux", "windows"))
    chance.check_times(command.mtbf_s, None)
    speed = chance.draw_speed(fleet.parts, command.name, command.speed_spread)
    software = read_software(command.software)
    if full_name(command.hypervisor) not in hypervisors():
        raise unknown("hypervisor", command.hypervisor, hypervisors())
    hypervisor = runtime(command.hypervisor, fleet.parts.calibration)
    if command.os == "windows" and not hypervisor.windows:
        raise Refused(f"{hypervisor.name} boots no Windows: use --hypervisor qemu")
    on, shared = _beneath(fleet, command, on)
    cpu_weight, io_weight = _weights(on, command)
    if command.disk_bytes is not None:
        _room("disk", command.disk_bytes, 1 << 20, on.hardware.disk_bytes)
    vm = VirtualMachine(
        command.name,
        on,
        cpu_weight=cpu_weight,
        io_weight=io_weight,
        part_of=shared,
        vcpus=command.vcpus,
        memory_bytes=command.memory_bytes,
        hypervisor=command.hypervisor,
        kernel_version=command.kernel_version or "",
        os=command.os,
        nested=command.nested,
        disk_bytes=command.disk_bytes,
    )
    vm.software = software
    vm.speed = speed * on.speed
    fleet.add(vm)
    chance.fail_by_rate(fleet, vm, command.mtbf_s, None)
    job = jobs.new(f"boot {command.name}")
    _switch_on(vm)
    vm.settled.when(_booted, vm, job)
    vm.boot()
    return Reply((command.name, *vm.warnings), job)


def _switch_on(vm: VirtualMachine) -> None:
    """It takes memory: whoever is too much on the machine beneath is killed, it itself perhaps."""
    short = vm.power_on()
    if short is not None:
        relieve(vm.on, short)


def _weights(on: Machine, command: CreateVm) -> tuple[float, float]:
    """The weights of a VM's cgroup, as they would be a container's."""
    cpu_weight = io_weight = 100.0
    if command.cpu_shares:
        cpu_weight = float(weight_from_shares(command.cpu_shares, on.weight_mapping))
    if command.blkio_weight:
        io_weight = float(io_weight_from_blkio(command.blkio_weight))
    return cpu_weight, io_weight


def _beneath(fleet: Fleet, command: CreateVm, on: Machine) -> tuple[Machine, VirtualMachine | None]:
    """What a VM is put on: a machine, or the guest whose kernel it shares with others."""
    if runtime(command.hypervisor, fleet.parts.calibration).kernel != "shared":
        return on, None
    name = f"{on.name}-shared"
    found = fleet.machines.get(name)
    if isinstance(found, VirtualMachine):
        if command.kernel_version not in (None, found.kernel.version):
            raise Refused(
                f"{command.name} would share the kernel of {name}, which is {found.kernel.version}"
            )
        return found, found
    _within("vCPUs", command.vcpus, 1, on.hardware.cores)
    _room("memory", command.memory_bytes, 64 << 20, on.hardware.memory_bytes)
    kernel = VirtualMachine(
        name,
        on,
        vcpus=on.hardware.cores,
        memory_bytes=on.hardware.memory_bytes,
        hypervisor="qemu-bios",
        kernel_version=command.kernel_version or "",
        os=command.os,
    )
    fleet.add(kernel)
    _switch_on(kernel)
    kernel.boot()
    return kernel, kernel


def _booted(vm: VirtualMachine, job: Job) -> None:
    job.finish(None if vm.up else f"{vm.name} was switched off while it booted")


def remove_vm(fleet: Fleet, command: RemoveVm) -> Reply:
    """A VM is switched off and deleted."""
    machine = fleet.machine(command.name)
    if not isinstance(machine, VirtualMachine):
        raise Refused(f"{command.name} is a host; remove it with: host rm {command.name}")
    if machine.owner:
        raise Refused(
            f"{machine.name} belongs to container {machine.owner}; it goes with: "
            f"docker rm -f {machine.owner}"
        )
    break_off(machine)
    end_everything(machine, "VM removed")
    machine.switch_off()
    fleet.parts.sim.at(fleet.now, _delete, fleet, machine)
    return Reply((command.name,))


def use(fleet: Fleet, command: UseMachine) -> Reply:
    """Later commands mean this machine."""
    machine = fleet.machine(command.name)
    fleet.current = machine.name
    return Reply((MachineUsed(machine.name),))
