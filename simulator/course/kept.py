"""What is kept about a learner: one small file, which says how far each lesson has come.

Reading it loads no model, so that the home screen and ``drydock list lessons`` may ask for it;
:mod:`simulator.course.progress` writes it.
"""

from __future__ import annotations

import os
import re
from pathlib import Path

import msgspec

from simulator.errors import InputError, Place
from simulator.files import read_text

MAX_BYTES = 4 * 1024 * 1024
MAX_EXPORTED_BYTES = 256 * 1024 * 1024
FORMAT = 1
NAME = "progress.json"


class LessonProgress(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """How far one lesson has come."""

    hash: str = ""
    seed: int = 1
    step: int = 1
    steps: int = 1
    score: float = 0.0
    best_score: float = 0.0
    """The highest score ever reached; beginning anew does not lower it."""
    max_score: float = 0.0
    pages: list[int] = []
    """Pages that were turned to, from 1."""
    solved: list[str] = []
    given_up: list[str] = []
    complete: bool = False


class Progress(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """Everything that is kept about a learner."""

    format: int = FORMAT
    student: str = ""
    lessons: dict[str, LessonProgress] = {}


def home() -> Path:
    """The folder where progress is kept."""
    named = os.environ.get("DRYDOCK_HOME")
    if named:
        return Path(named)
    import platformdirs

    try:
        return Path(platformdirs.user_data_dir("drydock", appauthor=False))
    except RuntimeError:  # no HOME, and a user whom the system does not know: usual in containers
        raise InputError(
            "there is no home folder to keep progress in", expected="DRYDOCK_HOME=FOLDER"
        ) from None


class Export(msgspec.Struct, forbid_unknown_fields=True):
    """An exported file: progress, and every transcript by the name of its file."""

    progress: Progress
    transcripts: dict[str, str] = {}


def read_export(path: Path) -> Export:
    """The exported progress in a file."""
    text = read_text(path, limit_bytes=MAX_EXPORTED_BYTES, what="progress file")
    try:
        found = msgspec.json.decode(text, type=Export)
    except (msgspec.MsgspecError, RecursionError) as error:
        raise InputError(
            f"not an exported progress file ({error})", place=Place(str(path))
        ) from None
    check(found.progress, path)
    return found


def read_progress(path: Path) -> Progress:
    """The progress in a file."""
    text = read_text(path, limit_bytes=MAX_BYTES, what="progress file")
    try:
        found = msgspec.json.decode(text, type=Progress)
    except (msgspec.MsgspecError, RecursionError) as error:
        raise InputError(
            f"this progress file cannot be read ({error})", place=Place(str(path))
        ) from None
    check(found, path)
    return found


def check(found: Progress, path: Path) -> None:
    """Nothing is taken over that another Drydock may mean otherwise, or that names a path."""
    place = Place(str(path))
    if found.format != FORMAT:
        raise InputError(
            "this progress file has a format that is not known here",
            place=place, found=f"format {found.format}", expected=f"format {FORMAT}",
        )  # fmt: skip
    for name in found.lessons:
        if not re.fullmatch(r"[a-z0-9][a-z0-9-]{0,63}", name, re.ASCII):
            raise InputError("bad lesson id", place=place, found=name)


def peek(folder: Path | None = None) -> Progress:
    """What is kept, or nothing where it cannot be read; no file is touched."""
    try:
        folder = folder or home()
    except InputError:
        return Progress()
    for path in (folder / NAME, folder / f"{NAME}.bak"):
        try:
            return read_progress(path)
        except InputError:
            continue
    return Progress()
