"""A folder of transcripts becomes a table of marks."""

from __future__ import annotations

import csv
import io
import json
from xml.etree import ElementTree

import pytest
from course_fakes import FakeSession, tiny

from simulator.course import exports, pool
from simulator.course.exercise import student_seed
from simulator.course.grading import Rules, grade_folder
from simulator.course.lesson_run import LessonRun
from simulator.course.marks import marks_of
from simulator.course.marks_page import html_page
from simulator.course.roster import Person, Roster
from simulator.course.tables import mark_lines
from simulator.errors import InputError

RULES = Rules({"tiny": tiny()}, session_factory=FakeSession)


def played(student, *lines, seed=7, check=True):
    run = LessonRun(tiny(), seed, session_factory=FakeSession, student=student)
    run.predict("gap", "2")
    run.go(2)
    for line in lines:
        run.execute(line)
    if check:
        run.check()
    run.leave()
    return run.transcript().sealed()


@pytest.fixture
def folder(tmp_path):
    for name, student, scale in (("a", "Ada", 2), ("b", "Bob", 5), ("c", "=cmd()", 2)):
        text = played(student, f"scale {scale}", "advance 30")
        (tmp_path / f"{name}.transcript").write_text(text)
    (tmp_path / "d.transcript").write_text("nonsense")
    (tmp_path / "notes.md").write_text("not a transcript")
    return tmp_path


def marks(folder, rules=RULES, roster=None, attempt="best"):
    return marks_of(grade_folder(folder, rules), {"tiny": tiny()}, roster, attempt=attempt)


def rows(found):
    return list(csv.DictReader(io.StringIO(exports.csv_table(found))))


def people(*ids):
    return Roster([Person(one, one, keys=frozenset((one.casefold(),))) for one in ids])


def only(tmp_path, text, rules=RULES, name="x.transcript"):
    data = text if isinstance(text, bytes) else text.encode()
    (tmp_path / name).write_bytes(data)
    return grade_folder(tmp_path / name, rules)[0]


def test_each_transcript_is_a_row_with_its_score(folder):
    assert [(row["student"], row["score"], row["max_score"]) for row in rows(marks(folder))] == [
        ("'=cmd()", "3", "3"),
        ("Ada", "3", "3"),
        ("Bob", "2", "3"),
        ("d", "", ""),
    ]


def test_an_unreadable_transcript_stops_no_other(folder):
    assert "this is no transcript" in rows(marks(folder))[3]["problem"]


def test_a_transcript_that_takes_too_long_is_given_up(folder):
    rules = Rules({"tiny": tiny()}, session_factory=FakeSession, patience_s=0.0)
    assert all("took too long" in one.problem for one in grade_folder(folder, rules)[:3])


def test_processes_come_to_the_same_as_one_does(folder):
    rules = Rules({"tiny": tiny()}, patience_s=20.0)  # the real shell refuses these lines
    here, spread = (grade_folder(folder, rules, processes=n) for n in (1, 2))
    assert spread == here


def test_who_forgot_to_check_gets_what_was_done(tmp_path):
    done = only(tmp_path, played("Ada", "scale 2", "advance 30", check=False))
    assert done.result.score == 3
    assert "not checked, judged as it was left" in done.result.tests[0].message


def test_a_task_that_was_left_half_done_gets_the_points_of_its_half(tmp_path):
    assert only(tmp_path, played("Bob", "scale 5", "advance 30", check=False)).result.score == 2


def test_nothing_done_gets_nothing_though_nothing_was_checked(tmp_path):
    run = LessonRun(tiny(), session_factory=FakeSession, student="Eve")
    assert only(tmp_path, run.transcript().sealed()).result.score < 3


@pytest.mark.parametrize(
    "change",
    [
        lambda text: text.replace("\n", "\r\n").encode(),
        lambda text: text.replace("\n", "\r").encode(),
        lambda text: b"\xef\xbb\xbf" + text.encode(),
        lambda text: text.encode("utf-16"),
        lambda text: text.replace("drydock transcript 2", "drydock transcript 1").encode(),
    ],
)
def test_what_other_systems_do_to_a_file_costs_no_points(tmp_path, change):
    done = only(tmp_path, change(played("Ada", "scale 2", "advance 30")))
    assert (done.student, done.result.score, done.notes) == ("Ada", 3, ())


