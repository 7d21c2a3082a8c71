"""What can be said about a lesson without running it: errors, and advice on its form."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from simulator.course.edit_lines import is_edit
from simulator.course.happenings import check_words, event_kinds
from simulator.course.library import ids_in, needs_problems, shipped
from simulator.course.links import expressions
from simulator.course.mistakes import each
from simulator.course.model import (
    Block,
    Debrief,
    Hint,
    Lesson,
    Observe,
    Predict,
    Prose,
    Run,
    Solution,
    Sweep,
    Task,
    Wrong,
)
from simulator.course.parser import read_lesson
from simulator.course.script import sweep_script
from simulator.course.template import Template
from simulator.course.varying import varied
from simulator.errors import DrydockError, InputError, Place, unknown

MAX_STEP_CHARACTERS = 1400

_TYPED_NUMBER = re.compile(r"\d[\d.,]*\s?(ms|%|seconds|MiB|GiB|MB|x)(?![\w/])")


@dataclass(frozen=True, slots=True)
class Problem:
    """Something wrong with a lesson; advice does not make it unusable."""

    place: Place
    text: str
    advice: bool = False

    def __str__(self) -> str:
        return f"{self.place}: {'advice: ' if self.advice else ''}{self.text}"


def lint(path: Path) -> list[Problem]:
    """Everything that is wrong with a lesson file, by line."""
    try:
        lesson = read_lesson(path)
        problems = lint_lesson(lesson)
        neighbours = {*ids_in(path.parent), *(one.stem for one in shipped())}
    except InputError as error:
        return [_problem(one, Place(str(path), 1)) for one in each(error)]
    missing = needs_problems([lesson], neighbours)
    problems += [_problem(error, lesson.place) for error in missing]
    if path.stem != lesson.id:
        wanted = f"the file of lesson '{lesson.id}' should be called {lesson.id}.md"
        problems.append(Problem(lesson.place, wanted))
    return sorted(problems, key=lambda problem: problem.place.line or 0)


def lint_lesson(lesson: Lesson) -> list[Problem]:
    """The same for a lesson already read."""
    return [*_lines(lesson), *_words(lesson), *_advice(lesson)]


def _words(lesson: Lesson) -> Iterator[Problem]:
    """Events and curves that there are none of."""
    for block in lesson.blocks():
        for expression in expressions(block):
            for error in check_words(expression):
                yield _problem(error, block.place)
        if isinstance(block, Observe):
            for kind in block.events:
                if kind not in event_kinds():
                    yield _problem(unknown("kind of event", kind, event_kinds()), block.place)


def _problem(error: InputError, place: Place) -> Problem:
    where = error.place or place
    text = str(error).removeprefix(f"{where}: ")
    return Problem(where, text)


# --- typed lines --------------------------------------------------------------------------------


def _lines(lesson: Lesson) -> Iterator[Problem]:
    """Script lines that the command language does not understand."""
    from simulator.shell.registry import parse

    for place, text in _scripts(varied(lesson, lesson.seed)):
        if is_edit(text):
            continue
        try:
            parse(text)
        except DrydockError as error:
            said = str(error).removeprefix(f"{getattr(error, 'place', None)}: ")
            yield Problem(place, f"this line cannot be typed: {said}")


def _scripts(lesson: Lesson) -> Iterator[tuple[Place, str]]:
    for line in lesson.setup.lines:
        yield line.place, line.text
    for block in lesson.blocks():
        if isinstance(block, Run | Solution | Wrong):
            for line in block.lines:
                yield line.place, line.text
        elif isinstance(block, Sweep):
            for line in sweep_script(block, block.values[0], lesson.values):
                yield line.place, line.text


# --- form ---------------------------------------------------------------------------------------


def _advice(lesson: Lesson) -> Iterator[Problem]:
    for key in ("objective", "misconception"):
        if not getattr(lesson, key):
            yield Problem(lesson.place, f"a lesson names its {key}", advice=True)
    if not lesson.all(Predict):
        yield Problem(lesson.place, "nothing is predicted before a run", advice=True)
    for step in lesson.steps:
        length = sum(len(p.text.source) for p in step.parts if isinstance(p, Prose))
        if length > MAX_STEP_CHARACTERS:
            text = f"{length} characters on one page: cut it with --- or ##"
            yield Problem(step.place, text, advice=True)
    for task in lesson.all(Task):
        if not lesson.of(task.id, Hint):
            yield Problem(task.place, f"task '{task.id}' has no hint", advice=True)
        if not lesson.of(task.id, Wrong) and not lesson.student:
            yield Problem(task.place, f"task '{task.id}' has no wrong answer to test", advice=True)
    for block in lesson.blocks():
        yield from _typed_numbers(block)


def _typed_numbers(block: Block) -> Iterator[Problem]:
    """Results are measured, never typed: they change when the model does."""
    texts: list[Template] = []
    if isinstance(block, Debrief):
        texts = [block.text]
    elif isinstance(block, Predict) and block.explain:
        texts = [block.explain]
    for text in texts:
        for part in text.parts:
            found = _TYPED_NUMBER.search(part) if isinstance(part, str) else None
            if found:
                wanted = f"'{found[0]}' is typed: measure it with {{{{…}}}}"
                yield Problem(block.place, wanted, advice=True)
