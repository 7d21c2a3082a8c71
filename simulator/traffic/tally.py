"""What clients saw: totals, latencies, and one-second windows.

Requests arrive at the tally in whatever pieces the model was solved; windows are cut by the
instant at which a request ended, so they do not depend on the pieces.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from math import ceil

import numpy as np
import numpy.typing as npt

from simulator.engine import Histogram

Floats = npt.NDArray[np.float64]
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
        edges = [start + self.window_s * number for number in range(count + 1)]
        self._closed_until = edges[-1]
        came, self._arrivals, _ = _cut(self._arrivals, edges)
        failed, self._failures, _ = _cut(self._failures, edges)
        ended, self._ends, beside = _cut(self._ends, edges, self._latencies)
        self._latencies = [beside.pop()] if self._ends else []
        return [
            self._window(*one) for one in zip(edges[1:], came, failed, ended, beside, strict=False)
        ]

    def _window(
        self, end: float, came: Floats, failed: Floats, ended: Floats, latencies: Floats
    ) -> Window:
        size, count = self.window_s, len(latencies)
        # Whoever came, failed or was answered changes what is inside from then to the end.
        change_s = _left_s(came, end) - _left_s(failed, end) - _left_s(ended, end)
        inside = self._inside + change_s / size
        self._inside += len(came) - len(failed) - count
        rates = len(came) / size, count / size, len(failed) / size
        if not count:
            return Window(end, *rates, 0.0, 0.0, 0.0, 0.0, inside)
        ordered = np.sort(latencies)
        p50, p95, p99 = (float(ordered[ceil(share * count) - 1]) for share in (0.5, 0.95, 0.99))
        return Window(end, *rates, float(ordered.sum()) / count, p50, p95, p99, inside)


def _cut(
    parts: list[Floats], edges: list[float], beside: list[Floats] | None = None
) -> tuple[list[Floats], list[Floats], list[Floats]]:
    """The instants in each window, and those after all; and what is beside each, in the same way.

    They are in order of time only where that is needed: there is mostly one window, and nothing
    lies outside of it.
    """
    count = len(edges) - 1
    if not parts:
        return [_NONE] * count, [], [_NONE] * count
    times = np.concatenate(parts) if len(parts) > 1 else parts[0]
    values = times if beside is None else np.concatenate(beside)
    if count == 1 and edges[0] < times.min() and times.max() <= edges[1]:
        return [times], [], [values]
    order = np.argsort(times, kind="stable")
    times, values = times[order], values[order]
    cuts = [*np.searchsorted(times, edges, side="right").tolist(), len(times)]
    found, along = ([one[low:high] for low, high in pairwise(cuts)] for one in (times, values))
    rest = found.pop()
    return found, [rest] if len(rest) else [], along


def _left_s(times: Floats, end: float) -> float:
    """The sum of the times from these instants to ``end``."""
    return float((end - times).sum()) if len(times) else 0.0
