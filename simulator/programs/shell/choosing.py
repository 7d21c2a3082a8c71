"""Frames of what is done if, while, for each, in case."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from simulator.errors import InputError
from simulator.programs.pauses import Pause
from simulator.programs.shell.control import Asking
from simulator.programs.shell.core import Frame, Machine
from simulator.programs.shell.expansion import Needs, matches
from simulator.programs.shell.streams import (
    Streams,
)
from simulator.programs.shell.syntax import (
    Case,
    For,
    If,
    Loop,
    Sequence,
)


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


class LoopFrame(Asking):
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


CHOICES: dict[type, Callable[[Any, Streams], Frame]] = {
    If: IfFrame,
    Loop: LoopFrame,
    For: ForFrame,
    Case: CaseFrame,
}
"""How each of these nodes is carried out."""
