"""How many instances of a workload fit on a host under an arrangement, and what bound first.

Memory is what the cluster leaves of the host (GKE's formula, 100 MiB kept for eviction) divided by
what one instance holds: the application, the runtime's overhead, and for a VM the whole memory
given to it. An application's memory is the figure measured in a plain container, as published.
Processes, the pods-per-node rule and CPU are limits of their own; the smallest wins.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from math import inf

from simulator.calibration import Calibration
from simulator.errors import InputError
from simulator.machine.runtimes import MB, MIB, Runtime, memory_overhead, runtime
from simulator.machine.workload import Workload

GIB = 1024 * MIB
_MEMORY_TIERS = (
    (4, "memory.node.reserved_first_4gib"),
    (4, "memory.node.reserved_next_4gib"),
    (8, "memory.node.reserved_next_8gib"),
    (112, "memory.node.reserved_next_112gib"),
    (float("inf"), "memory.node.reserved_above"),
)
_CPU_TIERS = (
    (1, "cpu.reserved.first_core"),
    (1, "cpu.reserved.second_core"),
    (2, "cpu.reserved.next_two"),
    (float("inf"), "cpu.reserved.above"),
)


class GuestTooSmall(InputError):
    """The program, its kernel and its user space need more than a guest is given."""


GUEST_BYTES = 512 * MIB
"""Memory of a guest where nothing is said."""


@dataclass(frozen=True, slots=True)
class Room:
    """A host to fill; the price is for the whole of it.

    None: as many processes as the kernel's table has (``kernel.pids.max``), no rule of pods.
    """

    cores: float
    memory_bytes: int
    pids_max: int | None = None
    pods_max: int | None = None
    price_per_hour: float = 0.0


@dataclass(frozen=True, slots=True)
class Need:
    """One instance of the workload: memory it uses, CPU it is promised, processes it runs.

    ``memory_bytes`` is what is measured of it in a plain container, the container included.
    """

    memory_bytes: int
    cpu_cores: float = 0.0
    pids: int = 1
    guest_bytes: int | None = None
    """Memory given to a guest, where the arrangement has one; None: 512 MiB, and to the guest of a
    container (Kata) what that needs."""


@dataclass(frozen=True, slots=True)
class Density:
    """How many fit, which limit bound, how many each limit alone would allow."""

    count: int
    bound: str
    limits: Mapping[str, int] = field(default_factory=dict)
    each_bytes: int = 0
    overhead_bytes: int = 0
    start_s: float = 0.0
    cost_per_hour: float = 0.0
    """Of one instance, when the host is full."""


def reserved(
    amount: float, tiers: tuple[tuple[float, str], ...], calibration: Calibration
) -> float:
    """What a node keeps for itself of ``amount``: a falling share, tier by tier."""
    kept, left = 0.0, amount
    for size, name in tiers:
        part = min(left, size)
        kept += part * calibration.value(name)
        left -= part
    return kept


def allocatable_bytes(memory_bytes: int, calibration: Calibration) -> int:
    """Memory that pods may ask for on a node of this size."""
    kept = reserved(memory_bytes / GIB, _MEMORY_TIERS, calibration) * GIB
    eviction = calibration.value("memory.node.eviction_mib") * MIB
    return max(0, round(memory_bytes - kept - eviction))


def allocatable_cores(cores: float, calibration: Calibration) -> float:
    """CPU that pods may ask for on a node of this size."""
    return max(0.0, cores - reserved(cores, _CPU_TIERS, calibration))


def alone_bytes(runtime: Runtime, need: Need, calibration: Calibration) -> int:
    """What the application itself holds, where the runtime's figure counts the container too."""
    if runtime.kind != "process" and not runtime.private_bytes:
        return need.memory_bytes
    return max(0, need.memory_bytes - round(calibration.value("memory.container.idle_mb") * MB))


