"""Samples of many things of one kind, taken together: a table with a column for each of them.

All columns share their times. A chunk that is full is never written again, so copies may share it.
A table has a bound in bytes, however many columns there are and however long it is kept: when it
is reached, every two neighbouring samples become their mean, and columns that nobody owns any more
are dropped.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]

CHUNK = 64
"""Samples in a chunk."""
BOUND_BYTES = 48 << 20
LEAST_SAMPLES = 128
"""However many columns there are, so many samples are kept of each."""
MOST_SAMPLES = 4096
_NOTHING = (np.empty(0), np.empty(0))


class Samples:
    """Times in seconds and values of one measure."""

    __slots__ = ("_times", "_values", "unit")

    def __init__(self, unit: str, times: Floats, values: Floats) -> None:
        self.unit = unit
        self._times = times
        self._values = values

    @property
    def times(self) -> Floats:
        """Times of the kept samples in seconds (a view; do not write)."""
        return self._times

    @property
    def values(self) -> Floats:
        """Values of the kept samples (a view; do not write)."""
        return self._values

    @property
    def last(self) -> float:
        """The newest kept value, 0 before the first."""
        return float(self.values[-1]) if len(self) else 0.0

    def between(self, start: float, end: float) -> tuple[Floats, Floats]:
        """Times and values with start < time <= end."""
        low, high = np.searchsorted(self.times, (start, end), side="right")
        return self.times[low:high], self.values[low:high]

    def __len__(self) -> int:
        return len(self.times)


class Column:
    """The place of one owner in a table: what it is now, to be written before the next sample."""

    __slots__ = ("index", "table")

    def __init__(self, table: Table, index: int) -> None:
        self.table = table
        self.index = index

    def set(self, *values: float) -> None:
        """What the next sample holds, in the order of the table's fields."""
        self.table.now[:, self.index] = values

    def add(self, field: int, value: float) -> None:
        """Add to what the next sample holds of a field."""
        self.table.now[field, self.index] += value

    def get(self, field: int) -> float:
        """What a field was set to last, by its place in the table; nan before."""
        return float(self.table.now[field, self.index])


