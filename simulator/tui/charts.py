"""Which curves a seen is asked for, and the charts made of them."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from simulator.tui.braille import Curve, Frame, decades, nice_top
from simulator.units import format_binary_bytes

if TYPE_CHECKING:
    from simulator.look.views import SeriesView
    from simulator.tui.seen import Seen

RATES = ("offered", "ok", "failed")
PERCENTILES = ("p50", "p95", "p99")
LATENCIES = (*PERCENTILES, "mean")
MAX_CONTAINERS = 12
MAX_OBSERVED = 8
INKS = {"ok": 2, "failed": 3, "p50": 2, "p99": 3}
"""Inks of curves by what they are; the others take the first one."""


@dataclass(frozen=True, slots=True)
class Chart:
    """One chart: its name, curves, and the values now, as (label, text, ink)."""

    title: str
    curves: tuple[Curve, ...]
    frame: Frame
    text: Callable[[float], str]
    """How a value is written, on the axis and beside the curve."""
    now: tuple[tuple[str, str, int], ...]


@dataclass(frozen=True, slots=True)
class Wanted:
    """A curve that somebody wants to see: its series, its label and its ink."""

    series: str
    label: str
    ink: int

    @property
    def metric(self) -> str:
        """What is measured: the last part of the name."""
        return self.series.rpartition("/")[2]


def wanted_curves(seen: Seen, service: str | None, observed: Sequence[str] = ()) -> list[Wanted]:
    """What a lesson wants to be observed, else the rates and percentiles of the service."""
    if observed:
        return _observed(seen, observed)
    if service is None:
        return []
    return [
        Wanted(f"service/{service}/{one}", one, INKS.get(one, 1)) for one in RATES + PERCENTILES
    ]


def wanted_series(seen: Seen, service: str | None, observed: Sequence[str] = ()) -> tuple[str, ...]:
    """Names of the series that all charts need."""
    names = [one.series for one in wanted_curves(seen, service, observed)]
    names += [f"container/{one.view.name}/cpu" for one in seen.busiest]
    return tuple(dict.fromkeys(names))


def service_in_view(seen: Seen, chosen: str | None) -> str | None:
    """The service whose curves are shown: the chosen one, else the first that has traffic."""
    if chosen is not None and seen.service(chosen) is not None:
        return chosen
    for one in seen.services:
        if one.traffic:
            return one.name
    return seen.services[0].name if seen.services else None


def charts_of(seen: Seen, service: str | None, observed: Sequence[str] = ()) -> list[Chart]:
    """Charts of what is wanted: rates together, latencies together, everything else alone."""
    wanted = wanted_curves(seen, service, observed)
    rates = [one for one in wanted if one.metric in RATES]
    latencies = [one for one in wanted if one.metric in LATENCIES]
    charts = []
    if rates:
        charts.append(_chart(seen, "requests/s", rates, _rate_text))
    if latencies:
        charts.append(_chart(seen, "latency", latencies, seconds_text, log=True))
    others = [one for one in wanted if one not in rates and one not in latencies]
    for metric in dict.fromkeys(one.metric for one in others):
        same = [one for one in others if one.metric == metric]
        charts.append(_chart(seen, metric, same, TEXTS.get(metric, _plain_text)))
    return charts


def _chart(
    seen: Seen,
    title: str,
    wanted: list[Wanted],
    text: Callable[[float], str],
    *,
    log: bool = False,
) -> Chart:
    found = [(one, _curve(seen, one, log)) for one in wanted]
    # A curve of failures that is zero all along would only hide the axis.
    found = [(w, c) for w, c in found if w.metric != "failed" or any(c.values)]
    values = [v for _, curve in found for v in curve.values]
    low, high = decades(values) if log else (0.0, _top(title, max(values, default=0.0)))
    start = min((c.times[0] for _, c in found if c.times), default=0.0)
    frame = Frame(start, max(seen.time, start + 1.0), low, high, log=log)
    now = tuple((w.label, text(_now(seen, w, c)), w.ink) for w, c in found)
    # The first one is drawn last: the usual case stays visible on top of the worst.
    curves = tuple(curve for _, curve in (reversed(found) if log else found))
    metrics = {w.metric for w, _ in found}
    shared = metrics.pop() if len(metrics) == 1 and len(found) > 1 else title
    return Chart(title if shared == title else f"{title} {shared}", curves, frame, text, now)


def _top(title: str, value: float) -> float:
    """The top of an axis; bytes are counted in powers of 1024."""
    if title != "memory":
        return nice_top(value)
    unit = 1024.0 ** max(0, int(math.log(max(value, 1.0), 1024.0)))
    return nice_top(value / unit) * unit


def _curve(seen: Seen, wanted: Wanted, log: bool) -> Curve:
    """A curve, with gaps where there is nothing to show on a logarithmic axis."""
    series: SeriesView | None = seen.series.get(wanted.series)
    if series is None:
        return Curve((), (), wanted.ink)
    values = series.values
    if log:
        values = tuple(v if v > 0 else float("nan") for v in values)
    return Curve(series.times, values, wanted.ink)


def _now(seen: Seen, wanted: Wanted, curve: Curve) -> float:
    """The value now: of the last sample where there is one, else the end of the curve."""
    kind, _, rest = wanted.series.partition("/")
    view = seen.service(rest.rpartition("/")[0]) if kind == "service" else None
    attribute = f"{wanted.metric}_per_s" if wanted.metric in RATES else f"{wanted.metric}_s"
    if view is not None and hasattr(view, attribute):
        return float(getattr(view, attribute))
    return curve.values[-1] if curve.values else 0.0


def _observed(seen: Seen, observed: Sequence[str]) -> list[Wanted]:
    """Series named ``web.p95``, with inks of their own; labels are short for a single owner."""
    owners = {one.rpartition(".")[0] for one in observed}
    wanted = []
    for number, one in enumerate(observed[:MAX_OBSERVED]):
        owner, _, metric = one.rpartition(".")
        name = f"{seen.kinds.get(owner, 'container')}/{owner}/{metric}"
        ink = INKS.get(metric, 1) if len(owners) == 1 else number % 4 + 1
        alone = [other for other in observed if other.endswith(f".{metric}")] == [one]
        label = metric if len(owners) == 1 else one if alone else owner
        wanted.append(Wanted(name, label, ink))
    return wanted


def _rate_text(value: float) -> str:
    return f"{value:.0f}"


def _plain_text(value: float) -> str:
    return f"{value:.3g}"


def bytes_text(value: float) -> str:
    """Memory in short: ``412MiB``."""
    return format_binary_bytes(value, 3)


def seconds_text(value: float) -> str:
    """A latency with three digits: ``85.0ms``, ``1.20s``."""
    if not value > 0:
        return "-"
    if value < 0.9995e-3:
        return f"{value * 1e6:.0f}us"
    if value < 0.9995:
        return f"{value * 1e3:.3g}ms"
    return f"{value:.3g}s"


TEXTS: dict[str, Callable[[float], str]] = {"memory": bytes_text}
"""How values of a metric are written, where a plain number would not do."""
