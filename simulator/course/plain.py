"""Plain mode: a lesson on standard input and output, line by line.

No cursor movement, no colour, nothing redrawn: it reads well aloud, in a log and through a pipe.
"""

from __future__ import annotations

from typing import TextIO

from simulator.course.console import Console, Said
from simulator.course.editor import edited_line, editor
from simulator.course.lesson_run import LessonRun
from simulator.course.model import Lesson
from simulator.course.progress import Keeper
from simulator.course.session import SessionFactory
from simulator.errors import DrydockError

PROMPT = "> "


def play(
    lesson: Lesson,
    reader: TextIO,
    writer: TextIO,
    *,
    seed: int | None = None,
    session_factory: SessionFactory | None = None,
    keeper: Keeper | None = None,
    student: str = "",
    teacher: bool = False,
    echo: bool | None = None,
) -> int:
    """Play a lesson to the end of the input or to ``quit``; 0 when all tasks are solved, else 1.

    With a ``keeper``, what was done before is taken up again, and kept.
    """
    if keeper is not None:
        run = keeper.open(lesson, seed, session_factory, student=student)
    else:
        run = LessonRun(lesson, seed, session_factory, student=student)
    try:
        return play_run(run, reader, writer, teacher=teacher, echo=echo)
    finally:
        if keeper is not None:
            keeper.save(run)
            keeper.close()


def play_run(
    run: LessonRun,
    reader: TextIO,
    writer: TextIO,
    *,
    teacher: bool = False,
    echo: bool | None = None,
) -> int:
    """Go on with a lesson already begun; 0 when all tasks are solved, else 1.

    ``echo`` repeats each line read after the prompt, so that a log of piped input can be
    followed; by default when the input is not a terminal.
    """
    _Loop(Console(run, teacher=teacher), reader, writer, _echoes(reader, echo)).run()
    return 0 if all(state.solved for state in run.tasks.values()) else 1


def _echoes(reader: TextIO, echo: bool | None) -> bool:
    return not reader.isatty() if echo is None else echo


class _Loop:
    """Read, do, print."""

    def __init__(self, console: Console, reader: TextIO, writer: TextIO, echo: bool) -> None:
        self._console = console
        self._reader = reader
        self._writer = writer
        self._echo = echo

    def run(self) -> None:
        lesson = self._console.run.lesson
        self._print([lesson.title, "=" * len(lesson.title)])
        if lesson.objective:
            self._print([f"You will learn to: {lesson.objective}"])
        self._print(["Type 'help' for the words you can use, 'next' to turn the page."])
        if self._console.run.entries:
            self._print(["You go on where you left."])
        self._print(self._console.page())
        while (line := self._read()) is not None:
            said = self._say(line)
            self._print([f"error: {text}" if said.error and text == said.lines[-1] else text
                         for text in said.lines])  # fmt: skip
            if said.ended:
                break
        self._bye()

    def _say(self, line: str) -> Said:
        """Do what a line asks; ``edit FILE`` at a terminal opens an editor, where one is named."""
        words = line.split()
        if words[:1] == ["edit"] and len(words) == 2 and self._reader.isatty() and editor():
            try:
                line = edited_line(words[1], self._console.run.file_text(words[1]))
            except DrydockError as error:
                return Said((str(error),), error=True)
        return self._console.say(line)

    def _read(self) -> str | None:
        self._writer.write("" if self._console.collecting else PROMPT)
        self._writer.flush()
        try:
            line = self._reader.readline()
        except KeyboardInterrupt:
            line = ""
        if not line:
            self._writer.write("\n")
            return None
        if self._echo:
            self._writer.write(line.rstrip("\n") + "\n")
        return line.rstrip("\n")

    def _print(self, lines: list[str]) -> None:
        for line in lines:
            self._writer.write(line.rstrip() + "\n")
        self._writer.flush()

    def _bye(self) -> None:
        run = self._console.run
        reached, possible = run.score()
        open_tasks = [name for name, state in run.tasks.items() if not state.solved]
        self._print([f"You have {reached:g} of {possible:g} points."])
        if open_tasks:
            self._print([f"Still open: {', '.join(open_tasks)}."])
