"""Sources of jobs, and how they learn what became of them."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass
from math import inf
from typing import Protocol

import numpy as np
import numpy.typing as npt

from simulator.machine.cpu.loop import Feed
from simulator.machine.cpu.station import Station

Floats = npt.NDArray[np.float64]
Indexes = npt.NDArray[np.intp]
Times = Floats | list[float]
NOTHING: Floats = np.empty(0)


def listed(values: Times) -> list[float]:
    """As a list."""
    return values if isinstance(values, list) else values.tolist()


class Source(Feed, Protocol):
    """Something that sends jobs to stations: a service with its traffic."""

    @property
    def stations(self) -> Collection[Station]:
        """Where it sends jobs now."""

    @property
    def concerned(self) -> Collection[Station]:
        """Where it sends jobs now, and where jobs may be that it sent before."""

    @property
    def exact(self) -> bool:
        """Whether it must decide job by job, in the order of time."""

    def plan(self, until: float) -> None:
        """Not exact: put the arrivals up to ``until`` into the stations' inboxes."""

    def prepare(self, until: float) -> None:
        """Exact: have the arrivals up to ``until`` ready for ``peek`` and ``take``."""

    @property
    def countable(self) -> bool:
        """Exact: whether it needs to know no more than how many jobs are inside each station."""

    def offers(self, until: float) -> Offers:
        """Countable: the arrivals up to ``until``, not yet taken."""

    def take_all(self, offers: Offers) -> None:
        """Countable: these arrivals were placed."""

    def memento(self) -> object:
        """Countable: what ``restore`` needs to make the same choices again."""

    def restore(self, memento: object) -> None:
        """Countable: make the same choices again."""

    def settle(self, outcome: Outcome) -> None:
        """Take note of what became of plain jobs (those without a reference)."""

    def settle_many(self, crop: Crop) -> None:
        """The same of many stations at once."""

    def forget(self, station: Station) -> None:
        """The station is gone for good."""

    @property
    def joins_delay(self) -> bool:
        """Whether one more station can only make jobs come later to the others."""

    # --- looking ahead, without drawing or deciding anything; all arrivals until now are planned

    def next_arrival(self) -> float:
        """The source does nothing before this time."""

    def earliest(self, station: Station, count: int) -> float:
        """So many jobs cannot have come to a station before this time."""


@dataclass(frozen=True, slots=True)
class Offers:
    """Arrivals that a source that looks at queues is about to place, in order."""

    stations: Sequence[Station]
    times: Floats
    works: list[list[float]]
    """For each station, the work of each arrival in units of the station's mean."""
    means: list[float]
    """For each station, the mean work in CPU-seconds."""
    pick: Callable[[Sequence[int]], int]
    """Choose a station by the numbers of jobs inside."""
    looks_at_all: bool = False
    """Whether it looks for the fewest of all."""


def _nobody(_: Sequence[int]) -> int:
    raise AssertionError("nothing comes that a station is chosen for")


NO_OFFERS = Offers((), NOTHING, [], [], _nobody)
"""Nothing comes."""


class Outcome:
    """What became of the plain jobs of one station between two instants, ``start`` and ``end``.

    A handful of jobs comes as ``few``: lists, of which there are arrays for whoever asks.
    """

    __slots__ = ("_arrivals", "_ends", "_refused", "end", "lost", "pending", "start", "station")

    def __init__(
        self,
        station: Station,
        start: float,
        end: float,
        arrivals: Times,
        ends: Times,
        refused: Times,
        pending: Callable[[float, float], Floats],
        lost: Floats = NOTHING,
    ) -> None:
        self.station = station
        self.start = start
        self.end = end
        self._arrivals = arrivals
        self._ends = ends
        self._refused = refused
        self.pending = pending
        """Arrival times of the jobs still inside that came after one instant and by another; a
        call, because few want to know."""
        self.lost = lost
        """Arrival times of the jobs that died with the station at ``end``."""

    @property
    def few(self) -> tuple[list[float], list[float]] | None:
        """Arrivals and ends of the jobs that ended, where they are but a handful."""
        if isinstance(self._arrivals, list) and isinstance(self._ends, list):
            return self._arrivals, self._ends
        return None

    @property
    def arrivals(self) -> Floats:
        """Arrival times of the jobs that ended."""
        return np.asarray(self._arrivals, dtype=np.float64)

    @property
    def ends(self) -> Floats:
        """When each of them ended."""
        return np.asarray(self._ends, dtype=np.float64)

    @property
    def refused(self) -> Floats:
        """Arrival times of the jobs for which there was no room."""
        return np.asarray(self._refused, dtype=np.float64)

    @property
    def any_refused(self) -> bool:
        """Whether there were any."""
        return len(self._refused) > 0


class Told(Protocol):
    """A station, and who is still inside it."""

    station: Station

    def waiting(self, after: float, until: float) -> Floats:
        """Arrival times of the jobs inside that came after ``after``, up to ``until``."""


class Crop:
    """What became of the plain jobs of many stations until ``end``; none was refused or lost.

    The stations are rows; ``changes`` tells which, as they keep their meaning until some come or
    go.
    """

    __slots__ = (
        "_lines",
        "_rows",
        "arrivals",
        "changes",
        "end",
        "ends",
        "left_arrivals",
        "left_row",
        "row",
        "since",
    )

    def __init__(
        self,
        changes: int,
        lines: Sequence[Told],
        since: Floats,
        rows: Indexes,
        end: float,
        gone: tuple[Indexes, Floats, Floats],
        left: tuple[Indexes, Floats],
    ) -> None:
        """``rows``: those of the source in which anything happened, or somebody is still inside.

        ``gone``: rows, arrivals and ends of who has left; ``left``: rows and arrivals of who is
        inside.
        """
        self._lines = lines
        self._rows = rows
        self.since = since
        """Up to when each row was told of before."""
        self.changes = changes
        self.end = end
        self.row, self.arrivals, self.ends = gone
        """In which row each job was that ended (it never decreases), when it came and ended."""
        self.left_row, self.left_arrivals = left

    @property
    def stations(self) -> list[Station]:
        """By row."""
        return [line.station for line in self._lines]

    def outcomes(self) -> Iterator[Outcome]:
        """The same for each station."""
        rows = self._rows.tolist()
        cuts = np.searchsorted(self.row, [*rows, inf]).tolist()
        arrivals, ends = self.arrivals.tolist(), self.ends.tolist()
        since = self.since[self._rows].tolist()
        for row, start, low, high in zip(rows, since, cuts, cuts[1:], strict=False):
            line, gone = self._lines[row], (arrivals[low:high], ends[low:high])
            yield Outcome(line.station, start, self.end, *gone, NOTHING, line.waiting)
