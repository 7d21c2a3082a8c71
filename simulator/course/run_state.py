"""A lesson while it is played: its world, what was done, how far its tasks have come."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from simulator.course.canon import new_session, sight_of
from simulator.course.edit_lines import MAX_EDIT_CHARACTERS, is_edit
from simulator.course.judging import CheckResult, Sight
from simulator.course.model import Lesson, Run, Step, Task
from simulator.course.session import NotTyped, Session, SessionFactory, open_session
from simulator.course.transcript import MAX_BYTES, MAX_CHARACTERS, MAX_ENTRIES, Entry
from simulator.course.varying import varied
from simulator.errors import Refused, unknown
from simulator.ports import Outcome

if TYPE_CHECKING:
    from simulator.world import World


SPARE_ENTRIES, SPARE_BYTES = 1000, 64 * 1024
"""What of a full record is kept for turning pages, checks and hints."""


@dataclass(slots=True)
class TaskState:
    """How far a task has come."""

    start: float | None = None
    """Simulated time at which its page was first entered."""
    checks: int = 0
    tried: int = 0
    """Lines and checks since the last hint."""
    hints: list[int] = field(default_factory=list)
    """Which hints were given, as indices into those of the task."""
    best: list[CheckResult] = field(default_factory=list)
    solved: bool = False
    given_up: bool = False
    unasked: bool = False
    """Whether it was judged without a check having been asked for."""

    @property
    def open(self) -> bool:
        """Whether it is still to be done."""
        return not (self.solved or self.given_up)


class RunState:
    """The world of a lesson being played, and the record of everything done to it."""

    def __init__(
        self,
        lesson: Lesson,
        seed: int | None = None,
        session_factory: SessionFactory | None = None,
        *,
        student: str = "",
        on_entry: Callable[[Entry], None] | None = None,
    ) -> None:
        self.seed = lesson.seed if seed is None else seed
        self.lesson = varied(lesson, self.seed)
        self.student = student
        self.started = ""
        """When a person began, as text; nothing in a lesson depends on it."""
        self.factory = session_factory or open_session
        self.on_entry = on_entry
        self.entries: list[Entry] = []
        self._bytes = 4096
        """What the entries take in a file, beside its head."""
        self.tasks = {task.id: TaskState() for task in lesson.all(Task)}
        self.marks: dict[str, tuple[float, float | None]] = {}
        """Run blocks run in this world: when they began and ended."""
        self.changed_by: list[str] = []
        """The lines that have changed this world, after its setup."""
        self.step_index = 0
        self.furthest = 0
        """The last page that was seen in this world."""
        self._due: list[str] = []
        """Lines of the run block under way that are still to be typed."""
        self.pages_seen: set[int] = set()
        """Pages that were turned to, from 1."""
        self.commands = 0
        self.session: Session
        self.renew()

    @property
    def world(self) -> World:
        """The world now; ``undo``, ``reset`` and fresh runs replace it."""
        return self.session.world

    @property
    def step(self) -> Step:
        """The current page."""
        return self.lesson.steps[self.step_index]

    def renew(self) -> None:
        """A fresh world with the setup; runs made in the old one are no longer measurable."""
        self.session = new_session(self.lesson, self.seed, self.factory)
        self.session.begin_here()
        self._setup_commands = len(self.session.world.log)
        self.marks = {}
        self.changed_by = []
        self.furthest, self._due = 0, []
        self.lock()

    # --- doing --------------------------------------------------------------------------------

    def execute(self, line: str, wait: bool = True) -> Outcome:
        """Carry out a line typed by the person; the outcome says what it printed or why not."""
        self.commands += 1
        outcome = self.type_line(line, wait)
        if outcome.error is None:
            for state in self.tasks.values():
                state.tried += 1
        return outcome

    def type_line(self, line: str, wait: bool) -> Outcome:
        """Carry out a line without counting it as an attempt (a run block's own lines)."""
        # A colon opens prompts elsewhere; in the record it marks what is done to the lesson.
        text = "".join(c if c.isprintable() else " " for c in line).strip().lstrip(": ")
        limit = MAX_EDIT_CHARACTERS if is_edit(text) else MAX_CHARACTERS
        if len(text) > limit:
            return NotTyped(f"this line is too long: at most {limit:,} characters")
        if text:
            try:
                self.note(text, SPARE_ENTRIES, SPARE_BYTES)
            except Refused as error:
                return NotTyped(str(error))
        before = (len(self.world.log), self.world.now)
        own = self._due[:1] == [text]
        if own:
            del self._due[0]
        typed = self.session.execute if own else self.session.type_learner
        outcome = typed(text, wait)
        edited = is_edit(text) and outcome.error is None and len(text.split()) > 2
        if edited or outcome.job is not None or before != (len(self.world.log), self.world.now):
            self.changed_by.append(text)
        if len(self.world.log) < self._setup_commands:
            self.renew()  # the lesson's own setup is not taken back
        self._forget_future()
        return outcome

    def file_text(self, name: str) -> str:
        """A file that may be edited, as it is now; InputError for another."""
        return self.session.file_text(name)

    def undo(self) -> Outcome:
        """Take back the last line that changed the world."""
        return self.execute("undo")

    def note(self, text: str, spare: int = 0, spare_bytes: int = 0) -> None:
        """Write down something that is done now; Refused where the record could not be read then.

        ``spare``: entries, and bytes, that are to be left for others.
        """
        entry = Entry(self.world.now, text)
        size = self._bytes + len(entry.line.encode(errors="replace")) + 1
        if len(self.entries) + spare >= MAX_ENTRIES or size + spare_bytes > MAX_BYTES:
            raise Refused(
                f"the record of this lesson is full ({len(self.entries):,} entries): what you did"
                " is kept; begin it anew (play --again) to do more"
            )
        self._bytes = size
        self.entries.append(entry)
        if self.on_entry:
            self.on_entry(entry)

    def _forget_future(self) -> None:
        """After undo or rewind, what lies beyond the present has not happened."""
        now = self.world.now + 1e-9
        self.marks = {
            run: (began, ended if ended is None or ended <= now else None)
            for run, (began, ended) in self.marks.items()
            if began <= now
        }
        for state in self.tasks.values():
            if state.start is not None and state.start > now:
                state.start = self.world.now

    # --- what the learner may not touch -------------------------------------------------------

    def lock(self) -> None:
        """Lay the locks of where the learner is on the world: of the page, and of what is next."""
        here = next((one for one in self._tasks_from(self.step_index) if self.tasks[one.id].open),
                    None)  # fmt: skip
        last = next((one for one in self._tasks_from(self.furthest) if self.tasks[one.id].open),
                    None)  # fmt: skip
        locked = {
            *self.lesson.locked,
            *(word for one in (here, last) if one for word in one.locked),
        }
        on_page = here is not None and any(part is here for part in self.step.parts)
        only = here.only if here is not None and on_page else ()
        self.session.lock(locked, only)

    def _tasks_from(self, index: int) -> Iterator[Task]:
        """The tasks from a page on, as far as the same world goes."""
        for number, step in enumerate(self.lesson.steps[index:]):
            for part in step.parts:
                if number and isinstance(part, Run | Task) and part.fresh:
                    return
                if isinstance(part, Task):
                    yield part

    # --- looking ------------------------------------------------------------------------------

    def sight(self, task: str | None = None) -> Sight:
        """What expressions see now; ``start`` is the start of the task, or of the page's."""
        if task is None:
            current = self.current_task()
            task = current.id if current else None
        start = self.tasks[task].start if task else None
        return sight_of(self.session, self.marks, start or 0.0, self.seed, **self.lesson.values)

    def current_task(self) -> Task | None:
        """The first task of this page that is still open, else its last task."""
        tasks = [part for part in self.step.parts if isinstance(part, Task)]
        return next((t for t in tasks if self.tasks[t.id].open), tasks[-1] if tasks else None)

    def task_named(self, task: str | None) -> str:
        """The id of a task, the page's own by default."""
        if task is None:
            current = self.current_task()
            if current is None:
                raise Refused("there is no task on this page")
            return current.id
        if task not in self.tasks:
            raise unknown("task", task, self.tasks)
        return task
