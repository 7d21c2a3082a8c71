"""The commands people type: one registry, one grammar, one session."""

from simulator.shell.completion import Completion
from simulator.shell.registry import commands, parse
from simulator.shell.results import Result, Typed, UntilTime
from simulator.shell.script import parse_at
from simulator.shell.session import Session
from simulator.shell.words import unfinished

__all__ = [
    "Completion",
    "Result",
    "Session",
    "Typed",
    "UntilTime",
    "commands",
    "parse",
    "parse_at",
    "unfinished",
]
