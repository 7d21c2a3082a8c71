"""What was handed in: the transcripts in a folder, and whose they may be.

Platforms pack submissions in their own ways. Moodle makes a folder for each student, or puts the
student in front of the file's name; Canvas writes ``name_user_file_...``; others make a folder
named by an id. What a name says is a hint only: whose work it is says the transcript.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from simulator.course.transcript import FORMATS
from simulator.errors import InputError, Place

SUFFIXES = (".transcript", ".txt")
MAX_FILES = 5000
MAX_DEPTH = 4
_MOODLE = re.compile(r"^(?P<name>.+?)_(?P<id>\d+)_assignsubmission_")
_CANVAS = re.compile(r"^(?P<name>[^_]+)(?:_LATE)?_(?P<id>\d+)_\d+_")
_ATTEMPT = re.compile(r"(\d+)")


@dataclass(frozen=True, slots=True)
class Submission:
    """One file, or (``path`` is a folder) a student's folder that holds no transcript."""

    path: Path
    hints: tuple[str, ...]
    """Words in its names that may name the student, the most telling first."""
    instead: str = ""
    """What lies in the folder instead of a transcript."""

    @property
    def folder(self) -> Path:
        """The student's folder, where the platform made one."""
        return self.path if self.instead else self.path.parent


def submissions(folder: Path) -> list[Submission]:
    """All submissions of a folder (or one file), in the order of names; numbers count as such."""
    if folder.is_file():
        if folder.suffix.lower() in (".zip", ".gz", ".tar", ".7z"):
            raise InputError("unpack this first", place=Place(str(folder)), expected="a folder")
        return [Submission(folder, _hints(folder.name, folder.stem))]
    if not folder.is_dir():
        raise InputError("no such folder", place=Place(str(folder)))
    found = _in_folder(folder, None, 0, [MAX_FILES])
    return sorted(found, key=lambda one: _natural(str(one.path)))


def _in_folder(folder: Path, owner: Path | None, depth: int, left: list[int]) -> list[Submission]:
    found: list[Submission] = []
    others: list[str] = []
    for path in sorted(folder.iterdir()):
        if path.name.startswith((".", "__MACOSX")) or path.is_symlink():
            continue
        left[0] -= 1
        if left[0] < 0:
            raise InputError("too many files", place=Place(str(folder)), expected=f"{MAX_FILES:,}")
        if path.is_dir():
            if depth < MAX_DEPTH:
                found += _in_folder(path, owner or path, depth + 1, left)
        elif is_transcript(path, anything=owner is not None):
            hints = _hints(path.name, path.stem)
            found.append(Submission(path, (*_hints(owner.name), *hints) if owner else hints))
        else:
            others.append(path.name)
    if owner is folder and not found:
        found.append(Submission(folder, _hints(folder.name), _listed(others)))
    return found


def is_transcript(path: Path, *, anything: bool) -> bool:
    """By its name; where students may upload ``anything``, by how it begins."""
    if not path.is_file():
        return False
    if path.suffix.lower() in SUFFIXES:
        return True
    if not anything:
        return False
    try:
        with path.open("rb") as file:
            head = file.read(80).replace(b"\x00", b"")
    except OSError:
        return False
    return any(known.encode() in head for known in FORMATS)


def _hints(name: str, stem: str = "") -> tuple[str, ...]:
    match = _MOODLE.match(name) or _CANVAS.match(name)
    if match:
        return (match["name"], match["id"])
    return (stem or name,)


def _listed(names: list[str]) -> str:
    if not names:
        return "an empty folder"
    return ", ".join(names[:3]) + (", …" if len(names) > 3 else "")


def _natural(text: str) -> list[tuple[int, str]]:
    """``attempt 10`` comes after ``attempt 9``."""
    parts = _ATTEMPT.split(text)
    return [(int(part), "") if part.isascii() and part.isdigit() and len(part) < 18
            else (0, part) for part in parts]  # fmt: skip
