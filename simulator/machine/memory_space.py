"""A file system in memory: what is written to it is memory of the container that it belongs to."""

from __future__ import annotations

from typing import TYPE_CHECKING

from simulator.image.trees import Tree
from simulator.image.union import FileSystem
from simulator.machine.disk_space import DiskSpace, Growing

if TYPE_CHECKING:
    from simulator.machine.kernel import Container

SHM_BYTES = 64 << 20
"""The size of /dev/shm, and of /dev, where nothing is said (Docker's own)."""
_PAGE_BYTES = 4096


class MemorySpace(DiskSpace):
    """One tmpfs of one container. Its size is a bound, not a reservation; it is empty anew with
    each start. Inodes: one for each page, as Linux gives them."""

    def __init__(self, container: Container, size_bytes: int | None) -> None:
        """``size_bytes``: None for half of the machine's memory."""
        hardware = container.machine.hardware
        most = hardware.memory_bytes // 2 if size_bytes is None else size_bytes
        super().__init__(container.sim, most, float("inf"), float(_PAGE_BYTES))
        self._container = container
        self.tree = Tree(FileSystem(), space=self)

    def take(self, size_bytes: int, files: int) -> bool:
        """Have more of it; a charge that is too much for a cgroup kills, as every other does."""
        done = super().take(size_bytes, files)
        if done and size_bytes:
            self._container.charge_memory()
        return done

    def end(self, one: Growing) -> int:
        """A file of it grows no more: what it has grown by is charged."""
        size = super().end(one)
        self._container.charge_memory()
        return size
