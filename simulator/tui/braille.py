"""Curves drawn with braille dots, or with letters where only ASCII is wanted.

A cell of braille is two dots wide and four high. Between two samples the curve is a straight
line; where several fall into one column of dots the column shows their whole range.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

_DOTS = ((0x01, 0x08), (0x02, 0x10), (0x04, 0x20), (0x40, 0x80))
_LETTERS = "*+o."


@dataclass(frozen=True, slots=True)
class Curve:
    """One series: times and values of equal length, and which ink draws it."""

    times: Sequence[float]
    values: Sequence[float]
    ink: int


@dataclass(frozen=True, slots=True)
class Frame:
    """The piece of the plane that is shown. A logarithmic frame needs ``low`` above zero."""

    start: float
    end: float
    low: float
    high: float
    log: bool = False

    def row(self, value: float, rows: int) -> int:
        """The row of dots of a value, 0 at the top."""
        if self.log:
            value = max(value, self.low)
            share = math.log(value / self.low) / max(1e-9, math.log(self.high / self.low))
        else:
            share = (value - self.low) / max(1e-12, self.high - self.low)
        return round((1.0 - min(1.0, max(0.0, share))) * (rows - 1))

    def column(self, time: float, columns: int) -> int:
        """The column of dots of a time, 0 at the left."""
        share = (time - self.start) / max(1e-9, self.end - self.start)
        return round(min(1.0, max(0.0, share)) * (columns - 1))


Cell = tuple[str, int]
"""A character and the number of the ink it is drawn with; 0 is background."""


def plot(
    curves: Sequence[Curve], frame: Frame, width: int, height: int, *, braille: bool = True
) -> list[list[Cell]]:
    """Rows of cells with the curves; a later curve lies above an earlier one."""
    across, down = (2, 4) if braille else (1, 1)
    bits = [[0] * width for _ in range(height)]
    inks = [[0] * width for _ in range(height)]
    letters = [[" "] * width for _ in range(height)]
    for curve in curves:
        letter = _LETTERS[(curve.ink - 1) % len(_LETTERS)]
        for column, top, bottom in _columns(curve, frame, width * across, height * down):
            for row in range(top, bottom + 1):
                y, x = row // down, column // across
                inks[y][x] = curve.ink
                letters[y][x] = letter
                if braille:
                    bits[y][x] |= _DOTS[row % 4][column % 2]
    if not braille:
        return [list(zip(letters[y], inks[y], strict=True)) for y in range(height)]
    return [
        [(chr(0x2800 + bits[y][x]) if bits[y][x] else " ", inks[y][x]) for x in range(width)]
        for y in range(height)
    ]


def _columns(curve: Curve, frame: Frame, columns: int, rows: int) -> list[tuple[int, int, int]]:
    """For each column of dots that the curve crosses: its highest and lowest row."""
    spans: dict[int, tuple[int, int]] = {}
    previous: tuple[int, int] | None = None
    for time, value in zip(curve.times, curve.values, strict=False):
        if not frame.start <= time <= frame.end or not math.isfinite(value):
            previous = None
            continue
        point = (frame.column(time, columns), frame.row(value, rows))
        _join(spans, previous, point)
        previous = point
    return [(column, top, bottom) for column, (top, bottom) in spans.items()]


def _join(
    spans: dict[int, tuple[int, int]], previous: tuple[int, int] | None, point: tuple[int, int]
) -> None:
    """Extend the spans by the line from the previous point to this one."""
    x1, y1 = point
    x0, y0 = previous if previous is not None else point
    last = y0
    for x in range(x0, x1 + 1):
        y = y1 if x1 == x0 else round(y0 + (y1 - y0) * (x - x0) / (x1 - x0))
        top, bottom = spans.get(x, (y, y))
        spans[x] = (min(top, y, last), max(bottom, y, last))
        last = y


def nice_top(value: float) -> float:
    """The next 1, 2 or 5 times a power of ten at or above a value: an axis that rarely moves."""
    if value <= 0:
        return 1.0
    power = 10.0 ** math.floor(math.log10(value))
    for factor in (1.0, 2.0, 5.0, 10.0):
        if value <= factor * power * 1.0000001:
            return float(factor * power)
    return 10.0 * power


def decades(values: Sequence[float]) -> tuple[float, float]:
    """The powers of ten around positive values: the ends of a logarithmic axis."""
    positive = [v for v in values if v > 0 and math.isfinite(v)]
    if not positive:
        return 0.001, 1.0
    low = 10.0 ** math.floor(math.log10(min(positive)) + 1e-9)
    high = 10.0 ** math.ceil(math.log10(max(positive)) - 1e-9)
    return low, max(high, low * 10.0)
