"""The lessons that come with Drydock hold what they promise."""

from __future__ import annotations

import re

import pytest

from simulator import files
from simulator.course.library import headers, load, needs_problems, shipped
from simulator.course.lint import lint
from simulator.course.model import Check, Predict, Prose, Solution, Task, Teacher, Wrong
from simulator.course.parser import parse_lesson
from simulator.course.proof import prove
from simulator.course.skeleton import skeleton

NAMES = [path.stem for path in shipped()]


def test_the_lessons_are_there():
    assert {"the-knee", "surge-by-hand"} <= set(NAMES)


@pytest.mark.parametrize("name", NAMES)
def test_a_lesson_has_no_errors_and_needs_no_advice(name):
    assert [str(problem) for problem in lint(files.folder("lessons") / f"{name}.md")] == []


@pytest.mark.parametrize("name", NAMES)
def test_a_lesson_is_proven_on_a_seed(name):
    assert [str(problem) for problem in prove(load(name), [3])] == []


@pytest.mark.parametrize("name", NAMES)
def test_a_lesson_has_everything_that_a_lesson_should_have(name):
    lesson = load(name)
    assert lesson.objective
    assert lesson.misconception
    assert lesson.simplified
    assert lesson.all(Predict)
    assert lesson.all(Teacher)
    for task in lesson.all(Task):
        assert lesson.of(task.id, Solution)
        assert lesson.of(task.id, Wrong)
        assert lesson.of(task.id, Check)


@pytest.mark.parametrize("name", NAMES)
def test_every_check_is_missed_by_some_wrong_answer(name):
    lesson = load(name)
    for task in lesson.all(Task):
        missed = {number for wrong in lesson.of(task.id, Wrong) for number in wrong.fails}
        assert missed == {check.number for check in lesson.of(task.id, Check)}


@pytest.mark.parametrize("name", NAMES)
def test_pages_fit_a_small_screen(name):
    for step in load(name).steps:
        text = "\n".join(part.text.source for part in step.parts if isinstance(part, Prose))
        assert max((len(line) for line in text.split("\n")), default=0) <= 160
        assert len(text) <= 1400


def test_lessons_need_only_lessons_that_exist_and_no_circle():
    assert needs_problems(load(name) for name in NAMES) == []


def test_what_is_needed_first_is_listed_first():
    order = [one.front.id for one in headers()]
    assert order.index("surge-by-hand") < order.index("the-knee")


def test_a_new_lesson_begins_as_one_that_is_proven(tmp_path):
    text = skeleton("my-lesson")
    path = tmp_path / "my-lesson.md"
    path.write_text(text)
    assert [str(problem) for problem in lint(path)] == []
    assert prove(parse_lesson(text), [1, 2]) == []


def test_the_dockerfile_on_the_page_is_the_dockerfile_in_the_folder():
    page = (files.folder("lessons") / "surge-by-hand.md").read_text()
    shown = re.search(r"```dockerfile\n(.*?)```", page, re.DOTALL)[1].splitlines()
    real = (files.folder("lessons") / "surge-by-hand" / "Dockerfile").read_text().splitlines()
    for line in shown:
        start = line.split("…")[0]
        assert any(one.startswith(start) for one in real), line
