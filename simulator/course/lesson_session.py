"""The shell's session as lessons use it: files can be edited, and what is locked is refused."""

from __future__ import annotations

from collections.abc import Collection
from copy import deepcopy
from pathlib import Path

from simulator.course.drafts import Drafts
from simulator.course.edit_lines import is_edit
from simulator.course.guard import Known, known_values, refuse
from simulator.errors import DrydockError, Refused
from simulator.shell.results import Result, Typed
from simulator.shell.session import Session
from simulator.shell.timeline import Future, Mark
from simulator.world import World
from simulator.world.commands import Command
from simulator.world.jobs import Reply


class LessonSession(Session):
    """A session whose lines are the learner's, but for those that the lesson types itself."""

    def __init__(self, world: World, *, folder: Path) -> None:
        """``folder``: where lines read, which may not leave it."""
        super().__init__(world, folder=folder, confined=True)
        self.drafts = Drafts(folder, ())
        self.locked: frozenset[str] = frozenset()
        """Locks that hold for what the learner types now."""
        self.only: tuple[str, ...] = ()
        """Beginnings of the lines that may change the world; none: all."""
        self._known: Known = {}
        self._by_lesson = True
        self._exempt: list[Mark] = []

    def may_edit(self, names: tuple[str, ...]) -> None:
        """Let these files be edited."""
        self.drafts.names = names

    def file_text(self, name: str) -> str:
        """A file that may be edited, as it is now."""
        return self.drafts.text(name)

    def lock(self, locked: Collection[str], only: tuple[str, ...] = ()) -> None:
        """From now on the learner may not touch these; what there is, is what there may be."""
        self.locked, self.only = frozenset(locked), only
        self._known = known_values(one.command for one in self.world.log)

    def type_own(self, line: str, wait: bool = True) -> Result:
        """Carry out a line that the lesson types: no lock holds for it."""
        before, self._by_lesson = self._by_lesson, True
        try:
            return self.execute(line, wait)
        finally:
            self._by_lesson = before

    def type_learner(self, line: str, wait: bool = True) -> Result:
        """Carry out a line that the learner types."""
        before, self._by_lesson = self._by_lesson, False
        try:
            return self.execute(line, wait)
        finally:
            self._by_lesson = before

    # --- what differs from other sessions -------------------------------------------------------

    def execute(self, line: str, wait: bool = True) -> Result:
        """Carry out a line; ``edit FILE …`` is one here."""
        if not is_edit(line) or self.prompt is not None:
            return super().execute(line, wait)
        self._remember(line)
        try:
            if "files" in self.locked and not self._by_lesson and len(line.split()) > 2:
                raise Refused("this task does not leave that to you (files)")
            lines = self.drafts.edit(line)
        except DrydockError as error:
            return Result(error=str(error), line=line, time=self.world.now)
        self.folder = self.drafts.folder
        self.transcript.append(Typed(self.world.now, line))
        return Result(tuple(lines), line=line, time=self.world.now)

    def check(self, line: str) -> None:
        """Read a line without carrying it out."""
        if not is_edit(line):
            super().check(line)

    def begin(self, command: Command) -> Reply:
        """Give the world a command, where no lock is against it."""
        if (self.locked or self.only) and not self._lesson_acts():
            refuse(command, self.locked, self._known)
            if self.only and not any(self._begins(word) for word in self.only):
                raise Refused(f"in this task the world is changed by: {', '.join(self.only)}")
        return super().begin(command)

    def _begins(self, word: str) -> bool:
        return self.verb == word or self.verb.startswith(f"{word} ")

    def _lesson_acts(self) -> bool:
        """Whether what is carried out now comes of a line of the lesson's, however late."""
        if self._typed is None:
            return self._by_lesson
        return any(one is self._typed for one in self._exempt)

    def _mark(self, line: str) -> Mark:
        mark = super()._mark(line)
        if self._by_lesson:
            self._exempt.append(mark)
        return mark

    def undo(self) -> Future:
        """Take back a line, where going back is not locked."""
        self._refuse_going_back()
        return super().undo()

    def rewind(self, to: float) -> Future:
        """Go back, where that is not locked."""
        self._refuse_going_back()
        return super().rewind(to)

    def _refuse_going_back(self) -> None:
        if "undo" in self.locked and not self._by_lesson:
            raise Refused("this task does not leave that to you (undo)")

    def twin(self) -> LessonSession:
        """A session over a copy of the world and of the files, in which nothing has effect here."""
        copy = LessonSession(self.world.branched(), folder=self.drafts.pristine)
        copy.drafts = self.drafts.twin()
        copy.folder = copy.drafts.folder
        copy.locked, copy.only, copy._known = self.locked, self.only, self._known
        copy.kube = deepcopy(self.kube)
        return copy
