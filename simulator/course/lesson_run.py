"""A lesson being played: the one thing that the screen, plain mode and grading drive.

Everything that is done goes through the methods here and is written to ``entries``; replaying
them with the same seed gives the same worlds, the same checks and the same score.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypeVar

from simulator.course.canon import Walk, computed_truth, leading_to, new_session, sight_of
from simulator.course.judging import (
    CheckResult,
    Sight,
    Truth,
    dead_end,
    fitting_hints,
    in_words,
    is_right,
    judge_task,
    read_answer,
    truth,
)  # fmt: skip
from simulator.course.model import (
    Debrief,
    Hint,
    Identify,
    Lesson,
    Order,
    Predict,
    Run,
    Solution,
    Step,
    Task,
)  # fmt: skip
from simulator.course.playback import Playback
from simulator.course.session import Outcome, Session, SessionFactory, open_session
from simulator.course.transcript import Entry, Transcript
from simulator.errors import Refused, unknown

if TYPE_CHECKING:
    from simulator.world import World

P = TypeVar("P", Predict, Run)

COOL_DOWN = 2
"""So many things must be tried after a hint before there is another one for the task."""


@dataclass(slots=True)
class Prediction:
    """What was predicted, and whether it was before the run."""

    answer: str
    before_run: bool


@dataclass(frozen=True, slots=True)
class Reveal:
    """A prediction beside what happened."""

    predict: Predict
    predicted: str | None
    """In words; None when nobody predicted."""
    outcome: Truth
    correct: bool
    explanation: str


@dataclass(slots=True)
class TaskState:
    """How far a task has come."""

    start: float | None = None
    """Simulated time at which its step was first entered."""
    checks: int = 0
    tried: int = 0
    """Lines and checks since the last hint."""
    hints: list[int] = field(default_factory=list)
    best: list[CheckResult] = field(default_factory=list)
    solved: bool = False
    given_up: bool = False

    @property
    def open(self) -> bool:
        """Whether it is still to be done."""
        return not (self.solved or self.given_up)


class LessonRun:
    """One person (or class, or grader) going through one lesson."""

    def __init__(
        self,
        lesson: Lesson,
        seed: int | None = None,
        session_factory: SessionFactory | None = None,
        *,
        student: str = "",
        on_entry: Callable[[Entry], None] | None = None,
    ) -> None:
        self.lesson = lesson
        self.seed = lesson.seed if seed is None else seed
        self.student = student
        self.entries: list[Entry] = []
        self.predictions: dict[str, Prediction] = {}
        self.answers: dict[str, tuple[str, bool]] = {}
        """Order and identify blocks: what was answered, and whether it was right."""
        self.tasks = {task.id: TaskState() for task in lesson.all(Task)}
        self.marks: dict[str, tuple[float, float | None]] = {}
        self.step_index = 0
        self.finished_steps: set[int] = set()
        self.hints_used = 0
        self.commands = 0
        self.factory = session_factory or open_session
        self.on_entry = on_entry
        self._truths: dict[str, Truth] = {}
        self._fresh_done: set[str] = set()
        self._entered = -1
        self.session: Session = new_session(lesson, self.seed, self.factory)
        self._enter(0)

    # --- where we are -------------------------------------------------------------------------

    @property
    def world(self) -> World:
        """The world now; ``undo`` and ``reset`` replace it."""
        return self.session.world

    @property
    def step(self) -> Step:
        """The current page."""
        return self.lesson.steps[self.step_index]

    def next(self) -> bool:
        """Turn to the next page; False on the last."""
        return self.go(self.step_index + 1)

    def previous(self) -> bool:
        """Turn back a page; False on the first."""
        return self.go(self.step_index - 1)

    def go(self, index: int) -> bool:
        """Turn to a page by its index."""
        if not 0 <= index < len(self.lesson.steps):
            return False
        self._note(f":step {index + 1}")
        self._enter(index)
        return True

    def _enter(self, index: int) -> None:
        self.finished_steps.add(self.step_index)
        self.step_index = index
        for part in self.step.parts:
            if isinstance(part, Task):
                self._begin(part)

    def _begin(self, task: Task) -> None:
        state = self.tasks[task.id]
        if task.fresh and task.id not in self._fresh_done:
            self._fresh_done.add(task.id)
            self._renew()
        if state.start is None:
            state.start = self.world.now

    def current_task(self) -> Task | None:
        """The first task of this page that is still open, else its last task."""
        tasks = [part for part in self.step.parts if isinstance(part, Task)]
        return next((t for t in tasks if self.tasks[t.id].open), tasks[-1] if tasks else None)

    # --- doing --------------------------------------------------------------------------------

    def execute(self, line: str, wait: bool = True) -> Outcome:
        """Carry out a line typed by the person."""
        self.commands += 1
        outcome = self.type_line(line, wait)
        if outcome.error is None:
            for state in self.tasks.values():
                state.tried += 1
        return outcome

    def type_line(self, line: str, wait: bool) -> Outcome:
        """Carry out a line without counting it as an attempt (a run block's own lines)."""
        text = " ".join(line.split("\n")).strip()
        if text:
            self._note(text)
        outcome = self.session.execute(text, wait)
        self._forget_future()
        return outcome

    def undo(self) -> Outcome:
        """Take back the last line that changed the world."""
        return self.execute("undo")

    def reset(self) -> None:
        """The world as the lesson means it to be at the top of this page."""
        self._note(":reset")
        first = self.step.parts[0]
        for part in self.step.parts:
            if isinstance(part, Task) and part.fresh:
                first = part
        self._renew()
        walk = Walk(self.lesson, self.seed, self.factory)
        for item in leading_to(self.lesson, first):
            walk.play(item)
        self.session, self.marks = walk.session, walk.marks
        for part in self.step.parts:
            if isinstance(part, Task):
                self.tasks[part.id].start = self.world.now

    def _renew(self) -> None:
        """A fresh world with the setup; runs made in the old one are no longer measurable."""
        self.session = new_session(self.lesson, self.seed, self.factory)
        self.marks = {}

    def _forget_future(self) -> None:
        """After undo or rewind, marks beyond the present are gone."""
        now = self.world.now + 1e-9
        self.marks = {
            run: (began, ended if ended is None or ended <= now else None)
            for run, (began, ended) in self.marks.items()
            if began <= now
        }
        for state in self.tasks.values():
            if state.start is not None and state.start > now:
                state.start = self.world.now

    # --- predictions and runs -----------------------------------------------------------------

    def predict(self, id: str, answer: str) -> Prediction:
        """Note a prediction; InputError when the answer is none."""
        block = self._find(Predict, id, "prediction")
        given = read_answer(block, answer)
        before = block.answer.run not in self.marks
        if id in self.predictions and not before:
            raise Refused("the run has been seen: this prediction stays as it was")
        self._note(f":predict {id} {given}")
        self.predictions[id] = Prediction(given, before)
        return self.predictions[id]

    def missing_predictions(self, run: str) -> list[Predict]:
        """The predictions still to be made before a run block may run."""
        asked = [p for p in self.lesson.all(Predict) if p.answer.run == run]
        return [p for p in asked if p.id not in self.predictions]

    def start_block(self, id: str, *, override: bool = False) -> Playback:
        """Begin a run block, to be played piece by piece; Refused while a prediction is missing.

        ``override`` runs it all the same; that is written down.
        """
        block = self._find(Run, id, "run block")
        missing = self.missing_predictions(id)
        if missing and not override and id not in self.marks:
            raise Refused(f"predict first: {missing[0].ask}")
        self.begin_block(id, bool(missing) and override)
        return Playback(self, block)

    def run_block(self, id: str, *, override: bool = False) -> list[tuple[str, Outcome]]:
        """Carry out a run block to its end; its lines with their outcomes."""
        return self.start_block(id, override=override).finish()

    def begin_block(self, id: str, override: bool = False) -> None:
        """Note that a run block begins (``Playback`` and replay call this)."""
        block = self._find(Run, id, "run block")
        self._note(f":run {id}{' override' if override else ''}")
        if block.fresh:
            self._renew()
        self.marks[id] = (self.world.now, None)

    def end_block(self, id: str) -> None:
        """Note that a run block has ended (``Playback`` and replay call this)."""
        self._note(f":ran {id}")
        began, _ = self.marks.get(id, (self.world.now, None))
        self.marks[id] = (began, self.world.now)

    def reveal(self, id: str) -> Reveal | None:
        """A prediction beside the outcome; None until its run block has ended."""
        block = self._find(Predict, id, "prediction")
        began, ended = self.marks.get(block.answer.run, (0.0, None))
        if ended is None and id not in self._truths:
            return None
        outcome = self._truth(block)
        given = self.predictions.get(id)
        words = in_words(block, given.answer) if given else None
        right = given is not None and is_right(block, given.answer, outcome)
        text = self.sight().text(block.explain) if block.explain else ""
        return Reveal(block, words, outcome, right, text)

    def _truth(self, block: Predict) -> Truth:
        if block.id not in self._truths:
            if self._on_path(block.answer.run):
                self._truths[block.id] = truth(block, self.sight())
            else:
                self._truths[block.id] = computed_truth(self.lesson, block, self.seed, self.factory)
        return self._truths[block.id]

    def _on_path(self, run: str) -> bool:
        """Whether this world has had the lesson's own lines only, so that it is the answer."""
        block = self._find(Run, run, "run block")
        wanted = [line.text for item in leading_to(self.lesson, block) for line in item.lines]
        wanted += [line.text for line in block.lines]
        done = [e.text for e in self.entries if not e.text.startswith(":")]
        plain = not any(
            e.text.startswith((":reset", ":run")) and "fresh" in e.text for e in self.entries
        )
        return plain and done == wanted and not any(r.fresh for r in self.lesson.all(Run))

    # --- tasks --------------------------------------------------------------------------------

    def sight(self, task: str | None = None) -> Sight:
        """What expressions see now; ``start`` is the start of the task, or of the page's."""
        if task is None:
            current = self.current_task()
            task = current.id if current else None
        start = self.tasks[task].start if task else None
        return sight_of(self.session, self.marks, start or 0.0, self.seed)

    def check(self, task: str | None = None) -> list[CheckResult]:
        """All checks of a task (the page's by default), passed and failed."""
        id = self._task(task)
        self._note(f":check {id}")
        state = self.tasks[id]
        state.checks += 1
        state.tried += 1
        results = judge_task(self.lesson, id, self.sight(id))
        if sum(r.points for r in results) >= sum(r.points for r in state.best):
            state.best = results
        state.solved = state.solved or all(r.passed for r in results)
        return results

    def hint(self, task: str | None = None) -> str:
        """Help that fits the state of the world; Refused while the last hint is still fresh."""
        id = self._task(task)
        state = self.tasks[id]
        fitting = fitting_hints(self.lesson, id, self.sight(id))
        hints = self.lesson.of(id, Hint)
        fresh = [h for h in fitting if hints.index(h) not in state.hints]
        if state.hints and state.tried < COOL_DOWN:
            raise Refused("try something first: the last hint is still to be used")
        if not fitting:
            raise Refused("no hint fits what you have now: type 'check' to see what is missing")
        chosen = (fresh or fitting)[0]
        self._note(f":hint {id}")
        state.hints.append(hints.index(chosen))
        state.tried = 0
        self.hints_used += 1
        return self.sight(id).text(chosen.text)

    def dead_end(self, task: str | None = None) -> str | None:
        """Why the task cannot be solved any more (undo or reset then help), else None."""
        current = self.current_task()
        if task is None and current is None:
            return None
        id = self._task(task)
        return dead_end(self.lesson, id, self.sight(id)) if self.tasks[id].open else None

    def give_up(self, task: str | None = None) -> list[Solution]:
        """Unlock the solutions of a task without having solved it; no points for it later."""
        id = self._task(task)
        if not self.tasks[id].solved:
            self._note(f":giveup {id}")
            self.tasks[id].given_up = True
        return self.solutions(id)

    def solutions(self, task: str | None = None) -> list[Solution]:
        """The solutions of a task; Refused until it is solved or given up."""
        id = self._task(task)
        if self.tasks[id].open:
            raise Refused("solutions are shown when the task is solved or given up")
        return self.lesson.of(id, Solution)

    def unlocked(self, debrief: Debrief) -> bool:
        """Whether a debrief may be read: its task, or all tasks before it, are over."""
        if debrief.task is not None:
            return not self.tasks[debrief.task].open
        for block in self.lesson.blocks():
            if block is debrief:
                return True
            if isinstance(block, Task) and self.tasks[block.id].open:
                return False
        return True

    def answer(self, id: str, text: str) -> bool:
        """Answer an order or identify block; whether it was right."""
        from simulator.course.answers import judge_identify, judge_order

        blocks: dict[str, Order | Identify] = {
            b.id: b for b in [*self.lesson.all(Order), *self.lesson.all(Identify)]
        }
        if id not in blocks:
            raise unknown("question", id, blocks)
        block = blocks[id]
        if isinstance(block, Order):
            given, right = judge_order(block, text, self.seed)
        else:
            given, right = judge_identify(block, text, self.session, self.sight())
        self._note(f":answer {id} {given}")
        self.answers[id] = (given, right)
        return right

    # --- score and record ---------------------------------------------------------------------

    def score(self) -> tuple[float, float]:
        """Points reached and points possible."""
        reached = sum(r.points for s in self.tasks.values() if not s.given_up for r in s.best)
        asked = [*self.lesson.all(Order), *self.lesson.all(Identify)]
        reached += sum(b.points for b in asked if self.answers.get(b.id, ("", False))[1])
        possible = sum(t.points for t in self.lesson.all(Task)) + sum(b.points for b in asked)
        return reached, possible

    @property
    def complete(self) -> bool:
        """Whether every task is over and the last page has been reached."""
        done = all(not state.open for state in self.tasks.values())
        return done and self.step_index == len(self.lesson.steps) - 1

    def transcript(self, started: str = "", finished: str = "") -> Transcript:
        """Everything done so far."""
        return Transcript(
            self.lesson.id, self.lesson.hash, self.seed, self.student, started, finished,
            entries=tuple(self.entries),
        )  # fmt: skip

    def _note(self, text: str) -> None:
        entry = Entry(self.world.now, text)
        self.entries.append(entry)
        if self.on_entry:
            self.on_entry(entry)

    def _task(self, task: str | None) -> str:
        if task is None:
            current = self.current_task()
            if current is None:
                raise Refused("there is no task on this page")
            return current.id
        if task not in self.tasks:
            raise unknown("task", task, self.tasks)
        return task

    def _find(self, kind: type[P], id: str, what: str) -> P:
        blocks = {block.id: block for block in self.lesson.all(kind)}
        if id not in blocks:
            raise unknown(what, id, blocks)
        return blocks[id]
