"""A session: a world, and the lines that a person or a script types at it."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from pathlib import Path

from simulator.errors import DrydockError, InputError, Refused, is_text
from simulator.files import inside
from simulator.image.reference import Reference
from simulator.look import Reader
from simulator.shell import help as help_texts
from simulator.shell import lookup, registry, script, terminal, wording
from simulator.shell.completion import Completion, completions
from simulator.shell.contexts import Context
from simulator.shell.following import FOLLOW_S, Following
from simulator.shell.grammar import Call, read
from simulator.shell.in_time import InTime
from simulator.shell.parts import Word
from simulator.shell.piping import Remark, taken
from simulator.shell.results import (
    Output,
    Result,
    Typed,
    UntilTime,
    Waits,
    in_words,
    without_place,
)
from simulator.shell.timeline import Mark, Queued
from simulator.world import World
from simulator.world.commands import Command
from simulator.world.jobs import Reply

MAX_HISTORY = 1000
MAX_SOURCED = 20_000
"""Commands that one typed line may take from files, files in files included."""
MAX_WAIT_S = 86_400.0
ATTACHED_WAIT_S = 600.0
_MAX_SUBSTITUTED = 2000
LOUD = 6
"""From this level on kubectl tells of the requests that it sends."""


class Session(InTime):
    """Carries out typed lines. ``folder`` is where relative paths start.

    ``world`` is replaced by ``undo`` and ``rewind``: look it up anew after every line. Nothing of
    a line is carried out unless the whole of it can be read. ``execute`` never raises for input.
    """

    def __init__(
        self,
        world: World,
        *,
        folder: Path,
        confined: bool = False,
        reading: Callable[[World], Reader] = Reader,
    ) -> None:
        """``confined``: paths may not leave the folder, as in a scenario that others wrote.

        ``reading``: makes the reader of a world.
        """
        super().__init__(world)
        self._reading = reading
        self._reader = reading(world)
        self.folder = folder
        self.confined = confined
        self.history: list[str] = []
        self.transcript: list[Typed] = []
        self.attached_wait_s = ATTACHED_WAIT_S
        """How long an attached ``docker run`` holds the prompt, in simulated seconds."""
        self.default_runtime = "runc"
        """Of containers that name none (dockerd's ``--default-runtime``)."""
        self.follow_s = FOLLOW_S
        """How long what has no end is followed, in simulated seconds."""
        self.speed = 1.0
        self.paused = False
        self.ended = False
        self.kube = Context()
        """The cluster and the namespaces that kubectl speaks to."""
        self.cleared = False
        self.keep_going: Callable[[], bool] | None = None
        """Asked while a line waits: False gives the prompt back."""
        self._wait = True
        self._stopped = False
        self._sourced = 0
        self._noted: dict[str, None] = {}
        self._now_called: Call
        self.verb = ""
        """The command that is carried out now: ``kubectl scale``."""
        self._may_return = False
        """Whether this line has begun to change the world."""

    # --- lines --------------------------------------------------------------------------------

    def execute(self, line: str, wait: bool = True) -> Result:
        """Carry out a line; with ``wait`` simulated time passes until what it started is done."""
        self._remember(line)
        self._stopped, self._sourced = False, 0
        try:
            calls = self._read_line(line)
        except InputError as error:
            column = error.place.column if error.place else None
            text = without_place(error)
            return Result(error=text, column=column, line=line, time=self.world.now)
        if calls:
            self.transcript.append(Typed(self.world.now, line))
        self._may_return = False
        return self._carry_out(calls, wait, Output(line), self._mark(line))

    def _read_line(self, line: str) -> list[Call]:
        """The calls of a line, or the line itself for the program that the person sits at."""
        if not is_text(line):
            raise InputError("this line is not UTF-8 text", found=line)
        if self.prompt is None or terminal.is_own(line):
            return registry.parse(line)
        return [terminal.call(line)]

    @property
    def prompt(self) -> str | None:
        """What a program inside shows while it waits for a line; None where lines are drydock's."""
        return self.world.terminal.prompt

    @property
    def waits(self) -> bool:
        """Whether the line that is carried out waits for what it starts."""
        return self._wait

    def check(self, line: str) -> None:
        """Read a line without carrying it out; InputError where it cannot be read."""
        registry.parse(line)

    def complete(self, line: str, cursor: int) -> list[Completion]:
        """What could stand at the cursor."""
        public = [Reference.parse(name).familiar for name in self.world.catalogue.names()]
        return completions(line, cursor, self.reader, self.folder, public)

    def _remember(self, line: str) -> None:
        if line.strip() and (not self.history or self.history[-1] != line):
            self.history.append(line)
            del self.history[:-MAX_HISTORY]

    def _carry_out(
        self, calls: list[Call], wait: bool, output: Output, mark: Mark | None
    ) -> Result:
        outer = (self._output, self._wait, self._typed, self._unmarked)
        self._output, self._wait = output, wait
        self._typed, self._unmarked = mark, len(self.world.log)
        try:
            self._calls(calls, not self._output.errors)
            return self._output.result(self.world.now)
        finally:
            self._note_change()
            self._output, self._wait, self._typed, self._unmarked = outer

    def _calls(self, calls: list[Call], succeeded: bool) -> None:
        """Carry calls out until one has to be waited for; the rest goes on when it is done."""
        carried = True
        for index, call in enumerate(calls):
            if call.operator == "|" and not carried:
                continue
            carried = call.operator not in ("&&", "||") or succeeded is (call.operator == "&&")
            if not carried:
                continue
            begun = len(self._output.lines)
            succeeded = self._call(call)
            if calls[index + 1 : index + 2] and calls[index + 1].operator == "|":
                calls[index + 1].stdin = taken(self._output.lines, begun)
            if self._stopped:
                return
            if not self._wait and self._output.under_way():
                self._queue_up(calls[index + 1 :])
                return

    def _queue_up(self, calls: list[Call]) -> None:
        output = self._output
        waiting = output.under_way()
        queued = next((one for one in self._queue if one.jobs == waiting), None)
        if queued is None:
            self._queue.append(Queued(output.line, waiting, calls, self._typed))
        else:
            queued.calls += calls
        self._note_waiting()

    def _call(self, call: Call) -> bool:
        """Carry out one call; False when it failed."""
        errors = len(self._output.errors)
        self._now_called, self.verb = call, call.verb.name
        try:
            if call.deferred:
                call = replace(call, values=self._substituted(call), deferred=())
            if call["help"]:
                self._output.lines += help_texts.of(call.verb)
            else:
                if call.verb.asks_daemon:
                    lookup.reach(self.reader, call["host"])
                if call.values.get("v", 0) >= LOUD:
                    self.note("v", "  (not modelled: what kubectl tells of its own requests, -v 6)")
                self._output.lines += call.verb.run(self, call)
            if self.kube.leaving and self.prompt is None and call.verb.name == "inside":
                self._output.lines += self.kube.left(self.do)
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
        result = self._carry_out(registry.parse(line), True, Output(), None)
        if result.error is not None:
            raise Refused(result.error)
        return " ".join(result.lines).split()[:_MAX_SUBSTITUTED]

    def fail(self, call: Call, error: DrydockError) -> None:
        """Note an error of a call, in the words of its tool."""
        self._output.errors.append(in_words(call, error))
        self._output.column = call.column

    def say(self, lines: Iterable[str]) -> None:
        """Print lines of a call before it ends, or fails."""
        self._output.lines += lines

    def note(self, key: str, text: str) -> None:
        """Print a remark before what a call prints, once in a session; never inside ``$( )``."""
        if self._output.line and key not in self._noted:
            self._noted[key] = None
            self._output.lines.append(text)

    def remark(self, text: str) -> None:
        """What a tool says beside its output: not inside ``$( )``, nor into a pipe."""
        if self._output.line:
            self._output.lines.append(Remark(text))

    # --- commands -----------------------------------------------------------------------------

    def do(self, command: Command, limit_s: float = MAX_WAIT_S) -> list[str]:
        """Give the world a command; what it prints, when it is done if the line waits."""
        return self.outcome(self.begin(command), limit_s)

    def begin(self, command: Command) -> Reply:
        """Give the world a command, and do not wait for it yet; ``outcome`` does."""
        self._expect_return()
        return self.world.apply(command)

    def _expect_return(self) -> None:
        """A line begins to change the world, and may be taken back; who only looks may not."""
        if not self._may_return:
            self._may_return = True
            self.world.expect_return()

    def outcome(self, reply: Reply, limit_s: float = MAX_WAIT_S) -> list[str]:
        """What a command printed, when it is done if the line waits; Refused where it failed."""
        if reply.job is None:
            return wording.lines(reply.lines)
        if not self._wait and not reply.job.done:
            self._output.jobs.append((self._now_called, reply.job))
            return wording.lines(reply.lines)
        if not reply.job.done:
            self.wait_for(reply.job, limit_s)
        lines = wording.lines([*reply.lines, *reply.job.lines])
        if not reply.job.done:
            lines += wording.lines(reply.job.live())
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
        if not job.done:
            self.advance(self.world.now + limit_s, lambda: self._going() and not job.done)

    def pass_time(self, until: float) -> None:
        """Let simulated time pass to ``until``: at once, or as a job of a line that waits not."""
        self._expect_return()
        if self._wait:
            self.advance(until, self._going)
        else:
            self._output.jobs.append((self._now_called, UntilTime(lambda: self.world.now, until)))

    def follow(self, job: Following) -> list[str]:
        """What is followed prints until it is over, or until nobody waits for it any more."""
        if not self._wait:
            self.leave(job)
            return []
        self.wait_for(job, max(0.0, job.until - self.world.now))
        return list(job.lines)

    def leave(self, job: Waits) -> None:
        """A line that does not wait leaves a job under way: what it brings is printed later."""
        self._output.jobs.append((self._now_called, job))

    def _going(self) -> bool:
        """Whether the person lets the line go on; once not, the rest of it is dropped."""
        if self.keep_going is not None and not self.keep_going():
            self._stopped = True
        return not self._stopped

    def source(self, call: Call, name: str) -> None:
        """Carry out the lines of a file, after all of them have been read."""
        path = self.path(name).resolve()
        if path in call.sources:
            chain = " -> ".join(one.name for one in (*call.sources, path))
            raise InputError("this file would run itself", found=chain)
        inside_of = (*call.sources, path)
        calls = [replace(one, sources=inside_of) for one in script.calls(path, name)]
        self._sourced += len(calls)
        if self._sourced > MAX_SOURCED:
            raise InputError(
                "too many lines of files", found=name, expected=f"at most {MAX_SOURCED:,} at once"
            )
        self._calls(calls, True)

    def branch(self) -> Session:
        """A session over a copy of the world, in which lines have no effect here."""
        copy = Session(
            self.world.branched(), folder=self.folder, confined=self.confined,
            reading=self._reading,
        )  # fmt: skip
        copy.verb = self.verb
        copy.attached_wait_s, copy.keep_going = self.attached_wait_s, self.keep_going
        copy.follow_s = self.follow_s
        return copy

    # --- what it knows ------------------------------------------------------------------------

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

    @property
    def reader(self) -> Reader:
        """Who looks at the world as it is now; another world has another."""
        if self._reader.world is not self.world:
            self._reader = self._reading(self.world)
        return self._reader
