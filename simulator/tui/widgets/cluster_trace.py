"""An autoscaler over time: its metric against its target, its replicas within their limits, and
below them why it decided as it did."""

from __future__ import annotations

from math import isfinite
from textwrap import wrap
from typing import TYPE_CHECKING

from simulator.shell.kubectl.why.autoscalers import told
from simulator.tui.braille import Curve, Frame, nice_top
from simulator.tui.charts import Chart
from simulator.tui.widgets.charts import chart_lines, time_axis
from simulator.tui.widgets.ink import Line

if TYPE_CHECKING:
    from simulator.look.cluster_trace import TraceFacts

LEAST_PLOT = 3
"""Lines of each of the two plots, its title included."""
LEAST_REASONS = 4
"""Lines that are left for the reasons."""
VALUE, TARGET, LIMIT = 1, 2, 3
"""Inks of curves."""


def plots(facts: TraceFacts, now: float, width: int, height: int) -> list[Line]:
    """Two plots over the same time, and their axis, in at most so many lines."""
    if len(facts.turns) < 2:
        return [((" it has not looked twice yet; it looks every 15 s", "dim"),)]
    rows = height - 1 - LEAST_REASONS
    if rows < 2 * LEAST_PLOT:
        return chart_lines(_replicas(facts, now), width, max(LEAST_PLOT, rows))
    above = rows // 2
    ratio = _ratio(facts, now)
    return [
        *chart_lines(ratio, width, min(above, 9)),
        *chart_lines(_replicas(facts, now), width, min(rows - above, 9)),
        time_axis(ratio, width),
    ]


def reasons(facts: TraceFacts, now: float, width: int) -> list[Line]:
    """The last decision, step by step."""
    return [
        ((row, "plain"),)
        for text in told(facts.scaler, facts.trace, now)
        for row in wrap(text, width, subsequent_indent=" " * (len(text) - len(text.lstrip()) + 2))
    ]


def _ratio(facts: TraceFacts, now: float) -> Chart:
    times = [one.time for one in facts.turns]
    values = [one.ratio for one in facts.turns]
    known = [one for one in values if isfinite(one)]
    frame = Frame(times[0], max(now, times[0] + 1.0), 0.0, nice_top(max([1.5, *known])))
    at_target = Curve((frame.start, frame.end), (1.0, 1.0), TARGET)
    last = _percent(known[-1]) if known and isfinite(values[-1]) else "not known"
    shown = (("now", last, VALUE), ("target", "100%", TARGET))
    return Chart(
        "metric / target", (at_target, Curve(times, values, VALUE)), frame, _percent, shown
    )


def _replicas(facts: TraceFacts, now: float) -> Chart:
    spec, turns = facts.scaler.spec, facts.turns
    times = [time for one in turns for time in (one.time, one.time)] + [now]
    values = [float(number) for one in turns for number in (one.current, one.result)]
    values.append(values[-1])
    frame = Frame(
        turns[0].time, max(now, turns[0].time + 1.0), 0.0, max(spec.max_replicas, *values)
    )
    limits = [
        Curve((frame.start, frame.end), (float(one), float(one)), LIMIT)
        for one in (spec.min_replicas, spec.max_replicas)
    ]
    shown = (
        ("now", _whole(values[-1]), VALUE),
        ("limits", f"{spec.min_replicas}-{spec.max_replicas}", LIMIT),
    )
    return Chart("replicas", (*limits, Curve(times, values, VALUE)), frame, _whole, shown)


def _percent(value: float) -> str:
    return f"{value:.0%}"


def _whole(value: float) -> str:
    return f"{value:.0f}"
