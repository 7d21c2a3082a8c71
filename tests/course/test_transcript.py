"""What was done is written down, and doing it again comes to the same."""

from __future__ import annotations

import pytest
from course_fakes import FakeSession, tiny
from hypothesis import given, settings
from hypothesis import strategies as st

from simulator.course.lesson_run import LessonRun
from simulator.course.replay import replay
from simulator.course.results import encode, regrade, result_of
from simulator.course.transcript import Entry, Transcript, parse_transcript
from simulator.errors import InputError, Refused


@pytest.fixture
def played():
    run = LessonRun(tiny(), session_factory=FakeSession, student="Ada")
    run.predict("gap", "2")
    run.predict("rate", "10")
    run.run_block("busy")
    run.go(2)
    run.hint()
    run.execute("scale 5")
    run.execute("undo")
    run.execute("scale 2")
    run.execute("nonsense")
    run.execute("advance 30")
    run.check()
    return run


def test_a_transcript_reads_back_as_it_was_written(played):
    kept = played.transcript(started="2030-01-01T10:00:00")
    assert parse_transcript(kept.text()) == kept


def test_replaying_gives_the_same_result(played):
    again = replay(played.transcript(), tiny(), FakeSession)
    assert again.entries == played.entries
    assert encode(result_of(again)) == encode(result_of(played))


def test_a_result_holds_predictions_checks_and_score(played):
    result = result_of(played)
    assert [(p.id, p.correct, p.before_run) for p in result.predictions] == [
        ("gap", True, True),
        ("rate", False, True),
    ]
    assert [(t.id, t.status, t.points) for t in result.tests] == [
        ("tame.1", "pass", 2),
        ("tame.2", "pass", 1),
    ]
    assert (result.score, result.max_score, result.hints_used, result.student) == (3, 3, 1, "Ada")


def test_a_result_does_not_believe_a_transcript_but_does_it_again(played):
    forged = Transcript("tiny", tiny().hash, 7, entries=(Entry(0.0, ":check tame"),))
    result = regrade(forged, tiny(), FakeSession)
    assert result.score < result.max_score


def test_equal_work_has_equal_digests_whoever_did_it(played):
    kept = played.transcript()
    other = Transcript(kept.lesson, kept.hash, kept.seed, "Eve", entries=kept.entries)
    assert other.digest == kept.digest


def test_a_last_line_cut_off_by_a_crash_is_left_out(played):
    text = played.transcript().text()
    assert parse_transcript(text[:-4]).entries == played.transcript().entries[:-1]


def test_a_transcript_of_another_text_of_the_lesson_is_refused(played):
    with pytest.raises(Refused, match="another text"):
        replay(Transcript("tiny", "0000", 7), tiny(), FakeSession)


@pytest.mark.parametrize(
    "text",
    ["", "hello\n", "drydock transcript 1\nsed: 3\n\n", "drydock transcript 1\nlesson: a b\n\n",
     "drydock transcript 1\nlesson: a b\nseed: 1\n\n-1\tx\n",
     "drydock transcript 1\nlesson: a b\nseed: 1\n\nnan\tx\n",
     "drydock transcript 1\nlesson: a b\nseed: 1\n\n1 x\n"],
)  # fmt: skip
def test_a_bad_transcript_is_refused_by_line(text):
    with pytest.raises(InputError):
        parse_transcript(text)


@pytest.mark.parametrize("action", [":frobnicate", ":step x", ":predict none 1", ":run none"])
def test_a_bad_action_in_a_transcript_is_refused(action):
    bad = Transcript("tiny", tiny().hash, 7, entries=(Entry(0.0, action),))
    with pytest.raises(InputError):
        replay(bad, tiny(), FakeSession)


@given(st.text(max_size=200))
@settings(max_examples=100, deadline=None)
def test_no_text_raises_anything_but_an_error_of_the_input(text):
    try:
        parse_transcript(f"drydock transcript 1\nlesson: a b\nseed: 1\n\n{text}\n")
    except InputError:
        pass
