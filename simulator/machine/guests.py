"""A virtual machine for one container: what ``docker run --runtime kata`` makes without asking.

The guest is made and removed with its container, boots before the container's program starts and
is switched off when it ends. Nothing else can be run in it.
"""

from __future__ import annotations

from math import ceil, inf

from simulator.machine.host import Machine
from simulator.machine.runtimes import MIB, Runtime, memory_overhead
from simulator.machine.settings import Limits
from simulator.machine.virtual_machine import VirtualMachine
from simulator.machine.workload import Workload

DEFAULT_BYTES = 2048 * MIB
"""Memory of a microVM without a limit (Kata's default); only what is touched is paid for."""
SMALLEST_VM_BYTES = 512 * MIB
"""A virtual machine with a distribution in it is given at least this."""
STEP_BYTES = 128 * MIB


def guest_name(container: str) -> str:
    """The name of the machine that a container gets for itself."""
    return f"{container}.vm"[-63:].lstrip("._-")


def make(
    kind: Runtime,
    container: str,
    machine: Machine,
    limits: Limits,
    workload: Workload,
    name: str | None = None,
) -> VirtualMachine:
    """The guest for a container, switched off; Refused where it does not fit the machine."""
    return VirtualMachine(
        name or guest_name(container),
        machine,
        vcpus=vcpus(limits, machine),
        memory_bytes=guest_bytes(kind, machine, limits, workload),
        hypervisor=kind.name,
        os="linux",
        owner=container,
        cpu_weight=float(limits.cpu_weight),
        io_weight=float(limits.io_weight),
    )


def vcpus(limits: Limits, machine: Machine) -> int:
    """As many as the limit rounded up, or as the machine has cores."""
    if limits.cpus is None:
        return len(limits.cpuset) or machine.hardware.cores
    return max(1, ceil(limits.cpus))


def guest_bytes(kind: Runtime, machine: Machine, limits: Limits, workload: Workload) -> int:
    """Memory for the guest: the container's limit, or what its program may come to need."""
    application = limits.memory_bytes
    if application is None:
        requests = workload.workers + workload.queue
        requests = 0 if requests == inf else requests
        application = workload.memory_bytes + round(requests * workload.per_request_bytes)
    least = SMALLEST_VM_BYTES
    if kind.kind == "microvm" and limits.memory_bytes is None:
        least = min(DEFAULT_BYTES, machine.hardware.memory_bytes)
    size = STEP_BYTES
    while True:
        overhead = memory_overhead(kind, size)
        if size >= application + overhead.guest_kernel_bytes + overhead.userland_bytes:
            return max(size, least)
        size += STEP_BYTES
