"""The commands people type: one registry, one grammar, one session.

Loaded when it is asked for: a plan of a build needs the tables, and not the whole world.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from simulator.shell.completion import Completion
    from simulator.shell.registry import commands, parse
    from simulator.shell.results import Result, Typed, UntilTime
    from simulator.shell.script import LineReader, parse_at
    from simulator.shell.session import Session
    from simulator.shell.words import unfinished

__all__ = [
    "Completion",
    "LineReader",
    "Result",
    "Session",
    "Typed",
    "UntilTime",
    "commands",
    "parse",
    "parse_at",
    "unfinished",
]
_HOMES = {
    "Completion": "completion",
    "Result": "results",
    "Session": "session",
    "Typed": "results",
    "UntilTime": "results",
    "commands": "registry",
    "parse": "registry",
    "LineReader": "script",
    "parse_at": "script",
    "unfinished": "words",
}


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
