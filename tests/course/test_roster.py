"""Rosters as platforms export them, and the tables that go back to them."""

from __future__ import annotations

import csv
import io

import pytest
from course_fakes import FakeSession, tiny

from simulator.course import lms
from simulator.course.grading import Rules, grade_folder
from simulator.course.lesson_run import LessonRun
from simulator.course.marks import marks_of
from simulator.course.roster import read_roster, read_table, roster_of
from simulator.errors import InputError

MOODLE = """\
Identifier,Full name,ID number,Email address,Status,Grade,Maximum Grade,Feedback comments
Participant 17,Ada Lovelace,a17,ada@x.org,Submitted,,10.00,
Participant 18,Zoe Zorn,z18,zoe@x.org,No submission,,10.00,
"""
CANVAS = """\
Student,ID,SIS User ID,SIS Login ID,Section,Lab 1 (4711),Lab 2 (4712)
    Points Possible,,,,,6,10
"Lovelace, Ada",901,a17,ada,"One, A",5,
"Zorn, Zoe",902,z18,zoe,"One, A",3,
"Student, Test",903,,,"One, A",,
"""


def roster(tmp_path, text, name="roster.csv"):
    path = tmp_path / name
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return read_roster(path)


def graded(tmp_path, people, *students):
    folder = tmp_path / "in"
    for student, scale in students:
        run = LessonRun(tiny(), session_factory=FakeSession, student=student)
        run.go(2)
        run.execute(f"scale {scale}")
        run.execute("advance 30")
        run.check()
        target = folder / f"{student}_5_assignsubmission_file_"
        target.mkdir(parents=True)
        (target / "x.transcript").write_text(run.transcript().sealed())
    found = grade_folder(folder, Rules({"tiny": tiny()}, session_factory=FakeSession))
    return marks_of(found, {"tiny": tiny()}, people)


@pytest.mark.parametrize("word", ["a17", "ADA@x.org", "ada lovelace", "Participant 17"])
def test_a_student_is_found_by_whatever_names_them(tmp_path, word):
    assert roster(tmp_path, MOODLE).find([word]).id == "a17"


@pytest.mark.parametrize("word", ["901", "ada", "A17", "Ada Lovelace", "Lovelace, Ada"])
def test_canvas_writes_names_the_other_way_round(tmp_path, word):
    assert roster(tmp_path, CANVAS).find([word]).name == "Ada Lovelace"


@pytest.mark.parametrize(
    "text",
    [
        MOODLE.replace(",", ";"),
        MOODLE.replace(",", "\t"),
        MOODLE.replace("\n", "\r\n"),
        MOODLE.encode("utf-8-sig"),
        MOODLE.encode("utf-16"),
        "a17\nz18\n",
        "First name,Surname,Username\nAda,Lovelace,a17\nZoe,Zorn,z18\n",
    ],
)
def test_tables_of_any_kind_are_read(tmp_path, text):
    assert [one.id for one in roster(tmp_path, text).people] == ["a17", "z18"]


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", "this roster is empty"),
        ("Email address\n\n", "this roster names nobody"),
        ("colour,size\nred,3\n", "no column that names a student"),
        ("ID number\na\nA\n", r"roster.csv:3: this roster names a student twice"),
        (b"\xff\x00\xff", "this transcript is no text|no text"),
    ],
)
def test_a_roster_that_is_none_is_refused(tmp_path, text, told):
    with pytest.raises(InputError, match=told):
        roster(tmp_path, text)


def test_a_name_that_two_have_names_nobody(tmp_path):
    found = roster(tmp_path, "Full name,ID number\nAda,1\nAda,2\n")
    assert found.find(["Ada"]) is None
    assert found.find(["Ada", "2"]).id == "2"


def test_canvas_gets_its_gradebook_with_one_column_filled(tmp_path):
    people = roster(tmp_path, CANVAS)
    table = read_table(tmp_path / "roster.csv")
    marks = graded(tmp_path, people, ("a17", 2), ("z18", 5))
    text, notes = lms.canvas(table, marks, "lab 2")
    rows = list(csv.reader(io.StringIO(text)))
    before = list(csv.reader(io.StringIO(CANVAS)))
    assert [row[6] for row in rows] == ["Lab 2 (4712)", "10", "10", "6.66667", ""]
    assert [row[:6] for row in rows] == [row[:6] for row in before]
    assert notes == ["3 points are scaled to Canvas' 10"]


def test_a_column_that_is_not_there_is_named_with_the_nearest(tmp_path):
    people = roster(tmp_path, CANVAS)
    table = read_table(tmp_path / "roster.csv")
    with pytest.raises(InputError, match=r"did you mean 'Lab 2 \(4712\)'"):
        lms.canvas(table, graded(tmp_path, people, ("a17", 2)), "Lab2 (4712)")


def test_moodles_worksheet_is_filled(tmp_path):
    people = roster(tmp_path, MOODLE)
    table = read_table(tmp_path / "roster.csv")
    rows = list(
        csv.DictReader(io.StringIO(lms.moodle(table, graded(tmp_path, people, ("a17", 5)))))
    )
    assert [row["Grade"] for row in rows] == ["6.67", ""]
    assert "you run 5 replicas" in rows[0]["Feedback comments"]


def test_any_roster_becomes_a_table_that_moodle_imports(tmp_path):
    people = roster(tmp_path, "ID number,Email address\na17,ada@x.org\n")
    text = lms.moodle(read_table(tmp_path / "roster.csv"), graded(tmp_path, people, ("a17", 2)))
    row = next(csv.DictReader(io.StringIO(text)))
    assert (row["ID number"], row["Email address"], row["A tiny lesson"]) == (
        "a17",
        "ada@x.org",
        "3",
    )


def test_feedback_lies_in_folders_named_as_moodle_named_them(tmp_path):
    marks = graded(tmp_path, None, ("a17", 5))
    assert lms.moodle_feedback(marks, tmp_path / "in", tmp_path / "out") == 1
    page = tmp_path / "out" / "a17_5_assignsubmission_file_" / "feedback.html"
    assert "you run 5 replicas" in page.read_text()


def test_points_possible_is_no_student(tmp_path):
    people = roster_of(read_table_of(tmp_path, CANVAS)).people
    assert [one.name for one in people] == ["Ada Lovelace", "Zoe Zorn", "Test Student"]


def read_table_of(tmp_path, text):
    path = tmp_path / "t.csv"
    path.write_text(text)
    return read_table(path)
