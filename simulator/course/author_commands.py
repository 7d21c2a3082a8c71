"""What authors ask ``drydock lesson`` beside proofs: words, editions for students, translations."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

from simulator.course.happenings import CURVES, event_kinds
from simulator.course.locks import LOCKS
from simulator.course.parser import MAX_BYTES, parse_lesson, read_lesson
from simulator.course.student import student_path, student_text
from simulator.course.template import FORMATS
from simulator.course.vocabulary import MEASURES
from simulator.errors import InputError, Place, unknown
from simulator.files import read_text
from simulator.look.expressions.quantities import UNITS
from simulator.look.expressions.windows import WINDOWS

SECTIONS = ("measures", "windows", "curves", "events", "units", "formats", "locks")


def words_lines(section: str | None) -> Iterator[str]:
    """All words that expressions and blocks may use, or those of one section."""
    if section is not None and section not in SECTIONS:
        raise unknown("section", section, SECTIONS)
    for name in SECTIONS if section is None else (section,):
        yield f"{name}:"
        yield from (f"  {line}" for line in _SECTIONS[name]())
        yield ""


def _measures() -> Iterator[str]:
    width = max(len(one.text(name)) for name, one in MEASURES.items())
    for name, one in MEASURES.items():
        yield f"{one.text(name):<{width}}  {one.meaning}"


def _windows() -> Iterator[str]:
    for written, meaning in WINDOWS.values():
        yield f"{written}: {meaning}"


def _curves() -> Iterator[str]:
    for owner, names in CURVES.items():
        yield f"of {owner}: {' '.join(names)}"


def _events() -> Iterator[str]:
    kinds = event_kinds()
    width = max(map(len, kinds))
    for name, meaning in kinds.items():
        yield f"{name:<{width}}  {meaning}".rstrip()


def _locks() -> Iterator[str]:
    width = max(map(len, LOCKS))
    for name, meaning in LOCKS.items():
        yield f"{name:<{width}}  {meaning}"


_SECTIONS = {
    "measures": _measures,
    "windows": _windows,
    "curves": _curves,
    "events": _events,
    "units": lambda: iter([" ".join(UNITS)]),
    "formats": lambda: iter([" ".join(one for one in FORMATS if one)]),
    "locks": _locks,
}


def write_student(path: Path, out: Path | None) -> Path:
    """Write the edition for students of a lesson and copy its files; where it is."""
    lesson = read_lesson(path)
    goal = out or student_path(path)
    if goal.stem != path.stem:
        raise InputError("an edition keeps its name", found=goal.name, expected=path.name)
    text = student_text(lesson, read_text(path, limit_bytes=MAX_BYTES, what="lesson"))
    folder = lesson.setup.folder
    made = parse_lesson(text, name=str(goal), folder=folder)
    if made.hash != lesson.hash:
        raise InputError("this edition would not do the same", place=Place(str(goal)))
    write_new(goal, text)
    if folder is not None:
        shutil.copytree(folder, goal.with_suffix(""), dirs_exist_ok=True)
    return goal


def write_new(path: Path, text: str) -> None:
    """Write a file that is not there yet."""
    if path.exists():
        raise InputError("this file exists already", place=Place(str(path)))
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8", newline="\n")
