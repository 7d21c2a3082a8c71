"""A session: a world, and the lines that a person or a script types at it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import NamedTuple, Protocol

from simulator.errors import DrydockError, InputError, Refused
from simulator.files import inside
from simulator.shell import help as help_texts
from simulator.shell import registry, script
from simulator.shell.completion import Completion, completions
from simulator.shell.grammar import Call, read
from simulator.shell.words import LINE, Word
from simulator.world import World
from simulator.world.commands import Command
from simulator.world.snapshot import Snapshot

MAX_HISTORY = 1000
MAX_WAIT_S = 86_400.0
ATTACHED_WAIT_S = 600.0
_MAX_SUBSTITUTED = 2000


class Waits(Protocol):
    """Something under way: a job of the world, or time that must pass."""

    @property
    def title(self) -> str:
        """What it is, for a progress line."""

    @property
    def done(self) -> bool:
        """Whether it is over."""

    @property
    def error(self) -> str | None:
        """Why it failed, when it did."""

    @property
    def lines(self) -> Sequence[str]:
        """What it printed so far."""


class Typed(NamedTuple):
    """One line of a transcript and the simulated time in seconds at which it was typed."""

    time: float
    line: str


@dataclass(frozen=True, slots=True)
class Result:
    """What one line brought about. ``error`` may hold a line for each of several targets."""

    lines: tuple[str, ...] = ()
    error: str | None = None
    job: Waits | None = None
    """The last thing still under way; None where everything is done."""
    column: int | None = None
    """Where in the line the error is, from 1."""

    @property
    def text(self) -> str:
        """The lines as one text."""
        return "\n".join(self.lines)


@dataclass(slots=True)
class _Output:
    """What the calls of one line have produced so far."""

    lines: list[str] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)
    jobs: list[Waits] = field(default_factory=list)
    column: int | None = None

    def result(self) -> Result:
        """The frozen result."""
        waiting = [job for job in self.jobs if not job.done]
        error = "\n".join(self.errors) if self.errors else None
        job = waiting[-1] if waiting else None
        return Result(tuple(self.lines), error, job, self.column if error else None)


@dataclass(slots=True)
class _Queued:
    """Calls that wait for the jobs of an earlier call of their line."""

    jobs: list[Waits]
    calls: list[Call]
    source: tuple[Path, ...]


@dataclass(frozen=True, slots=True)
class UntilTime:
    """Waiting for a simulated time, as a job."""

    session: Session
    until: float
    title: str = "advance"
    error: str | None = None
    lines: tuple[str, ...] = ()

    @property
    def done(self) -> bool:
        """Whether the time has come."""
        return self.session.world.now >= self.until - 1e-9


class Session:
    """Carries out typed lines. ``folder`` is where relative paths start.

    ``world`` is replaced by ``undo`` and ``rewind``: look it up anew after every line. Nothing of
    a line is carried out unless the whole of it can be read. ``execute`` never raises for input.
    """

    def __init__(self, world: World, *, folder: Path, confined: bool = False) -> None:
        """``confined``: paths may not leave the folder, as in a scenario that others wrote."""
        self.world = world
        self.folder = folder
        self.confined = confined
        self.history: list[str] = []
        self.transcript: list[Typed] = []
        self.results: list[Result] = []
        """Results of calls that had to wait, for who shows them to take away."""
        self.attached_wait_s = ATTACHED_WAIT_S
        """How long an attached ``docker run`` holds the prompt, in simulated seconds."""
        self.speed = 1.0
        self.paused = False
        self.ended = False
        self.cleared = False
        self.keep_going: Callable[[], bool] | None = None
        """Asked while a line waits: False gives the prompt back."""
        self._marks: list[int] = []
        self._queue: list[_Queued] = []
        self._output = _Output()
        self._wait = True
        self.sources: tuple[Path, ...] = ()

    # --- lines --------------------------------------------------------------------------------

    def execute(self, line: str, wait: bool = True) -> Result:
        """Carry out a line; with ``wait`` simulated time passes until what it started is done."""
        self._remember(line)
        try:
            calls = registry.parse(line)
        except InputError as error:
            column = error.place.column if error.place else None
            return Result(error=_without_place(error), column=column)
        if calls:
            self.transcript.append(Typed(self.world.now, line))
        return self._carry_out(calls, wait)

    def check(self, line: str) -> None:
        """Read a line without carrying it out; InputError where it cannot be read."""
        registry.parse(line)

    def complete(self, line: str, cursor: int) -> list[Completion]:
        """What could stand at the cursor."""
        return completions(line, cursor, self.snapshot(), self.folder)

    def _remember(self, line: str) -> None:
        if line.strip() and (not self.history or self.history[-1] != line):
            self.history.append(line)
            del self.history[:-MAX_HISTORY]

    def _carry_out(self, calls: list[Call], wait: bool) -> Result:
        outer = (self._output, self._wait)
        self._output, self._wait = _Output(), wait
        before = len(self.world.log)
        try:
            self._calls(calls, True)
            return self._output.result()
        finally:
            self._output, self._wait = outer
            if len(self.world.log) > before:
                self._marks.append(before)

    def _calls(self, calls: list[Call], succeeded: bool) -> None:
        for index, call in enumerate(calls):
            if (call.operator == "&&" and not succeeded) or (call.operator == "||" and succeeded):
                continue
            succeeded = self._call(call)
            waiting = [job for job in self._output.jobs if not job.done]
            if waiting and calls[index + 1 :] and not self._wait:
                self._queue.append(_Queued(waiting, calls[index + 1 :], self.sources))
                return

    def _call(self, call: Call) -> bool:
        """Carry out one call; False when it failed."""
        errors = len(self._output.errors)
        try:
            if call.deferred:
                call = replace(call, values=self._substituted(call), deferred=())
            if call["help"]:
                self._output.lines += help_texts.of(call.verb)
            else:
                self._output.lines += call.verb.run(self, call)
        except DrydockError as error:
            self.fail(call, error)
        return len(self._output.errors) == errors

    def _substituted(self, call: Call) -> dict[str, object]:
        """The values of a call after ``$(...)`` has been replaced by what it prints."""
        words: list[Word] = []
        for word in call.deferred:
            if word.substitution is None:
                words.append(word)
                continue
            inner = self._inner(word.substitution)
            words += [replace(word, text=text, substitution=None) for text in inner]
        return read(call.verb, words)

    def _inner(self, line: str) -> list[str]:
        result = self._carry_out(registry.parse(line), True)
        if result.error is not None:
            raise Refused(result.error)
        return " ".join(result.lines).split()[:_MAX_SUBSTITUTED]

    def fail(self, call: Call, error: DrydockError) -> None:
        """Note an error of a call, in the words of its tool."""
        self._output.errors.append(_in_words(call, error))
        self._output.column = call.column

    # --- commands -----------------------------------------------------------------------------

    def do(self, command: Command, limit_s: float = MAX_WAIT_S) -> list[str]:
        """Give the world a command; what it prints, when it is done if the line waits."""
        reply = self.world.apply(command)
        if reply.job is None:
            return list(reply.lines)
        if not self._wait:
            self._output.jobs.append(reply.job)
            return list(reply.lines)
        self.wait_for(reply.job, limit_s)
        lines = [*reply.lines, *reply.job.lines]
        if reply.job.error:
            self._output.lines += lines
            raise Refused(reply.job.error)
        return lines

    def each(
        self, call: Call, names: Iterable[str], command: Callable[[str], Command]
    ) -> list[str]:
        """A command for each name; a failure is noted and the others are still done."""
        lines: list[str] = []
        for name in names:
            try:
                lines += self.do(command(name))
            except DrydockError as error:
                self.fail(call, error)
        return lines

    def wait_for(self, job: Waits, limit_s: float = MAX_WAIT_S) -> None:
        """Let simulated time pass until a job is done, at most ``limit_s``."""
        stopped = False

        def going() -> bool:
            nonlocal stopped
            stopped = self.keep_going is not None and not self.keep_going()
            return not job.done and not stopped

        if not job.done:
            self.world.advance(self.world.now + limit_s, going)

    def pass_time(self, until: float) -> None:
        """Let simulated time pass to ``until``: at once, or as a job of a line that waits not."""
        if self._wait:
            self.world.advance(until, self.keep_going)
        else:
            self._output.jobs.append(UntilTime(self, until))

    def source(self, name: str) -> None:
        """Carry out the lines of a file, after all of them have been read."""
        path = self.path(name).resolve()
        if path in self.sources:
            chain = " -> ".join(one.name for one in (*self.sources, path))
            raise InputError("this file would run itself", found=chain)
        calls = script.calls(path, name)
        self.sources, before = (*self.sources, path), self.sources
        try:
            self._calls(calls, True)
        finally:
            self.sources = before

    # --- time ---------------------------------------------------------------------------------

    def advance(self, until: float, keep_going: Callable[[], bool] | None = None) -> bool:
        """Like ``World.advance``; calls that wait for a job go on at the instant it is done."""
        stopped = False

        def going() -> bool:
            nonlocal stopped
            stopped = keep_going is not None and not keep_going()
            return not stopped and not self._ready()

        while True:
            reached = self.world.advance(until, going)
            self.results += self.poll()
            if stopped or (reached and not self._ready()):
                return reached

    def poll(self) -> list[Result]:
        """Go on with lines whose jobs are done; what they brought about."""
        results: list[Result] = []
        while self._ready():
            ready = next(one for one in self._queue if _done(one))
            self._queue.remove(ready)
            results.append(self._go_on(ready))
        return results

    def _go_on(self, queued: _Queued) -> Result:
        failed = any(job.error for job in queued.jobs)
        calls = queued.calls
        self.sources, before = queued.source, self.sources
        try:
            if failed and calls[0].operator == "&&":
                calls = calls[
                    next((i for i, one in enumerate(calls) if one.operator != "&&"), len(calls)) :
                ]
            return self._carry_out(calls, False)
        finally:
            self.sources = before

    def _ready(self) -> bool:
        return any(_done(one) for one in self._queue)

    @property
    def waiting(self) -> bool:
        """Whether some line has calls left that wait for a job."""
        return bool(self._queue)

    def path(self, name: str) -> Path:
        """A path that was typed, relative to the session's folder."""
        if "\0" in name:
            raise InputError("bad path", found=name, expected="no zero bytes")
        if self.confined:
            return inside(self.folder, name)
        try:
            return self.folder / Path(name).expanduser()
        except RuntimeError as error:
            raise InputError("bad path", found=name, expected=str(error)) from None

    def snapshot(self) -> Snapshot:
        """The world as it is now, without events."""
        return self.world.snapshot(events=0)

    def undo(self) -> None:
        """Take back the last line that changed the world."""
        if not self._marks:
            raise Refused("nothing to undo: no line has changed this world yet")
        mark = self._marks.pop()
        while len(self.world.log) > mark:
            self.world = self.world.undone()
        self._queue.clear()

    def rewind(self, to: float) -> None:
        """Go back to an earlier simulated time; later lines are forgotten."""
        if to > self.world.now:
            raise Refused(f"cannot rewind to the future: it is {self.world.now:g}s now")
        self.world = self.world.rewound(max(0.0, to))
        kept = len(self.world.log)
        self._marks = [mark for mark in self._marks if mark < kept]
        self._queue.clear()


def _done(queued: _Queued) -> bool:
    return all(job.done for job in queued.jobs)


def _without_place(error: InputError) -> str:
    """The text of an error without ``<line>:1:5``, which a typed line does not need."""
    if error.place is None or error.place.file != LINE:
        return str(error)
    return str(
        InputError(
            error.problem,
            found=error.found,
            expected=error.expected,
            nearest=error.nearest,
        )
    )


def _in_words(call: Call, error: DrydockError) -> str:
    text = _without_place(error) if isinstance(error, InputError) else str(error)
    from_daemon = isinstance(error, Refused) and call.verb.tool == "docker"
    if from_daemon and not text.startswith(("Error", "Cannot connect", "docker:")):
        return f"Error response from daemon: {text}"
    return text
