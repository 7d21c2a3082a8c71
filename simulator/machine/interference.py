"""What leaks between tenants, and what memory tricks save: closed forms, no state.

What leaks is what nothing partitions: caches and memory bandwidth (between VMs too), dirty pages
on their way to disk, kernel tables. What is explicitly capped does not leak. Sources of the
formulas stand with each function; their constants are in ``assets/calibration``.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from simulator.calibration import Calibration
from simulator.errors import InputError

MOST = 0.9
"""A slowdown formula is read no further than to ten times: beyond it, work does not end."""


@dataclass(frozen=True, slots=True)
class Pressure:
    """What a tenant does to the shared parts of the processor, each from 0 (nothing) to 1 (all)."""

    cache: float = 0.0
    bandwidth: float = 0.0

    def times(self, factor: float) -> Pressure:
        """The pressure of a tenant that runs only ``factor`` of the time."""
        return Pressure(self.cache * factor, self.bandwidth * factor)


QUIET = Pressure()


def slowdown(sensitivity: float, others: float) -> float:
    """``1 / (1 - a * sum of the others' pressure)``: 1 is undisturbed, at most 10."""
    return 1.0 / (1.0 - min(MOST, max(0.0, sensitivity * others)))


def shared_slowdown(own: Pressure, others: Sequence[Pressure], a: tuple[float, float]) -> float:
    """Slowdown of a tenant by its neighbours on one socket, containers and VMs alike.

    ``a`` are the sensitivities to cache and to bandwidth. A tenant suffers only as far as it uses
    the part itself: one that fits its registers loses nothing.
    """
    cache = slowdown(a[0] * own.cache, sum(each.cache for each in others))
    bandwidth = slowdown(a[1] * own.bandwidth, sum(each.bandwidth for each in others))
    return cache * bandwidth


def sensitivities(calibration: Calibration) -> tuple[float, float]:
    """The calibrated sensitivities to cache and to memory bandwidth."""
    return (
        calibration.value("isolation.cache.sensitivity"),
        calibration.value("isolation.bandwidth.sensitivity"),
    )


def all_slowdowns(tenants: Sequence[Pressure], a: tuple[float, float]) -> list[float]:
    """Slowdown of every tenant of one socket by all the others, in linear time."""
    cache = sum(each.cache for each in tenants)
    bandwidth = sum(each.bandwidth for each in tenants)
    return [
        slowdown(a[0] * each.cache, cache - each.cache)
        * slowdown(a[1] * each.bandwidth, bandwidth - each.bandwidth)
        for each in tenants
    ]


def writeback_loss(
    own_share: float, dirty_bytes: float, memory_bytes: float, calibration: Calibration
) -> float:
    """Share of performance that a tenant loses to a neighbour's dirty pages, 0 to 0.95.

    Below the background threshold the kernel writes at leisure and nobody waits. Between it and
    the dirty limit the loss grows to the measured leak. Past the limit every writer of the kernel
    waits for the disk, whoever dirtied the pages. ``own_share`` is how much of the tenant's work
    goes through the page cache to disk (1: a database), the rest is not touched.
    """
    if memory_bytes <= 0 or dirty_bytes <= 0:
        return 0.0
    low = calibration.value("io.writeback.background_ratio")
    high = calibration.value("io.writeback.dirty_ratio")
    leak = calibration.value("isolation.writeback.leak")
    dirty = dirty_bytes / memory_bytes
    filled = min(1.0, max(0.0, (dirty - low) / (high - low)))
    past = max(0.0, dirty - high) / high
    return min(0.95, own_share * (leak * filled + past))


@dataclass(frozen=True, slots=True)
class ForkState:
    """What a fork meets: who is refused, and whether the whole kernel still gets work done."""

    granted: int
    refused_by: str | None
    """``cgroup`` (EAGAIN at pids.max), ``kernel`` (the shared table is full), None."""
    stalled: bool


def fork(
    asked: int, in_cgroup: int, limit: int | None, on_kernel: int, table: int, stall_share: float
) -> ForkState:
    """Processes granted of ``asked``, with ``in_cgroup`` and ``on_kernel`` there already.

    Without a limit a fork bomb fills the table of the kernel and everybody on that kernel stalls;
    in a VM that is the guest's table only. From ``stall_share`` of the table on, work does not end.
    """
    room_cgroup = asked if limit is None else max(0, limit - in_cgroup)
    room_kernel = max(0, table - on_kernel)
    granted = max(0, min(asked, room_cgroup, room_kernel))
    refused = None
    if granted < asked:
        refused = "cgroup" if room_cgroup <= room_kernel else "kernel"
    return ForkState(granted, refused, stalled(on_kernel + granted, table, stall_share))


def stalled(on_kernel: int, table: int, stall_share: float) -> bool:
    """Whether so many processes are on a kernel that nobody's work ends."""
    return table > 0 and on_kernel >= stall_share * table


def steal(vcpus_busy: float, cores: float) -> float:
    """Share of time that a busy vCPU of equal weight waits for the host: ``1 - M / N``."""
    if cores <= 0:
        return 1.0 if vcpus_busy > 0 else 0.0
    return max(0.0, 1.0 - cores / vcpus_busy) if vcpus_busy > 0 else 0.0


def walk_references(guest_levels: int = 4, host_levels: int | None = None) -> int:
    """Memory references of a page walk after a TLB miss: ``(g + 1)(h + 1) - 1``, native ``g``.

    4 native and 24 nested with four levels; 3 and 15 with huge pages (Bhargava et al., 2008).
    """
    for levels in (guest_levels, host_levels or 0):
        if not 0 <= levels <= 5:
            raise InputError("page-table levels", found=levels, expected="0 to 5")
    if host_levels is None:
        return guest_levels
    return (guest_levels + 1) * (host_levels + 1) - 1


def memory_access_s(hit_s: float, miss_rate: float, reference_s: float, references: int) -> float:
    """Effective time of a memory access: hit plus miss rate times the walk."""
    return hit_s + miss_rate * references * reference_s


def ksm_saved_bytes(shareable: float, working_set_bytes: float, guests: int) -> float:
    """Bytes that same-page merging saves in steady state: ``s * W * (N - 1)``."""
    return max(0.0, shareable * working_set_bytes * (guests - 1))


def ksm_scan_s(
    working_set_bytes: float, guests: int, pages_per_scan: float, sleep_s: float, page: float
) -> float:
    """Seconds until all pages were looked at once: ``N * W / (pages * page / sleep)``."""
    if pages_per_scan <= 0 or sleep_s <= 0:
        return float("inf")
    return guests * working_set_bytes / (pages_per_scan * page / sleep_s)


def ksm_saved_at(
    elapsed_s: float,
    shareable: float,
    working_set_bytes: float,
    guests: int,
    calibration: Calibration,
) -> float:
    """Bytes saved after ``elapsed_s`` of scanning: nothing in the first pass, then all of it.

    ksmd must see a page unchanged twice, so savings grow during the second pass.
    """
    scan_s = ksm_scan_s(
        working_set_bytes,
        guests,
        calibration.value("memory.ksm.pages_per_scan"),
        calibration.value("memory.ksm.sleep_s"),
        calibration.value("kernel.pages.size_bytes"),
    )
    if scan_s <= 0:
        return 0.0
    progress = min(1.0, max(0.0, elapsed_s / scan_s - 1.0))
    return progress * ksm_saved_bytes(shareable, working_set_bytes, guests)


def balloon_bytes(
    free_bytes: float, wanted_bytes: float, elapsed_s: float, rate_bytes_per_s: float
) -> float:
    """Bytes that a balloon has returned: only free guest pages, at its rate."""
    return max(0.0, min(free_bytes, wanted_bytes, rate_bytes_per_s * max(0.0, elapsed_s)))


def containers_memory_bytes(shared_bytes: float, private_bytes: float, count: int) -> float:
    """Physical memory of N containers of one image: ``H + N * p``."""
    return (shared_bytes if count else 0.0) + count * private_bytes


def guests_memory_bytes(
    shared_bytes: float, private_bytes: float, kernel_bytes: float, vmm_bytes: float, count: int
) -> float:
    """Physical memory of N guests of one image without merging: ``N * (H + p + K + V)``."""
    return count * (shared_bytes + private_bytes + kernel_bytes + vmm_bytes)


def thrash_factor(working_set_bytes: float, memory_bytes: float, calibration: Calibration) -> float:
    """How many times slower work is whose working set exceeds its memory: the swap cliff.

    The share of accesses that miss is the share that does not fit; each costs a device access.
    """
    if working_set_bytes <= memory_bytes or working_set_bytes <= 0:
        return 1.0
    missing = 1.0 - max(0.0, memory_bytes) / working_set_bytes
    return 1.0 + missing * (calibration.value("memory.swap.thrash_factor") - 1.0)


@dataclass(frozen=True, slots=True)
class Outages:
    """Tenants hit per year: their expectation and variance, and the size of one event."""

    expected: float
    variance: float
    event_size: int


def outages(tenants: int, kernels: int, failures_per_kernel_year: float) -> Outages:
    """Kernel failures as Poisson events, each taking down all tenants of its kernel.

    n tenants on one kernel and n tenants on n kernels expect the same; the variances are in the
    ratio n, because one event hits all at once.
    """
    if kernels <= 0 or tenants <= 0:
        return Outages(0.0, 0.0, 0)
    size = tenants / kernels
    events = kernels * failures_per_kernel_year
    return Outages(events * size, events * size * size, round(size))
