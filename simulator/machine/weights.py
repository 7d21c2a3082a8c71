"""From requests and limits to the numbers in a cgroup, as Kubernetes and the runtimes compute them.

All arithmetic is integer, truncating as the Go sources do. Two published mappings lead from cgroup
v1 shares to the cgroup v2 weight; which one applies depends on the container runtime, not on the
Kubernetes version:

    linear       weight = 1 + (shares - 2) * 9999 / 262142          older runtimes (KEP-2254)
    runc-1.3.2   weight = ceil(10 ^ ((l² + 125 l) / 612 - 7 / 34))  l = log2(shares); newer ones

With the newer one a CPU request of 1 has the default weight 100, but weights are no longer
proportional to requests. Sources: opencontainers/cgroups, kubernetes pkg/kubelet/cm.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from simulator.errors import InputError, unknown
from simulator.machine.software import order

MIN_SHARES = 2
MAX_SHARES = 262_144
MIN_WEIGHT = 1
MAX_WEIGHT = 10_000
DEFAULT_WEIGHT = 100
PERIOD_US = 100_000
MIN_PERIOD_US = 1_000
MAX_PERIOD_US = 1_000_000
MIN_QUOTA_US = 1_000
MAPPINGS = ("linear", "runc-1.3.2")
DEFAULT_MAPPING = "runc-1.3.2"
UNLIMITED = -1


@lru_cache(maxsize=64)
def mapping_of(runc: str) -> str:
    """Which mapping a version of runc has."""
    return "linear" if order(runc) < order("1.3.2") else DEFAULT_MAPPING


@dataclass(frozen=True, slots=True)
class Resources:
    """Requests and limits of a container; None where one is not stated."""

    request_cpu_millis: int | None = None
    request_memory_bytes: int | None = None
    limit_cpu_millis: int | None = None
    limit_memory_bytes: int | None = None


@dataclass(frozen=True, slots=True)
class PodCgroup:
    """What the kubelet writes for a whole pod; None: no limit."""

    cpu_shares: int
    cpu_quota_us: int | None
    cpu_period_us: int | None
    memory_limit_bytes: int | None


def check(what: str, found: int, low: int, high: int) -> int:
    """``found`` itself, or an InputError that names the allowed range."""
    if not low <= found <= high:
        raise InputError(f"{what} out of range", found=found, expected=f"{low} to {high}")
    return found


def shares_from_millicpu(millicpu: int) -> int:
    """cgroup v1 cpu.shares for a CPU request in thousandths of a CPU."""
    return min(MAX_SHARES, max(MIN_SHARES, millicpu * 1024 // 1000))


def weight_from_shares(shares: int, mapping: str = DEFAULT_MAPPING) -> int:
    """cgroup v2 cpu.weight for cgroup v1 shares; 0 shares mean unset and stay 0."""
    if mapping not in MAPPINGS:
        raise unknown("weight mapping", mapping, MAPPINGS)
    if shares == 0:
        return 0
    if mapping == "linear":
        clamped = min(MAX_SHARES, max(MIN_SHARES, shares))
        return 1 + (clamped - MIN_SHARES) * 9999 // 262_142
    if shares <= MIN_SHARES:
        return MIN_WEIGHT
    if shares >= MAX_SHARES:
        return MAX_WEIGHT
    log = math.log2(shares)
    exponent = (log * log + 125 * log) / 612 - 7 / 34
    return math.ceil(10**exponent)


def weight_from_millicpu(millicpu: int, mapping: str = DEFAULT_MAPPING) -> int:
    """cgroup v2 cpu.weight for a CPU request in thousandths of a CPU."""
    return weight_from_shares(shares_from_millicpu(millicpu), mapping)


PRIO_TO_WEIGHT = (
    88761, 71755, 56483, 46273, 36291, 29154, 23254, 18705, 14949, 11916,
    9548, 7620, 6100, 4904, 3906, 3121, 2501, 1991, 1586, 1277,
    1024, 820, 655, 526, 423, 335, 272, 215, 172, 137,
    110, 87, 70, 56, 45, 36, 29, 23, 18, 15,
)  # fmt: skip
"""The kernel's ``sched_prio_to_weight``: of nice -20 to 19, a factor of about 1.25 a step."""


def weight_from_nice(nice: int) -> float:
    """cgroup v2 weight (100 is normal) that ``cpu.weight.nice`` gives a cgroup; nice -20 to 19."""
    return PRIO_TO_WEIGHT[check("nice value", nice, -20, 19) + 20] * DEFAULT_WEIGHT / 1024


def quota_from_millicpu(millicpu: int, period_us: int = PERIOD_US) -> tuple[int, int]:
    """(quota, period) in microseconds for a CPU limit; (0, 0) for none. Never below 1 ms."""
    if millicpu <= 0:
        return (0, 0)
    return (max(MIN_QUOTA_US, millicpu * period_us // 1000), period_us)


def millicpu_from_quota(quota_us: int, period_us: int) -> int:
    """The CPU limit in thousandths of a CPU that a quota stands for; 0 without a period."""
    return quota_us * 1000 // period_us if period_us > 0 else 0


def pod_cgroup(containers: Sequence[Resources]) -> PodCgroup:
    """The cgroup of a pod: shares from the sum of requests; a limit only if all state one."""
    request = sum(each.request_cpu_millis or 0 for each in containers)
    cpu_limits = [each.limit_cpu_millis for each in containers if each.limit_cpu_millis]
    memory_limits = [each.limit_memory_bytes for each in containers if each.limit_memory_bytes]
    quota = period = memory = None
    if containers and len(cpu_limits) == len(containers):
        quota, period = quota_from_millicpu(sum(cpu_limits))
    if containers and len(memory_limits) == len(containers):
        memory = sum(memory_limits)
    return PodCgroup(shares_from_millicpu(request), quota, period, memory)


def swap_limit(memory_bytes: int, memory_and_swap_bytes: int) -> int:
    """cgroup v2 memory.swap.max for docker's ``--memory`` and ``--memory-swap``.

    0 is unset, -1 unlimited. Refused by InputError: swap without memory, a negative size, a total
    below the memory limit.
    """
    unset_total = memory_and_swap_bytes == 0
    if memory_bytes < UNLIMITED or memory_and_swap_bytes < UNLIMITED:
        raise InputError(
            "bad memory limit",
            found=min(memory_bytes, memory_and_swap_bytes),
            expected="a size, 0 for unset or -1 for unlimited",
        )
    if memory_bytes == UNLIMITED and unset_total:
        return UNLIMITED
    if memory_and_swap_bytes == UNLIMITED or unset_total:
        return memory_and_swap_bytes
    if memory_bytes == UNLIMITED:
        # There is no memory part to take away: the whole total is swap.
        return memory_and_swap_bytes
    if memory_bytes == 0:
        raise InputError("a limit on memory and swap needs a limit on memory")
    if memory_and_swap_bytes < memory_bytes:
        raise InputError(
            "the limit on memory and swap is below the limit on memory",
            found=memory_and_swap_bytes,
            expected=f"at least {memory_bytes}",
        )
    return memory_and_swap_bytes - memory_bytes


def io_weight_from_blkio(blkio_weight: int) -> int:
    """cgroup v2 io.weight (1 to 10000) for a cgroup v1 blkio weight (10 to 1000); 0 is unset."""
    if blkio_weight == 0:
        return 0
    check("blkio weight", blkio_weight, 10, 1000)
    return 1 + (blkio_weight - 10) * 9999 // 990
