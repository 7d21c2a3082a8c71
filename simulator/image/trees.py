"""A tree of files that can be written to, on top of layers that cannot.

A container's writable layer is one, and so is a volume (on top of nothing). What it holds is
counted as it changes: sizes are there without adding anything up.
"""

from __future__ import annotations

from dataclasses import replace
from math import inf
from typing import Protocol

from simulator.image.digests import digest_of
from simulator.image.model import DIRECTORY, OPAQUE, WHITEOUT, FileEntry
from simulator.image.problems import NoSpace, NoSuchFile
from simulator.image.union import FileSystem, parents


class Space(Protocol):
    """Where the files of a tree lie, and how much of it is free."""

    def take(self, size_bytes: int, files: int) -> bool:
        """Have so much more (or less, below 0) of it; False, and nothing, when it is full."""

    @property
    def free_bytes(self) -> float:
        """How much of it is free."""


class Growth(Protocol):
    """A file of a tree that a running program lets grow."""

    @property
    def size_bytes(self) -> int:
        """What it has grown by until now, beside the size that the tree knows."""

    def rebase(self) -> None:
        """Let the tree know the whole size, and go on from there."""

    def unlinked(self, size_bytes: int) -> None:
        """The file, of so many bytes, was removed: they are free when it is closed."""


class Endless:
    """A place where nothing is ever full, and nothing is counted."""

    def take(self, size_bytes: int, files: int) -> bool:
        """Always."""
        return True

    @property
    def free_bytes(self) -> float:
        """No end."""
        return inf


ENDLESS = Endless()


