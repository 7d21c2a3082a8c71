"""Garbage collection of images on a node, by the kubelet's thresholds.

When the image file system is fuller than the high threshold, images that no container uses are
deleted, least recently used first, until it would be down at the low one. The kubelet counts an
image's whole size as freed, although layers shared with other images stay: a disk can remain
fuller than the sum of what was "freed" says (``pkg/kubelet/images/image_gc_manager.go``).
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass

from simulator import calibration
from simulator.calibration import Calibration
from simulator.engine import Process
from simulator.image.client import ImageClient
from simulator.image.events import ImagesCollected


@dataclass(frozen=True, slots=True)
class Candidate:
    """An image as the collector sees it. ``last_used_s`` is None when it was never used."""

    name: str
    size_bytes: int
    last_used_s: float | None
    first_seen_s: float
    in_use: bool


@dataclass(frozen=True, slots=True)
class Collection:
    """What a run set out to free, what it freed by its own count, and what it deleted."""

    wanted_bytes: int
    freed_bytes: int
    deleted: tuple[str, ...]

    @property
    def enough(self) -> bool:
        """False when the disk stays above the low threshold."""
        return self.freed_bytes >= self.wanted_bytes


@dataclass(frozen=True, slots=True)
class Thresholds:
    """When to collect, and how far. ``max_age_s`` None: an unused image may stay for ever."""

    high_percent: int = 85
    low_percent: int = 80
    min_age_s: float = 120.0
    max_age_s: float | None = None

    @classmethod
    def kubelet(cls, constants: Calibration = calibration.DEFAULT) -> Thresholds:
        """The kubelet's defaults."""
        return cls(
            int(constants.value("images.collection.high_percent")),
            int(constants.value("images.collection.low_percent")),
            constants.value("images.collection.min_age_s"),
        )

    def wanted_bytes(self, capacity_bytes: int, available_bytes: int) -> int:
        """Bytes to free at this fill; 0 below the high threshold. Integer percents, as there."""
        if capacity_bytes <= 0:
            return 0
        used_percent = 100 - available_bytes * 100 // capacity_bytes
        if used_percent < self.high_percent:
            return 0
        return max(0, capacity_bytes * (100 - self.low_percent) // 100 - available_bytes)


def eligible(candidates: Iterable[Candidate], now_s: float, min_age_s: float) -> list[Candidate]:
    """What may be deleted, in order: longest unused first (never used before all), then oldest."""
    found = [
        one
        for one in candidates
        if not one.in_use
        and (one.last_used_s is None or one.last_used_s < now_s)
        and now_s - one.first_seen_s >= min_age_s
    ]
    return sorted(found, key=lambda one: (_used(one), one.first_seen_s, one.name))


def choose(
    candidates: Iterable[Candidate], wanted_bytes: float, now_s: float, min_age_s: float
) -> list[Candidate]:
    """The images to delete to free so many bytes; fewer bytes when there are no more."""
    chosen: list[Candidate] = []
    freed = 0
    for one in eligible(candidates, now_s, min_age_s):
        if freed >= wanted_bytes:
            break
        chosen.append(one)
        freed += one.size_bytes
    return chosen


def _used(one: Candidate) -> float:
    return -math.inf if one.last_used_s is None else one.last_used_s


class ImageCollector:
    """The collector of one machine, whose disk for images is ``client.capacity_bytes``."""

    def __init__(self, client: ImageClient, thresholds: Thresholds | None = None) -> None:
        self.client = client
        self.thresholds = thresholds or Thresholds.kubelet()

    def candidates(self) -> list[Candidate]:
        """All images of the machine; one that any container holds is in use."""
        return [
            Candidate(
                one.image.digest,
                one.image.size_bytes,
                one.last_used_s,
                one.first_seen_s,
                bool(one.holders),
            )
            for one in self.client.store.images()
        ]

    def collect(self) -> Collection:
        """Look at the disk once and delete what is due."""
        limits, now = self.thresholds, self.client.sim.now
        deleted: list[Candidate] = []
        if limits.max_age_s is not None:
            oldest = now - limits.max_age_s
            deleted += self._delete(
                one
                for one in eligible(self.candidates(), now, limits.min_age_s)
                if max(_used(one), one.first_seen_s) <= oldest
            )
        wanted = self._wanted()
        chosen = choose(self.candidates(), wanted, now, limits.min_age_s) if wanted else []
        deleted += self._delete(chosen)
        freed = sum(one.size_bytes for one in chosen)
        if deleted or wanted:
            self.client.sim.emit(ImagesCollected(self.client.name, len(deleted), wanted, freed))
        return Collection(wanted, freed, tuple(one.name for one in deleted))

    def run(self, period_s: float | None = None) -> Process:
        """Collect every period (5 minutes), for ``sim.start``."""
        every = calibration.value("images.collection.period_s") if period_s is None else period_s
        while True:
            yield self.client.sim.env.timeout(every)
            self.collect()

    def _wanted(self) -> int:
        capacity = self.client.capacity_bytes
        if capacity is None:
            return 0
        used = self.client.store.disk_bytes
        return self.thresholds.wanted_bytes(capacity, max(0, capacity - used))

    def _delete(self, chosen: Iterable[Candidate]) -> list[Candidate]:
        found = list(chosen)
        for one in found:
            self.client.store.delete(one.name)
        return found
