"""Named random streams, each derived from (seed, name): a new one shifts nobody's draws."""

from __future__ import annotations

import hashlib

import numpy as np


class Streams:
    """The random streams of one simulation.

    A stream is made when it is first asked for and keeps its place afterwards. Two streams of
    different names are statistically independent: the name is hashed into the seed of a PCG64.
    """

    def __init__(self, seed: int) -> None:
        self.seed = seed
        self._streams: dict[str, np.random.Generator] = {}

    def __call__(self, name: str) -> np.random.Generator:
        """The stream called ``name``, for example ``arrivals/web``."""
        stream = self._streams.get(name)
        if stream is None:
            stream = self._streams[name] = np.random.Generator(np.random.PCG64(self._entropy(name)))
        return stream

    def _entropy(self, name: str) -> int:
        digest = hashlib.sha256(f"{self.seed}\0{name}".encode()).digest()
        return int.from_bytes(digest[:16], "little")
