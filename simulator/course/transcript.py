"""Transcripts: what a student did, small enough to mail, exact enough to replay.

    drydock transcript 1
    lesson: surge-by-hand 0f3c…
    seed: 7
    student: Ada

    0.0	:predict surge 3
    0.0	docker build -t shop .
    …

After the empty line each line is a simulated time, a tab, and what was typed then. What begins
with a colon was done to the lesson, everything else at the prompt.
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from pathlib import Path

from simulator.errors import InputError, Place, unknown
from simulator.files import read_text

MAX_BYTES = 4 * 1024 * 1024
MAX_ENTRIES = 20_000
MAX_SEED = 2**63 - 1
MAX_CHARACTERS = 4000
MAX_EDIT_CHARACTERS = 24_000
"""Of a line that writes a whole file: ``edit FILE text '…'``."""
MAX_TIME_S = 1e9
FORMAT = "drydock transcript 1"
_KEYS = ("lesson", "seed", "student", "started", "finished", "model")


@dataclass(frozen=True, slots=True)
class Entry:
    """One thing done, and the simulated time at which it was done."""

    time: float
    text: str

    @property
    def line(self) -> str:
        """As it stands in the file."""
        return f"{self.time!r}\t{self.text}"


@dataclass(frozen=True, slots=True)
class Transcript:
    """Lesson, seed, and everything done, in order."""

    lesson: str
    hash: str
    seed: int
    student: str = ""
    started: str = ""
    finished: str = ""
    model: str = ""
    entries: tuple[Entry, ...] = field(default=())

    def head(self) -> str:
        """The lines before the entries."""
        lines = [FORMAT, f"lesson: {self.lesson} {self.hash}", f"seed: {self.seed}"]
        for key in ("student", "started", "finished", "model"):
            value = " ".join(getattr(self, key).split())
            if value:
                lines.append(f"{key}: {value}")
        return "\n".join(lines) + "\n\n"

    def text(self) -> str:
        """The whole file."""
        return self.head() + "".join(f"{entry.line}\n" for entry in self.entries)

    @property
    def digest(self) -> str:
        """Names what was done, not by whom: equal work has equal digests."""
        body = "".join(f"{entry.line}\n" for entry in self.entries)
        return hashlib.blake2b(body.encode(), digest_size=8).hexdigest()

    def with_entries(self, entries: Iterable[Entry]) -> Transcript:
        """The same head with these entries."""
        return replace(self, entries=tuple(entries))


def read_transcript(path: Path) -> Transcript:
    """The transcript in a file."""
    text = read_text(path, limit_bytes=MAX_BYTES, what="transcript")
    return parse_transcript(text, str(path))


def parse_transcript(text: str, name: str = "transcript") -> Transcript:
    """The transcript in a text; a last line that was cut off by a crash is left out."""
    lines = text.split("\n")
    if lines[0].strip() != FORMAT:
        raise InputError(
            "this is no transcript", place=Place(name, 1), found=lines[0], expected=f"'{FORMAT}'"
        )
    end = next((i for i, line in enumerate(lines) if not line.strip()), len(lines))
    head = _head(lines[1:end], name)
    lesson, _, digest = head.get("lesson", "").partition(" ")
    if not lesson:
        raise InputError("a transcript names its lesson", place=Place(name, 2))
    seed = head.get("seed", "")
    if not (seed.isascii() and seed.isdigit() and len(seed) < 20 and int(seed) <= MAX_SEED):
        raise InputError("bad seed", place=Place(name, 2), found=seed)
    body = lines[end + 1 : -1]  # what follows the last newline is empty, or a line cut off
    if len(body) > MAX_ENTRIES:
        raise InputError("transcript too long", place=Place(name), expected=f"{MAX_ENTRIES} lines")
    entries = tuple(
        _entry(line, Place(name, end + 2 + i)) for i, line in enumerate(body) if line.strip()
    )
    others = {key: head.get(key, "") for key in ("student", "started", "finished", "model")}
    return Transcript(lesson, digest.strip(), int(seed), **others, entries=entries)


def _head(lines: list[str], name: str) -> dict[str, str]:
    head: dict[str, str] = {}
    for number, line in enumerate(lines, start=2):
        key, colon, value = line.partition(":")
        if not colon or key not in _KEYS:
            raise unknown("key in a transcript", key, _KEYS, Place(name, number))
        head[key] = value.strip()
    return head


def _entry(line: str, place: Place) -> Entry:
    time, tab, text = line.partition("\t")
    try:
        value = float(time)
    except ValueError:
        value = math.nan
    if not tab or not 0 <= value <= MAX_TIME_S:
        raise InputError(
            "bad line", place=place, found=line, expected="a time in seconds, a tab, a command"
        )
    limit = MAX_EDIT_CHARACTERS if text.startswith("edit ") else MAX_CHARACTERS
    if not text.strip() or not text.isprintable() or len(text) > limit:
        raise InputError("bad command", place=place, found=text)
    return Entry(value, text)
