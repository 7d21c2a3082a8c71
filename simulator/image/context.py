"""The build context: which files a build may copy, by path, size and digest.

Reading a directory hashes files and never executes, follows links or opens devices. Modification
times are ignored, as the build cache ignores them.
"""

from __future__ import annotations

import posixpath
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from simulator.errors import InputError
from simulator.image.digests import digest_of_all, sha256_of
from simulator.image.globs import compile_glob, has_wildcard
from simulator.image.model import DIRECTORY, FILE, SYMLINK

MAX_CONTENT_BYTES = 64 * 1024
"""Text of files up to this size is kept, for the checks that read it (requirements, secrets)."""
MAX_LINKS = 40


class Ignore(Protocol):
    """What a .dockerignore says."""

    def excludes(self, path: str) -> bool:
        """True when the file is not sent to the builder."""

    def prunes(self, directory: str) -> bool:
        """True when nothing in a directory is sent, so that it need not be looked into."""


@dataclass(frozen=True, slots=True)
class ContextFile:
    """One file of a context. ``content`` only for small texts, ``target`` only for links."""

    size_bytes: int
    digest: str
    mode: int = 0o644
    content: str | None = field(default=None, repr=False)
    kind: str = FILE
    target: str = ""

    def identity(self) -> str:
        """What the build cache compares: everything but times."""
        return f"{self.kind} {self.mode & 0o7777:o} {self.digest} {self.target}"


@dataclass(frozen=True, slots=True)
class BuildContext:
    """Files by '/'-separated relative path, sorted. ``skipped`` says what was left out and why."""

    files: Mapping[str, ContextFile]
    name: str = "."
    skipped: tuple[tuple[str, str], ...] = ()
    ignored_files: int = 0
    filtered: bool = False
    """What a .dockerignore leaves out is out already: another one beside it counts for nothing."""

    @classmethod
    def from_mapping(
        cls, files: Mapping[str, str | int | ContextFile], *, name: str = "."
    ) -> BuildContext:
        """A context from texts and sizes; a size stands for a file of unknown content."""
        read = {_clean(path): _context_file(path, value) for path, value in files.items()}
        return cls(dict(sorted(read.items())), name)

    @property
    def size_bytes(self) -> int:
        """Bytes that go to the builder."""
        return sum(one.size_bytes for one in self.files.values())

    @property
    def digest(self) -> str:
        """One digest for everything in the context."""
        return digest_of_all(f"{path} {one.identity()}" for path, one in self.files.items())

    def without(self, ignore: Ignore) -> BuildContext:
        """The context that a .dockerignore leaves."""
        kept = {path: one for path, one in self.files.items() if not ignore.excludes(path)}
        gone = len(self.files) - len(kept)
        return BuildContext(kept, self.name, self.skipped, self.ignored_files + gone, True)

    def select(self, source: str) -> dict[str, ContextFile]:
        """The files a COPY source means: the paths it matches and everything below them.

        Empty when nothing matches. A path that leaves the context is taken from its root, as
        BuildKit does. InputError for a loop of links and for a file that could not be read.
        """
        path = self.resolved(source)
        if not path:
            return dict(self.files)
        if has_wildcard(path):
            return self._matching(path)
        chosen = self._at_or_below(path)
        if not chosen:
            for skipped, reason in self.skipped:
                if skipped == path:
                    raise InputError(f"failed to read {path}", found=reason)
        return chosen

    def resolved(self, source: str) -> str:
        """The path in the context that a source means, links at its end followed."""
        path = posixpath.normpath("/" + source).lstrip("/")
        return path if has_wildcard(path) else self._follow(path)

    def _matching(self, pattern: str) -> dict[str, ContextFile]:
        """A pattern matches whole paths, so a directory that matches brings its content."""
        depth = pattern.count("/") + 1
        glob = compile_glob(pattern)
        return {
            path: one
            for path, one in self.files.items()
            if glob.fullmatch("/".join(path.split("/")[:depth]))
        }

    def _at_or_below(self, path: str) -> dict[str, ContextFile]:
        prefix = path + "/"
        exact = self.files.get(path)
        if exact is not None and exact.kind != DIRECTORY:
            return {path: exact}
        return {
            name: one for name, one in self.files.items() if name == path or name.startswith(prefix)
        }

    def _follow(self, path: str) -> str:
        """The path behind a link that is itself the source; never outside the context."""
        for _ in range(MAX_LINKS):
            one = self.files.get(path)
            if one is None or one.kind != SYMLINK:
                return path
            joined = posixpath.join("/", posixpath.dirname(path), one.target)
            path = posixpath.normpath(joined).lstrip("/")
        raise InputError("too many levels of symbolic links", found=path)

    def to_data(self) -> dict[str, Any]:
        """Plain data for a command log; ``from_data`` reads it back."""
        return {
            "name": self.name,
            "files": {path: _to_data(one) for path, one in self.files.items()},
            "skipped": [list(pair) for pair in self.skipped],
            "ignored_files": self.ignored_files,
            "filtered": self.filtered,
        }

    @classmethod
    def from_data(cls, data: Mapping[str, Any]) -> BuildContext:
        """The context that ``to_data`` wrote."""
        files = {path: ContextFile(*one) for path, one in data["files"].items()}
        skipped = tuple((pair[0], pair[1]) for pair in data["skipped"])
        filtered = bool(data.get("filtered", False))
        return cls(files, data["name"], skipped, data["ignored_files"], filtered)


EMPTY = BuildContext({})


def _to_data(one: ContextFile) -> list[Any]:
    return [one.size_bytes, one.digest, one.mode, one.content, one.kind, one.target]


def _context_file(path: str, value: str | int | ContextFile) -> ContextFile:
    if isinstance(value, ContextFile):
        return value
    if isinstance(value, str):
        data = value.encode("utf-8", "surrogatepass")
        kept = value if len(data) <= MAX_CONTENT_BYTES else None
        return ContextFile(len(data), sha256_of(data), content=kept)
    if value < 0:
        raise InputError("a file cannot have a negative size", found=value, expected="bytes")
    return ContextFile(value, sha256_of(f"{path} {value}".encode()))


def _clean(path: str) -> str:
    clean = posixpath.normpath(path.replace("\\", "/"))
    if clean.startswith(("/", "..")) or clean == ".":
        raise InputError("not a path inside the context", found=path, expected="a relative path")
    return clean
