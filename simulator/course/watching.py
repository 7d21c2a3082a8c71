"""The values of what a page tells people to watch, for who has no charts."""

from __future__ import annotations

from simulator.course.lesson_run import LessonRun
from simulator.course.measures import measures
from simulator.course.model import Observe
from simulator.course.template import show
from simulator.errors import InputError

PIECES = 5
"""Into so many parts a run is cut, each with its mean."""
_FORMATS = {
    "mean": "ms", "p50": "ms", "p95": "ms", "p99": "ms", "wait": "ms", "offered": "/s",
    "ok": "/s", "failed": "/s", "cpu": "cores", "memory": "MiB", "throttled": "%", "steal": "%",
}  # fmt: skip


def watched_lines(run: LessonRun, span: tuple[float, float | None] | None = None) -> list[str]:
    """What is watched on this page: as it is now, or in parts of a span of time."""
    names = [name for part in run.step.parts if isinstance(part, Observe) for name in part.series]
    found = [(name, _values(run, name, span)) for name in dict.fromkeys(names)]
    shown = [(name, values) for name, values in found if values]
    if not shown:
        return []
    if span is None:
        return ["Watched: " + ", ".join(f"{name} {values[0]}" for name, values in shown)]
    began, ended = span[0], span[1] if span[1] is not None else run.world.now
    ends = [began + (ended - began) * (one + 1) / PIECES for one in range(PIECES)]
    rows = [("until", [f"{end:,.0f} s" for end in ends]), *shown]
    wide = max(len(name) for name, _ in rows)
    return [
        "Watched (means up to each time):",
        *(f"  {name:<{wide}}  {'  '.join(f'{value:>10}' for value in values)}"
          for name, values in rows),
    ]  # fmt: skip


def _values(run: LessonRun, name: str, span: tuple[float, float | None] | None) -> list[str]:
    """Its newest value, or its mean in each part; nothing where nothing was recorded."""
    table = measures(run.world)
    form = _FORMATS.get(name.rpartition(".")[2], "")
    try:
        if span is None:
            return [show(table["last"](name), form)]
        began, ended = span[0], span[1] if span[1] is not None else run.world.now
        step = (ended - began) / PIECES
        table["last"](name)
        return [
            _mean(table["mean"], name, began + n * step, began + (n + 1) * step, form)
            for n in range(PIECES)
        ]
    except InputError:
        return []


def _mean(mean: object, name: str, first: float, last: float, form: str) -> str:
    try:
        return show(mean(name, first, last), form)  # type: ignore[operator]
    except InputError:
        return "-"
