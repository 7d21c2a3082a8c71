"""What an author states about a RUN, in a comment directly above it.

``# drydock: time=12s adds=/app/model.bin:300MB removes=/var/lib/apt/lists cpu=4 download=80MB``

Stated values replace the model's: with ``time`` the duration, with ``adds`` or ``removes`` the
files. ``cpu`` is how many cores the step can use.

Above a FROM, ``# drydock: like=debian:bookworm-slim`` names a known image to take for a base
that the catalogue does not have.
"""

from __future__ import annotations

import posixpath
from dataclasses import dataclass, field

from simulator.dockerfile import Instruction
from simulator.errors import InputError, Place, unknown
from simulator.image.reference import Reference
from simulator.units import parse_bytes, parse_duration, parse_number

MARK = "drydock:"
KEYS = ("time", "adds", "removes", "cpu", "download", "fails", "like")


@dataclass(slots=True)
class Annotation:
    """The stated values; None and empty where nothing was said."""

    time_s: float | None = None
    cores: float | None = None
    download_bytes: int | None = None
    adds: list[tuple[str, int]] = field(default_factory=list)
    removes: list[str] = field(default_factory=list)
    exit_code: int = 0
    like: str | None = None

    @property
    def files_stated(self) -> bool:
        """True when the author said what the step writes or removes."""
        return bool(self.adds or self.removes)


def read_annotation(instruction: Instruction, file: str) -> Annotation | None:
    """The annotation above an instruction, or None. InputError for a key that is unknown."""
    found: Annotation | None = None
    for at, comment in enumerate(instruction.comments):
        text = comment.lstrip("#").strip()
        if not text.startswith(MARK):
            continue
        line = max(1, instruction.line - len(instruction.comments) + at)
        found = found or Annotation()
        for word in text.removeprefix(MARK).split():
            try:
                _take(found, word)
            except InputError as error:
                raise error.at(Place(file, line)) from None
    return found


def _take(into: Annotation, word: str) -> None:
    key, _, value = word.partition("=")
    if key not in KEYS:
        raise unknown("key of a drydock comment", key, KEYS)
    if key == "time":
        into.time_s = parse_duration(value)
    elif key == "cpu":
        into.cores = max(1.0, parse_number(value, "number of cores", maximum=1024))
    elif key == "download":
        into.download_bytes = parse_bytes(value, decimal=True)
    elif key == "like":
        Reference.parse(value)
        into.like = value
    elif key == "fails":
        into.exit_code = int(parse_number(value, "exit code", maximum=255))
    elif key == "removes":
        into.removes.append(_path(value))
    else:
        path, _, size = value.rpartition(":")
        into.adds.append((_path(path), parse_bytes(size, decimal=True)))


def _path(text: str) -> str:
    if not text.startswith("/"):
        raise InputError("not an absolute path", found=text, expected="/app/model.bin:300MB")
    return posixpath.normpath(text)
