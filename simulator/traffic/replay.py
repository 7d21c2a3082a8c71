"""Arrivals replayed from a trace: exact timestamps, or counts spread over their bins."""

from __future__ import annotations

import math

import msgspec
import numpy as np
import numpy.typing as npt

from simulator.errors import InputError
from simulator.traffic.arrivals import Blocks

Floats = npt.NDArray[np.float64]
Integers = npt.NDArray[np.int64]

MAX_ARRIVALS = 10**12


class Replayed(Blocks):
    """Every request of a trace, once.

    ``begins`` are the bins' beginnings in seconds from the start, sorted; ``lasts`` their lengths
    (0: an exact timestamp), not overlapping; ``counts`` their requests. Within a bin requests are
    spread evenly or, given a stream, uniformly at random.
    """

    def __init__(
        self,
        begins: Floats,
        lasts: Floats,
        counts: Integers,
        stream: np.random.Generator | None = None,
        start_s: float = 0.0,
        stop_s: float = math.inf,
    ) -> None:
        super().__init__(start_s, stop_s)
        full = counts > 0
        self._begins, self._lasts = begins[full], lasts[full]
        self._before = np.concatenate(([0], np.cumsum(counts[full])))
        self._stream = stream
        self._bin = 0
        self._given = 0  # of the bin in progress
        self._passed = 0.0  # share of that bin already behind

    def _block(self, size: int) -> Floats | None:
        if self._bin >= len(self._begins):
            return None
        wanted = self._before[self._bin] + size
        end = int(np.searchsorted(self._before, wanted, side="right")) - 1
        if self._given or end <= self._bin:
            return self._part_of_bin(size)
        return self._whole_bins(end)

    def _whole_bins(self, end: int) -> Floats:
        """All requests of the bins up to number ``end``."""
        bins = slice(self._bin, end)
        counts = np.diff(self._before[self._bin : end + 1])
        self._bin = end
        offsets = self._spread(counts)
        times = (
            np.repeat(self._begins[bins], counts) + np.repeat(self._lasts[bins], counts) * offsets
        )
        return np.sort(times)

    def _spread(self, counts: Integers) -> Floats:
        total = int(counts.sum())
        if self._stream is not None:
            return self._stream.random(total)
        number = np.arange(total) - np.repeat(np.cumsum(counts) - counts, counts)
        return (number + 0.5) / np.repeat(counts, counts)

    def _part_of_bin(self, size: int) -> Floats:
        """The next requests of one bin too full for a block: order statistics, piece by piece.

        Of n uniform values left in (a, 1) the m-th smallest is a + (1 - a) Beta(m, n - m + 1),
        and the m - 1 before it are uniform below it.
        """
        count = int(self._before[self._bin + 1] - self._before[self._bin])
        taken = min(size, count - self._given)
        if self._stream is None:
            shares = (np.arange(self._given, self._given + taken) + 0.5) / count
        else:
            left = count - self._given
            reach = float(self._stream.beta(taken, left - taken + 1)) * (1 - self._passed)
            inner = np.append(np.sort(self._stream.random(taken - 1)), 1.0)
            shares = self._passed + inner * reach
            self._passed = float(shares[-1])
        times = self._begins[self._bin] + self._lasts[self._bin] * shares
        self._given += taken
        if self._given == count:
            self._bin, self._given, self._passed = self._bin + 1, 0, 0.0
        return np.asarray(times)


class Trace(msgspec.Struct, frozen=True):
    """Requests over time as a file told them.

    ``begins_s`` are seconds from the start of the trace, sorted; ``counts`` the requests of the
    bin that begins there; ``bin_s`` the longest a bin lasts (it also ends where the next begins),
    0 where every row is the exact time of a request.
    """

    name: str
    begins_s: tuple[float, ...]
    counts: tuple[int, ...]
    bin_s: float
    skipped_lines: int = 0

    @property
    def total(self) -> int:
        """All requests."""
        return sum(self.counts)

    @property
    def lasts_s(self) -> float:
        """From the start to the end of the last bin."""
        return self.begins_s[-1] + self.bin_s

    @property
    def peak_rate(self) -> float:
        """Requests per second in its densest bin, or within its densest second of exact times."""
        begins, counts = np.array(self.begins_s), np.array(self.counts)
        lasts = np.append(np.diff(begins), math.inf)
        return float((counts / np.maximum(np.minimum(lasts, self.bin_s), 1e-3)).max(initial=0.0))

    @property
    def mean_rate(self) -> float:
        """Requests per second over the whole trace."""
        return self.total / self.lasts_s if self.lasts_s > 0 else float(self.total)

    def arrivals(
        self,
        stream: np.random.Generator,
        *,
        speed: float = 1.0,
        scale: float = 1.0,
        spread: bool = True,
        start_s: float = 0.0,
        stop_s: float = math.inf,
    ) -> Replayed:
        """A source that replays it ``speed`` times as fast with ``scale`` times the requests.

        ``spread``: at random within a bin, else evenly. Exact times that are scaled have no
        second place to go, so each then stands for the time until the next.
        """
        begins = np.array(self.begins_s)
        lasts = np.append(np.diff(begins), math.inf)
        longest = self.bin_s
        if not longest and scale != 1:
            longest = math.inf
            lasts[-1] = begins[-1] / (len(begins) - 1) if len(begins) > 1 else 1.0
        lasts = np.minimum(lasts, longest)
        counts = scaled_counts(np.array(self.counts, dtype=np.int64), scale)
        chance = stream if spread else None
        return Replayed(begins / speed, lasts / speed, counts, chance, start_s, stop_s)


def scaled_counts(counts: Integers, factor: float) -> Integers:
    """Counts times a factor, rounded so that every running total is within half a request."""
    total = float(counts.sum()) * factor
    if not 0 <= total <= MAX_ARRIVALS:
        wanted = f"at most {MAX_ARRIVALS:,} requests"
        raise InputError("trace too large", found=f"{total:.3g}", expected=wanted)
    running = np.floor(np.cumsum(counts) * factor + 0.5).astype(np.int64)
    return np.asarray(np.diff(running, prepend=np.int64(0)))
