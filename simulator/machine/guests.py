"""A virtual machine for one container: what ``docker run --runtime kata`` makes without asking.

The guest is made and removed with its container, boots before the container's program starts and
is switched off when it ends. Nothing else can be run in it.
"""

from __future__ import annotations

from bisect import bisect_left
from math import ceil, inf

from simulator.errors import Refused
from simulator.machine.host import Machine
from simulator.machine.runtimes import MIB, Runtime, memory_overhead
from simulator.machine.settings import Limits
from simulator.machine.virtual_machine import VirtualMachine
from simulator.machine.workload import Workload
from simulator.units import format_binary_bytes

DEFAULT_BYTES = 2048 * MIB
"""Memory of a microVM without a limit (Kata's default); only what is touched is paid for."""
SMALLEST_VM_BYTES = 512 * MIB
"""A virtual machine with a distribution in it is given at least this."""
STEP_BYTES = 128 * MIB
MOST_STEPS = 1 << 37
"""16 EiB: more than any machine has."""


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
    steps = bisect_left(range(1, MOST_STEPS), True, key=lambda n: _holds(kind, n, application)) + 1
    if steps == MOST_STEPS:
        raise Refused(f"no virtual machine holds a program of {format_binary_bytes(application)}")
    return max(steps * STEP_BYTES, least)


def _holds(kind: Runtime, steps: int, application_bytes: int) -> bool:
    """Whether a guest of so many steps has room for its program beside its own kernel."""
    size = steps * STEP_BYTES
    overhead = memory_overhead(kind, size)
    return size >= application_bytes + overhead.guest_kernel_bytes + overhead.userland_bytes
