"""What all running tenants of a host do to each other at one instant (see ``tenancy.py``)."""

from __future__ import annotations

from math import inf
from typing import TYPE_CHECKING

from simulator.machine.charges import PACKET_BYTES, Bomb
from simulator.machine.conntrack import TIME_WAIT_S
from simulator.machine.costs import HostCosts
from simulator.machine.devices import Needs
from simulator.machine.file_traffic import dirty_bytes
from simulator.machine.interference import (
    Pressure,
    sensitivities,
    slowdown,
    thrash_factor,
    writeback_loss,
)
from simulator.machine.kernel import Kernel
from simulator.machine.pacing import FULL, Pace
from simulator.machine.sockets import shares_of

if TYPE_CHECKING:
    from simulator.machine.kernel import Container, Neighbours

STALL = 1000.0
"""How many times slower a kernel with a full process table works: nothing ends in any run."""
SYN_RETRY_S = 1.0
"""A client's first retry of a connection that was dropped (RFC 6298)."""
HIGH_STEEPNESS = 10.0
"""Above ``memory.high``: times slower per tenth that usage is above it."""
NOBODY = Pressure()
NO_NEEDS = Needs()


class Effects:
    """What all running tenants do to each other at one instant."""

    def __init__(self, tenancy: Neighbours, running: list[Container]) -> None:
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
        self.short: dict[Container, float] = {}
        """Those whose pace was asked for and who wait for memory, and how many times as long."""
        self.kernels = {
            kernel: self._kernel_loss(kernel, running)
            for kernel in dict.fromkeys(one.machine.kernel.fate for one in running)
        }

    def pace(self, one: Container) -> Pace:
        """The pace of one container."""
        kernel = one.machine.kernel
        writeback, packets = self.kernels[kernel.fate]
        lost = packets * self.memory_loss(one)
        lost /= 1.0 - min(0.95, writeback * one.settings.workload.buffered)
        if self._any_stalled(kernel):
            lost *= STALL
        cpu = self._cpu(one)
        needs, away = self._needs(one)
        if cpu == lost == 1.0 and not away and not needs:
            return FULL
        return Pace(cpu, needs.wait_s, lost, needs.disk_s, needs.network_s, away)

    def memory_loss(self, one: Container) -> float:
        """How many times as long its work takes for want of memory."""
        lost = own_thrash(one) * held_back(one)
        if one.memory.usage > one.limits.memory_low_bytes:
            lost *= self.tenancy.thrash(one.machine.kernel)
        if lost > 1.0:
            self.short[one] = lost
        return lost

    def _any_stalled(self, kernel: Kernel) -> bool:
        """A guest on a kernel that stands still stands still too."""
        if self.tenancy.is_stalled(kernel):
            return True
        return self.tenancy.is_stalled(self.host.kernel)

    # --- processor --------------------------------------------------------------------------------

    def _cpu(self, one: Container) -> float:
        workload, heat = one.settings.workload, self.tenancy.heat
        if not workload.cache and not workload.bandwidth:
            return heat
        own = pressure_of(one)
        cache = bandwidth = 0.0
        for socket, share in enumerate(shares_of(one, self.sockets)):
            cache += share * (self.cache[socket] - own.cache * share)
            bandwidth += share * (self.bandwidth[socket] - own.bandwidth * share)
        a = self.sensitivity
        leaks = slowdown(a[0] * workload.cache, cache)
        return heat * leaks * slowdown(a[1] * workload.bandwidth, bandwidth)

    # --- devices ----------------------------------------------------------------------------------

    def _needs(self, one: Container) -> tuple[Needs, float]:
        """Per request (or whole job): what it asks of devices, and how long packets travel."""
        workload = one.settings.workload
        if not (workload.ios or workload.io_bytes or workload.packets or workload.net_bytes):
            return NO_NEEDS, 0.0
        away_s = workload.packets * one.costs.packet_latency_s + self._connecting(one)
        operation_s = self.prices.io_latency_s + one.costs.io_latency_s
        rates = self.host.hardware.rates
        if workload.kind == "server":
            return rates.needs(workload, 0.0, operation_s), away_s
        # A server's threads go on while packets travel; a job waits for its own.
        return rates.needs(workload, away_s, operation_s), 0.0

    def _connecting(self, one: Container) -> float:
        """Waiting for a place in the kernel's table of connections."""
        asked = sum(
            other.bomb.connections
            for other in one.machine.kernel.containers.values()
            if other.bomb is not None and other.running
        )
        if not asked or not one.settings.workload.packets:
            return 0.0
        room = one.machine.connections.most
        needed = asked * TIME_WAIT_S
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
        dirty = sum(dirty_bytes(one) for one, _ in bombs)
        frames = sum(self._frames_s(one, bomb) for one, bomb in bombs)
        cores = kernel.cpu.limit if kernel.cpu.limit < inf else self.host.hardware.cores
        stolen = min(0.9, frames * self.prices.packet_cpu_s / cores)
        high = self.calibration.value("io.writeback.dirty_ratio")
        dirty = min(dirty, high * memory)
        return writeback_loss(1.0, dirty, memory, self.calibration), 1.0 / (1.0 - stolen)

    def _frames_s(self, one: Container, bomb: Bomb) -> float:
        if bomb.kind != "netbomb":
            return 0.0
        cap = one.costs.net_bytes_per_s or inf
        return min(bomb.rate, self.host.hardware.nic_bytes_s, cap) / PACKET_BYTES


def pressure_of(one: Container) -> Pressure:
    """What a container does to caches and memory bandwidth while it runs."""
    workload = one.settings.workload
    cache, bandwidth = workload.cache, workload.bandwidth
    if one.bomb is not None and one.bomb.kind == "membomb":
        cache = bandwidth = 1.0
    if one.stands_still or (not cache and not bandwidth):
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
    """Slowdown of a container whose own limits make it swap."""
    memory, out = one.memory, one.memory.driven_out
    if not out:
        return 1.0
    return thrash_factor(memory.usage, memory.usage - out, one.machine.parts.calibration)


def held_back(one: Container) -> float:
    """The kernel holds a container back that is above its ``memory.high``."""
    high = one.limits.memory_high_bytes
    if high is None or one.memory.usage <= high:
        return 1.0
    above = one.memory.resident - high
    return 1.0 + HIGH_STEEPNESS * min(1.0, max(0.0, above / (0.1 * high)))