class Table:
    """Columns by the names of their owners."""

    def __init__(self, units: Mapping[str, str], bound_bytes: int = BOUND_BYTES) -> None:
        """``units``: the unit of each field, by name."""
        self.units = dict(units)
        self.bound_bytes = bound_bytes
        self.columns: dict[str, Column] = {}
        self.now: Floats = np.full((len(units), 16), np.nan)
        """What each field of each column is now; nan where it has no owner."""
        self._width = 0
        """Columns in use, those without an owner included."""
        self._chunks: list[tuple[Floats, Floats]] = []
        self._size = 0
        """Samples in the newest chunk."""
        self._stride = 1
        """Samples taken for one that is kept."""
        self._sums: list[Floats] = []
        """Samples taken for the next that is kept."""

    @property
    def stride(self) -> int:
        """Samples taken for one that is kept; whenever it changes, columns have other places."""
        return self._stride

    # --- owners -----------------------------------------------------------------------------------

    def column(self, owner: str) -> Column:
        """The column of an owner, made when there is none."""
        found = self.columns.get(owner)
        if found is None:
            if self._width == self.now.shape[1]:
                self.now = _widened(self.now, 2 * self._width)
            found = self.columns[owner] = Column(self, self._width)
            self._width += 1
        return found

    def rename(self, owner: str, name: str) -> None:
        """An owner has another name."""
        found = self.columns.pop(owner, None)
        if found is not None:
            self.columns[name] = found

    def drop(self, owner: str) -> None:
        """An owner is gone, and its samples with it."""
        found = self.columns.pop(owner, None)
        if found is not None:
            self.now[:, found.index] = np.nan

    def put(self, columns: Sequence[Column], field: int, values: Sequence[float] | Floats) -> None:
        """What the next sample holds of one field, for many columns at once."""
        self.now[field, [column.index for column in columns]] = values

    def add(self, columns: Sequence[Column], field: int, values: Floats) -> None:
        """Add to what the next sample holds of a field, once for each time a column is named."""
        places = [column.index for column in columns]
        self.now[field, : self._width] += np.bincount(places, values, self._width)

    def fill(self, field: int, value: float) -> None:
        """What the next sample holds of one field, for everybody."""
        self.now[field, : self._width] = value

    # --- samples ----------------------------------------------------------------------------------

    def sample(self, time: float) -> None:
        """Keep what all columns are now; times never go back."""
        if not self.columns:
            return
        self._sums.append(self.now[:, : self._width].copy())
        if len(self._sums) < self._stride:
            return
        kept = self._sums[0] if self._stride == 1 else _mean(self._sums)
        self._sums = []
        self._append(time, kept)
        if self._is_full():
            self._halve()

    def __len__(self) -> int:
        return max(0, len(self._chunks) - 1) * CHUNK + self._size

    def _is_full(self) -> bool:
        size = len(self)
        if size < LEAST_SAMPLES or size % 2:
            return False
        return size >= MOST_SAMPLES or size * self.now.nbytes > self.bound_bytes

    def _append(self, time: float, values: Floats) -> None:
        fields, width = values.shape
        if not self._chunks or self._size == CHUNK:
            self._close()
            self._chunks.append((np.empty(CHUNK), np.full((CHUNK, fields, width), np.nan)))
            self._size = 0
        times, kept = self._chunks[-1]
        if kept.shape[2] < width:
            # An eighth more than needed: columns that come one by one must not copy all each time.
            kept = _widened(kept, min(self.now.shape[1], width + width // 8))
            self._chunks[-1] = (times, kept)
        times[self._size] = time
        kept[self._size, :, : values.shape[1]] = values
        self._size += 1

    def _close(self) -> None:
        """The newest chunk is never written again."""
        for part in self._chunks[-1] if self._chunks else ():
            part.flags.writeable = False

    def _halve(self) -> None:
        """Every two samples become their mean; columns without an owner go."""
        owned = [column.index for column in self.columns.values()]
        width, left = self.now.shape[1], len(self)
        now = self.now[:, owned]
        for index, column in enumerate(self.columns.values()):
            column.index = index
        self._width = len(owned)
        self.now = _widened(now, max(16, len(owned)))
        self._stride *= 2
        chunks, self._chunks, self._size = self._chunks, [], 0
        # One after the other, so that never much more is held than before.
        for number, (times, values) in enumerate(chunks):
            chunks[number] = _NOTHING
            rows = _widened(values[: min(CHUNK, left)], width)[:, :, owned]
            left -= len(rows)
            means = _mean([rows[0::2], rows[1::2]])
            for time, row in zip(times[1 : len(rows) : 2].tolist(), means, strict=True):
                self._append(time, row)

    # --- reading ----------------------------------------------------------------------------------

    def has(self, owner: str, field: str) -> bool:
        """Whether there are samples of a field of an owner."""
        return owner in self.columns and field in self.units

    def samples(self, owner: str, field: str) -> Samples:
        """The samples of one field of an owner."""
        index, at = self.columns[owner].index, list(self.units).index(field)
        parts = [
            (times, values[:, at, index])
            for times, values in self._chunks
            if index < values.shape[2]
        ]
        if not parts:
            return Samples(self.units[field], np.empty(0), np.empty(0))
        times = np.concatenate([part for part, _ in parts])
        values = np.concatenate([part for _, part in parts])
        spare = CHUNK - self._size
        times, values = times[: len(times) - spare], values[: len(values) - spare]
        ours = ~np.isnan(values)
        return Samples(self.units[field], times[ours], values[ours])

    def names(self) -> Iterator[str]:
        """OWNER/FIELD of everything that was sampled."""
        return (f"{owner}/{field}" for owner in self.columns for field in self.units)


def _widened(values: Floats, width: int) -> Floats:
    """With more columns, in which there is nothing yet."""
    missing = width - values.shape[-1]
    if missing <= 0:
        return values
    return np.concatenate((values, np.full((*values.shape[:-1], missing), np.nan)), axis=-1)


def _mean(samples: list[Floats]) -> Floats:
    """The mean of what there is in each place; nan where there is nothing."""
    width = max(one.shape[-1] for one in samples)
    total = np.zeros((*samples[0].shape[:-1], width))
    count = np.zeros_like(total)
    for one in samples:
        there = ~np.isnan(one)
        total[..., : one.shape[-1]] += np.where(there, one, 0.0)
        count[..., : one.shape[-1]] += there
    return np.divide(total, count, out=np.full_like(total, np.nan), where=count > 0)
