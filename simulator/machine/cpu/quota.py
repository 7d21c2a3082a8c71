"""CPU bandwidth control: so many CPU-seconds in every period."""

from __future__ import annotations

from math import floor


class Quota:
    """CPU bandwidth control: at most ``quota_s`` CPU-seconds in every period (``cpu.max``).

    Periods begin at ``phase + k * period_s``. Counts what the kernel reports in ``cpu.stat``.
    Source: Linux ``sched-bwc.rst``; slices of 5 ms are not modelled.
    """

    __slots__ = (
        "budget",
        "nr_periods",
        "nr_throttled",
        "period",
        "period_s",
        "phase",
        "quota_s",
        "throttled",
        "throttled_at",
        "throttled_s",
    )

    def __init__(self, quota_s: float, period_s: float = 0.1, phase: float = 0.0) -> None:
        self.quota_s = quota_s
        self.period_s = period_s
        self.phase = phase
        self.period = -1
        """Number of the period that ``budget`` belongs to."""
        self.budget = quota_s
        self.throttled = False
        self.throttled_at = 0.0
        self.throttled_s = 0.0
        self.nr_periods = 0
        self.nr_throttled = 0

    @property
    def cores(self) -> float:
        """The long-run ceiling in cores."""
        return self.quota_s / self.period_s

    def begins(self, period: int) -> float:
        """Time at which a period begins."""
        return self.phase + period * self.period_s

    def enter(self, now: float) -> float:
        """Be in the period of ``now``, with a fresh budget if it is a new one; returns its end.

        Periods in which nothing ran are never visited: an idle group costs nothing.
        """
        period = max(self.period, floor((now - self.phase) / self.period_s))
        while self.begins(period + 1) <= now:
            period += 1
        if period > self.period:
            self.period = period
            self.budget = self.quota_s
            self.nr_periods += 1
        return self.begins(self.period + 1)

    def throttle(self, now: float) -> None:
        """The budget is used up."""
        self.throttled = True
        self.throttled_at = now
        self.nr_throttled += 1

    def release(self, now: float) -> None:
        """A new period begins."""
        self.throttled = False
        self.throttled_s += now - self.throttled_at
        self.enter(now)
