"""Commands that start another one: sudo, env, xargs, timeout and their like."""

from __future__ import annotations

import posixpath
import re

from simulator.image.builder.session import Session
from simulator.image.builder.shell import Command
from simulator.image.builder.words import UNKNOWN

_PLAIN = frozenset({"exec", "nice", "nohup", "time", "eatmydata", "stdbuf", "ionice", "xvfb-run",
                    "dbus-run-session", "catchsegv", "builtin"})  # fmt: skip
_VALUED = {
    "sudo": ("-u", "-g", "-h", "-p"), "nice": ("-n",), "env": ("-u", "-C"), "ionice": ("-c", "-n"),
    "xargs": ("-n", "-I", "-P", "-d", "-L", "-a"), "timeout": ("-k", "-s"), "stdbuf": (),
}  # fmt: skip
_ASSIGNMENT = re.compile(r"[A-Za-z_]\w*=")


def unwrapped(command: Command, session: Session) -> Command | None:
    """The command that a wrapper starts; None for a command that is no wrapper."""
    name = posixpath.basename(command.program)
    words = command.words
    if name == "command" and words[1:2] not in ((), ("-v",), ("-V",)):
        return Command(words[1:])
    if name in _PLAIN or name in ("sudo", "env"):
        return Command(tuple(_after_flags(name, words, session)))
    if name == "timeout":
        return Command(tuple(_after_flags(name, words, session)[1:]))
    if name in ("gosu", "su-exec", "setpriv"):
        rest = _after_flags(name, words, session)
        return Command(tuple(rest if name == "setpriv" else rest[1:]))
    if name in ("su", "runuser"):
        return _su(words)
    if name == "xargs":
        rest = _after_flags(name, words, session) or ["echo"]
        return Command((*(UNKNOWN if word == "{}" else word for word in rest), UNKNOWN))
    return None


def _after_flags(name: str, words: tuple[str, ...], session: Session) -> list[str]:
    """The words behind the wrapper's own options and the variables it sets."""
    rest = list(words[1:])
    valued = _VALUED.get(name, ())
    while rest:
        if rest[0] == "--":
            return rest[1:]
        if rest[0] in valued:
            rest = rest[2:]
        elif rest[0].startswith("-") and len(rest[0]) > 1:
            rest = rest[1:]
        elif name in ("env", "sudo") and _ASSIGNMENT.match(rest[0]):
            variable, _, value = rest.pop(0).partition("=")
            session.variables.setdefault(variable, value)
        else:
            break
    return rest


def _su(words: tuple[str, ...]) -> Command:
    """``su USER -c SCRIPT``."""
    for at, word in enumerate(words[:-1]):
        if word in ("-c", "--command") or (word.startswith("-") and word.endswith("c")):
            return Command(("sh", "-c", words[at + 1]))
    return Command(())