class Tree:
    """Files by path over layers below: a path of it hides what is below at that path."""

    def __init__(self, below: FileSystem, name: str = "", space: Space = ENDLESS) -> None:
        self.below = below
        self.name = name
        self.space = space
        self.growing: dict[str, tuple[Growth, ...]] = {}
        """Files that are being written now, by path."""
        self._size_bytes = 0
        self.copied_up_bytes = 0
        """Bytes of lower layers that came up because a part of a file was changed."""
        self.files = 0
        """Files, folders and links of its own: each has an inode."""
        self._entries: dict[str, FileEntry] = {}
        self._hides: dict[str, FileEntry] = {}
        """Marks that hide what is below, by path."""
        self._children: dict[str, dict[str, None]] = {}
        """Names of its own in each folder, those of implied folders too."""
        self._writes = 0

    # --- looking --------------------------------------------------------------------------------

    @property
    def size_bytes(self) -> int:
        """Bytes of its own files now."""
        return self._size_bytes + sum(map(_sum, self.growing.values()))

    @property
    def entries(self) -> tuple[FileEntry, ...]:
        """What it holds of its own, marks included, by path."""
        held = [*map(self._grown, self._entries.values()), *self._hides.values()]
        return tuple(sorted(held, key=lambda entry: (entry.path, entry.kind)))

    @property
    def count(self) -> int:
        """How many paths it says something of."""
        return len(self._entries) + len(self._hides)

    def lookup(self, path: str) -> FileEntry | None:
        """What is seen at a path, not following a link there; None when absent or hidden."""
        own = self._entries.get(path)
        if own is not None:
            return self._grown(own)
        return None if self.hidden(path) else self.below.lookup(path)

    def is_folder(self, path: str) -> bool:
        """True when the path is a directory, also one that only paths below it imply."""
        own = self._entries.get(path)
        if own is not None:
            return own.kind == DIRECTORY
        if path in ("/", "") or path in self._children:
            return True
        return not self.hidden(path) and self.below.is_folder(path)

    def exists(self, path: str) -> bool:
        """True when there is a file, link or directory at the path."""
        return self.lookup(path) is not None or self.is_folder(path)

    def children(self, folder: str) -> list[str]:
        """Names of what is seen in a folder, sorted."""
        own = self._children.get(folder, {})
        if self.hidden(folder):
            return sorted(own)
        at = "" if folder == "/" else folder
        below = [name for name in self.below.children(folder) if f"{at}/{name}" not in self._hides]
        return sorted({*own, *below})

    def inside_coarse(self, path: str) -> bool:
        """True when the path may exist inside a directory that is listed as a whole."""
        return not self.hidden(path) and self.below.inside_coarse(path)

    def _grown(self, entry: FileEntry) -> FileEntry:
        found = self.growing.get(entry.path) if self.growing else None
        if found is None:
            return entry
        return replace(entry, size_bytes=entry.size_bytes + _sum(found), text=None)

    def owns(self, path: str) -> bool:
        """Whether the file at a path is its own: written before, or copied up."""
        return path in self._entries

    def hidden(self, path: str) -> bool:
        """Whether what is below at a path cannot be seen."""
        hides = self._hides
        return bool(hides) and (path in hides or not hides.keys().isdisjoint(parents(path)))

    # --- changing -------------------------------------------------------------------------------

    def put(self, entry: FileEntry) -> None:
        """Have a file, folder or link at a path, in place of what was there; NoSpace if full."""
        path = entry.path
        for one in self.growing.get(path, ()):
            one.rebase()
        before = self._entries.get(path)
        size = entry.size_bytes - (0 if before is None else before.size_bytes)
        files = entry.files - (0 if before is None else before.files)
        if not self.space.take(size, files):
            raise NoSpace(path)
        self._size_bytes += size
        self.files += files
        self._writes += 1
        digest = digest_of("written", self.name, self._writes, path)
        self._entries[path] = replace(entry, digest=digest)
        self._unhide(path, entry.kind)
        self._list(path)

    def _unhide(self, path: str, kind: str) -> None:
        """A file needs no mark that hides the one below it; a new folder hides what that held."""
        if path in self._hides:
            del self._hides[path]
            if kind == DIRECTORY and self.below.exists(path):
                self._hides[path] = FileEntry(path, 0, 0o755, kind=OPAQUE, files=0)

    def drop(self, path: str) -> None:
        """Remove a path and all in it; one of a lower layer is only hidden. NoSuchFile."""
        if not self.exists(path):
            raise NoSuchFile(path)
        prefix = path.rstrip("/") + "/"
        if path in self._children:
            own = [one for one in self._entries if one == path or one.startswith(prefix)]
            for mark in [one for one in self._hides if one.startswith(prefix)]:
                del self._hides[mark]
        else:
            own = [path] if path in self._entries else []
        for one in own:
            self._forget(one)
        if self.below.exists(path):
            self._hides[path] = FileEntry(path, 0, 0, kind=WHITEOUT, files=0)

    def hide(self, path: str) -> None:
        """A folder that a distribution has, and no layer lists, is gone."""
        self._hides[path] = FileEntry(path, 0, 0, kind=WHITEOUT, files=0)

    def _forget(self, path: str) -> None:
        gone = self._entries.pop(path)
        growing = self.growing.pop(path, ())
        if growing:
            growing[-1].unlinked(gone.size_bytes)
        self.space.take(0 if growing else -gone.size_bytes, -gone.files)
        self._size_bytes -= gone.size_bytes
        self.files -= gone.files
        self._unlist(path)

    def grows(self, path: str, one: Growth) -> None:
        """A file that is there grows from now on."""
        self.growing[path] = (*self.growing.get(path, ()), one)

    def grown(self, path: str, one: Growth, size_bytes: int) -> bool:
        """It grows no more and has grown by so much; False if it was removed meanwhile."""
        found = self.growing.get(path, ())
        if one not in found:
            return False
        left = tuple(other for other in found if other is not one)
        if left:
            self.growing[path] = left
        else:
            del self.growing[path]
        self.absorb(path, size_bytes)
        return True

    def absorb(self, path: str, size_bytes: int) -> None:
        """A file has grown by so much, which its disk has counted already."""
        if size_bytes:
            entry = self._entries[path]
            grown = replace(entry, size_bytes=entry.size_bytes + size_bytes, text=None)
            self._entries[path] = grown
            self._size_bytes += size_bytes

    def _list(self, path: str) -> None:
        while path not in ("", "/"):
            above, _, name = path.rpartition("/")
            names = self._children.setdefault(above or "/", {})
            if name in names:
                return
            names[name] = None
            path = above

    def _unlist(self, path: str) -> None:
        """Take a name out, and folders that only it implied."""
        while path not in ("", "/") and path not in self._entries and path not in self._children:
            above, _, name = path.rpartition("/")
            above = above or "/"
            names = self._children[above]
            del names[name]
            if names:
                return
            del self._children[above]
            path = above

    def clear(self) -> None:
        """Everything in it is gone, marks too: its disk has all back."""
        self.space.take(-self._size_bytes, -self.files)
        self._size_bytes = self.files = 0
        for held in (self.growing, self._entries, self._hides, self._children):
            held.clear()


def _sum(growing: tuple[Growth, ...]) -> int:
    return sum(one.size_bytes for one in growing)
