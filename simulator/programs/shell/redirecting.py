"""Where a redirection leads, and how a shell tells of one that cannot be."""

from __future__ import annotations

from dataclasses import replace

from simulator.errors import InputError, Refused
from simulator.programs.shell.core import Machine
from simulator.programs.shell.streams import (
    DEVICES,
    ENDLESS_FILES,
    NULL,
    Endless,
    Given,
    Streams,
    opened,
)
from simulator.programs.shell.syntax import (
    Redirect,
)


def prefix(machine: Machine) -> str:
    """How a shell begins an error: ``sh: 1: `` (dash), ``sh: `` (busybox), ``bash: line 1: ``."""
    scope = machine.scope
    name = scope.name
    if scope.options.get("bash"):
        return f"{name}: " if scope.options.get("interactive") else f"{name}: line 1: "
    return f"{name}: " if scope.options.get("busybox") else f"{name}: 1: "


def redirect(machine: Machine, streams: Streams, one: Redirect, target: str) -> Streams:
    """The streams behind one redirection; FileProblem where its file cannot be opened."""
    operator = one.operator
    if operator in ("<<", "<<<"):
        return replace(streams, source=Given(target if operator == "<<" else f"{target}\n"))
    if operator in (">&", "<&"):
        return _duplicated(machine, streams, one, target)
    path = absolute(machine, target)
    if operator in ("<", "<>"):
        return replace(streams, source=source_of(machine, path))
    if one.stream not in (1, 2):
        if one.stream == 0:
            raise Refused("writing to stream 0 is not modelled")
        opened(machine, path, streams, append=operator == ">>")
        return streams
    return streams.to(one.stream, opened(machine, path, streams, append=operator == ">>"))


def _duplicated(machine: Machine, streams: Streams, one: Redirect, target: str) -> Streams:
    if target == "-":
        return replace(streams, source=None) if one.stream == 0 else streams.to(one.stream, NULL)
    if target not in ("0", "1", "2"):
        if target.isdigit() or one.operator == "<&":
            raise InputError(f"{target}: Bad file descriptor")
        sink = opened(machine, absolute(machine, target), streams, append=False)
        return replace(streams, out=sink, err=sink)
    if target == "0" or one.stream not in (1, 2):
        return streams
    return streams.to(one.stream, streams.out if target == "1" else streams.err)


def source_of(machine: Machine, path: str) -> Given | Endless | None:
    """A file, or device, as input."""
    if path in ENDLESS_FILES or path in ("/dev/tty", "/dev/stdin"):
        return Endless(path)
    if path in DEVICES:
        return Given("")
    known = machine.view.seat.files.get(path)
    if known is not None:
        return Given(known if known.endswith("\n") or not known else known + "\n")
    found = machine.files.read(path, machine.user)
    if found.text is None:
        return Given("", found.size_bytes)
    return Given(found.text)


def absolute(machine: Machine, path: str) -> str:
    """A path from where the shell is."""
    if path.startswith("/"):
        return path
    cwd = machine.scope.cwd
    return f"{cwd.rstrip('/')}/{path}"
