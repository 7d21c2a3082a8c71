"""A folder of transcripts becomes a table of marks."""

from __future__ import annotations

import csv
import io
import json
from xml.etree import ElementTree

import pytest
from course_fakes import FakeSession, tiny

from simulator.course import exports
from simulator.course.grading import grade_folder
from simulator.course.lesson_run import LessonRun
from simulator.errors import InputError


def write(folder, name, student, *lines):
    run = LessonRun(tiny(), session_factory=FakeSession, student=student)
    run.predict("gap", "2")
    run.go(2)
    for line in lines:
        run.execute(line)
    run.check()
    (folder / name).write_text(run.transcript().text())


@pytest.fixture
def folder(tmp_path):
    write(tmp_path, "a.transcript", "Ada", "scale 2", "advance 30")
    write(tmp_path, "b.transcript", "Bob", "scale 5", "advance 30")
    write(tmp_path, "c.transcript", "=cmd()", "scale 2", "advance 30")
    (tmp_path / "d.transcript").write_text("nonsense")
    (tmp_path / "notes.md").write_text("not a transcript")
    return tmp_path


@pytest.fixture
def graded(folder):
    return grade_folder(folder, tiny(), session_factory=FakeSession)


def rows(graded):
    return list(csv.DictReader(io.StringIO(exports.csv_table(graded))))


def test_each_transcript_is_a_row_with_its_score(graded):
    assert [(row["student"], row["score"], row["max_score"]) for row in rows(graded)] == [
        ("Ada", "3", "3"),
        ("Bob", "2", "3"),
        ("'=cmd()", "3", "3"),
        ("d", "", ""),
    ]


def test_equal_work_is_pointed_out(graded):
    assert [row["same_as"] for row in rows(graded)] == ["", "", "a.transcript", ""]


def test_an_unreadable_transcript_stops_no_other(graded):
    assert "this is no transcript" in rows(graded)[3]["problem"]


def test_a_transcript_that_takes_too_long_is_given_up(folder):
    graded = grade_folder(folder, tiny(), session_factory=FakeSession, patience_s=-1.0)
    assert all("took too long" in one.problem for one in graded[:3])


def test_junit_has_a_suite_a_transcript_and_a_case_a_check(graded):
    root = ElementTree.fromstring(exports.junit(graded))
    assert [suite.get("name") for suite in root] == ["tiny: Ada", "tiny: Bob", "tiny: =cmd()", "d"]
    failed = root[1].findall("testcase/failure")
    assert [one.get("message") for one in failed] == ["you run 5 replicas"]


def test_gradescope_reads_one_transcript(folder):
    graded = grade_folder(folder / "b.transcript", tiny(), session_factory=FakeSession)
    body = json.loads(exports.gradescope(graded))
    assert body["score"] == 2
    assert [test["status"] for test in body["tests"]] == ["passed", "failed"]
    with pytest.raises(InputError, match="one transcript at a time"):
        exports.gradescope([])


def test_results_are_a_list_in_json(graded):
    assert [one["student"] for one in json.loads(exports.json_list(graded))] == [
        "Ada",
        "Bob",
        "=cmd()",
    ]


def test_a_transcript_cannot_name_a_file_as_its_lesson(tmp_path):
    text = "drydock transcript 1\nlesson: ../../etc/x.md 0\nseed: 1\n\n"
    (tmp_path / "x.transcript").write_text(text)
    assert "bad lesson id" in grade_folder(tmp_path)[0].problem


def test_a_missing_folder_is_named(tmp_path):
    with pytest.raises(InputError, match="no such folder"):
        grade_folder(tmp_path / "none")
