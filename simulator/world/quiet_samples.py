"""Samples of containers whose stations are quiet: columns in, columns out, nobody looked at alone.

Which containers these are is settled whenever a quiet station comes or goes; in between a sample
is arithmetic of arrays. Whoever wants the sample of one container has all written back first.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

import numpy as np
import numpy.typing as npt

from simulator.engine import Table
from simulator.machine.container import Container
from simulator.machine.cpu import quiet as columns
from simulator.machine.cpu.quiet import Quiet
from simulator.machine.memory import MemoryGroup
from simulator.world.container_samples import CPU, ContainerSample, throttled_s

Floats = npt.NDArray[np.float64]
Indexes = npt.NDArray[np.intp]


class QuietSamples:
    """Containers by row of the quiet stations, with what each had used at the last sample."""

    def __init__(self) -> None:
        self.changes = -1
        """Which rows these are, as the quiet stations count it; -1: to be settled anew."""
        self.of = 0
        """Among how many containers they were found."""
        self.others: list[Container] = []
        """The containers that have to be looked at one by one."""
        self._samples: list[ContainerSample] = []
        self._written = True
        self._values: dict[str, Floats] = {}
        self._rows: Indexes = np.empty(0, dtype=np.intp)
        self._cpu_at_first = self._cpu_each = np.empty(0)
        self._memory: list[MemoryGroup] = []
        self._roots: list[MemoryGroup] = []
        self._stride = -1
        self._places: Indexes = self._rows
        self._above: list[tuple[Table, Indexes, Indexes]] = []

    def settle(
        self,
        quiet: Quiet,
        samples: Mapping[Container, ContainerSample],
        containers: Collection[Container],
        now: float,
    ) -> None:
        """Find the containers whose stations are quiet, and were sampled before."""
        self.write_back()
        self.changes, self.of, self.others = quiet.changes, len(containers), []
        ones, rows, self._samples = [], [], []
        for container in containers:
            sample, row = samples.get(container), None
            if sample is not None:
                row = _row_of(container, sample, quiet, now)
            if row is None or sample is None:
                self.others.append(container)
                continue
            ones.append(container)
            rows.append(row)
            self._samples.append(sample)
        self._rows = np.array(rows, dtype=np.intp)
        # CPU time is so much at first, and so much for each second that the station was used.
        self._cpu_at_first = np.array([one.cpu_before_s + one.pacing.cpu_s(0.0) for one in ones])
        self._cpu_each = np.array([one.pacing.busy for one in ones])
        self._memory = [one.memory for one in ones]
        self._roots = list(dict.fromkeys([one.memory.root for one in ones]))
        self._values = {
            name: np.array([getattr(one, name) for one in self._samples], dtype=np.float64)
            for name in ("time", "cpu_seconds", "area_s", "done")
        }
        self._stride = -1

    def sample(self, quiet: Quiet, now: float, table: Table, machines: Sequence[Table]) -> None:
        """Measure all, and write what the next sample of them and their machines holds."""
        if not self._samples:
            return
        before, sums = self._values, quiet.sums[:, self._rows]
        passed = now - before["time"]
        if not passed.all():
            return
        cpu_s = self._cpu_at_first + self._cpu_each * quiet.used(self._rows)
        area_s = sums[columns.GONE_S] + sums[columns.STAYED_S]
        cores = np.maximum(0.0, cpu_s - before["cpu_seconds"]) / passed
        inside = np.maximum(0.0, area_s - before["area_s"]) / passed
        memory = self._resident()
        self._values = {
            "time": np.full(len(passed), now),
            "cpu_seconds": cpu_s,
            "area_s": area_s,
            "done": sums[columns.TAKEN],
            "requests_per_s": np.maximum(0.0, sums[columns.TAKEN] - before["done"]) / passed,
            "cpu_cores": cores,
            "memory_bytes": memory,
            "in_flight": sums[columns.INSIDE],
            "queued": sums[columns.QUEUED],
        }
        self._written = False
        self._find_columns(table, machines)
        table.now[0, self._places] = cores
        table.now[1, self._places] = memory
        table.now[2, self._places] = 0.0
        table.now[3, self._places] = inside
        for one, rows, places in self._above:
            one.now[CPU] += np.bincount(places, cores[rows], one.now.shape[1])

    def write_back(self) -> None:
        """Have the newest sample of each container in its own record."""
        if self._written:
            return
        self._written = True
        names = ("time", "cpu_seconds", "area_s", "cpu_cores", "requests_per_s")
        rates = zip(*(self._values[name].tolist() for name in names), strict=True)
        whole = ("memory_bytes", "done", "in_flight", "queued")
        counts = zip(*(self._values[name].astype(np.int64).tolist() for name in whole), strict=True)
        for one, rate, count in zip(self._samples, rates, counts, strict=True):
            one.time, one.cpu_seconds, one.area_s, one.cpu_cores, one.requests_per_s = rate
            one.memory_bytes, one.done, one.in_flight, one.queued = count
            one.throttled, one.busy, one.measured_at = 0.0, True, one.time

    def _resident(self) -> Floats:
        """Bytes of each in memory: all it has, unless its machine has swapped anything out."""
        if any(root.swapped for root in self._roots):
            return np.array([group.resident for group in self._memory], dtype=np.float64)
        return np.array([group.usage for group in self._memory], dtype=np.float64)

    def _find_columns(self, table: Table, machines: Sequence[Table]) -> None:
        """Places in the tables, which change when these halve."""
        strides = table.stride + sum([one.stride for one in machines])
        if strides == self._stride:
            return
        self._stride = strides
        self._places = np.array([one.column.index for one in self._samples])
        self._above = []
        for one in machines:
            found = [
                (row, column.index)
                for row, sample in enumerate(self._samples)
                for column in sample.above
                if column.table is one
            ]
            if found:
                rows, places = np.array(found, dtype=np.intp).T
                self._above.append((one, rows, places))


def _row_of(container: Container, sample: ContainerSample, quiet: Quiet, now: float) -> int | None:
    """Where its station is kept; None where it is not, or has been throttled since the sample."""
    station = sample.station
    if station is None or station is not container.station:
        return None
    row = quiet.row(station)
    return row if sample.throttled_s == throttled_s(container, station, now) else None
