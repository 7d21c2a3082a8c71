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
from simulator.machine.cpu.station import Job, Station


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

    __slots__ = ("arrival", "at", "held", "reference", "rounds", "station")

    def __init__(
        self, station: Station, arrival: float, reference: Job | None, rounds: int
    ) -> None:
        self.station = station
        self.arrival = arrival
        self.reference = reference
        self.rounds = rounds
        """How often it will compute again."""
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


def lane(name: str, device: CpuGroup, *, weight: float = 100.0, limit: float = 1.0) -> Station:
    """A place on a device, of which one job alone gets no more than ``limit`` of the time."""
    group = CpuGroup(name, parent=device, weight=weight, limit=min(1.0, limit))
    return Station(name, group, workers=inf)


def delay(name: str) -> Station:
    """A lane of those who wait for nobody: each waits its own time."""
    return Station(name, CpuGroup(name), workers=inf)
