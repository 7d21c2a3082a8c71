"""Where output goes and input comes from: plain objects, so that they can be copied."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Protocol

from simulator.errors import Refused
from simulator.image.problems import FileProblem
from simulator.programs.files import FileSystem

MAX_BUFFER = 1 << 18
"""Characters that a pipe or a ``$(…)`` may carry, and that are shown of what is printed at once."""


CHARACTERS_A_STEP = 100
"""Text that is written counts as steps, too: what reads it takes time for each character."""


class Owner(Protocol):
    """Whose streams these are."""

    @property
    def files(self) -> FileSystem:
        """Its files."""

    @property
    def user(self) -> object:
        """As whom it writes them."""

    def show(self, stream: str, text: str) -> None:
        """Print it."""

    def spend(self, steps: int) -> None:
        """Count steps of an instant."""


class Sink:
    """Takes text; nothing of it stays."""

    bounded = False
    """Whether whoever reads it stops some time, so that an endless writer ends."""

    def put(self, owner: Owner, text: str) -> None:
        """Write text."""
        owner.spend(len(text) // CHARACTERS_A_STEP)

    def put_bytes(self, owner: Owner, count: int) -> None:
        """Write bytes of which nothing is known."""


class Console(Sink):
    """stdout or stderr of the whole process."""

    def __init__(self, stream: str) -> None:
        self.stream = stream

    def put(self, owner: Owner, text: str) -> None:
        """Show it."""
        super().put(owner, text)
        owner.show(self.stream, text)

    def put_bytes(self, owner: Owner, count: int) -> None:
        """Nobody can read it."""
        owner.show(self.stream, f"(binary data, {count} bytes)\n" if count else "")


class Buffer(Sink):
    """A pipe, or what a ``$(…)`` collects."""

    bounded = True

    def __init__(self) -> None:
        self.parts: list[str] = []
        self.size = 0
        self.extra_bytes = 0

    def put(self, owner: Owner, text: str) -> None:
        """Keep it, as far as there is room."""
        super().put(owner, text)
        room = MAX_BUFFER - self.size
        if len(text) > room:
            raise Refused(f"more than {MAX_BUFFER} characters in a pipe are not modelled")
        self.parts.append(text)
        self.size += len(text)

    def put_bytes(self, owner: Owner, count: int) -> None:
        """Count them."""
        self.extra_bytes += count

    @property
    def text(self) -> str:
        """All of it."""
        return "".join(self.parts)


class ToFile(Sink):
    """A file opened for writing; what is written goes to its end."""

    def __init__(self, path: str) -> None:
        self.path = path

    def put(self, owner: Owner, text: str) -> None:
        """Add to it."""
        super().put(owner, text)
        owner.files.write(self.path, text, append=True, user=owner.user)

    def put_bytes(self, owner: Owner, count: int) -> None:
        """Add to it."""
        owner.files.write(self.path, None, count, append=True, user=owner.user)


class Given:
    """Input that is there as a whole, with how far it has been read."""

    def __init__(self, text: str, extra_bytes: int = 0) -> None:
        self.text = text
        self.at = 0
        self.extra_bytes = extra_bytes

    def rest(self) -> str:
        """All that has not been read."""
        start, self.at = self.at, len(self.text)
        return self.text[start:]

    def line(self) -> str | None:
        """The next line without its end; None after the last."""
        if self.at >= len(self.text):
            return None
        end = self.text.find("\n", self.at)
        start, self.at = self.at, (len(self.text) if end < 0 else end + 1)
        return self.text[start : len(self.text) if end < 0 else end]


class Endless:
    """/dev/zero, /dev/urandom or a terminal: there is no end to it."""

    def __init__(self, path: str) -> None:
        self.path = path


Source = Given | Endless | None
NULL = Sink()
OUT, ERR = Console("stdout"), Console("stderr")
ENDLESS_FILES = ("/dev/zero", "/dev/urandom", "/dev/random")
DEVICES = ("/dev/null", "/dev/stdout", "/dev/stderr", "/dev/tty", "/dev/full", *ENDLESS_FILES)


@dataclass(frozen=True, slots=True)
class Streams:
    """What a command reads from and writes to."""

    source: Source = None
    out: Sink = OUT
    err: Sink = ERR

    def to(self, stream: int, sink: Sink) -> Streams:
        """The same with one output elsewhere."""
        return replace(self, out=sink) if stream == 1 else replace(self, err=sink)


def opened(owner: Owner, path: str, streams: Streams, *, append: bool) -> Sink:
    """A file, or device, to be written; FileProblem where it cannot be."""
    if path == "/dev/null":
        return NULL
    if path in ("/dev/stdout", "/proc/self/fd/1", "/proc/1/fd/1"):
        return streams.out if path != "/proc/1/fd/1" else OUT
    if path in ("/dev/stderr", "/proc/self/fd/2", "/proc/1/fd/2"):
        return streams.err if path != "/proc/1/fd/2" else ERR
    if path == "/dev/tty":
        return OUT
    if path.startswith(("/proc/", "/sys/")):
        raise Refused(f"writing to {path} is not modelled")
    owner.files.write(path, "", append=append, user=owner.user)
    return ToFile(path)


__all__ = ["FileProblem", "Streams", "opened"]
