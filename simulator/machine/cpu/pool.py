"""A balancer that looks at queues, in bulk: a job's end is known when it is placed.

While every thread runs at full speed nothing but the order of arrivals and the numbers inside the
stations matters, so one loop over the arrivals, with one calendar of departures, places them all:
about two microseconds a job, whatever the number of stations.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from heapq import heapify, heappop, heappush, heapreplace

from simulator.machine.cpu.counts import Counts
from simulator.machine.cpu.few import FewLine
from simulator.machine.cpu.fifo import FifoLine
from simulator.machine.cpu.outcome import Offers
from simulator.machine.cpu.station import ROUNDING_S

_MANY = 24
"""Stations from which on the fewest are found by counts rather than by looking at all."""


@dataclass(slots=True)
class Placed:
    """What one station got: arrivals, starts and ends of jobs let in, arrivals refused."""

    arrivals: list[float] = field(default_factory=list)
    starts: list[float] = field(default_factory=list)
    ends: list[float] = field(default_factory=list)
    refused: list[float] = field(default_factory=list)


def place(offers: Offers, lines: Sequence[FifoLine | FewLine]) -> list[Placed]:
    """Place all arrivals; the lines' times of becoming free move on, their jobs do not yet."""
    placed = [Placed() for _ in lines]
    inside: list[int] | Counts = [line.inside() for line in lines]
    if offers.looks_at_all and len(lines) >= _MANY:
        inside = Counts(inside)
    most = [line.workers + line.room for line in lines]
    last = float(offers.times[-1]) + ROUNDING_S if len(offers.times) else 0.0
    departures = [
        (end, i)
        for i, line in enumerate(lines)
        if len(line)
        for end in line.ends[(line.ends <= last) & (line.ends > line.time)].tolist()
    ]
    holds = [line.hold for line in lines]
    heapify(departures)
    works, means, pick = offers.works, offers.means, offers.pick
    for number, at in enumerate(offers.times.tolist()):
        latest = at + ROUNDING_S
        while departures and departures[0][0] <= latest:
            inside[heappop(departures)[1]] -= 1
        i = pick(inside)
        got = placed[i]
        if inside[i] >= most[i]:
            got.refused.append(at)
            continue
        free = lines[i].free
        start = at if at > free[0] else free[0]
        end = start + works[i][number] * means[i] + holds[i]
        heapreplace(free, end)
        inside[i] += 1
        if end <= last:
            heappush(departures, (end, i))
        got.arrivals.append(at)
        got.starts.append(start)
        got.ends.append(end)
    return placed
