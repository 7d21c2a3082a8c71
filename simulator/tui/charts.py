"""Which curves a snapshot is asked for, and which ones belong to what is selected."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from simulator.tui.braille import Curve, Frame, decades, nice_top

if TYPE_CHECKING:
    from simulator.world.snapshot import ContainerView, SeriesView, Snapshot

RATES = ("offered", "ok", "failed")
PERCENTILES = ("p50", "p95", "p99")
PERCENTILE_INKS = (2, 1, 3)
MAX_CONTAINERS = 12


@dataclass(frozen=True, slots=True)
class Chart:
    """One chart: its name, unit, curves, and the values now, as (label, text, ink)."""

    title: str
    unit: str
    curves: tuple[Curve, ...]
    frame: Frame
    now: tuple[tuple[str, str, int], ...]


def wanted_series(snapshot: Snapshot, service: str | None) -> tuple[str, ...]:
    """Names of the series that the charts need."""
    names = [f"service/{service}/{one}" for one in RATES + PERCENTILES] if service else []
    names += [f"container/{one.name}/cpu" for one in busiest(snapshot, service)]
    return tuple(names)


def busiest(snapshot: Snapshot, service: str | None = None) -> list[ContainerView]:
    """Containers worth a curve: endpoints of the service first, then by CPU; a stable order."""
    endpoints = set()
    if service and (view := snapshot.service(service)) is not None:
        endpoints = set(view.endpoints)
    alive = [c for c in snapshot.containers() if c.state not in ("created", "exited", "dead")]
    # Cores are rounded so that two equally busy containers do not change places every frame.
    alive.sort(key=lambda c: (c.name not in endpoints, -round(c.cpu_cores)))
    return alive[:MAX_CONTAINERS]


def service_in_view(snapshot: Snapshot, chosen: str | None) -> str | None:
    """The service whose curves are shown: the chosen one, else the first."""
    if chosen is not None and snapshot.service(chosen) is not None:
        return chosen
    return snapshot.services[0].name if snapshot.services else None


def rate_chart(snapshot: Snapshot, service: str) -> Chart:
    """Requests per second, offered and answered."""
    found = [_curve(snapshot, service, one, ink) for ink, one in enumerate(RATES, start=1)]
    top = nice_top(max((max(s.values, default=0.0) for s in found), default=0.0))
    view = snapshot.service(service)
    now: tuple[tuple[str, str, int], ...] = ()
    if view is not None:
        now = (
            ("offered", f"{view.offered_per_s:.0f}", 1),
            ("ok", f"{view.ok_per_s:.0f}", 2),
            ("failed", f"{view.failed_per_s:.0f}", 3),
        )
    curves = tuple(found)
    failed_none = not any(found[2].values)
    return Chart(
        "requests/s",
        "/s",
        curves[:2] if failed_none else curves,
        Frame(_start(found), max(snapshot.time, 1.0), 0.0, top),
        now[:2] if failed_none else now,
    )


def latency_chart(snapshot: Snapshot, service: str) -> Chart:
    """Latency percentiles on a logarithmic axis."""
    found = [
        _curve(snapshot, service, one, ink)
        for one, ink in zip(PERCENTILES, PERCENTILE_INKS, strict=True)
    ]
    low, high = decades([v for s in found for v in s.values])
    view = snapshot.service(service)
    now: tuple[tuple[str, str, int], ...] = ()
    if view is not None:
        values = (view.p50_s, view.p95_s, view.p99_s)
        now = tuple(
            (name, seconds_text(value), ink)
            for name, value, ink in zip(PERCENTILES, values, PERCENTILE_INKS, strict=True)
        )
    # The highest percentile is drawn first, so that the usual case stays visible on top of it.
    curves = tuple(_positive(one) for one in reversed(found))
    frame = Frame(_start(found), max(snapshot.time, 1.0), low, high, log=True)
    return Chart("latency", "s, log scale", curves, frame, now)


def seconds_text(value: float) -> str:
    """A latency with three digits: ``85.0ms``, ``1.20s``."""
    if value <= 0:
        return "-"
    if value < 0.9995e-3:
        return f"{value * 1e6:.0f}us"
    if value < 0.9995:
        return f"{value * 1e3:.3g}ms"
    return f"{value:.3g}s"


def _curve(snapshot: Snapshot, service: str, one: str, ink: int) -> Curve:
    series: SeriesView | None = snapshot.series.get(f"service/{service}/{one}")
    return Curve(series.times, series.values, ink) if series is not None else Curve((), (), ink)


def _positive(curve: Curve) -> Curve:
    """A curve with gaps where there is nothing to show on a logarithmic axis."""
    values = tuple(v if v > 0 else float("nan") for v in curve.values)
    return Curve(curve.times, values, curve.ink)


def _start(curves: list[Curve]) -> float:
    return min((one.times[0] for one in curves if one.times), default=0.0)
