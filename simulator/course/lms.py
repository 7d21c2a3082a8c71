"""Marks for the platforms of courses: Canvas' gradebook, Moodle's tables and feedback files."""

from __future__ import annotations

import html
from collections.abc import Iterator
from pathlib import Path

from simulator.course.exports import safe, written
from simulator.course.marks import Mark, Marks
from simulator.course.roster import Table, roster_of
from simulator.errors import InputError, Place, unknown

_GRADE = "grade"
_FEEDBACK = "feedback comments"


def canvas(table: Table, marks: Marks, column: str) -> tuple[str, list[str]]:
    """Canvas' exported gradebook with one column filled, and what should be told about it.

    ``column``: its heading, with or without the number that Canvas puts behind it. All other cells
    stay as they are, so do those of students without a mark. Where Canvas gives the assignment
    other points than the lesson has, marks are scaled.
    """
    marks.only()
    at = canvas_column(table, column)
    rows = [list(row) + [""] * (len(table.heading) - len(row)) for row in table.rows]
    possible = _possible(table, at)
    notes: list[str] = []
    by_row = _by_row(table, marks)
    for index, mark in by_row.items():
        if mark.score is not None and mark.max_score:
            scaled = possible is not None and abs(possible - mark.max_score) > 1e-9
            score = mark.score * possible / mark.max_score if scaled and possible else mark.score
            rows[index][at] = f"{score:.6g}"
            if scaled and not notes:
                notes.append(f"{mark.max_score:g} points are scaled to Canvas' {possible:g}")
    missing = [mark.person.id for mark in marks.rows if mark.score is not None
               and mark not in by_row.values()]  # fmt: skip
    if missing:
        notes.append(f"not in the gradebook: {', '.join(missing[:5])}")
    return _as_it_was(table, rows), notes


def _as_it_was(table: Table, rows: list[list[str]]) -> str:
    """CSV whose cells are those of the platform, which knows what it wrote."""
    import csv
    import io

    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n", delimiter=table.delimiter)
    writer.writerows([table.heading, *rows])
    return text.getvalue()


def canvas_column(table: Table, column: str) -> int:
    """Index of the column of an assignment; InputError with the nearest heading."""
    wanted = column.strip().casefold()
    names = [heading.strip() for heading in table.heading]
    for index, name in enumerate(names):
        if wanted in (name.casefold(), name.rpartition(" (")[0].casefold()):
            return index
    raise unknown("column of the gradebook", column, names, Place(table.path, 1))


def _possible(table: Table, at: int) -> float | None:
    """What Canvas says an assignment is worth, in its second or third row."""
    for row in table.rows[:3]:
        if row and row[0].strip().casefold() == "points possible" and at < len(row):
            try:
                return float(row[at])
            except ValueError:
                return None
    return None


def _by_row(table: Table, marks: Marks) -> dict[int, Mark]:
    """Row of the table -> the mark of the person who stands in it."""
    people = roster_of(table)
    found: dict[int, Mark] = {}
    for mark in marks.rows:
        person = people.find([mark.person.id, mark.person.email, mark.person.name])
        if person is not None:
            found[person.row] = mark
    return found


def moodle(table: Table | None, marks: Marks) -> str:
    """A table that Moodle imports.

    Where ``table`` is Moodle's grading worksheet (columns Identifier, Grade, Feedback comments),
    it is that, filled; otherwise one for Moodle's import into the gradebook, in which students
    are found by ID number or e-mail address.
    """
    marks.only()
    headings = [heading.strip().casefold() for heading in table.heading] if table else []
    if table is not None and "identifier" in headings and _GRADE in headings:
        return _worksheet(table, marks, headings)
    title = marks.titles[marks.only()]
    rows: list[list[str]] = [["ID number", "Email address", "Full name", title, "Feedback"]]
    for mark in marks.rows:
        score = "" if mark.score is None else f"{mark.score:g}"
        person = mark.person
        number = "" if person.id == person.email or "@" in person.id else person.id
        email = person.email or (person.id if "@" in person.id else "")
        rows.append([number, email, person.name, score, " ".join(feedback(mark))])
    return written(rows)


def _worksheet(table: Table, marks: Marks, headings: list[str]) -> str:
    rows = [list(row) + [""] * (len(headings) - len(row)) for row in table.rows]
    grade = headings.index(_GRADE)
    comments = headings.index(_FEEDBACK) if _FEEDBACK in headings else None
    most = headings.index("maximum grade") if "maximum grade" in headings else None
    for index, mark in _by_row(table, marks).items():
        if mark.score is not None and mark.max_score:
            score = mark.score
            if most is not None and (limit := _number(rows[index][most])) is not None:
                score = mark.score * limit / mark.max_score
            rows[index][grade] = f"{score:.2f}"
        if comments is not None and mark.attempts:
            rows[index][comments] = safe(" ".join(feedback(mark)))
    return _as_it_was(table, rows)


def _number(text: str) -> float | None:
    try:
        return float(text.replace(",", "."))
    except ValueError:
        return None


def feedback(mark: Mark) -> Iterator[str]:
    """What a student reads about their work: every check with what was measured."""
    result = mark.counts.result if mark.counts is not None else None
    if result is None:
        yield f"No points: {mark.problem}."
        return
    yield f"{result.lesson.title}: {result.score:g} of {result.max_score:g} points."
    for test in result.tests:
        text = f": {test.message}" if test.message else ""
        yield f"{test.id} {test.status}, {test.points:g} of {test.max_points:g}{text}."
    for note in mark.notes:
        yield f"Note: {note}."


def moodle_feedback(marks: Marks, root: Path, into: Path) -> int:
    """A feedback file for each student, in folders named as Moodle named them; how many.

    Packed into a zip, Moodle takes it as feedback files for many.
    """
    count = 0
    for mark in marks.rows:
        folders = {_student_folder(one.path, root) for one in mark.attempts} - {None}
        for name in sorted(str(folder) for folder in folders):
            target = into / name
            target.mkdir(parents=True, exist_ok=True)
            lines = "".join(f"<p>{html.escape(line)}</p>\n" for line in feedback(mark))
            (target / "feedback.html").write_text(
                f'<!doctype html>\n<meta charset="utf-8">\n{lines}', encoding="utf-8"
            )
            count += 1
    if not count:
        raise InputError(
            "there is no folder for a student here, so there are none to put feedback into",
            place=Place(str(root)), expected="Moodle's folders, one a student",
        )  # fmt: skip
    return count


def _student_folder(path: Path, root: Path) -> str | None:
    """The name of the first folder below the root on the way to a file."""
    parts = path.relative_to(root).parts if path.is_relative_to(root) else ()
    first = root / parts[0] if parts else None
    return parts[0] if first is not None and first.is_dir() else None
