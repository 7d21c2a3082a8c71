"""A device that tenants share: weighted max-min by time, level by level down the kernels.

The unit is the share of the device's time: a disk operation takes ``1 / IOPS`` and its bytes over
the bytes per second; a byte on the network takes ``1 / rate``. A virtual machine is one tenant of
the kernel beneath and divides what it gets inside. Sources: kernel io.cost/io.max documentation;
Bertsekas & Gallager 1992 for max-min.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from math import inf
from typing import TYPE_CHECKING

from simulator.machine.cpu.share import weighted_shares

if TYPE_CHECKING:
    from simulator.machine.kernel import Container, Kernel

VM_WEIGHT = 100.0
_MANY = 64
"""Above so many tenants of one kernel, what one could get is bounded instead of solved."""


@dataclass(frozen=True, slots=True)
class Want:
    """What one container asks of a device: a share of its time, its weight, its ceiling."""

    share: float
    weight: float = 100.0
    most: float = inf

    @property
    def asked(self) -> float:
        """What it asks for within its ceiling."""
        return min(self.share, self.most)


def could_get(
    kernel: Kernel, wants: Mapping[Container, Want], capacity: float = 1.0
) -> dict[Container, float]:
    """For each container that wants anything, the share it would get if it wanted all."""
    found: dict[Container, float] = {}
    _divide(kernel, wants, capacity, found)
    return found


def _divide(
    kernel: Kernel,
    wants: Mapping[Container, Want],
    capacity: float,
    found: dict[Container, float],
) -> None:
    own = [(one, wants[one]) for one in kernel.containers.values() if one in wants]
    guests = [(vm, _inside(vm.kernel, wants)) for vm in kernel.vms.values()]
    guests = [(vm, asked) for vm, asked in guests if asked > 0]
    asked = [want.asked for _, want in own] + [share for _, share in guests]
    weights = [want.weight for _, want in own] + [VM_WEIGHT] * len(guests)
    for index, (one, want) in enumerate(own):
        found[one] = min(want.most, _most(capacity, asked, weights, index))
    for index, (vm, _) in enumerate(guests, start=len(own)):
        _divide(vm.kernel, wants, _most(capacity, asked, weights, index), found)


def _inside(kernel: Kernel, wants: Mapping[Container, Want]) -> float:
    return sum(wants[one].asked for one in kernel.all_containers() if one in wants)


def _most(capacity: float, asked: list[float], weights: list[float], index: int) -> float:
    """What the tenant at ``index`` gets if it asks for everything."""
    if len(asked) > _MANY:
        others = sum(asked) - asked[index]
        return max(capacity - others, capacity * weights[index] / sum(weights))
    return weighted_shares(capacity, [*asked[:index], capacity * 2, *asked[index + 1 :]], weights)[
        index
    ]
