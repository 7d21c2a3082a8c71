"""Tasks: checks, hints, solutions, and the questions answered by arranging or pointing."""

from __future__ import annotations

from typing import Any

from simulator.course.answers import (
    Tried,
    given_lines,
    judge_identify,
    judge_order,
    try_order,
)
from simulator.course.canon import Walk
from simulator.course.judging import CheckResult, dead_end, fitting_hints, judge_task
from simulator.course.model import Debrief, Hint, Identify, Order, Predict, Solution, Task
from simulator.course.run_state import RunState
from simulator.errors import Refused, unknown

SHARES = {1: 1.0, 2: 0.5}
"""Of the points of a question, by the number of the try that was right; later ones: nothing."""
COOL_DOWN = 2
"""So many things must be tried after a hint before there is another one for the task."""


class Solving(RunState):
    """Tasks and questions, and the points they give."""

    def __init__(self, *args: Any, **named: Any) -> None:
        self.answers: dict[str, tuple[str, bool]] = {}
        """Order and identify blocks: what was answered, and whether it was right."""
        self.attempts: dict[str, int] = {}
        """How often they were answered until they were right."""
        self.tried: dict[str, Tried] = {}
        """Orders that are built: what came of the last one."""
        self.hints_used = 0
        super().__init__(*args, **named)

    def check(self, task: str | None = None) -> list[CheckResult]:
        """All checks of a task (the page's by default), passed and failed."""
        name = self.task_named(task)
        self.note(f":check {name}")
        state = self.tasks[name]
        state.checks += 1
        state.tried += 1
        results = self._judged(name)
        if not state.solved and all(r.passed for r in results):
            state.solved = True
            self.lock()
        return results

    def _judged(self, name: str) -> list[CheckResult]:
        """All checks of a task now; the best so far is kept."""
        state = self.tasks[name]
        results = judge_task(self.lesson, name, self.sight(name))
        if sum(r.points for r in results) >= sum(r.points for r in state.best):
            state.best = results
        return results

    def settle(self) -> None:
        """Judge the tasks that were begun and are open, as a check would now; nothing is noted.

        For marks: who did everything but forgot to type the check has done it. Nothing else is
        changed by it, so that a replay goes on as the lesson did.
        """
        for name, state in self.tasks.items():
            if state.open and state.start is not None:
                before = sum(r.points for r in state.best)
                results = self._judged(name)
                if not state.checks or sum(r.points for r in results) > before:
                    state.unasked = True

    def hint(self, task: str | None = None) -> str:
        """Help that fits the state of the world; Refused while the last hint is still fresh."""
        name = self.task_named(task)
        state = self.tasks[name]
        if state.hints and state.tried < COOL_DOWN:
            raise Refused("try something first: the last hint is still to be used")
        fitting = fitting_hints(self.lesson, name, self.sight(name))
        if not fitting:
            raise Refused("no hint fits what you have now: type 'check' to see what is missing")
        places = {hint.place: i for i, hint in enumerate(self.lesson.of(name, Hint))}
        unseen = [hint for hint in fitting if places[hint.place] not in state.hints]
        chosen = (unseen or fitting)[0]
        self.note(f":hint {name}")
        state.hints.append(places[chosen.place])
        state.tried = 0
        self.hints_used += 1
        return self.sight(name).text(chosen.text)

    def dead_end(self, task: str | None = None) -> str | None:
        """Why the task cannot be solved any more (undo or reset then help), else None."""
        if task is None and self.current_task() is None:
            return None
        name = self.task_named(task)
        return dead_end(self.lesson, name, self.sight(name)) if self.tasks[name].open else None

    def give_up(self, task: str | None = None) -> list[Solution]:
        """Unlock the solutions of a task without having solved it; no points for it later."""
        name = self.task_named(task)
        if not self.tasks[name].solved:
            self.note(f":giveup {name}")
            self.tasks[name].given_up = True
        return self.solutions(name)

    def solutions(self, task: str | None = None) -> list[Solution]:
        """The solutions of a task; Refused until it is solved or given up."""
        name = self.task_named(task)
        if self.tasks[name].open:
            raise Refused("solutions are shown when the task is solved or given up")
        if self.lesson.student:
            raise Refused("this edition has no solutions: whoever gave it to you has them")
        return self.lesson.of(name, Solution)

    def unlocked(self, debrief: Debrief) -> bool:
        """Whether a debrief may be read: its task is over, or all tasks and questions before it."""
        if debrief.task is not None:
            return not self.tasks[debrief.task].open
        for block in self.lesson.blocks():
            if block is debrief:
                break
            if isinstance(block, Task) and self.tasks[block.id].open:
                return False
            if isinstance(block, Order | Identify) and block.id not in self.answers:
                return False
        return True

    def answer(self, name: str, text: str) -> bool:
        """Answer an order or identify block; whether it was right. What was right stays so."""
        blocks = {block.id: block for block in self.questions()}
        if name not in blocks:
            raise unknown("question", name, blocks)
        block = blocks[name]
        if isinstance(block, Order) and block.build is not None:
            given, right = self._build(block, text)
        elif isinstance(block, Order):
            given, right = judge_order(block, text, self.seed)
        else:
            given, right = judge_identify(block, text, self.session, self.sight())
        self.note(f":answer {name} {given}")
        if not self.answers.get(name, ("", False))[1]:
            self.attempts[name] = self.attempts.get(name, 0) + 1
            self.answers[name] = (given, right)
        return right

    def _build(self, block: Order, text: str) -> tuple[str, bool]:
        given, _ = judge_order(block, text, self.seed)
        lines = given_lines(block, given.split(), self.seed)
        tried = try_order(block, lines, Walk(self.lesson, self.seed, self.factory).to(block))
        self.tried[block.id] = tried
        return given, tried.right

    def question_points(self, block: Order | Identify) -> float:
        """Points for a question: in full at the first try, half at the second, then none.

        An order that is built is measured, not guessed: it may be tried as often as one likes.
        """
        if not self.answers.get(block.id, ("", False))[1]:
            return 0.0
        if isinstance(block, Order) and block.build is not None:
            return block.points
        return block.points * SHARES.get(self.attempts.get(block.id, 1), 0.0)

    def score(self) -> tuple[float, float]:
        """Points reached and points possible."""
        reached = sum(r.points for s in self.tasks.values() if not s.given_up for r in s.best)
        possible = sum(task.points for task in self.lesson.all(Task))
        for question in self.questions():
            possible += question.points
            reached += self.question_points(question)
        for predict in self.lesson.all(Predict):
            possible += predict.points
            reached += predict.points if self.predicted_in_time(predict.id) else 0.0
        return reached, possible

    def predicted_in_time(self, name: str) -> bool:
        """Whether something was predicted, right or wrong, before its run was seen."""
        return False

    def questions(self) -> list[Order | Identify]:
        """The order and identify blocks of the lesson."""
        return [block for block in self.lesson.blocks() if isinstance(block, Order | Identify)]
