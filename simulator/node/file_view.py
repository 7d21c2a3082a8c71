"""What the processes of one container see of files: image, writable layer, mounts on top.

Paths are followed as a kernel does: component by component, links in the middle too, and over
the edges of mounts. What a base image holds is known in part (``NotListed``): a folder that stands
for hundreds of files is there, what is in it has no names.
"""

from __future__ import annotations

import posixpath
from collections.abc import Callable
from dataclasses import dataclass

from simulator.errors import Refused
from simulator.image.explore import root_folders, standard
from simulator.image.model import DIRECTORY, FILE, SYMLINK, FileEntry
from simulator.image.problems import (
    IsADirectory,
    NameTooLong,
    NoSuchFile,
    NotADirectory,
    NotListed,
    PermissionDenied,
    TooManyLinks,
)
from simulator.image.trees import Tree
from simulator.image.union import MAX_LINKS

_ALWAYS = ("/dev", "/etc", "/proc", "/sys")
"""What a container has of folders whatever its image: the runtime makes them to mount on."""
_STICKY = ("/tmp", "/var/tmp")
READ, WRITE = 4, 2
MOST_BYTES, MOST_OF_A_NAME = 4095, 255
"""Of a path and of each of its parts: PATH_MAX without its zero byte, and NAME_MAX, of
``linux/limits.h``."""
MAX_DEPTH = 200
"""Folders within each other: each step down asks about all those above it."""


@dataclass(frozen=True, slots=True)
class User:
    """Whose hands these are. ``override``: root with CAP_DAC_OVERRIDE, whom no mode stops."""

    uid: int = 0
    gid: int = 0
    override: bool = True


ROOT = User()


@dataclass(frozen=True, slots=True)
class Content:
    """What is at a path. ``text`` is None where only the size of a file is known."""

    path: str
    kind: str = FILE
    size_bytes: int = 0
    text: str | None = None
    mode: int = 0o644
    uid: int = 0
    gid: int = 0
    target: str = ""
    """Where a symbolic link points."""
    files: int = 1
    """How many files a folder of a base image stands for; its size is theirs."""
    modified_s: float = 0.0
    """When it was last written; 0 for what an image holds."""

    @property
    def name(self) -> str:
        """The last part of its path."""
        return posixpath.basename(self.path)


@dataclass(frozen=True, slots=True, eq=False)
class Mounted:
    """A tree that shows at ``target``: from its path ``base`` on."""

    target: str
    tree: Tree
    base: str = "/"
    read_only: bool = False


