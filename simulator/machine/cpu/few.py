"""First come, first served at full speed, for a handful of jobs: the same as ``fifo.py``, as lists.

An array costs about a microsecond a step however little is in it; most stations of a large world
have one or two jobs inside. Both forms know each job's start and end as soon as it comes.
"""

from __future__ import annotations

from heapq import heapreplace

import numpy as np

from simulator.machine.cpu.fifo import NEVER_S, FifoLine, Floats
from simulator.machine.cpu.station import ROUNDING_S

FEW = 32
"""Jobs, inside and coming, from which on arrays are the faster form."""

Placed = tuple[float, float, float]
"""A job inside: arrival, start and end."""
FewMemento = tuple[list[float], int]


class FewLine:
    """A few jobs inside one station, with their known starts and ends, in order of arrival."""

    __slots__ = ("free", "jobs", "room", "time", "workers")

    hold = after = 0.0
    """Jobs that need more than CPU are kept in the long form."""

    def __init__(self, line: FifoLine) -> None:
        """The jobs of a line in the long form."""
        self.workers, self.room, self.time = line.workers, line.room, line.time
        self.free = line.free
        rows = (line.arrivals.tolist(), line.starts.tolist(), line.ends.tolist())
        self.jobs: list[Placed] = list(zip(*rows, strict=True))

    def long(self) -> FifoLine:
        """The same in the long form."""
        line = FifoLine(self.workers, self.room, self.time)
        line.free = self.free
        line.arrivals, line.starts, line.ends = self.arrivals, self.starts, self.ends
        return line

    # --- progress -------------------------------------------------------------------------------

    def take(self, times: list[float], works: list[float]) -> tuple[float, list[float]]:
        """Let jobs arrive; the work that was let in, and the arrivals that were refused."""
        free, jobs, room = self.free, self.jobs, self.room
        refused: list[float] = []
        total = 0.0
        for at, work in zip(times, works, strict=True):
            start = free[0]
            latest = at + ROUNDING_S
            if latest < start:
                if len(jobs) >= room and sum([job[1] > latest for job in jobs]) >= room:
                    refused.append(at)
                    continue
            elif at > start:
                start = at
            end = start + work
            heapreplace(free, end)
            jobs.append((at, start, end))
            total += work
        return total, refused

    def append(self, arrivals: list[float], starts: list[float], ends: list[float]) -> None:
        """Jobs that somebody else placed; ``free`` already knows of them."""
        self.jobs += zip(arrivals, starts, ends, strict=True)

    def part(self, until: float) -> list[Placed]:
        """Let time pass; the jobs that ended by ``until`` leave."""
        self.time = until
        done = [job for job in self.jobs if job[2] <= until]
        if len(done) == len(self.jobs):
            self.jobs = []
        elif done:
            self.jobs = [job for job in self.jobs if job[2] > until]
        return done

    def memento(self) -> FewMemento:
        """What ``restore`` needs to forget everything taken since."""
        return list(self.free), len(self.jobs)

    def restore(self, memento: FewMemento) -> None:
        """Be as when the memento was made; nothing has left since."""
        self.free, count = memento
        del self.jobs[count:]

    # --- what is in it --------------------------------------------------------------------------

    def __len__(self) -> int:
        return len(self.jobs)

    @property
    def arrivals(self) -> Floats:
        """When those inside came."""
        return np.array([job[0] for job in self.jobs])

    @property
    def starts(self) -> Floats:
        """When each got or gets a thread."""
        return np.array([job[1] for job in self.jobs])

    @property
    def ends(self) -> Floats:
        """When each will have ended."""
        return np.array([job[2] for job in self.jobs])

    def inside(self) -> int:
        """How many have a thread, or are in line for one."""
        return len(self.jobs)

    def queued(self) -> int:
        """How many are in line."""
        now = self.time
        return sum([job[1] > now for job in self.jobs])

    def stayed_s(self, now: float) -> float:
        """Seconds that those inside have spent in the station until ``now``."""
        return sum([(end if end < now else now) - arrival for arrival, _, end in self.jobs])

    def waited_s(self, now: float) -> float:
        """Seconds that those inside have spent in line until ``now``."""
        return sum([(start if start < now else now) - arrival for arrival, start, _ in self.jobs])

    def late(self, newest: int) -> int:
        """How many of the ``newest`` jobs had to wait for a thread."""
        late = 0
        for arrival, start, _ in self.jobs[-newest:] if newest else ():
            late += start - arrival > ROUNDING_S
        return late

    def pending_work(self) -> float:
        """CPU-seconds still to be done at ``time``, but for jobs that never end."""
        now, left = self.time, 0.0
        for _, start, end in self.jobs:
            work = end - (start if start > now else now)
            if work < NEVER_S:
                left += work
        return left

    def most_inside(self, since: float) -> int:
        """The most that were ever inside at once, counted at every arrival after ``since``."""
        return self.long().most_inside(since)
