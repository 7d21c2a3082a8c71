"""A station whose threads hinder each other: each goes slower the more of them are at work.

With n threads at work one second of CPU time brings a thread 1 / (1 + a(n-1) + bn(n-1)) of its work
on, so that n threads together do what the Universal Scalability Law says (Gunther 2007). A thread
holds its core all the same: what is lost was spun away, or spent on lines of its cache.

What is left of a job that is at work is kept in CPU time at the present number of threads, and
stretched whenever that changes; so the loops need not know.
"""

from __future__ import annotations

from math import inf

from simulator.machine.cpu.quota import Quota
from simulator.machine.cpu.share import CpuGroup
from simulator.machine.cpu.station import BUSY, Job, Station

ENDLESS_S = 1e18


class CrowdedStation(Station):
    """Threads that slow each other down; solved from event to event, never in bulk."""

    steady = False
    __slots__ = ("_unbound", "coherency", "contention")

    def __init__(
        self,
        name: str,
        group: CpuGroup,
        *,
        contention: float,
        coherency: float,
        workers: float = 1,
        room: float = inf,
    ) -> None:
        super().__init__(name, group, workers=workers, room=room)
        self.contention = contention
        self.coherency = coherency
        self._unbound = Quota(ENDLESS_S, ENDLESS_S)
        """Never used up; a station with a quota has its next end looked at after every change."""

    def slowdown(self, threads: int) -> float:
        """CPU time for a second of work while so many threads are at work."""
        others = threads - 1
        return 1.0 + (self.contention + self.coherency * threads) * others if threads else 1.0

    @property
    def bound(self) -> Quota:
        """The quota, or one that never binds."""
        return super().bound or self._unbound

    @property
    def plain(self) -> bool:
        """Never solved in bulk."""
        return False

    def admit(self, now: float, work: float, reference: Job | None = None) -> bool:
        """A job comes in; one that finds a thread free slows the others."""
        threads = len(self.busy)
        if threads + self.held < self.workers:
            self._become(threads, threads + 1)
            work *= self.slowdown(threads + 1)
        return super().admit(now, work, reference)

    def finish_next(self) -> BUSY:
        """The next job leaves; without a line the others are quicker from now on."""
        threads = len(self.busy)
        follows = self._stretch_head(threads)
        done = super().finish_next()
        if not follows:
            self._become(threads, threads - 1)
        return done

    def set_off(self) -> BUSY:
        """The next job goes on its way, and hinders the others no more."""
        threads = len(self.busy)
        done = super().set_off()
        self._become(threads, threads - 1)
        return done

    def compute_again(self, work: float, arrival: float, reference: Job) -> None:
        """A job comes back from its way, and hinders the others again."""
        threads = len(self.busy)
        self._become(threads, threads + 1)
        super().compute_again(work * self.slowdown(threads + 1), arrival, reference)

    def let_go(self) -> None:
        """A thread is held no more and takes the head of the line."""
        threads = len(self.busy)
        if self.waiting:
            self._become(threads, threads + 1)
            self._stretch_head(threads + 1)
        super().let_go()

    def _stretch_head(self, threads: int) -> bool:
        """The head of the line is about to be one of so many threads; False when there is none."""
        if not self.waiting:
            return False
        work, arrival, reference = self.waiting[0]
        self.waiting[0] = (work * self.slowdown(threads), arrival, reference)
        return True

    def _become(self, before: int, after: int) -> None:
        """So many threads are at work from now on."""
        if not before or not after:
            return
        factor = self.slowdown(after) / self.slowdown(before)
        attained = self.attained
        self.busy[:] = [
            (attained + (end - attained) * factor, serial, arrival, reference)
            for end, serial, arrival, reference in self.busy
        ]
