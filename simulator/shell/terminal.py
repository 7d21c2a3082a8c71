"""Lines that go to a program inside a container: what comes after ``docker exec -it c sh``.

Whether somebody sits at a program is part of the world (``world/terminal.py``), so that going back
takes typed lines back, and the ``exit`` that ended them too.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Protocol

from simulator.shell.grammar import Call, Verb
from simulator.world.commands import Command, TypeLine
from simulator.world.jobs import Reply

LEAVE = "\x04"
"""Ctrl-D: the end of input."""
INTERRUPT = "\x03"
"""Ctrl-C: what runs in the foreground is ended."""
OWN = frozenset({"undo", "redo", "rewind", "advance"})
"""Words of drydock's own that are heard inside, too: no image has programs of these names."""
_OPENING = frozenset({"docker run", "docker exec", "docker attach", "docker start"})


_KUBECTL_OPENING = frozenset({"kubectl run", "kubectl exec"})
_SHELLS = frozenset({"sh", "bash", "ash", "zsh"})


def _of_kubectl(call: Call) -> bool:
    """Whether a line of kubectl opens a shell: ``-i``, and no command but one that is."""
    words = list(call.values.get("COMMAND") or ())
    shell = len(words) == 1 and words[0].rpartition("/")[2] in _SHELLS
    bare = not words and call.verb.name == "kubectl run"
    return bool(call.values.get("stdin")) and (shell or bare)


class Seated(Protocol):
    """The session of a person who sits at a program inside."""

    attached_wait_s: float

    @property
    def waits(self) -> bool:
        """Whether its line waits for what it starts."""

    def begin(self, command: Command) -> Reply:
        """Give the world a command."""

    def outcome(self, reply: Reply, limit_s: float) -> list[str]:
        """What it printed."""

    def do(self, command: Command) -> list[str]:
        """Both."""


def call(line: str) -> Call:
    """A line that was typed inside, as a call."""
    return Call(_INSIDE, {"LINE": line, "help": False, "host": None}, text=line)


def is_own(line: str) -> bool:
    """Whether a line that is typed inside is one of drydock's own all the same."""
    words = line.split()
    return bool(words) and words[0] in OWN


def opens(calls: Sequence[Call]) -> bool:
    """Whether lines that follow these calls are meant for a program inside."""
    if calls and calls[-1].verb.name in _KUBECTL_OPENING:
        return _of_kubectl(calls[-1])
    if not calls or calls[-1].verb.name not in _OPENING:
        return False
    values = calls[-1].values
    if calls[-1].verb.name == "docker attach":
        return True
    return bool(values.get("interactive")) and not values.get("detach")


def closes(line: str) -> bool:
    """Whether a line is the last one that is meant for a program inside."""
    return line.strip() == LEAVE or line.split()[:1] == ["exit"]


def _type(session: Seated, call: Call) -> Iterable[str]:
    """Give it to the program; what it prints until it waits for the next one."""
    text = call["LINE"]
    reply = session.begin(TypeLine(text=None if text == LEAVE else text))
    lines = session.outcome(reply, session.attached_wait_s)
    if reply.job is not None and not reply.job.done and session.waits:
        lines += ["^C", *session.do(TypeLine(text=INTERRUPT))]
    return lines


_INSIDE = Verb(("inside",), "A line for a program in a container", _type)
