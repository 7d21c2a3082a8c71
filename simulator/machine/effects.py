"""What all running tenants of a host do to each other at one instant (see ``tenancy.py``)."""

from __future__ import annotations

from dataclasses import replace
from math import inf
from typing import TYPE_CHECKING

from simulator.machine.charges import PACKET_BYTES, Bomb
from simulator.machine.costs import HostCosts, service
from simulator.machine.devices import Want, could_get
from simulator.machine.interference import (
    Pressure,
    sensitivities,
    slowdown,
    thrash_factor,
    writeback_loss,
)
from simulator.machine.kernel import Kernel
from simulator.machine.pace import FULL, Pace
from simulator.machine.sockets import shares_of

if TYPE_CHECKING:
    from simulator.machine.kernel import Container
    from simulator.machine.tenancy import Tenancy

STALL = 1000.0
"""How many times slower a kernel with a full process table works: nothing ends in any run."""
CONNECTION_S = 120.0
"""How long a connection that ended stays in the table of connections (TIME_WAIT)."""
SYN_RETRY_S = 1.0
"""A client's first retry of a connection that was dropped (RFC 6298)."""
HIGH_STEEPNESS = 10.0
"""Above ``memory.high``: times slower per tenth that usage is above it."""
NOBODY = Pressure()


class Effects:
    """What all running tenants do to each other at one instant."""

    def __init__(self, tenancy: Tenancy, running: list[Container]) -> None:
        self.tenancy = tenancy
        host = self.host = tenancy.host
        self.calibration = host.parts.calibration
        self.prices = HostCosts.of(self.calibration)
        self.sensitivity = sensitivities(self.calibration)
        self.sockets = host.hardware.sockets
        self.cache = [0.0] * self.sockets
        self.bandwidth = [0.0] * self.sockets
        for one in running:
            pressure = pressure_of(one)
            if pressure is not NOBODY:
                for socket, share in enumerate(shares_of(one, self.sockets)):
                    self.cache[socket] += pressure.cache * share
                    self.bandwidth[socket] += pressure.bandwidth * share
        self.disk_wants = {one: want for one in running if (want := self._disk_want(one))}
        self.net_wants = {one: want for one in running if (want := self._net_want(one))}
        self.disk = could_get(host.kernel, self.disk_wants)
        self.net = could_get(host.kernel, self.net_wants)
        self.kernels = {
            kernel: self._kernel_loss(kernel, running)
            for kernel in dict.fromkeys(one.machine.kernel.fate for one in running)
        }

    def pace(self, one: Container) -> Pace:
        """The pace of one container."""
        kernel = one.machine.kernel
        writeback, packets = self.kernels[kernel.fate]
        lost = packets * own_thrash(one) * _high(one)
        if one.memory.usage > one.limits.memory_low_bytes:
            lost *= self.tenancy.thrash(kernel)
        lost /= 1.0 - min(0.95, writeback * one.settings.workload.buffered)
        if self._any_stalled(kernel):
            lost *= STALL
        cpu = self._cpu(one)
        wait, away, device = self._waits(one)
        if cpu == lost == 1.0 and not wait and not away and not device:
            return FULL
        return Pace(cpu, wait, lost, device, away)

    def _any_stalled(self, kernel: Kernel) -> bool:
        """A guest on a kernel that stands still stands still too."""
        if self.tenancy.is_stalled(kernel):
            return True
        return self.tenancy.is_stalled(self.host.kernel)

    # --- processor --------------------------------------------------------------------------------

    def _cpu(self, one: Container) -> float:
        workload = one.settings.workload
        if not workload.cache and not workload.bandwidth:
            return 1.0
        own = pressure_of(one)
        cache = bandwidth = 0.0
        for socket, share in enumerate(shares_of(one, self.sockets)):
            cache += share * (self.cache[socket] - own.cache * share)
            bandwidth += share * (self.bandwidth[socket] - own.bandwidth * share)
        a = self.sensitivity
        return slowdown(a[0] * workload.cache, cache) * slowdown(
            a[1] * workload.bandwidth, bandwidth
        )

    # --- devices ----------------------------------------------------------------------------------

    def _operation(self, one: Container) -> float:
        """Share of a second of the disk that one of a container's operations takes."""
        workload, hardware = one.settings.workload, self.host.hardware
        size = workload.io_bytes / workload.ios if workload.ios else 0.0
        return 1.0 / hardware.disk_iops + size / hardware.disk_bytes_s

    def _disk_want(self, one: Container) -> Want | None:
        workload, limits = one.settings.workload, one.limits
        rate_limit = self.host.hardware.disk_bytes_s
        most = min(limits.io_bytes_s or inf, one.costs.disk_bytes_per_s or inf) / rate_limit
        if one.bomb is not None and one.bomb.kind == "diskbomb":
            return Want(one.bomb.rate / rate_limit, limits.io_weight, most)
        if one.bomb is not None and self.tenancy.swapping(one):
            return Want(inf, limits.io_weight, most)
        if not workload.ios and not workload.io_bytes:
            return None
        share = self.tenancy.rate(one) * self._per_request(one)
        return Want(share, limits.io_weight, most)

    def _per_request(self, one: Container) -> float:
        """Seconds of the disk's time for one request."""
        workload = one.settings.workload
        if workload.ios:
            return workload.ios * self._operation(one)
        return workload.io_bytes / self.host.hardware.disk_bytes_s

    def _net_want(self, one: Container) -> Want | None:
        line = self.host.hardware.nic_bytes_s
        if one.bomb is not None and one.bomb.kind == "netbomb":
            return Want(min(one.bomb.rate, line * 2) / line)
        if not one.settings.workload.net_bytes:
            return None
        return Want(self.tenancy.rate(one) * one.settings.workload.net_bytes / line)

    def _waits(self, one: Container) -> tuple[float, float, float]:
        """Per request: seconds that a thread waits, that packets travel, that devices need."""
        workload = one.settings.workload
        if not (workload.ios or workload.io_bytes or workload.packets or workload.net_bytes):
            return 0.0, 0.0, 0.0
        demand = workload.demand
        alone = service(one.costs, replace(demand, packets=0.0), self.prices)
        wait = alone.latency_s - alone.cpu_s
        away = demand.packets * one.costs.packet_latency_s + self._connecting(one)
        threads = workload.workers if workload.kind == "server" else workload.threads
        device = 0.0
        if one in self.disk:
            share = max(1e-6, self.disk[one])
            busy = self._per_request(one)
            # A monitor may move less than the disk does.
            monitor = one.costs.disk_bytes_per_s or inf
            moved = workload.io_bytes / min(self.host.hardware.disk_bytes_s, monitor)
            wait += moved + busy * (1.0 / share - 1.0)
            if threads < inf:
                device = threads * busy / share
        if one in self.net:
            share = max(1e-6, self.net[one])
            busy = workload.net_bytes / self.host.hardware.nic_bytes_s
            away += busy / share
            if threads < inf:
                device = max(device, threads * busy / share)
        # A server's threads go on while packets travel; a job waits for its own.
        return (wait, away, device) if workload.kind == "server" else (wait + away, 0.0, device)

    def _connecting(self, one: Container) -> float:
        """Waiting for a place in the kernel's table of connections."""
        asked = sum(
            other.bomb.connections
            for other in one.machine.kernel.containers.values()
            if other.bomb is not None and other.running
        )
        if not asked or not one.settings.workload.packets:
            return 0.0
        room = self.calibration.value("net.conntrack.entries_max")
        needed = (asked + self.tenancy.rate(one)) * CONNECTION_S
        dropped = max(0.0, 1.0 - room / needed)
        return min(60.0, SYN_RETRY_S * dropped / max(1e-3, 1.0 - dropped))

    # --- kernels ----------------------------------------------------------------------------------

    def _kernel_loss(self, kernel: Kernel, running: list[Container]) -> tuple[float, float]:
        """For everybody on a kernel: share lost to writeback, slowdown by work on packets."""
        bombs = [
            (one, one.bomb)
            for one in running
            if one.bomb is not None and one.machine.kernel.fate is kernel
        ]
        if not bombs:
            return 0.0, 1.0
        memory = kernel.ram_bytes
        dirty = sum(self._dirty(one, bomb, memory) for one, bomb in bombs)
        frames = sum(self._frames_s(one, bomb) for one, bomb in bombs)
        cores = kernel.cpu.limit if kernel.cpu.limit < inf else self.host.hardware.cores
        stolen = min(0.9, frames * self.prices.packet_cpu_s / cores)
        high = self.calibration.value("io.writeback.dirty_ratio")
        dirty = min(dirty, high * memory)
        return writeback_loss(1.0, dirty, memory, self.calibration), 1.0 / (1.0 - stolen)

    def _dirty(self, one: Container, bomb: Bomb, memory: float) -> float:
        """Dirty pages of a disk bomb: what it writes faster than the disk takes, within limits."""
        if bomb.kind != "diskbomb":
            return 0.0
        drained = self.disk.get(one, 0.0) * self.host.hardware.disk_bytes_s
        excess = max(0.0, bomb.rate - drained)
        most = memory if one.limits.memory_bytes is None else one.limits.memory_bytes
        return min(most, excess * (self.host.parts.sim.now - one.bomb_since))

    def _frames_s(self, one: Container, bomb: Bomb) -> float:
        if bomb.kind != "netbomb":
            return 0.0
        line = self.host.hardware.nic_bytes_s
        share = min(self.net_wants[one].asked, self.net.get(one, 1.0))
        cap = one.costs.net_bytes_per_s or inf
        return min(share * line, cap) / PACKET_BYTES


