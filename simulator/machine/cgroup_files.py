"""Texts of the files of a container's cgroup (version 2), as the kernel writes them."""

from __future__ import annotations

from collections.abc import Iterable
from math import inf

from simulator.machine.container import Container
from simulator.machine.file_traffic import met_until_now
from simulator.machine.load import cpu_pressure, io_pressure
from simulator.machine.pace import moved_bytes, operations_of
from simulator.machine.pagecache import Cache
from simulator.machine.processes import STACK_BYTES, of_container
from simulator.machine.stalls import pressure_text

CONTROLLERS = "cpuset cpu io memory pids"
DISK = "253:0"
"""The number of the disk: the first of virtio."""


def cgroup_files(container: Container, cache: Cache | None = None) -> dict[str, str]:
    """The files of a container's cgroup, by their paths as it sees them.

    ``cache``: that of its kernel at this instant, if somebody has looked at it already.
    """
    cache = Cache(container.machine.kernel) if cache is None else cache
    texts = _cpu(container) | _memory(container, cache) | _others(container)
    return {f"/sys/fs/cgroup/{name}": text for name, text in texts.items()}


def _cpu(container: Container) -> dict[str, str]:
    limits, period_us = container.limits, round(container.period_s * 1e6)
    quota = "max" if limits.cpus is None else str(round(limits.cpus * container.period_s * 1e6))
    return {
        "cpu.max": f"{quota} {period_us}",
        "cpu.weight": str(limits.cpu_weight),
        "cpu.stat": _cpu_stat(container),
        "cpu.idle": "0",
        "cpu.max.burst": "0",
        "cpu.pressure": _cpu_pressure(container),
        "cpuset.cpus": ranges(limits.cpuset),
        "cpuset.cpus.effective": ranges(limits.cpuset or range(container.machine.hardware.cores)),
    }


def _cpu_pressure(container: Container) -> str:
    return pressure_text(*cpu_pressure(container, container.throttling().throttled_s))


def ranges(numbers: Iterable[int]) -> str:
    """Numbers of cores as the kernel writes them: ``0-3,6``."""
    parts: list[list[int]] = []
    for number in sorted(set(numbers)):
        if parts and number == parts[-1][1] + 1:
            parts[-1][1] = number
        else:
            parts.append([number, number])
    return ",".join(f"{low}-{high}" if low != high else str(low) for low, high in parts)


def _cpu_stat(container: Container) -> str:
    used, quota = round(container.cpu_seconds * 1e6), container.throttling()
    system = round(used * container.system_share)
    return "\n".join((
        f"usage_usec {used}",
        f"user_usec {used - system}",
        f"system_usec {system}",
        f"nr_periods {quota.nr_periods}",
        f"nr_throttled {quota.nr_throttled}",
        f"throttled_usec {round(quota.throttled_s * 1e6)}",
        "nr_bursts 0",
        "burst_usec 0",
    ))  # fmt: skip


def _memory(container: Container, cache: Cache) -> dict[str, str]:
    memory, bounds = container.memory, container.memory.bounds
    held, cached = memory.resident, cache.of(container)
    swap = container.limits.swap_limit_bytes
    peak = max(held + cached, memory.peak_bytes, container.files.peak_bytes)
    return {
        "memory.current": str(held + cached),
        "memory.peak": str(peak),
        "memory.max": _limit(bounds.max_bytes),
        "memory.high": _limit(bounds.high_bytes),
        "memory.low": str(int(bounds.low_bytes)),
        "memory.min": str(int(bounds.min_bytes)),
        "memory.stat": _memory_stat(container, cache),
        "memory.events": _memory_events(container),
        "memory.events.local": _memory_events(container),
        "memory.oom.group": "0",
        "memory.pressure": container.memory_stall.text(container.sim.now),
        "memory.swap.current": str(memory.swapped),
        "memory.swap.max": _limit(inf if swap is None else swap),
    }


def _memory_stat(container: Container, cache: Cache) -> str:
    """What it is made of. No file page is read twice here, so that it would become active."""
    held, cached = container.memory.resident, cache.of(container)
    dirty, writeback = cache.dirty_of(container)
    stacks = min(held, container.bomb_processes * STACK_BYTES)
    shared = min(held - stacks, sum(one.used_bytes for one in container.memory_spaces))
    counts = {
        "anon": held - stacks - shared,
        "file": cached + shared,
        "kernel_stack": stacks,
        "shmem": shared,
        "file_dirty": dirty,
        "file_writeback": writeback,
        "inactive_anon": 0,
        "active_anon": held - stacks,
        "inactive_file": cached,
        "active_file": 0,
    }
    return "\n".join(f"{name} {count}" for name, count in counts.items())


def _memory_events(container: Container) -> str:
    killed, met = container.oom_kills + int(container.oom_killed), met_until_now(container)
    counts = {
        "low": 0,
        "high": met.high,
        "max": met.max + killed,
        "oom": killed,
        "oom_kill": killed,
        "oom_group_kill": 0,
    }
    return "\n".join(f"{name} {count}" for name, count in counts.items())


def _others(container: Container) -> dict[str, str]:
    limits = container.limits
    rate = limits.io_bytes_s
    bytes_s = f"rbps={rate:.0f} wbps={rate:.0f}" if rate is not None else ""
    frozen = int(container.paused)
    return {
        "pids.max": "max" if limits.pids is None else str(limits.pids),
        "pids.current": str(of_container(container)),
        "pids.events": f"max {container.forks_refused}",
        "io.weight": f"default {limits.io_weight:g}",
        "io.max": f"{DISK} {bytes_s} riops=max wiops=max" if bytes_s else "",
        "io.pressure": pressure_text(*io_pressure(container)),
        "io.stat": _io_stat(container),
        "cgroup.controllers": CONTROLLERS,
        "cgroup.subtree_control": "",
        "cgroup.type": "domain",
        "cgroup.events": f"populated 1\nfrozen {frozen}",
        "cgroup.freeze": str(frozen),
        "cgroup.max.depth": "max",
        "cgroup.max.descendants": "max",
        "cgroup.stat": "nr_descendants 0\nnr_dying_descendants 0",
    }


def _io_stat(container: Container) -> str:
    """What it has moved from and to the disk; which of the two, a workload does not say."""
    moved, operations = moved_bytes(container)[1], operations_of(container)
    if not moved and not operations:
        return ""
    return f"{DISK} rbytes=0 wbytes={moved} rios=0 wios={operations} dbytes=0 dios=0"


def _limit(size_bytes: float) -> str:
    return "max" if size_bytes == inf else str(int(size_bytes))
