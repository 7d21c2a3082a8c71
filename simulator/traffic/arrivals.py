"""Sources of arrival times, drawn in bulk and the same however the time is cut into slices.

A source makes its times in blocks whose sizes depend only on how many came before, keeps what was
not asked for yet, and hands out the part up to a time. So neither the reader's slices nor its
speed can change an arrival: equal seeds give equal times bit for bit.

All but traces are made by time change: a process of mean rate 1 in an operational time y is drawn,
and its k-th arrival happens when the integral of the rate reaches y_k. For the Poisson process
this is exact for any rate (Çinlar 1975, 4.7), without the rejections of thinning.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import partial
from typing import Protocol

import numpy as np
import numpy.typing as npt

from simulator.errors import InputError
from simulator.traffic.distributions import (
    Constant,
    Distribution,
    Exponential,
    Gamma,
    Hyperexponential,
)
from simulator.traffic.rates import Rate

Floats = npt.NDArray[np.float64]
Gaps = Callable[[int], Floats]

FIRST_BLOCK = 64
LARGEST_BLOCK = 8192


class Arrivals(Protocol):
    """Anything that gives arrival times in simulated seconds."""

    def until(self, t: float) -> Floats:
        """Arrival times in (last asked, t], sorted; each is given exactly once."""

    def ahead(self) -> Floats:
        """The next arrival times, as many as are known; none only when there are no more."""


class Nothing:
    """No arrivals, ever."""

    def until(self, t: float) -> Floats:
        """An empty array."""
        return np.empty(0)

    def ahead(self) -> Floats:
        """An empty array."""
        return np.empty(0)


class Blocks:
    """Base of the sources: hands out blocks of sorted times, cut by the times asked for.

    Times of a block count from ``start_s``; arrivals after ``stop_s`` never come.
    """

    def __init__(self, start_s: float = 0.0, stop_s: float = math.inf) -> None:
        self._start_s = start_s
        self._stop_s = stop_s
        self._kept = np.empty(0)
        self._size = FIRST_BLOCK
        self._over = False
        self._latest = -math.inf

    def _block(self, size: int) -> Floats | None:
        """The next sorted times from the start on, about ``size`` of them; None at the end."""
        raise NotImplementedError

    def until(self, t: float) -> Floats:
        """Arrival times in (last asked, t], sorted; ``t`` must be finite."""
        end = min(t, self._stop_s)
        if not math.isfinite(t):
            raise ValueError(f"arrivals until {t}: a finite time is needed")
        ready = [self._kept]
        while not self._over and not (ready[-1].size and ready[-1][-1] > end):
            ready.append(self._next())
        # Whatever came before the newest block is wholly within the time asked for.
        cut = int(np.searchsorted(ready[-1], end, side="right"))
        self._kept = ready[-1][cut:]
        ready[-1] = ready[-1][:cut]
        return ready[0] if len(ready) == 1 else np.concatenate(ready)

    def ahead(self) -> Floats:
        """The next arrival times, as many as are drawn; none only when there are no more."""
        while not self._over and not self._kept.size:
            self._kept = self._next()
        return self._kept[: int(np.searchsorted(self._kept, self._stop_s, side="right"))]

    def _next(self) -> Floats:
        block = self._block(self._size)
        self._size = min(self._size * 2, LARGEST_BLOCK)
        if block is None:
            self._over = True
            return np.empty(0)
        block = block + self._start_s
        # Two arrivals a rounding apart must not come out in the wrong order.
        np.maximum.accumulate(block, out=block)
        np.maximum(block, self._latest, out=block)
        self._latest = float(block[-1]) if block.size else self._latest
        if block.size and not block[-1] <= self._stop_s:
            self._over = True
            block = block[: int(np.searchsorted(block, self._stop_s, side="right"))]
        return block


class TimeChanged(Blocks):
    """Arrivals of a process of mean rate 1, given by its gaps, run at a varying rate."""

    def __init__(
        self, gaps: Gaps, rate: Rate, start_s: float = 0.0, stop_s: float = math.inf
    ) -> None:
        super().__init__(start_s, stop_s)
        self._gaps = gaps
        self._rate = rate
        self._reached = 0.0

    def _block(self, size: int) -> Floats | None:
        counts = np.cumsum(self._gaps(size))
        counts += self._reached
        self._reached = float(counts[-1])
        times = self._times(counts)
        if not math.isfinite(times[-1]):
            times = times[np.isfinite(times)]
            return times if times.size else None
        return times

    def _times(self, counts: Floats) -> Floats:
        return self._rate.inverse(counts)


def even(rate: Rate, start_s: float = 0.0, stop_s: float = math.inf) -> Arrivals:
    """Evenly spaced: in any interval the expected number, to within one. Nothing is random."""
    return TimeChanged(np.ones, rate, start_s, stop_s)


def poisson(
    rate: Rate, stream: np.random.Generator, start_s: float = 0.0, stop_s: float = math.inf
) -> Arrivals:
    """Independent arrivals: the Poisson process of this rate."""
    return TimeChanged(stream.standard_exponential, rate, start_s, stop_s)


def renewal(
    rate: Rate,
    cv: float,
    stream: np.random.Generator,
    start_s: float = 0.0,
    stop_s: float = math.inf,
) -> Arrivals:
    """Independent gaps with coefficient of variation ``cv``: the GI of GI/G/c.

    cv 0 is even, below 1 gamma (Erlang where 1/cv² is whole), 1 Poisson, above 1 the
    hyperexponential with balanced means, which is how bursty gaps are usually fitted.
    """
    if not 0 <= cv <= 1000:
        raise InputError("bad coefficient of variation", found=cv, expected="0 to 1000")
    law: Distribution = Exponential(1.0)
    if cv == 0:
        law = Constant(1.0)
    elif cv != 1:
        law = Gamma(1.0, 1 / cv**2) if cv < 1 else Hyperexponential(1.0, cv**2)
    return TimeChanged(partial(law.draw, stream), rate, start_s, stop_s)
