"""``$NAME`` and ``${NAME...}`` in the values of Compose files.

``$$`` is a dollar; ``${N:-d}`` and ``${N-d}`` have a default, ``${N:+a}`` and ``${N+a}`` an
alternative, ``${N:?e}`` and ``${N?e}`` must be set; with ``:`` an empty value counts as none.
Defaults, alternatives and reasons may hold further variables. Source: compose-go, ``template``.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

from simulator.cluster.compose.files.tree import Map, Override, Seq, place_of
from simulator.errors import InputError

MOST_BYTES = 1 << 20
"""Longest text that a value may become."""
MOST_DEPTH = 30
_NAME = re.compile(r"[_a-zA-Z][_a-zA-Z0-9]*")
_OPERATORS = (":-", ":+", ":?", "-", "+", "?")


class TemplateError(Exception):
    """A text that is no template, or lacks a variable; its words are the tool's."""

    def __init__(self, problem: str, *, invalid: bool = False) -> None:
        super().__init__(problem)
        self.invalid = invalid


class Variables:
    """Values by name; notes what was asked for and is not set."""

    def __init__(self, values: Mapping[str, str]) -> None:
        self.values = values
        self.missing: dict[str, None] = {}

    def get(self, name: str) -> str | None:
        """The value, or None where there is none."""
        return self.values.get(name)


def substitute(text: str, variables: Variables) -> str:
    """A text with its variables replaced; TemplateError."""
    return _expand(text, text, variables, 0) if "$" in text else text


def _expand(text: str, whole: str, variables: Variables, depth: int) -> str:
    if depth > MOST_DEPTH:
        raise TemplateError(f'Invalid template: "{whole[:80]}"', invalid=True)
    parts: list[str] = []
    position = size = 0
    while position < len(text):
        at = text.find("$", position)
        if at < 0:
            at = len(text)
        parts.append(text[position:at])
        position = at
        if at < len(text):
            value, position = _one(text, at, whole, variables, depth)
            parts.append(value)
        size += len(parts[-1])
        if size > MOST_BYTES:
            raise TemplateError(f"a value of more than {MOST_BYTES:,} bytes")
    return "".join(parts)


def _one(text: str, at: int, whole: str, variables: Variables, depth: int) -> tuple[str, int]:
    """What stands for the dollar at a position, and where the text goes on."""
    if text.startswith("$$", at):
        return "$", at + 2
    if text.startswith("${", at):
        end = _closing(text, at + 1)
        inner = text[at + 2 : end] if end > 0 else ""
        name = _NAME.match(inner)
        if name is None:
            raise TemplateError(f'Invalid template: "{whole[:80]}"', invalid=True)
        return _braced(name[0], inner[name.end() :], whole, variables, depth), end + 1
    named = _NAME.match(text, at + 1)
    if named is None:
        return "$", at + 1
    return _plain(named[0], variables), named.end()


def _closing(text: str, at: int) -> int:
    """The position of the brace that closes the one at ``at``; -1 where none does."""
    depth = 0
    for position in range(at, len(text)):
        depth += (text[position] == "{") - (text[position] == "}")
        if depth == 0:
            return position
    return -1


def _plain(name: str, variables: Variables) -> str:
    value = variables.get(name)
    if value is None:
        variables.missing[name] = None
    return value or ""


def _braced(name: str, rest: str, whole: str, variables: Variables, depth: int) -> str:
    if not rest:
        return _plain(name, variables)
    operator = next((one for one in _OPERATORS if rest.startswith(one)), "")
    if not operator:
        raise TemplateError(f'Invalid template: "{whole[:80]}"', invalid=True)
    value, words = variables.get(name), rest[len(operator) :]
    there = bool(value) if operator[0] == ":" else value is not None
    if operator[-1] == "+":
        return _expand(words, whole, variables, depth + 1) if there else value or ""
    if there:
        return value or ""
    words = _expand(words, whole, variables, depth + 1)
    if operator[-1] == "-":
        return words
    reason = f": {words}" if words else ""
    raise TemplateError(f"required variable {name} is missing a value{reason}")


def interpolate(tree: Map, variables: Variables) -> Map:
    """A whole file with its variables replaced; InputError with the place of a bad one."""
    found = _walk(tree, (), variables, tree)
    assert isinstance(found, Map)
    return found


def _walk(value: Any, path: tuple[str | int, ...], variables: Variables, tree: Map) -> Any:
    if isinstance(value, str):
        return _text(value, path, variables, tree) if "$" in value else value
    if isinstance(value, Override):
        return Override(_walk(value.value, path, variables, tree))
    if isinstance(value, Map):
        return Map(
            {key: _walk(one, (*path, key), variables, tree) for key, one in value.items()},
            value.places,
        )
    if isinstance(value, Seq):
        return Seq(
            [_walk(one, (*path, at), variables, tree) for at, one in enumerate(value)],
            value.places,
        )
    return value


def _text(text: str, path: tuple[str | int, ...], variables: Variables, tree: Map) -> str:
    try:
        return substitute(text, variables)
    except TemplateError as error:
        where = dotted(path)
        problem = f"error while interpolating {where}: {error}"
        if error.invalid:
            problem = (
                f"invalid interpolation format for {where}: {error}. "
                "You may need to escape any $ with another $"
            )
        raise InputError(problem, place=place_of(tree, path)) from None


def dotted(path: tuple[str | int, ...]) -> str:
    """``services.web.ports.[0]``, as the tool writes a path."""
    return ".".join(f"[{part}]" if isinstance(part, int) else part for part in path)


Lookup = Callable[[str], str | None]
