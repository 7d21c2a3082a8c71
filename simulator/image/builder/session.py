"""A RUN while its commands take effect: the files it sees, and what it has written so far."""

from __future__ import annotations

import posixpath
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace

from simulator.dockerfile import Mount
from simulator.image.builder.costs import languages, managers
from simulator.image.builder.effects import Effect
from simulator.image.builder.gaps import KNOWN, Gaps, distribution, is_folder, merged, shell_kind
from simulator.image.builder.model import Rates
from simulator.image.builder.variables import DEFAULT_PATH
from simulator.image.builder.words import UNKNOWN
from simulator.image.digests import digest_of, sha256_of
from simulator.image.model import DIRECTORY, SYMLINK, FileEntry
from simulator.image.union import FileSystem, parents

MAX_TEXT = 8192
"""Text of a written file is kept up to this length."""
EXHAUSTIVE = ("alpine", "busybox", "debian", "ubuntu")
"""Distributions whose programs are all listed."""


WRITABLE = (
    "/tmp", "/var/tmp", "/dev", "/home", "/proc", "/run", "/go", "/usr/local/cargo",
    "/usr/local/rustup", "/usr/local/bundle", "/var/lock",
)  # fmt: skip
"""Folders that everybody may write to, in distributions and in the official language images."""


_KIN = {"apt": "apt-get", "yum": "dnf", "microdnf": "dnf"}
"""Package managers that one distribution may have instead of another, by its version."""


