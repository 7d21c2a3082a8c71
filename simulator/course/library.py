"""Finding lessons: the shipped ones by id, others by path; and what they need of each other."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

from simulator import files
from simulator.course.front import Front, read_front
from simulator.course.model import Lesson
from simulator.course.parser import MAX_BYTES, read_lesson
from simulator.errors import InputError, Place, unknown

_NOT_LESSONS = ("README.md",)


def shipped() -> list[Path]:
    """The files of all lessons that come with Drydock, by name."""
    return lessons_in(files.folder("lessons"))


def lessons_in(folder: Path) -> list[Path]:
    """The lesson files in a folder, by name."""
    named = (path for path in folder.glob("*.md") if path.name not in _NOT_LESSONS)
    found = (path for path in named if "." not in path.stem)  # others are translations
    return sorted(found, key=lambda path: path.name)


def find(word: str) -> Path:
    """The file of a lesson named by its id or by its path."""
    if word.endswith(".md") or "/" in word:
        return Path(word)
    by_name = {path.stem: path for path in shipped()}
    if word not in by_name:
        raise unknown("lesson", word, by_name)
    return by_name[word]


def load(word: str) -> Lesson:
    """The lesson named by its id or by its path."""
    return read_lesson(find(word))


@dataclass(frozen=True, slots=True)
class Header:
    """What a list of lessons shows: the front matter of one file."""

    path: Path
    front: Front


def headers(paths: Iterable[Path] | None = None) -> list[Header]:
    """Front matter of lessons (the shipped ones by default), those that are needed first."""
    return read_headers(shipped() if paths is None else paths)[0]


def read_headers(paths: Iterable[Path]) -> tuple[list[Header], list[InputError]]:
    """Those that can be read, and what is wrong with others: one that is broken stops no other."""
    found: dict[str, Header] = {}
    problems: list[InputError] = []
    for path in paths:
        try:
            front = header(path)
        except InputError as error:
            problems.append(error)
            continue
        if front.id in found:
            where, other = Place(str(path), 1), found[front.id].path.name
            problems.append(
                InputError(f"this id is that of {other}, too", place=where, found=front.id)
            )
        else:
            found[front.id] = Header(path, front)
    return _ordered(found, problems), problems


def _ordered(found: dict[str, Header], problems: list[InputError]) -> list[Header]:
    order = TopologicalSorter(
        {name: [need for need in one.front.needs if need in found] for name, one in found.items()}
    )
    try:
        return [found[name] for name in order.static_order()]
    except CycleError as error:
        circle = [str(name) for name in error.args[1]]
        where = Place(str(found[circle[0]].path), 1)
        problems.append(
            InputError("these lessons need each other", place=where, found=" > ".join(circle))
        )
        return list(found.values())


def ids_in(folder: Path) -> list[str]:
    """Ids of the lessons in a folder; files that are no lessons, or not yet, are left out."""
    found = []
    for path in lessons_in(folder):
        with suppress(InputError):
            found.append(header(path).id)
    return found


def header(path: Path) -> Front:
    """The front matter of one file, read without its body."""
    text = files.read_text(path, limit_bytes=MAX_BYTES, what="lesson")
    first, _, rest = text.replace("\r\n", "\n").partition("\n")
    matter, closed, _ = rest.partition("\n---")
    if first.strip() != "---" or not closed:
        raise InputError(
            "a lesson begins with front matter between two --- lines", place=Place(str(path), 1)
        )
    return read_front(matter, Place(str(path), 2), path.with_suffix(""))


def needs_problems(lessons: Iterable[Lesson], known: Iterable[str] = ()) -> list[InputError]:
    """Lessons that need what does not exist, or that need each other in a circle."""
    graph = {lesson.id: lesson for lesson in lessons}
    names = {*graph, *known}
    problems = [
        unknown("lesson in needs", need, names, lesson.place)
        for lesson in graph.values()
        for need in lesson.needs
        if need not in names
    ]
    try:
        TopologicalSorter({name: one.needs for name, one in graph.items()}).prepare()
    except CycleError as error:
        circle = [str(name) for name in error.args[1]]
        where = graph[circle[0]].place if circle[0] in graph else None
        problems.append(
            InputError("these lessons need each other", place=where, found=" > ".join(circle))
        )
    return problems
