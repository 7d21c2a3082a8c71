"""The oracle: one SimPy process per request, as anybody would write it first.

Nothing here is clever. Each request is a process that takes a thread of its station and then asks
the processor for CPU time; the processor recomputes everybody's rate at every change. The bulk
solutions must agree with it request by request.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field

import simpy


@dataclass
class OracleStation:
    workers: float = 1
    room: float = math.inf
    weight: float = 100.0
    quota_s: float | None = None
    period_s: float = 0.1
    phase: float = 0.0
    vcpus: float = math.inf
    jobs: list = field(default_factory=list)
    waiting: int = 0
    budget: float = 0.0
    throttled: bool = False
    starts: dict = field(default_factory=dict)
    ends: dict = field(default_factory=dict)
    refused: list = field(default_factory=list)


class Processor:
    """``cores`` shared by stations, each with a weight; equal shares among a station's threads."""

    def __init__(self, env, cores, stations):
        self.env, self.cores, self.stations = env, cores, stations
        self.changed = env.event()
        env.process(self.run())
        for station in stations:
            if station.quota_s is not None:
                env.process(self.periods(station))

    def periods(self, station):
        station.budget = station.quota_s
        k = 0
        while True:
            k += 1
            yield self.env.timeout(station.phase + k * station.period_s - self.env.now)
            # The processor first accounts for what ran until now, then sees the new budget.
            self.poke(refill=station)

    def poke(self, refill=None):
        self.refills = [*getattr(self, "refills", []), *([refill] if refill else [])]
        if not self.changed.triggered:
            self.changed.succeed()

    def rates(self):
        want = [0 if s.throttled else min(len(s.jobs), s.vcpus) for s in self.stations]
        left, given = self.cores, [0.0] * len(want)
        open_ = [i for i, w in enumerate(want) if w > 0]
        while open_:
            total = sum(self.stations[i].weight for i in open_)
            full = [i for i in open_ if want[i] <= left * self.stations[i].weight / total + 1e-15]
            if not full:
                for i in open_:
                    given[i] = left * self.stations[i].weight / total
                break
            for i in full:
                given[i] = want[i]
                left -= want[i]
                open_.remove(i)
        return given

    def run(self):
        env = self.env
        while True:
            given = self.rates()
            horizon = math.inf
            for s, cores in zip(self.stations, given):
                if s.jobs and cores > 0:
                    horizon = min(horizon, min(j[0] for j in s.jobs) * len(s.jobs) / cores)
                    if s.quota_s is not None:
                        horizon = min(horizon, max(0.0, s.budget) / cores)
            start = env.now
            self.changed = env.event()
            waits = [self.changed]
            if horizon < math.inf:
                waits.append(env.timeout(horizon))
            yield env.any_of(waits)
            dt = env.now - start
            for s, cores in zip(self.stations, given):
                n = len(s.jobs)
                if not n or cores <= 0:
                    continue
                sharing = self.threads(s, start)
                for job in s.jobs:
                    if job[2] <= start:
                        job[0] -= dt * cores / sharing
                if s.quota_s is not None:
                    s.budget -= dt * cores
                done = [job for job in s.jobs if job[0] <= 1e-11 and job[2] <= start]
                s.jobs = [job for job in s.jobs if job not in done]
                for job in done:
                    job[1].succeed()
                if s.quota_s is not None and s.budget <= 1e-12 and s.jobs:
                    s.throttled = True
            for s in getattr(self, "refills", []):
                s.budget, s.throttled = s.quota_s, False
            self.refills = []

    def threads(self, station, start):
        return sum(1 for job in station.jobs if job[2] <= start)


def request(env, processor, station, threads, number, at, work):
    yield env.timeout(at)
    if threads is None:
        pass
    elif threads.count >= threads.capacity and len(threads.queue) >= station.room:
        station.refused.append(at)
        return
    slot = threads.request() if threads is not None else None
    if slot is not None:
        yield slot
    station.starts[number] = env.now
    done = env.event()
    station.jobs.append([work, done, env.now])
    processor.poke()
    yield done
    station.ends[number] = env.now
    if slot is not None:
        threads.release(slot)


def simulate(cores, stations, arrivals, until):
    """``arrivals``: (time, index of the station, work). Ends of each by number."""
    env = simpy.Environment()
    processor = Processor(env, cores, stations)
    pools = [
        simpy.Resource(env, int(s.workers)) if s.workers < math.inf else None for s in stations
    ]
    for number, (at, index, work) in enumerate(arrivals):
        env.process(request(env, processor, stations[index], pools[index], number, at, work))
    env.run(until=until)
    return [station.ends for station in stations]
