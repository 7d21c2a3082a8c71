"""The lesson's keys: turn pages, predict, run, check, hint, solution, reset."""

from __future__ import annotations

from simulator.tui.lesson_mode import Question, RunBlock
from simulator.tui.playing import block_length
from simulator.tui.screens.dialogs import Confirm
from simulator.tui.screens.pane_actions import PaneActions
from simulator.tui.screens.question import SKIP, QuestionDialog


class LessonActions(PaneActions):
    """Actions of a lesson under way; without one they say so."""

    def _has_lesson(self) -> bool:
        if self.tutor is None:
            self.flash("this is the sandbox: there is no lesson here (H goes home)")
        return self.tutor is not None

    def action_next_step(self) -> None:
        """Next step."""
        self._turn_page(1)

    def action_previous_step(self) -> None:
        """Previous step."""
        self._turn_page(-1)

    def lesson_word(self, line: str) -> bool:
        """Do what a word of the lesson asks (``next``, ``check``, ...); False for other lines."""
        if self.tutor is None:
            return False
        word, _, rest = " ".join(line.split()).partition(" ")
        actions = {
            "next": self.action_next_step,
            "back": self.action_previous_step,
            "run": self.action_run_block,
            "check": self.action_check,
            "hint": self.action_hint,
            "solution": self.action_solution,
            "give up": self.action_solution,
            "reset": self.action_reset,
        }
        action = actions.get(f"{word} {rest}".strip()) or (
            actions.get(word) if word == "run" else None
        )
        if action is not None:
            self.driver.say("typed", line)
            action()
            return True
        return False

    def _turn_page(self, by: int) -> None:
        if not self._has_lesson():
            return
        assert self.tutor is not None
        with self.reporting():
            if not self.tutor.turn(by):
                self.flash("this is the last step" if by > 0 else "this is the first step")
            self.tutor.save()
        self.show_page()
        self.look()

    def action_run_block(self) -> None:
        """Answer what is asked, then run the step's lines."""
        if not self._has_lesson():
            return
        assert self.tutor is not None
        page = self.tutor.page()
        question, block = page.open_question(), page.run_block()
        if self.driver.playback is not None:
            self.flash("it is running; esc stops it")
        elif question is not None and not (
            question.answer is not None and block is not None and block.state != "done"
        ):
            self._ask(question, block)
        elif block is not None:
            self._play(block, override=False)
        else:
            self.flash("nothing to run on this step; n goes on")

    def _ask(self, question: Question, block: RunBlock | None) -> None:
        can_skip = question.is_prediction and block is not None

        def answered(answer: str | None) -> None:
            assert self.tutor is not None
            if answer is None:
                return
            with self.reporting():
                if answer == SKIP:
                    if block is not None:
                        self._play(block, override=True)
                    return
                self.tutor.answer(question.id, answer)
                self.show_page()
                if not question.is_prediction:
                    self.call_after_refresh(self.call_after_refresh, self.show_outcome)
                self._after_answer(question)
            self.look()

        self.app.push_screen(QuestionDialog(question, can_skip=can_skip), answered)

    def _after_answer(self, question: Question) -> None:
        """Ask the next question; when all predictions are made, run what they were about."""
        assert self.tutor is not None
        page = self.tutor.page()
        following, block = page.open_question(), page.run_block()
        if following is not None and following.id != question.id:
            self._ask(following, block)
        elif question.is_prediction and block is not None and block.state == "open":
            self._play(block, override=False)

    def _play(self, block: RunBlock, *, override: bool) -> None:
        assert self.tutor is not None
        with self.reporting():
            playback = self.tutor.play(block.id, override=override)
            self.driver.play(playback, block_length(block.lines))
            self.window.run_began = self.driver.world.now
            if self.side == "map":  # where there is room for two, a run is watched as curves
                self.side = "charts"
                self.place_panes()
        self.look()

    def action_check(self) -> None:
        """Check the task."""
        if not self._has_lesson():
            return
        assert self.tutor is not None
        with self.reporting():
            solved = self.tutor.check()
            if solved:
                self.driver.say("good", "task solved; n goes on, S shows another way")
            else:
                self.driver.say("note", "not yet: the lesson says what was measured")
            self.tutor.save()
        self.show_page()
        self.look()
        self.call_after_refresh(self.call_after_refresh, self._show_verdict)

    def _show_verdict(self) -> None:
        """Bring what was measured into view: what failed first."""
        for words in (" failed: ", " passed: ", "Task  "):
            if self.lesson.bring_into_view(words):
                return

    def action_hint(self) -> None:
        """A hint that fits."""
        if not self._has_lesson():
            return
        assert self.tutor is not None
        with self.reporting():
            self.tutor.hint()
        self._show_notes()

    def action_solution(self) -> None:
        """A solution; gives an open task up, after asking."""
        if not self._has_lesson():
            return
        assert self.tutor is not None
        with self.reporting():
            if self.tutor.solution(give_up=False):
                self._show_notes()
                return
            self.app.push_screen(
                Confirm(
                    "Give the task up and see a solution? It then earns no points.", yes="give up"
                ),
                self._give_up,
            )
        self.look()

    def _give_up(self, sure: bool | None) -> None:
        assert self.tutor is not None
        if sure:
            with self.reporting():
                self.tutor.solution(give_up=True)
            self._show_notes()

    def _show_notes(self) -> None:
        """Notes stand at the end of the page."""
        self.show_page()
        self.look()
        self.action_pane("lesson")
        self.call_after_refresh(self.call_after_refresh, self.lesson.end)

    def action_reset(self) -> None:
        """Put the world back, after asking."""
        if self._has_lesson():
            self.app.push_screen(
                Confirm("Put the world back to how this step began?", yes="reset"), self._reset
            )

    def _reset(self, sure: bool | None) -> None:
        if not sure:
            return
        assert self.tutor is not None
        self.driver.leave()
        self.background("going back", self.tutor.reset, self._was_reset)

    def _was_reset(self) -> None:
        self.driver.replayed()
        self.driver.say("note", "the world is as it was when this step began")
        self.show_page()
        self.look()
