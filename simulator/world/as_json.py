"""Commands as JSON, and back: what a log is when it is kept in a file or goes to another machine.

Every command and all that is in it is data: the JSON names its kind (``type``) and its fields, and
reading it makes an equal object or raises InputError. A number that JSON cannot say, infinity or
none, is ``{"$number": "inf"}``.
"""

from __future__ import annotations

import functools
import json
import math
import operator
from collections.abc import Callable
from typing import Any

import msgspec

from simulator.engine import CommandLog
from simulator.engine.commands import Logged
from simulator.errors import InputError
from simulator.world import (
    cluster_commands,
    commands,
    compose_commands,
    image_commands,
    network_commands,
    swarm_commands,
    volume_commands,
)
from simulator.world.commands import Command

_MODULES = (
    commands, cluster_commands, compose_commands, image_commands, network_commands,
    swarm_commands, volume_commands,
)  # fmt: skip
_NUMBER = "$number"
MAX_DEPTH = 64


@functools.cache
def kinds() -> tuple[type[Command], ...]:
    """All kinds of commands, by name."""
    found = {
        name: one
        for module in _MODULES
        for name, one in vars(module).items()
        if isinstance(one, type) and issubclass(one, Command) and one is not Command
    }
    return tuple(found[name] for name in sorted(found))


@functools.cache
def _any_command() -> Any:
    return functools.reduce(operator.or_, kinds())


def to_data(command: Command) -> dict[str, Any]:
    """A command as plain data that JSON can say."""
    data: dict[str, Any] = _walked(msgspec.to_builtins(command), _said, 0)
    return data


def from_data(data: object) -> Command:
    """The command that ``to_data`` gave; InputError for anything else."""
    try:
        found: Command = msgspec.convert(_walked(data, _meant, 0), _any_command())
    except (msgspec.ValidationError, TypeError, ValueError) as error:
        raise InputError("this is no command", found=str(error)) from None
    return found


def to_json(log: CommandLog[Command]) -> str:
    """A log, with the times at which its commands were given, in seconds."""
    return json.dumps([[entry.time, to_data(entry.command)] for entry in log])


def from_json(text: str) -> CommandLog[Command]:
    """The log that ``to_json`` gave; InputError for anything else."""
    try:
        rows = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise InputError("this log of commands is no JSON", found=str(error)) from None
    if not isinstance(rows, list):
        raise InputError("no log of commands", expected="a list of [time, command]")
    entries: list[Logged[Command]] = []
    for row in rows:
        if not isinstance(row, list) or len(row) != 2 or type(row[0]) not in (int, float):
            raise InputError("no entry of a log", found=row, expected="[time, command]")
        before = entries[-1].time if entries else 0.0
        if not before <= row[0] < math.inf:
            raise InputError("time of a command", found=row[0], expected=f"{before:g} or later")
        entries.append(Logged(float(row[0]), from_data(row[1])))
    return CommandLog(entries)


def _walked(value: Any, change: Callable[[Any], Any], depth: int) -> Any:
    """The same data, each part that is to be said otherwise changed."""
    if depth > MAX_DEPTH:
        raise InputError("nested too deep", expected=f"at most {MAX_DEPTH}")
    changed = change(value)
    if changed is not value:
        return changed
    if isinstance(value, dict):
        return {key: _walked(one, change, depth + 1) for key, one in value.items()}
    if isinstance(value, list | tuple):
        return [_walked(one, change, depth + 1) for one in value]
    return value


def _said(value: Any) -> Any:
    if isinstance(value, float) and not math.isfinite(value):
        return {_NUMBER: str(value)}
    return value


def _meant(value: Any) -> Any:
    if isinstance(value, dict) and value.keys() == {_NUMBER}:
        return float(value[_NUMBER])
    return value
