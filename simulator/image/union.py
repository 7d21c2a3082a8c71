"""The union of layers that a container sees: the topmost layer that says something wins."""

from __future__ import annotations

import posixpath
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache

from simulator.image.model import DIRECTORY, OPAQUE, SYMLINK, FileEntry, Layer

MAX_LINKS = 40
"""Symbolic links followed in one path before giving up, as in the Linux kernel."""


@dataclass(frozen=True, slots=True)
class _Index:
    """One layer by path: what it has, what it hides, and the folders that it implies."""

    entries: dict[str, FileEntry]
    hidden: frozenset[str]
    folders: frozenset[str]


@lru_cache(maxsize=512)
def _index(layer: Layer) -> _Index:
    entries: dict[str, FileEntry] = {}
    hidden: set[str] = set()
    folders: set[str] = set()
    for entry in layer.files:
        if entry.removes:
            hidden.add(entry.path)
        else:
            entries[entry.path] = entry
            folders.update(_new_parents(entry.path, folders))
    return _Index(entries, frozenset(hidden), frozenset(folders))


@lru_cache(maxsize=512)
def _children(layer: Layer) -> dict[str, tuple[str, ...]]:
    """The names that a layer has in each folder."""
    index = _index(layer)
    found: dict[str, dict[str, None]] = {}
    for path in (*index.entries, *index.folders):
        above, _, name = path.rpartition("/")
        found.setdefault(above or "/", {})[name] = None
    return {above: tuple(sorted(names)) for above, names in found.items()}


def _new_parents(path: str, known: set[str]) -> Iterator[str]:
    """The ancestors of a path up to the first one that is known, nearest first."""
    at = path.rpartition("/")[0]
    while at and at not in known:
        yield at
        at = at.rpartition("/")[0]


def parents(path: str) -> Iterator[str]:
    """The ancestors of a path, nearest first, without the root."""
    at = path.rpartition("/")[0]
    while at:
        yield at
        at = at.rpartition("/")[0]


class FileSystem:
    """What the layers show together, bottom layer first. Immutable and cheap to extend."""

    def __init__(self, layers: Iterable[Layer] = ()) -> None:
        self.layers = tuple(layers)

    def plus(self, layer: Layer) -> FileSystem:
        """The same with one more layer on top."""
        return FileSystem((*self.layers, layer))

    def lookup(self, path: str) -> FileEntry | None:
        """The entry at a path, not following a link there; None when absent or hidden."""
        above = list(parents(path))
        for layer in reversed(self.layers):
            index = _index(layer)
            entry = index.entries.get(path)
            if entry is not None:
                return entry
            if index.hidden and (path in index.hidden or not index.hidden.isdisjoint(above)):
                return None
        return None

    def resolve(self, path: str) -> tuple[str, FileEntry | None]:
        """The path and entry after following links at the end of the path."""
        for _ in range(MAX_LINKS):
            entry = self.lookup(path)
            if entry is None or entry.kind != SYMLINK:
                return path, entry
            path = posixpath.normpath(posixpath.join(posixpath.dirname(path), entry.target))
        return path, None

    def is_folder(self, path: str) -> bool:
        """True when the path is a directory, also one that only paths below it imply."""
        if path in ("/", ""):
            return True
        above = [path, *parents(path)]
        for layer in reversed(self.layers):
            index = _index(layer)
            entry = index.entries.get(path)
            if entry is not None:
                return entry.kind == DIRECTORY
            if path in index.folders:
                return True
            if index.hidden and not index.hidden.isdisjoint(above):
                return False
        return False

    def exists(self, path: str) -> bool:
        """True when there is a file, link or directory at the path."""
        return self.lookup(path) is not None or self.is_folder(path)

    def children(self, folder: str) -> list[str]:
        """Names of what is visible in a folder, sorted; what has no name is not among them."""
        at = "" if folder == "/" else folder
        above = (folder, *parents(folder))
        seen: set[str] = set()
        gone: set[str] = set()
        for layer in reversed(self.layers):
            hidden = _index(layer).hidden
            names = _children(layer).get(folder, ())
            seen.update(name for name in names if f"{at}/{name}" not in gone)
            if hidden and not hidden.isdisjoint(above):
                break
            gone |= hidden
        return sorted(seen)

    def inside_coarse(self, path: str) -> bool:
        """True when the path may exist inside a directory that is listed as a whole."""
        for above in parents(path):
            entry = self.lookup(above)
            if entry is not None:
                return entry.kind == DIRECTORY and entry.files > 1
        return False

    def files(self) -> dict[str, FileEntry]:
        """Everything visible, by path, sorted."""
        seen: dict[str, FileEntry] = {}
        hidden: set[str] = set()
        for layer in reversed(self.layers):
            index = _index(layer)
            for path, entry in index.entries.items():
                if path not in seen and (
                    not hidden or (path not in hidden and hidden.isdisjoint(parents(path)))
                ):
                    seen[path] = entry
            hidden |= index.hidden
        return dict(sorted(seen.items()))

    def under(self, folder: str) -> dict[str, FileEntry]:
        """What is visible at or below a path, by full path, sorted."""
        if folder == "/":
            return self.files()
        prefix = folder + "/"
        seen: dict[str, FileEntry] = {}
        hidden: set[str] = set()
        for layer in reversed(self.layers):
            index = _index(layer)
            if folder in index.entries or folder in index.folders:
                for path, entry in index.entries.items():
                    if (path == folder or path.startswith(prefix)) and path not in seen:
                        above = (path, *parents(path))
                        if not hidden or hidden.isdisjoint(above):
                            seen[path] = entry
            hidden |= index.hidden
        return dict(sorted(seen.items()))

    def find_program(self, name: str, search_path: str) -> str | None:
        """Where a program is, as execvp looks for it; None when it is not there."""
        if "/" in name:
            return name if self.exists(name) or self.inside_coarse(name) else None
        for folder in search_path.split(":"):
            candidate = posixpath.join(folder or "/", name)
            if self.lookup(candidate) is not None:
                return candidate
        return None


def opaque(path: str) -> FileEntry:
    """The mark that hides everything a directory held in lower layers."""
    return FileEntry(path, 0, 0o755, kind=OPAQUE, files=0)