def pressure_of(one: Container) -> Pressure:
    """What a container does to caches and memory bandwidth while it runs."""
    workload = one.settings.workload
    cache, bandwidth = workload.cache, workload.bandwidth
    if one.bomb is not None and one.bomb.kind == "membomb":
        cache = bandwidth = 1.0
    if one.paused or (not cache and not bandwidth):
        return NOBODY
    cpus = one.limits.cpus
    threads = (
        max(1.0, min(workload.workers, 1e9))
        if workload.kind == "server"
        else float(max(1, workload.threads))
    )
    # A throttled tenant presses only while it runs.
    return Pressure(cache, bandwidth).times(1.0 if cpus is None else min(1.0, cpus / threads))


def own_thrash(one: Container) -> float:
    """Slowdown of a container whose own limit makes it swap."""
    limit = one.limits.memory_bytes
    if limit is None or one.memory.usage <= limit:
        return 1.0
    return thrash_factor(one.memory.usage, limit, one.machine.parts.calibration)


def _high(one: Container) -> float:
    """The kernel holds a container back that is above its ``memory.high``."""
    high = one.limits.memory_high_bytes
    if high is None or one.memory.usage <= high:
        return 1.0
    return 1.0 + HIGH_STEEPNESS * min(1.0, (one.memory.usage - high) / (0.1 * high))
