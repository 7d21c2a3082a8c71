"""echo, printf, seq, yes, true, false, basename, dirname: what makes text of words."""

from __future__ import annotations

import re
from math import inf

from simulator.errors import Refused
from simulator.programs.call import Call
from simulator.programs.pauses import Burns, Outcome
from simulator.programs.shell.arithmetic import Arithmetic, evaluate
from simulator.programs.shell.streams import Console, ToFile

_ESCAPES = {"n": "\n", "t": "\t", "\\": "\\", "r": "\r", "a": "\a", "b": "\b", "f": "\f",
            "v": "\v", "e": "\033"}  # fmt: skip
_ESCAPE = re.compile(r"\\(?:x([0-9a-fA-F]{1,2})|0?([0-7]{1,3})|(.))", re.DOTALL)
_SPEC = re.compile(r"%([-+ 0#]*)(\*|\d{0,3})(?:\.(\*|\d{0,3}))?([sdiuxXofeEgGcbq%])")
MAX_LINES = 20_000


def unescaped(text: str) -> str:
    """Text with its backslash escapes carried out."""

    def value(match: re.Match[str]) -> str:
        if match[1]:
            return chr(int(match[1], 16))
        if match[2]:
            return chr(int(match[2], 8) & 255)
        return _ESCAPES.get(match[3], "\\" + match[3])

    return _ESCAPE.sub(value, text)


def echo(call: Call) -> Outcome:
    """Words with blanks between; ``-n``, ``-e``."""
    words, newline = list(call.words), True
    escapes = _interprets(call)
    while words and re.fullmatch(r"-[neE]+", words[0]):
        flags = words.pop(0)
        newline = newline and "n" not in flags
        escapes = ("e" in flags) or (escapes and "E" not in flags)
    text = " ".join(words)
    if escapes:
        text, stop, _ = text.partition("\\c")
        newline = newline and not stop
        text = unescaped(text)
    call.out(text + ("\n" if newline else ""))
    return 0


def _interprets(call: Call) -> bool:
    """dash's own echo carries escapes out without being asked."""
    scope = call.machine.scope
    return (
        scope.pid > 0
        and scope.name.endswith("sh")
        and not (scope.on("bash") or scope.on("busybox"))
    )


def printf(call: Call) -> Outcome:
    """A format, used again as long as there are arguments."""
    words = list(call.words)
    if words[:1] == ["--"]:
        words = words[1:]
    if not words:
        return call.fail("usage: printf format [arg ...]", 2)
    form, values = unescaped(words[0]), words[1:]
    parts: list[str] = []
    code = 0
    for _ in range(MAX_LINES):
        before = len(values)
        try:
            parts.append(_SPEC.sub(lambda match: _formatted(match, values), form))
        except ValueError as wrong:
            code = call.fail(f"{wrong}: expected numeric value")
            break
        if not values or len(values) == before:
            break
    call.out("".join(parts))
    return code


def _formatted(match: re.Match[str], values: list[str]) -> str:
    flags, width, precision, kind = match.groups()
    if kind == "%":
        return "%"
    if width == "*":
        width = str(_whole(values.pop(0))) if values else ""
    if precision == "*":
        precision = str(_whole(values.pop(0))) if values else ""
    value = values.pop(0) if values else ""
    rule = f"%{flags}{min(int(width or 0), 500) or ''}"
    if precision is not None:
        rule += f".{min(int(precision or 0), 100)}"
    if kind in "sbcq":
        text = unescaped(value) if kind == "b" else value[:1] if kind == "c" else value
        return f"{rule.replace('0', '', 1) if '0' in flags else rule}s" % text
    if kind in "feEgG":
        return (rule + kind) % _real(value)
    return (rule + ("d" if kind in "iu" else kind)) % _whole(value)


def _whole(text: str) -> int:
    if len(text) > 1 and text[0] in "'\"":
        return ord(text[1])
    try:
        return int(text[:30], 0) if text.strip() else 0
    except ValueError:
        if text.isdigit():
            return int(text[:30])
        raise ValueError(text) from None


def _real(text: str) -> float:
    try:
        value = float(text[:40]) if text.strip() else 0.0
    except ValueError:
        raise ValueError(text) from None
    return value


