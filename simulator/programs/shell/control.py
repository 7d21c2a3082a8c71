"""Frames of what holds commands together: lists, conditions, loops, pipes, subshells."""

from __future__ import annotations

from dataclasses import replace

from simulator.errors import InputError
from simulator.image.problems import FileProblem
from simulator.programs.pauses import Pause
from simulator.programs.shell.core import FRAMES, Frame, Machine
from simulator.programs.shell.expansion import Expansion, Needs
from simulator.programs.shell.names import glob_of
from simulator.programs.shell.parser import parse
from simulator.programs.shell.redirecting import prefix, redirect
from simulator.programs.shell.scope import Scope
from simulator.programs.shell.streams import (
    Buffer,
    Given,
    Streams,
)
from simulator.programs.shell.syntax import (
    AndOr,
    Background,
    Function,
    Group,
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
                streams = redirect(machine, streams, one, target)
            except FileProblem as problem:
                verb = "create" if ">" in one.operator else "open"
                told = f"cannot {verb} {target}: {problem.says}"
                if machine.scope.options.get("bash"):
                    told = f"{target}: {problem.says}"
                self.streams.err.put(machine, f"{prefix(machine)}{told}\n")
                return None
        return streams


_LETTERS = {"e": "errexit", "u": "nounset", "x": "xtrace", "f": "noglob", "a": "allexport"}


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
        Group: GroupFrame,
        Function: DefineFrame,
        Background: BackgroundFrame,
    }
)
