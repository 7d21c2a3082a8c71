"""A kernel: one cgroup tree, one pid table, one fate for everything below it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from simulator.machine.cpu.share import CpuGroup
from simulator.machine.memory import MemoryGroup

if TYPE_CHECKING:
    from simulator.machine.container import Container
    from simulator.machine.host import VirtualMachine
    from simulator.machine.pagecache import HotSet
    from simulator.machine.slices import Slice


class Kernel:
    """What containers share and virtual machines do not.

    ``state`` is booting, running, panicked or off.
    """

    def __init__(
        self,
        name: str,
        version: str,
        os: str,
        cpu: CpuGroup,
        memory: MemoryGroup,
        state: str,
        *,
        pid_max: int,
    ) -> None:
        """``pid_max``: how high process numbers go; the cgroup limit binds long before."""
        self.name = name
        self.version = version
        self.os = os
        self.cpu = cpu
        self.memory = memory
        self.state = state
        self.pid_max = pid_max
        self.containers: dict[str, Container] = {}
        self.vms: dict[str, VirtualMachine] = {}
        self.ram_bytes = memory.limit_bytes
        """Memory without swap."""
        self.slices: dict[str, Slice] = {}
        self.hot: dict[str, HotSet] = {}
        """Pages of image files in its memory, by the image's digest."""
        self.owner: Kernel | None = None
        """The kernel that this one only is a part of: VMs of a hypervisor that share one."""
        self._last_pid = 1000

    def new_pid(self) -> int:
        """The next process number, as seen on this kernel."""
        self._last_pid = self._last_pid % self.pid_max + 1
        return self._last_pid

    @property
    def fate(self) -> Kernel:
        """The kernel that falls when this one does: itself, or the one it is a part of."""
        return self if self.owner is None else self.owner.fate

    def below(self) -> Iterator[Kernel]:
        """This kernel and all kernels of machines that run on it: its blast radius."""
        yield self
        for vm in self.vms.values():
            yield from vm.kernel.below()

    def all_containers(self) -> list[Container]:
        """Containers on this kernel and on all kernels below it."""
        return [one for kernel in self.below() for one in kernel.containers.values()]
