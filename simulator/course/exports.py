"""Results in the formats that classroom tools read; pure functions of what was graded."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence
from xml.etree import ElementTree

import msgspec

from simulator.course.grading import Graded
from simulator.course.marks import Mark, Marks
from simulator.course.results import LessonResult
from simulator.course.results import TestResult as Test
from simulator.errors import InputError, harmless

COLUMNS = (
    "student", "name", "file", "lesson", "seed", "score", "max_score", "predictions_right",
    "predictions", "hints_used", "commands", "transcript_hash", "resembles", "notes", "problem",
)  # fmt: skip
CHECK_COLUMNS = ("student", "name", "lesson", "task", "check", "status", "points", "max_points",
                 "message")  # fmt: skip


def csv_table(marks: Marks) -> str:
    """One row a student and lesson; who handed in nothing has one too."""
    return written([COLUMNS, *(_row(marks, mark) for mark in marks.rows)])


def checks_table(marks: Marks) -> str:
    """One row a student and check."""
    rows: list[Sequence[str]] = [CHECK_COLUMNS]
    for mark in marks.rows:
        result = mark.counts.result if mark.counts is not None else None
        rows += [_check_row(mark, test) for test in (result.tests if result is not None else ())]
    return written(rows)


def _check_row(mark: Mark, test: Test) -> Sequence[str]:
    return (
        mark.person.id, mark.person.name, mark.lesson, test.task, test.id, test.status,
        f"{test.points:g}", f"{test.max_points:g}", test.message,
    )  # fmt: skip


def written(rows: Iterable[Sequence[str]], delimiter: str = ",") -> str:
    """Rows as CSV; what a spreadsheet would take for a formula is quoted."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n", delimiter=delimiter)
    for row in rows:
        writer.writerow([safe(cell) for cell in row])
    return text.getvalue()


def _row(marks: Marks, mark: Mark) -> list[str]:
    person, one = mark.person, mark.counts
    result = one.result if one is not None else None
    if one is None or result is None:
        files = ", ".join(tried.path.name for tried in mark.attempts)
        return [person.id, person.name, files, mark.lesson, *[""] * 9, "; ".join(mark.notes),
                mark.problem]  # fmt: skip
    right = sum(bool(p.correct) for p in result.predictions if p.before_run)
    like = [pair.other if pair.one is one else pair.one for pair in marks.like
            if one in (pair.one, pair.other)]  # fmt: skip
    return [
        person.id, person.name, one.path.name, result.lesson.id, str(result.seed),
        f"{result.score:g}", f"{result.max_score:g}", str(right), str(len(result.predictions)),
        str(result.hints_used), str(result.commands), result.transcript_hash,
        ", ".join(other.path.name for other in like), "; ".join(mark.notes), "",
    ]  # fmt: skip


def safe(cell: str) -> str:
    """A cell on one line that is no formula; numbers stay numbers."""
    text = harmless(" ".join(cell.split()))
    if text[:1] in ("=", "+", "-", "@") and not text[1:].replace(".", "", 1).isdigit():
        return f"'{text}"
    return text


def json_list(graded: Iterable[Graded]) -> str:
    """All results that there are, as one JSON list."""
    results = [one.result for one in graded if one.result is not None]
    return msgspec.json.format(msgspec.json.encode(results), indent=2).decode() + "\n"


def junit(marks: Marks) -> str:
    """JUnit XML: a suite a student, a case a check; points are properties."""
    root = ElementTree.Element("testsuites")
    for mark in marks.rows:
        result = mark.counts.result if mark.counts is not None else None
        if result is None:
            name = _xml(f"{mark.lesson}: {mark.person.id}" if mark.lesson else mark.person.id)
            suite = ElementTree.SubElement(root, "testsuite", name=name, tests="1", errors="1")
            case = ElementTree.SubElement(suite, "testcase", name="replay")
            ElementTree.SubElement(case, "error", message=_xml(mark.problem))
        else:
            _suite(root, mark.person.id, result)
    ElementTree.indent(root)
    return ElementTree.tostring(root, encoding="unicode", xml_declaration=True) + "\n"


def _suite(root: ElementTree.Element, student: str, result: LessonResult) -> None:
    tests = result.tests
    suite = ElementTree.SubElement(
        root, "testsuite", name=_xml(f"{result.lesson.id}: {student}"), tests=str(len(tests)),
        failures=str(sum(t.status == "fail" for t in tests)),
        errors=str(sum(t.status == "error" for t in tests)),
        skipped=str(sum(t.status == "skipped" for t in tests)),
    )  # fmt: skip
    properties = ElementTree.SubElement(suite, "properties")
    for name in ("score", "max_score", "seed", "hints_used", "transcript_hash"):
        value = str(getattr(result, name))
        ElementTree.SubElement(properties, "property", name=name, value=value)
    for test in tests:
        _case(suite, result.lesson.id, test)


def _case(suite: ElementTree.Element, lesson: str, test: Test) -> None:
    case = ElementTree.SubElement(suite, "testcase", name=test.id, classname=lesson)
    kind = {"fail": "failure", "error": "error", "skipped": "skipped"}.get(test.status)
    if kind is not None:
        ElementTree.SubElement(case, kind, message=_xml(test.message))
    properties = ElementTree.SubElement(case, "properties")
    for name in ("points", "max_points"):
        value = f"{getattr(test, name):g}"
        ElementTree.SubElement(properties, "property", name=name, value=value)


def _xml(text: str) -> str:
    """XML 1.0 has no place for control characters."""
    return "".join(c if c.isprintable() else " " for c in text)


def gradescope(marks: Marks) -> str:
    """Gradescope's ``results.json``, which is of a single student."""
    if len(marks.rows) != 1:
        raise InputError("Gradescope grades one student at a time", found=str(len(marks.rows)))
    return gradescope_of(marks.rows[0])


def gradescope_of(mark: Mark) -> str:
    """The ``results.json`` of one row."""
    result = mark.counts.result if mark.counts is not None else None
    if result is None:
        body: dict[str, object] = {"score": 0, "output": mark.problem, "tests": []}
    else:
        told = f"{result.lesson.title}: {result.score:g} of {result.max_score:g} points"
        body = {
            "score": result.score,
            "output": "\n".join([told, *mark.notes]),
            "visibility": "visible",
            "stdout_visibility": "hidden",
            "extra_data": {"seed": result.seed, "transcript_hash": result.transcript_hash},
            "tests": [_gradescope_test(test) for test in result.tests],
        }
    return msgspec.json.format(msgspec.json.encode(body), indent=2).decode() + "\n"


def _gradescope_test(test: Test) -> dict[str, object]:
    return {
        "name": test.id,
        "score": test.points,
        "max_score": test.max_points,
        "status": "passed" if test.status == "pass" else "failed",
        "output": test.message,
        "visibility": "visible",
    }
