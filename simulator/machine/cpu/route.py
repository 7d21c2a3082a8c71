"""The way of a request after its CPU work: a wait, a disk, a network card.

A *lane* is a container's place on something that it shares with others: a station without CPU whose
group lies in the tree of a device. A device has one second of its time in every second; the tree
divides it as CPU is divided, weights, caps and virtual machines included, and the jobs of one lane
share what the lane gets equally. A wait is a lane of a device of its own without a ceiling.
"""

from __future__ import annotations

from dataclasses import dataclass
from heapq import heapify
from math import inf

from simulator.machine.cpu.share import CpuGroup
from simulator.machine.cpu.station import Job, Station, Way


@dataclass(frozen=True, slots=True)
class Step:
    """One part of the way: so many seconds of a device's time, with or without the thread."""

    lane: Station
    seconds: float
    holds: bool = True
    """Whether the thread that computed waits for it."""

    @property
    def alone_s(self) -> float:
        """How long it takes while nobody else uses the device."""
        limits = [group.limit for group in self.lane.group.ceilings()]
        return self.seconds / min([1.0, *limits])


@dataclass(frozen=True, slots=True)
class Route:
    """What each job of a station does when its CPU work is done.

    A batch job goes its way in ``rounds``: it computes ``round_s``, waits, reads or writes, and
    so on. Steps that hold the thread come before those that do not.
    """

    steps: tuple[Step, ...]
    rounds: int = 1
    round_s: float = 0.0
    devices: tuple[CpuGroup, ...] = ()
    """The devices that it uses, of which others use more or less."""

    @property
    def hold_s(self) -> float:
        """How long a thread is held after its CPU work while nobody else uses the devices."""
        return sum([step.alone_s for step in self.steps if step.holds])

    @property
    def after_s(self) -> float:
        """How long the answer then takes without a thread while nobody else uses the devices."""
        return sum([step.alone_s for step in self.steps if not step.holds])

    @property
    def lanes(self) -> list[Station]:
        """Each lane once."""
        return list(dict.fromkeys([step.lane for step in self.steps]))

    def computed_left_s(self, job: Job | None, work_scale: float) -> float:
        """The least time from the end of a job's CPU work to its end."""
        return self._way_s + self._rounds_s(
            job.rounds if isinstance(job, Trip) else self.rounds - 1, work_scale
        )

    def acting_left_s(self, work_scale: float) -> float:
        """The least time in which a job on its way ends upon which somebody must act."""
        return min(
            [
                job[0] - lane.attained + self._rounds_s(job[3].rounds, work_scale)
                for lane in self.lanes
                for job in lane.busy
                if isinstance(job[3], Trip) and job[3].acts
            ],
            default=inf,
        )

    @property
    def _way_s(self) -> float:
        return sum([step.alone_s for step in self.steps])

    def _rounds_s(self, rounds: int, work_scale: float) -> float:
        return rounds * (self.round_s * work_scale + self._way_s) if rounds else 0.0

    def put(self, station: Station, arrival: float, left_s: float) -> bool:
        """A plain job is so long before its end if it is alone; whether it holds its thread.

        The inverse of ``left_s``.
        """
        for number in reversed(range(len(self.steps))):
            step = self.steps[number]
            alone_s = step.alone_s
            if left_s <= alone_s or not number:
                trip = Trip(station, arrival, None, 0)
                trip.at, trip.held = number, step.holds
                step.lane.time = station.time
                share = step.seconds / alone_s if alone_s else 1.0
                step.lane.admit(station.time, min(left_s, alone_s) * share, trip)
                return step.holds
            left_s -= alone_s
        return False

    def left_s(self) -> list[tuple[Trip, float]]:
        """The jobs on their way, and how long each still takes if all are alone."""
        found = []
        for lane in self.lanes:
            for goal, _, _, trip in sorted(lane.busy, key=lambda job: job[:2]):
                if isinstance(trip, Trip):
                    step = self.steps[trip.at]
                    left = (goal - lane.attained) * (step.alone_s / step.seconds)
                    later = sum([one.alone_s for one in self.steps[trip.at + 1 :]])
                    found.append((trip, left + later))
        return found

    def trips(self) -> list[Trip]:
        """The jobs on their way, lane by lane."""
        found = [job[3] for lane in self.lanes for job in lane.busy]
        return [trip for trip in found if isinstance(trip, Trip)]

    def abandon(self) -> None:
        """All who are on their way are gone; what has no end stays."""
        for lane in self.lanes:
            lane.busy = [job for job in lane.busy if not isinstance(job[3], Trip)]
            heapify(lane.busy)


class Trip:
    """A job on its way, at one of its station's lanes."""

    __slots__ = ("arrival", "at", "held", "reference", "rest_s", "rounds", "station")

    def __init__(
        self,
        station: Station,
        arrival: float,
        reference: Job | None,
        rounds: int,
        rest_s: float = 0.0,
    ) -> None:
        self.station = station
        self.arrival = arrival
        self.reference = reference
        self.rounds = rounds
        """How often it will go its way again."""
        self.rest_s = rest_s
        """CPU-seconds that it computes at the very end."""
        self.at = -1
        """Number of the step that it is at."""
        self.held = True
        """Whether it still has its thread."""

    @property
    def acts(self) -> bool:
        """Whether somebody may have to act at the very instant of its end."""
        return self.reference is not None and self.reference.acts

    def finished(self, station: Station, time: float) -> bool:
        """Never asked: the loop takes it to its next step."""
        raise NotImplementedError

    def lost(self, station: Station, time: float) -> None:
        """The container died."""
        if self.reference is not None:
            self.reference.lost(station, time)


def steps_of(way: Way | None) -> tuple[Step, ...]:
    """The parts of a station's way."""
    assert isinstance(way, Route)
    return way.steps


def lane(name: str, device: CpuGroup, *, weight: float = 100.0, limit: float = 1.0) -> Station:
    """A place on a device, of which one job alone gets no more than ``limit`` of the time."""
    group = CpuGroup(name, parent=device, weight=weight, limit=min(1.0, limit))
    return Station(name, group, workers=inf)


def delay(name: str) -> Station:
    """A lane of those who wait for nobody: each waits its own time."""
    return Station(name, CpuGroup(name), workers=inf)
