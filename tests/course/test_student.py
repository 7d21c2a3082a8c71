"""The edition for students: it does the same, and has nothing in it that tells how."""

from __future__ import annotations

import pytest
from course_fakes import LESSON, FakeSession

from simulator.course.commands import main
from simulator.course.lesson_run import LessonRun
from simulator.course.parser import parse_lesson
from simulator.course.sealing import seal, unseal
from simulator.course.student import student_text
from simulator.errors import InputError, Place, Refused

LATER = """
## Later

```run id=later
advance 5
```
"""


def test_it_has_no_solutions_wrong_answers_and_notes_and_the_same_hash():
    whole = parse_lesson(LESSON)
    text = student_text(whole, LESSON)
    for told in ("scale 2", "scale 5", "wasteful", "Vote twice", "solution", "sealed"):
        assert told not in text
    assert parse_lesson(text).hash == whole.hash


def test_what_later_pages_build_upon_is_sealed_and_carried_out():
    whole = parse_lesson(LESSON + LATER)
    text = student_text(whole, LESSON + LATER)
    assert "scale 2" not in text
    run = LessonRun(parse_lesson(text), session_factory=FakeSession)
    assert run.lesson.hash == whole.hash
    run.go(3)
    run.reset()
    assert run.world.replicas == 2


def test_giving_up_shows_nothing_there():
    run = LessonRun(parse_lesson(student_text(parse_lesson(LESSON), LESSON)),
                    session_factory=FakeSession)  # fmt: skip
    run.go(2)
    with pytest.raises(Refused, match="this edition has no solutions"):
        run.give_up()


def test_what_was_not_sealed_is_refused():
    place = Place("x.md", 3)
    assert unseal(seal("a\nb"), place) == "a\nb"
    for bad in ("", "AAAA", "no", seal("x" * 200_001)):
        with pytest.raises(InputError, match="sealed"):
            unseal(bad, place)


def test_the_command_writes_it_with_its_files_and_overwrites_nothing(tmp_path, capsys):
    out = tmp_path / "surge-by-hand.md"
    assert main(["student", "surge-by-hand", "--out", str(out)]) == 0
    assert (tmp_path / "surge-by-hand" / "Dockerfile").is_file()
    assert main(["check", str(out)]) == 0
    assert main(["student", "surge-by-hand", "--out", str(out)]) == 2
    assert main(["student", "surge-by-hand", "--out", str(tmp_path / "other.md")]) == 2
    assert "an edition keeps its name" in capsys.readouterr().err
