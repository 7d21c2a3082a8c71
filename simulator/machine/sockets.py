"""Which processors' caches a tenant uses.

A container's threads wander over all cores that its cpuset allows. A guest's memory belongs to one
process; where its vCPUs fit one processor, the host keeps them there (automatic NUMA placement of
Xen and of Linux), on the one with the fewest guests.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from simulator.machine.kernel import Container, Host, VirtualMachine


def shares_of(container: Container, sockets: int) -> list[float]:
    """Share of a container's running time on each processor of its host."""
    if sockets <= 1:
        return [1.0]
    guest = container.machine.outermost_guest
    if guest is not None and guest.socket is not None:
        return [1.0 if index == guest.socket else 0.0 for index in range(sockets)]
    cpuset = container.limits.cpuset if guest is None else ()
    if not cpuset:
        return [1.0 / sockets] * sockets
    per_socket = container.machine.hardware.cores / sockets
    counts = [0.0] * sockets
    for core in cpuset:
        counts[min(sockets - 1, int(core / per_socket))] += 1.0 / len(cpuset)
    return counts


def place(vm: VirtualMachine, host: Host) -> int | None:
    """The processor that a guest is kept on; None where it fits none, or there is only one."""
    sockets = host.hardware.sockets
    if sockets <= 1 or vm.hardware.cores > host.hardware.cores / sockets:
        return None
    load = [0] * sockets
    for other in host.kernel.vms.values():
        if other is not vm and other.socket is not None and other.kernel.state != "off":
            load[other.socket] += other.hardware.cores
    return load.index(min(load))
