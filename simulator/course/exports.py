"""Results in the formats that classroom tools read; pure functions of what was graded."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable
from xml.etree import ElementTree

import msgspec

from simulator.course.grading import Graded
from simulator.course.results import LessonResult
from simulator.course.results import TestResult as Test
from simulator.errors import InputError, harmless

COLUMNS = (
    "student", "file", "lesson", "seed", "score", "max_score", "predictions_right", "predictions",
    "hints_used", "commands", "transcript_hash", "same_as", "problem",
)  # fmt: skip


def csv_table(graded: Iterable[Graded]) -> str:
    """One row a transcript; a name that a spreadsheet would take for a formula is quoted."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(COLUMNS)
    for one in graded:
        writer.writerow([_safe(cell) for cell in _row(one)])
    return text.getvalue()


def _row(one: Graded) -> list[str]:
    result = one.result
    if result is None:
        return [one.student, one.path.name, *[""] * 10, one.problem]
    right = sum(bool(p.correct) for p in result.predictions if p.before_run)
    return [
        one.student, one.path.name, result.lesson.id, str(result.seed), f"{result.score:g}",
        f"{result.max_score:g}", str(right), str(len(result.predictions)),
        str(result.hints_used), str(result.commands), result.transcript_hash, one.twin, "",
    ]  # fmt: skip


def _safe(cell: str) -> str:
    text = harmless(" ".join(cell.split()))
    return f"'{text}" if text[:1] in ("=", "+", "-", "@") else text


def json_list(graded: Iterable[Graded]) -> str:
    """All results that there are, as one JSON list."""
    results = [one.result for one in graded if one.result is not None]
    return msgspec.json.format(msgspec.json.encode(results), indent=2).decode() + "\n"


def junit(graded: Iterable[Graded]) -> str:
    """JUnit XML: a suite a transcript, a case a check; points are properties."""
    root = ElementTree.Element("testsuites")
    for one in graded:
        if one.result is None:
            suite = ElementTree.SubElement(root, "testsuite", name=_xml(one.student), tests="1")
            case = ElementTree.SubElement(suite, "testcase", name="replay")
            ElementTree.SubElement(case, "error", message=_xml(one.problem))
        else:
            _suite(root, one.student, one.result)
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


def gradescope(graded: Iterable[Graded]) -> str:
    """Gradescope's ``results.json``, for a single transcript."""
    found = list(graded)
    if len(found) != 1:
        raise InputError("Gradescope grades one transcript at a time", found=str(len(found)))
    result, problem = found[0].result, found[0].problem
    if result is None:
        body: dict[str, object] = {"score": 0, "output": problem, "tests": []}
    else:
        body = {
            "score": result.score,
            "output": f"{result.lesson.title}: {result.score:g} of {result.max_score:g} points",
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
