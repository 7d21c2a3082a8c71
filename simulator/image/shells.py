"""What a shell does that is told to start something: it gives its place away, or it waits.

A script file is read command by command, so the shell stays until an ``exec``. A trap runs when
the shell is in ``wait``; while a program runs in the foreground, only after that has ended.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Sequence
from dataclasses import dataclass

from simulator.dockerfile.signals import NUMBERS
from simulator.image.builder.shell import Command, split_script
from simulator.image.first import NONE, Handlers

NAMES = frozenset({"sh", "bash", "ash", "dash", "busybox"})
_QUICK = frozenset(
    {
        "echo", "printf", "wait", "trap", "cd", "export", "set", "test", "[", "[[", "exit",
        "return", "true", "false", ":", "umask", "ulimit", "unset", "shift", "local", "readonly",
        "source", ".", "read", "eval", "kill", "break", "continue", "mkdir", "chown", "chmod",
        "rm", "cp", "ln", "touch", "date", "mv", "sed", "envsubst",
    }
)  # fmt: skip
"""What a script does on its way, and is through with at once."""
_ALL = ("$@", "${@}", "$*", "${*}")
_POSITION = re.compile(r"\$\{?(\d)(?::-([^}]*))?\}?")
_SOON_S = 10.0


@dataclass(frozen=True, slots=True)
class Run:
    """It gives its place to a program, or reads a script file (with its arguments)."""

    words: tuple[str, ...]
    script: str | None = None


@dataclass(frozen=True, slots=True)
class Waiting:
    """It stays in front of what it started, and has traps of its own."""

    words: tuple[str, ...] = ()
    handlers: Handlers = NONE


def of_command(words: tuple[str, ...], kind: str) -> Run | Waiting | None:
    """What a shell does with its arguments; None for one that only reads its input."""
    at = 1 + (posixpath.basename(words[0]) == "busybox")
    script = False
    while at < len(words) and words[at][:1] in "-+" and words[at] != "--":
        script = script or (words[at][0] == "-" and words[at].endswith("c"))
        at += 1
    if at >= len(words):
        return None
    if not script:
        return Run(words[at + 1 :], script=words[at])
    return _inline(words[at], words[at + 2 :], kind)


def _inline(text: str, args: Sequence[str], kind: str) -> Run | Waiting:
    """A script given with ``-c``."""
    commands = split_script(text)
    does = _read(commands, args)
    if isinstance(does, Run) or not commands or any(one.program == "trap" for one in commands):
        return does
    last = commands[-1]
    simple = last.joined != "|" and not last.background and last.program not in _QUICK
    plain = not last.writes and not last.conditional
    if simple and (kind == "busybox" or (kind == "bash" and plain)):
        return Run(_filled(last.words, args))
    return does


def of_script(text: str, args: Sequence[str]) -> Run | Waiting:
    """What a shell does that reads a file."""
    return _read(split_script(text), args)


def _read(commands: list[Command], args: Sequence[str]) -> Run | Waiting:
    for command in commands:
        if command.replaces and not command.conditional and command.words:
            return Run(_filled(command.words, args))
    words = _filled(_main(commands), args)
    return Waiting(words, _traps(commands))


def _main(commands: list[Command]) -> tuple[str, ...]:
    """The program for whose sake a script is there: the one that it waits for in the end."""
    works = [one for one in commands if one.words and one.program not in _QUICK]
    behind = [one for one in works if one.background]
    waits = any(one.program == "wait" for one in commands)
    front = behind if behind and waits else [one for one in works if not one.background]
    plain = [one for one in front if not one.guarded] or front or works
    return plain[-1].words if plain else ()


def _filled(words: tuple[str, ...], args: Sequence[str]) -> tuple[str, ...]:
    """Words with the arguments of the script in their places."""
    filled: list[str] = []
    for word in words:
        match = _POSITION.fullmatch(word)
        if word in _ALL:
            filled += args
        elif match is not None:
            at = int(match[1])
            filled.append(args[at - 1] if 0 < at <= len(args) else match[2] or "")
        else:
            filled.append(word)
    return tuple(filled)


def _traps(commands: list[Command]) -> Handlers:
    """The traps that end a script, where it ever comes to run them."""
    busy = _busy_s(commands)
    found: dict[str, int] = {}
    for command in commands:
        if command.program != "trap" or len(command.words) < 3:
            continue
        action, names = command.words[1], command.words[2:]
        for name in (one.upper().removeprefix("SIG") for one in names):
            signal = next((key for key, n in NUMBERS.items() if name in (key, str(n))), None)
            if signal is None or not action.strip("- "):
                continue
            found[signal] = _left_with(action, signal)
    return Handlers(tuple(found.items()), (), busy or 0.0) if busy is not None else NONE


def _left_with(action: str, signal: str) -> int:
    """The exit code after a trap: what it exits with, or that of the wait which it broke off."""
    match = re.search(r"\bexit\b\s*(\d*)", action)
    if match is None:
        return 128 + NUMBERS[signal]
    return int(match[1] or 0) & 255


def _busy_s(commands: list[Command]) -> float | None:
    """How long a shell may be busy before it runs a trap; None while its program runs."""
    last = [one for one in commands if one.words and not one.background][-1:]
    ends = ("wait", "sleep", "trap")
    if any(one.program == "wait" for one in commands) and any(one.background for one in commands):
        return 0.0
    if not last or last[0].program not in ends:
        return None
    words = last[0].words
    match = re.fullmatch(r"(\d+(?:\.\d+)?)s?", words[1] if len(words) > 1 else "")
    return float(match[1]) if match is not None and float(match[1]) < _SOON_S else None
