"""Parser directives: ``# syntax=``, ``# escape=`` and ``# check=`` in the first lines."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from simulator.dockerfile.words import shown
from simulator.errors import InputError, Place

_DIRECTIVE = re.compile(r"\s*#\s*([A-Za-z][A-Za-z0-9]*)\s*=(.*)", re.DOTALL)
KNOWN = ("syntax", "escape", "check")


@dataclass(frozen=True, slots=True)
class Directive:
    """A directive, its name in lower case, its value as written, and its line from 1."""

    name: str
    value: str
    line: int


def read_directives(lines: Sequence[str], file: str) -> tuple[Directive, ...]:
    """The directives at the top; the first line that is none ends them, a shebang apart.

    Raises InputError when one is given twice, or when the escape character is neither of the two.
    """
    found: dict[str, Directive] = {}
    for number, line in enumerate(lines, 1):
        if number == 1 and line.startswith("#!"):
            continue
        match = _DIRECTIVE.match(line)
        if match is None or match[1].lower() not in KNOWN or not match[2].strip():
            break
        directive = Directive(match[1].lower(), match[2].strip(), number)
        _check(directive, found, Place(file, number, match.start(1) + 1))
        found[directive.name] = directive
    return tuple(found.values())


def _check(directive: Directive, seen: dict[str, Directive], place: Place) -> None:
    if directive.name in seen:
        raise InputError(
            f"only one {directive.name} parser directive can be used",
            place=place,
            found=f"a second one; the first is on line {seen[directive.name].line}",
        )
    if directive.name == "escape" and directive.value not in ("\\", "`"):
        raise InputError(
            f"invalid escape token '{shown(directive.value, 20)}' does not match ` or \\",
            place=place,
        )
