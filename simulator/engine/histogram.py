"""A mergeable latency histogram with a bounded relative error."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]

# A float64 read as an integer and shifted keeps its exponent and the first 6 bits of its fraction:
# 64 buckets an octave, so a bucket is at most 1/64 wide and its middle at most 1/128 off.
_SHIFT = 52 - 6
_LOWEST = 1e-7
_HIGHEST = 1e7
_FIRST = int(np.float64(_LOWEST).view(np.int64)) >> _SHIFT
_BUCKETS = (int(np.float64(_HIGHEST).view(np.int64)) >> _SHIFT) - _FIRST + 1


class Histogram:
    """Counts of positive values (seconds) from 100 ns to 10^7 s, in about 3,000 buckets.

    Percentiles are off by at most 0.8 % of their value; the sum, the count and the extremes are
    exact. Values below the range count as the lowest bucket, above as the highest.
    """

    __slots__ = ("_counts", "count", "maximum", "minimum", "squares", "total")

    def __init__(self) -> None:
        self._counts: npt.NDArray[np.int64] | None = None
        self.count = 0
        self.total = 0.0
        self.squares = 0.0
        self.minimum = float("inf")
        self.maximum = 0.0

    def add(self, values: Floats | Sequence[float]) -> None:
        """Count values in seconds."""
        data = np.ascontiguousarray(values, dtype=np.float64)
        if not data.size:
            return
        if self._counts is None:
            self._counts = np.zeros(_BUCKETS, dtype=np.int64)
        clipped = np.clip(data, _LOWEST, _HIGHEST)
        index = (clipped.view(np.int64) >> _SHIFT) - _FIRST
        if data.size < 64:
            np.add.at(self._counts, index, 1)
        else:
            self._counts += np.bincount(index, minlength=_BUCKETS)
        self.count += int(data.size)
        self.total += float(data.sum())
        self.squares += float(np.square(data).sum())  # in one order, whatever a BLAS has of threads
        self.minimum = min(self.minimum, float(data.min()))
        self.maximum = max(self.maximum, float(data.max()))

    def merge(self, other: Histogram) -> None:
        """Add all counts of another histogram."""
        if other._counts is None:
            return
        if self._counts is None:
            self._counts = other._counts.copy()
        else:
            self._counts += other._counts
        self.count += other.count
        self.total += other.total
        self.squares += other.squares
        self.minimum = min(self.minimum, other.minimum)
        self.maximum = max(self.maximum, other.maximum)

    def to_data(self) -> dict[str, Any]:
        """Plain data: the exact numbers, and (bucket, count) of each bucket that is not empty."""
        filled = np.flatnonzero(self._counts) if self._counts is not None else ()
        counts = () if self._counts is None else self._counts[filled]
        return {
            "count": self.count,
            "total": self.total,
            "squares": self.squares,
            "minimum": self.minimum if self.count else 0.0,
            "maximum": self.maximum,
            "buckets": tuple((int(i), int(n)) for i, n in zip(filled, counts, strict=True)),
        }

    @classmethod
    def from_data(cls, data: Mapping[str, Any]) -> Histogram:
        """What ``to_data`` gave; ValueError where buckets and numbers do not fit together."""
        found = cls()
        buckets = [(int(i), int(n)) for i, n in data["buckets"]]
        if not buckets:
            return found
        if any(not 0 <= i < _BUCKETS or n < 1 for i, n in buckets):
            raise ValueError("a bucket out of range")
        found._counts = np.zeros(_BUCKETS, dtype=np.int64)
        for index, count in buckets:
            found._counts[index] += count
        found.count = int(found._counts.sum())
        if found.count != data["count"]:
            raise ValueError("the buckets do not hold as many as there are")
        found.total, found.squares = float(data["total"]), float(data["squares"])
        found.minimum, found.maximum = float(data["minimum"]), float(data["maximum"])
        return found

    @property
    def mean(self) -> float:
        """Exact mean in seconds; 0 when empty."""
        return self.total / self.count if self.count else 0.0

    def percentile(self, *ranks: float) -> list[float]:
        """Values below which the given percentages lie; 0 when empty. ``percentile(50, 99)``."""
        if self._counts is None:
            return [0.0 for _ in ranks]
        below = np.cumsum(self._counts)
        return [self._at(below, rank) for rank in ranks]

    def _at(self, below: npt.NDArray[Any], rank: float) -> float:
        wanted = max(1, int(np.ceil(rank / 100 * self.count - 1e-9)))
        bucket = int(np.searchsorted(below, wanted))
        low, high = (
            float(np.int64((bucket + _FIRST + i) << _SHIFT).view(np.float64)) for i in (0, 1)
        )
        return min(max((low + high) / 2, self.minimum), self.maximum)

    def fraction_below(self, value: float) -> float:
        """Share of values below ``value`` seconds, to within one bucket."""
        if self._counts is None:
            return 0.0
        clipped = np.float64(min(max(value, _LOWEST), _HIGHEST))
        bucket = (int(clipped.view(np.int64)) >> _SHIFT) - _FIRST
        return float(self._counts[:bucket].sum()) / self.count
