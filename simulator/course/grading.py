"""Grading by replay: every transcript in a folder is done again against the pristine lesson."""

from __future__ import annotations

import time
from dataclasses import dataclass
from pathlib import Path

from simulator.course.library import find
from simulator.course.model import Lesson
from simulator.course.parser import read_lesson
from simulator.course.results import LessonResult, regrade
from simulator.course.session import SessionFactory
from simulator.course.transcript import Transcript, read_transcript
from simulator.errors import DrydockError, InputError, Place

SUFFIXES = (".transcript", ".txt")
MAX_FILES = 5000


@dataclass(frozen=True, slots=True)
class Graded:
    """One file: its result, or why there is none."""

    path: Path
    student: str
    result: LessonResult | None = None
    problem: str = ""
    twin: str = ""
    """The first file in which exactly the same was done, when there is one."""


def grade_folder(
    folder: Path,
    lesson: Lesson | None = None,
    *,
    session_factory: SessionFactory | None = None,
    patience_s: float = 60.0,
) -> list[Graded]:
    """Replay all transcripts of a folder (or one file), by name.

    Without ``lesson`` each transcript names a shipped one. A transcript that cannot be read, is
    of another text of the lesson, or takes longer than ``patience_s`` of real time is a problem
    of its own and stops no other.
    """
    graded: list[Graded] = []
    seen: dict[tuple[str, str], str] = {}
    lessons: dict[str, Lesson] = {lesson.id: lesson} if lesson else {}
    for path in _files(folder):
        try:
            transcript = read_transcript(path)
            one = _lesson(transcript, lessons, given=lesson is not None)
            result = _patiently(transcript, one, session_factory, patience_s)
        except DrydockError as error:
            graded.append(Graded(path, path.stem, problem=str(error)))
            continue
        key = (result.lesson.id, result.transcript_hash)
        twin = seen.setdefault(key, path.name)
        student = transcript.student or path.stem
        graded.append(Graded(path, student, result, twin="" if twin == path.name else twin))
    return graded


def _files(folder: Path) -> list[Path]:
    if folder.is_file():
        return [folder]
    if not folder.is_dir():
        raise InputError("no such folder", place=Place(str(folder)))
    found = sorted(path for path in folder.iterdir() if path.suffix in SUFFIXES)
    if len(found) > MAX_FILES:
        raise InputError("too many files", place=Place(str(folder)), expected=f"{MAX_FILES}")
    return found


def _lesson(transcript: Transcript, known: dict[str, Lesson], *, given: bool) -> Lesson:
    """The lesson of a transcript; only shipped ones are looked up, whatever the file names."""
    found = known.get(transcript.lesson)
    if found is None:
        if given:
            raise InputError(
                "this transcript is of another lesson", found=transcript.lesson,
                expected=", ".join(known),
            )  # fmt: skip
        if not transcript.lesson.replace("-", "").isalnum():
            raise InputError("bad lesson id", found=transcript.lesson)
        found = known[transcript.lesson] = read_lesson(find(transcript.lesson))
    return found


def _patiently(
    transcript: Transcript, lesson: Lesson, factory: SessionFactory | None, patience_s: float
) -> LessonResult:
    end = time.monotonic() + patience_s
    return regrade(transcript, lesson, factory, lambda: time.monotonic() < end)
