"""How many jobs are inside each of several stations, kept so that the fewest is found at once.

The stations with equal numbers are the bits of one whole number: finding the first of them from a
turn on, and moving one to another number, costs a few machine words for a thousand stations.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import overload


class Counts(Sequence[int]):
    """Numbers by place; ``counts[i] += 1`` and ``counts[i] -= 1`` change them."""

    def __init__(self, counts: Sequence[int]) -> None:
        self._counts = list(counts)
        self._places: dict[int, int] = {}
        for place, count in enumerate(self._counts):
            self._places[count] = self._places.get(count, 0) | 1 << place
        self._fewest = min(self._counts, default=0)

    def __len__(self) -> int:
        return len(self._counts)

    @overload
    def __getitem__(self, place: int) -> int: ...
    @overload
    def __getitem__(self, place: slice) -> Sequence[int]: ...
    def __getitem__(self, place: int | slice) -> int | Sequence[int]:
        return self._counts[place]

    def __setitem__(self, place: int, count: int) -> None:
        places, before = self._places, self._counts[place]
        self._counts[place] = count
        left = places[before] ^ 1 << place
        if left:
            places[before] = left
        else:
            del places[before]
        places[count] = places.get(count, 0) | 1 << place
        if count < self._fewest:
            self._fewest = count
        while self._fewest not in places:
            self._fewest += 1

    def first_fewest(self, turn: int) -> int:
        """The first place from ``turn`` on, going round, that has the fewest."""
        places = self._places[self._fewest]
        later = places >> turn
        if later:
            return turn + (later & -later).bit_length() - 1
        return (places & -places).bit_length() - 1
