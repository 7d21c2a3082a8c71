"""Adapts a lesson run of ``simulator.course`` to the workbench."""

from __future__ import annotations

from typing import cast

from simulator.course import pages
from simulator.course.judging import CheckResult, judge_task
from simulator.course.lesson_run import LessonRun
from simulator.course.model import Predict, Task
from simulator.course.progress import Keeper
from simulator.errors import DrydockError, Refused
from simulator.ports import Outcome
from simulator.tui.lesson_mode import Check, Goal, Note, Page, Part, Prose, Question, RunBlock
from simulator.tui.ports import PlaybackPort, SessionPort

_WHY = "?why"
"""After the id of a prediction: the question why it was wrong."""


class CourseTutor:
    """One person going through one lesson at the workbench."""

    def __init__(self, run: LessonRun, keeper: Keeper) -> None:
        self.run = run
        self._keeper = keeper
        self._seen: SessionPort | None = None
        self._notes: dict[int, list[Note]] = {}
        self._checked: dict[str, list[CheckResult]] = {}
        self._saved_entries = 0

    # --- the desk -----------------------------------------------------------------------------

    @property
    def session(self) -> SessionPort:
        """The session over the lesson's world; replaced by reset and by fresh runs."""
        session = cast("SessionPort", self.run.session)
        if session is not self._seen:
            # A lesson begins paused, and a fresh world goes on as the one before it did.
            session.paused = self._seen is None or self._seen.paused
            session.speed = session.speed if self._seen is None else self._seen.speed
            self._seen = session
        return session

    def execute(self, line: str) -> Outcome:
        """Carry out a typed line as an attempt of the learner's."""
        self._checked.clear()
        return self.run.execute(line, wait=False)

    @property
    def title(self) -> str:
        """The lesson's title."""
        return self.run.lesson.title

    @property
    def unsaved(self) -> bool:
        """Whether something was done since progress was last kept."""
        return len(self.run.entries) > self._saved_entries

    def save(self) -> None:
        """Keep progress; a folder that cannot be written is named, not a crash."""
        try:
            self._keeper.save(self.run)
        except OSError as error:
            raise Refused(f"progress could not be kept: {error}") from None
        self._saved_entries = len(self.run.entries)

    def close(self) -> None:
        """Others may open the lesson now."""
        self._keeper.close()

    # --- pages --------------------------------------------------------------------------------

    def page(self) -> Page:
        """The step being shown, with its texts measured now."""
        try:
            shown = pages.page(self.run)
        except Refused as error:
            return self._unreadable(str(error))
        parts: list[Part] = []
        for part in shown.parts:
            made = self._part(part)
            parts += [] if made is None else [made, *self._why(part)]
        parts += self._notes.get(self.run.step_index, [])
        return Page(shown.title, shown.number, shown.count, tuple(parts), shown.series)

    def _unreadable(self, reason: str) -> Page:
        """A page that tells of things that have not been made: someone turned pages too fast."""
        text = f"This page tells what was measured before, and there is nothing yet ({reason})."
        text += " Do the steps before it first: `p` goes back."
        number, count = self.run.step_index + 1, len(self.run.lesson.steps)
        return Page(self.run.step.title, number, count, (Prose(text),))

    def turn(self, by: int) -> bool:
        """Go to another step."""
        return self.run.next() if by > 0 else self.run.previous()

    def _part(self, part: pages.Part) -> Part | None:
        match part.kind:
            case "prose":
                return Prose(part.text)
            case "debrief":
                return Note(part.id, part.text) if part.state != "locked" else None
            case "predict":
                return self._prediction(part)
            case "run":
                return RunBlock(part.id, part.options, part.state)
            case "task":
                return self._goal(part)
            case "order" | "identify":
                return self._question(part)
            case "sweep":
                return Prose(f"**{part.text}** - see it with `drydock sweep`.")
        return None

    def _prediction(self, part: pages.Part) -> Question:
        assert isinstance(part.block, Predict)
        block = part.block
        given = self.run.predictions.get(part.id)
        answer = _in_words(block, given.answer) if given else None
        outcome, explanation, right = None, "", None
        if part.state == "done" and (shown := self.run.reveal(part.id)) is not None:
            outcome, right = shown.outcome.words, shown.correct
            explanation = shown.explanation
        return Question(
            part.id,
            part.text,
            block.kind,
            part.options,
            block.unit,
            answer,
            outcome,
            explanation,
            right,
        )

    def _why(self, part: pages.Part) -> list[Question]:
        """The question that follows a wrong prediction, and what was said to it."""
        if not isinstance(part.block, Predict) or part.state != "done":
            return []
        shown, why = self.run.reveal(part.id), part.block.why
        if why is None or shown is None:
            return []
        given = self.run.reasons.get(part.id)
        if shown.why is None and given is None:
            return []
        kind = "choice" if why.options else "reason"
        answer = why.options[int(given) - 1] if given and why.options else given
        right = given == str(why.right) if given and why.right else None
        best = why.options[why.right - 1] if given and why.right else None
        return [
            Question(
                f"{part.id}{_WHY}", why.ask, kind, why.options, answer=answer, outcome=best,
                right=right, is_prediction=False,
            )
        ]  # fmt: skip

    def _question(self, part: pages.Part) -> Question:
        given = self.run.answers.get(part.id)
        answer = given[0] if given else None
        right = given[1] if given else None
        outcome = "this is right" if right else None
        return Question(
            part.id,
            part.text,
            part.kind,
            part.options,
            answer=answer,
            outcome=outcome,
            right=right,
            is_prediction=False,
        )

    # --- questions and runs -------------------------------------------------------------------

    def answer(self, question: str, answer: str) -> None:
        """Note the answer to a prediction or another question."""
        if question.endswith(_WHY):
            self.run.because(question.removesuffix(_WHY), answer)
        elif any(one.id == question for one in self.run.lesson.all(Predict)):
            self.run.predict(question, answer)
        else:
            self.run.answer(question, answer)

    def play(self, block: str, *, override: bool = False) -> PlaybackPort:
        """Begin a run block, to be played frame by frame."""
        self._checked.clear()
        return self.run.start_block(block, override=override)

    # --- tasks --------------------------------------------------------------------------------

    def check(self) -> bool:
        """Check the page's task, all of it."""
        task = self._task()
        self._checked[task.id] = self.run.check(task.id)
        return self.run.tasks[task.id].solved

    def hint(self) -> None:
        """Unlock a hint that fits the state of the world."""
        task = self._task()
        dead = self.run.dead_end(task.id)
        if dead:
            self._note("No way from here", f"{dead} Undo with `u`, or start again with `r`.")
        else:
            self._note("Hint", self.run.hint(task.id))

    def solution(self, *, give_up: bool) -> bool:
        """Unlock the solutions of the page's task."""
        task = self._task()
        if self.run.tasks[task.id].open and not give_up:
            return False
        for one in self.run.give_up(task.id):
            lines = "\n".join(line.text for line in one.lines)
            self._note(one.title or "A solution", f"```\n{lines}\n```")
        return True

    def reset(self) -> None:
        """Put the world back to how the page began."""
        self._checked.clear()
        self.run.reset()

    def _task(self) -> Task:
        task = self.run.current_task()
        if task is None:
            raise Refused("this step has no task")
        return task

    def _note(self, title: str, text: str) -> None:
        notes = self._notes.setdefault(self.run.step_index, [])
        if Note(title, text) not in notes:
            notes.append(Note(title, text))

    def _goal(self, part: pages.Part) -> Goal:
        assert isinstance(part.block, Task)
        checked = self._checked.get(part.id)
        if checked is None and self.run.tasks[part.id].solved:
            checked = self.run.tasks[part.id].best
        live = self._live(part.id) if checked is None else []
        checks = [
            Check(
                one.message or f"check {one.number}",
                "passed" if one.passed else "failed",
                one.max_points,
            )
            for one in checked or []
        ]
        checks += [
            Check(_short(one), "so far" if one.passed else "not yet", one.max_points)
            for one in live
        ]
        return Goal(part.id, part.text, part.state, part.block.points, tuple(checks))

    def _live(self, task: str) -> list[CheckResult]:
        """How the checks stand right now; nothing is noted and nothing counts."""
        try:
            return judge_task(self.run.lesson, task, self.run.sight(task))
        except DrydockError:
            return []


def _short(result: CheckResult) -> str:
    """A live message without why it cannot be measured yet: nothing has happened, that is all."""
    return result.message.partition(" (not measurable yet")[0] or f"check {result.number}"


def _in_words(block: Predict, given: str) -> str:
    from simulator.course.judging import in_words

    return in_words(block, given)
