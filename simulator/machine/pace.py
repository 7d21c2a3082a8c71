"""How fast a container's work goes, beside what the division of cores decides.

A request (or a batch job) of ``work_s`` CPU-seconds takes

    total = max((work_s * cpu + wait_s) * lost, device_s)

cpu      slowdown while it computes: caches and memory bandwidth
wait_s   waiting for devices, per request, with a thread that waits too: disk operations
lost     what the kernel takes from everybody on it: thrashing, writeback, a full process table
device_s seconds of a saturated device per request, for all its threads together

Packets on their way delay an answer (``away_s``) without holding a thread. The rest is put into the
station's ``work_scale``: a thread that waits holds its worker. CPU use is accounted for
separately, so that waiting is not charged as CPU.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from simulator.machine.cpu.station import Station
    from simulator.machine.kernel import Container

TOLERANCE = 0.002
"""Changes below this are not worth solving everything anew."""


@dataclass(frozen=True, slots=True)
class Pace:
    """What a container's neighbours and devices make of its work. The default changes nothing."""

    cpu: float = 1.0
    wait_s: float = 0.0
    lost: float = 1.0
    device_s: float = 0.0
    away_s: float = 0.0

    def total_s(self, work_s: float) -> float:
        """Seconds of a worker for one request of ``work_s`` CPU-seconds, at full speed."""
        return max((work_s * self.cpu + self.wait_s) * self.lost, self.device_s)


FULL = Pace()


@dataclass(slots=True)
class Pacing:
    """The pace of one running container, and the account that goes with it."""

    pace: Pace = FULL
    scale: float = 1.0
    busy: float = 1.0
    """Share of a worker's time in which it computes."""
    _mark: float = 0.0
    _cpu_s: float = 0.0
    _work_s: float = 0.0

    def cpu_s(self, used: float) -> float:
        """CPU-seconds when the station says that ``used`` worker-seconds have passed."""
        return self._cpu_s + (used - self._mark) * self.busy

    def work_s(self, used: float) -> float:
        """Work done in undisturbed CPU-seconds."""
        return self._work_s + (used - self._mark) / self.scale

    def follow(self, used: float, pace: Pace, scale: float, busy: float) -> None:
        """From now on at another pace."""
        self._cpu_s, self._work_s = self.cpu_s(used), self.work_s(used)
        self._mark = used
        self.pace, self.scale, self.busy = pace, scale, busy


def set_pace(container: Container, pace: Pace) -> None:
    """Let a container's work go at this pace from now on, what is under way included."""
    station, pacing = container.station, container.pacing
    if station is None:
        return
    work_s = container.work_seconds()
    if station.away_s != pace.away_s:
        container.fabric.disturb(station)
        station.away_s = pace.away_s
    if work_s > 0.0:
        total = pace.total_s(work_s)
        scale, busy = total / work_s, min(1.0, work_s * pace.cpu / total)
    else:
        scale = pace.cpu * pace.lost
        busy = 1.0 / pace.lost
    if container.bomb is not None:
        # Its threads burn what they get, however little work comes of it.
        busy = 1.0
    if scale == pacing.scale or (scale != 1.0 and abs(scale / pacing.scale - 1.0) < TOLERANCE):
        pacing.pace = pace
        return
    container.fabric.disturb(station)
    stretch(station, scale / station.work_scale)
    station.work_scale = scale
    pacing.follow(station.used, pace, scale, busy)


def stretch(station: Station, factor: float) -> None:
    """Make all work inside a station longer; the caller has brought it up to now."""
    attained = station.attained
    station.busy = [
        (attained + (end - attained) * factor, serial, arrival, job)
        for end, serial, arrival, job in station.busy
    ]
    for _ in range(len(station.waiting)):
        work, arrival, job = station.waiting.popleft()
        station.waiting.append((work * factor, arrival, job))


def moved_bytes(container: Container) -> tuple[int, int]:
    """Bytes that its work has moved over the network and to the disk since it last started."""
    station, workload = container.station, container.settings.workload
    asked = container.work_seconds()
    if station is None or not asked or not (workload.net_bytes or workload.io_bytes):
        return 0, 0
    done = container.pacing.work_s(station.used) / asked
    return round(done * workload.net_bytes), round(done * workload.io_bytes)
