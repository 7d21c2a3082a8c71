"""Plain mode: lines in, lines out."""

from __future__ import annotations

import io

from course_fakes import FakeSession, tiny

from simulator.course.plain import play


def played(*lines):
    output = io.StringIO()
    code = play(
        tiny(), io.StringIO("".join(f"{line}\n" for line in lines)), output,
        session_factory=FakeSession,
    )  # fmt: skip
    return code, output.getvalue()


def test_a_lesson_is_played_to_its_end_through_a_pipe():
    code, text = played(
        "next", "2", "2400", "run", "next", "scale 2", "advance 30", "check", "page", "quit"
    )
    assert "Step 1 of 3: A tiny lesson" in text
    assert "What happened:  100 to 500 ms" in text
    assert "Check 1 passed, 2 of 2 points" in text
    assert "Two are enough." in text
    assert text.endswith("You have 3 of 3 points.\n")
    assert code == 0


def test_the_end_of_the_input_ends_cleanly():
    code, text = played()
    assert code == 1
    assert "Still open: tame." in text


def test_errors_are_one_line_and_the_lesson_goes_on():
    _, text = played("next", "run", "predict gap 9", "frobnicate", "score")
    errors = [line for line in text.splitlines() if line.startswith("error: ")]
    assert [error.split(":")[1].strip() for error in errors] == [
        "predict first", "no such option", "unknown command",
    ]  # fmt: skip
    assert "0 of 3 points." in text


def test_solution_hint_and_give_up():
    _, text = played("next", "next", "hint", "solution", "give up", "solution")
    assert "How many replicas are there?" in text
    assert "type 'give up' to see it without points" in text
    assert text.count("    scale 2") == 2


def test_teachers_notes_are_for_teachers():
    _, text = played("next", "next")
    assert "Vote twice" not in text


def test_help_lists_the_words():
    assert "next, back" in played("help")[1]
