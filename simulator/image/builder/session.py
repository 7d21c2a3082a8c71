"""A RUN while its commands take effect: the files it sees, and what it has written so far."""

from __future__ import annotations

import posixpath
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from simulator.dockerfile import Mount
from simulator.image.builder.effects import Effect
from simulator.image.builder.model import Rates
from simulator.image.builder.variables import DEFAULT_PATH
from simulator.image.digests import digest_of
from simulator.image.model import DIRECTORY, FileEntry
from simulator.image.union import FileSystem, parents


@dataclass(slots=True)
class Session:
    """A RUN while its commands take effect, one after the other."""

    below: FileSystem
    env: Mapping[str, str]
    cwd: str
    user: str
    key: str
    rates: Rates
    mounts: tuple[Mount, ...] = ()
    warm: Callable[[str], frozenset[str]] = lambda _: frozenset()
    texts: Mapping[str, str] = field(default_factory=dict)
    """Content of small context files, by digest."""
    sizes: Mapping[str, int] = field(default_factory=dict)
    """Sizes of context files, by path in the context."""
    known: bool = True
    effect: Effect = field(default_factory=Effect)
    status: int = 0
    exits: bool = False
    variables: dict[str, str] = field(default_factory=dict)
    """Variables that the script sets."""
    pipefail: bool = False
    errexit: bool = False
    _gone: set[str] = field(default_factory=set)

    def absolute(self, path: str) -> str:
        """A path against the working directory; ``~`` is the home directory."""
        if path == "~" or path.startswith("~/"):
            path = self.home + path[1:]
        for name in ("HOME", "PWD"):
            if path.startswith((f"${name}", f"${{{name}}}")):
                value = self.home if name == "HOME" else self.cwd
                path = path.replace(f"${{{name}}}", value).replace(f"${name}", value)
        return "/" + posixpath.normpath(posixpath.join(self.cwd, path)).lstrip("/")

    @property
    def home(self) -> str:
        """The home directory of the user."""
        return "/root" if self.user in ("", "root", "0") else f"/home/{self.user}"

    def entry(self, path: str) -> FileEntry | None:
        """What is at a path now, including what this RUN has written."""
        written = self.effect.files.get(path)
        if written is not None:
            return written
        if path in self._gone or any(above in self._gone for above in parents(path)):
            return None
        return self.below.lookup(path)

    def under(self, folder: str) -> dict[str, FileEntry]:
        """Everything at or below a path now."""
        prefix = folder.rstrip("/") + "/"
        found = {
            path: entry
            for path, entry in self.below.under(folder).items()
            if path not in self._gone and not any(above in self._gone for above in parents(path))
        }
        written = self.effect.files.items()
        return found | {p: one for p, one in written if p == folder or p.startswith(prefix)}

    def text_of(self, path: str) -> str | None:
        """The content of a small file that came from the context."""
        bound = self.bound(path)
        if bound is not None:
            return self.texts.get(bound)
        entry = self.entry(path)
        return self.texts.get(entry.digest) if entry is not None else None

    def size_of(self, path: str) -> int | None:
        """The size of a file, also of one that a bind mount shows; None when it is not there."""
        bound = self.bound(path)
        if bound is not None:
            return self.sizes.get(bound)
        entry = self.entry(path)
        return entry.size_bytes if entry is not None else None

    def bound(self, path: str) -> str | None:
        """The path in the context that a bind mount shows at a path."""
        for mount in self.mounts:
            target = self.absolute(mount.target)
            if mount.type != "bind" or mount.from_:
                continue
            if path == target or path.startswith(target.rstrip("/") + "/"):
                joined = posixpath.join("/", mount.source, path[len(target) :].lstrip("/"))
                return posixpath.normpath(joined).lstrip("/")
        return None

    def write(self, path: str, size_bytes: int, *, files: int = 1, mode: int = 0) -> None:
        """Write a file, or with ``files`` > 1 a directory that stands for them.

        What goes into a mount leaves no trace in the layer.
        """
        if self.mount_at(path) is not None:
            return
        folder = files > 1
        bits = mode or (0o755 if folder else 0o644)
        kind = DIRECTORY if folder else "file"
        digest = digest_of("made", self.key, path)
        self.effect.write(FileEntry(path, size_bytes, bits, digest, kind, files=files))

    def program(self, path: str, size_bytes: int = 0) -> None:
        """Write an executable."""
        self.write(path, size_bytes, mode=0o755)

    def remove(self, path: str) -> None:
        """Remove what is at or below a path."""
        prefix = path.rstrip("/") + "/"
        for written in [p for p in self.effect.files if p == path or p.startswith(prefix)]:
            del self.effect.files[written]
        if self.below.exists(path):
            self._gone.add(path)
            self.effect.removes.append(path)

    def mount_at(self, path: str) -> Mount | None:
        """The mount that holds a path."""
        for mount in self.mounts:
            target = self.absolute(mount.target) if mount.target else ""
            if target and (path == target or path.startswith(target.rstrip("/") + "/")):
                return mount
        return None

    def has(self, program: str) -> bool:
        """True when a program is on the PATH, or may be: unknown writers came before."""
        return self.where(program) is not None

    @property
    def windows(self) -> bool:
        """True in a Windows image, whose programs the model does not list."""
        return self.below.lookup("/Windows/System32/cmd.exe") is not None

    def where(self, program: str) -> str | None:
        """The path of a program, as execvp finds it."""
        if "/" in program:
            path = self.absolute(program)
            held = self.entry(path) is not None or self.mount_at(path) is not None
            return path if held else None
        for folder in self.env.get("PATH", DEFAULT_PATH).split(":"):
            path = posixpath.join(folder or "/", program)
            if self.entry(path) is not None:
                return path
        return None

    def fail(self, code: int, output: str) -> None:
        """The command ends with an exit code."""
        self.status = code
        self.effect.output = output
