"""ImageLocality: rather where a pod's images are already, if that saves much."""

from __future__ import annotations

from typing import Any

import numpy as np

from simulator.cluster.kubernetes.objects.pod import Pod
from simulator.cluster.kubernetes.scheduler.columns import Ints
from simulator.cluster.kubernetes.scheduler.plugin import MOST_SCORE, Plugin

LEAST_BYTES = 23 << 20
MOST_BYTES = 1000 << 20


class ImageLocality(Plugin):
    """Bytes of the images that a node has, spread over how many nodes have them."""

    name = "ImageLocality"
    scores = True

    def prepare(self, pod: Pod) -> Any:
        """Its images with the bytes that each saves; None where none saves enough anywhere."""
        every = len(self.state.columns)
        containers = pod.spec.containers
        saved = []
        for one in containers:
            known = self.state.images.get(normal(one.image))
            if known is not None and every:
                size, nodes = known
                saved.append((int(size * (len(nodes) / every)), nodes))
        if sum(bytes_ for bytes_, _ in saved) <= LEAST_BYTES:
            return None
        return saved, len(containers)

    def score_node(self, pod: Pod, ready: Any, place: int, chosen: Ints) -> int:
        """The score of one node."""
        saved, count = ready
        name = self.state.columns.order[place].node.name
        return scaled(sum(bytes_ for bytes_, nodes in saved if name in nodes), count)

    def score_all(self, pod: Pod, ready: Any, chosen: Ints) -> Ints | None:
        """The scores of all chosen nodes."""
        order = self.state.columns.order
        saved, count = ready
        totals = [
            sum(bytes_ for bytes_, nodes in saved if order[place].node.name in nodes)
            for place in chosen.tolist()
        ]
        return np.array([scaled(one, count) for one in totals], dtype=np.int64)


def scaled(total: int, containers: int) -> int:
    """Bytes between the two thresholds, in hundredths."""
    most = MOST_BYTES * containers
    capped = min(max(total, LEAST_BYTES), most)
    return MOST_SCORE * (capped - LEAST_BYTES) // (most - LEAST_BYTES)


def normal(image: str) -> str:
    """A name without a tag means ``:latest``."""
    return image if ":" in image.rpartition("/")[2] or "@" in image else f"{image}:latest"
