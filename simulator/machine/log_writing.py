"""The file that a daemon keeps of what a container prints, while that grows.

It is the daemon's, not the container's: it counts for no layer and no limit, only for the disk. It
is rotated at the sizes that were asked for; then it is taken to be as large as it may become. When
the disk is full its lines are lost, and the container goes on.
"""

from __future__ import annotations

from math import inf

from simulator.engine.calendar import Entry
from simulator.machine.kernel import Container
from simulator.machine.writing import Place, Writer, Writing


class LogWriting(Writing):
    """One log that grows by a rate, up to what its rotated files take."""

    def __init__(
        self, container: Container, writer: Writer, place: Place, rate: float, most_bytes: float
    ) -> None:
        super().__init__(container, writer, place, rate)
        self.share, self.rate = 0.0, rate
        self.most_bytes = most_bytes
        self._rotated: Entry | None = None

    def begin(self) -> None:
        """Write, until all files that may be kept are full."""
        entry = self.place.tree.lookup(self.place.path)
        left = self.most_bytes - (0 if entry is None else entry.size_bytes)
        if left <= 0:
            return
        super().begin()
        if left < inf and self.on:
            sim = self.container.sim
            self._rotated = sim.at(sim.now + left / self.rate, self._full)

    def _full(self) -> None:
        """From now on each line goes where an older one was."""
        self._rotated = None
        self._ended(self.place.space.end(self))

    def _ended(self, size_bytes: int) -> None:
        if self._rotated is not None:
            self._rotated.cancel()
            self._rotated = None
        super()._ended(size_bytes)
