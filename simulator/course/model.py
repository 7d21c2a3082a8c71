"""A lesson as data: what one Markdown file says, frozen, every part with its place in the file."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

from simulator.course.expression import Expression, Value
from simulator.course.template import Template
from simulator.errors import Place


@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    """Base of everything that a step is made of."""

    place: Place


@dataclass(frozen=True, slots=True, kw_only=True)
class Prose(Block):
    """Markdown text for the learner; ``{{…}}`` in it is measured when it is shown."""

    text: Template


@dataclass(frozen=True, slots=True)
class ScriptLine:
    """One typed line of a script, given ``at`` seconds after the script began (None: at once)."""

    text: str
    at: float | None
    place: Place
    slots: Template | None = None
    """The text where it holds ``{{name}}`` of ``vary:``, to be filled in for a seed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """How the model computes the answer to a prediction.

    ``measure`` is evaluated after the run block ``run``; ``edges`` sort its value into one option
    more than there are edges (a value on an edge belongs to the lower option). ``cases`` chooses
    the first option whose expression is true; ``ranks`` gives one value an option, to order by.
    """

    place: Place
    run: str
    measure: Expression | None = None
    edges: tuple[float, ...] = ()
    cases: tuple[Expression, ...] = ()
    ranks: tuple[Expression, ...] = ()
    tolerance: float = 0.25
    margin: float = 0.05


@dataclass(frozen=True, slots=True, kw_only=True)
class Why(Block):
    """What is asked when a prediction was wrong; no points depend on the answer."""

    ask: str
    options: tuple[str, ...] = ()
    """Reasons to choose from; none: the answer is a sentence of one's own."""
    right: int = 0
    """Number of the best reason, from 1; 0: none is better."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Predict(Block):
    """A question that must be answered before its run block runs."""

    id: str
    kind: str
    """choice, number or order."""
    ask: str
    options: tuple[str, ...] = ()
    unit: str = ""
    answer: Answer
    explain: Template | None = None
    """Shown with the outcome; after a wrong prediction, when ``why`` has been answered."""
    why: Why | None = None
    points: float = 0.0
    """For predicting before the run, whatever the prediction."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Run(Block):
    """Typed lines that the lesson itself gives, visibly; ``fresh`` starts from the setup."""

    id: str
    lines: tuple[ScriptLine, ...]
    fresh: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Task(Block):
    """Something to achieve; its checks carry the points."""

    id: str
    text: Template
    points: float
    fresh: bool = False
    only: tuple[str, ...] = ()
    """Beginnings of the lines that may change the world; none: all may."""
    locked: tuple[str, ...] = ()
    """What must stay as the lesson made it: words of ``locks.LOCKS``."""


@dataclass(frozen=True, slots=True)
class Condition:
    """One part of a check, and what is said where it alone is missing."""

    expression: Expression
    fail: Template | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Check(Block):
    """One measured condition of a task, numbered from 1 in the order of the file."""

    task: str
    number: int
    points: float
    conditions: tuple[Condition, ...]
    """All of them must hold."""
    fail: Template
    needs: tuple[int, ...] = ()
    """Numbers of the checks without which this one gives no points: to keep within a budget is no
    merit while the work is not done."""
    good: Template | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Hint(Block):
    """Help that is offered while ``when`` is true."""

    task: str
    when: Expression | None
    text: Template


@dataclass(frozen=True, slots=True, kw_only=True)
class Fail(Block):
    """A state from which the task cannot be solved any more: offer to undo."""

    task: str
    when: Expression
    text: Template


@dataclass(frozen=True, slots=True, kw_only=True)
class Solution(Block):
    """Lines that solve a task, shown after it is solved or given up."""

    task: str
    title: str
    lines: tuple[ScriptLine, ...]
    sealed: bool = False
    """In an edition for students: what is built upon, and never shown."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wrong(Block):
    """An answer that must fail exactly the checks named: a test for authors, never shown."""

    task: str
    fails: tuple[int, ...]
    why: str
    lines: tuple[ScriptLine, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Observe(Block):
    """What to put on the screen: series aliases, and kinds of events."""

    series: tuple[str, ...] = ()
    events: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Sweep(Block):
    """The same script with one parameter varied: a curve of a measure, with spread over seeds."""

    id: str
    title: str
    parameter: str
    values: tuple[float, ...]
    seeds: int
    lines: tuple[Template, ...]
    """Typed lines; ``{{…}}`` in them is computed from the parameter."""
    measures: Mapping[str, Expression]
    """Name of a curve -> expression; the parameter's name is a variable in it."""


