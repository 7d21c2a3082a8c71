"""What the daemon refuses of limits, in a new container and in an update of one that exists.

Rules and sentences are the Docker daemon's (moby, ``daemon/daemon_unix.go`` and
``daemon/container/container_unix.go``); those on CPU time are in ``machine/bandwidth.py``.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec

from simulator.errors import Refused
from simulator.machine.hardware import Hardware
from simulator.machine.settings import MIN_MEMORY_BYTES
from simulator.node.spec import ContainerSpec

_BLKIO = (10, 1000)
_SCORE = (-1000, 1000)


def verify(asked: ContainerSpec, hardware: Hardware, *, update: bool = False) -> None:
    """Refuse what is not allowed whatever was asked before; 0 and None are not asked."""
    memory, total = asked.memory_bytes or 0, asked.memory_swap_bytes or 0
    least = asked.memory_low_bytes or 0
    if memory and memory < MIN_MEMORY_BYTES:
        raise Refused("Minimum memory limit allowed is 6MB")
    if memory and 0 < total < memory:
        raise Refused("Minimum memoryswap limit should be larger than memory limit, see usage")
    if not memory and total > 0 and not update:
        raise Refused("You should always set the Memory limit when using Memoryswap limit")
    if 0 < least < MIN_MEMORY_BYTES:
        raise Refused("Minimum memory reservation allowed is 6MB")
    if memory and least > memory:
        raise Refused(
            "Minimum memory limit can not be less than memory reservation limit, see usage"
        )
    _cpus(asked, hardware.cores)
    weight = asked.io_weight
    if weight and not _BLKIO[0] <= weight <= _BLKIO[1]:
        raise Refused("Range of blkio weight is from 10 to 1000")
    if not _SCORE[0] <= asked.oom_score_adj <= _SCORE[1]:
        raise Refused(
            f"Invalid value {asked.oom_score_adj}, range for oom score adj is [-1000, 1000]"
        )


def _cpus(asked: ContainerSpec, cores: int) -> None:
    if asked.cpus is not None and asked.cpus and not 0.01 <= asked.cpus <= cores:
        raise Refused(
            f"Range of CPUs is from 0.01 to {cores:.2f}, as there are only {cores} CPUs available"
        )
    if asked.cpuset and max(asked.cpuset) >= cores:
        there = "0" if cores == 1 else f"0-{cores - 1}"
        raise Refused(
            f"Requested CPUs are not available - requested {in_ranges(asked.cpuset)}, "
            f"available: {there}"
        )


def in_ranges(cores: tuple[int, ...]) -> str:
    """``0-2,5``."""
    parts: list[list[int]] = []
    for core in cores:
        if parts and core == parts[-1][-1] + 1:
            parts[-1][1:] = [core]
        else:
            parts.append([core])
    return ",".join("-".join(map(str, part)) for part in parts)


def updated(
    before: ContainerSpec, changes: Mapping[str, Any], hardware: Hardware, id_: str
) -> ContainerSpec:
    """What a container is asked to be after an update; Refused where that is not allowed.

    What was not said of swap is what the daemon had made of it: as much again as the memory.
    """
    given = {key: value for key, value in changes.items() if value not in (None, 0, 0.0, ())}
    asked = ContainerSpec(image="", **given)
    verify(asked, hardware, update=True)
    total = before.memory_swap_bytes or 2 * (before.memory_bytes or 0)
    if asked.memory_bytes and not asked.memory_swap_bytes and asked.memory_bytes > total:
        raise _conflict(
            id_,
            "Memory limit should be smaller than already set memoryswap limit, update the "
            "memoryswap at the same time",
        )
    if asked.restart != "no" and "restart" in given and before.remove:
        raise _conflict(
            id_,
            "Restart policy cannot be updated because AutoRemove is enabled for the container",
        )
    if asked.memory_bytes and not asked.memory_swap_bytes:
        given["memory_swap_bytes"] = total
    spec = msgspec.structs.replace(before, **given)
    if spec.memory_bytes and 0 < (spec.memory_swap_bytes or 0) < spec.memory_bytes:
        raise _conflict(id_, "memory+swap limit should be >= memory limit")
    return spec


def _conflict(id_: str, sentence: str) -> Refused:
    return Refused(f"Cannot update container {id_}: {sentence}")