class FileView:
    """One container's file system, to be looked at. Errors are those of ``image/problems.py``."""

    def __init__(
        self, root: Tree, mounts: tuple[Mounted, ...] = (), *, read_only: bool = False
    ) -> None:
        self.root = Mounted("/", root, "/", read_only)
        """Image and writable layer, which all mounts lie on."""
        self.mounts = tuple(sorted(mounts, key=lambda one: one.target))

    # --- looking --------------------------------------------------------------------------------

    def stat(self, path: str, *, follow: bool = True) -> Content:
        """What is at a path; NoSuchFile (NotListed where it may be there), NotADirectory."""
        real = self.resolve(path, follow=follow)
        found = self._stat(real)
        if found is None:
            raise self._absent(real, path)
        return found

    def read(self, path: str, user: User = ROOT) -> Content:
        """A file to be read; IsADirectory, PermissionDenied, and as ``stat``."""
        found = self.stat(path)
        if found.kind == DIRECTORY:
            raise IsADirectory(path)
        self._allow(found, READ, user, path)
        return found

    def exists(self, path: str) -> bool:
        """Whether there is something at a path, its links followed."""
        try:
            return self._stat(self.resolve(path)) is not None
        except (NotADirectory, TooManyLinks, NameTooLong):
            return False

    def is_folder(self, path: str) -> bool:
        """Whether a path is a directory, its links followed."""
        try:
            found = self._stat(self.resolve(path))
        except (NotADirectory, TooManyLinks, NameTooLong):
            return False
        return found is not None and found.kind == DIRECTORY

    def entries(self, path: str, user: User = ROOT) -> list[Content]:
        """What is in a folder, by name; of a folder of a base image, what has a name."""
        found = self.stat(path)
        if found.kind != DIRECTORY:
            raise NotADirectory(path)
        self._allow(found, READ, user, path)
        at = "" if found.path == "/" else found.path
        place = self._place(found.path)
        names = dict.fromkeys(place.tree.children(inner_path(place, found.path)))
        prefix = f"{at}/"
        for one in self.mounts:
            if one.target.startswith(prefix):
                names[one.target[len(prefix) :].partition("/")[0]] = None
        if not at and place is self.root:
            names |= dict.fromkeys(path[1:] for path in _ALWAYS)
            names |= dict.fromkeys(root_folders(place.tree.below))
        shown = [self._stat(f"{at}/{name}") for name in sorted(names)]
        return [one for one in shown if one is not None]

    def resolve(self, path: str, *, follow: bool = True) -> str:
        """The path without links and dots; the last part is followed only on demand."""
        left = _parts(path)[::-1]
        at, links = "", 0
        while left:
            part = left.pop()
            if part == "..":
                at = at.rpartition("/")[0]
                continue
            step = f"{at}/{part}"
            entry = self._entry(step)
            if entry is not None and entry.kind == SYMLINK and (left or follow):
                links += 1
                if links > MAX_LINKS:
                    raise TooManyLinks(path)
                parts = [one for one in entry.target.split("/") if one not in ("", ".")]
                left.extend(parts[::-1])
                at = "" if entry.target.startswith("/") else at
                continue
            if entry is not None and entry.kind != DIRECTORY and left:
                raise NotADirectory(path)
            at = step
        return at or "/"

    def mount_at(self, path: str) -> Mounted:
        """The mount that a path lies on; the root's own where there is no other."""
        return self._place(self.resolve(path))

    def _place(self, path: str) -> Mounted:
        """The mount that a path without links lies on: of those around it the innermost."""
        found = self.root
        for one in self.mounts:
            if path == one.target or path.startswith(one.target.rstrip("/") + "/"):
                found = one if len(one.target) >= len(found.target) else found
        return found

    def _entry(self, path: str) -> FileEntry | None:
        place = self._place(path)
        return place.tree.lookup(inner_path(place, path))

    def _stat(self, path: str) -> Content | None:
        place = self._place(path)
        inner = inner_path(place, path)
        entry = place.tree.lookup(inner)
        if entry is None:
            if not self._implied(place, inner, path):
                return None
            mode = 0o1777 if path in _STICKY else 0o755
            return Content(path, DIRECTORY, 0, None, mode, files=0)
        return Content(
            path, entry.kind, entry.size_bytes, entry.text, entry.mode, entry.uid, entry.gid,
            entry.target, entry.files, entry.modified_s,
        )  # fmt: skip

    def _implied(self, place: Mounted, inner: str, path: str) -> bool:
        """Whether there is a folder that nothing lists."""
        if path == place.target or place.tree.is_folder(inner):
            return True
        seen = place is self.root and not place.tree.hidden(inner)
        if seen and (path in _ALWAYS or standard(place.tree.below, path)):
            return True
        return any(one.target.startswith(f"{path}/") for one in self.mounts)

    def _absent(self, real: str, path: str) -> NoSuchFile:
        place = self._place(real)
        coarse = place.tree.inside_coarse(inner_path(place, real))
        return NotListed(path) if coarse else NoSuchFile(path)

    def _allow(self, found: Content, wanted: int, user: User, path: str) -> None:
        if user.override:
            return
        shift = 6 if user.uid == found.uid else 3 if user.gid == found.gid else 0
        if not found.mode >> shift & wanted:
            raise PermissionDenied(path)

    def walk(self, path: str, visit: Callable[[Content], None]) -> None:
        """Tell of all that is at and below a path, folders before what they hold."""
        waiting = [self.stat(path, follow=False)]
        while waiting:
            one = waiting.pop()
            visit(one)
            if one.kind == DIRECTORY:
                waiting.extend(reversed(self.entries(one.path)))


def _parts(path: str) -> list[str]:
    """The names in a path; NameTooLong, and Refused where it leads down too many folders."""
    parts = [part for part in path.split("/") if part not in ("", ".")]
    long = 4 * len(path) > MOST_OF_A_NAME  # what is short needs no closer look
    if long and any(len(part.encode(errors="replace")) > MOST_OF_A_NAME for part in parts):
        raise NameTooLong(path)
    if long and len(path.encode(errors="replace")) > MOST_BYTES:
        raise NameTooLong(path)
    if len(parts) > MAX_DEPTH:
        raise Refused(f"more than {MAX_DEPTH} folders within each other are not modelled")
    return parts


def inner_path(place: Mounted, path: str) -> str:
    """A path of the container as the tree of a mount knows it."""
    if place.target == "/":
        return path
    rest = path[len(place.target) :]
    return (place.base.rstrip("/") + rest) or "/"
