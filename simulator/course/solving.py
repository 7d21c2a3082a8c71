"""Tasks: checks, hints, solutions, and the questions answered by arranging or pointing."""

from __future__ import annotations

from typing import Any

from simulator.course.answers import judge_identify, judge_order
from simulator.course.judging import CheckResult, dead_end, fitting_hints, judge_task
from simulator.course.model import Debrief, Hint, Identify, Order, Solution, Task
from simulator.course.run_state import RunState
from simulator.errors import Refused, unknown

COOL_DOWN = 2
"""So many things must be tried after a hint before there is another one for the task."""


class Solving(RunState):
    """Tasks and questions, and the points they give."""

    def __init__(self, *args: Any, **named: Any) -> None:
        self.answers: dict[str, tuple[str, bool]] = {}
        """Order and identify blocks: what was answered, and whether it was right."""
        self.hints_used = 0
        super().__init__(*args, **named)

    def check(self, task: str | None = None) -> list[CheckResult]:
        """All checks of a task (the page's by default), passed and failed."""
        name = self.task_named(task)
        self.note(f":check {name}")
        state = self.tasks[name]
        state.checks += 1
        state.tried += 1
        results = judge_task(self.lesson, name, self.sight(name))
        if sum(r.points for r in results) >= sum(r.points for r in state.best):
            state.best = results
        state.solved = state.solved or all(r.passed for r in results)
        return results

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
        """Answer an order or identify block; whether it was right."""
        blocks = {block.id: block for block in self.questions()}
        if name not in blocks:
            raise unknown("question", name, blocks)
        block = blocks[name]
        if isinstance(block, Order):
            given, right = judge_order(block, text, self.seed)
        else:
            given, right = judge_identify(block, text, self.session, self.sight())
        self.note(f":answer {name} {given}")
        self.answers[name] = (given, right)
        return right

    def score(self) -> tuple[float, float]:
        """Points reached and points possible."""
        reached = sum(r.points for s in self.tasks.values() if not s.given_up for r in s.best)
        possible = sum(task.points for task in self.lesson.all(Task))
        for question in self.questions():
            possible += question.points
            if self.answers.get(question.id, ("", False))[1]:
                reached += question.points
        return reached, possible

    def questions(self) -> list[Order | Identify]:
        """The order and identify blocks of the lesson."""
        return [block for block in self.lesson.blocks() if isinstance(block, Order | Identify)]
