"""What was kept of what happened: events, series, jobs."""

from __future__ import annotations

from math import inf
from typing import TYPE_CHECKING

import numpy as np

from simulator.engine import Entry
from simulator.look.views import EventView, JobView, SeriesView

if TYPE_CHECKING:
    from simulator.world.world import World

SHOWN_JOBS = 8


def jobs(world: World) -> tuple[JobView, ...]:
    """What is under way, and what ended last."""
    return tuple(
        JobView(job.id, job.title, job.done, job.error, (*job.lines, *job.live()), job.fraction)
        for job in world.jobs[-SHOWN_JOBS:]
    )


def event_view(entry: Entry) -> EventView:
    """One journal entry for people."""
    event = entry.event
    subject = getattr(event, "subject", None) or getattr(event, "host", "")
    kind = type(event).__name__
    return EventView(entry.seq, entry.time, kind, event.sentence(), event.level, str(subject))


def series_view(world: World, name: str, points: int, since: float = 0.0) -> SeriesView:
    """A series after ``since``, thinned; empty when nothing was recorded under the name."""
    if not world.recorder.has(name):
        return SeriesView(name, "", (), ())
    found = world.recorder.samples(name)
    times, values = found.between(since, inf) if since > 0 else (found.times, found.values)
    if len(times) > points:
        chosen = np.linspace(0, len(times) - 1, points).astype(int)
        times, values = times[chosen], values[chosen]
    return SeriesView(name, found.unit, tuple(times.tolist()), tuple(values.tolist()))
