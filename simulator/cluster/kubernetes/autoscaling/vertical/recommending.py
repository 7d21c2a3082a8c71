"""What a container should ask for, from what it used. Pure.

Source: autoscaler, vertical-pod-autoscaler/pkg/recommender (logic/recommender.go, estimator.go,
model/aggregate_container_state.go, model/container.go); the numbers are its flags' defaults.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from math import inf

from simulator.cluster.kubernetes.autoscaling.vertical.histograms import (
    LEAST_WEIGHT,
    Histogram,
    of_cpu,
    of_memory,
)

MARGIN = 1.15
"""``recommendation-margin-fraction``."""
LOWER, TARGET, UPPER = 0.5, 0.9, 0.95
"""Percentiles of CPU, and of the peaks of memory."""
LEAST_CPU = 0.025
LEAST_MEMORY = 250 << 20
"""``pod-recommendation-min-cpu-millicores`` and ``-min-memory-mb``, shared by the containers."""
PEAK_S = 86_400.0
"""``memory-aggregation-interval``: of each there is one peak."""
CONFIDENCE_S = 86_400.0
SAMPLES_A_DAY = CONFIDENCE_S / 60.0
OOM_RATIO, OOM_LEAST = 1.2, 100 << 20
"""``oom-bump-up-ratio`` and ``oom-min-bump-up-bytes``."""
MOST = 1e14
"""``MaxResourceAmount``: thousandths of a core, or bytes."""


@dataclass(slots=True)
class Peak:
    """The largest use of memory of one pod's container in this interval."""

    until: float = 0.0
    bytes: float = 0.0
    oom_bytes: float = 0.0
    last: float = -inf


@dataclass(slots=True)
class Usage:
    """What a container of all pods of a workload used."""

    cpu: Histogram = field(default_factory=of_cpu)
    memory: Histogram = field(default_factory=of_memory)
    first: float = 0.0
    last: float = 0.0
    samples: int = 0
    peaks: dict[str, Peak] = field(default_factory=dict)
    """By uid of the pod."""

    def used_cpu(self, cores: float, time: float) -> None:
        """A sample of CPU."""
        self.cpu.add(cores, LEAST_WEIGHT, time)
        self.first = time if not self.samples else self.first
        self.last = max(self.last, time)
        self.samples += 1

    def used_memory(self, pod: str, amount: float, time: float, *, oom: bool = False) -> None:
        """A sample of memory; ``oom``: what it would have needed when it was killed for it."""
        peak = self.peaks.setdefault(pod, Peak())
        if not oom and time < peak.last:
            return
        peak.last = time
        before = max(peak.bytes, peak.oom_bytes)
        if not peak.until:
            peak.until = time
        if time < peak.until:
            if not before or amount <= before:
                return
            self.memory.take_back(before, 1.0, peak.until)
        else:
            peak.until += (time - peak.until) // PEAK_S * PEAK_S + PEAK_S
            peak.bytes = peak.oom_bytes = 0.0
        self.memory.add(amount, 1.0, peak.until)
        if oom:
            peak.oom_bytes = amount
        else:
            peak.bytes = amount

    def killed(self, pod: str, requested: float, time: float) -> None:
        """It was killed for want of memory: it needs more than it asked for, or had at most."""
        peak = self.peaks.get(pod)
        used = max(requested, peak.bytes if peak is not None else 0.0)
        self.used_memory(pod, max(used + OOM_LEAST, used * OOM_RATIO), time, oom=True)

    @property
    def confidence(self) -> float:
        """Days of history, or of samples once a minute, whichever is less."""
        days = (self.last - self.first) / CONFIDENCE_S
        return min(days, self.samples / SAMPLES_A_DAY)


@dataclass(frozen=True, slots=True)
class Advice:
    """Amounts for one container: thousandths of a core and bytes, by ``cpu`` and ``memory``."""

    lower: Mapping[str, int]
    target: Mapping[str, int]
    upper: Mapping[str, int]


def advice(usage: Usage, containers: int) -> Advice:
    """What is recommended for a container of a pod of so many."""
    confidence = usage.confidence
    wide = inf if confidence <= 0 else 1.0 + 1.0 / confidence
    narrow = 0.0 if confidence <= 0 else (1.0 + 0.001 / confidence) ** -2.0
    return Advice(
        _amounts(usage, LOWER, narrow, containers),
        _amounts(usage, TARGET, 1.0, containers),
        _amounts(usage, UPPER, wide, containers),
    )


def _amounts(usage: Usage, part: float, factor: float, containers: int) -> dict[str, int]:
    found = {
        "cpu": (usage.cpu.percentile(part) * 1000, LEAST_CPU * 1000),
        "memory": (usage.memory.percentile(part), float(LEAST_MEMORY)),
    }
    return {
        name: int(max(min(_times(value * MARGIN, factor), MOST), least / max(1, containers)))
        for name, (value, least) in found.items()
    }


def _times(value: float, factor: float) -> float:
    return value * factor if value else 0.0


def within(found: Mapping[str, int], least: Mapping[str, int], most: Mapping[str, int],
           controlled: tuple[str, ...]) -> dict[str, int]:  # fmt: skip
    """What a policy lets a recommendation be."""
    bounded = {}
    for name in controlled:
        value = max(found[name], least.get(name, 0))
        bounded[name] = min(value, most[name]) if name in most else value
    return bounded
