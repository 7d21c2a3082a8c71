"""From what a container was asked to be to what its cgroups allow on a machine."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import msgspec

from simulator.machine import bandwidth
from simulator.machine.host import Machine
from simulator.machine.settings import Limits
from simulator.machine.weights import (
    UNLIMITED,
    io_weight_from_blkio,
    swap_limit,
    weight_from_shares,
)
from simulator.node.spec import ContainerSpec


def limits_of(spec: ContainerSpec, machine: Machine) -> Limits:
    """The limits that a specification asks for on a machine."""
    shares = spec.cpu_shares
    io_weight = spec.io_weight
    usual_us = machine.parts.usual_period_s * 1e6
    limits = bandwidth.stated(Limits(), spec.cpus, spec.cpu_period_us, spec.cpu_quota_us, usual_us)
    return replace(
        limits,
        cpu_weight=100 if not shares else weight_from_shares(shares, _mapping(machine)),
        cpuset=spec.cpuset,
        memory_bytes=spec.memory_bytes or None,
        pids=_pids(spec.pids_limit),
        memory_low_bytes=spec.memory_low_bytes or 0,
        nofile=spec.nofile,
        memory_high_bytes=spec.memory_high_bytes,
        swap_bytes=_swap(spec, machine),
        swap_limit_bytes=_swap_limit(spec),
        io_weight=100.0 if not io_weight else float(io_weight_from_blkio(io_weight)),
        io_bytes_s=spec.io_bytes_s,
    )


def _mapping(machine: Machine) -> str:
    """How the runtime on a machine makes weights of shares."""
    return machine.weight_mapping


def _pids(limit: int | None) -> int | None:
    """A limit on processes; -1 is none."""
    return None if limit == -1 else limit


def _swap_limit(spec: ContainerSpec) -> int | None:
    """Swap beside the memory limit: as much again when nothing is said, as Docker has it."""
    memory, total = spec.memory_bytes, spec.memory_swap_bytes
    if not memory:
        return None
    wanted = memory if not total else swap_limit(memory, total)
    return None if wanted == UNLIMITED else wanted


def _swap(spec: ContainerSpec, machine: Machine) -> int:
    """What of that there is on a machine; without a limit of memory it is the kernel's to say."""
    there, limit = machine.hardware.swap_bytes, _swap_limit(spec)
    if not spec.memory_bytes:
        return 0
    return there if limit is None else min(there, limit)


def changed(
    limits: Limits, after: ContainerSpec, changes: Mapping[str, Any], machine: Machine
) -> Limits:
    """Limits after an update: what the specification asks for now, CPU time by its own rules."""
    usual_us = machine.parts.usual_period_s * 1e6
    cpus, period, quota = map(changes.get, ("cpus", "cpu_period_us", "cpu_quota_us"))
    timed = bandwidth.stated(limits, cpus, period, quota, usual_us)
    untimed = msgspec.structs.replace(after, cpus=None, cpu_period_us=None, cpu_quota_us=None)
    return replace(
        limits_of(untimed, machine),
        cpus=timed.cpus,
        cpu_period_us=timed.cpu_period_us,
        cpu_quota_us=timed.cpu_quota_us,
    )
