"""The rows of a large tree by their keys: which there are, in order, and which match a text."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from itertools import accumulate, chain
from typing import NamedTuple, overload


class Outline(Sequence[str]):
    """Keys of rows from top to bottom, in pieces: a piece that did not change is not made again."""

    __slots__ = ("_pieces", "_starts")

    def __init__(self, pieces: Sequence[tuple[str, ...]]) -> None:
        self._pieces = pieces
        self._starts = list(accumulate(map(len, pieces), initial=0))

    def __len__(self) -> int:
        return self._starts[-1]

    def __iter__(self) -> Iterator[str]:
        return chain.from_iterable(self._pieces)

    @overload
    def __getitem__(self, index: int) -> str: ...

    @overload
    def __getitem__(self, index: slice) -> list[str]: ...

    def __getitem__(self, index: int | slice) -> str | list[str]:
        if isinstance(index, slice):
            return [self[one] for one in range(*index.indices(len(self)))]
        piece, place = self.place(range(len(self))[index])
        return self._pieces[piece][place]

    def place(self, index: int) -> tuple[int, int]:
        """The piece that holds a row, and its place there."""
        piece = bisect_right(self._starts, index) - 1
        return piece, index - self._starts[piece]

    def index(self, key: str, start: int = 0, stop: int | None = None) -> int:
        """Where a key stands; ValueError where it does not."""
        for piece, begins in zip(self._pieces, self._starts, strict=False):
            if key in piece:
                found = begins + piece.index(key)
                if start <= found < (len(self) if stop is None else stop):
                    return found
        raise ValueError(f"no row has the key {key!r}")


class Words(NamedTuple):
    """What a row can be found by: its depth in the tree, its kind, and its text."""

    depth: int
    kind: str
    text: str


def matching(rows: Iterable[Words], wanted: str) -> list[int]:
    """Numbers of the rows that contain a text, and of those that they are in.

    ``!text`` is for the containers that do not contain it. Capitals do not count.
    """
    wanted = wanted.lower()
    inverse, wanted = wanted.startswith("!"), wanted.removeprefix("!")
    keep: set[int] = set()
    path: list[tuple[int, int]] = []
    for index, row in enumerate(rows):
        while path and path[-1][0] >= row.depth:
            path.pop()
        hit = (wanted in row.text.lower()) != inverse
        if hit and not (inverse and row.kind != "container"):
            keep.update(number for _, number in path)
            keep.add(index)
        path.append((row.depth, index))
    return sorted(keep)
