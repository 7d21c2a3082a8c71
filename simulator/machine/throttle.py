"""How fast a program gets memory that is above its cgroup's ``memory.high``.

The kernel takes back what it can. Where it can take nothing (no swap, no file pages), whoever
allocates sleeps before it returns to user space, once for each batch of pages:

    sleep = 64 s * (usage / high - 1)^2, none below 10 ms, at most 2 s

Source: Linux mm/memcontrol.c, calculate_overage, calculate_high_delay, MEMCG_CHARGE_BATCH (64 pages
since 6.1), MEMCG_MAX_HIGH_DELAY_JIFFIES; its table for 100 MiB has 6 ms at 101 and 159 ms at 105.
"""

from __future__ import annotations

from math import cbrt, inf, sqrt

BATCH_BYTES = 64 * 4096
"""What is charged at once, and slept for at once."""
SCALE_S = 64.0
LEAST_S = 0.01
MOST_S = 2.0
RETRIES = 16
"""How often the kernel tries again to take something back before it lets a program sleep."""
FROM = sqrt(LEAST_S / SCALE_S)
"""The overage from which on a program sleeps: 1.25 %."""
UP_TO = sqrt(MOST_S / SCALE_S)
"""The overage from which on a sleep gets no longer: 17.7 %."""


def sleep_s(usage_bytes: float, high_bytes: float) -> float:
    """Seconds of sleep for a batch of pages charged at this usage."""
    if usage_bytes <= high_bytes or high_bytes <= 0:
        return 0.0
    overage = usage_bytes / high_bytes - 1.0
    return 0.0 if overage <= FROM else min(MOST_S, SCALE_S * overage * overage)


def rate_at(usage_bytes: float, high_bytes: float, wanted_s: float) -> float:
    """Bytes a second for a program that would take ``wanted_s`` of them."""
    asleep_s = sleep_s(usage_bytes, high_bytes)
    return BATCH_BYTES / (asleep_s + BATCH_BYTES / wanted_s) if asleep_s else wanted_s


def grown(usage_bytes: float, high_bytes: float, wanted_s: float, seconds: float) -> float:
    """Bytes that a program which wants ``wanted_s`` a second gets, beginning at a usage."""
    if high_bytes == inf or wanted_s <= 0 or high_bytes <= 0:
        return wanted_s * seconds
    free, most = high_bytes * (1.0 + FROM), high_bytes * (1.0 + UP_TO)
    usage, left = usage_bytes, seconds
    if usage < free:
        took = min(left, (free - usage) / wanted_s)
        usage, left = usage + wanted_s * took, left - took
    if left > 0 and usage < most:
        begun = usage / high_bytes - 1.0
        took = min(left, _between_s(begun, high_bytes, wanted_s))
        usage, left = high_bytes * (1.0 + _overage(begun, high_bytes, wanted_s, took)), left - took
    if left > 0:
        usage += BATCH_BYTES / (MOST_S + BATCH_BYTES / wanted_s) * left
    return usage - usage_bytes


def _between_s(begun: float, high_bytes: float, wanted_s: float) -> float:
    """Seconds from an overage until sleeps get no longer."""
    slept = SCALE_S / 3.0 * (UP_TO**3 - begun**3) * high_bytes / BATCH_BYTES
    return slept + (UP_TO - begun) * high_bytes / wanted_s


def _overage(begun: float, high_bytes: float, wanted_s: float, seconds: float) -> float:
    """The overage after some seconds of ``dr/dt = batch / high / (64 r^2 + batch / wanted)``.

    ``64 r^3 / 3 + batch / wanted * r`` grows by ``batch / high`` a second: a cubic (Cardano).
    """
    p = 3.0 * BATCH_BYTES / wanted_s / SCALE_S
    q = begun**3 + p * begun + 3.0 / SCALE_S * BATCH_BYTES / high_bytes * seconds
    w = cbrt(q / 2.0 + sqrt(q * q / 4.0 + (p / 3.0) ** 3))
    return max(begun, w - p / (3.0 * w))
