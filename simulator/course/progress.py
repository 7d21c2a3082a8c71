"""Progress: one small readable file, and one transcript a lesson, which is written as it grows.

The folder is ``$DRYDOCK_HOME``, else the user's data folder. ``progress.json`` is replaced in one
step, so a crash leaves the old file or the new one, never half of one; the one before is kept as
``progress.json.bak``. The world itself is not kept: the transcript is replayed.
"""

from __future__ import annotations

import contextlib
import os
import re
from pathlib import Path

import msgspec

from simulator.course.lesson_run import LessonRun
from simulator.course.model import Lesson
from simulator.course.replay import carry_on
from simulator.course.session import SessionFactory
from simulator.course.transcript import Entry, Transcript, parse_transcript
from simulator.errors import DrydockError, InputError, Place
from simulator.files import read_text, replace_file

MAX_BYTES = 4 * 1024 * 1024


class LessonProgress(msgspec.Struct, kw_only=True):
    """How far one lesson has come."""

    hash: str = ""
    seed: int = 1
    step: int = 1
    steps: int = 1
    score: float = 0.0
    best_score: float = 0.0
    """The highest score ever reached; beginning anew does not lower it."""
    max_score: float = 0.0
    solved: list[str] = []
    given_up: list[str] = []
    complete: bool = False


class Progress(msgspec.Struct, kw_only=True):
    """Everything that is kept about a learner."""

    format: int = 1
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


class Keeper:
    """Reads and writes progress in one folder; an unreadable file is set aside, never overwritten.

    >>> keeper = Keeper(Path("/tmp/somewhere"))  # doctest: +SKIP
    """

    def __init__(self, folder: Path | None = None) -> None:
        self.folder = folder or home()
        self.path = self.folder / "progress.json"
        self.warning: str | None = None
        """What a person should be told about the files found."""

    # --- the file -----------------------------------------------------------------------------

    def load(self) -> Progress:
        """What is kept; empty when there is nothing yet."""
        for path in (self.path, self.path.with_suffix(".json.bak")):
            if not path.is_file():
                continue
            try:
                return read_progress(path)
            except InputError as error:
                aside = path.with_name(f"{path.name}.unreadable")
                with contextlib.suppress(OSError):
                    os.replace(path, aside)
                self.warning = f"{error}; it was set aside as {aside.name}"
        return Progress()

    def store(self, progress: Progress) -> None:
        """Replace the file in one step."""
        if self.path.is_file():
            with contextlib.suppress(OSError):
                replace_file(self.path.with_suffix(".json.bak"), self.path.read_bytes())
        body = msgspec.json.format(msgspec.json.encode(progress), indent=2)
        replace_file(self.path, body + b"\n")

    def save(self, run: LessonRun) -> None:
        """Note how far a lesson has come."""
        run.leave()
        progress = self.load()
        reached, possible = run.score()
        before = progress.lessons.get(run.lesson.id, LessonProgress())
        progress.lessons[run.lesson.id] = LessonProgress(
            hash=run.lesson.hash, seed=run.seed, step=run.step_index + 1,
            steps=len(run.lesson.steps), score=reached, max_score=possible,
            best_score=max(reached, before.best_score),
            solved=[name for name, state in run.tasks.items() if state.solved],
            given_up=[name for name, state in run.tasks.items() if state.given_up],
            complete=run.complete or before.complete,
        )  # fmt: skip
        if run.student:
            progress.student = run.student
        self.store(progress)

    def export(self, path: Path) -> None:
        """Write everything kept, transcripts included, into one file."""
        progress = self.load()
        texts = {p.stem: p.read_text("utf-8") for p in sorted(self.folder.glob("*.transcript"))}
        body = msgspec.json.encode({"progress": progress, "transcripts": texts})
        replace_file(path, msgspec.json.format(body, indent=2) + b"\n")

    def import_(self, path: Path) -> int:
        """Take over an exported file; the number of lessons in it. Better scores are kept."""
        text = read_text(path, limit_bytes=MAX_BYTES, what="progress file")
        try:
            found = msgspec.json.decode(text, type=_Export)
        except (msgspec.MsgspecError, RecursionError) as error:
            raise InputError(
                f"not an exported progress file ({error})", place=Place(str(path))
            ) from None
        mine = self.load()
        for name, theirs in found.progress.lessons.items():
            if not re.fullmatch(r"[a-z0-9][a-z0-9-]{0,63}", name, re.ASCII):
                raise InputError("bad lesson id", place=Place(str(path)), found=name)
            old = mine.lessons.get(name)
            if old is not None and old.best_score > theirs.best_score:
                continue
            mine.lessons[name] = theirs
            if name in found.transcripts:
                parse_transcript(found.transcripts[name], str(path))
                replace_file(self._transcript(name), found.transcripts[name].encode())
        self.store(mine)
        return len(found.progress.lessons)

    # --- a lesson -----------------------------------------------------------------------------

    def open(
        self,
        lesson: Lesson,
        seed: int | None = None,
        session_factory: SessionFactory | None = None,
        *,
        student: str = "",
        again: bool = False,
    ) -> LessonRun:
        """A lesson taken up where it was left, or begun; ``again`` begins it anew.

        What was done with another text of the lesson, or another seed, is not replayed.
        """
        kept = None if again else self._kept(lesson, seed)
        run = LessonRun(lesson, kept.seed if kept else seed, session_factory, student=student)
        if kept:
            try:
                carry_on(run, kept.entries)
            except DrydockError as error:
                self.warning = f"what you did before could not be replayed ({error})"
                run, kept = LessonRun(lesson, seed, session_factory, student=student), None
        self._begin(run, kept is not None)
        return run

    def _kept(self, lesson: Lesson, seed: int | None) -> Transcript | None:
        path = self._transcript(lesson.id)
        if not path.is_file():
            return None
        try:
            text = read_text(path, limit_bytes=MAX_BYTES, what="transcript")
            kept = parse_transcript(text, str(path))
        except InputError as error:
            self.warning = str(error)
            return None
        same = kept.hash == lesson.hash and seed in (None, kept.seed)
        return kept if same and kept.entries else None

    def _begin(self, run: LessonRun, goes_on: bool) -> None:
        """Write what there is, then each line as it comes; what is not gone on with is kept."""
        path = self._transcript(run.lesson.id)

        def append(entry: Entry) -> None:
            try:
                with path.open("a", encoding="utf-8") as file:
                    file.write(f"{entry.line}\n")
            except OSError as error:
                self._cannot_keep(run, error)

        try:
            if path.is_file() and not goes_on:
                os.replace(path, path.with_suffix(".transcript.old"))
            replace_file(path, run.transcript().text().encode())
            run.on_entry = append
        except OSError as error:
            self._cannot_keep(run, error)

    def _cannot_keep(self, run: LessonRun, error: OSError) -> None:
        """A full or read-only disk is no reason to stop a lesson."""
        run.on_entry = None
        self.warning = f"what you do cannot be kept ({error.strerror}: {self.folder})"

    def _transcript(self, lesson: str) -> Path:
        return self.folder / f"{lesson}.transcript"


class _Export(msgspec.Struct):
    progress: Progress
    transcripts: dict[str, str] = {}


def read_progress(path: Path) -> Progress:
    """The progress in a file."""
    text = read_text(path, limit_bytes=MAX_BYTES, what="progress file")
    try:
        return msgspec.json.decode(text, type=Progress)
    except (msgspec.MsgspecError, RecursionError) as error:
        raise InputError(
            f"this progress file cannot be read ({error})", place=Place(str(path))
        ) from None
