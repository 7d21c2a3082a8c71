"""Progress: one small readable file, and transcripts, which are written as they grow.

The folder is ``$DRYDOCK_HOME``, else the user's data folder. ``progress.json`` is replaced in one
step, so a crash leaves the old file or the new one, never half of one; the one before is kept as
``progress.json.bak``. The world itself is not kept: the transcript is replayed.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from pathlib import Path

import msgspec

from simulator.course.kept import (
    NAME,
    LessonProgress,
    Progress,
    home,
    read_export,
    read_progress,
)
from simulator.course.lesson_run import LessonRun
from simulator.course.model import Lesson
from simulator.course.replay import carry_on
from simulator.course.session import SessionFactory
from simulator.course.shelf import Shelf
from simulator.course.transcript import MAX_SEED, Entry, Transcript
from simulator.errors import DrydockError, InputError
from simulator.files import replace_file

__all__ = ["Keeper", "LessonProgress", "Progress", "home"]


def _wall_clock() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")


class Keeper:
    """Reads and writes progress in one folder; an unreadable file is set aside, never overwritten.

    >>> keeper = Keeper(Path("/tmp/somewhere"))  # doctest: +SKIP
    """

    def __init__(self, folder: Path | None = None) -> None:
        self.folder = folder or home()
        self.path = self.folder / NAME
        self.shelf = Shelf(self.folder)
        self._warnings: list[str] = []
        self.clock = _wall_clock
        """When a lesson was begun; replaced by tests."""
        self.on_save: Callable[[LessonRun], None] | None = None
        """Told of each lesson whose progress was kept: an exercise writes what is handed in."""

    @property
    def warning(self) -> str | None:
        """What a person should be told about the files found."""
        return "; ".join(self._warnings) or None

    def _warn(self, text: str) -> None:
        if text not in self._warnings:
            self._warnings.append(text)

    # --- the file -----------------------------------------------------------------------------

    def load(self) -> Progress:
        """What is kept; empty when there is nothing yet."""
        for path in (self.path, self.path.with_suffix(".json.bak")):
            if not path.is_file():
                continue
            try:
                return read_progress(path)
            except InputError as error:
                self._warn(f"{error}; {_set_aside(path)}")
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
        with self.shelf.alone():
            progress = self.load()
            before = progress.lessons.get(run.lesson.id, LessonProgress())
            progress.lessons[run.lesson.id] = _reached(run, before)
            if run.student:
                progress.student = run.student
            self.store(progress)
        if self.on_save is not None:
            self.on_save(run)

    def close(self) -> None:
        """The lesson that was opened is not played any more: others may go on with it."""
        self.shelf.let_go()

    def export(self, path: Path) -> None:
        """Write everything kept, transcripts included, into one file."""
        progress = self.load()
        texts, unreadable = self.shelf.texts()
        if unreadable:
            self._warn(f"not exported, because unreadable: {', '.join(unreadable)}")
        body = msgspec.json.encode({"progress": progress, "transcripts": texts})
        replace_file(path, msgspec.json.format(body, indent=2) + b"\n")

    def import_(self, path: Path) -> int:
        """Take over an exported file; the number of lessons in it. Better scores are kept.

        Transcripts of the same lesson, text and seed that are here are set aside, not replaced.
        """
        found = read_export(path)
        with self.shelf.alone():
            mine = self.load()
            better = {
                name
                for name, theirs in found.progress.lessons.items()
                if name in mine.lessons and mine.lessons[name].best_score > theirs.best_score
            }
            for name, theirs in found.progress.lessons.items():
                if name not in better:
                    mine.lessons[name] = theirs
            for name, text in found.transcripts.items():
                if name.partition(".")[0] not in better:
                    self._take(text, name)
            self.store(mine)
        return len(found.progress.lessons)

    def _take(self, text: str, name: str) -> None:
        try:
            self.shelf.take(text, name)
        except InputError as error:
            self._warn(f"not taken over: {error}")

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

        What was done with another text of the lesson, or another seed, is not replayed, and kept.
        """
        if seed is not None and seed > MAX_SEED:
            raise InputError("seed too large", found=str(seed)[:40], expected=f"at most {MAX_SEED}")
        with self.shelf.alone():
            self.shelf.tidy()
            with contextlib.suppress(OSError):
                self.shelf.adopt(lesson.id)
        seed = self._seed(lesson) if seed is None else seed
        path = self.shelf.path(lesson.id, lesson.hash, seed)
        kept = None if again else self._kept(path)
        student = student or (kept.student if kept else "")
        run = LessonRun(lesson, seed, session_factory, student=student)
        if kept:
            try:
                carry_on(run, kept.entries)
            except DrydockError as error:
                self._warn(f"what you did before could not be replayed ({error})")
                run, kept = LessonRun(lesson, seed, session_factory, student=student), None
        run.started = (kept.started if kept else "") or self.clock()
        self._begin(run, path, kept)
        return run

    def _seed(self, lesson: Lesson) -> int:
        """That of the lesson where there is work with it, else the one that was played last."""
        last = self.load().lessons.get(lesson.id)
        seeds = [lesson.seed]
        if last is not None and last.hash == lesson.hash:
            seeds.append(last.seed)
        for seed in seeds:
            if self.shelf.holds_work(self.shelf.path(lesson.id, lesson.hash, seed)):
                return seed
        return lesson.seed

    def _kept(self, path: Path) -> Transcript | None:
        try:
            return self.shelf.read(path)
        except InputError as error:
            self._warn(str(error))
            return None

    def _begin(self, run: LessonRun, path: Path, kept: Transcript | None) -> None:
        """Write what there is, then each line as it comes; what is not gone on with is kept."""
        try:
            free = self.shelf.hold(path)
            if free != path:
                self._warn(f"this lesson is open elsewhere: what you do here is kept in {free}")
            with self.shelf.alone():
                if not (kept and free == path and _same(run.entries, kept.entries)):
                    self._make_room(free)
                replace_file(free, run.transcript().text().encode())
        except OSError as error:
            self._cannot_keep(run, error)
            return

        def append(entry: Entry) -> None:
            try:
                with free.open("a", encoding="utf-8") as file:
                    file.write(f"{entry.line}\n")
            except OSError as error:
                self._cannot_keep(run, error)

        run.on_entry = append

    def _make_room(self, path: Path) -> None:
        """Nothing that holds work is overwritten."""
        if self.shelf.holds_work(path):
            aside = self.shelf.set_aside(path)
            self._warn(
                f"what you did before is kept in {aside}"
                " ('drydock progress export FILE' takes it along)"
            )

    def _cannot_keep(self, run: LessonRun, error: OSError) -> None:
        """A full or read-only disk is no reason to stop a lesson."""
        run.on_entry = None
        self._warn(f"what you do cannot be kept ({error.strerror}: {self.folder})")


def _reached(run: LessonRun, before: LessonProgress) -> LessonProgress:
    """How far a lesson has come, beside how far it had come before."""
    reached, possible = run.score()
    return LessonProgress(
        hash=run.lesson.hash, seed=run.seed, step=run.step_index + 1,
        steps=len(run.lesson.steps), score=reached, max_score=possible,
        best_score=max(reached, before.best_score),
        pages=sorted({*before.pages, *run.pages_seen}),
        solved=[name for name, state in run.tasks.items() if state.solved],
        given_up=[name for name, state in run.tasks.items() if state.given_up],
        complete=run.complete or before.complete,
    )  # fmt: skip


def _same(left: Iterable[Entry], right: Iterable[Entry]) -> bool:
    return [one.text for one in left] == [one.text for one in right]


def _set_aside(path: Path) -> str:
    """Move a file that cannot be read out of the way, onto no other; what became of it."""
    name, number = f"{path.name}.unreadable", 1
    while path.with_name(name).exists():
        number += 1
        name = f"{path.name}.unreadable{number}"
    try:
        os.replace(path, path.with_name(name))
    except OSError as error:
        return f"it cannot be set aside ({error.strerror})"
    return f"it was set aside as {name}"
