"""What a shell does itself, because it changes the shell: ``cd``, ``export``, ``exit``, …"""

from __future__ import annotations

import posixpath
import re
from math import inf

from simulator.errors import Refused
from simulator.image.problems import FileProblem
from simulator.programs.call import Call, Program
from simulator.programs.finding import Absent, find
from simulator.programs.pauses import Outcome, Runs, Waits
from simulator.programs.shell.core import Frame
from simulator.programs.shell.parser import parse
from simulator.programs.shell.redirecting import prefix
from simulator.programs.shell.scanner import SyntaxProblem
from simulator.programs.tools import signals
from simulator.programs.tools.testing import test

_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_SET = {
    "e": "errexit", "u": "nounset", "x": "xtrace", "f": "noglob", "a": "allexport",
    "o": "", "v": "verbose", "n": "noexec", "C": "noclobber", "m": "monitor", "b": "notify",
    "E": "errtrace", "h": "hashall", "k": "keyword",
}  # fmt: skip


def _told(call: Call, text: str, code: int = 1) -> int:
    call.err(f"{prefix(call.machine)}{call.name}: {text}")
    return code


def _cd(call: Call) -> Outcome:
    scope = call.machine.scope
    target = next((word for word in call.words if word not in ("-L", "-P", "--")), None)
    if target is None:
        target = scope.variables.get("HOME", "/")
    elif target == "-":
        target = scope.before or scope.cwd
        call.line(target)
    path = posixpath.normpath(call.path(target))
    path = "/" + path.lstrip("/")
    if not _is_folder(call, path):
        there = call.exists(path)
        problem = "Not a directory" if there else "No such file or directory"
        if not scope.options.get("bash"):
            return _told(call, f"can't cd to {target}" + (f": {problem}" if _busy(call) else ""), 2)
        return _told(call, f"{target}: {problem}")
    scope.before, scope.cwd = scope.cwd, path
    scope.set("OLDPWD", scope.before)
    scope.set("PWD", path)
    return 0


def _busy(call: Call) -> bool:
    return call.machine.scope.on("busybox")


def _is_folder(call: Call, path: str) -> bool:
    prefix_ = path.rstrip("/") + "/"
    return call.files.is_folder(path) or any(one.startswith(prefix_) for one in call.seat.files)


def _export(call: Call) -> Outcome:
    scope = call.machine.scope
    names = [word for word in call.words if word not in ("-p", "-n")]
    if not names:
        for name in sorted(scope.exported):
            if name in scope.variables:
                call.line(f"export {name}='{scope.variables[name]}'")
    for word in names:
        name, equals, value = word.partition("=")
        if _NAME.fullmatch(name) is None:
            return _told(call, f"{word}: bad variable name", 2)
        if equals:
            scope.set(name, value)
        scope.exported[name] = True
    return 0


def _local(call: Call) -> Outcome:
    for word in call.words:
        name, _, value = word.partition("=")
        if not word.startswith("-") and _NAME.fullmatch(name):
            call.machine.scope.set(name, value)
    return 0


def _unset(call: Call) -> Outcome:
    scope = call.machine.scope
    for name in call.words:
        scope.variables.pop(name, None)
        scope.exported.pop(name, None)
        scope.functions.pop(name, None)
    return 0


def _set(call: Call) -> Outcome:
    scope, words = call.machine.scope, list(call.words)
    if not words:
        call.lines([f"{name}='{value}'" for name, value in sorted(scope.variables.items())])
        return 0
    while words and words[0][:1] in "-+" and len(words[0]) > 1:
        word = words.pop(0)
        if word == "--":
            scope.arguments = tuple(words)
            return 0
        for letter in word[1:]:
            if letter == "o" and words:
                scope.options[words.pop(0)] = word[0] == "-"
            elif letter not in _SET:
                return _told(call, f"Illegal option -{letter}", 2)
            elif _SET[letter]:
                scope.options[_SET[letter]] = word[0] == "-"
    if words:
        scope.arguments = tuple(words)
    return 0


def _shift(call: Call) -> Outcome:
    scope = call.machine.scope
    count = _number(call.words[0]) if call.words else 1
    if count is None or count > len(scope.arguments):
        return _told(call, "can't shift that many", 2)
    scope.arguments = scope.arguments[count:]
    return 0


