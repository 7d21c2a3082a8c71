"""A station: the threads of one container and the work that waits for them.

A station has at most ``workers`` threads at work; further jobs wait in line, first come first
served. Threads share the CPU that the cgroup is given: n busy threads with R cores run at
min(1, R/n) each. With unlimited workers this is processor sharing, with enough CPU it is FIFO.

Progress is kept in *virtual time*: ``attained`` is the CPU time that every busy thread has got
since the station was last empty, so a job that starts now ends when ``attained`` has grown by its
work, however the speed changes in between (Parekh & Gallager 1993).
"""

from __future__ import annotations

from bisect import bisect_right
from collections import deque
from collections.abc import Sequence
from heapq import heapify, heappop, heappush
from itertools import islice
from math import inf
from typing import Any, Protocol, TypeAlias

import numpy as np
import numpy.typing as npt

from simulator.machine.cpu.acting import Acting
from simulator.machine.cpu.quota import Quota
from simulator.machine.cpu.share import CpuGroup

Floats = npt.NDArray[np.float64]
Indexes = npt.NDArray[np.intp]

ROUNDING_S = 1e-9
"""Instants so close are one, and what ends at an instant has ended before all else that happens
then: its thread is free, its answer in time. Clients who try again, periods of quotas and evenly
spaced requests make the same sum in different orders, and the last bit of one decides nothing."""

BUSY: TypeAlias = tuple[float, int, float, "Job | None"]
"""A job at work: attained service at its end, serial number, arrival time, owner's reference."""

WAITING: TypeAlias = tuple[float, float, "Job | None"]
"""A job in line: work in CPU-seconds, arrival time, owner's reference."""


HEAD = 64
"""Jobs in line that are looked at for a bound."""


class Job(Protocol):
    """What a job may refer to, when somebody must be told of its end."""

    @property
    def acts(self) -> bool:
        """Whether somebody may have to act at the very instant of its end."""

    def finished(self, station: Station, time: float) -> bool:
        """The job ended at ``time``; True when somebody must act at once."""

    def lost(self, station: Station, time: float) -> None:
        """The job died with its station at ``time``."""


class Bulk(Protocol):
    """Jobs of a station kept elsewhere, with starts and ends that are known already."""

    def stayed_s(self, now: float) -> float:
        """Seconds that those inside have spent in the station until ``now``."""

    def waited_s(self, now: float) -> float:
        """Seconds that those inside have spent in line until ``now``."""

    def inside(self) -> int:
        """How many have a thread, or are in line for one."""

    def queued(self) -> int:
        """How many are in line."""

    def __len__(self) -> int: ...


class Keeper(Protocol):
    """Who keeps a station's numbers elsewhere, as long as nobody asks."""

    @property
    def changes(self) -> int:
        """How often stations have come or gone: rows keep their meaning in between."""

    def write_back(self, station: Station) -> None:
        """Have them in the station itself."""

    def receive(self, station: Station, times: Floats, works: Floats) -> None:
        """Jobs come to it, in the order of time."""

    def rows_of(self, stations: Sequence[Station]) -> Indexes:
        """Where each of these is kept; -1 for those that are not."""

    def send(self, rows: Indexes, times: Floats, works: Floats) -> None:
        """Jobs come to them, in the order of time."""


class Travelling(Protocol):
    """A job whose CPU work is done, on its way through devices."""

    arrival: float
    held: bool
    """Whether it still has its thread."""
    reference: Job | None


class Way(Protocol):
    """What the jobs of a station do when their CPU work is done (``route.py``)."""

    @property
    def devices(self) -> Sequence[CpuGroup]:
        """The roots of the devices that it uses."""

    @property
    def lanes(self) -> Sequence[Station]:
        """The places on it."""

    @property
    def hold_s(self) -> float:
        """Seconds for which it holds a thread while nobody else uses the devices."""

    @property
    def after_s(self) -> float:
        """Seconds that it then takes without a thread."""

    def put(self, station: Station, arrival: float, left_s: float) -> bool:
        """A plain job is so long before its end if it is alone; whether it holds its thread."""

    def left_s(self) -> Sequence[tuple[Travelling, float]]:
        """Those on their way, and how long each still takes if all are alone."""

    def computed_left_s(self, job: Job | None, work_scale: float) -> float:
        """The least time from the end of a job's CPU work to its end."""

    def acting_left_s(self, work_scale: float) -> float:
        """The least time in which a job on its way ends upon which somebody must act."""

    def trips(self) -> Sequence[Travelling]:
        """Those who are on their way."""

    def abandon(self) -> None:
        """All who are on their way are gone."""