def test_a_file_that_was_cut_off_is_graded_and_told(tmp_path):
    text = played("Ada", "scale 2", "advance 30", "rate 20")
    cut = only(tmp_path, text[: text.index("rate 20")])
    assert cut.result is not None
    assert cut.notes == ("there is no end mark: the file may have been cut off",)


def test_lines_that_were_taken_out_are_told(tmp_path):
    text = played("Ada", "scale 2", "advance 30").replace("0.0\tscale 2\n", "")
    assert only(tmp_path, text).notes == ("the end mark counts 5 lines, there are 4",)


def test_a_binary_file_is_refused_with_the_students_name(tmp_path):
    data = played("Ada").encode() + b"\xff\xfe\x00\x80"
    broken = only(tmp_path, data)
    assert (broken.student, broken.result) == ("Ada", None)
    assert "this transcript is no text" in broken.problem


def test_another_edition_is_refused_unless_its_hash_is_accepted(tmp_path):
    text = played("Ada", "scale 2", "advance 30").replace(tiny().hash, "0123456789abcdef")
    assert "--accept-hash 0123456789abcdef" in only(tmp_path, text).problem
    rules = Rules({"tiny": tiny()}, ("0123456789abcdef",), session_factory=FakeSession)
    taken = only(tmp_path, text, rules)
    assert taken.result.score == 3
    assert "made with the edition 0123456789abcdef" in taken.notes[0]


def test_another_version_of_the_model_is_told(tmp_path):
    text = played("Ada", "scale 2").replace("model: ", "model: 9.")
    assert only(tmp_path, text).notes[0].startswith("made with the model of version 9.")


def test_a_world_that_is_not_the_students_own_is_refused_or_told(tmp_path):
    rules = Rules({"tiny": tiny()}, salt="2026", session_factory=FakeSession)
    own = played("Ada", "scale 2", "advance 30", seed=student_seed("Ada", "tiny", "2026"))
    assert only(tmp_path, own, rules).result.score == 3
    copied = own.replace("student: Ada", "student: Bob")
    assert "the world is not Bob's own" in only(tmp_path, copied, rules).problem
    lenient = Rules({"tiny": tiny()}, salt="2026", any_seed=True, session_factory=FakeSession)
    taken = only(tmp_path, copied, lenient)
    assert taken.result.score == 3
    assert "the world is not Bob's own" in taken.notes[0]


@pytest.mark.parametrize("time", ["1e8", "999999999"])
def test_a_transcript_that_asks_for_years_is_refused(tmp_path, time):
    text = played("Eve").partition("end\t")[0] + f"{time}\tscale 2\n"
    assert "too much simulated time" in only(tmp_path, text).problem


def test_a_transcript_cannot_name_a_file_as_its_lesson(tmp_path):
    text = "drydock transcript 1\nlesson: ../../etc/x.md 0\nseed: 1\n\n"
    assert "bad lesson id" in only(tmp_path, text, Rules()).problem


def test_a_missing_folder_is_named(tmp_path):
    with pytest.raises(InputError, match="no such folder"):
        grade_folder(tmp_path / "none")


def test_a_folder_without_transcripts_is_an_error(tmp_path):
    with pytest.raises(InputError, match="no transcript is in this folder"):
        marks(tmp_path)


def test_the_best_or_the_last_attempt_counts(tmp_path):
    for name, scale in (("try 9", 2), ("try 10", 5)):
        (tmp_path / f"{name}.transcript").write_text(played("Ada", f"scale {scale}", "advance 30"))
    (tmp_path / "try 11.transcript").write_text("student: Ada")
    scores = [marks(tmp_path, attempt=how, roster=people("ada")).rows[0].score
              for how in ("best", "last")]  # fmt: skip
    assert scores == [3, 2]


def test_who_handed_in_nothing_has_a_row_and_who_is_unknown_too(folder):
    found = marks(folder, roster=people("ada", "zoe")).rows
    assert [(one.person.id, one.score, one.problem) for one in found[:2]] == [
        ("ada", 3, ""),
        ("zoe", None, "nothing was handed in"),
    ]
    assert all(one.notes == ("not on the roster",) for one in found[2:])


def test_a_roster_of_others_is_an_error(folder):
    with pytest.raises(InputError, match="names nobody who handed in something"):
        marks(folder, roster=people("zoe"))


