"""Decaying histograms with buckets that grow, as the vertical autoscaler's recommender keeps them.

Source: autoscaler, vertical-pod-autoscaler/pkg/recommender/util (histogram_options.go,
decaying_histogram.go) and model/aggregations_config.go.
"""

from __future__ import annotations

from math import ceil, floor, log

HALF_LIFE_S = 86_400.0
GROWTH = 1.05
LEAST_WEIGHT = 0.1
EPSILON = 0.001 * LEAST_WEIGHT
MOST_EXPONENT = 100.0
"""Half-lives after which the time to which weights refer is moved on."""


class Histogram:
    """Weights of values; what is ``HALF_LIFE_S`` old weighs half."""

    def __init__(self, first: float, most: float, growth: float = GROWTH) -> None:
        """``first``: how wide the first bucket is; each is wider than the one before it."""
        self.first, self.growth = first, growth
        self.last = ceil(log(most * (growth - 1) / first + 1) / log(growth))
        """The last bucket, which has no end."""
        self.weights: dict[int, float] = {}
        self.total = 0.0
        self.reference = 0.0

    def add(self, value: float, weight: float, time: float) -> None:
        """A value that was seen at a time."""
        if time - self.reference > MOST_EXPONENT * HALF_LIFE_S:
            self._move(time)
        at, decayed = self._bucket(value), weight * self._factor(time)
        self.weights[at] = self.weights.get(at, 0.0) + decayed
        self.total += decayed

    def take_back(self, value: float, weight: float, time: float) -> None:
        """A value that was added for a time counts no more."""
        at, decayed = self._bucket(value), weight * self._factor(time)
        left = self.weights.get(at, 0.0) - decayed
        self.weights[at] = max(0.0, left)
        self.total = max(0.0, self.total - decayed)

    def percentile(self, part: float) -> float:
        """The end of the bucket at which this part of the weight lies at or below it."""
        heavy = sorted(at for at, weight in self.weights.items() if weight >= EPSILON * 1e-3)
        if not heavy or self.total <= 0.0:
            return 0.0
        summed, found = 0.0, heavy[-1]
        for at in heavy:
            summed += self.weights[at]
            if summed >= part * self.total:
                found = at
                break
        return self._start(found + 1 if found < self.last else found)

    def _bucket(self, value: float) -> int:
        if value < self.first:
            return 0
        steps = log(value * (self.growth - 1) / self.first + 1) / log(self.growth)
        return min(self.last, floor(steps))

    def _start(self, at: int) -> float:
        return float(self.first * (self.growth**at - 1) / (self.growth - 1))

    def _factor(self, time: float) -> float:
        return float(2.0 ** ((time - self.reference) / HALF_LIFE_S))

    def _move(self, time: float) -> None:
        """Weights refer to a later time, so that they do not grow without end."""
        shift = round((time - self.reference) / HALF_LIFE_S)
        self.reference += shift * HALF_LIFE_S
        part = 2.0**-shift
        self.weights = {at: weight * part for at, weight in self.weights.items()}
        self.total *= part


def of_cpu() -> Histogram:
    """In cores."""
    return Histogram(0.01, 1000.0)


def of_memory() -> Histogram:
    """In bytes."""
    return Histogram(1e7, 1e12)
