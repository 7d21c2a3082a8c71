"""Small charts as text: plain ASCII, or braille with eight dots a character."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

_AXIS = 9
_MARKS = "*+ox#@"
_DOTS = ((0x01, 0x08), (0x02, 0x10), (0x04, 0x20), (0x40, 0x80))
_BLANK = 0x2800


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a chart: (time in seconds, value) pairs in order of time."""

    label: str
    points: Sequence[tuple[float, float]]


def chart(
    title: str,
    lines: Sequence[Line],
    *,
    start: float,
    end: float,
    width: int = 64,
    height: int = 7,
    unit: str = "",
    across: str = "s",
    braille: bool = False,
) -> list[str]:
    """Rows of text: a title with the legend, the plot with its axis, the times below.

    Each column shows the largest value that fell into it, so that no peak is lost. ``across``:
    the unit of what goes from left to right.
    """
    top = max((v for line in lines for _, v in line.points if math.isfinite(v)), default=0.0)
    ceiling = _round_up(top)
    scale = (2, 4) if braille else (1, 1)
    columns, rows = width * scale[0], height * scale[1]
    marks = _grid(lines, start, end, columns, rows, ceiling)
    body = _braille(marks, width, height) if braille else _ascii(marks, width, height)
    legend = "  ".join(
        f"{_MARKS[i % len(_MARKS)]} {line.label}" if not braille else line.label
        for i, line in enumerate(lines)
    )
    labels = {0: _number(ceiling), height - 1: "0"}
    if height > 4:
        labels[height // 2] = _number(ceiling * (height - 1 - height // 2) / (height - 1))
    plot = [f"{labels.get(i, ''):>{_AXIS - 2}} |{row}".rstrip() for i, row in enumerate(body)]
    return [
        f"{title}{f' ({unit})' if unit else ''}   {legend}".rstrip(),
        *plot,
        " " * (_AXIS - 1) + "+" + "-" * width,
        _times(start, end, width, across),
    ]


def bars(
    rows: Sequence[tuple[str, float, float | None, float | None, str]], width: int = 48
) -> list[str]:
    """A bar a row, from 0 to its value, with the ends of its interval: label, value, ends, text."""
    most = max((high if high is not None else value for _, value, _, high, _ in rows), default=1.0)
    names = max((len(label) for label, *_ in rows), default=0)
    found = []
    for label, value, low, high, text in rows:
        cells = list("#" * round(value / most * width)) + [" "] * (width + 1)
        if low is not None and high is not None:
            ends = [min(width, max(0, round(end / most * width))) for end in (low, high)]
            for at in range(ends[0], ends[1] + 1):
                cells[at] = "|" if at in ends else "-"
        found.append(f"{label:<{names}}  {''.join(cells[: width + 1])}  {text}")
    return found


def _grid(
    lines: Sequence[Line], start: float, end: float, columns: int, rows: int, ceiling: float
) -> list[dict[int, int]]:
    """For each line, the row (from the bottom) of its largest value in each column."""
    span = max(end - start, 1e-9)
    found: list[dict[int, int]] = []
    for line in lines:
        highest: dict[int, float] = {}
        for time, value in line.points:
            if start <= time <= end and math.isfinite(value):
                column = min(columns - 1, int((time - start) / span * columns))
                highest[column] = max(highest.get(column, 0.0), value)
        held = _without_gaps(highest)
        found.append({c: round(v / ceiling * (rows - 1)) for c, v in held.items()})
    return found


def _without_gaps(values: dict[int, float]) -> dict[int, float]:
    """Columns between two samples hold the earlier one: few samples still make a line."""
    held: dict[int, float] = {}
    for column in range(min(values, default=0), max(values, default=-1) + 1):
        held[column] = values.get(column, held.get(column - 1, 0.0))
    return held


def _ascii(marks: Sequence[dict[int, int]], width: int, height: int) -> list[str]:
    cells = [[" "] * width for _ in range(height)]
    for index, line in reversed(list(enumerate(marks))):
        for column, row in line.items():
            cells[height - 1 - row][column] = _MARKS[index % len(_MARKS)]
    return ["".join(row) for row in cells]


def _braille(marks: Sequence[dict[int, int]], width: int, height: int) -> list[str]:
    cells = [[_BLANK] * width for _ in range(height)]
    for line in marks:
        for column, row in line.items():
            down = height * 4 - 1 - row
            cells[down // 4][column // 2] |= _DOTS[down % 4][column % 2]
    return ["".join(map(chr, row)) for row in cells]


def _round_up(value: float) -> float:
    """The next 1, 2, 2.5 or 5 times a power of ten; 1 for next to nothing."""
    if value < 1e-9:
        return 1.0
    power = 10.0 ** math.floor(math.log10(value))
    return next(m * power for m in (1, 2, 2.5, 5, 10) if m * power >= value * (1 - 1e-12))


def _number(value: float) -> str:
    return f"{value:.3g}" if value < 10_000 else f"{value / 1000:.3g}k"


def _times(start: float, end: float, width: int, unit: str) -> str:
    left, right = f"{start:g}{unit}", f"{end:g}{unit}"
    middle = f"{(start + end) / 2:g}{unit}"
    line = left.ljust((width - len(middle)) // 2) + middle
    return " " * _AXIS + line + right.rjust(width - len(line))