@dataclass(frozen=True, slots=True)
class Stream:
    """What goes through a pipe: bytes (None: a few, unknown), and the text where it is known."""

    size_bytes: int | None = None
    text: str | None = None
    random: bool = False

    @classmethod
    def of(cls, text: str) -> Stream:
        """A stream of known text; of unknown text where a part of it is unknown."""
        size = len(text.encode("utf-8", "surrogatepass"))
        return cls(size, text if UNKNOWN not in text and size <= MAX_TEXT else None)


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
    """Content of small context files, by path in the context; only needed for bind mounts."""
    sizes: Mapping[str, int] = field(default_factory=dict)
    """Sizes of context files, by path in the context."""
    gaps: Gaps = KNOWN
    granted: tuple[str, ...] = ()
    """Paths that were given to others than root."""
    architecture: str = "amd64"
    run: int = 0
    """How often the same step has run before: random bytes differ each time."""
    effect: Effect = field(default_factory=Effect)
    status: int = 0
    query: bool = False
    """The last command asked something whose answer is not known."""
    guessed: bool = False
    """The last command is unknown: that it works is assumed."""
    doubt: int = 0
    """Conditions around the command whose outcome is not known."""
    variables: dict[str, str] = field(default_factory=dict)
    """Variables that the script sets."""
    sourced: bool = False
    """A file of variables was read: others may be set."""
    pipefail: bool = False
    errexit: bool = False
    shell: str = ""
    """Which shell runs the script: dash, bash, busybox; "" when it is not known."""
    looked_at: int = 0
    """Names that patterns were compared with."""
    denied: str = ""
    """A path that the command wanted to write and may not."""
    stdin: Stream | None = None
    out: Stream = Stream()
    _mounted: dict[str, FileEntry] = field(default_factory=dict)
    _gone: set[str] = field(default_factory=set)

    # --- paths and files ------------------------------------------------------------------------

    def absolute(self, path: str) -> str:
        """A path against the working directory; ``~`` is the home directory."""
        if path == "~" or path.startswith("~/"):
            path = self.home + path[1:]
        return "/" + posixpath.normpath(posixpath.join(self.cwd, path)).lstrip("/")

    @property
    def home(self) -> str:
        """The home directory of the user."""
        stated = self.variables.get("HOME") or self.env.get("HOME")
        if stated and UNKNOWN not in stated:
            return stated
        return "/root" if self.user in ("", "root", "0") else f"/home/{self.user}"

    def variable(self, name: str) -> str | None:
        """A variable of the script or of the environment; None when unset or unknown."""
        value = self.variables.get(name, self.env.get(name))
        return None if value is None or UNKNOWN in value else value

    def entry(self, path: str) -> FileEntry | None:
        """What is at a path now, including what this RUN has written."""
        if self._mounted and path in self._mounted:
            return self._mounted[path]
        written = self.effect.files.get(path)
        if written is not None:
            return written
        if self._hidden(path):
            return None
        return self.below.lookup(path) or self.below.lookup(merged(path, self.below))

    def resolve(self, path: str) -> FileEntry | None:
        """As ``entry``, with links followed."""
        for _ in range(40):
            entry = self.entry(path)
            if entry is None or entry.kind != SYMLINK:
                return entry
            path = posixpath.normpath(posixpath.join(posixpath.dirname(path), entry.target))
        return None

    def _hidden(self, path: str) -> bool:
        return bool(self._gone) and (
            path in self._gone or any(above in self._gone for above in parents(path))
        )

    def is_folder(self, path: str) -> bool:
        """True for a directory, also one that only the files in it imply."""
        written = self.effect.files.get(path)
        if written is not None:
            return written.kind == DIRECTORY
        prefix = path.rstrip("/") + "/"
        if any(one.startswith(prefix) for one in self.effect.files):
            return True
        return not self._hidden(path) and is_folder(path, self.below)

    def under(self, folder: str) -> dict[str, FileEntry]:
        """Everything at or below a path now."""
        prefix = folder.rstrip("/") + "/"
        found = self.below.under(folder)
        if self._gone:
            found = {path: entry for path, entry in found.items() if not self._hidden(path)}
        for written in (self.effect.files, self._mounted):
            found |= {p: e for p, e in written.items() if p == folder or p.startswith(prefix)}
        return found

    def exists(self, path: str) -> bool:
        """True when something that is listed is at a path, or below it."""
        return self.entry(path) is not None or self.is_folder(path)

    def may_exist(self, path: str) -> bool:
        """True when a path that is not listed may exist all the same."""
        if UNKNOWN in path or self.effect.opaque or self.mount_at(path) is not None:
            return True
        return (
            (not self._hidden(path) and self.gaps.may_hold(path, self.below))
            or Gaps(below=tuple(self.effect.loose)).covers(path)
            or any(
                (one := self.effect.files.get(above)) is not None and one.files > 1
                for above in parents(path)
            )
        )

    def absent(self, path: str) -> bool:
        """True when a path does not exist for sure."""
        return not self.exists(path) and not self.may_exist(path)

    def unlisted(self, path: str) -> bool:
        """As ``absent``, for what a base image would list: it is known to come without."""
        gaps = self.gaps.plus(tuple(self.effect.loose))
        unsure = self.effect.opaque or gaps.everywhere or gaps.files or gaps.programs
        return not unsure and not self.exists(path) and not gaps.covers(path)

    def text_of(self, path: str) -> str | None:
        """The content of a small file, where it is known."""
        bound = self.bound(path)
        if bound is not None:
            return self.texts.get(bound)
        entry = self.resolve(path)
        return entry.text if entry is not None else None

    def size_of(self, path: str) -> int | None:
        """The size of a file, also of one that a bind mount shows; None when it is not there."""
        bound = self.bound(path)
        if bound is not None:
            return self.sizes.get(bound)
        entry = self.resolve(path)
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

    # --- writing --------------------------------------------------------------------------------

    def show(self, target: str, root: str, found: Mapping[str, FileEntry]) -> None:
        """Have a mount show the files below ``root`` of somewhere else."""
        at = self.absolute(target)
        for path, entry in found.items():
            tail = path[len(root.rstrip("/")) :]
            self._mounted[at + tail] = replace(entry, path=at + tail)

    def put(self, entry: FileEntry) -> None:
        """Write an entry. What goes into a mount is there for this RUN, and not in the layer."""
        if self.denied_at(entry.path):
            self.denied = self.denied or entry.path
        elif self.mount_over(entry.path, entry.files > 1) is not None:
            self._mounted[entry.path] = entry
        else:
            self.effect.write(entry)

    def write(
        self, path: str, size_bytes: int, *, files: int = 1, mode: int = 0,
        text: str | None = None, random: bool = False,
    ) -> None:  # fmt: skip
        """Write a file, or with ``files`` > 1 a directory that stands for them."""
        random = random or self.effect.random
        self.effect.random = random
        folder = files > 1
        bits = mode or (0o755 if folder else 0o644)
        kind = DIRECTORY if folder else "file"
        digest = digest_of("made", self.key, path, str(self.run) if random else "")
        if text is not None:
            digest = sha256_of(text.encode("utf-8", "surrogatepass"))
        self.put(FileEntry(path, size_bytes, bits, digest, kind, files=files, text=text))

    def program(self, path: str, size_bytes: int = 0) -> None:
        """Write an executable."""
        self.write(path, size_bytes, mode=0o755)

    def remove(self, path: str) -> None:
        """Remove what is at or below a path."""
        prefix = path.rstrip("/") + "/"
        for held in (self.effect.files, self._mounted):
            for written in [p for p in held if p == path or p.startswith(prefix)]:
                del held[written]
        if self.below.exists(path):
            self._gone.add(path)
            self.effect.removes.append(path)

    def loosen(self, *folders: str) -> None:
        """Anything may now be in these folders."""
        kept = [one.partition(UNKNOWN)[0] for one in folders]
        whole = [one.rpartition("/")[0] or "/" if UNKNOWN in folders[at] else one
                 for at, one in enumerate(kept)]  # fmt: skip
        self.effect.loose.extend(one for one in whole if one not in self.effect.loose)

    def mount_at(self, path: str) -> Mount | None:
        """The mount that holds a path."""
        return self.mount_over(path, False)

    def mount_over(self, path: str, folder: bool) -> Mount | None:
        """The mount that holds a path; of a whole ``folder`` also one inside it."""
        prefix = path.rstrip("/") + "/"
        for mount in self.mounts:
            target = self.absolute(mount.target) if mount.target else ""
            if not target and mount.type == "secret" and mount.id:
                target = f"/run/secrets/{mount.id}"
            if not target:
                continue
            if path == target or path.startswith(target.rstrip("/") + "/"):
                return mount
            if folder and mount.type == "cache" and target.startswith(prefix):
                return mount
        return None

    # --- programs and rights --------------------------------------------------------------------

    def has(self, program: str) -> bool:
        """True when a program that is listed is on the PATH."""
        return self.where(program) is not None

    @property
    def path(self) -> list[str]:
        """The folders in which programs are looked for."""
        return (self.variable("PATH") or DEFAULT_PATH).split(":")

    def lacks(self, program: str) -> bool:
        """True when the image does not have a program for sure."""
        if self.has(program) or self.windows:
            return False
        if program in managers() and any(
            self.has(one) for one in managers() if _KIN.get(one, one) != _KIN.get(program, program)
        ):
            return True
        if self.gaps.programs or self.gaps.everywhere or self.effect.opaque:
            return False
        loose = Gaps(below=(*self.gaps.below, *self.effect.loose))
        if any(loose.covers(folder) for folder in self.path):
            return False
        known = distribution(self.below)[0] in EXHAUSTIVE
        return known or program in languages()

    def shadowed(self, found: str) -> bool:
        """True when another program of that name may come first on the PATH, or be the only one."""
        folder, name = posixpath.split(found)
        before = self.path[: self.path.index(folder)] if folder in self.path else []
        return self.effect.opaque or any(
            self.may_exist(f"{one}/{name}") and Gaps(below=tuple(self.effect.loose)).covers(one)
            for one in before
        )

    @property
    def windows(self) -> bool:
        """True in a Windows image, whose programs the model does not list."""
        return self.below.lookup("/Windows/System32/cmd.exe") is not None

    @property
    def sh(self) -> str:
        """What ``/bin/sh`` is here: dash, bash, busybox, or "" where it cannot be told."""
        return shell_kind(self.below)

    def where(self, program: str) -> str | None:
        """The path of a program, as execvp finds it."""
        if "/" in program:
            path = self.absolute(program)
            held = self.entry(path) is not None or self.mount_at(path) is not None
            return path if held else None
        for folder in self.path:
            path = posixpath.join(folder or "/", program)
            if self.entry(path) is not None:
                return path
        return None

    @property
    def is_root(self) -> bool:
        """True for the superuser."""
        return self.user in ("", "root", "0")

    def denied_at(self, path: str) -> bool:
        """True when the user may not write at a path for sure."""
        if self.is_root or self.effect.opaque or self.mount_at(path) is not None:
            return False
        gaps = self.gaps
        if gaps.everywhere or gaps.files or gaps.programs:
            return False
        return not Gaps(below=(*WRITABLE, self.home, *self.granted)).covers(path)

    def fail(self, code: int, output: str) -> None:
        """The command ends with an exit code."""
        self.status = code
        if not self.doubt:
            self.effect.output = output
