"""A process from its first word on: what a container, an exec or a probe starts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from simulator.errors import InputError
from simulator.programs.asking import LOOPS
from simulator.programs.commands import RunFrame
from simulator.programs.finding import Absent, find
from simulator.programs.pauses import Ended, Pause
from simulator.programs.shell import choosing
from simulator.programs.shell.core import FRAMES, TERMINAL, Machine, new_machine
from simulator.programs.view import View

FRAMES.update(choosing.CHOICES)
FRAMES.update(LOOPS)
MAX_WORDS = 1000
MAX_CHARACTERS = 100_000


def check(argv: Sequence[str]) -> None:
    """Refuse what is no command at all."""
    if not argv:
        raise InputError("nothing to run", expected="a command")
    if len(argv) > MAX_WORDS or sum(map(len, argv)) > MAX_CHARACTERS:
        raise InputError("command too long", expected=f"at most {MAX_WORDS} words")
    if any("\0" in word for word in argv):
        raise InputError("a zero byte in a command")


def missing(view: View, argv: Sequence[str], env: Mapping[str, str], cwd: str) -> Absent | None:
    """Why the program of a command cannot be started; None when it can."""
    found = find(view, argv[0], env, cwd)
    return found if isinstance(found, Absent) else None


def process(
    argv: Sequence[str],
    env: Mapping[str, str],
    cwd: str = "/",
    *,
    interactive: bool = False,
    pid: int = 1,
) -> Machine:
    """A process that has done nothing yet. ``interactive``: lines may be typed at it."""
    check(argv)
    machine = new_machine(env, cwd)
    machine.scope.pid = pid
    machine.interactive = interactive
    machine.push(RunFrame(tuple(argv), TERMINAL, (), dict(env)))
    return machine


def at_once(
    view: View,
    argv: Sequence[str],
    env: Mapping[str, str],
    cwd: str = "/",
    *,
    interactive: bool = False,
    failed: str = "",
) -> tuple[list[tuple[str, str]], Pause]:
    """What a command prints and what it comes to, up to where it takes time.

    ``failed``: how who starts it begins to say that there is no such program.
    """
    check(argv)
    absent = missing(view, argv, env, cwd)
    if absent is not None:
        told = f"{failed}{absent.says}{': unknown' if failed else ''}\n"
        return [("stderr", told)], Ended(absent.code)
    machine = process(argv, env, cwd, interactive=interactive)
    pause = machine.go(view)
    return machine.printed, pause
