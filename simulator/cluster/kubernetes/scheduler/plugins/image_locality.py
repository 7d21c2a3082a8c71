"""ImageLocality: rather where a pod's images are already, if that saves much."""

from __future__ import annotations

from typing import TypeAlias

import numpy as np

from simulator.cluster.columns import Part, size
from simulator.cluster.kubernetes.objects.pod import Pod
from simulator.cluster.kubernetes.scheduler.columns import Ints
from simulator.cluster.kubernetes.scheduler.config import MOST_SCORE
from simulator.cluster.kubernetes.scheduler.images import Image, normal
from simulator.cluster.kubernetes.scheduler.plugin import Plugin, State

LEAST_BYTES = 23 << 20
MOST_BYTES = 1000 << 20

Saved: TypeAlias = tuple[list[tuple[int, Image]], int]
"""Images with the bytes that each saves, and how many containers there are."""


class ImageLocality(Plugin):
    """Bytes of the images that a node has, spread over how many nodes have them."""

    name = "ImageLocality"
    scores = True

    def __init__(self, state: State) -> None:
        super().__init__(state)
        self._names: dict[int, tuple[str, ...]] = {}

    def prepare_score(self, pod: Pod) -> Saved | None:
        """Its images with the bytes that each saves; None where none saves enough anywhere."""
        images, every = self.state.images, len(self.state.columns)
        if not len(images):
            return None
        names, saved = self._images(pod), []
        for name in names:
            known = images.find(name)
            if known is not None:
                saved.append((int(known.size_bytes * (len(known.nodes) / every)), known))
        if sum(size for size, _ in saved) <= LEAST_BYTES:
            return None
        return saved, len(names)

    def _images(self, pod: Pod) -> tuple[str, ...]:
        number = pod.template.number
        found = self._names.get(number)
        if found is None:
            spec = pod.template.spec
            every = (*spec.init_containers, *spec.containers)
            found = self._names[number] = tuple(normal(one.image) for one in every)
        return found

    def score_node(self, pod: Pod, seen: Saved, place: int) -> int:
        """The score of one node."""
        saved, count = seen
        name = self.state.columns.order[place].node.name
        return scaled(sum(size for size, image in saved if name in image.nodes), count)

    def score_all(self, pod: Pod, ready: Saved, chosen: Part) -> Ints | None:
        """The scores of all chosen nodes."""
        saved, count = ready
        total = np.zeros(size(chosen), dtype=np.int64)
        for saves, image in saved:
            total += saves * image.column(self.state.columns)[chosen]
        most = MOST_BYTES * count
        found: Ints = np.clip(total, LEAST_BYTES, most) - LEAST_BYTES
        return MOST_SCORE * found // (most - LEAST_BYTES)


def scaled(total: int, containers: int) -> int:
    """Bytes between the two thresholds, in hundredths."""
    most = MOST_BYTES * containers
    capped = min(max(total, LEAST_BYTES), most)
    return MOST_SCORE * (capped - LEAST_BYTES) // (most - LEAST_BYTES)
