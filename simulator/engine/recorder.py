"""The recorder: bounded time series that lose resolution, never their ends."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import numpy.typing as npt

from simulator.engine.columns import Samples, Table

Floats = npt.NDArray[np.float64]


class Series(Samples):
    """Samples (time in seconds, value) of one measure, at most ``capacity`` of them.

    When full, every two neighbours become one (mean, or maximum for a ``peak`` series), so an
    hour and a week cost the same memory.
    """

    __slots__ = ("_pending", "_size", "_stride", "capacity", "peak")

    def __init__(self, unit: str = "", capacity: int = 4096, *, peak: bool = False) -> None:
        super().__init__(unit, np.empty(min(64, capacity)), np.empty(min(64, capacity)))
        self.capacity = capacity
        self.peak = peak
        self._size = 0
        self._stride = 1
        self._pending: list[float] = []

    def add(self, time: float, value: float) -> None:
        """Append one sample; times never go back."""
        size = self._size
        if size == len(self._times) < self.capacity:
            more = min(size, self.capacity - size)
            self._times = np.concatenate((self._times, np.empty(more)))
            self._values = np.concatenate((self._values, np.empty(more)))
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

    def __len__(self) -> int:
        return self._size


class Recorder:
    """All series of one simulation, by name: ``service/web/p95`` is of the kind ``service``.

    A kind has a table, where its owners are sampled together, or a series for each measure.
    """

    def __init__(self, capacity: int = 4096) -> None:
        self.capacity = capacity
        self.tables: dict[str, Table] = {}
        self._series: dict[str, Series] = {}

    def series(self, name: str, unit: str = "", *, peak: bool = False) -> Series:
        """The series called ``name``, made when first asked for; to be written.

        ValueError where its kind has a table: an empty series beside it would hide its column.
        """
        found = self._series.get(name)
        if found is None:
            kind = name.partition("/")[0]
            if kind in self.tables:
                raise ValueError(f"{name}: each {kind} is a row of a table; read it by samples()")
            found = self._series[name] = Series(unit, self.capacity, peak=peak)
        return found

    def forget(self, owner: str) -> None:
        """An owner (``service/web``) is gone, and all its series."""
        for name in [name for name in self._series if name.startswith(f"{owner}/")]:
            del self._series[name]

    def has(self, name: str) -> bool:
        """Whether a series of this name was ever written."""
        return name in self._series or self._place(name) is not None

    def samples(self, name: str) -> Samples:
        """What was recorded under a name; KeyError when nothing was."""
        found = self._series.get(name)
        if found is not None:
            return found
        place = self._place(name)
        if place is None:
            raise KeyError(name)
        table, owner, field = place
        return table.samples(owner, field)

    def _place(self, name: str) -> tuple[Table, str, str] | None:
        kind, _, rest = name.partition("/")
        owner, _, field = rest.rpartition("/")
        table = self.tables.get(kind)
        if table is None or not table.has(owner, field):
            return None
        return table, owner, field

    def names(self) -> Iterator[str]:
        """Names of all series."""
        yield from self._series
        for kind, table in self.tables.items():
            yield from (f"{kind}/{name}" for name in table.names())
