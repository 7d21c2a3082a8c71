"""Arrival rates as functions of time, with their integral and its exact inverse.

A rate is straight pieces from time 0 on; after the last it stays level, or a run of pieces at the
end repeats for ever. The family is closed under sum, scaling and delay, and its integral (a
parabola in each piece) has an inverse in closed form, which is all that sampling a Poisson process
of varying rate needs (Çinlar, *Introduction to Stochastic Processes*, 1975, section 4.7).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from simulator.errors import InputError

Floats = npt.NDArray[np.float64]

MAX_PIECES = 200_000
_ROUNDING = 1e-14

MOST_PER_S = 1e7
"""The highest rate that one source may have: a second of it is some hundred megabytes here."""


class Piece(NamedTuple):
    """A straight piece of a rate: its length, and requests per second at its begin and end."""

    lasts_s: float
    begin: float
    end: float


class Rate:
    """Requests per second at any time from 0 on; right-continuous where it jumps.

    ``pieces`` follow each other from time 0. With ``repeat_from`` the pieces from that number on
    repeat for ever; without it the rate stays where the last piece ended.
    """

    __slots__ = ("_areas", "_begins", "_cycle_area", "_ends", "_lasts", "_slopes", "_starts",
                 "repeat_from")  # fmt: skip

    def __init__(self, pieces: Sequence[Piece], repeat_from: int | None = None) -> None:
        _check(pieces)
        if repeat_from is not None and not any(p.begin or p.end for p in pieces[repeat_from:]):
            repeat_from = None
        if repeat_from is None and pieces[-1].lasts_s < math.inf:
            pieces = [*pieces, Piece(math.inf, pieces[-1].end, pieces[-1].end)]
        table = np.array(pieces, dtype=np.float64)
        self._lasts, self._begins, self._ends = (table[:, i].copy() for i in range(3))
        self._slopes = (self._ends - self._begins) / self._lasts
        self._starts = _sums_before(self._lasts)
        # An endless piece has no area; nothing comes after it that would need one.
        lengths = np.where(np.isfinite(self._lasts), self._lasts, 0.0)
        areas = (self._begins + self._ends) / 2 * lengths
        self._areas = _sums_before(areas)
        self.repeat_from = repeat_from
        self._cycle_area = 0.0
        if repeat_from is not None:
            self._cycle_area = float(self._areas[-1] + areas[-1] - self._areas[repeat_from])

    def rate(self, time_s: npt.ArrayLike) -> Floats:
        """Requests per second at each time; 0 before time 0."""
        times = np.asarray(time_s, dtype=np.float64)
        inside, _ = self._folded(times)
        piece = np.maximum(np.searchsorted(self._starts, inside, side="right") - 1, 0)
        value = self._begins[piece] + self._slopes[piece] * (inside - self._starts[piece])
        return np.where(times < 0, 0.0, np.maximum(value, 0.0))

    def integral(self, time_s: npt.ArrayLike) -> Floats:
        """Expected number of requests in (0, t], for each time."""
        inside, cycles = self._folded(np.maximum(np.asarray(time_s, dtype=np.float64), 0.0))
        piece = np.searchsorted(self._starts, inside, side="right") - 1
        passed = inside - self._starts[piece]
        here = (self._begins[piece] + self._slopes[piece] * passed / 2) * passed
        return np.asarray(self._areas[piece] + here + cycles * self._cycle_area)

    def inverse(self, count: npt.ArrayLike) -> Floats:
        """The first time at which the integral reaches each count; infinity where it never does."""
        counts = np.asarray(count, dtype=np.float64)
        if len(self._starts) == 1 and self._begins[0] > 0 and self._slopes[0] == 0:
            return np.asarray(np.maximum(counts, 0.0) / self._begins[0])
        # A rounding beyond a count at which the rate pauses must not leap over the pause.
        clear = counts * (1 - _ROUNDING)
        if self.repeat_from is None:
            return self._inverse_once(counts, clear)
        beyond = (clear - self._areas[self.repeat_from]) / self._cycle_area
        cycles = np.maximum(np.ceil(beyond) - 1, 0.0)
        passed = cycles * self._cycle_area
        return np.asarray(
            self._inverse_once(counts - passed, clear - passed) + cycles * self.cycle_s
        )

    def _inverse_once(self, counts: Floats, clear: Floats) -> Floats:
        """The inverse within the pieces as they stand; ``clear`` are counts less a rounding."""
        piece = np.maximum(np.searchsorted(self._areas, clear, side="left") - 1, 0)
        missing = np.maximum(counts - self._areas[piece], 0.0)
        begin = self._begins[piece]
        square = begin * begin + (2 * self._slopes[piece]) * missing
        # This form of the root does not cancel, and in a level piece it is missing / begin.
        root = begin + np.sqrt(np.maximum(square, 0.0))
        with np.errstate(divide="ignore", invalid="ignore"):
            passed = np.where(missing > 0, 2 * missing / root, 0.0)
        # Of the smallest numbers there are, the root of a rising piece is nothing: so is the time.
        passed = np.where((root == 0) & (self._slopes[piece] > 0), 0.0, passed)
        return np.asarray(self._starts[piece] + np.minimum(passed, self._lasts[piece]))

    def _folded(self, times: Floats) -> tuple[Floats, Floats | float]:
        """Times folded into the first pass through the pieces, and the cycles left out."""
        if self.repeat_from is None:
            return times, 0.0
        first = self._starts[self.repeat_from]
        cycles = np.maximum(np.floor((times - first) / self.cycle_s), 0.0)
        return times - cycles * self.cycle_s, cycles

    @property
    def cycle_s(self) -> float:
        """Length in seconds of what repeats; 0 where nothing does."""
        return 0.0 if self.repeat_from is None else self.settles_s - self.cycle_begins_s

    @property
    def cycle_begins_s(self) -> float:
        """When the repeated part, or the level end, begins."""
        return float(self._starts[-1 if self.repeat_from is None else self.repeat_from])

    @property
    def settles_s(self) -> float:
        """When the first cycle is over, or the level end begins: all was seen once by then."""
        end = self._starts[-1]
        return float(end if self.repeat_from is None else end + self._lasts[-1])

    @property
    def peak(self) -> float:
        """The highest rate it ever has, requests per second."""
        return float(max(self._begins.max(), self._ends.max()))

    @property
    def total(self) -> float:
        """Expected requests in all time: finite only where the rate ends at 0."""
        endless = self.repeat_from is not None or self._ends[-1] > 0
        return math.inf if endless else float(self._areas[-1])

    @property
    def mean(self) -> float:
        """Mean rate until :attr:`settles_s`; of a level rate its value."""
        until = self.settles_s
        return float(self.integral(until)) / until if until > 0 else float(self._begins[0])

    @property
    def pieces(self) -> list[Piece]:
        """The pieces, the endless one included."""
        columns = (self._lasts.tolist(), self._begins.tolist(), self._ends.tolist())
        return [Piece(*row) for row in zip(*columns, strict=True)]

    def scaled(self, factor: float) -> Rate:
        """The same shape, ``factor`` times as high."""
        return self._mapped(lambda p: Piece(p.lasts_s, p.begin * factor, p.end * factor))

    def faster(self, speed: float) -> Rate:
        """The same heights, passed through ``speed`` times as fast."""
        if not 0 < speed < math.inf:
            raise InputError("bad speed", found=speed, expected="a number above 0")
        return self._mapped(lambda p: Piece(p.lasts_s / speed, p.begin, p.end))

    def shifted(self, delay_s: float) -> Rate:
        """The same, ``delay_s`` later, and nothing before."""
        if delay_s <= 0:
            return self
        first = None if self.repeat_from is None else self.repeat_from + 1
        return Rate([Piece(delay_s, 0.0, 0.0), *self.pieces], first)

    def _mapped(self, change: Callable[[Piece], Piece]) -> Rate:
        return Rate([change(piece) for piece in self.pieces], self.repeat_from)

    def breaks(self, until_s: float) -> Floats:
        """Where pieces begin, in [0, ``until_s``), cycles repeated."""
        if self.repeat_from is None:
            return self._starts[self._starts < until_s]
        repeated = self._starts[self.repeat_from :]
        cycles = max(1, math.ceil((until_s - self.cycle_begins_s) / self.cycle_s))
        limit_pieces(len(self._starts) + cycles * len(repeated))
        offsets = np.arange(cycles) * self.cycle_s
        grid = np.concatenate((self._starts, (repeated + offsets[:, None]).ravel()))
        return np.unique(grid[grid < until_s])


def _sums_before(values: Floats) -> Floats:
    """Sum of all values before each."""
    return np.concatenate(([0.0], np.cumsum(values[:-1])))


def limit_pieces(count: int) -> None:
    """Refuse a rate of more pieces than memory and time allow."""
    if count > MAX_PIECES:
        raise InputError("rate too complicated", found=count, expected=f"<= {MAX_PIECES:,} pieces")


def _check(pieces: Sequence[Piece]) -> None:
    """Refuse what is no rate: negative or endless heights, empty or wrongly endless pieces."""
    limit_pieces(len(pieces))
    if not pieces:
        raise InputError("a rate without pieces")
    for number, piece in enumerate(pieces):
        for height in (piece.begin, piece.end):
            if not 0 <= height <= MOST_PER_S:
                wanted = f"0 to {MOST_PER_S:g} per second"
                raise InputError("rate out of range", found=height, expected=wanted)
        endless = piece.lasts_s == math.inf
        if not piece.lasts_s > 0 or (
            endless and (number < len(pieces) - 1 or piece.begin != piece.end)
        ):
            raise InputError("bad length of a piece of a rate", found=piece.lasts_s)
