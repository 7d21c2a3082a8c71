"""``drydock shell``: lines in, output out. A prompt is shown only to people."""

from __future__ import annotations

import sys
from dataclasses import replace
from typing import TextIO

from simulator.cli.progress import Progress
from simulator.errors import InputError, Place
from simulator.files import here
from simulator.shell import Result, Session
from simulator.shell.terminal import INTERRUPT, LEAVE
from simulator.shell.words import MAX_CHARACTERS, Joined
from simulator.units import format_span
from simulator.world import World

_MOST_CHUNKS = 1000
"""Of MAX_CHARACTERS each: what a line that is not to be kept may have."""
PROMPT, MORE = "drydock> ", "> "


def prompt(reader: TextIO, writer: TextIO, *, seed: int = 1, host: bool = True) -> int:
    """Read lines until the end or ``exit``; 2 when a line of a pipe failed, else 0."""
    session = _session(seed, host)
    people = reader.isatty()
    if people:
        _line_editing(session)
        writer.write("Type 'help' for the commands, 'exit' to leave. One host, 'a', is there.\n")
    failed, read = False, 0
    while not session.ended:
        line = _read(session, reader, writer, people)
        if line is None and people and session.prompt is not None:
            line = LEAVE
            writer.write("exit\n")
        if line is None:
            break
        result = _execute(session, line)
        failed = failed or result.error is not None
        _show(session, result, writer, None if people else read + 1)
        read += line.count("\n") + 1
    if people and not session.ended:
        writer.write("\n")
    return 2 if failed and not people else 0


def _session(seed: int, host: bool) -> Session:
    """A session in which 'undo' does not take back the host that nobody typed."""
    session = Session(World(seed), folder=here())
    if host:
        session.execute("host add a")
        session.begin_here()
        session.history.clear()
    return session


def _execute(session: Session, line: str) -> Result:
    """Carry a line out; Ctrl-C while it lasts gives the prompt back, the world in one piece."""
    progress = Progress()
    session.keep_going = lambda: not progress.interrupted
    with progress.listening():
        result = session.execute(line)
    if progress.interrupted:
        note = f"(interrupted at {format_span(session.world.now)}; the rest of the line is dropped)"
        return replace(result, lines=(*result.lines, note))
    return result


def _read(session: Session, reader: TextIO, writer: TextIO, people: bool) -> str | None:
    """One logical line: quotes and backslashes may continue it. None at the end.

    A program inside a container gets each line as it is, and joins them itself.
    """
    joined, inside = Joined(), session.prompt
    while True:
        try:
            part = _one(reader, MORE if joined.parts else inside or PROMPT, people)
        except KeyboardInterrupt:
            writer.write("^C\n")
            return "" if inside is None else INTERRUPT
        if inside is not None:
            return part
        if part is None:
            return joined.end() or None
        whole = joined.add(part)
        if whole is not None:
            return whole


def _one(reader: TextIO, mark: str, people: bool) -> str | None:
    if people and reader is sys.stdin:
        try:
            return input(mark)
        except EOFError:
            return None
    line = reader.readline(MAX_CHARACTERS + 2)
    if len(line) > MAX_CHARACTERS and not line.endswith("\n"):
        _pass_over(reader)
    return line.rstrip("\r\n") if line else None


def _pass_over(reader: TextIO) -> None:
    """Read the rest of a line that is too long anyhow, and keep nothing of it."""
    for _ in range(_MOST_CHUNKS):
        rest = reader.readline(MAX_CHARACTERS)
        if not rest or rest.endswith("\n"):
            return
    raise InputError("the input is no lines of text", expected="commands, one a line")


def _show(session: Session, result: Result, writer: TextIO, number: int | None) -> None:
    """Print a result; errors of a pipe, whose lines are ``number``-ed, go to standard error."""
    people = number is None
    if session.cleared:
        session.cleared = False
        if people:
            writer.write("\033[2J\033[H")
    for line in result.lines:
        writer.write(line + "\n")
    writer.flush()
    if result.error is not None:
        stream = writer if people else sys.stderr
        place = "" if number is None else f"{Place('<stdin>', number, result.column)}: "
        for line in result.error.split("\n"):
            stream.write(f"error: {place}{line}\n")
        stream.flush()


def _line_editing(session: Session) -> None:
    """History and Tab, where the system has readline."""
    try:
        import readline
    except ImportError:
        return

    def complete(_text: str, state: int) -> str | None:
        line = readline.get_line_buffer()
        found = session.complete(line, readline.get_endidx())
        begin = readline.get_begidx()
        words = [line[begin : one.start] + one.text for one in found if one.start >= begin] or [
            one.text[begin - one.start :] for one in found
        ]
        return words[state] + " " if state < len(words) else None

    readline.set_completer_delims(" \t\n;&|")
    readline.set_completer(complete)
    readline.parse_and_bind("tab: complete")
