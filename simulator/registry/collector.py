"""The kubelet's image garbage collector of one machine: looks every five minutes."""

from __future__ import annotations

from dataclasses import dataclass

from simulator.calibration import Calibration
from simulator.image.collection import Collection, collect_store
from simulator.image.events import ImagesCollected
from simulator.registry.client import ImageClient


@dataclass(frozen=True, slots=True)
class Thresholds:
    """When to collect, how far, and how young an image is safe."""

    high_percent: int
    low_percent: int
    min_age_s: float

    @classmethod
    def kubelet(cls, constants: Calibration) -> Thresholds:
        """The kubelet's defaults."""
        return cls(
            int(constants.value("images.collection.high_percent")),
            int(constants.value("images.collection.low_percent")),
            constants.value("images.collection.min_age_s"),
        )


class ImageCollector:
    """The collector of one machine, whose disk for images is ``client.capacity_bytes``."""

    def __init__(
        self, client: ImageClient, constants: Calibration, thresholds: Thresholds | None = None
    ) -> None:
        """``thresholds``: the kubelet's where none are given."""
        self.client = client
        self.thresholds = thresholds or Thresholds.kubelet(constants)
        self.period_s = constants.value("images.collection.period_s")

    def collect(self) -> Collection:
        """Look at the disk once, delete what is due, and say so in the journal."""
        capacity = self.client.capacity_bytes
        if capacity is None:
            return Collection()
        found = collect_store(
            self.client.store,
            capacity,
            self.client.elsewhere(),
            now_s=self.client.sim.now,
            high_percent=self.thresholds.high_percent,
            low_percent=self.thresholds.low_percent,
            min_age_s=self.thresholds.min_age_s,
        )
        if found.wanted_bytes:
            self.client.sim.emit(
                ImagesCollected(
                    self.client.name, len(found.removed), found.wanted_bytes, found.freed_bytes
                )
            )
        return found

    def begin(self) -> None:
        """Collect every period from now on."""
        self.client.sim.at(self.client.sim.now + self.period_s, self._collect_and_go_on)

    def _collect_and_go_on(self) -> None:
        self.collect()
        self.begin()
