"""kill, and where one is: what shells do themselves, and is a program of its own, too."""

from __future__ import annotations

from simulator.dockerfile.signals import NUMBERS
from simulator.programs.call import Call
from simulator.programs.pauses import Outcome
from simulator.programs.shell.redirecting import prefix


def pwd(call: Call) -> Outcome:
    """The folder that it is in."""
    call.line(call.machine.scope.cwd)
    return 0


def number(text: str) -> int | None:
    """A number as it is typed; None for what is none."""
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else None


def _told(call: Call, text: str, code: int = 1) -> int:
    call.err(f"{prefix(call.machine)}{call.name}: {text}")
    return code


def _child(call: Call, pid: int, signal: str) -> bool:
    """A signal to one in the background: it has no handlers, so most end it."""
    alive = any(one.pid == pid and not one.ended for one in call.machine.children)
    if not alive or signal in ("0", "CONT", "CHLD", "STOP"):
        return alive
    return call.machine.end_child(pid, 128 + NUMBERS.get(signal, 15))


def kill(call: Call) -> Outcome:
    """A signal to processes, by their numbers as they are seen here."""
    words = list(call.words)
    signal = "TERM"
    if words[:1] == ["-l"]:
        call.line("HUP INT QUIT KILL USR1 USR2 TERM CONT STOP")
        return 0
    if words[:1] == ["-s"] and len(words) > 1:
        signal = words[1]
        words = words[2:]
    elif words and words[0].startswith("-") and len(words[0]) > 1:
        signal = words.pop(0)[1:]
    signal = _SIGNALS.get(signal, signal).upper().removeprefix("SIG")
    if not words:
        return _told(call, "usage: kill [-s signal] pid ...", 2)
    code = 0
    for word in words:
        pid = call.machine.scope.pid if word == "$$" else number(word)
        if pid is not None and _child(call, pid, signal):
            continue
        known = pid is not None and any(one.pid == pid for one in call.seat.processes)
        if pid is None or not known:
            code = _told(call, "No such process" if pid is not None else f"Illegal pid: {word}")
        elif signal != "0":
            call.view.signal(pid, signal)
    return code


_SIGNALS = {"9": "KILL", "15": "TERM", "2": "INT", "1": "HUP", "3": "QUIT", "19": "STOP",
            "18": "CONT", "10": "USR1", "12": "USR2"}  # fmt: skip
