"""The disk and the network card of a machine, and the places that its tenants have on them.

A device gives one second of its time in every second: a disk operation takes ``1 / IOPS`` and its
bytes over the bytes per second, a byte on the network ``1 / rate``. It is divided by weighted
max-min among the containers on its kernel that want it now; a virtual machine is one of them, and
divides what it gets inside. Sources: kernel documentation of io.weight and io.max; Bertsekas &
Gallager 1992 for max-min.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import inf

from simulator.machine.costs import Costs
from simulator.machine.cpu.route import Route, Step, delay, lane
from simulator.machine.cpu.share import CpuGroup
from simulator.machine.cpu.station import Job, Station
from simulator.machine.device_flows import DeviceFlows
from simulator.machine.workload import Workload

ROUNDS = 100
"""A batch job computes, reads and writes by turns, in so many rounds."""


class Devices:
    """What the kernel of one machine divides beside its cores."""

    def __init__(self, name: str, on: Devices | None = None) -> None:
        """``on``: the devices of the machine beneath, of which this one is one tenant."""
        below: tuple[CpuGroup | None, CpuGroup | None]
        below = (None, None) if on is None else (on.disk, on.network)
        self.base: Devices = self if on is None else on.base
        """Those of the hardware beneath all."""
        self.flows: tuple[DeviceFlows, ...] = ()
        """Flows of bytes over them, if they are hardware."""
        self.disk: CpuGroup = CpuGroup(f"disk of {name}", parent=below[0], limit=1.0)
        self.network: CpuGroup = CpuGroup(f"network card of {name}", parent=below[1], limit=1.0)

    def weigh(self, io_weight: float) -> None:
        """A guest's weight among the tenants of the disk beneath."""
        self.disk.weight = io_weight

    def remove(self) -> None:
        """The machine is gone."""
        self.disk.detach()
        self.network.detach()


@dataclass(frozen=True, slots=True)
class Needs:
    """What one piece of work asks of devices: seconds of waiting, of the disk, of the network."""

    wait_s: float = 0.0
    disk_s: float = 0.0
    network_s: float = 0.0

    def __bool__(self) -> bool:
        return bool(self.wait_s or self.disk_s or self.network_s)

    def part(self, count: float) -> Needs:
        """One of ``count`` equal parts."""
        return Needs(self.wait_s / count, self.disk_s / count, self.network_s / count)


@dataclass(frozen=True, slots=True)
class Rates:
    """What a machine's devices do in a second."""

    disk_bytes_s: float
    disk_iops: float
    network_bytes_s: float

    def disk_s(self, workload: Workload) -> float:
        """Seconds of the disk's time for one request (or a whole job)."""
        return workload.ios / self.disk_iops + workload.io_bytes / self.disk_bytes_s

    def network_s(self, workload: Workload) -> float:
        """Seconds of the card's time for one request."""
        return workload.net_bytes / self.network_bytes_s

    def needs(self, workload: Workload, latency_s: float, operation_s: float) -> Needs:
        """What one request needs where each operation takes ``operation_s`` from start to end.

        The operation's own part of the disk's time is in that, and is not waited for twice;
        ``latency_s`` is what else it waits for.
        """
        waits_s = latency_s + workload.ios * max(0.0, operation_s - 1.0 / self.disk_iops)
        return Needs(waits_s, self.disk_s(workload), self.network_s(workload))

    def most(
        self, workload: Workload, costs: Costs, io_bytes_s: float | None
    ) -> tuple[float, float]:
        """The largest share of disk and card that a container is let have."""
        caps = [cap for cap in (io_bytes_s, costs.disk_bytes_per_s) if cap is not None]
        bytes_s = self.disk_bytes_s
        if workload.io_bytes:
            bytes_s = workload.io_bytes / self.disk_s(workload)
        most = min(1.0, min(caps, default=inf) / bytes_s)
        card = costs.net_bytes_per_s
        return most, 1.0 if card is None else min(1.0, card / self.network_bytes_s)


def uses_devices(workload: Workload) -> bool:
    """Whether a program has more to do than computing; packets delay a server's answers only."""
    moves = workload.ios or workload.io_bytes or workload.net_bytes
    return bool(moves or (workload.packets and workload.kind != "server"))


class Lanes:
    """One running container's places on the devices of its machine."""

    def __init__(self, name: str, devices: Devices, workload: Workload) -> None:
        self._disk, self._network = devices.disk.root, devices.network.root
        self._reads = bool(workload.ios or workload.io_bytes)
        self._sends = bool(workload.net_bytes)
        self.disk_group = CpuGroup(name, parent=devices.disk, limit=1.0)
        self.network_group = CpuGroup(name, parent=devices.network, limit=1.0)
        self.wait = delay(f"{name}: waiting")
        self.disk = lane(f"{name}: disk", self.disk_group)
        self.network = lane(f"{name}: network", self.network_group)
        self.bomb = lane(f"{name}: bomb", self.disk_group)
        """Where a bomb presses the disk without end."""
        self.flood = lane(f"{name}: flood", self.network_group)
        """Where a bomb presses the card without end."""
        self.pressed = {self.bomb: 0.0, self.flood: 0.0}
        """The share of a device that a bomb wants for ever."""
        self._flows = devices.base.flows
        for flows in self._flows:
            flows.came()

    def limit(self, io_weight: float, disk: float, network: float) -> None:
        """Weight on the disk, and the largest shares of disk and card; the caller has disturbed."""
        self.disk_group.weight = io_weight
        self.disk_group.allow(disk)
        self.network_group.allow(network)

    def route(
        self, needs: Needs, *, keeps_thread: bool, rounds: int = 1, round_s: float = 0.0
    ) -> Route:
        """The way of a job that needs this in each of ``rounds``, and computes between them.

        ``keeps_thread``: it waits for the network too, as a job does and a server's thread not.
        """
        steps = (
            Step(self.wait, needs.wait_s),
            Step(self.disk, needs.disk_s),
            Step(self.network, needs.network_s, holds=keeps_thread),
            Step(self.bomb, 0.0),
            Step(self.flood, 0.0),
        )
        return Route(steps, rounds, round_s, self._devices())

    def _devices(self) -> tuple[CpuGroup, ...]:
        used = (
            (self._disk, self._reads or self.pressed[self.bomb] > 0.0),
            (self._network, self._sends or self.pressed[self.flood] > 0.0),
        )
        return tuple(device for device, uses in used if uses)

    def press(self, station: Station, share: float, job: Job, now: float) -> None:
        """From now on something in a lane wants ``share`` of its device for ever; 0: no more."""
        self.pressed[station] = share
        station.time = now
        station.busy.clear()
        station.attained = 0.0
        if share > 0.0:
            station.group.allow(min(1.0, share))
            station.busy.append((inf, 1, station.time, job))

    def remove(self) -> None:
        """The container has ended."""
        self.disk_group.detach()
        self.network_group.detach()
        for flows in self._flows:
            flows.left()
