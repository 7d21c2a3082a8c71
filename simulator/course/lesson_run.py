"""A lesson being played: the one thing that the screen, plain mode and grading drive.

Everything that is done goes through the methods here and is written to ``entries``; replaying
them with the same seed gives the same worlds, the same checks and the same score.
"""

from __future__ import annotations

from contextlib import suppress
from typing import Any

from simulator import __version__
from simulator.course.canon import Walk, leading_to
from simulator.course.model import Block, Task
from simulator.course.predicting import Predicting, Prediction, Reveal
from simulator.course.run_state import TaskState
from simulator.course.solving import COOL_DOWN, Solving
from simulator.course.transcript import Transcript
from simulator.errors import Refused

__all__ = ["COOL_DOWN", "LessonRun", "Prediction", "Reveal", "TaskState"]


class LessonRun(Predicting, Solving):
    """One person (or class, or grader) going through one lesson.

    ``LessonRun(lesson, seed=None, session_factory=None, *, student="", on_entry=None)``; see
    :class:`RunState` for the world and typed lines, :class:`Predicting` for predictions and run
    blocks, :class:`Solving` for tasks. Methods raise ``InputError`` or ``Refused``, with the text
    to show, and have then changed nothing.
    """

    def __init__(self, *args: Any, **named: Any) -> None:
        self._fresh_done: set[str] = set()
        super().__init__(*args, **named)
        self._enter(0)

    def next(self) -> bool:
        """Turn to the next page; False on the last."""
        return self.go(self.step_index + 1)

    def previous(self) -> bool:
        """Turn back a page; False on the first."""
        return self.go(self.step_index - 1)

    def go(self, index: int) -> bool:
        """Turn to a page by its index from 0."""
        if not 0 <= index < len(self.lesson.steps):
            return False
        self.note(f":step {index + 1}")
        self._enter(index)
        return True

    def _enter(self, index: int) -> None:
        self.step_index = index
        self.pages_seen.add(index + 1)
        for part in self.step.parts:
            if isinstance(part, Task):
                self._begin(part)
        self.furthest = max(self.furthest, index)
        self.lock()

    def _begin(self, task: Task) -> None:
        if task.fresh and task.id not in self._fresh_done:
            self._fresh_done.add(task.id)
            self.renew()
        if self.tasks[task.id].start is None:
            self.tasks[task.id].start = self.world.now

    def reset(self) -> None:
        """The world as the lesson means it to be at the top of this page."""
        self.note(":reset")
        tasks = [part for part in self.step.parts if isinstance(part, Task)]
        fresh = [task for task in tasks if task.fresh]
        first: Block = fresh[-1] if fresh else self.step.parts[0]
        self.renew()
        path = leading_to(self.lesson, first)
        if path:
            walk = Walk(self.lesson, self.seed, self.factory).to(first)
            self.session, self.marks = walk.session, walk.marks
            self.changed_by = [line.text for item in path for line in item.lines]
        self.furthest = self.step_index
        for task in tasks:
            self.tasks[task.id].start = self.world.now
        self.lock()

    def leave(self) -> None:
        """Note how late it is, so that the lesson can be taken up at this time."""
        if self.entries and self.world.now > self.entries[-1].time:
            with suppress(Refused):  # a record that is full stays as it is
                self.note(":leave")

    @property
    def complete(self) -> bool:
        """Whether every task is over and the last page has been reached."""
        done = all(not state.open for state in self.tasks.values())
        return done and self.step_index == len(self.lesson.steps) - 1

    def transcript(self, started: str = "", finished: str = "") -> Transcript:
        """Everything done so far; times of the wall clock only if the caller gives them."""
        return Transcript(
            lesson=self.lesson.id,
            hash=self.lesson.hash,
            seed=self.seed,
            student=self.student,
            started=started or self.started,
            finished=finished,
            model=__version__,
            entries=tuple(self.entries),
        )
