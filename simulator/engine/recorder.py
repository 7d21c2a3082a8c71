"""The recorder: bounded time series that lose resolution, never their ends."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import numpy.typing as npt

from simulator.engine.histogram import Histogram

Floats = npt.NDArray[np.float64]


class Series:
    """Samples (time in seconds, value) of one measure, at most ``capacity`` of them.

    When full, every two neighbours become one (mean, or maximum for a ``peak`` series), so an
    hour and a week cost the same memory.
    """

    __slots__ = ("_pending", "_size", "_stride", "_times", "_values", "peak", "unit")

    def __init__(self, unit: str = "", capacity: int = 4096, *, peak: bool = False) -> None:
        self.unit = unit
        self.peak = peak
        self._times = np.empty(capacity)
        self._values = np.empty(capacity)
        self._size = 0
        self._stride = 1
        self._pending: list[float] = []

    def add(self, time: float, value: float) -> None:
        """Append one sample; times never go back."""
        size = self._size
        if self._stride == 1 and size < len(self._times):
            self._times[size] = time
            self._values[size] = value
            self._size = size + 1
            return
        self._pending.append(value)
        if len(self._pending) < self._stride:
            return
        if self._size == len(self._times):
            self._halve()
            if len(self._pending) < self._stride:
                return
        self._times[self._size] = time
        self._values[self._size] = self._fold(self._pending)
        self._pending.clear()
        self._size += 1

    def _fold(self, values: list[float]) -> float:
        return max(values) if self.peak else sum(values) / len(values)

    def _halve(self) -> None:
        half = self._size // 2
        pairs = self._values[: half * 2].reshape(half, 2)
        self._values[:half] = pairs.max(axis=1) if self.peak else pairs.mean(axis=1)
        self._times[:half] = self._times[1 : half * 2 : 2]
        self._size = half
        self._stride *= 2

    @property
    def times(self) -> Floats:
        """Times of the kept samples in seconds (a view; do not write)."""
        return self._times[: self._size]

    @property
    def values(self) -> Floats:
        """Values of the kept samples (a view; do not write)."""
        return self._values[: self._size]

    @property
    def last(self) -> float:
        """The newest kept value, 0 before the first."""
        return float(self._values[self._size - 1]) if self._size else 0.0

    def between(self, start: float, end: float) -> tuple[Floats, Floats]:
        """Times and values with start < time <= end."""
        low, high = np.searchsorted(self.times, (start, end), side="right")
        return self._times[low:high], self._values[low:high]

    def __len__(self) -> int:
        return self._size


class Recorder:
    """All series and histograms of one simulation, by name (``service/web/p95``)."""

    def __init__(self, capacity: int = 4096) -> None:
        self.capacity = capacity
        self._series: dict[str, Series] = {}
        self._histograms: dict[str, Histogram] = {}

    def series(
        self, name: str, unit: str = "", *, peak: bool = False, capacity: int | None = None
    ) -> Series:
        """The series called ``name``, made when first asked for."""
        found = self._series.get(name)
        if found is None:
            found = self._series[name] = Series(unit, capacity or self.capacity, peak=peak)
        return found

    def histogram(self, name: str) -> Histogram:
        """The histogram called ``name``, made when first asked for."""
        found = self._histograms.get(name)
        if found is None:
            found = self._histograms[name] = Histogram()
        return found

    def has(self, name: str) -> bool:
        """Whether a series of this name was ever written."""
        return name in self._series

    def names(self) -> Iterator[str]:
        """Names of all series, in the order of their first sample."""
        return iter(self._series)
