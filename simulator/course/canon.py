"""The path that a lesson itself describes: its setup, its run blocks, its first solutions.

Answers to predictions, ``reset`` and the author's tests all start from worlds built this way.
"""

from __future__ import annotations

from collections.abc import Iterable

from simulator.course.expression import Value
from simulator.course.judging import Sight, Truth, truth
from simulator.course.measures import Marks, measures
from simulator.course.model import Block, Lesson, Predict, Run, ScriptLine, Solution, Task
from simulator.course.player import Player
from simulator.course.session import Session, SessionFactory
from simulator.course.varying import varied
from simulator.errors import InputError


class Walk:
    """A world of a lesson, built by its own lines, without a person."""

    def __init__(self, lesson: Lesson, seed: int, factory: SessionFactory) -> None:
        self.lesson = varied(lesson, seed)
        self.seed = seed
        self._factory = factory
        self.marks: dict[str, tuple[float, float | None]] = {}
        self.start = 0.0
        self.session = new_session(self.lesson, seed, factory)

    def to(self, block: Block) -> Walk:
        """Carry out everything that comes before a block, and that it builds on."""
        for item in leading_to(self.lesson, block):
            self.play(item)
        self.start = self.session.world.now
        return self

    def play(self, item: Run | Solution) -> Walk:
        """Carry out a run block or a solution."""
        began = self.session.world.now
        play_script(self.session, item.lines)
        if isinstance(item, Run):
            self.marks[item.id] = (began, self.session.world.now)
        return self

    def script(self, lines: Iterable[ScriptLine]) -> Walk:
        """Carry out any lines."""
        play_script(self.session, lines)
        return self

    def as_learner(self, lines: Iterable[ScriptLine], task: Task) -> Walk:
        """Carry out lines for which the locks of a task hold."""
        self.session.lock({*self.lesson.locked, *task.locked}, task.only)
        play_script(self.session, lines, by_learner=True)
        self.session.lock(())
        return self

    def sight(self, **variables: Value) -> Sight:
        """What expressions see here and now."""
        known = {**self.lesson.values, **variables}
        return sight_of(self.session, self.marks, self.start, self.seed, **known)

    def twin(self) -> Walk:
        """A walk of its own that stands where this one does."""
        copy = Walk.__new__(Walk)
        copy.lesson, copy.seed, copy._factory = self.lesson, self.seed, self._factory
        copy.marks, copy.start = dict(self.marks), self.start
        copy.session = self.session.twin()
        return copy


def new_session(lesson: Lesson, seed: int, factory: SessionFactory) -> Session:
    """A fresh world with the lesson's setup carried out."""
    lesson = varied(lesson, seed)
    session = factory(seed, lesson.setup.folder)
    if lesson.setup.editable:
        session.may_edit(lesson.setup.editable)
    play_script(session, lesson.setup.lines)
    return session


def play_script(session: Session, lines: Iterable[ScriptLine], *, by_learner: bool = False) -> None:
    """Carry out lines one after the other; InputError with the line's place when one fails."""
    typed = session.type_learner if by_learner else session.execute
    player = Player(lines, lambda: session, lambda line: typed(line, wait=False))
    player.finish()
    if player.failed is not None:
        raise InputError(f"this line was refused: {player.failed}", place=player.failed_at)


def leading_to(lesson: Lesson, block: Block) -> list[Run | Solution]:
    """What is carried out before a block, since the last fresh start."""
    path: list[Run | Solution] = []
    for one in lesson.blocks():
        if isinstance(one, Run | Task) and one.fresh:
            path = []
        if one is block:
            return path
        if isinstance(one, Run):
            path.append(one)
        elif isinstance(one, Task):
            path += lesson.of(one.id, Solution)[:1]
    return path


def sight_of(session: Session, marks: Marks, start: float, seed: int, **variables: Value) -> Sight:
    """What expressions see in a session's world."""
    world = session.world
    return Sight(
        measures(world, marks), {"now": world.now, "start": start, "seed": seed, **variables}
    )


def computed_truth(
    lesson: Lesson, predict: Predict, seed: int, factory: SessionFactory
) -> tuple[Truth, Sight]:
    """The answer to a prediction on the lesson's own path, and what can be seen there."""
    lesson = varied(lesson, seed)
    run = next(run for run in lesson.all(Run) if run.id == predict.answer.run)
    walk = Walk(lesson, seed, factory).to(run)
    walk.play(run)
    sight = walk.sight()
    return truth(predict, sight), sight
