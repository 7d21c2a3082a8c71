"""A page as front ends show it: its parts with their texts measured and their states named."""

from __future__ import annotations

from dataclasses import dataclass

from simulator.course.answers import shuffled
from simulator.course.edit_lines import as_typed
from simulator.course.judging import Sight
from simulator.course.lesson_run import LessonRun
from simulator.course.model import (
    Block,
    Check,
    Debrief,
    Identify,
    Observe,
    Order,
    Predict,
    Prose,
    Run,
    Sweep,
    Task,
    Teacher,
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Part:
    """One thing on a page.

    ``kind``: prose, observe, predict, run, task, order, identify, sweep, debrief or teacher.
    ``state``: open, answered, done, locked, solved or given up; empty where there is none.
    """

    kind: str
    text: str = ""
    id: str = ""
    state: str = ""
    options: tuple[str, ...] = ()
    """Options of a prediction, lines of a run or order block, series to observe."""
    block: Block | None = None


@dataclass(frozen=True, slots=True)
class Page:
    """The current step."""

    title: str
    number: int
    count: int
    parts: tuple[Part, ...]

    @property
    def series(self) -> tuple[str, ...]:
        """Aliases of the series to put on the screen."""
        return tuple(s for part in self.parts if part.kind == "observe" for s in part.options)


def page(run: LessonRun, *, teacher: bool = False) -> Page:
    """The current step of a run, ready to be shown."""
    sight = run.sight()
    parts = [part for block in run.step.parts if (part := _part(run, block, sight, teacher))]
    return Page(run.step.title, run.step_index + 1, len(run.lesson.steps), tuple(parts))


def _part(run: LessonRun, block: Block, sight: Sight, teacher: bool) -> Part | None:
    match block:
        case Prose(text=text):
            return Part("prose", sight.text(text), block=block)
        case Teacher(text=text):
            return Part("teacher", sight.text(text), block=block) if teacher else None
        case Observe(series=series):
            return Part("observe", options=series, block=block)
        case Debrief(text=text, title=title):
            if not run.unlocked(block):
                return Part("debrief", "", title, state="locked", block=block)
            return Part("debrief", sight.text(text), title, state="open", block=block)
        case Predict():
            return _predict(run, block)
        case Run(id=id, lines=lines):
            state = "done" if run.marks.get(id, (0, None))[1] is not None else "open"
            if state == "open" and run.missing_predictions(id):
                state = "locked"
            return Part("run", id=id, state=state, options=_texts(lines), block=block)
        case Task():
            return _task(run, block)
        case Order() | Identify() | Sweep():
            return _question(run, block)
    return None


def _texts(lines: tuple[object, ...]) -> tuple[str, ...]:
    from simulator.course.model import ScriptLine

    found: list[str] = []
    for line in lines:
        if isinstance(line, ScriptLine):
            at = f"@{line.at:g}s " if line.at is not None else ""
            first, *rest = as_typed(line.text)
            found += [f"{at}{first}", *rest]
    return tuple(found)


def _predict(run: LessonRun, block: Predict) -> Part:
    ran = run.marks.get(block.answer.run, (0.0, None))[1] is not None
    state = "done" if ran else "answered" if block.id in run.predictions else "open"
    return Part("predict", block.ask, block.id, state, block.options, block)


def _task(run: LessonRun, block: Task) -> Part:
    state = run.tasks[block.id]
    word = "solved" if state.solved else "given up" if state.given_up else "open"
    goals = tuple(str(check.number) for check in run.lesson.of(block.id, Check))
    return Part("task", run.sight(block.id).text(block.text), block.id, word, goals, block)


def _question(run: LessonRun, block: Order | Identify | Sweep) -> Part:
    if isinstance(block, Sweep):
        lines = tuple(line.source for line in block.lines)
        return Part("sweep", block.title, block.id, "open", lines, block)
    given = run.answers.get(block.id)
    state = "open" if given is None else "solved" if given[1] else "answered"
    if isinstance(block, Order):
        return Part("order", block.ask, block.id, state, tuple(shuffled(block, run.seed)), block)
    return Part("identify", block.ask, block.id, state, (), block)
