"""Transcripts: what a student did, small enough to mail, exact enough to replay.

    drydock transcript 2
    lesson: surge-by-hand 0f3c…
    seed: 7
    student: ada@example.org
    model: 0.1.0

    0.0	:predict surge 3
    0.0	docker build -t shop .
    0.0	edit Dockerfile text 'FROM alpine'
    …
    end	3	5a1b…

After the empty line each line is a simulated time, a tab, and what was typed then. What begins
with a colon was done to the lesson, everything else at the prompt. The last line is the end mark:
how many lines there are, and their digest. It tells a whole file from one that was cut off; it
keeps nobody from writing another, which is why transcripts are replayed and not believed.

Mail, editors and shells of other systems may change a file on its way: line ends of any kind, a
byte order mark and UTF-16 are read all the same. Format 1 had no end mark, and is still read.
"""

from __future__ import annotations

import codecs
import hashlib
import math
import re
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from pathlib import Path

from simulator.errors import InputError, Place, unknown
from simulator.files import read_bytes

MAX_BYTES = 4 * 1024 * 1024
MAX_ENTRIES = 20_000
MAX_SEED = 2**63 - 1
MAX_CHARACTERS = 4000
MAX_EDIT_CHARACTERS = 24_000
"""Of a line that writes a whole file: ``edit FILE text '…'``."""
MAX_TIME_S = 1e9
FORMAT = "drydock transcript 2"
FORMATS = (FORMAT, "drydock transcript 1")
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
    doubts: tuple[str, ...] = field(default=(), compare=False)
    """What whoever relies on this file should be told: that it seems to be cut off."""

    def head(self) -> str:
        """The lines before the entries."""
        lines = [FORMAT, f"lesson: {self.lesson} {self.hash}", f"seed: {self.seed}"]
        for key in ("student", "started", "finished", "model"):
            value = " ".join(getattr(self, key).split())
            if value:
                lines.append(f"{key}: {value}")
        return "\n".join(lines) + "\n\n"

    def text(self) -> str:
        """The file while more may follow."""
        return self.head() + "".join(f"{entry.line}\n" for entry in self.entries)

    def sealed(self) -> str:
        """The whole file, with its end mark: what is handed in."""
        return f"{self.text()}end\t{len(self.entries)}\t{self.digest}\n"

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
    data = read_bytes(path, limit_bytes=MAX_BYTES, what="transcript")
    return parse_transcript(decoded(data, str(path)), str(path))


def decoded(data: bytes, name: str) -> str:
    """The text of a file that may have been through other systems; InputError where it is none."""
    wide = data[:2] in (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
    try:
        return data.decode("utf-16" if wide else "utf-8-sig")
    except UnicodeDecodeError as error:
        raise InputError(
            "this transcript is no text", place=Place(name), found=f"byte at offset {error.start}"
        ) from None


def named_in(data: bytes) -> str:
    """The student that the head of a file names, however broken the rest is; empty: nobody."""
    wide = data[:2] in (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
    head = data[:4096].decode("utf-16" if wide else "utf-8-sig", "ignore")
    found = re.search(r"^student:(.*)$", head.replace("\r", "\n"), re.MULTILINE)
    name = " ".join(found[1].split()) if found else ""
    return name if name.isprintable() else ""


def parse_transcript(text: str, name: str = "transcript") -> Transcript:
    """The transcript in a text; a last line that was cut off by a crash is left out."""
    lines = text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n").split("\n")
    if lines[0].strip() not in FORMATS:
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
    body, mark = _body(lines[end + 1 :])
    if len(body) > MAX_ENTRIES:
        raise InputError("transcript too long", place=Place(name), expected=f"{MAX_ENTRIES} lines")
    entries = tuple(
        _entry(line, Place(name, end + 2 + i)) for i, line in enumerate(body) if line.strip()
    )
    found = Transcript(
        lesson, digest.strip(), int(seed), head.get("student", ""), head.get("started", ""),
        head.get("finished", ""), head.get("model", ""), entries,
    )  # fmt: skip
    return replace(found, doubts=_doubts(found, mark))


def _body(lines: list[str]) -> tuple[list[str], str]:
    """The lines of entries, and the end mark or nothing."""
    for number, line in enumerate(lines):
        if line.startswith("end\t") and not any(rest.strip() for rest in lines[number + 1 :]):
            return lines[:number], line
    return lines[:-1], ""  # what follows the last newline is empty, or a line cut off


def _doubts(found: Transcript, mark: str) -> tuple[str, ...]:
    """Whether a file is as it was when it was written."""
    if not mark:
        return ("there is no end mark: the file may have been cut off",)
    count = mark.split("\t")[1]
    if count != str(len(found.entries)):
        return (f"the end mark counts {count[:20]} lines, there are {len(found.entries)}",)
    if mark.split("\t")[2:] != [found.digest]:
        return ("the lines are not those that the end mark was made for",)
    return ()


def _head(lines: list[str], name: str) -> dict[str, str]:
    head: dict[str, str] = {}
    for number, line in enumerate(lines, start=2):
        key, colon, value = line.partition(":")
        if not colon or key not in _KEYS:
            raise unknown("key in a transcript", key, _KEYS, Place(name, number))
        if not value.strip().isprintable() or len(value) > MAX_CHARACTERS:
            raise InputError(f"bad {key}", place=Place(name, number), found=value.strip())
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
