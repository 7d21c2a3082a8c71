"""A lesson at the workbench: predict before run, visible runs, checks, hints, giving up."""

from __future__ import annotations

from dataclasses import replace

from simulator.tui.lesson_mode import Question, question_lines
from simulator.tui.screens.dialogs import Confirm
from simulator.tui.screens.question import QuestionDialog
from simulator.tui.widgets.ink import text_of


def test_a_wrong_answer_is_told_and_may_be_tried_again():
    asked = Question("q", "Which?", options=("one", "two"), is_prediction=False)
    wrong = replace(asked, answer="two", right=False)
    text = "\n".join(map(text_of, question_lines(wrong, 60)))
    assert (asked.open, wrong.open) == (True, True)
    assert "not so: two; x tries again" in text
    assert not replace(asked, answer="one", right=True, outcome="this is right").open
    assert not replace(asked, answer="two", right=False, is_prediction=True).open


async def test_the_lesson_stands_beside_the_map_and_pages_turn(desk):
    async with desk((120, 40), lesson=True) as d:
        text = d.screen_text()
        assert "Step 1 of 3" in text
        assert "One replica serves about 50 requests/s." in text.replace("\n", " ") or (
            "One replica serves about 50" in text
        )
        await d.press("n")
        assert "Step 2 of 3" in d.screen_text()
        await d.press("p", "p")
        assert "Step 1 of 3" in d.screen_text()
        assert "this is the first step" in d.screen_text()


async def test_a_run_waits_for_the_prediction_and_then_types_itself(desk):
    async with desk((120, 40), lesson=True) as d:
        await d.press("n", "x")
        assert isinstance(d.app.screen, QuestionDialog)
        assert "How long will p95 stay above 250 ms?" in d.screen_text()
        await d.press("c")
        assert d.tutor.answers == {"gap": "1 to 3 min"}
        assert "› c) 1 to 3 min" in d.screen_text()
        await d.frames(3)
        await d.settle()
        assert d.session_of().typed == ["docker ps", "docker ps"]
        assert "✔ right: 1 to 3 min" in d.screen_text()


async def test_a_wrong_prediction_is_shown_beside_the_outcome(desk):
    async with desk((120, 40), lesson=True) as d:
        await d.press("n", "x", "1")
        await d.frames(3)
        await d.settle()
        assert "✖ not so, it was: 1 to 3" in d.screen_text()


async def test_the_prediction_can_be_overridden_and_that_is_written_down(desk):
    async with desk((120, 40), lesson=True) as d:
        await d.press("n", "x", "ctrl+s")
        await d.frames(3)
        await d.settle()
        assert d.tutor.overridden
        assert d.tutor.answers == {}


async def test_not_now_leaves_everything_as_it_was(desk):
    async with desk((120, 40), lesson=True) as d:
        await d.press("n", "x", "escape")
        await d.frames(2)
        assert d.tutor.answers == {}
        assert not d.tutor.ran


async def test_a_check_shows_a_glyph_a_word_and_what_was_measured(desk):
    async with desk((120, 40), lesson=True) as d:
        await d.press("n", "n")
        assert "◐ not yet: p95 peaked" in d.screen_text()
        await d.press("c")
        assert "✖ failed: p95 peaked" in d.screen_text()
        d.tutor.solved = True
        await d.press("c")
        assert "✔ solved" in d.screen_text()


async def test_a_hint_appears_on_the_page(desk):
    async with desk((120, 40), lesson=True) as d:
        await d.press("n", "n", "h")
        assert "Look at the queue." in d.screen_text()


async def test_the_solution_of_an_open_task_costs_the_task_and_asks_first(desk):
    async with desk((120, 40), lesson=True) as d:
        await d.press("n", "n", "S")
        assert isinstance(d.app.screen, Confirm)
        await d.press("enter")
        assert not d.tutor.gave_up
        await d.press("S", "y")
        assert d.tutor.gave_up
        assert "scale web 4" in d.screen_text()


async def test_reset_asks_and_then_replaces_the_world(desk):
    async with desk((120, 40), lesson=True) as d:
        await d.press("space")
        await d.frames(20)
        await d.press("r", "n")
        assert d.tutor.resets == 0
        await d.press("r", "y")
        await d.settle()
        assert d.tutor.resets == 1
        assert d.bench.driver.world.now == 0.0


async def test_quitting_keeps_the_progress_and_asks_nothing(desk):
    async with desk((120, 40), lesson=True) as d:
        await d.type("docker ps")
        await d.press("escape", "q")
        assert d.app._exit
        assert not d.tutor.unsaved


async def test_quitting_with_work_that_cannot_be_kept_asks_and_staying_is_the_default(desk):
    async with desk((120, 40), lesson=True) as d:
        await d.type("docker ps")
        d.tutor.disk_full = True
        await d.press("escape", "q")
        assert isinstance(d.app.screen, Confirm)
        await d.press("enter")
        assert not d.app._exit
        await d.press("q", "y")
        assert d.app._exit


async def test_at_80_columns_the_lesson_is_a_drawer(desk):
    async with desk((80, 24), lesson=True) as d:
        assert "1 lesson" in d.screen_text()
        assert "2 map" in d.screen_text()
        await d.press("t")
        assert "1 lesson" not in d.screen_text()
        assert "3 charts" in d.screen_text()
        await d.press("t")
        assert "1 lesson" in d.screen_text()


async def test_at_60_columns_t_turns_between_lesson_and_map(desk):
    async with desk((60, 20), lesson=True) as d:
        assert "1 lesson" in d.screen_text()
        await d.press("t")
        assert "2 map" in d.screen_text()
        await d.press("t")
        assert "1 lesson" in d.screen_text()


async def test_lesson_keys_in_the_sandbox_say_that_there_is_no_lesson(desk):
    async with desk((120, 40)) as d:
        await d.press("n")
        assert "there is no lesson here" in d.screen_text()
        await d.press("1", "x", "c", "h", "S", "r", "t")
        assert d.app.screen is d.bench
