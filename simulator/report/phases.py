"""What came of requests in each phase of a run: while a surge lasts, after a crash."""

from __future__ import annotations

from collections.abc import Iterable

from simulator.report.summary import PhaseSummary
from simulator.scenario.spec import PhaseEntry
from simulator.world import World

LONGEST_S = 60.0
"""A sample this long after a phase may still tell of it, where samples lie far apart."""
BAD = 0.01
"""From this share of failed requests on, a second counts as a bad one."""


def phases_of(world: World, entries: Iterable[PhaseEntry], start_s: float) -> list[PhaseSummary]:
    """Each phase of each service that had any requests in it."""
    found = []
    for entry in entries:
        for name in world.services:
            one = _phase(world, entry, name, start_s)
            if one.offered:
                found.append(one)
    return found


def _phase(world: World, entry: PhaseEntry, service: str, start_s: float) -> PhaseSummary:
    start, end = start_s + entry.start, start_s + entry.end
    ok, failed = (_total(world, service, measure, start, end) for measure in ("ok", "failed"))
    ends = _values(world, service, "endpoints", start, end)
    latencies = _values(world, service, "p95", start, end)
    return PhaseSummary(
        phase=entry.name,
        service=service,
        start_s=entry.start,
        end_s=entry.end,
        offered=round(_total(world, service, "offered", start, end)),
        failed=round(failed),
        error_rate=failed / (failed + ok) if failed else 0.0,
        bad_until_s=_bad_until(world, service, start, end),
        worst_p95_s=max(latencies, default=0.0),
        fewest_endpoints=int(min(ends, default=0)),
        most_endpoints=int(max(ends, default=0)),
    )


def _bad_until(world: World, service: str, start: float, end: float) -> float:
    """Seconds from the start of a phase to the end of its last bad second; 0 without any."""
    if not world.recorder.has(f"service/{service}/failed"):
        return 0.0
    samples = world.recorder.samples(f"service/{service}/failed")
    times, failed = samples.between(start, end)
    ok = _values(world, service, "ok", start, end)
    bad = [
        time
        for time, lost, good in zip(times.tolist(), failed.tolist(), ok, strict=True)
        if lost and lost >= BAD * (lost + good) and time > start
    ]
    return float(max(bad, default=start)) - start


def _values(world: World, service: str, measure: str, start: float, end: float) -> list[float]:
    name = f"service/{service}/{measure}"
    if not world.recorder.has(name):
        return []
    values: list[float] = world.recorder.samples(name).between(start, end)[1].tolist()
    return values


def _total(world: World, service: str, measure: str, start: float, end: float) -> float:
    """A rate over time: each sample is the mean since the one before it, and counts for as much of
    that time as is of the phase."""
    name = f"service/{service}/{measure}"
    if not world.recorder.has(name):
        return 0.0
    samples = world.recorder.samples(name)
    times, values = samples.between(-1.0, end + LONGEST_S)
    total, since = 0.0, start
    for time, value in zip(times.tolist(), values.tolist(), strict=True):
        total += max(0.0, min(time, end) - max(since, start)) * value
        since = time
    return total
