"""Named random streams, each derived from (seed, name): a new one shifts nobody's draws."""

from __future__ import annotations

import hashlib
from statistics import NormalDist

import numpy as np

_NORMAL = NormalDist()


class Once:
    """A few draws, hashed from (seed, name, number): nothing is kept, and a draw costs 2 µs."""

    __slots__ = ("_key", "_number")

    def __init__(self, key: str) -> None:
        self._key = key
        self._number = 0

    def standard_normal(self, size: int, /) -> list[float]:
        """The next ``size`` draws from the standard normal distribution."""
        first = self._number + 1
        self._number += size
        return [_normal(f"{self._key}\0{number}") for number in range(first, first + size)]


def _normal(word: str) -> float:
    """One draw: the middle of one of 2^53 equal parts of (0, 1), through the inverse of the
    distribution."""
    digest = hashlib.sha256(word.encode()).digest()
    return _NORMAL.inv_cdf(((int.from_bytes(digest[:8], "little") >> 11) + 0.5) * 2.0**-53)


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

    def once(self, name: str) -> Once:
        """Draws for something that happens once and is named so: the third start of ``web``."""
        return Once(f"{self.seed}\0{name}")

    def once_at(self, name: str, time: float) -> Once:
        """Draws for what happens once at an instant, in seconds.

        A nanosecond is one instant: the last bits of a time tell how it was added up, and who
        looks on the way may not change what is drawn.
        """
        return self.once(f"{name}/{round(time, 9)!r}")

    def _entropy(self, name: str) -> int:
        digest = hashlib.sha256(f"{self.seed}\0{name}".encode()).digest()
        return int.from_bytes(digest[:16], "little")
