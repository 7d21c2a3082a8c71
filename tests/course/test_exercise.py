"""An exercise: a world of one's own, and a file to hand in that is there however it ends."""

from __future__ import annotations

import pytest
from course_fakes import FakeSession, tiny

from simulator.cli import main
from simulator.course.exercise import Exercise, student_seed
from simulator.course.grading import Rules, grade_folder
from simulator.course.progress import Keeper
from simulator.course.transcript import parse_transcript, read_transcript
from simulator.errors import InputError, Refused


def begin(tmp_path, **named):
    return Exercise(
        tiny(), "Ada@x.org", tmp_path / "ada.transcript", keeper=Keeper(tmp_path / "home"),
        session_factory=FakeSession, clock=lambda: "2030-01-01T10:00:00+00:00", **named,
    )  # fmt: skip


def test_a_seed_belongs_to_student_lesson_and_salt():
    assert student_seed("ada@x.org", "tiny") == student_seed(" ADA@x.org ", "tiny") == 938830426
    others = {student_seed(*one) for one in (("bob", "tiny"), ("ada@x.org", "big"),
                                             ("ada@x.org", "tiny", "2030"))}  # fmt: skip
    assert len(others | {938830426}) == 4


def test_what_is_handed_in_is_whole_and_is_graded(tmp_path):
    work = begin(tmp_path, salt="2030")
    work.run.go(2)
    work.run.execute("scale 2")
    work.run.execute("advance 30")
    work.keeper.save(work.run)
    kept = read_transcript(work.out)
    assert (kept.student, kept.doubts, kept.finished) == (
        "ada@x.org", (), "2030-01-01T10:00:00+00:00",
    )  # fmt: skip
    assert kept.started
    rules = Rules({"tiny": tiny()}, salt="2030", session_factory=FakeSession)
    assert grade_folder(work.out, rules)[0].result.score == 3


def test_it_is_taken_up_where_it_was_left(tmp_path):
    first = begin(tmp_path)
    first.run.go(2)
    first.run.execute("scale 2")
    first.keeper.close()  # killed: nothing was written but the record
    again = begin(tmp_path)
    again.run.execute("advance 30")
    again.keeper.save(again.run)
    assert [one.text for one in read_transcript(again.out).entries] == [
        ":step 3", "scale 2", "advance 30", ":leave",
    ]  # fmt: skip


def test_what_is_no_transcript_is_not_overwritten(tmp_path):
    (tmp_path / "ada.transcript").write_text("my thesis")
    with pytest.raises(Refused, match="no transcript, and is not overwritten"):
        begin(tmp_path)
    assert (tmp_path / "ada.transcript").read_text() == "my thesis"


@pytest.mark.parametrize("student", ["", "  ", "x" * 201, "a\x00b"])
def test_a_student_without_a_name_is_refused(student):
    with pytest.raises(InputError, match="bad student"):
        student_seed(student, "tiny")


def test_a_student_may_be_called_end_or_anything():
    head = "drydock transcript 2\nlesson: tiny 0\nseed: 1\nstudent: end\t3\n\n"
    with pytest.raises(InputError, match="bad student"):
        parse_transcript(head)


def test_the_command_writes_the_file_and_the_grade_command_reads_it(tmp_path, monkeypatch, capsys):
    import io

    monkeypatch.setenv("DRYDOCK_HOME", str(tmp_path / "home"))
    monkeypatch.setattr("sys.stdin", io.StringIO("next\ndocker build -t shop .\nquit\n"))
    out = tmp_path / "in" / "ada.transcript"
    out.parent.mkdir()
    assert main(["exercise", "surge-by-hand", "--student", "ada", "--out", str(out)]) == 1
    (tmp_path / "roster.csv").write_text("ID number,Full name\nada,Ada\nzoe,Zoe\n")
    capsys.readouterr()
    words = ["grade", str(out.parent), "--roster", str(tmp_path / "roster.csv"), "--jobs", "1"]
    files = {name: tmp_path / f"out.{name}" for name in ("csv", "checks", "html", "json", "junit",
                                                         "moodle")}  # fmt: skip
    for name, path in files.items():
        words += [f"--{name}", str(path)]
    assert main(words) == 0
    lines = capsys.readouterr().out.splitlines()
    assert [line.split()[:3] for line in lines[1:3]] == [
        ["Ada", "(ada)", "1"],
        ["Zoe", "(zoe)", "-"],
    ]
    assert all(path.stat().st_size for path in files.values())


def test_canvas_without_its_gradebook_is_refused_before_the_work(tmp_path, capsys):
    assert main(["grade", str(tmp_path), "--canvas", str(tmp_path / "x.csv")]) == 2
    assert "expected --roster GRADEBOOK.csv --column ASSIGNMENT" in capsys.readouterr().err
