"""Samples of containers: what each has used and held since the one before, of all at once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from simulator.engine import Column, Table
from simulator.machine.container import Container
from simulator.machine.cpu.station import Station

Floats = npt.NDArray[np.float64]
CPU = 0
"""The place of CPU among the measures of machines and of containers."""


@dataclass(slots=True, eq=False)
class ContainerSample:
    """One container as last sampled; rates are means since the sample before."""

    time: float
    cpu_seconds: float
    throttled_s: float
    column: Column
    above: tuple[Column, ...]
    """The machines that its CPU use counts for."""
    cpu_cores: float = 0.0
    throttled: float = 0.0
    memory_bytes: int = 0
    in_flight: int = 0
    queued: int = 0
    done: int = 0
    requests_per_s: float = 0.0
    station: Station | None = None
    area_s: float = 0.0
    """Area under the number in the station, as of ``time``."""
    busy: bool = True
    """Whether anything was in it or happened in it since the sample before."""
    measured_at: float = 0.0
    """When it was measured last: an idle container need not be."""


def is_idle(container: Container, sample: ContainerSample) -> bool:
    """Whether nothing happened in it since a sample that showed nothing either."""
    station = container.station
    return (
        not sample.busy
        and station is sample.station
        and (station is None or station.taken == sample.done)
        and container.memory.resident == sample.memory_bytes
    )


def begin(container: Container, one: ContainerSample, now: float) -> None:
    """A container's first sample: there is nothing yet to take a mean of."""
    _measure(container, one, now)
    one.column.set(0.0, one.memory_bytes, 0.0, one.in_flight)


def sample(
    containers: Sequence[Container],
    samples: Sequence[ContainerSample],
    now: float,
    tables: Sequence[Table],
) -> None:
    """Measure these containers, and write what the next sample of them and their machines holds.

    ``tables``: of containers first, then of each kind of machine.
    """
    passed = now - np.array([one.time for one in samples])
    before = _sums(samples)
    stations = [one.station for one in samples]
    for container, one in zip(containers, samples, strict=True):
        _measure(container, one, now)
    same = np.array([one.station is old for one, old in zip(samples, stations, strict=True)])
    before[2] *= same
    rates = np.maximum(0.0, _sums(samples) - before) / passed
    np.minimum(rates[1], 1.0, out=rates[1])
    rows = zip(samples, *rates.tolist(), strict=True)
    for one, cores, throttled, inside, requests_per_s in rows:
        one.cpu_cores, one.throttled, one.requests_per_s = cores, throttled, requests_per_s
        one.busy = bool(one.in_flight or cores or inside or throttled)
    table, *machines = tables
    memory = [one.memory_bytes for one in samples]
    places = [one.column.index for one in samples]
    table.now[:, places] = (rates[0], memory, rates[1], rates[2])
    for depth in range(len(machines)):
        _add_to_machines([one.above[depth : depth + 1] for one in samples], rates[0], machines)


def _add_to_machines(
    above: Sequence[tuple[Column, ...]], cores: Floats, machines: Sequence[Table]
) -> None:
    """CPU counts for a container's machine, and for the one that this is on."""
    for table in machines:
        rows = [row for row, column in enumerate(above) if column and column[0].table is table]
        if rows:
            table.add([above[row][0] for row in rows], CPU, cores[rows])


def _sums(samples: Sequence[ContainerSample]) -> Floats:
    """CPU-seconds, seconds throttled, the area under the number inside, and jobs taken in."""
    return np.array(
        [
            [one.cpu_seconds for one in samples],
            [one.throttled_s for one in samples],
            [one.area_s for one in samples],
            [one.done for one in samples],
        ]
    )


def _measure(container: Container, one: ContainerSample, now: float) -> None:
    """What a container has used and holds, as of its last settling."""
    station = one.station = container.station
    one.time = one.measured_at = now
    one.cpu_seconds = container.cpu_seconds
    one.memory_bytes = container.memory.resident
    one.throttled_s = container.quota_before.throttled_s
    if station is None:
        one.in_flight = one.queued = one.done = 0
        one.area_s = 0.0
        return
    if station.quota is not None:
        one.throttled_s += _throttled_s(station, now)
    one.in_flight = inside = container.fabric.in_system(station)
    one.queued = container.fabric.queued(station) if inside else 0
    one.done = station.taken
    one.area_s = station.area_in_system(now)


def _throttled_s(station: Station, now: float) -> float:
    quota = station.quota
    if quota is None:
        return 0.0
    return quota.throttled_s + (now - quota.throttled_at if quota.throttled else 0.0)