def test_moodles_folders_name_their_students(tmp_path):
    for name in ("Ada Lovelace_17_assignsubmission_file_", "Zoe_18_assignsubmission_onlinetext_"):
        (tmp_path / name).mkdir()
    mine = tmp_path / "Ada Lovelace_17_assignsubmission_file_" / "my lab.docx"
    mine.write_text(played("a17", "scale 2", "advance 30"))
    (tmp_path / "Zoe_18_assignsubmission_onlinetext_" / "essay.pdf").write_text("x")
    roster = Roster([
        Person("A17", "Ada Lovelace", keys=frozenset(("a17", "ada lovelace"))),
        Person("Z18", "Zoe", keys=frozenset(("z18", "zoe"))),
    ])  # fmt: skip
    ada, zoe = marks(tmp_path, roster=roster).rows
    assert (ada.person.id, ada.score) == ("A17", 3)
    assert "no transcript is in this folder (essay.pdf)" in zoe.problem


def test_anothers_transcript_in_ones_own_folder_is_refused(tmp_path):
    (tmp_path / "Zoe").mkdir()
    (tmp_path / "Zoe" / "a.transcript").write_text(played("Ada", "scale 2", "advance 30"))
    zoe = marks(tmp_path, roster=people("Ada", "Zoe")).rows[1]
    assert "handed in by Zoe, but this transcript is Ada's" in zoe.problem


def test_junit_has_a_suite_a_student_and_a_case_a_check(folder):
    root = ElementTree.fromstring(exports.junit(marks(folder)))
    assert [suite.get("name") for suite in root] == ["tiny: =cmd()", "tiny: Ada", "tiny: Bob",
                                                     "tiny: d"]  # fmt: skip
    failed = root[2].findall("testcase/failure")
    assert [one.get("message") for one in failed] == ["you run 5 replicas"]


def test_gradescope_reads_one_student(folder):
    found = marks_of(grade_folder(folder / "b.transcript", RULES), {})
    body = json.loads(exports.gradescope(found))
    assert body["score"] == 2
    assert [test["status"] for test in body["tests"]] == ["passed", "failed"]
    with pytest.raises(InputError, match="one student at a time"):
        exports.gradescope(marks(folder))


def test_results_are_a_list_in_json(folder):
    found = json.loads(exports.json_list(grade_folder(folder, RULES)))
    assert [one["student"] for one in found] == ["Ada", "Bob", "=cmd()"]


def test_checks_have_a_row_each(folder):
    found = list(csv.DictReader(io.StringIO(exports.checks_table(marks(folder)))))
    assert [(row["check"], row["points"]) for row in found if row["student"] == "Bob"] == [
        ("tame.1", "2"),
        ("tame.2", "0"),
    ]


def test_the_page_has_everybody_and_no_markup_of_theirs(tmp_path):
    text = played("<script>x</script>", "scale 2", "advance 30")
    (tmp_path / "a.transcript").write_text(text)
    page = html_page(marks(tmp_path))
    assert "&lt;script&gt;" in page
    assert "<script" not in page
    assert "http" not in page


def test_the_table_ends_with_a_summary(folder):
    assert list(mark_lines(marks(folder)))[-1] == (
        "3 graded, 1 refused, 0 without a submission, mean 89 % of the points"
    )


def _dies(job):
    import os

    if job == "bad":
        os._exit(9)
    return job


def test_a_process_that_dies_takes_only_its_own_work_with_it():
    assert pool.spread(_dies, ["a", "bad", "b"], lambda job: f"{job} broke", processes=2) == [
        "a",
        "bad broke",
        "b",
    ]


def _sleeps(_job):
    import time

    try:
        with pool.alarm(0.05):
            while True:
                time.sleep(0.01)
    except pool.Overtime:
        return "broken off"


def test_work_that_outlasts_its_time_is_broken_off():
    assert pool.spread(_sleeps, ["a"], lambda job: "died", processes=2) == ["broken off"]


def test_what_is_told_of_a_file_names_no_folder_of_this_machine(tmp_path):
    found = only(tmp_path, "drydock transcript 2\nlesson: tiny 0\nseed: x\n\n")
    assert found.problem.startswith("x.transcript:2: bad seed")
    assert str(tmp_path) not in found.problem
