"""What a played lesson comes to, in Drydock's own format: ``result.json``."""

from __future__ import annotations

from collections.abc import Collection

import msgspec

from simulator import __version__
from simulator.course.bounds import Budget
from simulator.course.lesson_run import LessonRun
from simulator.course.model import Check, Lesson, Predict
from simulator.course.replay import replay
from simulator.course.run_state import TaskState
from simulator.course.session import SessionFactory
from simulator.course.transcript import Transcript
from simulator.errors import InputError

FORMAT = 1


class LessonName(msgspec.Struct, frozen=True):
    """Which lesson, and which text of it."""

    id: str
    title: str
    hash: str


class PredictionResult(msgspec.Struct, frozen=True):
    """One prediction; ``correct`` is None where its run was never seen."""

    id: str
    answer: str
    correct: bool | None
    before_run: bool


class TestResult(msgspec.Struct, frozen=True):
    """One check or question. ``status``: pass, fail, error or skipped (never checked)."""

    __test__ = False  # pytest collects classes of this name

    id: str
    task: str
    status: str
    points: float
    max_points: float
    message: str
    measured: dict[str, float | str | bool]


class LessonResult(msgspec.Struct, frozen=True, kw_only=True):
    """Everything a course wants to know about one submission."""

    format: int = FORMAT
    tool_version: str
    model_version: str
    lesson: LessonName
    student: str
    seed: int
    predictions: list[PredictionResult]
    tests: list[TestResult]
    score: float
    max_score: float
    hints_used: int
    commands: int
    transcript_hash: str
    started: str
    finished: str


def result_of(run: LessonRun, transcript: Transcript | None = None) -> LessonResult:
    """The result of a lesson as it stands; times of the wall clock come from the transcript."""
    kept = transcript or run.transcript()
    reached, possible = run.score()
    return LessonResult(
        tool_version=__version__,
        model_version=__version__,
        lesson=LessonName(run.lesson.id, run.lesson.title, run.lesson.hash),
        student=run.student,
        seed=run.seed,
        predictions=[_prediction(run, block) for block in run.lesson.all(Predict)
                     if block.id in run.predictions],
        tests=[*_tests(run), *_questions(run), *_predicting(run)],
        score=reached,
        max_score=possible,
        hints_used=run.hints_used,
        commands=run.commands,
        transcript_hash=kept.digest,
        started=kept.started,
        finished=kept.finished,
    )  # fmt: skip


def _prediction(run: LessonRun, block: Predict) -> PredictionResult:
    made = run.predictions[block.id]
    try:
        revealed = run.reveal(block.id)
    except InputError:
        revealed = None
    correct = revealed.correct if revealed else None
    return PredictionResult(block.id, made.answer, correct, made.before_run)


def _tests(run: LessonRun) -> list[TestResult]:
    return [_test(check, run.tasks[check.task]) for check in run.lesson.all(Check)]


def _test(check: Check, state: TaskState) -> TestResult:
    name = f"{check.task}.{check.number}"
    best = next((r for r in state.best if r.number == check.number), None)
    if best is None:
        return TestResult(name, check.task, "skipped", 0.0, check.points, "never checked", {})
    points = 0.0 if state.given_up else best.points
    message = best.message
    if state.given_up or state.unasked:
        first = "given up" if state.given_up else "not checked, judged as it was left"
        message = f"{first}. {message}".strip()
    return TestResult(
        name, check.task, best.status, points, check.points, message, dict(best.measured)
    )


def _questions(run: LessonRun) -> list[TestResult]:
    found = []
    for block in run.questions():
        given = run.answers.get(block.id)
        status = "skipped" if given is None else "pass" if given[1] else "fail"
        found.append(
            TestResult(block.id, block.id, status, run.question_points(block), block.points, "", {})
        )
    return found


def _predicting(run: LessonRun) -> list[TestResult]:
    """Points for having predicted at all."""
    found = []
    for block in run.lesson.all(Predict):
        if block.points:
            done = run.predicted_in_time(block.id)
            status, points = ("pass", block.points) if done else ("skipped", 0.0)
            found.append(TestResult(block.id, block.id, status, points, block.points, "", {}))
    return found


def encode(result: LessonResult) -> str:
    """The text of ``result.json``."""
    return msgspec.json.format(msgspec.json.encode(result), indent=2).decode() + "\n"


def schema() -> dict[str, object]:
    """The JSON Schema of ``result.json``."""
    return msgspec.json.schema(LessonResult)


def regrade(
    transcript: Transcript,
    lesson: Lesson,
    session_factory: SessionFactory | None = None,
    budget: Budget | None = None,
    *,
    accept: Collection[str] = (),
) -> LessonResult:
    """Replay a transcript against the pristine lesson: what counts is what really happens."""
    run = replay(transcript, lesson, session_factory, budget, accept=accept, settle=True)
    return result_of(run, transcript)
