"""What a file system refuses, by kind: who speaks for a program or a tool finds its own sentence.

``says`` is what the C library calls the error number (``strerror``).
"""

from __future__ import annotations

from simulator.errors import Refused


class FileProblem(Refused):
    """A file system refuses what was asked of a path."""

    says = "Input/output error"

    def __init__(self, path: str) -> None:
        super().__init__(f"{path}: {self.says}")
        self.path = path


class NoSuchFile(FileProblem):
    """There is nothing at the path (ENOENT)."""

    says = "No such file or directory"


class NotListed(NoSuchFile):
    """The path lies in a folder of a base image whose files are known as a sum only."""


class NotADirectory(FileProblem):
    """Something on the way is a file (ENOTDIR)."""

    says = "Not a directory"


class IsADirectory(FileProblem):
    """A file is wanted, and a folder is there (EISDIR)."""

    says = "Is a directory"


class NotEmpty(FileProblem):
    """A folder that holds something cannot be removed (ENOTEMPTY)."""

    says = "Directory not empty"


class Exists(FileProblem):
    """There is something at the path already (EEXIST)."""

    says = "File exists"


class PermissionDenied(FileProblem):
    """The mode of a file or folder does not let this user (EACCES)."""

    says = "Permission denied"


class ReadOnly(FileProblem):
    """The file system is mounted for reading alone (EROFS)."""

    says = "Read-only file system"


class TooManyLinks(FileProblem):
    """Links that lead to links, without an end (ELOOP)."""

    says = "Too many levels of symbolic links"


class NameTooLong(FileProblem):
    """A path, or a part of one, has more bytes than a kernel takes (ENAMETOOLONG)."""

    says = "File name too long"


class Busy(FileProblem):
    """Something is mounted there (EBUSY)."""

    says = "Device or resource busy"


class NoSpace(FileProblem):
    """The disk, or its table of files, is full (ENOSPC: one sentence for both)."""

    says = "No space left on device"
    written_bytes = 0
    """What of a write there was space for."""
