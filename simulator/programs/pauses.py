"""What a program does that takes time, as data: whoever runs it lets that time pass."""

from __future__ import annotations

from dataclasses import dataclass
from math import inf


@dataclass(frozen=True, slots=True)
class Ended:
    """It is over."""

    code: int


@dataclass(frozen=True, slots=True)
class Waits:
    """It sleeps for so many seconds, infinity for ever, and then goes on (or ends) with a code."""

    seconds: float
    code: int = 0
    what: str = ""
    """What one sees in a list of processes meanwhile."""


@dataclass(frozen=True, slots=True)
class Computes:
    """CPU-seconds of work."""

    cpu_s: float
    code: int = 0
    what: str = ""


@dataclass(frozen=True, slots=True)
class Burns:
    """So many threads compute and never stop."""

    threads: int = 1
    what: str = ""
    fills: str = ""
    """Where what it prints without end goes: ``stdout``, or the path of a file."""
    grows_bytes_s: float = 0.0
    """Memory that it takes meanwhile, bytes a second."""


@dataclass(frozen=True, slots=True)
class Asks:
    """It asks a server, waits for the answer, pauses, and asks again: a loop of ``curl``."""

    host: str
    port: int
    pause_s: float
    """From an answer to the next request."""
    callers: int = 1
    """How many do so side by side."""
    most: int | None = None
    """After so many requests of all of them it goes on; None: never."""
    lasts_s: float = inf
    """After so many seconds it goes on."""
    patience_s: float | None = None
    """How long one waits for an answer; None: for ever."""
    programs: int = 0
    """How many are started for each request, which takes time too."""
    what: str = ""


@dataclass(frozen=True, slots=True)
class Heard:
    """What came of the requests of ``Asks``; times in seconds."""

    ok: int = 0
    failed: int = 0
    lasted_s: float = 0.0
    mean_s: float = 0.0
    fastest_s: float = 0.0
    slowest_s: float = 0.0


@dataclass(frozen=True, slots=True)
class Serves:
    """It is no small tool but a program of its own: what that does, its workload says."""

    argv: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Reads:
    """A shell waits for a line to be typed; this is its prompt."""

    prompt: str


@dataclass(frozen=True, slots=True)
class Runs:
    """It runs another program in its own place (``env``, ``exec``, ``timeout``)."""

    argv: tuple[str, ...]
    env: tuple[tuple[str, str], ...] | None = None
    """Its whole environment, where it is not the caller's."""
    limit_s: float | None = None
    """It is ended after so many seconds, with code 124."""


@dataclass(frozen=True, slots=True)
class Interprets:
    """It carries out a script: a shell's ``-c``, or a file of commands."""

    text: str
    name: str = "sh"
    arguments: tuple[str, ...] = ()
    options: frozenset[str] = frozenset()
    interactive: bool = False


Pause = Ended | Waits | Computes | Burns | Asks | Serves | Reads
Outcome = int | Waits | Computes | Burns | Asks | Serves | Runs | Interprets
"""What a program brings about: an exit code at once, or something that takes time."""