def instance_bytes(runtime: Runtime, need: Need, calibration: Calibration) -> int:
    """Host memory that one instance holds.

    A guest holds what it has touched, however much it was given; refused where the program does
    not fit the guest. What a container costs is in the figure of the workload already and counted
    once; in a sandbox an application holds more than in a container.
    """
    guest = GUEST_BYTES if need.guest_bytes is None else need.guest_bytes
    overhead = memory_overhead(runtime, guest)
    used = alone_bytes(runtime, need, calibration)
    used += overhead.guest_kernel_bytes + overhead.userland_bytes
    if runtime.kernel == "own":
        sized = need.guest_bytes is None and any(one.kind == "container" for one in runtime.walls)
        if used > guest and not sized:
            raise GuestTooSmall(
                f"the guest of {runtime.name} is too small",
                found=f"{guest // MIB} MiB",
                expected=f"at least {-(-used // MIB)} MiB with its own system",
            )
        if runtime.takes_all:
            used = guest
    return used + runtime.private_for(need.memory_bytes) + overhead.vmm_bytes


def density(runtime: Runtime, need: Need, room: Room, calibration: Calibration) -> Density:
    """How many instances fit, and why not one more."""
    _check(need, room)
    each = instance_bytes(runtime, need, calibration)
    limits = {"memory": allocatable_bytes(room.memory_bytes, calibration) // max(1, each)}
    # A guest's processes are in the guest's table; the host sees only its monitor's threads.
    pids = 4 if runtime.kernel == "own" else need.pids + (1 if runtime.kind != "process" else 0)
    table = calibration.value("kernel.pids.max") if room.pids_max is None else room.pids_max
    limits["pids"] = int(table) // pids
    if room.pods_max is not None:
        limits["pods per node"] = room.pods_max
    if need.cpu_cores > 0:
        cores = need.cpu_cores * runtime.costs.user_factor
        limits["CPU"] = int(allocatable_cores(room.cores, calibration) / cores + 1e-9)
    bound = min(limits, key=lambda name: limits[name])
    count = limits[bound]
    return Density(
        count=count,
        bound=bound,
        limits=limits,
        each_bytes=each,
        overhead_bytes=each - alone_bytes(runtime, need, calibration),
        start_s=start_all_s(runtime, count, max(1, int(room.cores))),
        cost_per_hour=room.price_per_hour / count if count else 0.0,
    )


def start_all_s(runtime: Runtime, count: int, parallel: int) -> float:
    """Median seconds to start ``count`` instances, ``parallel`` at a time, wave after wave."""
    if count <= 0:
        return 0.0
    waves = -(-count // parallel)
    total = 0.0
    for stage in runtime.stages:
        # Medians are linear in what already runs, so the mean of the first and the last wave is
        # the mean of all of them.
        first = stage.median_with(min(parallel, count), 0)
        last = stage.median_with(min(parallel, count), (waves - 1) * parallel)
        total += waves * (first + last) / 2
    return total


def _check(need: Need, room: Room) -> None:
    for what, found in (
        ("memory of an instance", need.memory_bytes),
        ("memory of a guest", GUEST_BYTES if need.guest_bytes is None else need.guest_bytes),
        ("processes of an instance", need.pids),
        ("memory of the host", room.memory_bytes),
        ("cores of the host", room.cores),
    ):
        if not found > 0:
            raise InputError(what, found=found, expected="more than 0")
    if need.cpu_cores < 0:
        raise InputError("CPU of an instance", found=need.cpu_cores, expected="0 or more")


# --- under every arrangement ----------------------------------------------------------------------

KINDS = (
    "process", "docker", "lxc", "gvisor-systrap", "firecracker", "cloud-hypervisor", "kata-clh",
    "kata-qemu", "qemu",
)  # fmt: skip


def need_of(workload: Workload, cpu_cores: float = 0.0, guest_bytes: int | None = None) -> Need:
    """What one instance of a workload asks of a host."""
    threads = workload.workers if workload.kind == "server" else workload.threads
    processes = 1 if threads == inf or threads <= 1 else 1 + int(threads)
    return Need(
        memory_bytes=max(1, workload.memory_bytes),
        cpu_cores=cpu_cores,
        pids=processes,
        guest_bytes=guest_bytes,
    )


def densities(need: Need, room: Room, calibration: Calibration) -> list[tuple[str, Density | str]]:
    """The density under each arrangement, or why it cannot be used."""
    found: list[tuple[str, Density | str]] = []
    for name in KINDS:
        try:
            found.append((name, density(runtime(name, calibration), need, room, calibration)))
        except GuestTooSmall as error:
            found.append((name, f"a guest of {error.found} is too small: {error.expected}"))
    return found
