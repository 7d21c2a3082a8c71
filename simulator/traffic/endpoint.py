"""What a service keeps of its containers, its coming requests and its clients' patience."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from math import inf
from typing import overload

import numpy as np
import numpy.typing as npt

from simulator.machine.cpu.station import ROUNDING_S, Station
from simulator.traffic.distributions import Distribution

Floats = npt.NDArray[np.float64]
NOTHING: Floats = np.empty(0)
WHOLE = 1 << 20
"""Shares of requests are counted in parts of this: exact however they are added up."""


@dataclass(slots=True)
class Endpoint:
    """One container that answers: its station and the law of its CPU work per request."""

    name: str
    station: Station
    law: Distribution
    """Work of a request in units of its mean (mean 1)."""
    mean_s: float
    """Mean CPU-seconds of a request on bare hardware."""
    answered: int = 0
    """Requests answered in time, but for those that only the ``book`` knows of."""
    book: Book | None = None
    error_rate: float = 0.0
    """Share of its answers that are errors."""
    chance: np.random.Generator | None = None
    """Decides which, in the order in which they end."""

    shut: int = 0
    """Of ``WHOLE`` requests, how many find no room in their kernel's table of connections."""
    fenced: bool = False
    """Whether a policy of its network drops all that comes from outside."""
    dropped: int = 0
    """Requests that were dropped on the way, so far."""
    _owed: int = 0
    """What of the next request that is dropped has come together so far, in parts of ``WHOLE``."""

    @property
    def ok(self) -> int:
        """Requests answered in time."""
        if self.book is not None:
            self.book.write_back()
        return self.answered

    @property
    def lossy(self) -> bool:
        """Whether anything that is sent to it may be dropped on the way."""
        return self.fenced or bool(self.shut)

    def drops(self, *, fenced: bool | None = None) -> bool:
        """Whether the next request that is sent to it is dropped. ``fenced``: whether a policy
        drops it; None: it comes from outside."""
        if self.fenced if fenced is None else fenced:
            self.dropped += 1
            return True
        self._owed += self.shut
        if self._owed < WHOLE:
            return False
        self._owed -= WHOLE
        self.dropped += 1
        return True

    def drops_of(self, count: int) -> npt.NDArray[np.bool_]:
        """Which of the next requests from outside are dropped: the same as asked one by one."""
        if self.fenced:
            self.dropped += count
            return np.ones(count, dtype=np.bool_)
        owed = self._owed + self.shut * np.arange(count + 1, dtype=np.int64)
        self._owed = int(owed[-1] % WHOLE)
        which: npt.NDArray[np.bool_] = np.diff(owed // WHOLE) > 0
        self.dropped += int(which.sum())
        return which

    def fails(self) -> bool:
        """Whether the answer that ends now is an error."""
        return self.chance is not None and float(self.chance.random()) < self.error_rate

    def failures(self, ends: Floats) -> npt.NDArray[np.bool_]:
        """Which of the answers that end at these times are errors."""
        failed = np.zeros(len(ends), dtype=np.bool_)
        if self.chance is not None:
            failed[np.argsort(ends, kind="stable")] = (
                self.chance.random(len(ends)) < self.error_rate
            )
        return failed


class Book:
    """Answers of many endpoints whose stations are kept as rows, until somebody wants to know."""

    def __init__(self, changes: int, endpoints: Sequence[Endpoint | None]) -> None:
        """``endpoints``: by row; None for those of others. ``changes``: which rows these are."""
        self.changes = changes
        self.away: Floats = np.zeros(len(endpoints))
        """Seconds of each answer on its way."""
        self.may_fail = False
        """Whether answers may be errors: then each has to be looked at."""
        self._counts: npt.NDArray[np.int64] = np.zeros(len(endpoints), dtype=np.int64)
        self._endpoints = [(row, one) for row, one in enumerate(endpoints) if one is not None]
        for row, one in self._endpoints:
            one.book = self
            self.away[row] = one.station.away_s
            self.may_fail = self.may_fail or one.chance is not None

    def add(self, rows: npt.NDArray[np.intp]) -> None:
        """So many answers, one for each time that a row is named."""
        self._counts += np.bincount(rows, minlength=len(self._counts))

    def write_back(self) -> None:
        """Tell each endpoint of its answers."""
        if self._counts.any():
            counts = self._counts.tolist()
            for row, one in self._endpoints:
                one.answered += counts[row]
            self._counts[:] = 0


@dataclass(slots=True)
class Drawn:
    """Arrivals drawn and not yet placed: times and one work factor per law."""

    times: Floats = field(default_factory=lambda: NOTHING)
    works: dict[Distribution, Floats] = field(default_factory=dict)
    at: int = 0

    def left(self) -> int:
        """How many are not yet placed."""
        return len(self.times) - self.at


class Inside(Sequence[int]):
    """How many requests are inside each station, counted when asked."""

    def __init__(self, stations: Sequence[Station]) -> None:
        self._stations = stations

    def __len__(self) -> int:
        return len(self._stations)

    @overload
    def __getitem__(self, index: int) -> int: ...
    @overload
    def __getitem__(self, index: slice) -> Sequence[int]: ...
    def __getitem__(self, index: int | slice) -> int | Sequence[int]:
        if isinstance(index, slice):
            return [one.in_system for one in self._stations[index]]
        return self._stations[index].in_system


class Patience:
    """How long clients wait, by when they asked: a change holds for those who come later."""

    def __init__(self) -> None:
        self._since = [-inf]
        self._timeouts = [inf]
        self.ever = False
        """Whether anybody ever lost patience."""

    def change(self, now: float, timeout_s: float | None) -> None:
        """Clients who ask after ``now`` wait this long; None is forever."""
        self._since.append(now)
        self._timeouts.append(inf if timeout_s is None else timeout_s + ROUNDING_S)
        self.ever = self.ever or timeout_s is not None

    def deadlines(self, arrivals: Floats) -> Floats:
        """The last instants at which answers are in time for clients who asked at these times."""
        if not self.ever:
            return np.full(len(arrivals), inf)
        rule = np.searchsorted(self._since, arrivals, side="left") - 1
        deadlines: Floats = arrivals + np.array(self._timeouts)[rule]
        return deadlines

    def could_end(self, after: float, until: float) -> tuple[float, float]:
        """Clients whose deadline is after ``after``, up to ``until``, asked after the one instant
        and by the other; not all who asked then have one there."""
        low, high = inf, -inf
        ends = [*self._since[1:], inf]
        for since, end, timeout in zip(self._since, ends, self._timeouts, strict=True):
            first = max(since, after - timeout - ROUNDING_S)
            last = min(end, until - timeout + ROUNDING_S)
            if first < last:
                low, high = min(low, first), max(high, last)
        return low, high
