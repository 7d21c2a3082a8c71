"""What the workbench needs of a running lesson, and how a page of it is drawn."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from simulator.tui.glyphs import glyphs
from simulator.tui.ports import DeskPort, PlaybackPort
from simulator.tui.prose import markdown_lines, wrapped
from simulator.tui.widgets.ink import Line, join

LETTERS = "abcdefghij"


@dataclass(frozen=True, slots=True)
class Prose:
    """Markdown text."""

    text: str


@dataclass(frozen=True, slots=True)
class Note:
    """Something unlocked: a hint, a solution, the debrief."""

    title: str
    text: str


@dataclass(frozen=True, slots=True)
class Question:
    """A prediction or another question.

    ``kind``: choice, number, order or identify. ``outcome`` is what the model did, once it is
    known, and ``right`` whether that was the answer given.
    """

    id: str
    ask: str
    kind: str = "choice"
    options: tuple[str, ...] = ()
    unit: str = ""
    answer: str | None = None
    outcome: str | None = None
    explanation: str = ""
    right: bool | None = None
    is_prediction: bool = True

    @property
    def open(self) -> bool:
        """Whether it still waits for an answer that counts; a wrong one may be tried again."""
        again = self.right is False and not self.is_prediction
        return self.outcome is None and (self.answer is None or again)


@dataclass(frozen=True, slots=True)
class RunBlock:
    """Lines that the lesson types. ``state``: locked (a prediction is missing), open or done."""

    id: str
    lines: tuple[str, ...]
    state: str = "open"


@dataclass(frozen=True, slots=True)
class Check:
    """One measured condition. ``state``: open, so far, not yet, passed, failed."""

    text: str
    state: str = "open"
    points: float = 0.0


@dataclass(frozen=True, slots=True)
class Goal:
    """A task. ``state``: open, solved or given up."""

    id: str
    text: str
    state: str = "open"
    points: float = 0.0
    checks: tuple[Check, ...] = ()


Part = Prose | Note | Question | RunBlock | Goal


@dataclass(frozen=True, slots=True)
class Page:
    """One step as it is now."""

    title: str
    number: int
    count: int
    parts: tuple[Part, ...]
    observe: tuple[str, ...] = ()
    """Series that belong on the charts now, as ``web.p95``."""

    def open_question(self) -> Question | None:
        """The first question without an answer."""
        return next((p for p in self.parts if isinstance(p, Question) and p.open), None)

    def run_block(self) -> RunBlock | None:
        """The run block that is due: the first one not yet played, else the last."""
        blocks = [p for p in self.parts if isinstance(p, RunBlock)]
        return next((b for b in blocks if b.state != "done"), blocks[-1] if blocks else None)

    def goals(self) -> list[Goal]:
        """The tasks of the page."""
        return [p for p in self.parts if isinstance(p, Goal)]


class Tutor(DeskPort, Protocol):
    """A lesson under way. Methods that cannot do what they are asked raise ``DrydockError``."""

    @property
    def title(self) -> str:
        """The lesson's title."""

    @property
    def unsaved(self) -> bool:
        """Whether leaving would lose work."""

    def page(self) -> Page:
        """The step being shown, measured now."""

    def turn(self, by: int) -> bool:
        """Go to another step; False at either end."""

    def answer(self, question: str, answer: str) -> None:
        """Note the answer to a question."""

    def play(self, block: str, *, override: bool = False) -> PlaybackPort:
        """Begin a run block; ``override`` runs it without the prediction."""

    def check(self) -> bool:
        """Check the page's task, all of it; whether it is solved."""

    def hint(self) -> None:
        """Unlock a hint that fits."""

    def solution(self, *, give_up: bool) -> bool:
        """Unlock the solution; False while the task is open and not given up."""

    def reset(self) -> None:
        """Put the world back to how the page began."""

    def save(self) -> None:
        """Keep progress."""

    def close(self) -> None:
        """It is left: others may open the lesson."""


def page_lines(page: Page, width: int) -> list[Line]:
    """A page as lines, its parts in their order."""
    lines: list[Line] = [((f"Step {page.number} of {page.count}", "dim"),)]
    lines += wrapped(page.title, width, "title")
    for part in page.parts:
        lines.append(())
        match part:
            case Prose(text=text):
                lines += markdown_lines(text, width)
            case Note(title=title, text=text):
                lines += note_lines(title, text, width)
            case Question():
                lines += question_lines(part, width)
            case RunBlock():
                lines += run_lines(part, width)
            case Goal():
                lines += goal_lines(part, width)
    return lines


