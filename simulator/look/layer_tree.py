"""The paths of a layer as a tree of folders, of which some are open."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from simulator.image.explore import ADDED, CHANGED, REMOVED, Change
from simulator.look.image_facts import PathFacts

MIXED = "mixed"


@dataclass(slots=True)
class _Node:
    """A folder, or what a layer says of a path."""

    path: str
    changed: bool = False
    """Whether the layer says something of this path itself."""
    size_bytes: int = 0
    files: int = 0
    kinds: set[str] = field(default_factory=set)
    """Of all at and below it, as the sums are."""
    below: dict[str, _Node] = field(default_factory=dict)

    def add(self, change: Change) -> None:
        """Something at or below it."""
        self.size_bytes += change.size_bytes
        self.files += change.files
        self.kinds.add(change.kind)


class Folders:
    """All rows that are to be seen: those of the root, and of folders that are open."""

    def __init__(self, changes: Iterable[Change], opened: frozenset[str]) -> None:
        self._opened = opened
        self._root = _Node("")
        self._rows: dict[str, tuple[_Node, tuple[bool, ...]]] = {}
        for one in changes:
            self._put(one)
        self._list(self._root, ())
        self.keys = list(self._rows)

    def _put(self, change: Change) -> None:
        node = self._root
        parts = change.path.strip("/").split("/")
        for at, part in enumerate(parts):
            path = "/".join(parts[: at + 1])
            node = node.below.setdefault(part, _Node(path))
            node.add(change)
        node.changed = True

    def _list(self, node: _Node, ends: tuple[bool, ...]) -> None:
        last = len(node.below) - 1
        for number, one in enumerate(_sorted(node)):
            here = (*ends, number == last)
            self._rows[f"path/{one.path}"] = one, here
            if one.below and one.path in self._opened:
                self._list(one, here)

    def matching(self, text: str) -> list[str]:
        """Rows of files and folders whose path contains a text, whatever is open."""
        wanted, inverse = text.lower().removeprefix("!"), text.startswith("!")
        found: list[str] = []
        todo = list(reversed(list(_sorted(self._root))))
        while todo:
            one = todo.pop()
            if one.changed and (wanted in one.path.lower()) != inverse:
                key = f"path/{one.path}"
                self._rows.setdefault(key, (one, (True,)))
                found.append(key)
            todo += reversed(list(_sorted(one)))
        return found

    def row(self, key: str) -> PathFacts:
        """A path as values."""
        node, ends = self._rows[key]
        kind = next(iter(node.kinds)) if len(node.kinds) == 1 else MIXED
        folder = bool(node.below)
        return PathFacts(
            key, node.path.rpartition("/")[2], ends, folder, node.path in self._opened, kind,
            node.size_bytes, node.files,
        )  # fmt: skip


def _sorted(node: _Node) -> Iterable[_Node]:
    """Folders first, then by name."""
    return sorted(node.below.values(), key=lambda one: (not one.below, one.path))


SIGNS = {ADDED: "+", CHANGED: "~", REMOVED: "-", MIXED: " "}
"""What stands before a path."""
