"""Judging a world: checks, hints, dead ends and predictions, as pure functions of measures."""

from __future__ import annotations

import bisect
import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

from simulator.course.expression import Expression, Measure, Value
from simulator.course.model import Answer, Check, Condition, Fail, Hint, Lesson, Predict
from simulator.course.template import Template
from simulator.errors import InputError, unknown


@dataclass(frozen=True, slots=True)
class Sight:
    """What expressions may see at one moment: measures, and variables such as ``now``."""

    measures: Mapping[str, Measure]
    variables: Mapping[str, Value]

    def value(self, expression: Expression) -> Value:
        """The value of an expression; InputError when it cannot be measured (yet)."""
        return expression.value(self.measures, self.variables)

    def true(self, expression: Expression | None) -> bool:
        """Whether a condition holds; one that cannot be measured does not."""
        if expression is None:
            return True
        try:
            return bool(self.value(expression))
        except InputError:
            return False

    def text(self, template: Template) -> str:
        """A text with its measured values."""
        return template.render(self.measures, self.variables)


@dataclass(frozen=True, slots=True)
class CheckResult:
    """What one check found."""

    task: str
    number: int
    passed: bool
    points: float
    max_points: float
    message: str
    measured: Mapping[str, Value] = field(default_factory=dict)
    """Expressions of the message -> their values."""
    status: str = "pass"
    """pass, fail, or error when something could not be measured."""
    holds: bool = False
    """Whether its own conditions hold, whatever other checks it needs."""


def judge(check: Check, sight: Sight) -> CheckResult:
    """Evaluate one check; what cannot be measured yet fails and says so."""
    status, message = weigh(check.conditions, check.fail, check.good, sight)
    passed = status == "pass"
    return CheckResult(
        task=check.task, number=check.number, passed=passed,
        points=check.points if passed else 0.0, max_points=check.points, message=message,
        measured=_measured(check, sight), status=status, holds=passed,
    )  # fmt: skip


def weigh(
    conditions: Iterable[Condition], fail: Template, good: Template | None, sight: Sight
) -> tuple[str, str]:
    """pass, fail or error, and what is said: of the first condition that does not hold."""
    for one in conditions:
        text = one.fail or fail
        try:
            if not sight.value(one.expression):
                return "fail", sight.text(text)
        except InputError as error:
            return "error", f"{sight.text(text)} (not measurable yet: {_without_place(error)})"
    return "pass", sight.text(good) if good else ""


def _measured(check: Check, sight: Sight) -> dict[str, Value]:
    found: dict[str, Value] = {}
    for slot in check.fail.slots():
        try:
            value = sight.value(slot.expression)
        except InputError:
            continue
        if not (isinstance(value, float) and not math.isfinite(value)):
            found[slot.expression.text] = value
    return found


def judge_task(lesson: Lesson, task: str, sight: Sight) -> list[CheckResult]:
    """All checks of a task, the failed ones included."""
    checks = lesson.of(task, Check)
    results = {check.number: judge(check, sight) for check in checks}
    return [_needing(check, results) for check in checks]


def _needing(check: Check, results: Mapping[int, CheckResult]) -> CheckResult:
    """The result of a check as far as it counts."""
    result = results[check.number]
    missing = [n for n in check.needs if n in results and not results[n].holds]
    if not (result.holds and missing):
        return result
    said = f"{result.message} " if result.message else ""
    message = f"{said}(counts once check {' and '.join(map(str, missing))} passes)"
    return replace(result, passed=False, points=0.0, status="fail", message=message)


def fitting_hints(lesson: Lesson, task: str, sight: Sight) -> list[Hint]:
    """The hints of a task that fit the state of the world."""
    return [hint for hint in lesson.of(task, Hint) if sight.true(hint.when)]


def dead_end(lesson: Lesson, task: str, sight: Sight) -> str | None:
    """Why a task cannot be solved any more, None while it can."""
    found = next((fail for fail in lesson.of(task, Fail) if sight.true(fail.when)), None)
    return sight.text(found.text) if found else None


