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
    table: Table,
) -> None:
    """Measure these containers, and write what the next sample of them and their machines holds.

    ``table``: of containers. Their CPU counts for their machine, and for the one that this is on.
    """
    cores: dict[Column, float] = {}
    rows = []
    for container, one in zip(containers, samples, strict=True):
        rows.append(_take(container, one, now))
        if one.cpu_cores:
            for machine in one.above:
                cores[machine] = cores.get(machine, 0.0) + one.cpu_cores
    for machine, used in cores.items():
        machine.add(CPU, used)
    table.now[:, [one.column.index for one in samples]] = np.array(rows).T


def _take(container: Container, one: ContainerSample, now: float) -> tuple[float, ...]:
    """Measure a container: what its column holds next."""
    passed, station = now - one.time, one.station
    cpu, throttled, area, done = one.cpu_seconds, one.throttled_s, one.area_s, one.done
    _measure(container, one, now)
    if one.station is not station:
        area = 0.0
    cores = one.cpu_cores = max(0.0, (one.cpu_seconds - cpu) / passed)
    one.throttled = min(1.0, max(0.0, (one.throttled_s - throttled) / passed))
    one.requests_per_s = max(0.0, (one.done - done) / passed)
    inside = max(0.0, (one.area_s - area) / passed)
    one.busy = bool(one.in_flight or cores or inside or one.throttled)
    return cores, one.memory_bytes, one.throttled, inside


def _measure(container: Container, one: ContainerSample, now: float) -> None:
    """What a container has used and holds, as of its last settling."""
    station = one.station = container.station
    one.time = one.measured_at = now
    one.cpu_seconds = container.cpu_seconds
    one.memory_bytes = container.memory.resident
    one.throttled_s = throttled_s(container, station, now)
    if station is None:
        one.in_flight = one.queued = one.done = 0
        one.area_s = 0.0
        return
    one.in_flight = inside = container.fabric.in_system(station)
    # Who is not more than the threads has one: nobody is in line.
    one.queued = container.fabric.queued(station) if inside > station.workers else 0
    one.done = station.taken
    one.area_s = station.area_in_system(now)


def throttled_s(container: Container, station: Station | None, now: float) -> float:
    """Seconds for which a container was throttled since it was created."""
    before: float = container.quota_before.throttled_s
    quota = None if station is None else station.quota
    if quota is None:
        return before
    return before + quota.throttled_s + (now - quota.throttled_at if quota.throttled else 0.0)
