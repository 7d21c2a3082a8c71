"""What must hold between the blocks of a lesson: ids are unique and everything named exists."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator

from simulator.course.expression import Expression
from simulator.course.model import (
    Block,
    Building,
    Check,
    Condition,
    Debrief,
    Fail,
    Hint,
    Identify,
    Lesson,
    Order,
    Predict,
    Prose,
    Run,
    Solution,
    Sweep,
    Task,
    Teacher,
    Wrong,
)  # fmt: skip
from simulator.course.template import Template
from simulator.errors import InputError, Place, unknown

_WITH_ID = (Predict, Run, Task, Sweep, Order, Identify)


def link_problems(lesson: Lesson) -> list[InputError]:
    """What blocks name and does not exist, ids that stand twice, points that do not add up."""
    found = [*_ids(lesson), *_named(lesson), *_order(lesson)]
    if found:  # what follows from these is no mistake of its own
        return found
    return [*_tasks(lesson), *_numbers(lesson)]


def _named(lesson: Lesson) -> Iterator[InputError]:
    tasks = {task.id: task for task in lesson.all(Task)}
    runs = {run.id: run for run in lesson.all(Run)}
    for block in lesson.blocks():
        named = getattr(block, "task", None)
        if named is not None and named not in tasks:
            yield unknown("task", named, tasks, block.place)
        if isinstance(block, Predict) and block.answer.run not in runs:
            yield unknown("run block", block.answer.run, runs, block.answer.place)
        for expression in expressions(block):
            yield from _run_names(expression, runs)


def _tasks(lesson: Lesson) -> Iterator[InputError]:
    for task in lesson.all(Task):
        yield from _points(lesson, task)


def _numbers(lesson: Lesson) -> Iterator[InputError]:
    for check in lesson.all(Check):
        yield from _needs(check, len(lesson.of(check.task, Check)))
    for wrong in lesson.all(Wrong):
        yield from _fails(wrong, len(lesson.of(wrong.task, Check)))


def expressions(block: Block) -> list[Expression]:
    """Every expression in a block, those in its texts included."""
    match block:
        case Prose(text=text) | Task(text=text) | Teacher(text=text) | Debrief(text=text):
            return _slots(text)
        case Hint(when=when, text=text) | Fail(when=when, text=text):
            return [*([when] if when else []), *_slots(text)]
        case Check(conditions=conditions, fail=fail, good=good):
            return [*_of(conditions), *_slots(fail), *(_slots(good) if good else [])]
        case Order(build=Building(conditions=conditions, good=good)):
            return [*_of(conditions), *(_slots(good) if good else [])]
        case Predict(answer=answer, explain=explain):
            first = [answer.measure] if answer.measure else []
            return [*first, *answer.cases, *answer.ranks, *(_slots(explain) if explain else [])]
        case Sweep(measures=measures):
            return list(measures.values())
        case Identify(where=where):
            return [where]
    return []


def _of(conditions: Iterable[Condition]) -> list[Expression]:
    found = []
    for one in conditions:
        found += [one.expression, *(_slots(one.fail) if one.fail else [])]
    return found


def _slots(text: Template) -> list[Expression]:
    return [slot.expression for slot in text.slots()]


def _ids(lesson: Lesson) -> Iterator[InputError]:
    seen: dict[str, Place] = {}
    for block in lesson.blocks():
        if isinstance(block, _WITH_ID):
            if block.id in seen:
                yield InputError(
                    "this id stands twice", place=block.place, found=block.id,
                    expected=f"one other than in line {seen[block.id].line}",
                )  # fmt: skip
            seen[block.id] = block.place


def _run_names(expression: Expression, runs: dict[str, Run]) -> Iterator[InputError]:
    for node in ast.walk(expression.tree):
        match node:
            case ast.Call(
                func=ast.Name(id="started" | "ended" | "ran"), args=[ast.Constant(value=str(name))]
            ) if name not in runs:
                yield unknown("run block", name, runs, expression.place)


def _points(lesson: Lesson, task: Task) -> Iterator[InputError]:
    checks = lesson.of(task.id, Check)
    if not checks:
        yield InputError("this task has no check", place=task.place, found=task.id)
        return
    total = sum(check.points for check in checks)
    if abs(total - task.points) > 1e-9:
        yield InputError(
            "the points of the checks do not add up to those of the task", place=task.place,
            found=f"{total:g}", expected=f"{task.points:g}",
        )  # fmt: skip
    if not lesson.of(task.id, Solution) and not lesson.student:
        yield InputError("this task has no solution", place=task.place, found=task.id)


def _order(lesson: Lesson) -> Iterator[InputError]:
    """A prediction stands before the run that answers it."""
    runs: set[str] = set()
    for block in lesson.blocks():
        if isinstance(block, Run):
            runs.add(block.id)
        elif isinstance(block, Predict) and block.answer.run in runs:
            yield InputError(
                "a prediction must stand before its run block", place=block.place, found=block.id
            )


def _needs(check: Check, checks: int) -> Iterator[InputError]:
    for number in check.needs:
        if number == check.number or not 1 <= number <= checks:
            yield InputError(
                "a check needs another one of its task", place=check.place, found=str(number),
                expected=f"1 to {checks}, and not itself",
            )  # fmt: skip


def _fails(wrong: Wrong, checks: int) -> Iterator[InputError]:
    for number in wrong.fails:
        if not 1 <= number <= checks:
            yield InputError(
                "no check of this number", place=wrong.place, found=str(number),
                expected=f"1 to {checks}",
            )  # fmt: skip
