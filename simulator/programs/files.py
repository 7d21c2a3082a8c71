"""What programs may ask of files: one process's view of them, whoever keeps them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Protocol


class Content(Protocol):
    """What is at a path. ``text`` is None where only the size of a file is known."""

    @property
    def path(self) -> str:
        """Where it is, links followed."""

    @property
    def kind(self) -> str:
        """file, dir or symlink."""

    @property
    def size_bytes(self) -> int:
        """Its bytes."""

    @property
    def text(self) -> str | None:
        """What it holds."""

    @property
    def mode(self) -> int:
        """Permission bits."""

    @property
    def uid(self) -> int:
        """Its owner."""

    @property
    def gid(self) -> int:
        """Its group."""

    @property
    def target(self) -> str:
        """Where a symbolic link points."""

    @property
    def files(self) -> int:
        """How many files a folder of a base image stands for."""

    @property
    def modified_s(self) -> float:
        """When it was last written; 0 for what an image holds. In simulated seconds."""

    @property
    def name(self) -> str:
        """The last part of its path."""


class FileSystem(Protocol):
    """Files by absolute path. Errors are those of ``image/problems.py``."""

    def stat(self, path: str, *, follow: bool = True) -> Content:
        """What is at a path."""

    def exists(self, path: str) -> bool:
        """Whether there is something."""

    def is_folder(self, path: str) -> bool:
        """Whether it is a directory."""

    def resolve(self, path: str, *, follow: bool = True) -> str:
        """The path without links and dots."""

    def read(self, path: str, user: Any = ...) -> Content:
        """A file to be read."""

    def entries(self, path: str, user: Any = ...) -> Sequence[Content]:
        """What is in a folder, by name."""

    def write(
        self,
        path: str,
        content: str | bytes | None = None,
        size_bytes: int | None = None,
        *,
        append: bool = False,
        user: Any = ...,
        mode: int = 0o644,
    ) -> Content:
        """Write a file, or add to its end."""

    def mkdir(
        self, path: str, *, parents: bool = False, user: Any = ..., mode: int = 0o755
    ) -> None:
        """Make a folder."""

    def link(self, target: str, path: str, user: Any = ...) -> None:
        """Make a symbolic link."""

    def remove(self, path: str, *, recursive: bool = False, user: Any = ...) -> None:
        """Remove what is at a path."""

    def change(
        self,
        path: str,
        user: Any = ...,
        *,
        mode: int | None = None,
        owner: tuple[int, int] | None = None,
    ) -> None:
        """chmod and chown."""