@dataclass(frozen=True, slots=True)
class Building:
    """An order of lines becomes a file, lines are typed, and what comes of it is measured."""

    file: str
    lines: tuple[ScriptLine, ...]
    conditions: tuple[Condition, ...]
    good: Template | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Order(Block):
    """A Parsons problem: put the lines into an order that works."""

    id: str
    ask: str
    lines: tuple[str, ...]
    also: tuple[tuple[int, ...], ...] = ()
    """Other orders that are right too, as positions (from 1) in ``lines``."""
    points: float = 1.0
    build: Building | None = None
    """How an order is tried, where it is carried out and measured, not compared."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Identify(Block):
    """Pick all objects for which ``where`` is true; ``name`` is the variable in it."""

    id: str
    ask: str
    kind: str
    """container, vm or host."""
    where: Expression
    points: float = 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Teacher(Block):
    """Notes for whoever stands in front of the class."""

    text: Template
    minutes: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Debrief(Block):
    """What it meant: unlocked when the tasks of the lesson so far are solved or given up."""

    text: Template
    task: str | None = None
    title: str = "What it meant"


B = TypeVar("B", bound=Block)
T = TypeVar("T", Check, Hint, Fail, Solution, Wrong)


@dataclass(frozen=True, slots=True)
class Step:
    """One short page."""

    title: str
    place: Place
    parts: tuple[Block, ...]


@dataclass(frozen=True, slots=True)
class Setup:
    """The world a lesson starts in: typed lines, and the folder that the lines may read."""

    lines: tuple[ScriptLine, ...] = ()
    folder: Path | None = None
    editable: tuple[str, ...] = ()
    """Files of the folder that a learner may change: ``edit Dockerfile``."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Lesson:
    """A whole lesson; ``hash`` names the behaviour that transcripts and results refer to."""

    id: str
    title: str
    place: Place
    hash: str
    minutes: Mapping[str, int] = field(default_factory=dict)
    needs: tuple[str, ...] = ()
    objective: str = ""
    misconception: str = ""
    simplified: str = ""
    seed: int = 1
    setup: Setup = field(default_factory=Setup)
    locked: tuple[str, ...] = ()
    """What must stay as it is in every task."""
    student: bool = False
    """Whether this is the edition for students, which has no solutions."""
    vary: Mapping[str, tuple[Value, ...]] = field(default_factory=dict)
    """Names of values that depend on the seed, and what they may be."""
    values: Mapping[str, Value] = field(default_factory=dict)
    """What they are: of a lesson that was made for a seed."""
    seeded: int | None = None
    """The seed that it was made for; None: for none yet."""
    base: Lesson | None = None
    """The lesson as its file has it, of one made for a seed."""
    steps: tuple[Step, ...] = ()

    def blocks(self) -> Iterator[Block]:
        """Every part of every step, in the order of the file."""
        for step in self.steps:
            yield from step.parts

    def all(self, kind: type[B]) -> list[B]:
        """The blocks of one kind, in the order of the file."""
        return [block for block in self.blocks() if isinstance(block, kind)]

    def of(self, task: str, kind: type[T]) -> list[T]:
        """The blocks of one kind (Check, Hint, Fail, Solution, Wrong) that belong to a task."""
        return [block for block in self.all(kind) if block.task == task]

    def task(self, task: str) -> Task | None:
        """The task of this id."""
        return next((t for t in self.all(Task) if t.id == task), None)

    def step_of(self, block: Block) -> int:
        """Index of the step that holds a block."""
        return next(i for i, step in enumerate(self.steps) if any(p is block for p in step.parts))
