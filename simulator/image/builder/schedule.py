"""When each step starts: steps wait for what they need and for a free core."""

from __future__ import annotations

import heapq
from collections.abc import Sequence
from dataclasses import replace

from simulator.image.builder.model import Step


def schedule(steps: Sequence[Step], cores: int) -> tuple[tuple[Step, ...], float]:
    """The steps with their start times, and when the last one ends.

    List scheduling in the order of the steps: the ready step that comes first in the build takes
    the next free core. Steps that cost nothing need no core.
    """
    waiting = [len(set(step.waits_for)) for step in steps]
    followers: dict[int, list[int]] = {}
    for at, step in enumerate(steps):
        for source in set(step.waits_for):
            followers.setdefault(source, []).append(at)
    ready = [at for at, count in enumerate(waiting) if count == 0]
    heapq.heapify(ready)
    running: list[tuple[float, int]] = []
    starts = [0.0] * len(steps)
    now, free = 0.0, max(1, cores)
    while ready or running:
        while ready and (free > 0 or steps[ready[0]].duration_s == 0.0):
            at = heapq.heappop(ready)
            starts[at] = now
            free -= steps[at].duration_s > 0.0
            heapq.heappush(running, (now + steps[at].duration_s, at))
        now, done = heapq.heappop(running)
        free += steps[done].duration_s > 0.0
        for follower in followers.get(done, ()):
            waiting[follower] -= 1
            if waiting[follower] == 0:
                heapq.heappush(ready, follower)
    timed = tuple(replace(step, start_s=starts[at]) for at, step in enumerate(steps))
    return timed, now
