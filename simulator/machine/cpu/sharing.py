"""One station alone with its CPU: exact loops for processor sharing and for a quota.

Both solve the station from event to event up to ``until``, with arrivals known in advance, at
one to two microseconds a job. ``cores`` is what the station may use at any instant.
"""

from __future__ import annotations

from collections.abc import Sequence
from heapq import heappop, heappush, heapreplace

import numpy as np
import numpy.typing as npt

from simulator.machine.cpu.quota import Quota
from simulator.machine.cpu.station import ROUNDING_S, Station


def solve(
    station: Station, cores: float, times: list[float], works: list[float], until: float
) -> tuple[list[float], list[float], list[float]]:
    """Run a station to ``until``: arrivals and ends of finished jobs, arrivals of refused ones."""
    quota = station.quota
    if quota is not None and quota.cores < min(station.workers, cores):
        return _with_quota(station, quota, cores, times, works, until)
    return _without_quota(station, cores, times, works, until)


def left_s(times: Sequence[float] | npt.NDArray[np.float64], until: float) -> float:
    """The sum of the times from these instants to ``until``."""
    return float((until - np.asarray(times)).sum()) if len(times) else 0.0


def _without_quota(
    station: Station, cores: float, times: list[float], works: list[float], until: float
) -> tuple[list[float], list[float], list[float]]:
    busy, waiting = station.busy, station.waiting
    workers, room = station.workers, station.room
    attained, now, used, serial = station.attained, station.time, station.used, station.serial
    arrivals: list[float] = []
    ends: list[float] = []
    refused: list[float] = []
    count, begun, line = len(busy), now, len(waiting)
    entered: list[float] = []
    called: list[float] = []
    speed = 1.0 if count <= cores else cores / count
    for at, work in zip([*times, until], [*works, -1.0], strict=True):
        while count:
            head = busy[0]
            target = head[0]
            end = now + (target - attained) / speed
            if end > at and (work < 0.0 or end > at + ROUNDING_S):
                break
            used += (target - attained) * count
            attained, now = target, end
            arrivals.append(head[2])
            ends.append(end)
            if waiting:
                following, arrival, reference = waiting.popleft()
                called.append(end)
                serial += 1
                heapreplace(busy, (attained + following, serial, arrival, reference))
            else:
                heappop(busy)
                count -= 1
                if not count:
                    attained = 0.0
                speed = 1.0 if count <= cores else cores / count
        if count:
            got = (at - now) * speed
            attained += got
            used += got * count
        now = at
        if work < 0.0:
            break
        if count < workers:
            serial += 1
            heappush(busy, (attained + work, serial, at, None))
            count += 1
            if count > cores:
                speed = cores / count
        elif len(waiting) < room:
            waiting.append((work, at, None))
            entered.append(at)
        else:
            refused.append(at)
    station.attained, station.time, station.used, station.serial = attained, now, used, serial
    station.waited += len(entered)
    station.line_s += line * (until - begun) + left_s(entered, until) - left_s(called, until)
    return arrivals, ends, refused


def _with_quota(
    station: Station,
    quota: Quota,
    cores: float,
    times: list[float],
    works: list[float],
    until: float,
) -> tuple[list[float], list[float], list[float]]:
    busy, waiting = station.busy, station.waiting
    workers, room = station.workers, station.room
    attained, now, used, serial = station.attained, station.time, station.used, station.serial
    arrivals: list[float] = []
    ends: list[float] = []
    refused: list[float] = []
    count, begun, line = len(busy), now, len(waiting)
    entered: list[float] = []
    called: list[float] = []
    boundary = quota.begins(quota.period + 1)
    for at, work in zip([*times, until], [*works, -1.0], strict=True):
        while count:
            if quota.throttled:
                if boundary > at:
                    break
                now = boundary
                quota.release(now)
                boundary = quota.begins(quota.period + 1)
                continue
            if now >= boundary:
                boundary = quota.enter(now)
            using = count if count <= cores else cores
            speed = using / count
            head = busy[0]
            left = head[0] - attained
            end = now + left / speed
            dry = now + quota.budget / using
            # A job that ends exactly when the budget does is not throttled: it has ended.
            if end <= dry + 1e-12 and end <= boundary + 1e-12:
                if end > at and (work < 0.0 or end > at + ROUNDING_S):
                    break
                cost = left * count
                used += cost
                quota.budget -= cost
                attained, now = head[0], end
                arrivals.append(head[2])
                ends.append(end)
                if waiting:
                    following, arrival, reference = waiting.popleft()
                    called.append(end)
                    serial += 1
                    heapreplace(busy, (attained + following, serial, arrival, reference))
                else:
                    heappop(busy)
                    count -= 1
                    if not count:
                        attained = 0.0
                continue
            event = dry if dry < boundary else boundary
            if event > at:
                break
            got = (event - now) * speed
            attained += got
            used += got * count
            quota.budget -= got * count
            now = event
            if dry < boundary:
                quota.throttle(now)
        if count and not quota.throttled:
            got = (at - now) * (1.0 if count <= cores else cores / count)
            attained += got
            used += got * count
            quota.budget -= got * count
        now = at
        if work < 0.0:
            break
        if count < workers:
            if not count and now >= boundary and not quota.throttled:
                boundary = quota.enter(now)
            serial += 1
            heappush(busy, (attained + work, serial, at, None))
            count += 1
        elif len(waiting) < room:
            waiting.append((work, at, None))
            entered.append(at)
        else:
            refused.append(at)
    station.attained, station.time, station.used, station.serial = attained, now, used, serial
    station.waited += len(entered)
    station.line_s += line * (until - begun) + left_s(entered, until) - left_s(called, until)
    return arrivals, ends, refused
