"""The oracle: one SimPy process per request, as anybody would write it first.

Nothing here is clever. Each request is a process that takes a thread of its station and then asks
the processor for CPU time; the processor recomputes everybody's rate at every change. The bulk
solutions must agree with it request by request.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field

import simpy


@dataclass(eq=False)
class Place:
    """A container's place on a device, perhaps behind that of its virtual machine."""

    weight: float = 100.0
    most: float = 1.0
    behind: Place | None = None
    jobs: list = field(default_factory=list)
    given: float = 0.0


class Device:
    """One second of a device in every second, by weight among those who want it."""

    def __init__(self, env, places):
        self.env, self.places = env, places
        self.machines = list({id(p.behind): p.behind for p in places if p.behind}.values())
        self.changed = env.event()
        env.process(self.run())

    def want(self, place):
        if place in self.machines:
            return min(place.most, sum(self.want(p) for p in self.places if p.behind is place))
        return place.most if place.jobs else 0.0

    def divide(self, tenants, capacity):
        open_ = [p for p in tenants if self.want(p) > 0]
        while open_:
            total = sum(p.weight for p in open_)
            full = [p for p in open_ if self.want(p) <= capacity * p.weight / total + 1e-15]
            for p in full or open_:
                p.given = self.want(p) if full else capacity * p.weight / total
            if not full:
                return
            capacity -= sum(p.given for p in full)
            open_ = [p for p in open_ if p not in full]

    def run(self):
        while True:
            for place in (*self.places, *self.machines):
                place.given = 0.0
            self.divide([p for p in (*self.places, *self.machines) if p.behind is None], 1.0)
            for machine in self.machines:
                self.divide([p for p in self.places if p.behind is machine], machine.given)
            ends = [
                min(j[0] for j in p.jobs) * len(p.jobs) / p.given
                for p in self.places
                if p.jobs and p.given
            ]
            start, self.changed = self.env.now, self.env.event()
            present = {id(job) for p in self.places for job in p.jobs}
            soonest = [self.env.timeout(min(ends))] if ends else []
            yield self.env.any_of([self.changed, *soonest])
            for p in self.places:
                there = [job for job in p.jobs if id(job) in present]
                for job in there:
                    job[0] -= (self.env.now - start) * p.given / len(there)
                for job in [job for job in there if job[0] <= 1e-11]:
                    p.jobs.remove(job)
                    job[1].succeed()

    def use(self, place, seconds):
        done = self.env.event()
        place.jobs.append([seconds, done])
        if not self.changed.triggered:
            self.changed.succeed()
        return done


@dataclass
class OracleStation:
    workers: float = 1
    room: float = math.inf
    weight: float = 100.0
    quota_s: float | None = None
    period_s: float = 0.1
    phase: float = 0.0
    vcpus: float = math.inf
    wait_s: float = 0.0
    disk_s: float = 0.0
    net_s: float = 0.0
    disk: Place | None = None
    net: Place | None = None
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


def request(env, processor, station, threads, number, at, work, devices=(None, None)):
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
    if station.wait_s:
        yield env.timeout(station.wait_s)
    if station.disk_s:
        yield devices[0].use(station.disk, station.disk_s)
    if slot is not None:
        threads.release(slot)
    if station.net_s:
        yield devices[1].use(station.net, station.net_s)
    station.ends[number] = env.now


def simulate(cores, stations, arrivals, until):
    """``arrivals``: (time, index of the station, work). Ends of each by number."""
    env = simpy.Environment()
    processor = Processor(env, cores, stations)
    pools = [
        simpy.Resource(env, int(s.workers)) if s.workers < math.inf else None for s in stations
    ]
    disk = Device(env, [s.disk for s in stations if s.disk])
    net = Device(env, [s.net for s in stations if s.net])
    for number, (at, index, work) in enumerate(arrivals):
        station = stations[index]
        env.process(request(env, processor, station, pools[index], number, at, work, (disk, net)))
    env.run(until=until)
    return [station.ends for station in stations]
