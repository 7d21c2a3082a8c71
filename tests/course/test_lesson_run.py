"""A lesson being played."""

from __future__ import annotations

import pytest
from course_fakes import FakeSession, tiny

from simulator.course.lesson_run import LessonRun
from simulator.errors import InputError, Refused


@pytest.fixture
def run():
    return LessonRun(tiny(), session_factory=FakeSession)


def seen(run):
    run.predict("gap", "2")
    run.predict("rate", "2000")
    return run.run_block("busy")


def test_the_world_begins_with_the_setup_of_the_lesson(run):
    assert (run.world.rate, run.seed) == (10, 7)


def test_a_run_waits_for_its_predictions(run):
    run.predict("gap", "1")
    with pytest.raises(Refused, match="predict first: How many requests"):
        run.run_block("busy")


def test_a_run_without_predictions_is_possible_and_written_down(run):
    run.run_block("busy", override=True)
    assert ":run busy override" in [entry.text for entry in run.entries]


def test_a_prediction_stands_beside_the_computed_outcome(run):
    seen(run)
    revealed = run.reveal("gap")
    assert revealed.predicted == "100 to 500 ms"
    assert revealed.outcome.words == "100 to 500 ms"
    assert revealed.correct
    assert revealed.explanation == "It was 300 ms."


def test_a_number_is_right_within_its_tolerance(run):
    seen(run)
    assert run.reveal("rate").correct
    assert run.reveal("rate").outcome.value == pytest.approx(2400, abs=50)


def test_a_prediction_is_not_revealed_before_the_run(run):
    run.predict("gap", "under 100 ms")
    assert run.reveal("gap") is None


def test_a_prediction_cannot_be_changed_after_the_run(run):
    seen(run)
    with pytest.raises(Refused, match="stays as it was"):
        run.predict("gap", "3")


def test_a_prediction_made_after_the_run_is_marked_as_such(run):
    run.run_block("busy", override=True)
    assert run.predict("gap", "3").before_run is False


def test_what_happened_is_what_happened_in_the_learners_own_world(run):
    run.execute("scale 4")
    seen(run)
    assert run.reveal("gap").outcome.words == "under 100 ms"


@pytest.mark.parametrize("answer", ["0", "4", "sideways", ""])
def test_an_answer_that_is_none_is_refused(run, answer):
    with pytest.raises(InputError):
        run.predict("gap", answer)


def test_a_screen_can_play_a_run_piece_by_piece(run):
    run.predict("gap", "2")
    run.predict("rate", "1")
    playback = run.start_block("busy")
    typed = [line for line, _ in playback.play(10.5)]
    assert (typed, run.world.now, playback.waiting) == (["rate 40", "advance 60"], 10.5, True)
    assert playback.play(100.0) == []
    assert (playback.done, run.world.now) == (True, 60.0)
    assert run.marks["busy"] == (0.0, 60.0)


def test_all_failures_are_reported_at_once_with_measured_values(run):
    run.execute("scale 60")
    run.execute("rate 5000")
    run.execute("advance 30")
    results = run.check("tame")
    assert [result.message for result in results] == ["p95 is 10 000 ms".replace(" 000", ",000"),
                                                      "you run 60 replicas"]  # fmt: skip


def test_a_check_that_cannot_be_measured_yet_says_so(run):
    first = run.check("tame")[0]
    assert (first.passed, first.status) == (False, "error")
    assert "not measurable yet" in first.message


def test_a_solved_task_gives_its_points_and_opens_the_debrief(run):
    seen(run)
    run.go(2)
    debrief = run.step.parts[-2]
    assert not run.unlocked(debrief)
    run.execute("scale 2")
    run.execute("advance 30")
    assert all(result.passed for result in run.check())
    assert run.score() == (3, 3)
    assert run.unlocked(debrief)
    assert run.complete


def test_part_of_a_task_gives_part_of_its_points(run):
    run.go(2)
    run.execute("scale 5")
    run.execute("advance 30")
    run.check()
    assert run.score() == (2, 3)


def test_a_hint_fits_the_state_of_the_world(run):
    run.go(2)
    assert run.hint() == "How many replicas are there?"
    run.execute("scale 5")
    run.check()
    assert run.hint() == "Fewer would do."


def test_a_second_hint_wants_something_tried_first(run):
    run.go(2)
    run.hint()
    run.execute("scale 4")
    with pytest.raises(Refused, match="try something first"):
        run.hint()


def test_no_hint_is_given_when_none_fits(run):
    run.go(2)
    run.execute("scale 2")
    with pytest.raises(Refused, match="no hint fits"):
        run.hint()


def test_a_solution_is_locked_until_given_up_and_then_gives_no_points(run):
    run.go(2)
    with pytest.raises(Refused):
        run.solutions()
    assert [line.text for line in run.give_up()[0].lines] == ["scale 2", "advance 30"]
    run.execute("scale 2")
    run.execute("advance 30")
    run.check()
    assert run.score() == (0, 3)


def test_a_dead_end_is_named(run):
    run.go(2)
    assert run.dead_end() is None
    run.execute("scale 51")
    assert run.dead_end() == "The budget is gone."
    run.undo()
    assert run.dead_end() is None


def test_undo_takes_back_a_line_and_forgets_runs_of_the_future(run):
    run.execute("advance 10")
    run.execute("scale 3")
    seen(run)
    run.undo()
    run.undo()
    assert (run.world.replicas, run.world.now) == (1, 10.0)


def test_reset_leads_to_the_top_of_the_page_by_the_lessons_own_path(run):
    run.go(2)
    run.execute("scale 50")
    run.reset()
    assert (run.world.replicas, run.world.rate, run.world.now) == (1, 40, 60.0)
    assert run.marks == {"busy": (0.0, 60.0)}


def test_a_fresh_task_starts_from_the_setup():
    text_with_fresh = tiny()
    run = LessonRun(text_with_fresh, session_factory=FakeSession)
    run.execute("scale 9")
    assert run.world.replicas == 9


def test_pages_do_not_turn_beyond_the_ends(run):
    assert not run.previous()
    assert run.next()
    assert run.next()
    assert not run.next()
    assert run.step.title == "Predict"


def test_unknown_ids_are_named_with_the_nearest(run):
    with pytest.raises(InputError, match="did you mean 'busy'"):
        run.run_block("bussy")


def test_a_line_is_written_down_as_it_was_carried_out(run):
    run.execute("\trate\x0030 ")
    assert run.world.rate == 30
    assert run.entries[-1].text == "rate 30"


def test_a_line_that_no_transcript_could_hold_is_not_carried_out(run):
    assert "too long" in run.execute("rate " + "1" * 5000).error
    assert run.entries == []


def test_a_typed_colon_cannot_pass_for_something_done_to_the_lesson(run):
    run.execute(":scale 2")
    assert run.entries[-1].text == "scale 2"
