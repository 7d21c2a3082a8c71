"""Words of a line, and commands as their words."""

from __future__ import annotations

from dataclasses import dataclass, field

LINE = "<line>"
"""The place of what is typed."""


@dataclass(frozen=True, slots=True)
class Word:
    """One word: its text without quotes, its column from 1, and where it ends in the line."""

    text: str
    column: int
    end: int
    quoted: bool = False
    substitution: str | None = None
    """The line inside ``$(...)`` when the word is nothing else."""
    literal: bool = False
    """Whether some of it stands in single quotes, in which nothing is replaced."""


@dataclass(slots=True)
class Part:
    """The words of one command and the operator before it: ``;``, ``&&``, ``||`` or ``|``."""

    operator: str = ";"
    words: list[Word] = field(default_factory=list)
    column: int = 1
    """Of the operator."""
    stdin: str | None = None
    """What it is handed to read, where the line has it."""
    stdin_files: tuple[str, ...] = ()
    """Files whose text it is handed, one after the other: ``cat A B |``."""
