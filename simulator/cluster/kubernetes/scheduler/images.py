"""Which images are on which nodes, as columns."""

from __future__ import annotations

import numpy as np

from simulator.cluster.kubernetes.scheduler.columns import Bools, Columns


class Image:
    """One image: its bytes and the nodes that have it."""

    __slots__ = ("_column", "_epoch", "nodes", "size_bytes")

    def __init__(self, size_bytes: int) -> None:
        self.size_bytes = size_bytes
        self.nodes: dict[str, None] = {}
        self._epoch = -1
        self._column: Bools = np.zeros(0, dtype=np.bool_)

    def column(self, columns: Columns) -> Bools:
        """Which nodes have it, in the order of the columns."""
        if self._epoch != columns.epoch:
            self._epoch = columns.epoch
            self._column = np.zeros(len(columns.order), dtype=np.bool_)
            for node in self.nodes:
                self.change(columns, node, here=True)
        return self._column

    def change(self, columns: Columns, node: str, here: bool) -> None:
        """A node has it, or has it no more."""
        place = columns.places.get(node)
        if place is not None and self._epoch == columns.epoch:
            self._column[place] = here


class Images:
    """All images by name."""

    def __init__(self, columns: Columns) -> None:
        self._columns = columns
        self._known: dict[str, Image] = {}

    def here(self, node: str, image: str, size_bytes: int) -> None:
        """A node has an image from now on."""
        name = normal(image)
        found = self._known.get(name)
        if found is None:
            found = self._known[name] = Image(size_bytes)
        found.nodes[node] = None
        found.change(self._columns, node, here=True)

    def gone(self, node: str, image: str) -> None:
        """A node has it no more."""
        found = self._known.get(normal(image))
        if found is not None:
            found.nodes.pop(node, None)
            found.change(self._columns, node, here=False)
            if not found.nodes:
                del self._known[normal(image)]

    def find(self, name: str) -> Image | None:
        """An image that some node has, by its whole name."""
        return self._known.get(name)

    def __len__(self) -> int:
        return len(self._known)


def normal(image: str) -> str:
    """A name without a tag means ``:latest``."""
    return image if ":" in image.rpartition("/")[2] or "@" in image else f"{image}:latest"
