"""Loops that ask a server again and again, found in a script: what a load generator is made of.

``while sleep 0.01; do wget -q -O- http://web; done`` is a client that waits for its answer, pauses,
and asks again. Nothing else may happen in such a loop but what has no effect outside of it: then
its rounds need not be carried out one by one.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from simulator.errors import InputError
from simulator.programs.pauses import Asks, Pause
from simulator.programs.shell.choosing import ForFrame, LoopFrame
from simulator.programs.shell.control import Asking
from simulator.programs.shell.core import Machine
from simulator.programs.shell.expansion import Needs
from simulator.programs.shell.streams import Streams
from simulator.programs.shell.syntax import (
    AndOr,
    For,
    Group,
    Loop,
    Node,
    Pipeline,
    Sequence,
    Simple,
)
from simulator.programs.tools.clocks import span_s
from simulator.programs.tools.probes import URL_OPTIONS, target_of

HARMLESS = frozenset({"true", ":", "echo", "printf", "date", "[", "test"})
FILTERS = frozenset({"cat", "cut", "grep", "head", "jq", "sed", "tail", "tr", "wc", "awk", "sort"})
FEWEST = 3
"""Rounds of a ``for`` that are worth looking whether they need be carried out one by one."""
BUILTIN = frozenset({"true", ":", "echo", "printf", "[", "test"})


@dataclass(slots=True)
class Round:
    """What one round of a loop does."""

    asked: list[tuple[str, int, float | None]] = field(default_factory=list)
    """Host, port and patience of each request."""
    pause_s: float = 0.0
    programs: int = 0
    """How many are started in it."""


class _Other(Exception):
    """A round does more than that."""


def round_of(machine: Machine, frame: Asking, nodes: tuple[Sequence, ...]) -> Round | None:
    """What a round of a loop of these parts does, if it only asks one server; else None."""
    found = Round()
    try:
        for node in nodes:
            for one in _simples(node):
                _take(machine, frame, one, found)
    except (_Other, Needs, InputError):
        return None
    return found if len(found.asked) == 1 else None


def asks(machine: Machine, found: Round, most: int | None = None) -> Asks | None:
    """From now on such rounds, without end or so many; None where nobody works for them."""
    host, port, patience_s = found.asked[0]
    if not machine.view.network.takes_load(host, port):
        return None
    return Asks(
        host, port, found.pause_s, most=most, patience_s=patience_s, programs=found.programs,
        what=f"asking {host}",
    )  # fmt: skip


def _simples(node: Node) -> Iterator[Simple]:
    """The commands of a round, in order."""
    if isinstance(node, Simple):
        yield node
    elif isinstance(node, Sequence):
        for one in node.items:
            yield from _simples(one)
    elif isinstance(node, Pipeline) and not node.negated:
        for number, one in enumerate(node.commands):
            yield from _simples(one)
            if number and not (isinstance(one, Simple) and _first(one) in FILTERS):
                raise _Other
    elif isinstance(node, AndOr):
        yield from _simples(node.first)
        for operator, one in node.rest:
            # What comes after a failure is left out: a server that answers is the rule.
            if operator == "&&":
                yield from _simples(one)
            elif not _is_harmless(one):
                raise _Other
    elif isinstance(node, Group):
        yield from _simples(node.body)
    else:
        raise _Other


def _is_harmless(node: Node) -> bool:
    return all(_first(one) in HARMLESS | {"sleep"} for one in _simples(node))


def _first(node: Simple) -> str:
    return (node.words[0].literal or "") if node.words else ""


def _take(machine: Machine, frame: Asking, node: Simple, found: Round) -> None:
    name = _first(node).rpartition("/")[2]
    if node.assigns or name in machine.scope.functions:
        raise _Other
    if name in HARMLESS or name in FILTERS:
        found.programs += name not in BUILTIN
        return
    found.programs += 1
    words = tuple(frame.expansion(machine).fields(node.words))[1:]
    if name == "sleep":
        spans = [span_s(word) for word in words]
        if not spans or None in spans:
            raise _Other
        found.pause_s += sum(one or 0.0 for one in spans)
    elif name in URL_OPTIONS:
        found.asked.append(_request(name, words))
    else:
        raise _Other


def _request(name: str, words: tuple[str, ...]) -> tuple[str, int, float | None]:
    options = URL_OPTIONS[name](words)
    target = target_of(options.rest[0]) if len(options.rest) == 1 and not options.bad else None
    if target is None:
        raise _Other
    patience = options.values.get("m") or options.values.get("T", "")
    return target[0], target[1], span_s(patience) if patience else None


class AskingLoop(LoopFrame):
    """``while`` and ``until``: after a first round it may be that a server is asked for ever."""

    def __init__(self, node: Loop, streams: Streams) -> None:
        super().__init__(node, streams)
        self.begun = False
        self.plain = not node.until
        """Whether it may be a loop that only asks a server."""
        self.round: Round | None = None

    def step(self, machine: Machine) -> Pause | None:
        """Go on, or ask for ever."""
        if self.asked or not self.plain:
            return super().step(machine)
        if not self.begun:
            self.begun = True
            return super().step(machine)
        if self.round is None:
            self.round = round_of(machine, self, (self.node.condition, self.node.body))
            self.plain = self.round is not None
        found = None if self.round is None else asks(machine, self.round)
        return super().step(machine) if found is None else found


class AskingFor(ForFrame):
    """``for``: after a first round it may be that a server is asked so many times."""

    def step(self, machine: Machine) -> Pause | None:
        """Go on, or ask as often as there are words left."""
        count = 0 if self.words is None else len(self.words)
        if self.at != 1 or count < FEWEST:
            return super().step(machine)
        found = round_of(machine, self, (self.node.body,))
        pause = None if found is None else asks(machine, found, count - 1)
        if pause is None:
            return super().step(machine)
        self.at = count
        return pause


LOOPS = {Loop: AskingLoop, For: AskingFor}
"""Frames of loops that may ask a server again and again."""
