"""What machines are made of, and what all machines of a world share."""

from __future__ import annotations

from dataclasses import dataclass

from simulator.calibration import Calibration
from simulator.engine import FlowNetwork, Simulation
from simulator.machine.cpu.fabric import Fabric
from simulator.machine.devices import Rates


@dataclass(slots=True)
class Parts:
    """What all machines of a world share: time, CPU, network, constants."""

    sim: Simulation
    fabric: Fabric
    network: FlowNetwork
    calibration: Calibration

    @property
    def usual_period_s(self) -> float:
        """The period of ``cpu.max`` where none is stated."""
        return self.calibration.value("cpu.quota.period_s")


@dataclass(frozen=True, slots=True)
class Hardware:
    """What a machine is made of. Rates in bytes per second."""

    cores: int
    memory_bytes: int
    disk_bytes: int
    disk_bytes_s: float
    nic_bytes_s: float
    architecture: str
    os: str
    disk_iops: float
    """Disk operations per second."""
    sockets: int = 1
    """Processors with a last-level cache of their own, of equal size."""
    swap_bytes: int = 0
    weight_mapping: str = ""
    """How the runtime on it makes cgroup weights of CPU shares; nothing: as its version does."""
    kvm: bool = True
    """Whether its processors let it run virtual machines (``/dev/kvm``)."""

    @property
    def rates(self) -> Rates:
        """What its devices do in a second."""
        return Rates(self.disk_bytes_s, self.disk_iops, self.nic_bytes_s)
