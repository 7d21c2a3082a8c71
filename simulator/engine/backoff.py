"""Exponential back-off and the token bucket: the two brakes of everything that retries."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(slots=True)
class Backoff:
    """The delay after repeated failures of one thing, in seconds.

    The first failure sets it to ``initial_s``, each later one doubles it up to ``max_s``. When the
    next failure comes late enough it starts again: more than ``2 * max_s`` after the last one, or
    ``reset_after_s`` and more where that is given. The rule is that of Kubernetes' client-go,
    ``util/flowcontrol/backoff.go``.
    """

    initial_s: float
    max_s: float
    reset_after_s: float | None = None
    delay_s: float = 0.0
    failed_at_s: float | None = None

    def fail(self, now: float) -> float:
        """Record a failure at ``now``; the new delay."""
        if self.failed_at_s is None or self._forgotten(now):
            self.delay_s = min(self.initial_s, self.max_s)
        else:
            self.delay_s = min(self.delay_s * 2, self.max_s)
        self.failed_at_s = now
        return self.delay_s

    def remaining(self, now: float) -> float:
        """Seconds still to wait at ``now``; 0 when an attempt may be made."""
        if self.failed_at_s is None or self._forgotten(now):
            return 0.0
        return max(0.0, self.failed_at_s + self.delay_s - now)

    def reset(self) -> None:
        """Forget all failures."""
        self.delay_s = 0.0
        self.failed_at_s = None

    def _forgotten(self, now: float) -> bool:
        assert self.failed_at_s is not None
        passed = now - self.failed_at_s
        if self.reset_after_s is None:
            return passed > 2 * self.max_s
        return passed >= self.reset_after_s


@dataclass(slots=True)
class TokenBucket:
    """``burst`` tokens at most, refilled at ``rate_per_s``; full at the beginning."""

    rate_per_s: float
    burst: float
    tokens: float = -1.0
    updated_s: float = 0.0

    def __post_init__(self) -> None:
        if self.tokens < 0:
            self.tokens = self.burst

    def available(self, now: float) -> float:
        """Tokens there at ``now``."""
        passed = max(0.0, now - self.updated_s)
        return min(self.burst, self.tokens + passed * self.rate_per_s)

    def take(self, now: float, tokens: float = 1.0) -> bool:
        """Take tokens if they are there."""
        left = self.available(now) - tokens
        # A token that is due to the nanosecond counts as there: sums of times are not exact.
        if left < -1e-9 * max(1.0, self.rate_per_s):
            return False
        self.tokens, self.updated_s = max(0.0, left), now
        return True

    def wait_s(self, now: float, tokens: float = 1.0) -> float:
        """Seconds until ``take`` will succeed; infinite when it never will."""
        short = tokens - self.available(now)
        if short <= 0:
            return 0.0
        if tokens > self.burst or self.rate_per_s <= 0:
            return float("inf")
        return short / self.rate_per_s