WITHDRAW = -1.0
"""In place of a job's work: take this job away, wherever it is in the station."""


class Station:
    """The CPU side of one running container (or of one batch job, or of a hog)."""

    steady = True
    """Whether a thread goes on as fast however many others are at work, if cores suffice."""

    __slots__ = (
        "_taken",
        "_used",
        "_waited",
        "acting",
        "alarm",
        "attained",
        "away_s",
        "bulk",
        "busy",
        "ceilings",
        "draining",
        "due_kind",
        "due_version",
        "frozen",
        "group",
        "held",
        "holding",
        "inbox_times",
        "inbox_works",
        "inside_s",
        "keeper",
        "line_s",
        "name",
        "owner",
        "quota",
        "ran_s",
        "room",
        "root",
        "roots",
        "runnable",
        "sent",
        "serial",
        "sources",
        "speed",
        "stale",
        "time",
        "waiting",
        "way",
        "work_scale",
        "workers",
    )

    def __init__(
        self,
        name: str,
        group: CpuGroup,
        *,
        workers: float = 1,
        room: float = inf,
        quota: Quota | None = None,
    ) -> None:
        self.name = name
        self.group = group
        group.station = self
        self.workers = workers
        """Threads that may work at once; ``inf`` for processor sharing."""
        self.room = room
        """Places in line for jobs that find no thread free; more are refused."""
        self.quota = quota
        self.frozen = False
        self.owner: Any = None
        """The source of its plain jobs (those without a reference)."""
        self.sources: dict[Any, None] = {}
        """The sources that send jobs here, or whose jobs may still be inside."""
        self.work_scale = 1.0
        """CPU-seconds here for one second of work on bare hardware (overheads, emulation)."""
        self.away_s = 0.0
        """Seconds of every answer in which no thread is at work on it: packets on their way."""
        self.busy: list[BUSY] = []
        self.waiting: deque[WAITING] = deque()
        self.acting = Acting()
        """Those in line upon whose end somebody must act."""
        self.attained = 0.0
        self.time = 0.0
        self.speed = 1.0
        self._used = 0.0
        self.ran_s = 0.0
        """Seconds in which anybody was at work, of what was solved from event to event, and of
        lanes."""
        self.serial = 0
        self.runnable = 0
        """Threads counted as runnable in the groups above."""
        self.holding: Quota | None = None
        """The quota that the exact loop has to watch."""
        self.ceilings: tuple[CpuGroup, ...] = ()
        """The groups above (and its own) that have a finite ceiling."""
        self.root = group
        self.roots: tuple[CpuGroup, ...] = ()
        """The trees that it shares with others: its host's cores, and devices."""
        self.due_version = 0
        self.due_kind = 0
        self.stale = False
        """Whether the speed changed since the station's next event was put into a calendar."""
        self.inbox_times: list[Floats | list[float]] = []
        self.inbox_works: list[Floats | list[float]] = []
        """What has come and is not solved yet; ``receive`` puts it here, or where it is kept."""
        self.alarm = inf
        """Number of jobs inside at which somebody must act (memory no kernel would give)."""
        self.draining = False
        """Whether somebody must act when the last job has left."""
        self._taken = self._waited = 0
        self.inside_s = 0.0
        """Job-seconds inside until ``time``; of those who are kept in ``bulk``, who has left."""
        self.line_s = 0.0
        """The same in line."""
        self.way: Way | None = None
        """Where jobs go when their CPU work is done; None: they have ended."""
        self.held = 0
        """Threads of jobs that are on their way, and wait for it."""
        self.sent = 0
        """Jobs that are on their way without a thread."""
        self.bulk: Bulk | None = None
        """The jobs inside while they are solved in bulk."""
        self.keeper: Keeper | None = None
        """Who knows more of it than is written here."""

    def receive(self, times: Floats | list[float], works: Floats | list[float]) -> None:
        """Plain jobs come, in the order of time: when, and CPU-seconds on bare hardware."""
        if self.keeper is not None:
            self.keeper.receive(self, np.asarray(times), np.asarray(works))
            return
        self.inbox_times.append(times)
        self.inbox_works.append(works)

    # --- what others may ask, as of the last settling -------------------------------------------

    def refresh(self) -> None:
        """Have everything that is known of it here."""
        if self.keeper is not None:
            self.keeper.write_back(self)

    @property
    def used(self) -> float:
        """CPU-seconds used since the start."""
        if self.keeper is not None:
            self.keeper.write_back(self)
        return self._used

    @used.setter
    def used(self, used: float) -> None:
        self._used = used

    @property
    def taken(self) -> int:
        """Jobs taken in since the start."""
        if self.keeper is not None:
            self.keeper.write_back(self)
        return self._taken

    @taken.setter
    def taken(self, taken: int) -> None:
        self._taken = taken

    @property
    def waited(self) -> int:
        """Jobs taken in since the start that found no thread free."""
        if self.keeper is not None:
            self.keeper.write_back(self)
        return self._waited

    @waited.setter
    def waited(self, waited: int) -> None:
        self._waited = waited

    @property
    def waited_s(self) -> float:
        """Job-seconds in line since the start."""
        self.refresh()
        return self.area_waiting(self.time)

    # --- what is in it --------------------------------------------------------------------------

    @property
    def in_system(self) -> int:
        """Jobs that have a thread, and jobs in line, as of ``time``."""
        return len(self.busy) + len(self.waiting) + self.held

    @property
    def empty(self) -> bool:
        """Whether nobody is inside, and no answer on its way out."""
        return not self.in_system and (self.way is None or not self.way.trips())

    def area_in_system(self, now: float) -> float:
        """Job-seconds inside since the start: the integral of the number in the system.

        The station has been solved up to ``now``. Divided by time this is the mean number inside,
        whatever happened between two looks (Little 1961).
        """
        self.refresh()
        if self.bulk is not None:
            return self.inside_s + (self.bulk.stayed_s(now) if len(self.bulk) else 0.0)
        return self.inside_s + (self.in_system + self.sent) * (now - self.time)

    def area_waiting(self, now: float) -> float:
        """Job-seconds in line since the start: the integral of the number that wait."""
        self.refresh()
        if self.bulk is not None:
            return self.line_s + (self.bulk.waited_s(now) if len(self.bulk) else 0.0)
        return self.line_s + len(self.waiting) * (now - self.time)

    def most_threads(self) -> float:
        """Threads that could ever run at once: what the groups above must have room for."""
        return min([self.workers, *(group.limit for group in self.group.ceilings())])

    @property
    def bound(self) -> Quota | None:
        """The quota, if it could ever hold the threads back."""
        quota = self.quota
        if quota is None or quota.cores >= min(self.workers, self.group.limit):
            return None
        return quota

    @property
    def plain(self) -> bool:
        """Whether no job inside has an owner that waits for it, and none is frozen."""
        if self.frozen:
            return False
        tagged = any(job[3] is not None for job in self.busy)
        if self.way is not None:
            tagged = tagged or any(trip.reference is not None for trip in self.way.trips())
        return not tagged and not any(job[2] is not None for job in self.waiting)

    def least_until_empty_s(self) -> float:
        """Seconds before which those inside cannot all have ended; 0 when nobody is inside.

        A thread does a second's work in a second at best. Of a long line only the head is looked
        at: that bound is sooner than it could be, and asked for again.
        """
        left = [job[0] - self.attained for job in self.busy]
        left += [job[0] for job in islice(self.waiting, HEAD)]
        return max([*left, sum(left) / self.workers], default=0.0)

    def acting_left_s(self) -> float:
        """Seconds before which no job ends upon which somebody must act."""
        busy = [job for job in self.busy if _acts(job[3])]
        waiting = self.acting.among(self.waiting)
        way, scale = self.way, self.work_scale
        if way is None:
            left = [job[0] - self.attained for job in busy]
            return min([*left, *(job[0] for job in waiting)], default=inf)
        left = [job[0] - self.attained + way.computed_left_s(job[3], scale) for job in busy]
        left += [job[0] + way.computed_left_s(job[2], scale) for job in waiting]
        return min([*left, way.acting_left_s(scale)], default=inf)

    # --- progress -------------------------------------------------------------------------------

    def set_speed(self, speed: float, now: float) -> None:
        """Every busy thread gets ``speed`` cores from ``now`` on."""
        if speed != self.speed:
            self.sync(now)
            self.speed = speed
            self.stale = True

    def sync(self, now: float) -> None:
        """Bring attained service, CPU use and quota up to ``now``; nothing may end before."""
        elapsed = now - self.time
        if elapsed > 0.0:
            if self.runnable:
                got = elapsed * self.speed
                self.attained += got
                self._used += got * self.runnable
                self.ran_s += elapsed
                if self.holding is not None:
                    self.holding.budget -= got * self.runnable
            waiting = len(self.waiting)
            self.line_s += waiting * elapsed
            self.inside_s += (len(self.busy) + waiting + self.held + self.sent) * elapsed
            self.time = now

    def admit(self, now: float, work: float, reference: Job | None = None) -> bool:
        """A job comes in at ``now``; False when there is no thread free and no room in line.

        The caller has synced, and updates the number of runnable threads afterwards.
        """
        if len(self.busy) + self.held < self.workers:
            self.serial += 1
            heappush(self.busy, (self.attained + work, self.serial, now, reference))
        elif len(self.waiting) < self.room:
            self.waiting.append((work, now, reference))
            self._waited += 1
        else:
            return False
        self._taken += 1
        return True

    def finish_next(self) -> BUSY:
        """The next job leaves and the head of the line takes its thread; the caller has synced."""
        done = heappop(self.busy)
        self.attained = done[0]
        if self.waiting:
            work, arrival, reference = self.waiting.popleft()
            self.serial += 1
            heappush(self.busy, (self.attained + work, self.serial, arrival, reference))
        elif not self.busy:
            self.attained = 0.0
        return done

    def set_off(self) -> BUSY:
        """The next job has done its CPU work and goes on its way, holding its thread."""
        done = heappop(self.busy)
        self.attained = done[0] if self.busy else 0.0
        self.held += 1
        return done

    def compute_again(self, work: float, arrival: float, reference: Job) -> None:
        """A job comes back from its way, on the thread that it held; the caller has synced."""
        self.held -= 1
        self.serial += 1
        heappush(self.busy, (self.attained + work, self.serial, arrival, reference))

    def let_go(self) -> None:
        """A job on its way goes on without its thread, which takes the head of the line.

        The caller has synced.
        """
        self.held -= 1
        self.sent += 1
        if self.waiting:
            work, arrival, reference = self.waiting.popleft()
            self.serial += 1
            heappush(self.busy, (self.attained + work, self.serial, arrival, reference))

    def leave(self, now: float) -> None:
        """A job that is on its way without a thread has come to its end, or is taken away."""
        self.sent -= 1
        self.inside_s += now - self.time

    def withdraw(self, reference: Job) -> bool:
        """A job leaves unfinished; its thread takes the head of the line. The caller has synced.

        False when it is not here. Its work so far was used all the same.
        """
        for at, job in enumerate(self.busy):
            if job[3] is reference:
                # As the job that ends next it leaves as one that has ended does.
                self.busy[at] = (self.attained, 0, job[2], reference)
                heapify(self.busy)
                self.finish_next()
                return True
        for at, (_, _, waiting) in enumerate(self.waiting):
            if waiting is reference:
                del self.waiting[at]
                self.acting.forget()
                return True
        return False

    def drop_all(self) -> list[tuple[float, Job | None]]:
        """All jobs die: (arrival, reference) of each, those at work first, in order of arrival."""
        at_work = sorted(self.busy, key=lambda job: (job[2], job[1]))
        lost: list[tuple[float, Job | None]] = [(job[2], job[3]) for job in at_work]
        trips = self.way.trips() if self.way is not None else ()
        lost += [(trip.arrival, trip.reference) for trip in trips]
        lost += [(arrival, reference) for _, arrival, reference in self.waiting]
        self.busy.clear()
        self.waiting.clear()
        self.acting.forget()
        self.held = self.sent = 0
        if self.way is not None:
            self.way.abandon()
        self.attained = 0.0
        return lost

    def load(self, running: list[tuple[float, float]], waiting: list[tuple[float, float]]) -> None:
        """Take over plain jobs as (work left, arrival) pairs, at ``time``."""
        self.attained, self.held, self.sent = 0.0, 0, 0
        first = self.serial + 1
        self.serial += len(running)
        self.busy = [(work, first + i, arrival, None) for i, (work, arrival) in enumerate(running)]
        heapify(self.busy)
        self.waiting = deque((work, arrival, None) for work, arrival in waiting)
        self.acting.forget()

    def came(self, after: float, until: float) -> Floats:
        """Arrival times of the plain jobs inside (those without a reference), in no order.

        Only of those who came after ``after``, up to ``until``: the line is in order of arrival,
        and only that part of it is looked at.
        """
        times = [job[2] for job in self.busy if job[3] is None]
        if self.way is not None:
            times += [trip.arrival for trip in self.way.trips() if trip.reference is None]
        times = [arrival for arrival in times if after < arrival <= until]
        first = bisect_right(self.waiting, after, key=_arrival)
        for _, arrival, reference in islice(self.waiting, first, None):
            if arrival > until:
                break
            if reference is None:
                times.append(arrival)
        return np.array(times)


def _arrival(job: WAITING) -> float:
    return job[1]


def _acts(reference: Job | None) -> bool:
    return reference is not None and reference.acts
