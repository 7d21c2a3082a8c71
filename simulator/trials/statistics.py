"""How sure a mean over seeds is: Student's interval, without a library for it.

Each seed is one independent replication of the whole scenario, so means over seeds have Student's
distribution with one degree of freedom less than there are seeds (Student 1908; Law, "Simulation
Modeling and Analysis", ch. 9). Quantiles come from the incomplete beta function.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from functools import cache

import msgspec

CONFIDENCE = 0.95
_NOISE = 1e-12
"""What is narrower than this share of the mean is the rounding of floats."""


class Estimate(msgspec.Struct, frozen=True, kw_only=True):
    """A mean over seeds; ``low`` and ``high`` bound it with 95 %, None where one seed says it."""

    count: int
    mean: float
    low: float | None = None
    high: float | None = None

    @property
    def half(self) -> float:
        """Half the width of the interval; infinite where there is none."""
        return math.inf if self.high is None else self.high - self.mean


def estimate(values: Sequence[float], confidence: float = CONFIDENCE) -> Estimate | None:
    """The mean of finite values and its interval; None of no values."""
    count = len(values)
    if not count:
        return None
    mean = math.fsum(values) / count
    if count == 1:
        return Estimate(count=1, mean=mean)
    variance = math.fsum((value - mean) ** 2 for value in values) / (count - 1)
    half = student(count - 1, confidence) * math.sqrt(variance / count)
    half = half if half > _NOISE * abs(mean) else 0.0
    return Estimate(count=count, mean=mean, low=mean - half, high=mean + half)


def paired(
    values: Mapping[int, float], base: Mapping[int, float], confidence: float = CONFIDENCE
) -> Estimate | None:
    """The mean difference to ``base``, by seeds that both have: the same chance cancels out."""
    common = sorted(values.keys() & base.keys())
    return estimate([values[seed] - base[seed] for seed in common], confidence)


@cache
def student(freedom: int, confidence: float) -> float:
    """What Student's t stays within, on both sides, with this probability."""
    low, high = 0.0, 2.0
    while _within(high, freedom) < confidence:
        low, high = high, high * 2
    for _ in range(100):
        middle = (low + high) / 2
        low, high = (middle, high) if _within(middle, freedom) < confidence else (low, middle)
    return high


def _within(t: float, freedom: int) -> float:
    """P(|T| <= t)."""
    return 1.0 - _beta(freedom / 2, 0.5, freedom / (freedom + t * t))


def _beta(a: float, b: float, x: float) -> float:
    """The regularised incomplete beta function, by its continued fraction (Lentz)."""
    if x <= 0.0 or x >= 1.0:
        return min(max(x, 0.0), 1.0)
    if x > (a + 1) / (a + b + 2):
        return 1.0 - _beta(b, a, 1.0 - x)
    front = math.exp(
        math.lgamma(a + b) - math.lgamma(a) - math.lgamma(b)
        + a * math.log(x) + b * math.log1p(-x)
    )  # fmt: skip
    return front * _fraction(a, b, x) / a


def _fraction(a: float, b: float, x: float) -> float:
    tiny = 1e-300
    c, d = 1.0, 1.0 / (1.0 - (a + b) * x / (a + 1) or tiny)
    found = d
    for m in range(1, 500):
        for term in (
            m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m)),
            -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1)),
        ):
            d = 1.0 / (1.0 + term * d or tiny)
            c = 1.0 + term / c or tiny
            found *= c * d
        if abs(c * d - 1.0) < 1e-15:
            break
    return found
