"""What a program may see and do while it runs: its machine, its files, its network, its neighbours.

A view is made anew each time a program goes on, and never kept: what it shows is now.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from simulator.machine.seat import Seat
from simulator.programs.files import FileSystem


@dataclass(frozen=True, slots=True)
class Installed:
    """What a package manager or a download did: its output, its code, and how long it takes."""

    lines: tuple[str, ...] = ()
    code: int = 0
    seconds: float = 0.0


@dataclass(frozen=True, slots=True)
class Reply:
    """What a server answered, or the reason why there is none.

    ``problem`` is one of refused, unknown (no such name), unreachable (no such host), no way (no
    network leads there), timeout, or nothing.
    """

    problem: str = ""
    status: int = 200
    body: str = ""
    seconds: float = 0.0
    address: str = "127.0.0.1"
    waiting: str = ""
    """The container that will answer there when it has started, as its machine knows it."""


class FileSystemUse(Protocol):
    """One line of ``df``."""

    @property
    def source(self) -> str:
        """What is mounted."""

    @property
    def type(self) -> str:
        """overlay, tmpfs, ext4."""

    @property
    def target(self) -> str:
        """Where."""

    @property
    def size_bytes(self) -> int:
        """How large it is."""

    @property
    def used_bytes(self) -> int:
        """How much of it is taken."""

    @property
    def inodes(self) -> int:
        """How many files it has room for."""

    @property
    def used_inodes(self) -> int:
        """How many it has."""


def no_disks(path: str | None) -> Sequence[FileSystemUse]:
    """Where nothing is mounted."""
    return ()


@dataclass(frozen=True, slots=True)
class Interface:
    """One interface, with the router that leads on from it, where one does."""

    name: str
    address: str
    length: int
    mac: str
    gateway: str = ""


class Network(Protocol):
    """Who answers whom, as the network of a container knows it."""

    def ask(self, host: str, port: int, path: str) -> Reply:
        """Ask a server; ``path`` is empty where it is only connected to."""

    def lookup(self, name: str) -> tuple[str, ...]:
        """The addresses of a name."""

    def leaves(self) -> bool:
        """Whether a way leads out of the machine."""

    def takes_load(self, host: str, port: int) -> bool:
        """Whether requests that come again and again reach servers that work for each."""

    def interfaces(self) -> tuple[Interface, ...]:
        """All but the loopback."""

    def listening(self) -> tuple[tuple[str, str, int], ...]:
        """Protocol, address and port of all on which somebody listens."""


class Loopback:
    """A network of which nothing is known but the process itself."""

    def ask(self, host: str, port: int, path: str) -> Reply:
        """Nobody listens."""
        return Reply("refused" if host in ("localhost", "127.0.0.1", "::1") else "unknown")

    def lookup(self, name: str) -> tuple[str, ...]:
        """Only itself."""
        return ("127.0.0.1",) if name == "localhost" else ()

    def leaves(self) -> bool:
        """Nowhere."""
        return False

    def takes_load(self, host: str, port: int) -> bool:
        """Nobody is there."""
        return False

    def interfaces(self) -> tuple[Interface, ...]:
        """None but the loopback."""
        return ()

    def listening(self) -> tuple[tuple[str, str, int], ...]:
        """Nobody."""
        return ()


def no_signals(pid: int, signal: str) -> None:
    """Where nobody can be signalled."""


def no_memory(size_bytes: int) -> None:
    """Where nobody counts memory."""


def nothing_installed(argv: Sequence[str], env: Mapping[str, str], cwd: str) -> Installed | None:
    """Where nobody installs anything."""
    return None


def nothing_said() -> Sequence[tuple[float, str]] | None:
    """Where the kernel's log may not be read."""
    return None


def no_kernel(path: str, text: str) -> str:
    """Where no kernel can be told anything."""
    return "Read-only file system"


@dataclass(slots=True)
class View:
    """The surroundings of one process, now."""

    seat: Seat
    files: FileSystem
    now_s: float = 0.0
    """Simulated time in seconds."""
    started_s: float = 0.0
    """When the machine was started."""
    user: object = None
    """As whom files are used."""
    network: Network = field(default_factory=Loopback)
    signal: Callable[[int, str], None] = no_signals
    hold: Callable[[int], None] = no_memory
    """Takes memory; it may be that the process is killed for it."""
    install: Callable[[Sequence[str], Mapping[str, str], str], Installed | None] = nothing_installed
    """Carries out programs that fetch and install, by the models that builds use."""
    kernel_log: Callable[[], Sequence[tuple[float, str]] | None] = nothing_said
    """Seconds and lines that the kernel said; None where nobody may read them."""
    set_kernel: Callable[[str, str], str] = no_kernel
    """Writes a file of ``/proc/sys``; what comes of it is why that failed, or nothing."""
    unlisted: Sequence[str] = ()
    """Folders in which there may be programs that nobody lists; / is anywhere."""
    disk_bytes_s: float = 200e6
    disks: Callable[[str | None], Sequence[FileSystemUse]] = no_disks
    """All file systems, or the one that a path lies on."""
