"""Grading by replay: every transcript in a folder is done again against the pristine lesson."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

from simulator import __version__
from simulator.course import pool
from simulator.course.bounds import WALL_S, Budget
from simulator.course.exercise import student_id, student_seed
from simulator.course.library import find
from simulator.course.model import Lesson
from simulator.course.parser import read_lesson
from simulator.course.replay import check_lesson
from simulator.course.results import LessonResult, regrade
from simulator.course.session import SessionFactory
from simulator.course.submissions import Submission, submissions
from simulator.course.transcript import (
    MAX_BYTES,
    Entry,
    Transcript,
    decoded,
    named_in,
    parse_transcript,
)
from simulator.errors import DrydockError, InputError, Refused
from simulator.files import read_bytes

MAX_TRACE = 2000
"""Entries of a transcript that are compared with others'."""


@dataclass(frozen=True, slots=True)
class Rules:
    """How transcripts are graded.

    ``lessons``: id -> lesson; empty: the shipped ones. ``accept``: hashes of other editions that
    are taken. ``salt``: the course's word, to which seeds are bound; None: any seed is taken
    silently. ``any_seed``: a seed that is not the student's own is told, not refused.
    """

    lessons: dict[str, Lesson] = field(default_factory=dict)
    accept: tuple[str, ...] = ()
    salt: str | None = None
    any_seed: bool = False
    patience_s: float = WALL_S
    session_factory: SessionFactory | None = None


@dataclass(frozen=True, slots=True)
class Graded:
    """One file: its result, or why there is none."""

    path: Path
    student: str
    """As the transcript names them, else as the file's name does."""
    result: LessonResult | None = None
    problem: str = ""
    notes: tuple[str, ...] = ()
    """What should be told of a file that was graded all the same."""
    lesson: str = ""
    finished: str = ""
    trace: tuple[Entry, ...] = ()
    hints: tuple[str, ...] = ()


def grade_folder(
    folder: Path,
    rules: Rules | None = None,
    *,
    processes: int = 1,
    tell: pool.Tell | None = None,
) -> list[Graded]:
    """Replay all transcripts of a folder (or one file), by name.

    A transcript that cannot be read, is of another text of the lesson, or asks for more than its
    bounds is a problem of its own and stops no other. ``processes`` 0: on all cores.
    """
    rules = rules or Rules()
    work = _Work(rules)
    return pool.spread(work, submissions(folder), work.broken, processes=processes, tell=tell)


class _Work:
    """Grades one submission; can be sent to another process."""

    def __init__(self, rules: Rules) -> None:
        self.rules = rules

    def __call__(self, one: Submission) -> Graded:
        try:
            with pool.alarm(self.rules.patience_s + 10):
                return grade_file(one, self.rules)
        except pool.Overtime:
            return _refused(one, f"replaying took over {self.rules.patience_s + 10:g} s")
        except MemoryError:
            return _refused(one, "it needs more memory than a submission may have")
        except Exception as error:  # a bug here must not keep the others from their marks
            text = " ".join(str(error).split())[:120]
            return _refused(one, f"unexpected {type(error).__name__}: {text} (a bug in drydock)")

    def broken(self, one: Submission) -> Graded:
        """The process that replayed it died."""
        return _refused(one, "replaying it brought its process down")


def grade_file(one: Submission, rules: Rules) -> Graded:
    """Replay one file."""
    if one.instead:
        return _refused(one, f"no transcript is in this folder ({one.instead})")
    student, transcript = "", None
    try:
        data = read_bytes(one.path, limit_bytes=MAX_BYTES, what="transcript")
        student = named_in(data)
        transcript = parse_transcript(decoded(data, one.path.name), one.path.name)
        lesson = _lesson(transcript, rules)
        check_lesson(transcript, lesson, rules.accept)
        notes = [*transcript.doubts, *_seed(transcript, rules), *_versions(transcript, lesson)]
        result = regrade(
            transcript, lesson, rules.session_factory, Budget(rules.patience_s),
            accept=rules.accept,
        )  # fmt: skip
    except DrydockError as error:
        told = str(error).replace(str(one.path), one.path.name)  # students read it, too
        return _refused(one, told, student, transcript)
    return Graded(
        one.path, student or one.hints[0], result, notes=tuple(notes), lesson=lesson.id,
        finished=transcript.finished, trace=transcript.entries[:MAX_TRACE], hints=one.hints,
    )  # fmt: skip


def _refused(
    one: Submission, problem: str, student: str = "", transcript: Transcript | None = None
) -> Graded:
    lesson = transcript.lesson if transcript is not None else ""
    finished = transcript.finished if transcript is not None else ""
    student = student or one.hints[0]
    return Graded(
        one.path, student, problem=problem, lesson=lesson, finished=finished, hints=one.hints
    )


def _lesson(transcript: Transcript, rules: Rules) -> Lesson:
    """The lesson of a transcript; only shipped ones are looked up, whatever the file names."""
    if rules.lessons:
        found = rules.lessons.get(transcript.lesson)
        if found is None:
            raise InputError(
                "this transcript is of another lesson", found=transcript.lesson,
                expected=", ".join(rules.lessons),
            )  # fmt: skip
        return found
    if not transcript.lesson.replace("-", "").isalnum():
        raise InputError("bad lesson id", found=transcript.lesson)
    return _shipped(transcript.lesson)


@cache
def _shipped(name: str) -> Lesson:
    return read_lesson(find(name))


def _seed(transcript: Transcript, rules: Rules) -> list[str]:
    """Whether the world was the student's own."""
    if rules.salt is None:
        return []
    if not transcript.student:
        raise Refused("this transcript names no student: a world must be somebody's own")
    own = student_seed(student_id(transcript.student), transcript.lesson, rules.salt)
    if transcript.seed == own:
        return []
    told = f"the world is not {transcript.student}'s own (seed {transcript.seed}, theirs is {own})"
    if rules.any_seed:
        return [told]
    raise Refused(f"{told}: --any-seed takes it, --salt must be that of the exercise")


def _versions(transcript: Transcript, lesson: Lesson) -> list[str]:
    notes = []
    if transcript.model and transcript.model != __version__:
        notes.append(
            f"made with the model of version {transcript.model}, graded with {__version__}"
        )
    if transcript.hash and transcript.hash != lesson.hash:
        notes.append(f"made with the edition {transcript.hash}, graded with {lesson.hash}")
    return notes


def total(graded: Sequence[Graded]) -> tuple[int, int]:
    """How many were graded, and how many refused."""
    good = sum(one.result is not None for one in graded)
    return good, len(graded) - good