def seq(call: Call) -> Outcome:
    """Numbers from one to another."""
    words = [word for word in call.words if not word.startswith("-") or word[1:2].isdigit()]
    separator = "\n"
    if call.words[:1] == ("-s",) and len(call.words) > 2:
        separator, words = call.words[1], list(call.words[2:])
    try:
        numbers = [_real(word) for word in words]
    except ValueError as wrong:
        return call.fail(f"invalid floating point argument: '{wrong}'")
    if not 1 <= len(numbers) <= 3:
        return call.fail("missing operand" if not numbers else "extra operand")
    first, step, last = {
        1: lambda: (1.0, 1.0, numbers[0]),
        2: lambda: (numbers[0], 1.0, numbers[1]),
        3: lambda: (numbers[0], numbers[1], numbers[2]),
    }[len(numbers)]()
    if not step:
        return call.fail("invalid Zero increment value: '0'")
    if any(number != number or abs(number) == inf for number in numbers):
        raise Refused("seq without an end is not modelled")
    count = int((last - first) / step + 1e-9) + 1
    if count > MAX_LINES:
        raise Refused(f"seq of more than {MAX_LINES} numbers is not modelled")
    shown = [f"{first + step * at:g}" for at in range(max(0, count))]
    if all(number == int(number) for number in numbers):
        shown = [str(int(first) + int(step) * at) for at in range(max(0, count))]
    call.out(separator.join(shown) + ("\n" if shown else ""))
    return 0


def yes(call: Call) -> Outcome:
    """A line again and again; whoever reads it stops it."""
    line = " ".join(call.words or ("y",)) + "\n"
    if call.piped:
        call.out(line * min(2000, 60_000 // len(line)))
        return 141
    if isinstance(call.sink, ToFile):
        return Burns(1, " ".join(call.argv), call.sink.path)
    call.out(line * 20)
    shown = isinstance(call.sink, Console)
    return Burns(1, " ".join(call.argv), "stdout" if shown else "")


def true(call: Call) -> Outcome:
    """Nothing, well."""
    return 0


def false(call: Call) -> Outcome:
    """Nothing, badly."""
    return 1


def basename(call: Call) -> Outcome:
    """The last part of a path."""
    if not call.words:
        return call.fail("missing operand")
    name = call.words[0].rstrip("/").rpartition("/")[2] or "/"
    suffix = call.words[1] if len(call.words) > 1 else ""
    if suffix and name != suffix:
        name = name.removesuffix(suffix)
    call.line(name)
    return 0


def dirname(call: Call) -> Outcome:
    """A path without its last part."""
    if not call.words:
        return call.fail("missing operand")
    for word in call.words:
        head, slash, _ = word.rstrip("/").rpartition("/")
        call.line(head or ("/" if slash or word.startswith("/") else "."))
    return 0


def expr(call: Call) -> Outcome:
    """Arithmetic of whole numbers, as old scripts do it."""
    words = ["==" if word == "=" else word for word in call.words]
    try:
        value = evaluate(" ".join(words), lambda name: "", lambda name, value: None)
    except Arithmetic:
        return call.fail("syntax error", 2)
    call.line(str(value))
    return int(value == 0)


def hello(call: Call) -> Outcome:
    """The program of the image hello-world."""
    architecture = {"aarch64": "arm64v8", "x86_64": "amd64"}.get(call.seat.architecture, "amd64")
    call.out(GREETING.replace("(amd64)", f"({architecture})"))
    return 0


GREETING = """
Hello from Docker!
This message shows that your installation appears to be working correctly.

To generate this message, Docker took the following steps:
 1. The Docker client contacted the Docker daemon.
 2. The Docker daemon pulled the "hello-world" image from the Docker Hub.
    (amd64)
 3. The Docker daemon created a new container from that image which runs the
    executable that produces the output you are currently reading.
 4. The Docker daemon streamed that output to the Docker client, which sent it
    to your terminal.

To try something more ambitious, you can run an Ubuntu container with:
 $ docker run -it ubuntu bash

Share images, automate workflows, and more with a free Docker ID:
 https://hub.docker.com/

For more examples and ideas, visit:
 https://docs.docker.com/get-started/

"""
"""What that program prints: its words are facts that people compare with."""
