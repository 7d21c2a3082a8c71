"""What clients saw: totals, latencies, and one-second windows.

Requests arrive at the tally in whatever pieces the model was solved; windows are cut by the
instant at which a request ended, so they do not depend on the pieces.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from simulator.engine import Histogram

Floats = npt.NDArray[np.float64]

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
        self._closed_until = float(edges[-1])
        arrived = _counts(self._arrivals, edges)
        failed = _counts(self._failures, edges)
        inside = self._mean_inside(edges)
        order, ends = _sorted(self._ends)
        latencies = np.concatenate(self._latencies)[order] if len(ends) else ends
        cuts = np.searchsorted(ends, edges, side="right")
        windows = []
        for i in range(count):
            ended = latencies[cuts[i] : cuts[i + 1]]
            window = self._window(edges[i + 1], arrived[i], failed[i], ended)
            windows.append(replace(window, in_flight=inside[i]))
        self._arrivals = _after(self._arrivals, edges[-1])
        self._failures = _after(self._failures, edges[-1])
        self._latencies = [latencies[cuts[-1] :]] if cuts[-1] < len(ends) else []
        self._ends = [ends[cuts[-1] :]] if cuts[-1] < len(ends) else []
        return windows

    def _mean_inside(self, edges: Floats) -> list[float]:
        """The mean number in flight in each window: what was inside, came and went."""
        came, came_s = _came(self._arrivals, edges)
        went, went_s = _came([*self._ends, *self._failures], edges)
        change = came - went
        before = self._inside + np.cumsum(change) - change
        self._inside += int(change.sum())
        means: list[float] = (before + (came_s - went_s) / self.window_s).tolist()
        return means

    def _window(self, end: float, arrived: int, failed: int, latencies: Floats) -> Window:
        size = self.window_s
        if not len(latencies):
            return Window(float(end), arrived / size, 0.0, failed / size, 0.0, 0.0, 0.0, 0.0)
        ordered = np.sort(latencies)
        ranks = np.ceil(np.array((0.5, 0.95, 0.99)) * len(ordered)).astype(int) - 1
        p50, p95, p99 = (float(value) for value in ordered[ranks])
        return Window(
            float(end),
            arrived / size,
            len(latencies) / size,
            failed / size,
            float(latencies.mean()),
            p50,
            p95,
            p99,
        )


def _counts(parts: list[Floats], edges: Floats) -> list[int]:
    if not parts:
        return [0] * (len(edges) - 1)
    _, times = _sorted(parts)
    counts: list[int] = np.diff(np.searchsorted(times, edges, side="right")).tolist()
    return counts


def _came(parts: list[Floats], edges: Floats) -> tuple[npt.NDArray[np.int64], Floats]:
    """In each window: how many instants lie in it, and the time from them to its end."""
    count = len(edges) - 1
    times = np.concatenate(parts) if parts else np.empty(0)
    at = np.searchsorted(edges, times, side="left") - 1
    here = (at >= 0) & (at < count)
    at, left = at[here], edges[1:][at[here]] - times[here]
    left_s = np.bincount(at, weights=left, minlength=count).astype(np.float64)
    return np.bincount(at, minlength=count).astype(np.int64), left_s


def _sorted(parts: list[Floats]) -> tuple[npt.NDArray[np.int64], Floats]:
    if not parts:
        return np.empty(0, dtype=np.int64), np.empty(0)
    times = np.concatenate(parts) if len(parts) > 1 else parts[0]
    order = np.argsort(times, kind="stable")
    return order, times[order]


def _after(parts: list[Floats], edge: float) -> list[Floats]:
    kept = [part[part > edge] for part in parts]
    return [part for part in kept if len(part)]
