"""Virtual machines: machines inside a kernel, to which they are a cgroup and a charge."""

from __future__ import annotations

from dataclasses import replace
from typing import cast

from simulator.engine import Moment
from simulator.errors import InputError, Refused
from simulator.machine.costs import Costs
from simulator.machine.cpu.share import CpuGroup
from simulator.machine.devices import Devices
from simulator.machine.events import (
    VmBooted,
    VmRemoved,
    VmStageEnded,
)
from simulator.machine.hardware import Hardware
from simulator.machine.host import Host, Machine
from simulator.machine.kernel import Kernel
from simulator.machine.kernel import VirtualMachine as Guest
from simulator.machine.memory import MemoryGroup
from simulator.machine.pagecache import cached_bytes
from simulator.machine.runtimes import Runtime, memory_overhead, runtime, start_time
from simulator.machine.shortage import relieve
from simulator.machine.sockets import place
from simulator.machine.starts import StartStage
from simulator.machine.tricks import Switch
from simulator.machine.virtualisation import need_kvm, need_monitor, need_nesting
from simulator.units import format_binary_bytes


class VirtualMachine(Machine):
    """Hardware inside a kernel: its vCPUs are one group there, its memory one charge.

    It boots in stages; until then commands to it are refused.
    """

    def __init__(
        self,
        name: str,
        on: Machine,
        *,
        vcpus: int,
        memory_bytes: int,
        hypervisor: str,
        os: str,
        kernel_version: str = "",
        nested: bool = False,
        disk_bytes: int | None = None,
        owner: str = "",
        part_of: VirtualMachine | None = None,
        cpu_weight: float = 100.0,
        io_weight: float = 100.0,
    ) -> None:
        """``kernel_version``: by default what the hypervisor's guests have. ``nested``: virtual
        machines can run in it. ``owner``: the container that it was made for. ``part_of``: the
        guest whose kernel it shares. The weights are those of its cgroup on the kernel beneath,
        100 being normal. It is switched off."""
        self.on = on
        self.owner = owner
        self.runtime: Runtime = runtime(hypervisor, on.parts.calibration)
        if not self.runtime.has_own_kernel:
            raise Refused(f"'{hypervisor}' is not a hypervisor: it is a {self.runtime.kind}")
        need_monitor(on, self.runtime)
        (need_nesting if nested else need_kvm)(on, self.runtime)
        overhead = memory_overhead(self.runtime, memory_bytes)
        self.overhead_bytes = overhead.outside_bytes
        self.grows = not self.runtime.takes_all
        """Whether the host pays only for memory that the guest has touched."""
        self.touched_bytes = overhead.guest_kernel_bytes + overhead.userland_bytes
        if self.touched_bytes > memory_bytes:
            raise InputError(
                f"memory of VM {name} is less than its kernel and user space need",
                found=format_binary_bytes(memory_bytes),
                expected=f"at least {format_binary_bytes(self.touched_bytes)}",
            )
        most = on.hardware.memory_bytes + on.hardware.swap_bytes
        if memory_bytes > most:
            raise Refused(
                f"VM {name} with {format_binary_bytes(memory_bytes)} is larger than {on.name}, "
                f"which has {format_binary_bytes(most)}: cannot set up guest memory"
            )
        room = on.kernel.memory.limit_bytes - on.kernel.memory.usage
        if not self.grows and memory_bytes + self.overhead_bytes > room:
            raise Refused(
                f"VM {name} needs {format_binary_bytes(memory_bytes + self.overhead_bytes)} on "
                f"{on.name} at once ({self.runtime.name} gives a guest all its memory when it "
                f"starts), but {format_binary_bytes(max(0, room))} are free"
            )
        self.group = CpuGroup(
            f"{name}.vm", parent=on.kernel.cpu, weight=cpu_weight, limit=float(vcpus)
        )
        self.memory = MemoryGroup(f"{name}.vm", parent=on.kernel.memory)
        hardware = Hardware(
            vcpus,
            memory_bytes,
            on.hardware.disk_bytes if disk_bytes is None else disk_bytes,
            on.hardware.disk_bytes_s,
            on.hardware.nic_bytes_s,
            on.hardware.architecture,
            os,
            on.hardware.disk_iops,
            weight_mapping=on.hardware.weight_mapping,
            kvm=nested,
        )
        guest_memory = MemoryGroup(name, limit_bytes=memory_bytes)
        self._fresh_bytes = self.touched_bytes
        """What its kernel and user space hold as soon as it runs."""
        guest_memory.backing = self._touch
        kernel = Kernel(
            name,
            part_of.kernel.version
            if part_of is not None
            else kernel_version or self.runtime.kernel_version,
            os,
            self.group,
            guest_memory,
            "off",
            pid_max=on.kernel.pid_max,
        )
        kernel.owner = part_of.kernel if part_of is not None else None
        super().__init__(name, on.parts, hardware, kernel, on.nic, on.disk)
        self.devices = Devices(name, on.devices)
        self.devices.weigh(io_weight)
        self.costs = self._costs(on)
        self.stage = "off"
        self.ballooning = Switch()
        self.deflated = False
        self.socket: int | None = None
        """The processor that its vCPUs are kept on; None: they wander."""
        self.created_at = on.parts.sim.now
        self.booted_at: float | None = None
        self.settled = Moment(on.parts.sim)
        """When its kernel runs, or it was switched off before."""
        self._stages: list[tuple[str, float]] = []
        self._stage_end: StartStage | None = None
        self._stage_began = 0.0
        self._boot_began = 0.0
        on.kernel.vms[name] = self

    def weigh(self, cpu_weight: float, io_weight: float) -> None:
        """Change the weights of its cgroup; the caller has disturbed the host."""
        self.group.weight = cpu_weight
        self.devices.weigh(io_weight)

    def _costs(self, on: Machine) -> Costs:
        """What its boundary adds to those beneath; nothing where it shares the guest's kernel."""
        if self.kernel.owner is not None:
            return on.costs
        if not isinstance(on, VirtualMachine):
            return self.runtime.costs.inside(on.costs)
        # Virtualisation in virtualisation: each exit of this guest is several of the outer one.
        known = on.parts.calibration
        costs = self.runtime.costs.inside(on.costs, known.value("cpu.nested.exit_factor"))
        slower = known.value("cpu.nested.user_factor")
        return replace(costs, user_factor=costs.user_factor * slower)

    def power_on(self) -> MemoryGroup | None:
        """Take the memory and begin to boot; the group that this brings over its limit."""
        self.kernel.memory.set_own(self._fresh_bytes)
        self.kernel.state = "booting"
        self.stage = "waiting"
        self.settled = Moment(self.parts.sim)
        self.touched_bytes = self.kernel.memory.usage
        if not isinstance(self.on, VirtualMachine):
            self.socket = place(self, self.host)
        held = self.touched_bytes if self.grows else self.hardware.memory_bytes
        return self.memory.set_own(held + self.overhead_bytes)

    def booted(self) -> None:
        """Its kernel runs."""
        self.kernel.began(self.parts.sim.now)
        self.stage = "running"
        self.booted_at = self.parts.sim.now

    def _touch(self, usage_bytes: int) -> MemoryGroup | None:
        """The guest uses so much: what it touches for the first time the host has to give.

        Pages of files that it keeps are touched, too; what it frees, the host does not know.
        """
        touched = min(self.hardware.memory_bytes, usage_bytes + self._cached_bytes)
        if not self.grows or touched <= self.touched_bytes:
            return None
        self.touched_bytes = touched
        if self.kernel.state in ("off", "panicked"):
            return None
        return self.memory.set_own(touched + self.overhead_bytes)

    @property
    def _cached_bytes(self) -> int:
        return cached_bytes(self.kernel) if self.kernel.hot or self.kernel.filing else 0

    def follow_cache(self) -> None:
        """Its page cache has grown by itself: the host has to give what that touched."""
        short = self._touch(self.kernel.memory.usage)
        if short is not None:
            relieve(self, short)

    @property
    def warnings(self) -> tuple[str, ...]:
        """What its monitor says of it when it starts (QEMU, ``accel/kvm/kvm-all.c``)."""
        vcpus, cores = self.hardware.cores, self.on.hardware.cores
        if vcpus <= cores:
            return ()
        return (
            f"warning: Number of SMP cpus requested ({vcpus}) exceeds the recommended cpus "
            f"supported by KVM ({cores})",
        )

    @property
    def host(self) -> Host:
        """The physical machine at the bottom."""
        return self.on.host

    @property
    def outermost_guest(self) -> Guest:
        """Itself, or the virtual machine that it runs in."""
        return self.on.outermost_guest or self

    @property
    def backing(self) -> tuple[Machine, MemoryGroup] | None:
        """The machine that it runs on, while it touches memory that it has not touched before."""
        touched = self.kernel.memory.usage + self._cached_bytes
        touches = self.grows and self.touched_bytes <= touched < self.hardware.memory_bytes
        return (self.on, self.memory) if touches else None

    def boot(self, stream: str | None = None) -> None:
        """Boot stage by stage, once the machine beneath runs; ``settled`` tells of the end.

        ``stream`` names the random stream of the times; its own by default.
        """
        stream = stream or f"boot/{self.name}"
        if isinstance(self.on, VirtualMachine) and not self.on.up:
            self.on.settled.when(self._begin_boot, self.settled, stream)
        else:
            self._begin_boot(self.settled, stream)

    def _begin_boot(self, settled: Moment, stream: str) -> None:
        if settled.come:
            return  # switched off while it waited
        self.on.starts.join()
        self._boot_began = self.parts.sim.now
        running = sum(vm.up for vm in self.on.kernel.vms.values())
        draws = self.parts.sim.streams.once_at(stream, self._boot_began)
        self._stages = start_time(self.runtime, draws, 1, running)
        self._begin_stage(0)

    def _begin_stage(self, index: int) -> None:
        self.stage, alone_s = self._stages[index]
        self._stage_began = self.parts.sim.now
        slowing = self.runtime.stages[index].slowing
        self._stage_end = self.on.starts.stage(alone_s, slowing, self._end_stage, index)

    def _end_stage(self, index: int) -> None:
        sim, (name, _) = self.parts.sim, self._stages[index]
        sim.emit(VmStageEnded(self.name, name, sim.now - self._stage_began))
        if index + 1 < len(self._stages):
            self._begin_stage(index + 1)
            return
        self._leave_stages()
        self.booted()
        sim.emit(VmBooted(self.name, sim.now - self._boot_began))
        self.settled.happen()

    def _leave_stages(self) -> None:
        if self._stage_end is not None:
            self._stage_end.cancel()
            self._stage_end = None
            self.on.starts.leave()

    def switch_off(self, state: str = "off") -> None:
        """The machine stops, and gives back its memory; the caller has ended its containers."""
        super().switch_off(state)
        self.stage = state
        self.memory.set_own(0)
        self.kernel.memory.set_own(0)
        self._leave_stages()
        self.settled.happen()

    def remove(self) -> None:
        """Take it out of the kernel that it runs on."""
        if self.kernel.state != "off":
            self.switch_off()
        self.evicting.set(False)
        self.memory.detach()
        self.group.detach()
        self.devices.remove()
        if self.on.kernel.vms.pop(self.name, None) is not None:
            self.on.kernel.used_before_s += self.kernel.used_s
            self.on.kernel.system_before_s += self.kernel.system_s
        self.parts.sim.emit(VmRemoved(self.name))


def guests_on(kernel: Kernel) -> list[VirtualMachine]:
    """The virtual machines on a kernel, whole: the kernel itself knows less of them."""
    return cast("list[VirtualMachine]", list(kernel.vms.values()))


def guests_below(kernel: Kernel) -> list[VirtualMachine]:
    """The virtual machines on a kernel and on all kernels below it, outer ones first."""
    return [vm for inner in kernel.below() for vm in guests_on(inner)]
