"""Memory that a program takes more and more of: a leak, and what its kernel lets it have."""

from __future__ import annotations

from dataclasses import dataclass
from math import inf

from simulator.machine.memory import MemoryGroup
from simulator.machine.paging import Bounds
from simulator.machine.throttle import BATCH_BYTES, FROM, RETRIES, grown, rate_at


@dataclass(slots=True)
class Leak:
    """A leak of ``rate`` bytes a second since it began, slower where its kernel holds it back."""

    rate: float
    at: float
    """Up to when it has grown."""
    _since: float
    """From when on it has grown at its full rate, from ``_base`` bytes."""
    _base: float = 0.0

    @classmethod
    def begun(cls, rate: float, now: float) -> Leak:
        """One that begins now."""
        return cls(rate, now, now)

    @property
    def size_bytes(self) -> int:
        """What has leaked."""
        return round(self._base + (self.at - self._since) * self.rate)

    def follow(self, memory: MemoryGroup, now: float, *, frozen: bool = False) -> None:
        """Let it grow until now in a cgroup that is charged for what was there before."""
        passed, high = now - self.at, memory.bounds.high_bytes
        if high == inf and not frozen:
            self.at = now
            return
        stuck = memory.stuck_bytes
        if not frozen and stuck + self.rate * passed <= high * (1.0 + FROM):
            self.at = now
            return
        base = self._base + (self.at - self._since) * self.rate
        self._base = base if frozen else base + grown(stuck, high, self.rate, passed)
        self._since = self.at = now

    def rate_now(self, memory: MemoryGroup) -> float:
        """Bytes a second that it grows by now."""
        high = memory.bounds.high_bytes
        return self.rate if high == inf else rate_at(memory.stuck_bytes, high, self.rate)

    def waits(self, memory: MemoryGroup) -> float:
        """Share of its time that it sleeps because it is above ``memory.high``."""
        return 1.0 - self.rate_now(memory) / self.rate if self.rate else 0.0


@dataclass(slots=True)
class Charges:
    """How often a cgroup met its limits (``memory.events``), by the bytes charged then."""

    high_bytes: int = 0
    max_bytes: int = 0

    @property
    def high(self) -> int:
        """Batches of pages above ``memory.high``, and vain tries to take something back."""
        return self.high_bytes // BATCH_BYTES

    @property
    def max(self) -> int:
        """Batches of pages above ``memory.max``."""
        return self.max_bytes // BATCH_BYTES

    def charged(self, before_bytes: int, memory: MemoryGroup) -> None:
        """Its charge grew: count the batches that were above a limit.

        Where nothing can be taken back the kernel tries again and again before it lets a program
        sleep, and counts each time.
        """
        now, bounds = memory.usage, memory.bounds
        if now <= before_bytes or now <= min(bounds.high_bytes, bounds.max_bytes):
            return
        self.high_bytes += _above(before_bytes, now, bounds.high_bytes)
        if memory.resident >= bounds.max_bytes:
            self.max_bytes += _above(before_bytes, now, bounds.max_bytes)
        moved = now - memory.stuck_bytes
        slept = _above(before_bytes - moved, now - moved, bounds.high_bytes * (1.0 + FROM))
        self.high_bytes += RETRIES * slept

    def gave_back(self, size_bytes: int, bounds: Bounds) -> None:
        """File pages of so many bytes had no room: the lower of its limits was met for them."""
        if bounds.high_bytes < bounds.max_bytes:
            self.high_bytes += size_bytes
        else:
            self.max_bytes += size_bytes


def _above(before: float, now: float, limit: float) -> int:
    """Bytes that were charged above a limit."""
    return round(max(0.0, now - max(before, limit)))