def _number(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else None


def _exit(call: Call) -> Outcome:
    machine = call.machine
    code = machine.status
    if call.words:
        given = _number(call.words[0])
        code = _told(call, f"Illegal number: {call.words[0]}", 2) if given is None else given
    trap = machine.scope.traps.pop("EXIT", "")
    machine.leave(code & 255)
    if trap:
        machine.left = False
        machine.start(parse(f"{trap}\nexit {code & 255}"), call.streams)
    return 0


def _return(call: Call) -> Outcome:
    machine = call.machine
    code = (_number(call.words[0]) or 0) if call.words else machine.status
    frame = machine.unwind(_is_function)
    if frame is None:
        machine.leave(code & 255)
        return 0
    machine.status = code & 255
    return 0


def _is_function(frame: Frame) -> bool:
    return frame.function


def _is_loop(frame: Frame) -> bool:
    return frame.loop


def _break(call: Call) -> Outcome:
    machine = call.machine
    count = (_number(call.words[0]) or 1) if call.words else 1
    for _ in range(min(count, 100)):
        if machine.unwind(_is_loop) is None:
            return 0
        machine.pop()
    machine.status = 0
    return 0


def _continue(call: Call) -> Outcome:
    machine = call.machine
    count = (_number(call.words[0]) or 1) if call.words else 1
    for _ in range(min(count, 100) - 1):
        if machine.unwind(_is_loop) is None:
            return 0
        machine.pop()
    machine.status = 0
    machine.unwind(_is_loop)
    return 0


def _colon(call: Call) -> Outcome:
    return 0


def _eval(call: Call) -> Outcome:
    return _in_here(call, " ".join(call.words))


def _in_here(call: Call, text: str) -> Outcome:
    machine = call.machine
    try:
        body = parse(text)
    except SyntaxProblem as problem:
        return _told(call, f"Syntax error: {problem.problem}", 2)
    machine.pop()
    machine.status = 0
    machine.start(body, call.streams)
    return 0


def _source(call: Call) -> Outcome:
    if not call.words:
        return _told(call, "filename argument required", 2)
    try:
        text = call.known_text(call.path(call.words[0]))
    except FileProblem as problem:
        return _told(call, f"{call.words[0]}: {problem.says}", 127)
    if text is None:
        raise Refused(f"what is in {call.words[0]} is not known, so it cannot be carried out")
    return _in_here(call, text)


def _read(call: Call) -> Outcome:
    scope = call.machine.scope
    names = [word for word in call.words if not word.startswith("-")] or ["REPLY"]
    source = call.streams.source
    if source is None and call.machine.interactive:
        raise Refused("'read' from a terminal is not modelled")
    line = source.line() if source is not None and hasattr(source, "line") else None
    parts = (line or "").split(None, len(names) - 1)
    for at, name in enumerate(names):
        scope.set(name, parts[at].strip() if at < len(parts) else "")
    return 1 if line is None else 0


def _exec(call: Call) -> Outcome:
    if not call.words:
        raise Refused("'exec' with redirections alone is not modelled")
    machine = call.machine
    found = find(call.view, call.words[0], call.env, machine.scope.cwd)
    if isinstance(found, Absent):
        told = "not found" if found.code == 127 else "Permission denied"
        call.err(f"{prefix(machine)}exec: {call.words[0]}: {told}")
        machine.leave(found.code)
        return 0
    run = machine.frames[-1]
    machine.scope.traps.clear()
    machine.leave(0)
    machine.left = False
    machine.frames.append(run)
    return Runs(call.words, tuple(call.env.items()))


def _command(call: Call) -> Outcome:
    words = call.words
    if words[:1] in (("-v",), ("-V",)):
        return _type(call, words[1:], short=words[0] == "-v")
    words = words[1:] if words[:1] == ("-p",) else words
    if not words:
        return 0
    builtin = BUILTINS.get(words[0])
    if builtin is not None:
        return builtin(Call(call.machine, words, call.env, call.streams))
    return Runs(words, tuple(call.env.items()))


def _type(call: Call, names: tuple[str, ...] | None = None, *, short: bool = False) -> Outcome:
    code = 0
    for name in call.words if names is None else names:
        if name in call.machine.scope.functions:
            call.line(name if short else f"{name} is a function")
        elif name in BUILTINS:
            call.line(name if short else f"{name} is a shell builtin")
        else:
            found = find(call.view, name, call.env, call.machine.scope.cwd)
            if isinstance(found, Absent):
                code = 127
                if not short:
                    call.err(f"{name}: not found")
            else:
                call.line(found.path if short else f"{name} is {found.path}")
    return code


def _trap(call: Call) -> Outcome:
    words = [word for word in call.words if word != "--"]
    traps = call.machine.scope.traps
    if not words:
        call.lines([f"trap -- '{text}' {name}" for name, text in traps.items()])
        return 0
    text = words[0]
    for word in words[1:]:
        name = {"0": "EXIT", "2": "INT", "15": "TERM", "1": "HUP", "3": "QUIT"}.get(word, word)
        name = name.upper().removeprefix("SIG")
        if text == "-":
            traps.pop(name, None)
        elif len(traps) < 50:
            traps[name] = text
    return 0


def _umask(call: Call) -> Outcome:
    if not call.words:
        call.line("0022")
    return 0


def _wait(call: Call) -> Outcome:
    machine = call.machine
    pids = [signals.number(word) for word in call.words if not word.startswith("-")]
    if len(pids) > 1:
        raise Refused("'wait' for several numbers is not modelled")
    known = {one.pid: one for one in machine.children}
    if pids and (pids[0] is None or pids[0] not in known):
        return 127
    if pids and pids[0] is not None:
        one = known[pids[0]]
        if one.ended:
            return one.code
        machine.joins = one.pid
    elif all(one.ended for one in machine.children):
        return 0
    else:
        machine.joins = 0
    return Waits(inf, 0, "wait")


def _let(call: Call) -> Outcome:
    raise Refused("'let' is not modelled in scripts; use $(( ))")


_LIMITS = {
    "c": "unlimited",
    "d": "unlimited",
    "f": "unlimited",
    "l": "8192",
    "m": "unlimited",
    "n": "1048576",
    "s": "8192",
    "t": "unlimited",
    "u": "unlimited",
    "v": "unlimited",
}
"""What processes of a container have by default (containerd), by the letter of ``ulimit``."""


def _ulimit(call: Call) -> Outcome:
    """Show a limit of this shell, or set it: nobody's programs are held to those that are set."""
    words = [one for one in call.words if one not in ("-H", "-S", "-HS", "-SH")]
    letter = "f" if not words or not words[0].startswith("-") else words.pop(0)[1:].strip("HS")
    if letter not in _LIMITS:
        raise Refused(f"ulimit -{letter} is not modelled: expected one of {' '.join(_LIMITS)}")
    scope = call.machine.scope
    before = scope.limits.get(letter, _LIMITS[letter])
    if not words:
        call.line(before)
        return 0
    wanted = words[0]
    if wanted != "unlimited" and not (wanted.isascii() and wanted.isdigit() and len(wanted) < 19):
        return call.fail(f"{wanted}: invalid number", 2)
    hard = _LIMITS[letter]
    most = inf if hard == "unlimited" else int(hard)
    asked = inf if wanted == "unlimited" else int(wanted)
    if asked > most and not call.seat.hardening.holds("CAP_SYS_RESOURCE"):
        return call.fail("error setting limit (Operation not permitted)", 2)
    scope.limits[letter] = wanted
    return 0


def _test_here(call: Call) -> Outcome:
    return test(call)


def _not_modelled(call: Call) -> Outcome:
    raise Refused(f"'{call.name}' is not modelled in scripts")


BUILTINS: dict[str, Program] = {
    ":": _colon,
    ".": _source,
    "source": _source,
    "[": _test_here,
    "[[": _test_here,
    "test": _test_here,
    "break": _break,
    "cd": _cd,
    "command": _command,
    "continue": _continue,
    "eval": _eval,
    "exec": _exec,
    "exit": _exit,
    "export": _export,
    "declare": _local,
    "typeset": _local,
    "local": _local,
    "readonly": _local,
    "kill": signals.kill,
    "let": _let,
    "pwd": signals.pwd,
    "read": _read,
    "return": _return,
    "set": _set,
    "shift": _shift,
    "trap": _trap,
    "type": _type,
    "ulimit": _ulimit,
    "umask": _umask,
    "unset": _unset,
    "wait": _wait,
    "getopts": _not_modelled,
    "alias": _not_modelled,
    "jobs": _colon,
    "hash": _colon,
    "shopt": _colon,
    "true": _colon,
}
