"""First come, first served at full speed: the bulk solution.

With at least one core for every worker a job's end is known when it arrives. One worker is a
running maximum (Lindley 1952), done by numpy; several are a heap of the times at which they
become free, about 0.15 µs a job.
"""

from __future__ import annotations

from heapq import heapify, heapreplace
from math import inf

import numpy as np
import numpy.typing as npt

from simulator.machine.cpu.station import ROUNDING_S, Station

Floats = npt.NDArray[np.float64]
_NOTHING: Floats = np.empty(0)


NEVER_S = 1e15
"""More work than any run can do: a hog's."""

Memento = tuple[list[float], Floats, Floats, Floats]


class FifoLine:
    """All jobs inside one station, with their known starts and ends, in order of arrival."""

    __slots__ = ("after", "arrivals", "ends", "free", "hold", "room", "starts", "time", "workers")

    def __init__(self, workers: int, room: float, time: float) -> None:
        self.hold = 0.0
        """Seconds of every job, the last on its thread, in which it does not compute."""
        self.after = 0.0
        """Seconds that every job then takes without a thread."""
        self.workers = workers
        self.room = room
        self.time = time
        self.free = [time] * workers
        self.arrivals = _NOTHING
        self.starts = _NOTHING
        self.ends = _NOTHING

    # --- from and to the general form -----------------------------------------------------------

    @classmethod
    def of(cls, station: Station) -> FifoLine:
        """The line of a station whose threads all run at full speed from now on."""
        line = cls(int(station.workers), station.room, station.time)
        now = station.time
        sent = line._on_their_way(station)
        running = sorted(station.busy)
        busy = [end for end, _, held in sent if held]
        busy += [now + job[0] - station.attained + line.hold for job in running]
        line.free = [*busy, *([now] * (line.workers - len(busy)))]
        heapify(line.free)
        sent.sort(key=lambda job: job[2])
        ends = [end for end, _, held in sent if not held] + busy
        line.arrivals = np.array([arrival for _, arrival, _ in sent] + [job[2] for job in running])
        line.starts = np.full(len(ends), now)
        line.ends = np.array(ends)
        if station.waiting:
            works = np.array([work for work, _, _ in station.waiting]) + line.hold
            arrivals = np.array([arrival for _, arrival, _ in station.waiting])
            starts, ended = line._serve(np.full(len(works), now), works)
            line.append(arrivals, starts, ended)
        return line

    def _on_their_way(self, station: Station) -> list[tuple[float, float, bool]]:
        """Take over who has done computing: end on the thread, arrival, whether it holds one."""
        way = station.way
        if way is None:
            return []
        self.hold, self.after = way.hold_s, way.after_s
        now = station.time
        found = [
            (now + left_s - self.after, trip.arrival, trip.held) for trip, left_s in way.left_s()
        ]
        way.abandon()
        return found

    def store(self, station: Station) -> None:
        """Write all jobs back into the station's general form, at ``time``."""
        computing = self.ends - self.hold - self.time
        at_work = (self.starts <= self.time) & ((computing > 0.0) | (self.hold + self.after == 0.0))
        waiting = self.starts > self.time
        works = self.ends - self.starts - self.hold
        station.load(
            list(zip(computing[at_work].tolist(), self.arrivals[at_work].tolist(), strict=True)),
            list(zip(works[waiting].tolist(), self.arrivals[waiting].tolist(), strict=True)),
        )
        if station.way is None or not self.hold + self.after:
            return
        station.time = self.time
        sent = ~at_work & ~waiting
        left = (self.ends + self.after - self.time)[sent]
        for left_s, arrival in zip(left.tolist(), self.arrivals[sent].tolist(), strict=True):
            if station.way.put(station, arrival, left_s):
                station.held += 1
            else:
                station.sent += 1

    # --- progress -------------------------------------------------------------------------------

    def advance(self, times: Floats, works: Floats, until: float) -> tuple[Floats, Floats, Floats]:
        """Take arrivals up to ``until``; arrivals and ends of finished jobs, arrivals refused."""
        _, refused = self.take(times, works)
        arrivals, _, ends = self.leave(until)
        return arrivals, ends, refused

    def take(self, times: Floats, works: Floats) -> tuple[float, Floats]:
        """Let jobs arrive; the work that was let in, and the arrivals that were refused."""
        if not len(times):
            return 0.0, _NOTHING
        if self.hold:
            works = works + self.hold
        free = list(self.free) if self.room != inf else self.free
        starts, ends = self._serve(times, works)
        refused = _NOTHING
        if self.room != inf and self._overflows(times, starts):
            self.free = free
            kept, starts, ends, refused = self._serve_bounded(times, works)
            times, works = times[kept], works[kept]
        self.append(times, starts, ends)
        return float(works.sum()) - len(works) * self.hold, refused

    def append(self, arrivals: Floats, starts: Floats, ends: Floats) -> None:
        """Jobs that somebody else placed; ``free`` already knows of them."""
        self.arrivals = np.concatenate((self.arrivals, arrivals))
        self.starts = np.concatenate((self.starts, starts))
        self.ends = np.concatenate((self.ends, ends))

    def leave(self, until: float) -> tuple[Floats, Floats, Floats]:
        """Let time pass; arrivals, starts and ends of the jobs that finished by ``until``."""
        self.time = until
        over = self.ends + self.after if self.after else self.ends
        done = over <= until
        if not done.any():
            return _NOTHING, _NOTHING, _NOTHING
        arrivals, starts, ends = self.arrivals[done], self.starts[done], over[done]
        left = ~done
        self.arrivals = self.arrivals[left]
        self.starts = self.starts[left]
        self.ends = self.ends[left]
        return arrivals, starts, ends

    def stayed_s(self, now: float) -> float:
        """Seconds that those inside have spent in the station until ``now``."""
        return float((np.minimum(self.ends + self.after, now) - self.arrivals).sum())

    def __len__(self) -> int:
        return len(self.ends)

    def inside(self) -> int:
        """How many have a thread, or are in line for one."""
        if not self.after:
            return len(self.ends)
        return int((self.ends > self.time).sum())

    def queued(self) -> int:
        """How many are in line."""
        if len(self.ends) <= self.workers:
            return 0
        return int((self.starts > self.time).sum())

    def left_of(self, later_s: float, alone_s: float) -> float:
        """Seconds that those inside still spend on a step that so many seconds follow."""
        left = self.ends + (self.after - later_s - self.time)
        return float(np.clip(left, 0.0, alone_s).sum())

    def waited_s(self, now: float) -> float:
        """Seconds that those inside have spent in line until ``now``."""
        return float((np.minimum(self.starts, now) - self.arrivals).sum())

    def late(self, newest: int) -> int:
        """How many of the ``newest`` jobs had to wait for a thread."""
        if not newest:
            return 0
        waits = self.starts[-newest:] - self.arrivals[-newest:]
        return int(np.count_nonzero(waits > ROUNDING_S))

    def most_inside(self, since: float) -> int:
        """The most that were ever inside at once, counted at every arrival after ``since``."""
        arrived = np.arange(1, len(self.arrivals) + 1)
        gone = np.searchsorted(np.sort(self.ends), self.arrivals, side="right")
        inside = (arrived - gone)[self.arrivals > since]
        return int(inside.max()) if len(inside) else 0

    def memento(self) -> Memento:
        """What ``restore`` needs to forget everything taken since."""
        return list(self.free), self.arrivals, self.starts, self.ends

    def restore(self, memento: Memento) -> None:
        """Be as when the memento was made; nothing has left since."""
        self.free, self.arrivals, self.starts, self.ends = memento

    def pending_work(self) -> float:
        """CPU-seconds still to be done at ``time``, but for jobs that never end."""
        if not len(self.ends):
            return 0.0
        left = self.ends - self.hold - np.maximum(self.starts, self.time)
        if self.hold or self.after:
            left = np.maximum(left, 0.0)
        return float(left[left < NEVER_S].sum())

    def endless(self) -> int:
        """Jobs at work that never end: adding their work to anything would drown the rest."""
        return int((self.ends >= NEVER_S).sum()) if len(self.ends) else 0

    def _serve(self, times: Floats, works: Floats) -> tuple[Floats, Floats]:
        if self.workers == 1:
            return self._serve_alone(times, works)
        free = self.free
        ends = []
        first = free[0]
        for at, work in zip(times.tolist(), works.tolist(), strict=True):
            end = (at if at > first else first) + work
            heapreplace(free, end)
            first = free[0]
            ends.append(end)
        ended = np.fromiter(ends, np.float64, len(ends))
        return ended - works, ended

    def _serve_alone(self, times: Floats, works: Floats) -> tuple[Floats, Floats]:
        # end_k = max(end_(k-1), time_k) + work_k, with the works of the slice summed up.
        done = np.cumsum(works)
        slack = times - done + works
        slack[0] = max(slack[0], self.free[0])
        ends = np.maximum.accumulate(slack) + done
        self.free = [float(ends[-1])]
        return ends - works, ends

    def _overflows(self, times: Floats, starts: Floats) -> bool:
        """Whether any arrival found more than ``room`` jobs in line (starts never decrease)."""
        if len(self.starts) + len(times) <= self.room:
            return False
        already = int((self.starts > self.time).sum())
        if already + len(times) <= self.room:
            return False
        line = np.concatenate((np.sort(self.starts[self.starts > self.time]), starts))
        started = np.searchsorted(line, times + ROUNDING_S, side="right")
        in_line = already + np.arange(len(times)) - started
        # An arrival that starts at once is not in line and needs no room.
        return bool(((in_line >= self.room) & (starts > times + ROUNDING_S)).any())

    def _serve_bounded(
        self, times: Floats, works: Floats
    ) -> tuple[list[int], Floats, Floats, Floats]:
        """One by one, refusing whoever finds no thread free and the line full."""
        free, room = self.free, self.room
        line = np.sort(self.starts[self.starts > self.time]).tolist()
        head = 0
        kept: list[int] = []
        ends: list[float] = []
        refused: list[float] = []
        for i, (at, work) in enumerate(zip(times.tolist(), works.tolist(), strict=True)):
            first = free[0]
            if at + ROUNDING_S >= first:
                start = at if at >= first else first
            else:
                while head < len(line) and line[head] <= at + ROUNDING_S:
                    head += 1
                if len(line) - head >= room:
                    refused.append(at)
                    continue
                start = first
                line.append(first)
            heapreplace(free, start + work)
            kept.append(i)
            ends.append(start + work)
        ended = np.array(ends)
        return kept, ended - works[kept], ended, np.array(refused)
