"""What clients saw: totals, latencies, and one-second windows.

Requests arrive at the tally in whatever pieces the model was solved; windows are cut by the
instant at which a request ended, so they do not depend on the pieces.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from math import ceil
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from simulator.engine import Histogram

Floats = npt.NDArray[np.float64]
Marks: TypeAlias = tuple[list[int], list[float]]
"""Of each window: how many instants lie in it, and the sum of the times from them to its end."""

_NONE: Floats = np.empty(0)
_UNCOUNTED_MOST = 256
"""Pieces of latencies that may wait to be put into the histogram."""

FAILURES = ("timeout", "refused", "reset", "unavailable", "error", "cancelled")
"""Ways to fail: too slow, no room in line, died with its container, nobody to ask, an answer that
is an error, withdrawn by who called."""


@dataclass(frozen=True, slots=True)
class Window:
    """One second of a service: rates per second, latencies in seconds (0 when nothing ended)."""

    end: float
    offered: float
    ok: float
    failed: float
    mean: float
    p50: float
    p95: float
    p99: float
    in_flight: float = 0.0
    """Mean number of requests that clients waited for, exactly: an integral over the window."""


class Tally:
    """Outcomes of one service since its start."""

    def __init__(self, now: float, window_s: float = 1.0) -> None:
        self.window_s = window_s
        self.arrived = 0
        self.ok = 0
        self.retries = 0
        self.hedges = 0
        """Second copies of parts that took long."""
        self.failed = dict.fromkeys(FAILURES, 0)
        self._histogram = Histogram()
        self._uncounted: list[Floats] = []
        self._closed_until = now
        self._arrivals: list[Floats] = []
        self._ends: list[Floats] = []
        self._latencies: list[Floats] = []
        self._few_ends: list[float] = []
        self._few_latencies: list[float] = []
        """Requests that were answered a handful at a time, until somebody wants arrays."""
        self._failures: list[Floats] = []
        self._inside = 0
        """Requests that clients waited for when the last window closed."""

    def add_arrived(self, times: Floats) -> None:
        """First attempts of requests."""
        if len(times):
            self.arrived += len(times)
            self._arrivals.append(times)

    def add_ok(self, ends: Floats, latencies: Floats) -> None:
        """Requests that were answered in time, and how long each took, in seconds."""
        if len(ends):
            self.ok += len(ends)
            self._collect()
            self._keep(ends, latencies)

    def add_few(self, ends: list[float], latencies: list[float]) -> None:
        """The same, of a handful."""
        self.ok += len(ends)
        self._few_ends += ends
        self._few_latencies += latencies

    def _collect(self) -> None:
        """Make one piece of all handfuls so far."""
        if self._few_ends:
            self._keep(np.array(self._few_ends), np.array(self._few_latencies))
            self._few_ends, self._few_latencies = [], []

    def _keep(self, ends: Floats, latencies: Floats) -> None:
        self._ends.append(ends)
        self._latencies.append(latencies)
        self._uncounted.append(latencies)

    def add_failed(self, kind: str, times: Floats) -> None:
        """Requests that failed for good, and when the client knew."""
        if len(times):
            self.failed[kind] += len(times)
            self._failures.append(times)

    @property
    def latencies(self) -> Histogram:
        """Latencies in seconds of all requests answered so far."""
        self._collect()
        if self._uncounted:
            self._histogram.add(np.concatenate(self._uncounted))
            self._uncounted.clear()
        return self._histogram

    @property
    def in_flight(self) -> int:
        """Requests that clients still wait for (or will try again)."""
        return self.arrived - self.ok - sum(self.failed.values())

    def outcomes(self) -> dict[str, int]:
        """Totals by outcome, with what arrived and how many retries there were."""
        sent = {"retries": self.retries, "hedges": self.hedges}
        return {"arrived": self.arrived, "ok": self.ok, **self.failed, **sent}

    def close(self, now: float) -> list[Window]:
        """All windows that are complete at ``now`` and were not given before."""
        count = int((now - self._closed_until) / self.window_s + 1e-9)
        if count <= 0:
            return []
        start = self._closed_until
        self._collect()
        if len(self._uncounted) > _UNCOUNTED_MOST:
            _ = self.latencies
        edges: Floats = start + self.window_s * np.arange(count + 1, dtype=np.float64)
        last = self._closed_until = float(edges[-1])
        arrived, failed = _marks(self._arrivals, edges), _marks(self._failures, edges)
        ended, latencies = _ended(self._ends, self._latencies, edges)
        inside = self._mean_inside(arrived, failed, ended)
        counts = zip(edges[1:].tolist(), arrived[0], failed[0], latencies, inside, strict=True)
        windows = [self._window(*one) for one in counts]
        self._arrivals = _after(self._arrivals, last)
        self._failures = _after(self._failures, last)
        late = [ends > last for ends in self._ends]
        self._latencies = _kept(self._latencies, late)
        self._ends = _kept(self._ends, late)
        return windows

    def _mean_inside(self, came: Marks, failed: Marks, ended: Marks) -> list[float]:
        """The mean number in flight in each window: what was inside, came and went."""
        means = []
        for arrived, arrived_s, lost, lost_s, answered, answered_s in zip(
            *came, *failed, *ended, strict=True
        ):
            area_s = arrived_s - lost_s - answered_s
            means.append(self._inside + area_s / self.window_s)
            self._inside += arrived - lost - answered
        return means

    def _window(
        self, end: float, arrived: int, failed: int, latencies: Floats, inside: float
    ) -> Window:
        size, count = self.window_s, len(latencies)
        if not count:
            zeros = (0.0, 0.0, 0.0, 0.0)
            return Window(end, arrived / size, 0.0, failed / size, *zeros, inside)
        ordered = np.sort(latencies)
        p50, p95, p99 = (float(ordered[ceil(share * count) - 1]) for share in (0.5, 0.95, 0.99))
        mean = float(ordered.sum()) / count
        rates = arrived / size, count / size, failed / size
        return Window(end, *rates, mean, p50, p95, p99, inside)


def _marks(parts: list[Floats], edges: Floats) -> Marks:
    """In each window: how many instants lie in it, and the time from them to its end."""
    count = len(edges) - 1
    if not parts:
        return [0] * count, [0.0] * count
    times = np.concatenate(parts) if len(parts) > 1 else parts[0]
    if count == 1:
        here = _within(times, edges)
        times = times if here is None else times[here]
        return [len(times)], [float((edges[1] - times).sum())]
    at = np.searchsorted(edges, times, side="left") - 1
    here = (at >= 0) & (at < count)
    at, left = at[here], edges[1:][at[here]] - times[here]
    left_s: list[float] = np.bincount(at, weights=left, minlength=count).tolist()
    return np.bincount(at, minlength=count).tolist(), left_s


def _ended(
    ends: list[Floats], latencies: list[Floats], edges: Floats
) -> tuple[Marks, list[Floats]]:
    """The same of answers, with the latencies of those in each window."""
    marks = _marks(ends, edges)
    if not ends:
        return marks, [_NONE] * len(marks[0])
    times, took = np.concatenate(ends), np.concatenate(latencies)
    if len(edges) == 2:
        here = _within(times, edges)
        return marks, [took if here is None else took[here]]
    order = np.argsort(times, kind="stable")
    cuts = np.searchsorted(times[order], edges, side="right").tolist()
    took = took[order]
    return marks, [took[low:high] for low, high in pairwise(cuts)]


def _within(times: Floats, edges: Floats) -> npt.NDArray[np.bool_] | None:
    """Which instants lie in the one window; None: all of them, as nearly always."""
    if not len(times) or (times.min() > edges[0] and times.max() <= edges[1]):
        return None
    here: npt.NDArray[np.bool_] = (times > edges[0]) & (times <= edges[1])
    return here


def _after(parts: list[Floats], edge: float) -> list[Floats]:
    return _kept(parts, [part > edge for part in parts])


def _kept(parts: list[Floats], which: list[npt.NDArray[np.bool_]]) -> list[Floats]:
    return [part[kept] for part, kept in zip(parts, which, strict=True) if kept.any()]
