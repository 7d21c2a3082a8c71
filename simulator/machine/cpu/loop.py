"""What all exact loops over stations have in common: what they are given, and what they leave."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol, TypeAlias

from simulator.machine.cpu.station import Job, Station


class Feed(Protocol):
    """A source of jobs that decides at every arrival, or acts on single outcomes."""

    def peek(self) -> float:
        """Time of the next thing this feed does; ``inf`` when there is nothing yet."""

    def take(self, now: float) -> tuple[Station, float, float, Job | None] | None:
        """Do it: (station, work, arrival, reference) of a new job, or None for no job."""

    def refused(self, arrival: float, reference: Job | None, now: float) -> None:
        """The station had no room for the job that was just taken."""


Outcome = tuple[list[float], list[float], list[float]]
"""Arrivals and ends of finished jobs, arrivals of refused ones."""

Planned: TypeAlias = tuple[float, int, float]
"""An arrival known in advance: time, index of the station, work."""


class Loop:
    """One run from event to event over a set of stations and the feeds that send to them."""

    def __init__(
        self,
        stations: Sequence[Station],
        feeds: Sequence[Feed],
        planned: list[Planned],
        now: float,
    ) -> None:
        """``planned`` is in order of time."""
        self.stations = stations
        self.feeds = feeds
        self.planned = planned
        """What has not come yet."""
        self.now = now
        self.outcomes: dict[Station, Outcome] = {s: ([], [], []) for s in stations}
        self.stopped: tuple[Station, str] | None = None
        """Upon which station somebody must act now, and why."""

    def run(self, until: float) -> float:
        """Solve up to ``until``, or to the earlier instant at which somebody must act."""
        raise NotImplementedError

    def next_due(self) -> float:
        """When something happens next inside the stations; ``inf`` when nothing does."""
        raise NotImplementedError
