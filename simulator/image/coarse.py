"""Coarse file lists of base image layers: a few dozen known paths, the rest in one entry.

One line each::

    /usr/lib/python3.12/ 60MB 1800     a directory standing for 1,800 files
    /usr/bin/perl 4MB                  a file; executable in a bin directory or with a final x
    /bin/sh -> busybox                 a symbolic link
    /usr/bin: apt-get dpkg tar 6MB     several programs that share a size
"""

from __future__ import annotations

import re
from dataclasses import replace

from simulator.image.digests import digest_of
from simulator.image.model import DIRECTORY, SYMLINK, FileEntry
from simulator.units import parse_bytes

_NUMBERED = re.compile(r"\d+(\.\d+)?[kKMG]?i?B?")
_BIN = re.compile(r".*/s?bin(/[^/]+)?$|.*\.exe$")


def parse_files(text: str) -> list[FileEntry]:
    """The entries of a coarse file list, without digests."""
    entries: list[FileEntry] = []
    for raw in text.splitlines():
        line = raw.partition("#")[0].split()
        if line:
            entries.extend(_line(line))
    return entries


def _line(words: list[str]) -> list[FileEntry]:
    path = words[0]
    if path.endswith(":"):
        return _programs(path[:-1], words[1:])
    if len(words) == 3 and words[1] == "->":
        return [FileEntry(path, len(words[2]), 0o777, kind=SYMLINK, target=words[2])]
    size = parse_bytes(words[1], decimal=True) if len(words) > 1 else 0
    if path.endswith("/"):
        count = int(words[2]) if len(words) > 2 else 1
        return [FileEntry(path.rstrip("/"), size, 0o755, kind=DIRECTORY, files=count)]
    executable = words[-1] == "x" or _BIN.match(path) is not None
    return [FileEntry(path, size, 0o755 if executable else 0o644)]


def _programs(folder: str, words: list[str]) -> list[FileEntry]:
    stated = bool(words) and _NUMBERED.fullmatch(words[-1]) is not None
    total = parse_bytes(words.pop(), decimal=True) if stated else 0
    each, over = divmod(total, max(1, len(words)))
    return [
        FileEntry(f"{folder}/{name}", each + (over if at == 0 else 0), 0o755)
        for at, name in enumerate(words)
    ]


def fill(entries: list[FileEntry], size_bytes: int, rest: str, key: str) -> list[FileEntry]:
    """The entries with digests, and ``rest`` carrying what is missing to ``size_bytes``.

    Listed sizes are scaled down where they sum to more than the layer.
    """
    listed = sum(entry.size_bytes for entry in entries)
    if listed > size_bytes:
        entries = [
            replace(entry, size_bytes=entry.size_bytes * size_bytes // listed) for entry in entries
        ]
        listed = sum(entry.size_bytes for entry in entries)
    missing = size_bytes - listed
    merged = {entry.path: entry for entry in entries}
    if missing:
        held = merged.get(rest, FileEntry(rest, 0, 0o755, kind=DIRECTORY, files=0))
        count = held.files + max(1, missing // 60_000)
        merged[rest] = replace(held, size_bytes=held.size_bytes + missing, files=count)
    return [replace(entry, digest=digest_of(key, entry.path)) for entry in merged.values()]
