"""Frames of what holds commands together: lists, conditions, loops, pipes, subshells."""

from __future__ import annotations

from dataclasses import replace

from simulator.errors import InputError, Refused
from simulator.image.problems import FileProblem
from simulator.programs.pauses import Pause
from simulator.programs.shell.core import FRAMES, Frame, Machine
from simulator.programs.shell.expansion import Expansion, Needs, matches
from simulator.programs.shell.names import glob_of
from simulator.programs.shell.parser import parse
from simulator.programs.shell.scope import Scope
from simulator.programs.shell.streams import (
    DEVICES,
    ENDLESS_FILES,
    NULL,
    Buffer,
    Endless,
    Given,
    Streams,
    opened,
)
from simulator.programs.shell.syntax import (
    AndOr,
    Background,
    Case,
    For,
    Function,
    Group,
    If,
    Loop,
    Node,
    Pipeline,
    Redirect,
    Sequence,
)


class SequenceFrame(Frame):
    """Commands one after the other."""

    def __init__(self, node: Sequence, streams: Streams) -> None:
        super().__init__(streams)
        self.items = node.items
        self.at = 0
        self.spent = len(node.items) <= 1

    def step(self, machine: Machine) -> Pause | None:
        """The next one."""
        if self.at == len(self.items):
            machine.pop()
            return None
        item = self.items[self.at]
        self.at += 1
        self.spent = self.at == len(self.items)
        machine.start(item, self.streams)
        return None


class AndOrFrame(Frame):
    """Commands of which the next one depends on how the last one ended."""

    def __init__(self, node: AndOr, streams: Streams) -> None:
        super().__init__(streams)
        self.node = node
        self.at = -1
        self.guards = True

    def step(self, machine: Machine) -> Pause | None:
        """The next one that is to be done."""
        rest = self.node.rest
        if self.at < 0:
            self.at = 0
            machine.start(self.node.first, self.streams)
            return None
        while self.at < len(rest):
            operator, node = rest[self.at]
            self.at += 1
            if (operator == "&&") == (machine.status == 0):
                self.guards = self.at < len(rest)
                machine.start(node, self.streams)
                return None
        machine.pop()
        return None


class PipelineFrame(Frame):
    """Commands in turn, each with the output of the one before as its input."""

    def __init__(self, node: Pipeline, streams: Streams) -> None:
        super().__init__(streams)
        self.node = node
        self.at = 0
        self.buffer: Buffer | None = None
        self.worst = 0
        self.guards = node.negated

    def step(self, machine: Machine) -> Pause | None:
        """The next stage."""
        commands = self.node.commands
        if self.at and machine.status:
            self.worst = machine.status
        if self.at == len(commands):
            if machine.scope.on("pipefail"):
                machine.status = self.worst
            if self.node.negated:
                machine.status = int(not machine.status)
            machine.pop()
            return None
        source = self.streams.source
        if self.buffer is not None:
            source = Given(self.buffer.text, self.buffer.extra_bytes)
        last = self.at == len(commands) - 1
        self.buffer = None if last else Buffer()
        out = self.streams.out if self.buffer is None else self.buffer
        command = commands[self.at]
        self.at += 1
        streams = replace(self.streams, source=source, out=out)
        if len(commands) == 1:
            machine.start(command, streams)
        else:
            machine.push(SubshellFrame(command, streams))
        return None


class SubshellFrame(Frame):
    """A node in a copy of the shell."""

    boundary = spent = True

    def __init__(self, node: Node, streams: Streams, scope: Scope | None = None) -> None:
        """``scope``: that of another shell, instead of a copy."""
        super().__init__(streams)
        self.node = node
        self.inner = scope
        self.outer: Scope | None = None
        self.code: int | None = None
        """Its exit code, while a trap of its end is carried out."""

    def step(self, machine: Machine) -> Pause | None:
        """In, then out."""
        if self.outer is None:
            self.outer = machine.scope
            machine.scope = machine.scope.copy() if self.inner is None else self.inner
            machine.start(self.node, self.streams)
            return None
        trap = machine.scope.traps.pop("EXIT", "")
        if trap and not machine.left:
            self.code = machine.status
            machine.start(parse(trap), self.streams)
            return None
        if self.code is not None and not machine.left:
            machine.status = self.code
        self.unwound(machine)
        machine.left = False
        machine.pop()
        machine.failed()
        return None

    def unwound(self, machine: Machine) -> None:
        """The shell outside goes on."""
        if self.outer is not None:
            machine.scope = self.outer


class CaptureFrame(SubshellFrame):
    """A subshell whose output is wanted by a command."""

    def __init__(self, node: Node, streams: Streams, captured: list[str]) -> None:
        self.buffer = Buffer()
        super().__init__(node, replace(streams, out=self.buffer))
        self.captured = captured

    def step(self, machine: Machine) -> Pause | None:
        """In, then out with what was printed."""
        if self.outer is None:
            return super().step(machine)
        self.unwound(machine)
        machine.left = False
        machine.pop()
        self.captured.append(self.buffer.text)
        return None


