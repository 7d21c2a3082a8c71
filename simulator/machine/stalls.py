"""Pressure: the share of time in which tasks wait for something, as the kernel averages it (PSI).

``some`` is the share in which at least one task waits, ``full`` that in which all that are not idle
do. Both are averaged over 10, 60 and 300 seconds with exponential weights. The kernel does so every
two seconds (``kernel/sched/psi.c``); here the share is constant between two changes, so the average
at any instant has a closed form, and nobody has to tick.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from math import exp

WINDOWS_S = (10.0, 60.0, 300.0)


@dataclass(slots=True)
class Stall:
    """Waiting for one thing, in one cgroup."""

    at: float = 0.0
    """As of when the sums hold."""
    some: float = 0.0
    """Shares from then on."""
    full: float = 0.0
    _some_s: float = 0.0
    _full_s: float = 0.0
    _averages: list[tuple[float, float]] = field(default_factory=lambda: [(0.0, 0.0)] * 3)

    def follow(self, now: float, some: float, full: float) -> None:
        """From now on these shares."""
        if self.some or any(average[0] for average in self._averages):
            self._averages = self.averages(now)
        passed = now - self.at
        self._some_s += self.some * passed
        self._full_s += self.full * passed
        self.at, self.some, self.full = now, some, full

    def averages(self, now: float) -> list[tuple[float, float]]:
        """Some and full, averaged over each window."""
        kept = [exp(-(now - self.at) / window) for window in WINDOWS_S]
        return [
            (self.some + (some - self.some) * keep, self.full + (full - self.full) * keep)
            for keep, (some, full) in zip(kept, self._averages, strict=True)
        ]

    def text(self, now: float) -> str:
        """The two lines of a file of pressure."""
        averages, passed = self.averages(now), now - self.at
        totals = self._some_s + self.some * passed, self._full_s + self.full * passed
        some, full = zip(*averages, strict=True)
        return pressure_text((some, full), totals)


def pressure_text(
    averages: tuple[tuple[float, ...], tuple[float, ...]], totals_s: tuple[float, float]
) -> str:
    """``some avg10=... total=...`` and the same of ``full``: percent, and microseconds."""
    lines = []
    for name, values, total_s in zip(("some", "full"), averages, totals_s, strict=True):
        ten, minute, five = (min(100.0, 100.0 * value) for value in values)
        numbers = f"avg10={ten:.2f} avg60={minute:.2f} avg300={five:.2f}"
        lines.append(f"{name} {numbers} total={round(total_s * 1e6)}")
    return "\n".join(lines)


def of_tasks(loss: float, tasks: int) -> tuple[float, float]:
    """Some and full of tasks that take ``loss`` times as long, each by itself."""
    if loss <= 1.0 or tasks <= 0:
        return 0.0, 0.0
    waits = 1.0 - 1.0 / loss
    return 1.0 - (1.0 - waits) ** tasks, waits**tasks
