"""What schedulers of any cluster share: columns of numbers, what changed in them, drawn ties."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from typing import TypeAlias, TypeVar

import numpy as np
import numpy.typing as npt

Ints = npt.NDArray[np.int64]
Small = npt.NDArray[np.int32]
Bools = npt.NDArray[np.bool_]
Part: TypeAlias = Ints | slice
"""Some rows: their places, or a slice with both of its ends where they lie side by side."""
Thing = TypeVar("Thing")


def ints(values: Sequence[int]) -> Ints:
    """A column of whole numbers."""
    return np.array(values, dtype=np.int64)


def size(part: Part) -> int:
    """How many rows a part has."""
    return int(part.stop - part.start) if isinstance(part, slice) else len(part)


def places(part: Part) -> list[int]:
    """Where the rows of a part are."""
    return list(range(part.start, part.stop)) if isinstance(part, slice) else part.tolist()


def numbered(values: Iterable[str | None]) -> tuple[Ints, list[str]]:
    """The number of each value in the order in which they are first seen (None: -1), and which."""
    numbers: dict[str, int] = {}
    found = [-1 if one is None else numbers.setdefault(one, len(numbers)) for one in values]
    return ints(found), list(numbers)


def in_turn(groups: Iterable[Sequence[Thing]]) -> list[Thing]:
    """One of each group in turn, until all are taken."""
    listed = [one for one in groups if one]
    most = max(map(len, listed), default=0)
    return [one[turn] for turn in range(most) for one in listed if turn < len(one)]


def drawn(seed: int, number: int, count: int) -> int:
    """One of ``count``, drawn by the number of a decision: nothing is kept between draws."""
    word = f"{seed}/{number}".encode()
    digest = hashlib.blake2b(word, digest_size=8).digest()
    return int.from_bytes(digest, "little") % count


class Changes:
    """Places whose rows changed, in order; each reader remembers how far it has read."""

    __slots__ = ("places",)

    def __init__(self) -> None:
        self.places: list[int] = []

    def note(self, place: int) -> None:
        """A row is another than before."""
        self.places.append(place)

    def __len__(self) -> int:
        return len(self.places)

    def since(self, read: int) -> list[int]:
        """Places that changed since, each once."""
        new = self.places[read:]
        return new if len(new) <= 1 else list(dict.fromkeys(new))
