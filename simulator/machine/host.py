"""Machines: what they all have, and hosts. Virtual machines are in ``virtual_machine.py``."""

from __future__ import annotations

from collections.abc import Iterator
from typing import cast

from simulator.engine import Link
from simulator.errors import Refused
from simulator.image.model import Platform
from simulator.machine.conntrack import Connections
from simulator.machine.costs import NATIVE, Costs
from simulator.machine.cpu.share import CpuGroup
from simulator.machine.device_flows import DeviceFlows
from simulator.machine.devices import Devices
from simulator.machine.disk_space import DiskSpace
from simulator.machine.hardware import Hardware, Parts
from simulator.machine.housekeeping import Housekeeping
from simulator.machine.kernel import Kernel
from simulator.machine.kernel import VirtualMachine as Guest
from simulator.machine.memory import MemoryGroup
from simulator.machine.node_pressure import NodePressure
from simulator.machine.paging import Paging
from simulator.machine.software import installed
from simulator.machine.starts import Starts
from simulator.machine.tenancy import Tenancy
from simulator.machine.tricks import Switch
from simulator.machine.weights import mapping_of
from simulator.registry.client import ImageClient

__all__ = ["Hardware", "Host", "Machine", "Parts"]


def no_daemon(machine: str, state: str) -> str:
    """Why a machine that does not run answers nobody."""
    return (
        "Cannot connect to the Docker daemon at unix:///var/run/docker.sock. "
        f"Is the docker daemon running? (the kernel of {machine} is {state})"
    )


class Machine:
    """Hardware with a kernel, and the images that were pulled to it."""

    def __init__(
        self, name: str, parts: Parts, hardware: Hardware, kernel: Kernel, nic: Link, disk: Link
    ) -> None:
        self.name = name
        self.parts = parts
        self.hardware = hardware
        self.kernel = kernel
        self.nic = nic
        self.disk = disk
        self.devices: Devices
        """What its kernel divides beside its cores."""
        self.costs: Costs = NATIVE
        """What the boundaries below a process on this machine's kernel cost it."""
        self.merging = Switch()
        """Same-page merging of the virtual machines on it."""
        self.evicting = NodePressure(self)
        """Eviction of containers when memory is short, as a kubelet does it."""
        self.merged: MemoryGroup | None = None
        self.userns_remap = False
        """Whether its daemon gives new containers users of their own (``userns-remap``)."""
        self.counted: dict[str, int] = {}
        """What else its daemon says it has, by kind (``node-generic-resources``)."""
        self.software: dict[str, str] = {}
        """What is installed in another version than machines usually have, by its name."""
        self.next_kernel = kernel.version
        """The version of the kernel that it boots next."""
        self.fell_at = -1.0
        """When it was switched off last, or fell; before time began where it never was."""
        self.speed = 1.0
        """How fast its processors are, as a multiple of the nominal speed."""
        self.connections = Connections(
            parts.calibration.value("net.conntrack.entries_max"), parts.sim.now
        )
        """Its kernel's table of connections."""
        self.starts = Starts(parts.sim)
        """Container starts and VM boots under way."""
        self.space = DiskSpace(
            parts.sim,
            hardware.disk_bytes,
            hardware.disk_bytes_s,
            parts.calibration.value("io.filesystem.bytes_per_inode"),
            name,
        )
        """What its daemon keeps on its disk."""
        self.images = ImageClient(
            parts.sim,
            parts.network,
            name,
            nic_in=nic,
            disk=disk,
            platform=Platform.parse(f"{hardware.os}/{hardware.architecture}"),
            constants=parts.calibration,
        )

    @property
    def up(self) -> bool:
        """Whether commands can be given to it now."""
        return self.kernel.state == "running"

    def switch_off(self, state: str = "off") -> None:
        """The machine stops; the caller has ended its containers."""
        self.kernel.state = state
        self.fell_at = self.parts.sim.now

    @property
    def versions(self) -> tuple[tuple[str, str], ...]:
        """What is installed on it and its kernel, each with its version."""
        all_ = {**installed(), **self.software, self.kernel.os: self.kernel.version}
        return tuple(all_.items())

    @property
    def weight_mapping(self) -> str:
        """How CPU shares become weights on it."""
        return self.hardware.weight_mapping or mapping_of(
            self.software.get("runc", installed()["runc"])
        )

    def need_up(self) -> None:
        """Refuse a command while the machine does not run."""
        if not self.up:
            raise Refused(no_daemon(self.name, self.kernel.state))

    @property
    def host(self) -> Host:
        """The physical machine at the bottom."""
        raise NotImplementedError

    @property
    def outermost_guest(self) -> Guest | None:
        """The virtual machine on the host that this is, or lies in; None for the host itself."""
        return None

    @property
    def backing(self) -> tuple[Machine, MemoryGroup] | None:
        """The machine beneath and the charge there that grows with this machine's usage now."""
        return None


class Host(Machine):
    """A physical or rented machine."""

    def __init__(
        self,
        name: str,
        parts: Parts,
        hardware: Hardware,
        *,
        kernel_version: str,
        region: str = "local",
        price_per_hour: float = 0.0,
    ) -> None:
        kernel = Kernel(
            name,
            kernel_version,
            hardware.os,
            CpuGroup(name, limit=float(hardware.cores)),
            MemoryGroup(name, limit_bytes=hardware.memory_bytes + hardware.swap_bytes),
            "running",
            pid_max=int(parts.calibration.value("kernel.pids.max")),
        )
        kernel.ram_bytes = hardware.memory_bytes
        kernel.up_since = parts.sim.now
        if hardware.swap_bytes:
            kernel.memory.paging = Paging(hardware.memory_bytes, hardware.swap_bytes)
        nic = parts.network.link(f"nic/{name}", hardware.nic_bytes_s)
        disk = parts.network.link(f"disk/{name}", hardware.disk_bytes_s)
        super().__init__(name, parts, hardware, kernel, nic, disk)
        self.devices = Devices(name)
        self.devices.flows = (
            DeviceFlows(disk, hardware.disk_bytes_s, self.devices.disk, parts.fabric, parts.sim),
            DeviceFlows(nic, hardware.nic_bytes_s, self.devices.network, parts.fabric, parts.sim),
        )
        self.region = region
        self.price_per_hour = price_per_hour
        self.created_at = parts.sim.now
        self.tenancy = Tenancy(self)
        self.housekeeping = Housekeeping(self)

    @property
    def host(self) -> Host:
        """Itself."""
        return self

    def machines(self) -> Iterator[Machine]:
        """Itself and every virtual machine on it, however deep."""
        yield self
        for inner in self.kernel.below():
            yield from cast("list[Machine]", list(inner.vms.values()))
