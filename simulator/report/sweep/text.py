"""A sweep as lines of text: the answer, a table a measure, charts, and what must be known."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from simulator.report.chart import Line, chart
from simulator.report.sweep.result import Point, Sweep
from simulator.report.sweep.shown import difference, interval, kind_of, number
from simulator.shell.tables import columns
from simulator.units import format_span

MOST_CURVES = 6
MOST_NOTES = 20
_STEPS = 64


def to_text(sweep: Sweep, *, braille: bool = False) -> list[str]:
    """Everything that is printed."""
    lines = [" ".join(sweep.title.split())] if sweep.title else []
    lines += sweep.answer.split("\n") if sweep.answer else []
    for name, text in sweep.measures.items():
        lines += ["", *_table(sweep, name, text)]
    for name, text in sweep.measures.items():
        lines += _chart(sweep, name, text, braille)
    lines += notes(sweep)
    return [*lines, "", *foot(sweep)]


def _table(sweep: Sweep, name: str, text: str) -> list[str]:
    """One measure: a row a point."""
    kind = kind_of(text)
    pooled = any(name in point.pooled for point in sweep.points)
    several = any(point.differences for point in sweep.points)
    heads = [*(key.upper() for key in sweep.keys), "SEEDS", "MEAN", "95% INTERVAL"]
    heads += ["TO THE FIRST"] * several + ["ALL REQUESTS"] * pooled
    rows = []
    for point in sweep.points:
        found = point.estimates.get(name)
        row = [*(point.settings.get(key, "") for key in sweep.keys)]
        row += [str(found.count if found else 0)]
        row += [number(found.mean, kind), interval(found, kind)] if found else ["no data", "-"]
        if several:
            row.append(difference(point.differences.get(name), kind))
        if pooled:
            row.append(number(point.pooled[name].value, kind) if name in point.pooled else "-")
        rows.append(row)
    title = name if name == text else f"{name} = {text}"
    return [title, *columns(heads, rows)]


def _chart(sweep: Sweep, name: str, text: str, braille: bool) -> list[str]:
    """The means over the one key of numbers that has most values; with one curve, its interval."""
    key = _across(sweep)
    if key is None:
        return []
    curves: dict[str, list[tuple[float, Point]]] = {}
    for point in sweep.points:
        if name in point.estimates:
            others = ", ".join(f"{k}={v}" for k, v in point.settings.items() if k != key)
            curves.setdefault(others, []).append((_number(point.settings[key]) or 0.0, point))
    kept = {label: sorted(one, key=lambda pair: pair[0]) for label, one in curves.items()}
    lines = [
        Line(label or "mean", [(x, point.estimates[name].mean) for x, point in one])
        for label, one in list(kept.items())[:MOST_CURVES]
    ]
    if len(kept) == 1:
        (one,) = kept.values()
        for label in ("high", "low"):
            ends = [(x, getattr(point.estimates[name], label)) for x, point in one]
            lines += [Line(label, ends)] if all(y is not None for _, y in ends) else []
    places = [x for line in lines for x, _ in line.points]
    values = [y for line in lines for _, y in line.points]
    if len(set(places)) < 2 or min(values) < 0 or not max(values):
        return []
    lines = [Line(line.label, _between(line.points)) for line in lines]
    head = f"{name} by {key}"
    drawn = chart(head, lines, start=min(places), end=max(places), unit=kind_of(text).strip("%B"),
                  height=10, across="", braille=braille)  # fmt: skip
    return ["", *drawn]


def _between(points: Sequence[tuple[float, float]]) -> list[tuple[float, float]]:
    """The points, and straight lines from each to the next."""
    found = []
    for (x, y), (x2, y2) in pairwise(points):
        steps = (step / _STEPS for step in range(_STEPS))
        found += [(x + (x2 - x) * share, y + (y2 - y) * share) for share in steps]
    return [*found, *points[-1:]]


def _across(sweep: Sweep) -> str | None:
    """The key to draw along."""
    counts = {
        key: len({point.settings[key] for point in sweep.points})
        for key in sweep.keys
        if all(_number(point.settings.get(key, "")) is not None for point in sweep.points)
    }
    best = max(counts, key=lambda key: counts[key], default=None)
    return best if best is not None and counts[best] > 1 else None


def _number(text: str) -> float | None:
    """The number that a setting begins with, its unit left away."""
    digits = text.strip().lstrip("x*×")
    size = len(digits)
    while size and not digits[:size][-1].isdigit():
        size -= 1
    try:
        return float(digits[:size])
    except ValueError:
        return None


def notes(sweep: Sweep) -> list[str]:
    """What must be known of the whole, and of each point."""
    found = list(sweep.notes)
    for point in sweep.points:
        where = ", ".join(f"{key}={value}" for key, value in point.settings.items())
        found += [f"{where}: {note}" if where else note for note in point.notes]
    more = len(found) - MOST_NOTES
    shown = found[:MOST_NOTES] + ([f"and {more} notes more (--json has all)"] if more > 0 else [])
    return ["", *shown] if shown else []


def foot(sweep: Sweep) -> list[str]:
    """How much was tried, on which model, and how to have it again."""
    seeds: Sequence[int] = sorted({row.seed for point in sweep.points for row in point.rows})
    span = f"seeds {seeds[0]} to {seeds[-1]}" if seeds else "no seeds"
    speed = f" in {format_span(sweep.wall_s)} on {sweep.workers}" if sweep.wall_s else ""
    count = "1 trial" if sweep.trials == 1 else f"{sweep.trials:,} trials"
    spent = f"{format_span(sweep.cpu_s)} of CPU{speed}"
    lines = [f"{count}, {span}, {spent}; drydock {sweep.model}"]
    if any(point.differences for point in sweep.points):
        lines.append("Differences are between equal seeds; * marks those that are none by chance.")
    return [*lines, f"again: {sweep.command}"] if sweep.command else lines
