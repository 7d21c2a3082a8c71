"""A file that the program of a running container lets grow, as fast as its disk takes it.

A writer of a small part of what the disk does is steady: the page cache takes what it writes. One
of more wants a share of the disk, and gets what the others leave it. What a program does when the
disk is full is its own: it ends with code 1, or goes on trying (and writes again when there is
space). Deviation: a writer is never ahead of the disk by the dirty pages that a kernel allows.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import inf
from typing import TYPE_CHECKING, Protocol

from simulator.image.model import FileEntry
from simulator.image.problems import NoSpace
from simulator.image.trees import Tree
from simulator.machine.cpu.endless import ENDLESS, FOREVER_S
from simulator.machine.cpu.share import CpuGroup
from simulator.machine.cpu.station import Station
from simulator.machine.disk_space import DiskSpace

if TYPE_CHECKING:
    from simulator.machine.kernel import Container

PRESSING = 0.02
"""The part of a disk from which on a writer has to wait for its turn on it."""


@dataclass(frozen=True, slots=True, eq=False)
class Place:
    """Where a file lies: its tree, its path there, and the disk beneath."""

    tree: Tree
    path: str
    space: DiskSpace


class Writer(Protocol):
    """Whoever writes, told when it cannot."""

    def write_failed(self, writing: Writing) -> None:
        """There is no space left on the device."""


class Writing:
    """One file that grows while its container runs."""

    def __init__(
        self,
        container: Container,
        writer: Writer,
        place: Place,
        rate: float,
        *,
        ends: bool = False,
        presses: bool = False,
    ) -> None:
        """``rate``: bytes in a second, if the disk takes them. ``ends``: the program ends when its
        disk is full, instead of going on. ``presses``: it waits for its turn however little it
        writes."""
        self.container = container
        self.writer = writer
        self.place = place
        self.ends = ends
        whole = container.machine.hardware.disk_bytes_s
        self.rate = rate = min(rate, container.limits.io_bytes_s or inf)
        self.share = min(1.0, rate / whole) if presses or rate >= PRESSING * whole else 0.0
        """The part of the disk that it wants; 0: it is a steady writer."""
        self.total_bytes = 0
        """What it has written in spells that are over."""
        self.presses = presses
        """Whether it is a bomb, which presses the disk in a lane of its container."""
        self.in_memory = False
        """Whether its file lies in the memory of its container."""
        self.on = False
        self._station: Station | None = None
        """Where it waits for its turn on the disk, if it is no bomb."""
        self._used_s = 0.0
        self._unlinked_bytes = 0
        """Of a file that was removed while it was open: the one who closes it gives them back."""

    # --- orders ---------------------------------------------------------------------------------

    def begin(self) -> None:
        """Open the file and write; if there is no space, the program is told at this instant."""
        tree, path = self.place.tree, self.place.path
        if not tree.owns(path):
            try:
                tree.put(tree.lookup(path) or FileEntry(path))
            except NoSpace:
                self.container.sim.at(self.container.sim.now, self.refused, 0)
                return
        if self.share and self.presses:
            self.container.press(self.share)
            self._used_s = self._got_s()
        elif self.share:
            self._join()
        self.on = True
        tree.grows(path, self)
        self.place.space.begin(self)

    def stop(self) -> None:
        """The program writes no more; what it has written stays."""
        self._ended(self.place.space.end(self))

    def hold(self, held: bool) -> None:
        """Its container is paused, or goes on."""
        if held:
            self.stop()
        else:
            self.begin()

    def _ended(self, size_bytes: int) -> None:
        if not self.on:
            return
        self.on = False
        self.total_bytes += size_bytes
        tree, path = self.place.tree, self.place.path
        if not tree.grown(path, self, size_bytes):
            self.place.space.take(-size_bytes - self._unlinked_bytes, 0)
            self._unlinked_bytes = 0
        if self._station is not None:
            self._leave(self._station)
        elif self.share and self.container.lanes is not None:
            self.container.press(0.0)

    def _join(self) -> None:
        """Want a part of the disk, beside the requests of its container."""
        container = self.container
        name = f"{container.name}: writing"
        group = CpuGroup(name, parent=container.need_lanes().disk_group, limit=self.share)
        station = Station(name, group)
        station.admit(container.sim.now, FOREVER_S, ENDLESS)
        container.fabric.add_station(station)
        self._station, self._used_s = station, 0.0

    def _leave(self, station: Station) -> None:
        self.container.fabric.remove_station(station)
        station.group.detach()
        self._station = None

    @property
    def moved_bytes(self) -> int:
        """What it has written since the program began."""
        return self.total_bytes + self.size_bytes

    # --- what its tree and its disk ask ---------------------------------------------------------

    @property
    def size_bytes(self) -> int:
        """What the file has grown by in this spell."""
        return self.place.space.grown_by(self)

    @property
    def steady_per_s(self) -> float:
        """Its rate, where no device decides."""
        return 0.0 if self.share else self.rate

    @property
    def most_per_s(self) -> float:
        """The most that it can get."""
        if not self.share:
            return self.rate
        lanes = self.container.lanes
        limit = 1.0 if lanes is None else lanes.disk_group.limit
        return min(self.share, limit) * self.container.machine.hardware.disk_bytes_s

    def grown(self) -> float:
        """What the disk has taken in this spell."""
        return (self._got_s() - self._used_s) * self.container.machine.hardware.disk_bytes_s

    def _got_s(self) -> float:
        """Seconds of the disk's time that it has got since the program began."""
        if self._station is not None:
            self.container.fabric.settle((self._station,))
            return self._station.used
        station, lanes = self.container.station, self.container.lanes
        if station is None or lanes is None:
            return self._used_s
        self.container.fabric.settle((station,))
        return lanes.bomb.used

    def rebase(self) -> None:
        """Its tree wants to know the whole size."""
        place = self.place
        size = place.space.end(self)
        self.total_bytes += size
        place.tree.absorb(place.path, size)
        self._used_s = self._got_s()
        place.space.begin(self)

    def unlinked(self, size_bytes: int) -> None:
        """Its file was removed."""
        self._unlinked_bytes += size_bytes

    def refused(self, size_bytes: int) -> None:
        """There is no space left: the program is told."""
        self._ended(size_bytes)
        if not self.container.dying and self.container.running:
            self.writer.write_failed(self)

    def resumed(self) -> None:
        """There is space again."""
        if not self.container.dying and self.container.running:
            self.begin()
