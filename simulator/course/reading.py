"""A lesson as a text to read, without a world: for paper, for teachers, for a look before class."""

from __future__ import annotations

from collections.abc import Iterator

from simulator.course.model import (
    Block,
    Check,
    Debrief,
    Lesson,
    Order,
    Predict,
    Prose,
    Run,
    Step,
    Task,
    Teacher,
)
from simulator.course.words import prose


def reading_lines(lesson: Lesson, *, teacher: bool = False) -> Iterator[str]:
    """The pages of a lesson as lines; values to be measured stand as expressions."""
    yield lesson.title
    yield "=" * len(lesson.title)
    for label, text in (
        ("You will learn to", lesson.objective),
        ("Often believed", lesson.misconception if teacher else ""),
        ("What is simplified", lesson.simplified),
        ("Needs", ", ".join(lesson.needs)),
    ):
        if text:
            yield f"{label}: {text}"
    for number, step in enumerate(lesson.steps, start=1):
        yield from _step(step, number, teacher)


def _step(step: Step, number: int, teacher: bool) -> Iterator[str]:
    yield ""
    yield f"{number}. {step.title}"
    for block in step.parts:
        lines = _block(block, teacher)
        if lines:
            yield ""
            yield from lines


def _block(block: Block, teacher: bool) -> list[str]:
    match block:
        case Prose(text=text):
            return prose(text.source)
        case Predict(ask=ask, options=options):
            return [f"Predict: {ask}", *(f"  {i}. {o}" for i, o in enumerate(options, start=1))]
        case Run(lines=lines):
            return ["Run:", *(f"    {line.text}" for line in lines)]
        case Task(text=text, points=points):
            return [f"Task ({points:g} points):", *prose(text.source)]
        case Order(ask=ask, lines=texts):
            return [ask, *(f"    {line}" for line in sorted(texts))]
        case Check(conditions=conditions, points=points) if teacher:
            wanted = " and ".join(one.expression.text for one in conditions)
            return [f"Check ({points:g} points): {wanted}"]
        case Debrief(text=text, title=title) if teacher:
            return [f"{title}:", *prose(text.source)]
        case Teacher(text=text, minutes=minutes) if teacher:
            time = f" ({minutes} min)" if minutes else ""
            return [f"For the teacher{time}:", *prose(text.source)]
    return []
