"""Proving a lesson: what it claims is tried on several seeds, right and wrong answers alike."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from simulator.course.answers import objects
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
    Debrief,
    Fail,
    Hint,
    Identify,
    Lesson,
    Predict,
    Prose,
    Run,
    Solution,
    Task,
    Wrong,
)
from simulator.course.session import SessionFactory, open_session
from simulator.course.template import Template
from simulator.errors import InputError, Place

Tell = Callable[[str], None]


def prove(
    lesson: Lesson,
    seeds: Iterable[int] = range(1, 6),
    session_factory: SessionFactory | None = None,
    tell: Tell | None = None,
) -> list[Problem]:
    """Everything that does not hold on these seeds; an empty list is the proof.

    Untouched worlds fail every task; each solution passes; each wrong answer fails exactly the
    checks it names; each hint fires for some wrong answer or at the start and none after a
    solution; predicted answers fall into the same bin, clear of its edges; every value in a text
    can be measured where it stands. ``tell`` hears what is being tried.
    """
    proof = _Proof(
        lesson, list(seeds), session_factory or open_session, tell or (lambda text: None)
    )
    return proof.problems()


class _Proof:
    """One lesson tried on several seeds."""

    def __init__(
        self, lesson: Lesson, seeds: list[int], factory: SessionFactory, tell: Tell
    ) -> None:
        self._lesson = lesson
        self._seeds = seeds
        self._factory = factory
        self._tell = tell
        self._found: list[Problem] = []
        self._fired: set[Place] = set()

    def problems(self) -> list[Problem]:
        truths: dict[str, list[Truth]] = {p.id: [] for p in self._lesson.all(Predict)}
        for seed in self._seeds:
            self._tell(f"the whole lesson, seed {seed}")
            try:
                self._path(seed, truths)
            except InputError as error:
                self._wrong(error.place or self._lesson.place, f"seed {seed}: {error.problem}")
        for predict in self._lesson.all(Predict):
            self._same(predict, truths[predict.id])
        for task in self._lesson.all(Task):
            self._task(task)
        return sorted(self._found, key=lambda problem: problem.place.line or 0)

    def _wrong(self, place: Place, text: str) -> None:
        problem = Problem(place, text)
        if problem not in self._found:
            self._found.append(problem)

    # --- the lesson's own path ----------------------------------------------------------------

    def _path(self, seed: int, truths: dict[str, list[Truth]]) -> None:
        """Walk once through the whole lesson: its runs, its first solutions, its texts."""
        walk = self._walk(seed)
        for block in self._lesson.blocks():
            if isinstance(block, Run | Task) and block.fresh:
                walk = self._walk(seed)
            if isinstance(block, Prose | Debrief | Task):
                self._measured(block.text, block.place, walk.sight())
            if isinstance(block, Run):
                walk.play(block)
                self._predicted(block, walk, truths)
            elif isinstance(block, Task):
                for solution in self._lesson.of(block.id, Solution)[:1]:
                    walk.play(solution)
            elif isinstance(block, Identify):
                self._picked(block, walk)

    def _predicted(self, run: Run, walk: Walk, truths: dict[str, list[Truth]]) -> None:
        for predict in self._lesson.all(Predict):
            if predict.answer.run == run.id:
                truths[predict.id].append(truth(predict, walk.sight()))
                if predict.explain:
                    self._measured(predict.explain, predict.place, walk.sight())

    def _same(self, predict: Predict, truths: list[Truth]) -> None:
        if predict.kind != "number" and len({one.answer for one in truths}) > 1:
            options = ", ".join(sorted({one.words for one in truths}))
            self._wrong(
                predict.place, f"the answer to '{predict.id}' depends on the seed: {options}"
            )
        for edge in predict.answer.edges:
            for one in truths:
                near = (
                    one.value is not None
                    and edge != 0
                    and _near(one.value, edge, predict.answer.margin)
                )
                if near:
                    self._wrong(
                        predict.place,
                        f"the answer to '{predict.id}' ({one.value:.4g}) is within"
                        f" {predict.answer.margin:.0%} of the bin edge {edge:g}",
                    )

    # --- tasks --------------------------------------------------------------------------------

    def _task(self, task: Task) -> None:
        for seed in self._seeds:
            self._tell(f"task {task.id}, seed {seed}")
            try:
                self._untouched(task, seed)
                for solution in self._lesson.of(task.id, Solution):
                    self._solution(task, solution, seed)
                for wrong in self._lesson.of(task.id, Wrong):
                    self._wrong_answer(task, wrong, seed)
            except InputError as error:
                self._wrong(error.place or task.place, f"seed {seed}: {error.problem}")
        for hint in self._lesson.of(task.id, Hint):
            if hint.place not in self._fired:
                self._wrong(hint.place, "this hint never fires, at the start or for a wrong answer")

    def _untouched(self, task: Task, seed: int) -> None:
        walk = self._walk(seed).to(task)
        results = judge_task(self._lesson, task.id, walk.sight())
        if all(result.passed for result in results):
            self._wrong(task.place, f"seed {seed}: task '{task.id}' is solved before it begins")
        self._note_hints(task, walk.sight())
        if dead_end(self._lesson, task.id, walk.sight()):
            self._wrong(task.place, f"seed {seed}: task '{task.id}' begins in a dead end")

    def _solution(self, task: Task, solution: Solution, seed: int) -> None:
        walk = self._walk(seed).to(task).script(solution.lines)
        sight = walk.sight()
        for result in judge_task(self._lesson, task.id, sight):
            if not result.passed:
                self._wrong(
                    solution.place,
                    f"seed {seed}: check {result.number} fails after this solution"
                    f" ({result.message})",
                )
        for hint in fitting_hints(self._lesson, task.id, sight):
            self._wrong(hint.place, f"seed {seed}: this hint fires after a solution")
        for fail in self._lesson.of(task.id, Fail):
            if sight.true(fail.when):
                self._wrong(fail.place, f"seed {seed}: this dead end fires after a solution")

    def _wrong_answer(self, task: Task, wrong: Wrong, seed: int) -> None:
        walk = self._walk(seed).to(task).script(wrong.lines)
        results = judge_task(self._lesson, task.id, walk.sight())
        failed = [result for result in results if not result.passed]
        if tuple(result.number for result in failed) != wrong.fails:
            self._wrong(
                wrong.place,
                f"seed {seed}: this wrong answer fails {_numbers(failed)}"
                f" instead of {', '.join(map(str, wrong.fails))}{_messages(failed)}",
            )
        self._note_hints(task, walk.sight())

    def _note_hints(self, task: Task, sight: Sight) -> None:
        self._fired |= {hint.place for hint in fitting_hints(self._lesson, task.id, sight)}

    def _walk(self, seed: int) -> Walk:
        return Walk(self._lesson, seed, self._factory)

    def _measured(self, text: Template, place: Place, sight: Sight) -> None:
        for slot in text.slots():
            try:
                sight.value(slot.expression)
            except InputError as error:
                where = slot.expression.place or place
                self._wrong(where, f"cannot be measured here: {slot.expression.text}"
                            f" ({error.problem})")  # fmt: skip

    def _picked(self, block: Identify, walk: Walk) -> None:
        names = objects(walk.session, block.kind)
        picked = [n for n in names if walk.sight(name=n).true(block.where)]
        if not picked or len(picked) == len(names):
            self._wrong(block.place, f"'{block.id}' picks {len(picked)} of {len(names)} objects")


def _near(value: float, edge: float, margin: float) -> bool:
    return abs(value - edge) < margin * abs(edge)


def _numbers(results: list[CheckResult]) -> str:
    return ", ".join(str(result.number) for result in results) or "nothing"


def _messages(results: list[CheckResult]) -> str:
    return f" ({'; '.join(result.message for result in results)})" if results else ""
