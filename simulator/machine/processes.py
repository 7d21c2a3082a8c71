"""Processes, and the tables that every tenant of one kernel shares.

``pids.max`` bounds one container. What all of them share is the kernel's own table: as many
threads as an eighth of the memory has room for their stacks (Linux kernel/fork.c, threads-max),
and never more than ``kernel.pids.max``. From nine tenths of it on (``kernel.pids.stall_share``)
the kernel does nobody's work any more.
"""

from __future__ import annotations

from math import inf
from typing import TYPE_CHECKING

from simulator.machine.interference import ForkState, fork, stalled
from simulator.machine.kernel import Kernel

if TYPE_CHECKING:
    from simulator.calibration import Calibration
    from simulator.machine.kernel import Container

STACK_BYTES = 16 << 10
"""A kernel stack on 64-bit systems: what every process costs its cgroup at least."""
KERNEL_THREADS = 120
"""Threads of the kernel itself and of the system's services."""


def table_size(kernel: Kernel) -> int:
    """How many processes a kernel can have: its memory over eight stacks each."""
    memory, most = kernel.fate.ram_bytes, kernel.pid_max
    return most if memory == inf else min(most, max(1, int(memory) // (8 * STACK_BYTES)))


def of_container(container: Container) -> int:
    """Processes and threads of a container, as ``pids.current`` counts them."""
    if container.state not in ("running", "paused"):
        return 0
    workload = container.settings.workload
    threads = workload.workers if workload.kind == "server" else workload.threads
    own = 1 + int(threads) if threads < inf and threads > 1 else 1
    count, limit = own + container.bomb_processes, container.limits.pids
    # What it would have more than pids.max, it was refused.
    return count if limit is None else min(limit, count)


def on_kernel(kernel: Kernel) -> int:
    """Processes in a kernel's table: its own, those of its containers, its VMs' monitors."""
    if kernel.fate.state in ("off", "panicked"):
        return 0
    count = KERNEL_THREADS
    for one in _parts(kernel.fate):
        count += sum(of_container(each) for each in one.containers.values())
        count += sum(2 + vm.hardware.cores for vm in one.vms.values() if vm.memory.usage)
    return count


def _parts(kernel: Kernel) -> list[Kernel]:
    """A kernel and the machines that only share it."""
    return [kernel, *(vm.kernel for vm in kernel.vms.values() if vm.kernel.owner is kernel)]


def is_stalled(kernel: Kernel, calibration: Calibration) -> bool:
    """Whether so many processes are on a kernel that nobody's work on it ends."""
    share = calibration.value("kernel.pids.stall_share")
    return stalled(on_kernel(kernel), table_size(kernel), share)


def try_fork(container: Container, asked: int) -> ForkState:
    """What becomes of so many forks in a container."""
    kernel = container.machine.kernel
    return fork(
        asked,
        of_container(container),
        container.limits.pids,
        on_kernel(kernel),
        table_size(kernel),
        container.machine.parts.calibration.value("kernel.pids.stall_share"),
    )
