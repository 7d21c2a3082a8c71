"""What the benchmark compares with: one SimPy process per request, as anybody would write it.

Idiomatic and fair: nothing is done that a request does not need. The processor-sharing server
keeps virtual time, so that it too costs the same however many requests are inside.
"""

from __future__ import annotations

from heapq import heappop, heappush
from math import floor

import simpy

from simulator.engine import Process

Sizes = list[float]


class Latencies:
    """Where every request leaves its response time."""

    def __init__(self) -> None:
        self.all: Sizes = []


def fifo(times: Sizes, works: Sizes, workers: int) -> Latencies:
    """First come, first served with so many workers."""
    env = simpy.Environment()
    pool = simpy.Resource(env, capacity=workers)
    seen = Latencies()

    def request(work: float) -> Process:
        arrived = env.now
        with pool.request() as turn:
            yield turn
            yield env.timeout(work)
        seen.all.append(env.now - arrived)

    env.process(_arrive(env, times, works, request))
    env.run()
    return seen


def quota(times: Sizes, works: Sizes, quota_s: float, period_s: float) -> Latencies:
    """One worker that may use ``quota_s`` of CPU in every period."""
    env = simpy.Environment()
    pool = simpy.Resource(env, capacity=1)
    seen = Latencies()
    state = {"period": -1, "budget": quota_s}

    def request(work: float) -> Process:
        arrived = env.now
        with pool.request() as turn:
            yield turn
            left = work
            while left > 1e-12:
                period = floor(env.now / period_s + 1e-9)
                if period > state["period"]:
                    state["period"], state["budget"] = period, quota_s
                ends = (period + 1) * period_s
                run = min(left, state["budget"], ends - env.now)
                if run > 1e-12:
                    yield env.timeout(run)
                    left -= run
                    state["budget"] -= run
                else:
                    yield env.timeout(max(ends - env.now, 1e-9))
        seen.all.append(env.now - arrived)

    env.process(_arrive(env, times, works, request))
    env.run()
    return seen


class _Sharing:
    """A processor shared equally by the requests inside."""

    def __init__(self, env: simpy.Environment) -> None:
        self.env = env
        self.attained, self.at, self.serial = 0.0, 0.0, 0
        self.inside: list[tuple[float, int, simpy.Event]] = []
        self.wake = env.event()
        env.process(self.serve())

    def sync(self) -> None:
        if self.inside:
            self.attained += (self.env.now - self.at) / len(self.inside)
        self.at = self.env.now

    def execute(self, work: float) -> simpy.Event:
        self.sync()
        self.serial += 1
        done = self.env.event()
        heappush(self.inside, (self.attained + work, self.serial, done))
        if not self.wake.triggered:
            self.wake.succeed()
        return done

    def serve(self) -> Process:
        while True:
            self.wake = self.env.event()
            if not self.inside:
                yield self.wake
                continue
            left = max(0.0, (self.inside[0][0] - self.attained) * len(self.inside))
            end = self.env.timeout(left)
            yield end | self.wake
            self.sync()
            if end.processed:
                self.attained = self.inside[0][0]
                heappop(self.inside)[2].succeed()


def sharing(times: Sizes, works: Sizes) -> Latencies:
    """Processor sharing on one core."""
    env = simpy.Environment()
    processor = _Sharing(env)
    seen = Latencies()

    def request(work: float) -> Process:
        arrived = env.now
        yield processor.execute(work)
        seen.all.append(env.now - arrived)

    env.process(_arrive(env, times, works, request))
    env.run(until=times[-1] + 60.0)
    return seen


def _arrive(env: simpy.Environment, times: Sizes, works: Sizes, request: object) -> Process:
    assert callable(request)
    for at, work in zip(times, works, strict=True):
        yield env.timeout(at - env.now)
        env.process(request(work))
