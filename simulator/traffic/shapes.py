"""The shapes that traffic takes: level, steps, lines, ramp, surge, daily wave, and their sum.

Curves are chords of so many pieces that the stated error is far below the noise of counts.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence
from fractions import Fraction

import numpy as np

from simulator.errors import InputError
from simulator.traffic.rates import Piece, Rate, limit_pieces


def constant(rate: float) -> Rate:
    """The same rate for ever."""
    return Rate([Piece(math.inf, rate, rate)])


def steps(changes: Sequence[tuple[float, float]]) -> Rate:
    """Levels from (time, rate) pairs: each holds until the next; nothing before the first."""
    times = [time for time, _ in changes]
    if not changes or any(b <= a for a, b in itertools.pairwise(times)):
        raise InputError("steps out of order", found=times[:5], expected="increasing times")
    pieces = [Piece(times[0], 0.0, 0.0)] if times[0] > 0 else []
    lasts = [b - a for a, b in itertools.pairwise(times)] + [math.inf]
    pieces += [Piece(t, rate, rate) for t, (_, rate) in zip(lasts, changes, strict=True)]
    return Rate(pieces)


def lines(points: Sequence[tuple[float, float]]) -> Rate:
    """Straight lines through (time, rate) points; level before the first and after the last."""
    if not points:
        raise InputError("no points", expected="at least one time and rate")
    time, rate = points[0]
    pieces = [Piece(time, rate, rate)] if time > 0 else []
    for until, to in points[1:]:
        pieces.append(Piece(until - time, rate, to))
        time, rate = until, to
    return Rate([*pieces, Piece(math.inf, rate, rate)])


def ramp(start: float, end: float, at_s: float, over_s: float) -> Rate:
    """From ``start`` to ``end``, beginning at ``at_s``; with ``over_s`` 0 it is a step."""
    if over_s <= 0:
        return steps([(0.0, start), (at_s, end)]) if at_s > 0 else constant(end)
    return lines([(at_s, start), (at_s + over_s, end)])


DECAY_PIECES_PER_HALF_LIFE = 16
DECAY_HALF_LIVES = 10
DECAY_ERROR = 2.4e-4
"""Largest relative error of the chords of a decay, (ln 2 / 16)² / 8; ten half-lives end it."""


def surge(
    base: float, peak: float, at_s: float, ramp_s: float, hold_s: float, half_life_s: float
) -> Rate:
    """A flash crowd: base, ramp to the peak, plateau, and a decay with a half-life back to base."""
    pieces = [
        Piece(at_s, base, base),
        Piece(ramp_s, base, peak),
        Piece(hold_s, peak, peak),
    ]
    if half_life_s > 0:
        count = DECAY_PIECES_PER_HALF_LIFE * DECAY_HALF_LIVES
        lasts = half_life_s / DECAY_PIECES_PER_HALF_LIFE
        shares = [0.5 ** (i / DECAY_PIECES_PER_HALF_LIFE) for i in range(count)] + [0.0]
        heights = [base + (peak - base) * share for share in shares]
        pieces += [Piece(lasts, heights[i], heights[i + 1]) for i in range(count)]
    return Rate([*(p for p in pieces if p.lasts_s > 0), Piece(math.inf, base, base)])


WAVE_PIECES = 96
WAVE_ERROR = 5.4e-4
"""Largest error of the chords of a wave, (2π / 96)² / 8 of its amplitude; the mean is exact."""


def diurnal(
    mean: float,
    amplitude: float,
    period_s: float = 86400.0,
    *,
    peak_s: float | None = None,
    days: Sequence[float] = (1.0,),
) -> Rate:
    """A daily wave: ``mean * (1 + amplitude * cos)``, highest at ``peak_s`` (mid-period if None).

    ``days`` are factors of successive periods, for example seven with a quiet weekend.
    """
    if not 0 <= amplitude <= 1:
        raise InputError("bad amplitude", found=amplitude, expected="a share of the mean, 0 to 1")
    if not days or len(days) > 400:
        raise InputError("bad number of day factors", found=len(days), expected="1 to 400")
    if not 0 < period_s < math.inf:
        raise InputError("bad period", found=period_s, expected="a duration above 0")
    peak_share = 0.5 if peak_s is None else peak_s / period_s
    angles = [2 * math.pi * (i / WAVE_PIECES - peak_share) for i in range(WAVE_PIECES + 1)]
    wave = [mean * (1 + amplitude * math.cos(angle)) for angle in angles]
    lasts = period_s / WAVE_PIECES
    pieces = [
        Piece(lasts, max(wave[i], 0.0) * day, max(wave[i + 1], 0.0) * day)
        for day in days
        for i in range(WAVE_PIECES)
    ]
    return Rate(pieces, repeat_from=0)


def total(rates: Sequence[Rate]) -> Rate:
    """The sum of rates. Cycles must have a common multiple; refused when it takes too many pieces.

    The sum is taken at two inner points of each piece, so that jumps fall between pieces.
    """
    if not rates:
        return constant(0.0)
    cycle = _common_cycle([r.cycle_s for r in rates if r.repeat_from is not None])
    begins = max(r.cycle_begins_s for r in rates)
    until = begins + cycle
    grid = np.unique(np.concatenate([[0.0, begins], *(r.breaks(until) for r in rates)]))
    # Breaks that rounding split in two would make a piece too short to have a slope.
    grid = grid[np.append(np.diff(grid), 1.0) > 1e-9 * np.maximum(grid, 1e-3)]
    grid = grid[grid < until] if cycle else grid
    lasts = np.diff(np.append(grid, until if cycle else grid[-1] + 1.0))
    first, second = (
        np.sum([r.rate(grid + lasts * x) for r in rates], axis=0) for x in (0.25, 0.75)
    )
    begin = np.maximum(1.5 * first - 0.5 * second, 0.0)
    end = np.maximum(1.5 * second - 0.5 * first, 0.0)
    rows = zip(lasts.tolist(), begin.tolist(), end.tolist(), strict=True)
    pieces = [Piece(*row) for row in rows]
    if not cycle:
        return Rate([*pieces[:-1], pieces[-1]._replace(lasts_s=math.inf, end=pieces[-1].begin)])
    return Rate(pieces, repeat_from=int(np.searchsorted(grid, begins)))


def _common_cycle(cycles: Sequence[float]) -> float:
    """The shortest time after which all cycles are back at their begin; 0 when there are none."""
    if not cycles:
        return 0.0
    ratios = [Fraction(cycle / cycles[0]).limit_denominator(1000) for cycle in cycles]
    limit_pieces(math.prod({ratio.denominator for ratio in ratios}))
    common = math.lcm(*(ratio.denominator for ratio in ratios))
    whole = [int(ratio * common) for ratio in ratios]
    if any(abs(n / common * cycles[0] / c - 1) > 1e-9 for n, c in zip(whole, cycles, strict=True)):
        raise InputError("rates with cycles that never meet", found=list(cycles)[:5])
    return math.lcm(*whole) / common * cycles[0]
