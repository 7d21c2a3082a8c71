"""Where files may be that nobody lists: what is absent for sure, and what is only unknown.

A path has three answers. It is present where a layer lists it. It is absent where nothing ran
that could have made it. Else it is unknown: an unknown command ran, the folder is listed as a
whole, or it belongs to a base image, whose files are known by the dozen and not by the thousand.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from simulator.image.union import FileSystem

SYSTEM = frozenset(
    {
        "bin", "boot", "dev", "etc", "lib", "lib32", "lib64", "libx32", "opt", "proc", "root",
        "run", "sbin", "srv", "sys", "usr", "var",
    }
)  # fmt: skip
"""Folders of an operating system: a base image that has one holds more there than is listed."""
_DISTRIBUTION = (
    ("debian", re.compile(r"debian\.sh .*'([\d.]+)(?:-slim)?'")),
    ("ubuntu", re.compile(r"ubuntu-([\d.]+)")),
    ("alpine", re.compile(r"alpine-minirootfs-(\d+\.\d+)")),
    ("busybox", re.compile(r"(busybox)\.tar")),
)


_FOLDERS = frozenset(
    {
        "/bin", "/boot", "/dev", "/etc", "/home", "/lib", "/media", "/mnt", "/opt", "/proc",
        "/root", "/run", "/sbin", "/srv", "/sys", "/tmp", "/usr", "/usr/bin", "/usr/lib",
        "/usr/local", "/usr/local/bin", "/usr/local/lib", "/usr/local/sbin", "/usr/local/share",
        "/usr/sbin", "/usr/share", "/usr/src", "/var", "/var/cache", "/var/lib", "/var/log",
        "/var/tmp", "/var/run", "/etc/ssl", "/etc/ssl/certs", "/usr/local/etc", "/usr/include",
        "/usr/local/include", "/var/spool", "/etc/profile.d",
    }
)  # fmt: skip
"""Folders that every distribution has, though a list of its files may name none of them."""


def is_folder(path: str, files: FileSystem) -> bool:
    """True for a directory: listed, implied by what is listed in it, or of every distribution."""
    return files.is_folder(path) or (path in _FOLDERS and _based(files))


def _based(files: FileSystem) -> bool:
    """True where a distribution is at the bottom, however few of its files are listed."""
    return files.is_folder("/etc") or files.lookup("/bin/sh") is not None


@dataclass(frozen=True, slots=True)
class Gaps:
    """What is not known of a file system.

    ``everywhere``: a command ran that may have written any file. ``files``: the base image may
    hold any path. ``programs``: it may hold any program. ``below``: folders in which anything
    may be.
    """

    everywhere: bool = False
    files: bool = False
    programs: bool = False
    below: tuple[str, ...] = ()

    def plus(self, below: tuple[str, ...] = (), *, everywhere: bool = False) -> Gaps:
        """The same with more that is not known."""
        if not everywhere and not below:
            return self
        kept = tuple(dict.fromkeys((*self.below, *below)))
        return replace(self, below=kept, everywhere=self.everywhere or everywhere)

    def may_hold(self, path: str, files: FileSystem) -> bool:
        """True when a path that nobody lists may exist all the same."""
        if self.everywhere or self.files or self.covers(path):
            return True
        return _system(path, files) or files.inside_coarse(path)

    def covers(self, path: str) -> bool:
        """True for a path in one of the folders in which anything may be."""
        return any(
            path == one or path.startswith(one.rstrip("/") + "/") or one == "/"
            for one in self.below
        )


KNOWN = Gaps()
"""Everything is listed."""


_BARE = ("/usr/src/", "/usr/app/", "/srv/", "/var/www/", "/var/task/", "/var/app/")
"""Folders of a distribution that are empty until somebody puts something there."""


def _system(path: str, files: FileSystem) -> bool:
    """True for a path among those of which a base image holds more than is listed."""
    parts = path.lstrip("/").split("/")
    if not _based(files) or path.startswith(_BARE):
        return False
    if parts[0] == "home":
        return len(parts) == 2
    if parts[0] == "root":
        return len(parts) < 2 or parts[1].startswith(".")
    if parts[0] == "opt":
        return len(parts) < 2 or files.is_folder(f"/opt/{parts[1]}")
    return parts[0] in SYSTEM


def distribution(files: FileSystem) -> tuple[str, str]:
    """Name and version of the distribution at the bottom: ("debian", "12"); ("", "") if unknown."""
    told = files.layers[0].created_by if files.layers else ""
    for name, pattern in _DISTRIBUTION:
        match = pattern.search(told)
        if match:
            return name, match[1]
    return "", ""


def merged(path: str, files: FileSystem) -> str:
    """The path behind ``/bin``, ``/sbin`` and ``/lib``, links to ``/usr`` but in Alpine."""
    head = path.lstrip("/").partition("/")[0]
    if head not in ("bin", "sbin", "lib", "lib64") or files.lookup("/bin/busybox") is not None:
        return path
    return path if files.lookup(path) is not None else "/usr" + path


def shell_kind(files: FileSystem, program: str = "/bin/sh") -> str:
    """What ``/bin/sh`` really is: dash, bash, busybox; "" when it cannot be told."""
    path, entry = files.resolve(program)
    if entry is None and program == "/bin/sh":
        path = "/bin/busybox" if files.lookup("/bin/busybox") is not None else ""
    name = path.rpartition("/")[2]
    return name if name in ("dash", "bash", "busybox") else ""