class Asking(Frame):
    """A frame that expands words before it begins."""

    def __init__(self, streams: Streams) -> None:
        super().__init__(streams)
        self.captured: list[str] = []

    def expansion(self, machine: Machine) -> Expansion:
        """An expansion that knows what was captured so far."""
        scope = machine.scope
        letters = "".join(letter for letter, name in _LETTERS.items() if scope.on(name))
        return Expansion(scope, machine.status, self.captured, glob_of(machine), letters)

    def capture(self, machine: Machine, needs: Needs) -> None:
        """Run a script for its output."""
        machine.push(CaptureFrame(needs.script, self.streams, self.captured))

    def wrong(self, machine: Machine, error: Exception) -> None:
        """An error of the shell itself: it is told, and a shell that is not typed at ends."""
        told = error.problem if isinstance(error, InputError) else str(error)
        self.streams.err.put(machine, f"{prefix(machine)}{told}\n")
        machine.pop()
        machine.leave(2, quits=not machine.scope.on("interactive"))

    def redirected(
        self, machine: Machine, redirects: tuple[Redirect, ...], expansion: Expansion
    ) -> Streams | None:
        """The streams behind redirections; None, after telling, where a file cannot be opened."""
        streams = self.streams
        for one in redirects:
            target = expansion.text(one.target)
            try:
                streams = _redirect(machine, streams, one, target)
            except FileProblem as problem:
                verb = "create" if ">" in one.operator else "open"
                told = f"cannot {verb} {target}: {problem.says}"
                if machine.scope.options.get("bash"):
                    told = f"{target}: {problem.says}"
                self.streams.err.put(machine, f"{prefix(machine)}{told}\n")
                return None
        return streams


_LETTERS = {"e": "errexit", "u": "nounset", "x": "xtrace", "f": "noglob", "a": "allexport"}


def prefix(machine: Machine) -> str:
    """How a shell begins an error: ``sh: 1: `` (dash), ``sh: `` (busybox), ``bash: line 1: ``."""
    scope = machine.scope
    name = scope.name
    if scope.options.get("bash"):
        return f"{name}: " if scope.options.get("interactive") else f"{name}: line 1: "
    return f"{name}: " if scope.options.get("busybox") else f"{name}: 1: "


def _redirect(machine: Machine, streams: Streams, one: Redirect, target: str) -> Streams:
    operator = one.operator
    if operator in ("<<", "<<<"):
        return replace(streams, source=Given(target if operator == "<<" else f"{target}\n"))
    if operator in (">&", "<&"):
        return _duplicated(machine, streams, one, target)
    path = absolute(machine, target)
    if operator in ("<", "<>"):
        return replace(streams, source=source_of(machine, path))
    if one.stream not in (1, 2):
        if one.stream == 0:
            raise Refused("writing to stream 0 is not modelled")
        opened(machine, path, streams, append=operator == ">>")
        return streams
    return streams.to(one.stream, opened(machine, path, streams, append=operator == ">>"))


def _duplicated(machine: Machine, streams: Streams, one: Redirect, target: str) -> Streams:
    if target == "-":
        return replace(streams, source=None) if one.stream == 0 else streams.to(one.stream, NULL)
    if target not in ("0", "1", "2"):
        if target.isdigit() or one.operator == "<&":
            raise InputError(f"{target}: Bad file descriptor")
        sink = opened(machine, absolute(machine, target), streams, append=False)
        return replace(streams, out=sink, err=sink)
    if target == "0" or one.stream not in (1, 2):
        return streams
    return streams.to(one.stream, streams.out if target == "1" else streams.err)


def source_of(machine: Machine, path: str) -> Given | Endless | None:
    """A file, or device, as input."""
    if path in ENDLESS_FILES or path in ("/dev/tty", "/dev/stdin"):
        return Endless(path)
    if path in DEVICES:
        return Given("")
    known = machine.view.seat.files.get(path)
    if known is not None:
        return Given(known if known.endswith("\n") or not known else known + "\n")
    found = machine.files.read(path, machine.user)
    if found.text is None:
        return Given("", found.size_bytes)
    return Given(found.text)


def absolute(machine: Machine, path: str) -> str:
    """A path from where the shell is."""
    if path.startswith("/"):
        return path
    cwd = machine.scope.cwd
    return f"{cwd.rstrip('/')}/{path}"


class IfFrame(Frame):
    """Conditions in turn."""

    def __init__(self, node: If, streams: Streams) -> None:
        super().__init__(streams)
        self.node = node
        self.at = 0
        self.asked = False

    def step(self, machine: Machine) -> Pause | None:
        """The next condition, or what follows from the last one."""
        branches = self.node.branches
        if self.asked:
            self.asked = self.guards = False
            if machine.status == 0:
                machine.pop()
                machine.start(branches[self.at][1], self.streams)
                return None
            self.at += 1
        if self.at < len(branches):
            self.asked = self.guards = True
            machine.start(branches[self.at][0], self.streams)
            return None
        machine.pop()
        machine.status = 0
        if self.node.otherwise is not None:
            machine.start(self.node.otherwise, self.streams)
        return None