@dataclass(frozen=True, slots=True)
class Truth:
    """The answer to a prediction as the model computes it."""

    answer: str
    """In the form in which it is given: ``3`` (an option), ``12.5``, ``2,1,3``."""
    words: str
    """For people."""
    value: float | None = None
    """What was measured, where the answer comes from one number."""


def truth(predict: Predict, sight: Sight) -> Truth:
    """Compute the answer in the world that the run block has left behind."""
    answer = predict.answer
    if predict.kind == "order":
        ranks = [_number(sight, expression) for expression in answer.ranks]
        order = sorted(range(len(ranks)), key=lambda i: (ranks[i], i))
        given = ",".join(str(i + 1) for i in order)
        return Truth(given, ", ".join(predict.options[i] for i in order))
    value = _number(sight, answer.measure) if answer.measure else None
    if predict.kind == "number":
        assert value is not None
        return Truth(f"{value:.6g}", f"{value:.3g} {predict.unit}".strip(), value)
    index = _option(answer, sight, value)
    return Truth(str(index + 1), predict.options[index], value)


def _number(sight: Sight, expression: Expression) -> float:
    value = sight.value(expression)
    if isinstance(value, str):
        raise InputError("not a number", place=expression.place, found=value)
    return float(value)


def _option(answer: Answer, sight: Sight, value: float | None) -> int:
    if answer.edges and value is not None:
        return bisect.bisect_left(answer.edges, value)
    for index, case in enumerate(answer.cases):
        if sight.value(case):
            return index
    raise InputError("none of the cases is true", place=answer.place)


def is_right(predict: Predict, given: str, true: Truth) -> bool:
    """Whether what was predicted is what happened."""
    if predict.kind != "number" or true.value is None:
        return given == true.answer
    allowed = abs(true.value) * predict.answer.tolerance
    return abs(float(given) - true.value) <= max(allowed, 1e-9)


def read_answer(predict: Predict, text: str) -> str:
    """What a person typed as the answer, in its one form; InputError when it is none."""
    word = text.strip()
    if predict.kind == "number":
        return _read_number(predict, word)
    if predict.kind == "order":
        return _read_order(word, len(predict.options))
    return str(_read_option(predict, word))


def _read_number(predict: Predict, word: str) -> str:
    body = word.removesuffix(predict.unit).strip() if predict.unit else word
    try:
        value = float(body)
    except ValueError:
        value = math.nan
    if not math.isfinite(value) or len(body) > 30:
        raise InputError("this is no number", found=word, expected="a number, for example 12.5")
    return f"{value:.6g}"


def _read_option(predict: Predict, word: str) -> int:
    count = len(predict.options)
    if word.isascii() and word.isdigit() and len(word) < 3 and 1 <= int(word) <= count:
        return int(word)
    lowered = [option.lower() for option in predict.options]
    if word.lower() in lowered:
        return lowered.index(word.lower()) + 1
    if word.isascii() and word.isdigit():
        raise InputError("no such option", found=word, expected=f"1 to {count}")
    raise unknown("option", word, predict.options)


def _read_order(word: str, count: int) -> str:
    parts = word.replace(",", " ").split()
    if sorted(parts) != sorted(str(n) for n in range(1, count + 1)):
        raise InputError(
            "an order names every item once", found=word, expected=f"the numbers 1 to {count}"
        )
    return ",".join(parts)


def _without_place(error: InputError) -> str:
    return str(
        InputError(error.problem, found=error.found, expected=error.expected, nearest=error.nearest)
    )


def in_words(predict: Predict, given: str) -> str:
    """An answer in its one form, for people."""
    if predict.kind == "number":
        return f"{given} {predict.unit}".strip()
    return ", ".join(predict.options[int(part) - 1] for part in given.split(","))
