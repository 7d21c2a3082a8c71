"""The file system of one container: what its processes see, write and remove.

Text is kept of small files only (``MAX_CONTENT_BYTES``); of others the size is known.
"""

from __future__ import annotations

import posixpath
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from math import floor

from simulator.image.context import MAX_CONTENT_BYTES
from simulator.image.model import DIRECTORY, FILE, SYMLINK, FileEntry
from simulator.image.problems import (
    Busy,
    Exists,
    IsADirectory,
    NoSpace,
    NoSuchFile,
    NotADirectory,
    NotEmpty,
    PermissionDenied,
    ReadOnly,
)
from simulator.image.trees import Tree
from simulator.node.file_view import (
    ROOT,
    WRITE,
    Content,
    FileView,
    Mounted,
    User,
    inner_path,
)

__all__ = ["ROOT", "Content", "Files", "Mounted", "User"]


class Files(FileView):
    """One container's file system. Errors are those of ``image/problems.py``."""

    def __init__(
        self,
        root: Tree,
        mounts: tuple[Mounted, ...] = (),
        *,
        read_only: bool = False,
        wrote: Callable[[Tree, int], None] | None = None,
        now_s: float = 0.0,
    ) -> None:
        """``wrote`` is told of the bytes that are written, and on which tree; ``now_s`` is now."""
        super().__init__(root, mounts, read_only=read_only)
        self._wrote = wrote
        self._now_s = now_s

    def write(
        self,
        path: str,
        content: str | bytes | None = None,
        size_bytes: int | None = None,
        *,
        append: bool = False,
        user: User = ROOT,
        mode: int = 0o644,
    ) -> Content:
        """Write a file, or add to its end; ``mode`` is that of a new one.

        What is written is a content, or so many bytes of which nothing is known.
        NoSuchFile without a folder for it, IsADirectory, PermissionDenied, ReadOnly; NoSpace, when
        what there is space for has been written (``written_bytes`` of the error).
        """
        real = self.resolve(path)
        before = self._stat(real)
        if before is not None and before.kind == DIRECTORY:
            raise IsADirectory(path)
        text, size = _written(content, size_bytes)
        if before is None:
            self._allow(self._folder_of(real, path), WRITE, user, path)
            entry = FileEntry(real, size, mode, uid=user.uid, gid=user.gid, text=text)
        else:
            self._allow(before, WRITE, user, path)
            added, whole = (text, size), size
            if append:
                text, whole = _together(before, *added)
            entry = _entry_of(before, size_bytes=whole, text=text)
        try:
            entry = replace(entry, modified_s=self._now_s)
            return self._put(entry, path, size, keeps=append)
        except NoSpace as full:
            full.written_bytes = self._put_part(entry, size)
            raise

    def _put_part(self, entry: FileEntry, size: int) -> int:
        """Write of ``size`` bytes at the end of a file as many as there is space for."""
        place = self._place(entry.path)
        tree, inner = place.tree, inner_path(place, entry.path)
        held = tree.lookup(inner) if tree.owns(inner) else None
        room = floor(tree.space.free_bytes) + (0 if held is None else held.size_bytes)
        part = room - (entry.size_bytes - size)
        if part <= 0:
            return 0
        with suppress(NoSpace):
            tree.put(replace(entry, path=inner, size_bytes=room, text=None))
            if self._wrote is not None:
                self._wrote(tree, part)
            return part
        return 0

    def mkdir(
        self, path: str, *, parents: bool = False, user: User = ROOT, mode: int = 0o755
    ) -> None:
        """Make a folder; ``parents``: those above it too, and one that is there is no error."""
        real = self.resolve(path)
        before = self._stat(real)
        if before is not None:
            if parents and before.kind == DIRECTORY:
                return
            raise Exists(path)
        above = posixpath.dirname(real)
        if parents and self._stat(above) is None:
            self.mkdir(above, parents=True, user=user)
        self._allow(self._folder_of(real, path), WRITE, user, path)
        entry = FileEntry(real, 0, mode, kind=DIRECTORY, uid=user.uid, gid=user.gid)
        self._put(replace(entry, modified_s=self._now_s), path)

    def link(self, target: str, path: str, user: User = ROOT) -> None:
        """Make a symbolic link at a path."""
        real = self.resolve(path, follow=False)
        if self._stat(real) is not None:
            raise Exists(path)
        self._allow(self._folder_of(real, path), WRITE, user, path)
        size = len(target.encode())
        entry = FileEntry(
            real, size, 0o777, kind=SYMLINK, uid=user.uid, gid=user.gid, target=target
        )
        self._put(replace(entry, modified_s=self._now_s), path)

    def remove(self, path: str, *, recursive: bool = False, user: User = ROOT) -> None:
        """Remove a file or link, or a folder: one that holds something only if ``recursive``."""
        real = self.resolve(path, follow=False)
        found = self._stat(real)
        if found is None:
            raise self._absent(real, path)
        if any(one.target == real or one.target.startswith(f"{real}/") for one in self.mounts):
            raise Busy(path)
        if found.kind == DIRECTORY and not recursive and (found.files > 1 or self.entries(real)):
            raise NotEmpty(path)
        self._allow(self._folder_of(real, path), WRITE, user, path)
        place = self._writable(real, path)
        inner = inner_path(place, real)
        if place.tree.exists(inner):
            place.tree.drop(inner)
        else:
            place.tree.hide(inner)

    def change(
        self,
        path: str,
        user: User = ROOT,
        *,
        mode: int | None = None,
        owner: tuple[int, int] | None = None,
    ) -> None:
        """chmod and chown: the owner of a file and root may; one of the image is copied up."""
        found = self.stat(path)
        may = user.override or (user.uid == found.uid and owner is None)
        if not may:
            raise PermissionDenied(path)
        entry = _entry_of(found)
        if mode is not None:
            entry = replace(entry, mode=mode)
        if owner is not None:
            entry = replace(entry, uid=owner[0], gid=owner[1])
        self._put(entry, path, keeps=True)

    def _put(
        self, entry: FileEntry, path: str, written_bytes: int = 0, *, keeps: bool = False
    ) -> Content:
        """``keeps``: something of what was there stays, so that it had to be copied up first."""
        real = entry.path
        place = self._writable(real, path)
        inner = inner_path(place, real)
        before = place.tree.lookup(inner) if keeps and not place.tree.owns(inner) else None
        place.tree.put(replace(entry, path=inner))
        if before is not None and before.kind == FILE:
            place.tree.copied_up_bytes += before.size_bytes
        if self._wrote is not None and written_bytes:
            self._wrote(place.tree, written_bytes)
        found = self._stat(real)
        assert found is not None
        return found

    def writable(self, path: str) -> tuple[Tree, str]:
        """The tree on which a file at a path lies, and its path there; ReadOnly."""
        real = self.resolve(path)
        place = self._writable(real, path)
        return place.tree, inner_path(place, real)

    def _writable(self, real: str, path: str) -> Mounted:
        place = self._place(real)
        if place.read_only:
            raise ReadOnly(path)
        return place

    def _folder_of(self, real: str, path: str) -> Content:
        above = self._stat(posixpath.dirname(real))
        if above is None:
            raise NoSuchFile(path)
        if above.kind != DIRECTORY:
            raise NotADirectory(path)
        return above


def _written(content: str | bytes | None, size_bytes: int | None) -> tuple[str | None, int]:
    """The text that is kept of what is written, and its bytes."""
    if content is None:
        return ("" if not size_bytes else None), size_bytes or 0
    data = content.encode() if isinstance(content, str) else content
    if len(data) > MAX_CONTENT_BYTES:
        return None, len(data)
    try:
        return data.decode(), len(data)
    except UnicodeDecodeError:
        return None, len(data)


def _together(before: Content, text: str | None, size: int) -> tuple[str | None, int]:
    total = before.size_bytes + size
    known = text is not None and (before.text is not None or not before.size_bytes)
    if not known or total > MAX_CONTENT_BYTES:
        return None, total
    return (before.text or "") + (text or ""), total


def _entry_of(found: Content, **changes: object) -> FileEntry:
    entry = FileEntry(
        found.path, found.size_bytes, found.mode, "", found.kind, found.uid, found.gid,
        found.target, found.files, found.text, found.modified_s,
    )  # fmt: skip
    return replace(entry, **changes)  # type: ignore[arg-type]
