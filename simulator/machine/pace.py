"""Setting the pace of a container (``pacing.py``), and what it has moved at that pace."""

from __future__ import annotations

from typing import TYPE_CHECKING

from simulator.machine.pacing import Pace

if TYPE_CHECKING:
    from simulator.machine.cpu.station import Station
    from simulator.machine.kernel import Container

TOLERANCE = 0.002
"""Changes below this are not worth solving everything anew."""


def set_pace(container: Container, pace: Pace) -> None:
    """Let a container's work go at this pace from now on, what is under way included."""
    station, pacing = container.station, container.pacing
    if station is None:
        return
    if station.away_s != pace.away_s:
        container.fabric.disturb(station)
        station.away_s = pace.away_s
    pacing.pace = pace
    container.renew_way()
    scale, busy = pace.cpu * pace.lost, 1.0 / pace.lost
    if container.bomb is not None:
        # Its threads burn what they get, however little work comes of it.
        busy = 1.0
    if scale == pacing.scale or (scale != 1.0 and abs(scale / pacing.scale - 1.0) < TOLERANCE):
        return
    container.fabric.disturb(station)
    stretch(station, scale / station.work_scale)
    station.work_scale = scale
    pacing.follow(station.used, scale, busy)


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
    station.acting.forget()


def moved_bytes(container: Container) -> tuple[int, int]:
    """Bytes that its work has moved over the network and to the disk since it last started."""
    lanes, workload = container.lanes, container.settings.workload
    steady = sum(
        one.moved_bytes for one in container.writings if not one.presses and not one.in_memory
    )
    steady += container.files.put_bytes
    if lanes is None:
        return 0, steady
    network_s = container.machine.hardware.rates.network_s(workload)
    sent = lanes.network.used / network_s * workload.net_bytes if network_s else 0.0
    pressed = lanes.bomb.used * container.machine.hardware.disk_bytes_s
    return round(sent), round(worked_bytes(container) + pressed) + steady


def operations_of(container: Container) -> int:
    """Disk operations that its requests, or its job, have made (``ios``)."""
    lanes, workload = container.lanes, container.settings.workload
    disk_s = container.machine.hardware.rates.disk_s(workload)
    return round(lanes.disk.used / disk_s * workload.ios) if lanes is not None and disk_s else 0


def worked_bytes(container: Container) -> float:
    """Bytes that its requests, or its job, have moved from or to the disk (``io_bytes``)."""
    lanes, workload = container.lanes, container.settings.workload
    disk_s = container.machine.hardware.rates.disk_s(workload)
    if lanes is None or not disk_s:
        return 0.0
    return lanes.disk.used / disk_s * workload.io_bytes
