"""``drydock grade``: a folder of transcripts becomes marks, and files for a course's platform."""

from __future__ import annotations

import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple, TextIO

from simulator.course import exports, grading, lms
from simulator.course.library import load
from simulator.course.marks import Marks, marks_of
from simulator.course.marks_page import html_page
from simulator.course.model import Lesson
from simulator.course.roster import Table, read_roster, read_table, roster_of
from simulator.course.tables import mark_lines
from simulator.errors import InputError, Refused
from simulator.files import replace_file

EVERY_S = 0.2


class Wanted(NamedTuple):
    """What the command line asked for; paths are files to write."""

    folder: Path
    roster: Path | None = None
    lessons: tuple[str, ...] = ()
    attempt: str = "best"
    salt: str = ""
    any_seed: bool = False
    accept: tuple[str, ...] = ()
    patience_s: float = 60.0
    jobs: int = 0
    column: str | None = None
    canvas: Path | None = None
    moodle: Path | None = None
    moodle_feedback: Path | None = None
    gradescope: Path | None = None
    junit: Path | None = None
    csv: Path | None = None
    checks: Path | None = None
    html: Path | None = None
    json: Path | None = None


def grade(wanted: Wanted) -> int:
    """Grade, print the table, write what was asked for; 1 when something was refused, else 0."""
    given = [load(name) for name in wanted.lessons]
    lessons = {one.id: one for one in given}
    table = read_table(wanted.roster) if wanted.roster is not None else None
    roster = read_roster(wanted.roster) if wanted.roster is not None else None
    _sensible(wanted, table)
    _warm_up()
    rules = grading.Rules(lessons, wanted.accept, wanted.salt, wanted.any_seed, wanted.patience_s)
    line = ProgressLine(sys.stderr)
    graded = grading.grade_folder(wanted.folder, rules, processes=wanted.jobs, tell=line.tell)
    line.clear()
    known = lessons or _known(graded)
    marks = marks_of(graded, known, roster, attempt=wanted.attempt)
    for text in mark_lines(marks):
        print(text)
    for note in _write(wanted, marks, graded, table):
        print(f"note: {note}", file=sys.stderr)
    return 1 if any(one.problem for one in graded) else 0


def _sensible(wanted: Wanted, table: Table | None) -> None:
    """Say what is missing before the work, not after it."""
    if wanted.canvas is not None and (table is None or wanted.column is None):
        raise InputError(
            "--canvas fills a column of Canvas' exported gradebook",
            expected="--roster GRADEBOOK.csv --column ASSIGNMENT",
        )
    if wanted.canvas is not None and table is not None and wanted.column is not None:
        lms.canvas_column(table, wanted.column)
        roster_of(table)
    files = (wanted.canvas, wanted.moodle, wanted.junit, wanted.csv, wanted.checks, wanted.html,
             wanted.json)  # fmt: skip
    for path in files:
        if path is not None and path.is_dir():
            raise Refused(f"{path}: this is a folder, and a file is to be written")


def _warm_up() -> None:
    """Load the model once: processes that are forked have it then."""
    from simulator.shell import Session  # noqa: F401
    from simulator.world import World  # noqa: F401


def _known(graded: Sequence[grading.Graded]) -> dict[str, Lesson]:
    return {name: load(name) for name in sorted({one.lesson for one in graded if one.result})}


def _write(
    wanted: Wanted, marks: Marks, graded: Sequence[grading.Graded], table: Table | None
) -> list[str]:
    """Write every file that was asked for; what should be told about them."""
    notes: list[str] = []
    if wanted.canvas is not None and table is not None and wanted.column is not None:
        text, notes = lms.canvas(table, marks, wanted.column)
        _put(wanted.canvas, text)
    if wanted.moodle is not None:
        _put(wanted.moodle, lms.moodle(table, marks))
    if wanted.moodle_feedback is not None:
        lms.moodle_feedback(marks, wanted.folder, wanted.moodle_feedback)
    if wanted.gradescope is not None:
        _gradescope(wanted.gradescope, marks)
    texts = (
        (wanted.junit, exports.junit), (wanted.csv, exports.csv_table),
        (wanted.checks, exports.checks_table), (wanted.html, html_page),
    )  # fmt: skip
    for path, make in texts:
        if path is not None:
            _put(path, make(marks))
    if wanted.json is not None:
        _put(wanted.json, exports.json_list(graded))
    return notes


def _gradescope(path: Path, marks: Marks) -> None:
    """One file for one student; a folder of files named by id for several."""
    if not path.is_dir() and path.suffix == ".json":
        _put(path, exports.gradescope(marks))
        return
    for mark in marks.rows:
        name = "".join(c if c.isalnum() or c in "@.-_" else "_" for c in mark.person.id)
        several = f"-{mark.lesson}" if len(marks.titles) > 1 else ""
        _put(path / f"{name.lstrip('.')[:100]}{several}.json", exports.gradescope_of(mark))


def _put(path: Path, text: str) -> None:
    try:
        replace_file(path, text.encode())
    except OSError as error:
        raise Refused(f"{path}: cannot be written: {error.strerror}") from None


class ProgressLine:
    """How many are graded, how many are left and for how long, on a terminal."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self._shows = stream.isatty()
        self._began = self._last = time.monotonic()
        self._drawn = False

    def tell(self, done: int, of: int) -> None:
        """One more is graded."""
        now = time.monotonic()
        if not self._shows or (now - self._last < EVERY_S and done < of):
            return
        self._last = now
        left = (now - self._began) / done * (of - done)
        self._stream.write(f"\rgraded {done:,} of {of:,}, about {left:.0f} s left".ljust(60))
        self._stream.flush()
        self._drawn = True

    def clear(self) -> None:
        """Take the line away."""
        if self._drawn:
            self._stream.write("\r" + " " * 60 + "\r")
            self._stream.flush()
