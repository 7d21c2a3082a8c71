"""Whatever is typed into a lesson, or stands in a transcript: an answer or an error, no crash."""

from __future__ import annotations

import pytest
from course_fakes import LESSON, FakeSession, tiny
from hypothesis import given, settings
from hypothesis import strategies as st

from simulator.course.console import Console
from simulator.course.lesson_run import LessonRun
from simulator.course.parser import parse_lesson
from simulator.course.replay import replay
from simulator.course.transcript import Entry, Transcript, parse_transcript
from simulator.errors import DrydockError, InputError

LINES = st.sampled_from((
    "next", "back", "page", "steps", "predict", "predict gap 2", "predict gap x", "predict rate 1",
    "predict no 1", "run", "run busy", "run busy anyway", "run no", "run anyway", "check",
    "check tame", "check no", "hint", "hint no", "solution", "give up", "give up no", "give",
    "answer", "answer a b", "sweep", "sweep no", "reset", "score", "help", "help x", "measure",
    "measure max('web.p95')", "measure __import__('os')", "measure 1/0", "measure (", "undo",
    "rate 40", "rate 0", "rate", "scale 2", "scale 3", "scale 60", "advance 5", "advance 30",
    "1", "2", "9" * 30, "-1", "nan", "1e999", "several", "under 100 ms", "quit", "", " ", "\x00",
    "\t", "\u2028", "é", "'", "#", "rate 40\nscale 2", "next next",
)) | st.text(max_size=30)  # fmt: skip


@given(st.lists(LINES, max_size=20))
@settings(max_examples=150, deadline=None)
def test_any_line_gets_an_answer_and_the_record_of_it_can_be_replayed(lines):
    run = LessonRun(tiny(), session_factory=FakeSession)
    console = Console(run)
    for line in lines:
        console.say(line)
    console.page()
    kept = run.transcript()
    assert parse_transcript(kept.text()) == kept
    again = replay(kept, tiny(), FakeSession)
    assert again.score() == run.score()
    assert again.world.now == run.world.now


ACTIONS = (
    ":step 2", ":step 99", ":step x", ":predict gap 2", ":predict gap", ":predict no 1",
    ":run busy", ":run no", ":ran busy", ":ran no", ":check tame", ":check no", ":hint tame",
    ":giveup tame", ":answer x 1", ":reset", ":leave", ":", "::", "scale 2", "undo", "advance 5",
    "nonsense",
)  # fmt: skip


@given(st.lists(st.tuples(st.floats(0, 100), st.sampled_from(ACTIONS)), max_size=15))
@settings(max_examples=150, deadline=None)
def test_any_transcript_is_replayed_or_refused(entries):
    made = tuple(Entry(time, text) for time, text in entries)
    try:
        run = replay(Transcript("tiny", tiny().hash, 7, entries=made), tiny(), FakeSession)
    except DrydockError:
        return
    assert 0 <= run.score()[0] <= run.score()[1]


@pytest.mark.parametrize(
    ("old", "new", "place"),
    [
        ("title: A tiny lesson", 'title: "\\e[31mred"', "lesson:4:8"),
        ("One replica serves", "One \x1b[2Jreplica serves", "lesson:13:5"),
        ("One replica serves", "One \u202ereplica serves", "lesson:13:5"),
    ],
)
def test_a_lesson_cannot_command_the_terminal(old, new, place):
    assert old in LESSON
    with pytest.raises(InputError) as caught:
        parse_lesson(LESSON.replace(old, new))
    assert str(caught.value).startswith(f"{place}: a control code in a text")
