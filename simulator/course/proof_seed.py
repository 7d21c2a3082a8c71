"""The proof of a lesson on one seed: one walk through it, and every answer tried from a copy.

At each task the world is copied, so that no answer costs the way to the task again.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass, field

from simulator.course.answers import objects, right_orders, shuffled, try_order
from simulator.course.canon import Walk
from simulator.course.judging import (
    CheckResult,
    Sight,
    Truth,
    dead_end,
    fitting_hints,
    judge_task,
    truth,
)
from simulator.course.lint import Problem
from simulator.course.model import (
    Block,
    Debrief,
    Fail,
    Identify,
    Lesson,
    Order,
    Predict,
    Prose,
    Run,
    ScriptLine,
    Solution,
    Task,
    Wrong,
)
from simulator.course.proof_empty import emptied, repeated
from simulator.course.proof_names import names_in, told_by_names
from simulator.course.session import SessionFactory
from simulator.course.template import Template
from simulator.course.varying import varied
from simulator.errors import InputError, Place


@dataclass(slots=True)
class SeedProof:
    """What one seed says."""

    seed: int
    problems: list[Problem] = field(default_factory=list)
    truths: dict[str, Truth] = field(default_factory=dict)
    fired: set[int] = field(default_factory=set)
    """Lines of the hints that fired at a start or for a wrong answer."""
    names: set[str] = field(default_factory=set)
    """Everything that had a name in some world that was tried."""
    golden: list[str] = field(default_factory=list)
    cpu_s: float = 0.0


def prove_seed(
    lesson: Lesson, seed: int, factory: SessionFactory, task: str | None = None
) -> SeedProof:
    """Everything that does not hold on a seed; ``task``: of one task only."""
    began = time.process_time()
    trial = _Trial(varied(lesson, seed), seed, factory, task)
    try:
        trial.walk_through()
    except InputError as error:
        trial.wrong(error.place or lesson.place, error.problem)
    trial.found.cpu_s = time.process_time() - began
    return trial.found


class _Trial:
    """One lesson on one seed."""

    def __init__(
        self, lesson: Lesson, seed: int, factory: SessionFactory, task: str | None
    ) -> None:
        self._lesson = lesson
        self._seed = seed
        self._factory = factory
        self._only = task
        self.found = SeedProof(seed)

    def wrong(self, place: Place, text: str) -> None:
        """Note what does not hold."""
        problem = Problem(place, f"seed {self._seed}: {text}")
        if problem not in self.found.problems:
            self.found.problems.append(problem)

    # --- the lesson's own path ----------------------------------------------------------------

    def walk_through(self) -> None:
        """Walk once through the whole lesson: its runs, its first solutions, its texts."""
        walk = self._begin()
        for block in self._lesson.blocks():
            if isinstance(block, Run | Task) and block.fresh:
                walk = self._begin()
            self._block(block, walk)
            if block_is_last_task(self._lesson, block, self._only):
                return

    def _begin(self) -> Walk:
        return Walk(self._lesson, self._seed, self._factory)

    def _block(self, block: Block, walk: Walk) -> None:
        if isinstance(block, Prose | Debrief | Task) and self._only is None:
            self._measured(block.text, block.place, walk.sight())
        if isinstance(block, Run):
            walk.play(block)
            self.found.names |= names_in(walk.session)
            self._predicted(block, walk)
        elif isinstance(block, Task):
            self._task(block, walk)
        elif isinstance(block, Identify) and self._only is None:
            self._picked(block, walk)
        elif isinstance(block, Order) and block.build and self._only is None:
            self._ordered(block, walk)

    def _predicted(self, run: Run, walk: Walk) -> None:
        for predict in self._lesson.all(Predict):
            if predict.answer.run == run.id:
                found = truth(predict, walk.sight())
                self.found.truths[predict.id] = found
                number = "" if found.value is None else f" ({found.value:.3g})"
                self._gold(f"{predict.id} = {found.answer}{number}")
                if predict.explain:
                    self._measured(predict.explain, predict.place, walk.sight())

    def _gold(self, text: str) -> None:
        self.found.golden.append(f"seed {self._seed}: {text}")

    def _measured(self, text: Template, place: Place, sight: Sight) -> None:
        for slot in text.slots():
            try:
                sight.value(slot.expression)
            except InputError as error:
                where = slot.expression.place or place
                self.wrong(where, f"cannot be measured here: {slot.expression.text}"
                           f" ({error.problem})")  # fmt: skip

    def _picked(self, block: Identify, walk: Walk) -> None:
        names = objects(walk.session, block.kind)
        picked = [n for n in names if walk.sight(name=n).true(block.where)]
        if not picked or len(picked) == len(names):
            self.wrong(block.place, f"'{block.id}' picks {len(picked)} of {len(names)} objects")
        elif (told := told_by_names(picked, names)) is not None:
            self.wrong(block.place, f"the names give the answer to '{block.id}' away: {told}")

    def _ordered(self, block: Order, walk: Walk) -> None:
        """The orders that are said to be right are, and what is shown first is not."""
        for lines in right_orders(block):
            tried = try_order(block, lines, walk.twin())
            if not tried.right:
                self.wrong(block.place, f"this order does not do it: {tried.message}")
        mixed = shuffled(block, self._seed)
        if try_order(block, mixed, walk.twin()).right:
            self.wrong(block.place, f"the lines of '{block.id}' are right as they are shown")

    # --- tasks --------------------------------------------------------------------------------

    def _task(self, task: Task, walk: Walk) -> None:
        """Try every answer from copies of the world, and go on with the first solution."""
        walk.start = walk.session.world.now
        solutions = self._lesson.of(task.id, Solution)
        if self._only in (None, task.id):
            self._for_nothing(task, walk)
            for wrong in self._lesson.of(task.id, Wrong):
                self._wrong_answer(task, wrong, walk.twin())
            for solution in solutions:
                self._left_out(task, solution, walk)
            for solution in solutions[1:]:
                self._solved(task, solution, walk.twin())
        for solution in solutions[:1]:
            self._solved(task, solution, walk)
        walk.start = 0.0

    def _for_nothing(self, task: Task, walk: Walk) -> None:
        sight = walk.sight()
        self._no_points(task, sight, "before anything is done")
        self.found.fired |= _lines(fitting_hints(self._lesson, task.id, sight))
        if dead_end(self._lesson, task.id, sight):
            self.wrong(task.place, f"task '{task.id}' begins in a dead end")
        self.found.names |= names_in(walk.session)
        self._no_points(task, emptied(walk.twin(), task).sight(), "in an emptied world")
        self._no_points(task, repeated(walk.twin(), task).sight(), "when the set-up is repeated")

    def _no_points(self, task: Task, sight: Sight, when: str) -> None:
        for result in judge_task(self._lesson, task.id, sight):
            if result.passed and result.max_points:
                self.wrong(task.place, f"check {result.number} of '{task.id}' passes {when}")

    def _solved(self, task: Task, solution: Solution, walk: Walk) -> None:
        if not self._played(solution.lines, walk, task):
            return
        sight = walk.sight()
        self.found.names |= names_in(walk.session)
        if self._only not in (None, task.id):
            return
        for result in judge_task(self._lesson, task.id, sight):
            self._gold(f"{task.id}.{result.number} {result.status} {result.message}")
            if not result.passed:
                self.wrong(
                    solution.place,
                    f"check {result.number} fails after this solution ({result.message})",
                )
        for hint in fitting_hints(self._lesson, task.id, sight):
            self.wrong(hint.place, "this hint fires after a solution")
        for fail in self._lesson.of(task.id, Fail):
            if sight.true(fail.when):
                self.wrong(fail.place, "this dead end fires after a solution")

    def _played(
        self, lines: tuple[ScriptLine, ...], walk: Walk, learner: Task | None = None
    ) -> bool:
        try:
            walk.script(lines) if learner is None else walk.as_learner(lines, learner)
        except InputError as error:
            self.wrong(error.place or self._lesson.place, error.problem)
            return False
        return True

    def _wrong_answer(self, task: Task, wrong: Wrong, walk: Walk) -> None:
        if not self._played(wrong.lines, walk):
            return
        sight = walk.sight()
        results = judge_task(self._lesson, task.id, sight)
        failed = [result for result in results if not result.holds]
        if tuple(result.number for result in failed) != wrong.fails:
            self.wrong(
                wrong.place,
                f"this wrong answer fails {_numbers(failed)}"
                f" instead of {', '.join(map(str, wrong.fails))}{_messages(failed)}",
            )
        self.found.names |= names_in(walk.session)
        self.found.fired |= _lines(fitting_hints(self._lesson, task.id, sight))

    def _left_out(self, task: Task, solution: Solution, walk: Walk) -> None:
        """No line of a solution is idle: without it, something fails."""
        lines = solution.lines
        timed = any(line.at is not None for line in lines)
        before = walk.twin()
        for index, line in enumerate(lines):
            shorter = walk.twin() if timed else before.twin()
            rest = (*(lines[:index] if timed else ()), *lines[index + 1 :])
            if self._passes(task, rest, shorter):
                self.wrong(line.place, f"the solution passes without this line: {line.text[:60]}")
            if not timed and not self._played((line,), before):
                return

    def _passes(self, task: Task, lines: tuple[ScriptLine, ...], walk: Walk) -> bool:
        try:
            walk.script(lines)
        except InputError:
            return False
        results = judge_task(self._lesson, task.id, walk.sight())
        return all(result.passed for result in results)


def block_is_last_task(lesson: Lesson, block: Block, only: str | None) -> bool:
    """Whether a proof of one task ends with a block."""
    return only is not None and isinstance(block, Task) and block.id == only


def _lines(blocks: Sequence[Block]) -> set[int]:  # known by their lines in all processes
    return {block.place.line or 0 for block in blocks}


def _numbers(results: list[CheckResult]) -> str:
    return ", ".join(str(result.number) for result in results) or "nothing"


def _messages(results: list[CheckResult]) -> str:
    return f" ({'; '.join(result.message for result in results)})" if results else ""
