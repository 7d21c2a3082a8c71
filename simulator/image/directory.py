"""Reading a build context from a real directory: names, sizes, modes and hashes only."""

from __future__ import annotations

import hashlib
import os
import stat
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from simulator.errors import InputError, Place
from simulator.files import kind_of
from simulator.image.context import MAX_CONTENT_BYTES, BuildContext, ContextFile, Ignore
from simulator.image.digests import sha256_of
from simulator.image.model import DIRECTORY, SYMLINK

MAX_FILES = 500_000
MAX_DEPTH = 128
FULL_HASH_BYTES = 64 * 1024 * 1024
"""Larger files are hashed by size and sixteen samples, so that a 10 GB file costs nothing."""
MAX_KEPT_BYTES = 64 * 1024 * 1024
"""Of all texts together; of files beyond that the digests are known, as of large ones."""
SAMPLES, SAMPLE_BYTES = 16, 64 * 1024
_CHUNK = 1024 * 1024
_FLAGS = os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0)

Progress = Callable[[int, int], None]
"""Called with the files and bytes read so far."""


def read_directory(
    path: str | Path,
    ignore: Ignore | None = None,
    progress: Progress | None = None,
) -> BuildContext:
    """The context of a directory.

    Excluded directories are not entered where nothing in them is re-included.
    Links are recorded, never followed; sockets, pipes, devices and unreadable files are skipped
    with a reason. InputError when the directory is missing, or holds more than MAX_FILES files.
    """
    root = Path(path)
    kind = kind_of(root, what="directory")
    if kind != "folder":
        problem = "the context is not a directory" if kind else "no such directory"
        raise InputError(problem, place=Place(str(root)))
    reader = _Reader(root, ignore, progress)
    reader.walk("", 0)
    return reader.context()


class _Reader:
    """One walk over a directory tree, in sorted order."""

    def __init__(self, root: Path, ignore: Ignore | None, progress: Progress | None) -> None:
        self.root = root
        self.ignore = ignore
        self.progress = progress
        self.files: dict[str, ContextFile] = {}
        self.skipped: list[tuple[str, str]] = []
        self.ignored = 0
        self.bytes_read = self.kept_bytes = 0

    def context(self) -> BuildContext:
        """What was read."""
        if self.progress is not None:
            self.progress(len(self.files), self.bytes_read)
        files = dict(sorted(self.files.items()))
        return BuildContext(files, str(self.root), tuple(self.skipped), self.ignored, True)

    def walk(self, folder: str, depth: int) -> None:
        """Read a folder and what is below it."""
        for name, entry in self._entries(folder):
            relative = f"{folder}/{name}" if folder else name
            is_folder = entry.is_dir(follow_symlinks=False)
            if self.ignore is not None and self.ignore.excludes(relative):
                self.ignored += 1
                if not is_folder or self.ignore.prunes(relative):
                    continue
            elif not is_folder:
                self._file(relative, entry)
            if is_folder:
                if depth >= MAX_DEPTH:
                    self.skipped.append((relative, "nested too deep"))
                    continue
                before = len(self.files)
                self.walk(relative, depth + 1)
                if len(self.files) == before and not self._excluded(relative):
                    self._add(relative, ContextFile(0, "", 0o755, kind=DIRECTORY))

    def _excluded(self, relative: str) -> bool:
        return self.ignore is not None and self.ignore.excludes(relative)

    def _entries(self, folder: str) -> list[tuple[str, os.DirEntry[str]]]:
        try:
            with os.scandir(self.root / folder if folder else self.root) as found:
                return sorted((entry.name, entry) for entry in found)
        except OSError as error:
            if not folder:
                raise InputError(
                    "cannot read this directory", place=Place(str(self.root)), found=error.strerror
                ) from None
            self.skipped.append((folder, error.strerror or "unreadable"))
            return []

    def _file(self, relative: str, entry: os.DirEntry[str]) -> None:
        if not relative.isprintable():
            self.skipped.append((relative, "the name is not printable text"))
            return
        try:
            if entry.is_symlink():
                target = os.readlink(entry.path)
                link = ContextFile(
                    0, sha256_of(os.fsencode(target)), 0o777, kind=SYMLINK, target=target
                )
                self._add(relative, link)
            elif entry.is_file(follow_symlinks=False):
                self._add(relative, _read(entry.path))
            else:
                self.skipped.append((relative, "not a regular file (device, pipe or socket)"))
        except OSError as error:
            self.skipped.append((relative, error.strerror or "unreadable"))

    def _add(self, relative: str, one: ContextFile) -> None:
        if len(self.files) >= MAX_FILES:
            raise InputError(
                "too many files in the build context",
                place=Place(str(self.root)),
                expected=f"at most {MAX_FILES:,}; a .dockerignore leaves files out",
            )
        if one.content is not None:
            self.kept_bytes += one.size_bytes
            if self.kept_bytes > MAX_KEPT_BYTES:
                one = replace(one, content=None)
        self.files[relative] = one
        self.bytes_read += one.size_bytes
        if self.progress is not None and len(self.files) % 250 == 0:
            self.progress(len(self.files), self.bytes_read)


def _read(path: str) -> ContextFile:
    """Hash one regular file. O_NOFOLLOW and O_NONBLOCK: the file may change under our hands."""
    descriptor = os.open(path, _FLAGS)
    with os.fdopen(descriptor, "rb") as stream:
        status = os.fstat(stream.fileno())
        if not stat.S_ISREG(status.st_mode):
            raise OSError(0, "not a regular file (device, pipe or socket)")
        mode = stat.S_IMODE(status.st_mode)
        if status.st_size > FULL_HASH_BYTES:
            digest = _sampled(descriptor, status.st_size)
            return ContextFile(status.st_size, digest, mode)
        running = hashlib.sha256()
        first = b""
        for chunk in iter(lambda: stream.read(_CHUNK), b""):
            running.update(chunk)
            first = first or chunk
    content = _text(first) if status.st_size <= MAX_CONTENT_BYTES else None
    return ContextFile(status.st_size, "sha256:" + running.hexdigest(), mode, content)


def _sampled(descriptor: int, size: int) -> str:
    running = hashlib.sha256(b"sampled %d " % size)
    for at in range(SAMPLES):
        offset = (size - SAMPLE_BYTES) * at // (SAMPLES - 1)
        running.update(os.pread(descriptor, SAMPLE_BYTES, offset))
    return "sha256:" + running.hexdigest()


def _text(data: bytes) -> str | None:
    if b"\0" in data:
        return None
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        return None