def note_lines(title: str, text: str, width: int) -> list[Line]:
    """Something unlocked, set apart by a rule."""
    rule = glyphs().rule * max(0, width - len(title) - 1)
    return [((title + " ", "accent"), (rule, "rule")), *markdown_lines(text, width)]


def question_lines(question: Question, width: int) -> list[Line]:
    """A question with its options, what was answered, and what came out."""
    word = "Predict" if question.is_prediction else "Answer"
    lines: list[Line] = [
        ((word, "accent"), ("  x to answer" if question.open else "", "dim")),
        *wrapped(question.ask, width, "strong"),
    ]
    for letter, option in zip(LETTERS, question.options, strict=False):
        lines += _option_lines(letter, option, option == question.answer, width)
    if question.answer is not None and question.answer not in question.options:
        lines += wrapped(f"you said: {question.answer}", width, "strong")
    if question.outcome is not None:
        lines += _outcome_lines(question, width)
    elif question.open and question.answer is not None:
        lines += wrapped(f"{glyphs().bad} not so: {question.answer}; x tries again", width, "warn")
    if question.explanation:
        lines += markdown_lines(question.explanation, width)
    return lines


def _option_lines(letter: str, option: str, chosen: bool, width: int) -> list[Line]:
    mark = glyphs().cursor if chosen else " "
    lines = []
    for row, line in enumerate(wrapped(option, width - 5, "strong" if chosen else "plain")):
        head = f"{mark} {letter}) " if row == 0 else "     "
        lines.append(join([((head, "accent" if chosen else "dim"),), line]))
    return lines


def _outcome_lines(question: Question, width: int) -> list[Line]:
    signs = glyphs()
    if question.answer is None:
        return wrapped(f"{signs.dot} it was: {question.outcome}", width, "plain", "")
    if question.right:
        return wrapped(f"{signs.passed} right: {question.outcome}", width, "good")
    return wrapped(f"{signs.bad} not so, it was: {question.outcome}", width, "warn")


def run_lines(block: RunBlock, width: int) -> list[Line]:
    """The lines that the lesson will type."""
    signs = glyphs()
    hint = {
        "done": f"{signs.passed} has run; x runs it again",
        "locked": "x after your prediction",
    }.get(block.state, "x runs these lines")
    lines: list[Line] = [(("Run", "accent"), (f"  {hint}", "dim"))]
    for command in block.lines:
        body = wrapped(command, width - 4, "code")
        lines += [
            join([(("  " if row == 0 else "    ", "plain"),), line])
            for row, line in enumerate(body)
        ]
    return lines


def goal_lines(goal: Goal, width: int) -> list[Line]:
    """A task and its checks, each with a sign, a word and what was measured."""
    signs = glyphs()
    mark, role = {
        "solved": (signs.passed, "good"),
        "given up": (signs.ended, "dim"),
    }.get(goal.state, (signs.idle, "warn"))
    points = f", {goal.points:g} point{'' if goal.points == 1 else 's'}" if goal.points else ""
    lines: list[Line] = [(("Task", "accent"), (f"  {mark} {goal.state}{points}", role))]
    lines += markdown_lines(goal.text, width)
    for check in goal.checks:
        lines += _check_lines(check, width)
    if goal.state == "open":
        lines += wrapped("c checks it, h gives a hint", width, "dim")
    return lines


def _check_lines(check: Check, width: int) -> list[Line]:
    signs = glyphs()
    mark, role = {
        "passed": (signs.passed, "good"),
        "failed": (signs.bad, "bad"),
        "so far": (signs.ok, "good"),
        "not yet": (signs.pending, "warn"),
    }.get(check.state, (signs.idle, "dim"))
    text = f"{check.state}: {check.text}" if check.text else check.state
    lines = []
    for row, line in enumerate(wrapped(text, width - 4, role)):
        lines.append(join([((f"  {mark} " if row == 0 else "    ", role),), line]))
    return lines


def goal_words(goals: Sequence[Goal]) -> list[str]:
    """Tasks as sentences, for the description of the screen."""
    words = []
    for goal in goals:
        words.append(f"Task, {goal.state}: {goal.text}")
        words += [f"Check, {check.state}: {check.text}" for check in goal.checks]
    return words