class LoopFrame(Frame):
    """``while`` and ``until``."""

    loop = True

    def __init__(self, node: Loop, streams: Streams) -> None:
        super().__init__(streams)
        self.node = node
        self.asked = False
        self.last = 0

    def step(self, machine: Machine) -> Pause | None:
        """Ask, then do."""
        if not self.asked:
            self.asked = self.guards = True
            machine.start(self.node.condition, self.streams)
            return None
        self.asked = self.guards = False
        if (machine.status == 0) == self.node.until:
            machine.status = self.last
            machine.pop()
            return None
        machine.push(_Remember(self, self.streams))
        machine.start(self.node.body, self.streams)
        return None


class _Remember(Frame):
    """Notes how the body of a loop ended."""

    def __init__(self, loop: LoopFrame, streams: Streams) -> None:
        super().__init__(streams)
        self.of = loop

    def step(self, machine: Machine) -> Pause | None:
        """Note it."""
        self.of.last = machine.status
        machine.pop()
        return None


class ForFrame(Asking):
    """A body for each word."""

    loop = True

    def __init__(self, node: For, streams: Streams) -> None:
        super().__init__(streams)
        self.node = node
        self.words: list[str] | None = None
        self.at = 0

    def step(self, machine: Machine) -> Pause | None:
        """The next word."""
        if self.words is None:
            try:
                self.words = self._words(machine)
            except Needs as needs:
                self.capture(machine, needs)
                return None
            except InputError as error:
                self.wrong(machine, error)
                return None
            machine.status = 0
        if self.at == len(self.words):
            machine.pop()
            return None
        machine.scope.set(self.node.name, self.words[self.at])
        self.at += 1
        machine.start(self.node.body, self.streams)
        return None

    def _words(self, machine: Machine) -> list[str]:
        if self.node.words is None:
            return list(machine.scope.arguments)
        return self.expansion(machine).fields(self.node.words)


class CaseFrame(Asking):
    """The first choice with a pattern that matches."""

    def __init__(self, node: Case, streams: Streams) -> None:
        super().__init__(streams)
        self.node = node

    def step(self, machine: Machine) -> Pause | None:
        """Choose."""
        try:
            chosen = self._chosen(machine)
        except Needs as needs:
            self.capture(machine, needs)
            return None
        except InputError as error:
            self.wrong(machine, error)
            return None
        machine.pop()
        machine.status = 0
        if chosen is not None:
            machine.start(chosen, self.streams)
        return None

    def _chosen(self, machine: Machine) -> Sequence | None:
        expansion = self.expansion(machine)
        text = expansion.text(self.node.word)
        for patterns, body in self.node.choices:
            if any(matches(text, expansion.pattern(one)) for one in patterns):
                return body
        return None


class GroupFrame(Asking):
    """Commands with redirections of their own, in a subshell or not."""

    def __init__(self, node: Group, streams: Streams) -> None:
        super().__init__(streams)
        self.node = node

    def step(self, machine: Machine) -> Pause | None:
        """Open the files, and do it."""
        try:
            streams = self.redirected(machine, self.node.redirects, self.expansion(machine))
        except Needs as needs:
            self.capture(machine, needs)
            return None
        except InputError as error:
            self.wrong(machine, error)
            return None
        machine.pop()
        if streams is None:
            machine.status = 1
            machine.failed()
        elif self.node.apart:
            machine.push(SubshellFrame(self.node.body, streams))
        else:
            machine.start(self.node.body, streams)
        return None


class DefineFrame(Frame):
    """A function is defined."""

    def __init__(self, node: Function, streams: Streams) -> None:
        super().__init__(streams)
        self.node = node

    def step(self, machine: Machine) -> Pause | None:
        """Remember it."""
        if len(machine.scope.functions) < 500:
            machine.scope.functions[self.node.name] = self.node.body
        machine.status = 0
        machine.pop()
        return None


class BackgroundFrame(Frame):
    """``command &``: it goes on beside what comes next."""

    def __init__(self, node: Background, streams: Streams) -> None:
        super().__init__(streams)
        self.node = node

    def step(self, machine: Machine) -> Pause | None:
        """Send it there."""
        pid = machine.background(self.node.command, replace(self.streams, source=None))
        if machine.scope.on("interactive"):
            machine.show("stdout", f"[{len(machine.children)}] {pid}\n")
        machine.status = 0
        machine.pop()
        return None


FRAMES.update(
    {
        Sequence: SequenceFrame,
        AndOr: AndOrFrame,
        Pipeline: PipelineFrame,
        If: IfFrame,
        Loop: LoopFrame,
        For: ForFrame,
        Case: CaseFrame,
        Group: GroupFrame,
        Function: DefineFrame,
        Background: BackgroundFrame,
    }
)
